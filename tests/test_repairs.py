"""Every problem that has a mechanical remedy offers it, and each remedy really is one."""

import pytest

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.graph import Graph
from netbuilder.layers import (
    Add,
    Concat,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    ReLU,
)
from netbuilder.repairs import repairs


def chain(*layers: Layer) -> Graph:
    return Graph.chain(*layers)


def merge(first: Layer, second: Layer, join: Layer) -> Graph:
    """Two branches from one input that meet; the first is one layer longer."""
    graph = chain(Input(height=28, width=28, channels=16), first, ReLU())
    graph, _ = graph.add(second, "skip")
    graph, _ = graph.add(join, "join")
    graph = graph.connect(1, "skip").connect("relu_1", "join", 0).connect("skip", "join", 1)
    graph, _ = graph.add(GlobalAveragePool2D(), "mean")
    return graph.connect("join", "mean")


def broken() -> dict[str, tuple[Graph, str, list[str]]]:
    """Designs with one mistake each: the graph, the code, and the labels of its remedies."""
    lost, _ = chain(Input(), Conv2D(4), Flatten(), Dense(10)).add(ReLU(), "lost")
    twice, _ = chain(Input(), Flatten(), Dense(10)).add(Input(), "again")
    forked, _ = chain(Input(), Flatten(), Dense(10)).add(Dense(3), "other")
    return {
        "dense after a map": (
            chain(Input(), Conv2D(32, 3), Dense(10)),
            "needs-flatten",
            ["Insert Flatten", "Insert GlobalAveragePool2D (32 numbers)"],
        ),
        "window too large": (
            chain(Input(height=4, width=4, channels=1), Conv2D(8, 5), Flatten(), Dense(10)),
            "window-too-large",
            ["Set padding to same", "Shrink the window to 4×4", "Remove “conv2d_1”"],
        ),
        "pool too large": (
            chain(Input(height=1, width=1, channels=1), MaxPool2D(2), Flatten(), Dense(10)),
            "window-too-large",
            ["Set padding to same", "Shrink the window to 1×1", "Remove “maxpool2d_1”"],
        ),
        "groups": (
            chain(Input(height=8, width=8, channels=3), Conv2D(8, 3, groups=2), Flatten(), Dense(10)),
            "groups-mismatch",
            ["Use one group"],
        ),
        "no channels": (
            chain(Input(height=28, width=28), Flatten(), Dense(10)),
            "no-channels",
            ["Treat as 1 channel", "Treat as 3 channels"],
        ),
        "a residual that shrinks": (
            merge(Conv2D(32, 3, stride=2, padding="same"), ReLU(), Add()),
            "merge-shapes",
            ["Put a 1×1 Conv2D, 32, stride 2 on the shorter branch", "Remove “join”"],
        ),
        "a residual of other depth": (
            merge(Conv2D(32, 3, padding="same"), ReLU(), Add()),
            "merge-shapes",
            [
                "Put a 1×1 Conv2D, 32 on the shorter branch",
                "Join them with Concat instead",
                "Remove “join”",
            ],
        ),
        "a stray block": (lost, "not-connected", ["Connect it behind “dense_1”", "Remove “lost”"]),
        "two inputs": (twice, "several-inputs", ["Remove “again”"]),
        "two ends": (forked.connect(2, "other"), "several-outputs", ["Remove “dense_1”"]),
        "no input": (chain(Flatten(), Dense(10)), "no-input", ["Add an Input of 28×28×1"]),
    }


BROKEN = broken()


def first(report: Report, code: str) -> Problem:
    return next(problem for problem in report.problems if problem.code == code)


@pytest.mark.parametrize("name", BROKEN)
def test_the_mistake_is_named_and_its_remedies_work(name: str) -> None:
    graph, code, labels = BROKEN[name]
    report = analyze(graph)
    assert not report.valid
    found = repairs(graph, report, first(report, code))
    assert [repair.label for repair in found] == labels
    for repair in found:
        after = analyze(repair.graph)
        assert not any(problem.code == code for problem in after.problems)


@pytest.mark.parametrize("name", BROKEN)
def test_the_first_remedy_gives_a_valid_design(name: str) -> None:
    graph, code, _ = BROKEN[name]
    report = analyze(graph)
    assert analyze(repairs(graph, report, first(report, code))[0].graph).valid


def test_numbers_before_the_break_are_kept() -> None:
    report = analyze(chain(Input(), Conv2D(6, 5), Conv2D(4, 40), ReLU(), Flatten(), Dense(10)))
    assert report.totals.parameters == 156
    assert report.totals.unknown == 4
    assert [problem.code for problem in report.problems] == ["window-too-large"]


def test_sentences_carry_the_numbers() -> None:
    flat = analyze(chain(Input(height=9, width=9, channels=1), Conv2D(32, 3), Dense(10)))
    assert flat.problems[0].message == (
        "Dense “dense_1” needs a flat list of numbers, but “conv2d_1” gives a 7×7×32 block. "
        "Flattened that is 7·7·32 = 1,568 numbers."
    )
    join = analyze(merge(Conv2D(32, 3, stride=2, padding="same"), ReLU(), Add()))
    message = join.problems[0].message
    for part in ("Add “join” needs equal shapes", "14×14×32", "28×28×16", "14≠28", "32≠16"):
        assert part in message


def test_names_with_braces_do_not_disturb_a_sentence() -> None:
    graph = chain(Input(), Conv2D(4), Dense(3)).rename("dense_1", "{0}{evil}").rename("conv2d_1", "{layer}")
    assert "“{0}{evil}”" in analyze(graph).problems[0].message
    assert "“{layer}” gives" in analyze(graph).problems[0].message


def test_a_concat_of_different_sizes_offers_no_concat() -> None:
    graph = merge(Conv2D(32, 3, stride=2, padding="same"), ReLU(), Concat())
    report = analyze(graph)
    labels = [repair.label for repair in repairs(graph, report, report.problems[0])]
    assert not any("Concat instead" in label for label in labels)
