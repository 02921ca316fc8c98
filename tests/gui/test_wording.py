"""Numbers read as people write them, and workings are the report's own."""

import pytest

from netbuilder.analysis import analyze
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph
from netbuilder.gui import wording
from netbuilder.layers import Add, BatchNorm, Concat, Conv2D, Dense, Flatten, ImageShape, Input, ReLU, VectorShape


def chain(*layers: object) -> Graph:
    return Graph.chain(Input(height=28, width=28, channels=1), *layers)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (18_816, "18.8 kB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (553_430_176, "553.4 MB"),
        (10**13, "10.0 TB"),
    ],
)
def test_memory_has_the_unit_a_person_would_choose(size: int, text: str) -> None:
    assert wording.memory(size) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999_999, "999,999"),
        (1_180_160, "1.18 M"),
        (86_704_128, "86.7 M"),
        (924_844_032, "925 M"),
        (999_600_000, "1.00 G"),
        (15_470_264_320, "15.5 G"),
    ],
)
def test_large_figures_shorten_to_three_digits(number: int, text: str) -> None:
    assert wording.compact(number) == text


def test_differences_carry_a_true_minus() -> None:
    assert [wording.signed(n) for n in (544, -2320)] == ["+544", "−2,320"]


def test_one_thing_is_not_plural() -> None:
    assert [wording.counted(n, "layer") for n in (0, 1, 2048)] == ["0 layers", "1 layer", "2,048 layers"]


def test_overlong_words_may_break_and_read_the_same() -> None:
    long = "Conv2D “" + "x" * 80 + "” is fine"
    assert wording.breakable(long).replace("\u200b", "") == long
    assert max(len(piece) for word in wording.breakable(long).split() for piece in word.split("\u200b")) <= 24
    assert wording.breakable("short words only") == "short words only"


def test_shapes_follow_the_chosen_order() -> None:
    assert wording.spaced(ImageShape(16, 10, 9), "hwc") == "10 × 9 × 16"
    assert wording.spaced(ImageShape(16, 10, 9), "chw") == "16 × 10 × 9"
    assert wording.spaced(VectorShape(4704), "hwc") == "4,704"
    assert wording.spaced(None, "hwc") == "—"


def test_a_square_output_is_worked_out_once() -> None:
    report = analyze(chain(Conv2D(16, 5)))
    assert wording.shape_working(report["conv2d_1"]) == "⌊(28 + 0 − 5) / 1⌋ + 1 = 24 each way; 16 filters"


def test_axes_that_differ_get_a_line_each() -> None:
    lines = wording.shape_working(analyze(chain(Conv2D(1, (5, 3))))["conv2d_1"]).split("\n")
    assert lines == ["height ⌊(28 + 0 − 5) / 1⌋ + 1 = 24", "width ⌊(28 + 0 − 3) / 1⌋ + 1 = 26", "1 filter"]


def test_what_is_kept_is_said_to_be_kept() -> None:
    report = analyze(chain(ReLU(), Flatten(), Dense(120)))
    assert wording.shape_working(report["relu_1"]) == "the shape of its input, unchanged"
    assert wording.shape_working(report["flatten_1"]).endswith("28 · 28 = 784")
    assert wording.shape_working(report["dense_1"]) == "120 units"
    assert wording.shape_working(report["input_1"]) == "as the data comes"


def test_merges_show_how_channels_add_up() -> None:
    graph = chain(Conv2D(8, 3, padding="same"))
    graph, cat = graph.add(Concat(), "cat")
    graph = graph.connect("conv2d_1", cat.id, 0).connect("input_1", cat.id, 1)
    assert wording.shape_working(analyze(graph)["cat"]) == "channels 8 + 1 = 9"


def test_an_unknown_shape_has_no_working() -> None:
    graph, _node = Graph().add(Add(), "sum")
    assert wording.shape_working(analyze(graph)["sum"]) == ""


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_every_working_ends_in_the_reports_number(name: str) -> None:
    for layer in analyze(example(name)).layers.values():
        assert layer.facts is not None
        said = wording.worked(layer.facts.parameters).replace(",", "")
        assert said.split(" = ")[-1] == str(layer.parameters)


def test_the_receptive_field_names_the_whole_image_once_it_is_seen() -> None:
    report = analyze(chain(Conv2D(4, 5), BatchNorm(), Flatten(), Dense(10)))
    assert wording.receptive_field(report["conv2d_1"], report) == "5 × 5 of 28 × 28"
    assert wording.receptive_field(report["dense_1"], report) == "the whole image"


def test_flat_data_has_no_receptive_field() -> None:
    report = analyze(Graph.chain(Input(features=4), Dense(2)))
    assert wording.receptive_field(report["dense_1"], report) == ""


def test_a_broken_design_keeps_what_is_known() -> None:
    report = analyze(chain(Conv2D(16, 5), Dense(10), ReLU()))
    assert wording.so_far(report) == "416 so far, 2 layers unknown"
    assert wording.so_far(analyze(chain(Conv2D(16, 5)))) == "416"


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("“a” gives a 7×7×32 block.", "“a” gives a 32×7×7 block."),
        ("slides a 3×3 window, but only 1×1 is left", "slides a 3×3 window, but only 1×1 is left"),
        ("shapes: “conv3” 14×14×32, “input” 28×28×1,024.", "shapes: “conv3” 32×14×14, “input” 1,024×28×28."),
        ("A name as “5×6×7” stays, (14≠28) too.", "A name as “5×6×7” stays, (14≠28) too."),
        ("“input”: 28×28×16, then", "“input”: 16×28×28, then"),
    ],
)
def test_shapes_in_sentences_follow_the_order_of_the_day(sentence: str, turned: str) -> None:
    assert wording.in_order(sentence, "hwc") == sentence
    assert wording.in_order(sentence, "chw") == turned
