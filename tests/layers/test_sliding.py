"""How often a window fits: the arithmetic against counting positions one by one."""

import random
from collections import Counter

import pytest

from netbuilder.layers import ImageShape, Misfit
from netbuilder.layers import sliding as sliding_module
from netbuilder.layers.settings import Padding
from netbuilder.layers.sliding import Slide, slide2d
from tests.layers.arithmetic import evaluate

Case = tuple[int, int, int, int, str | tuple[int, int], bool]


def counted(size: int, kernel: int, stride: int, dilation: int, padding: str | tuple[int, int], ceil_mode: bool) -> int:
    """Windows along one axis, laid down one after another; 0 where not even the first fits.

    Rounding down, a window must end within the padded axis. In ceil mode it must start within the axis or the padding
    before it, and start where a window rounded down would not yet have covered everything. "same" has a window for
    every stride's worth of positions.
    """
    if padding == "same":
        return len(range(0, size, stride))
    begin, end = (0, 0) if isinstance(padding, str) else padding
    extent = dilation * (kernel - 1) + 1
    padded = begin + size + end
    if extent > padded:
        return 0
    windows, start = 1, stride
    while start + extent <= padded or (ceil_mode and start + extent - stride < padded and start < begin + size):
        windows, start = windows + 1, start + stride
    return windows


def cases(count: int) -> list[Case]:
    """Random sizes, kernels, strides, dilations and paddings; ceil mode with padding smaller than the window."""
    rng = random.Random(1)
    found: list[Case] = []
    while len(found) < count:
        kernel, dilation, ceil_mode = rng.randint(1, 7), rng.choice((1, 1, 2, 3)), rng.random() < 0.4
        most = dilation * (kernel - 1) if ceil_mode else 9
        explicit = (rng.randint(0, most), rng.randint(0, most))
        padding = rng.choice(("valid", "same", explicit, explicit))
        found.append((rng.randint(1, 40), kernel, rng.randint(1, 6), dilation, padding, ceil_mode))
    return found


def lay(size: int, kernel: int, stride: int, dilation: int, padding: str | tuple[int, int], ceil_mode: bool) -> Slide:
    """The arithmetic's answer along the horizontal axis; the vertical one differs, so that a mix-up shows."""
    both: Padding = padding if isinstance(padding, str) else (9, 9, *padding)
    slide = slide2d(ImageShape(3, size + 100, size), (1, kernel), (2, stride), both, (1, dilation), ceil_mode=ceil_mode)
    return slide.horizontal


def disagreements(count: int) -> list[Case]:
    """Cases where the arithmetic and counting differ."""
    wrong: list[Case] = []
    for case in cases(count):
        try:
            found = lay(*case).out.result
        except Misfit:
            found = 0
        if found != counted(*case):
            wrong.append(case)
    return wrong


def test_output_sizes_are_what_counting_windows_gives():
    assert disagreements(6000) == []


def test_the_cases_reach_every_rule():
    seen = Counter[str]()
    for case in cases(6000):
        size, kernel, stride, dilation, padding, ceil_mode = case
        if counted(*case) == 0:
            seen["too large"] += 1
            continue
        out = lay(*case).out
        seen[str(padding) if isinstance(padding, str) else "explicit"] += 1
        seen["dilated"] += dilation > 1 and kernel > 1
        seen["ceil adds a window"] += ceil_mode and out.result > counted(size, kernel, stride, dilation, padding, False)
        seen["a window past the edge is dropped"] += "past the edge" in out.formula
    assert set(seen) == {"too large", "valid", "same", "explicit", "dilated"} | {
        "ceil adds a window",
        "a window past the edge is dropped",
    }
    assert min(seen.values()) >= 20, seen


@pytest.mark.parametrize("bug", ["ceil for floor", "floor for ceil"])
def test_a_wrong_rounding_would_be_noticed(bug: str, monkeypatch: pytest.MonkeyPatch):
    if bug == "ceil for floor":
        monkeypatch.setattr(sliding_module, "floor", sliding_module.ceil)
    else:
        monkeypatch.setattr(sliding_module, "ceil", sliding_module.floor)
    assert len(disagreements(500)) > 10


def test_workings_say_what_was_computed():
    for case in cases(1000):
        if counted(*case):
            out = lay(*case).out
            assert evaluate(out.substituted) == out.result


def test_same_padding_is_as_little_as_it_takes_with_the_odd_one_at_the_end():
    for size, kernel, stride, dilation, _, _ in cases(1000):
        slide = lay(size, kernel, stride, dilation, "same", False)
        needed = (slide.out.result - 1) * stride + slide.extent - size
        assert slide.begin + slide.end == max(needed, 0)
        assert slide.end - slide.begin in (0, 1)


def test_covering_pads_count_the_same_windows_without_ceil_mode():
    grown = 0
    for case in cases(3000):
        size, kernel, stride, dilation, _, ceil_mode = case
        if counted(*case):
            slide = lay(*case)
            assert counted(size, kernel, stride, dilation, (slide.begin, slide.past), False) == slide.out.result
            assert slide.past >= slide.end
            grown += slide.past > slide.end
            assert ceil_mode or slide.past == slide.end
    assert grown > 100


def test_reading_order_of_pads():
    slide = slide2d(ImageShape(1, 10, 10), (3, 3), (1, 1), (1, 2, 3, 4))
    assert slide.pads == (1, 2, 3, 4)
    assert slide.onnx_pads == [1, 3, 2, 4]
    assert slide.size == (11, 15)


@pytest.mark.parametrize(
    ("shape", "kernel", "dilation", "padding", "sentence"),
    [
        ((1, 1), (3, 3), (1, 1), "valid", "“c” slides a 3×3 window, but only 1×1 is left after “p”."),
        ((9, 2), (3, 3), (1, 1), "valid", "“c” slides a 3×3 window, but only 9×2 is left after “p”."),
        (
            (4, 4),
            (3, 3),
            (2, 2),
            "valid",
            "“c” slides a 3×3 window dilated to 5×5, but only 4×4 is left after “p”.",
        ),
        (
            (1, 1),
            (5, 5),
            (1, 1),
            (1, 1, 1, 1),
            "“c” slides a 5×5 window, but only 1×1 is left after “p”, padding included.",
        ),
    ],
)
def test_a_window_larger_than_the_map_is_refused_in_a_sentence(
    shape: tuple[int, int], kernel: tuple[int, int], dilation: tuple[int, int], padding: Padding, sentence: str
):
    with pytest.raises(Misfit) as refused:
        slide2d(ImageShape(8, *shape), kernel, (1, 1), padding, dilation)
    assert refused.value.code == "window-too-large"
    assert refused.value.sentence("“c”", ["“p”"]) == sentence


def test_a_window_as_large_as_the_padded_map_just_fits():
    assert slide2d(ImageShape(1, 1, 3), (3, 5), (1, 1), (1, 1, 1, 1)).size == (1, 1)
