"""Text is cut and wrapped to the room there is, and nothing of it is lost in wrapping."""

import pytest

from netbuilder.interop.figures.lettering import elided, width, wrapped


def test_text_that_fits_stays_and_other_text_ends_in_an_ellipsis():
    assert elided("conv1", 100, 13) == "conv1"
    for room in (20, 40, 80):
        short = elided("a name much too long to fit", room, 13)
        assert short.endswith("…")
        assert width(short, 13) <= room
    assert elided("conv1", 1, 13) == "…"


def test_bolder_and_larger_text_is_wider():
    assert width("conv1", 13) < width("conv1", 13, "SemiBold")
    assert width("conv1", 26) == pytest.approx(2 * width("conv1", 13))


@pytest.mark.parametrize("text", ["one two three four five", "unbreakable" * 5, "a " * 40, "", "first\n\nthird"])
def test_wrapped_lines_fit_and_hold_the_whole_text(text: str):
    lines = wrapped(text, 60, 12)
    assert all(width(line, 12) <= 60 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert len(lines) >= 1 + text.count("\n")
