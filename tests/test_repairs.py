"""Every problem that has a mechanical remedy offers it, and each remedy really is one."""

import pytest

from netbuilder.analysis import Problem, Report, analyze
from netbuilder.examples import example
from netbuilder.graph import STEP, Graph
from netbuilder.layers import (
    Add,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    Output,
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
            ["Set padding to same", "Replace the rest by GlobalAveragePool2D", "Shrink the window to 4×4"],
        ),
        "pool too large": (
            chain(Input(height=1, width=1, channels=1), MaxPool2D(2), Flatten(), Dense(10)),
            "window-too-large",
            [
                "Set padding to same",
                "Replace the rest by GlobalAveragePool2D",
                "Shrink the window to 1×1",
                "Remove “maxpool2d_1”",
            ],
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
            [
                "Put Conv2D 1×1, 32, stride 2 on the skip",
                "Set “conv2d_1” to 16 filters, stride 1",
                "Match the size, then use Concat",
                "Remove “join” and 1 more layer",
            ],
        ),
        "a residual of other depth": (
            merge(Conv2D(32, 3, padding="same"), ReLU(), Add()),
            "merge-shapes",
            [
                "Put Conv2D 1×1, 32 on the skip",
                "Set “conv2d_1” to 16 filters",
                "Use Concat instead",
                "Remove “join” and 1 more layer",
            ],
        ),
        "a stray block": (lost, "not-connected", ["Connect it behind “dense_1”", "Remove “lost”"]),
        "two inputs": (twice, "several-inputs", ["Remove “again”"]),
        "two ends": (
            forked.connect(2, "other"),
            "several-outputs",
            ["Remove “dense_1”", "Put an Output behind “dense_1”", "Join the 2 ends with Concat"],
        ),
        "an output in the middle": (
            chain(Input(), Flatten(), Output(), Dense(10)),
            "output-inside",
            ["Let “output_1” end a branch of its own", "Remove “output_1”"],
        ),
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


def without_projection(number: int) -> tuple[Graph, Problem]:
    """ResNet-20 with a plain skip where one of its stages shrinks the map."""
    graph = example("resnet-20").remove([f"skip{number}.1", f"skipnorm{number}.1"])
    (problem,) = analyze(graph).problems[:1]
    return graph, problem


@pytest.mark.parametrize(("number", "filters"), [(2, 32), (3, 64)])
def test_a_residual_network_gets_its_projection_back(number: int, filters: int) -> None:
    graph, problem = without_projection(number)
    assert (problem.code, problem.layer) == ("merge-shapes", f"add{number}.1")
    offers = repairs(graph, analyze(graph), problem)
    assert [offer.label for offer in offers] == [
        f"Put Conv2D 1×1, {filters}, stride 2 on the skip",
        f"Remove “add{number}.1”",
    ], "a block that no longer shrinks would only move the problem to the next one"
    assert all(analyze(offer.graph).valid for offer in offers)


def test_a_convolution_on_a_skip_stands_beside_what_it_skips() -> None:
    graph, problem = without_projection(2)
    repaired = repairs(graph, analyze(graph), problem)[0].graph
    ((x, y),) = (node.position for key, node in repaired.nodes.items() if key not in graph.nodes)
    assert {key: repaired.nodes[key] for key in graph.nodes} == graph.nodes, "nothing else has moved"
    assert y == graph["add2.1"].position[1] - STEP
    assert abs(x - graph["add2.1"].position[0]) >= 264


def test_what_is_inserted_pushes_down_what_lies_below_it_in_its_column() -> None:
    graph = chain(Input(), Conv2D(4, 3), Dense(10), ReLU(), Dense(4)).move({4: (264.0, 0.0), 5: (264.0, 72.0)})
    repaired = repairs(graph, analyze(graph), analyze(graph).problems[0])[0].graph
    assert [repaired[key].position for key in (1, 2, 6, 3)] == [(0.0, 0.0), (0.0, 72.0), (0.0, 144.0), (0.0, 216.0)]
    assert [repaired[key].position for key in (4, 5)] == [(264.0, 0.0), (264.0, 72.0)]


def test_the_rest_gives_way_to_a_mean_and_what_follows_moves_up() -> None:
    layers = [Conv2D(8, 3), ReLU(), MaxPool2D(2), Conv2D(16, 3), ReLU(), Flatten(), Dense(10)]
    graph = chain(Input(height=6, width=6, channels=1), *layers)
    report = analyze(graph)
    found = {repair.label: repair.graph for repair in repairs(graph, report, report.problems[0])}
    mean = found["Replace the rest by GlobalAveragePool2D"]
    assert [type(mean.nodes[key].layer).__name__ for key in mean.order] == [
        *("Input", "Conv2D", "ReLU", "MaxPool2D", "GlobalAveragePool2D", "Dense"),
    ]
    assert [mean.nodes[key].position[1] for key in mean.order] == [72.0 * row for row in range(6)]
    assert "Remove “maxpool2d_1”" in found


def test_a_relu_goes_behind_the_norm_and_before_the_dropout() -> None:
    graph = chain(Input(features=9), Dense(9), BatchNorm(), Dropout(), Dense(3))
    report = analyze(graph)
    (repair,) = repairs(graph, report, report.problems[0])
    assert repair.label == "Insert ReLU after “batchnorm_1”"
    kinds = [type(repair.graph.nodes[key].layer).__name__ for key in repair.graph.order]
    assert kinds == ["Input", "Dense", "BatchNorm", "ReLU", "Dropout", "Dense"]


@pytest.mark.parametrize(
    ("channels", "filters", "groups", "labels"),
    [
        (8, 6, 4, ["Set filters to 8", "Use 2 groups", "Use one group"]),
        (6, 8, 4, ["Use 2 groups", "Use one group"]),
        (9, 10, 3, ["Set filters to 9", "Use one group"]),
    ],
)
def test_groups_that_do_not_divide_get_numbers_that_do(
    channels: int, filters: int, groups: int, labels: list[str]
) -> None:
    graph = chain(Input(height=8, width=8, channels=channels), Conv2D(filters, groups=groups), Flatten(), Dense(10))
    report = analyze(graph)
    assert [repair.label for repair in repairs(graph, report, report.problems[0])] == labels


def test_a_stray_chain_is_removed_whole() -> None:
    graph = chain(Input(), Flatten(), Dense(10))
    for layer, name in ((ReLU(), "one"), (Dense(4), "two"), (ReLU(), "three")):
        graph, _ = graph.add(layer, name)
    graph = graph.connect("one", "two").connect("two", "three")
    report = analyze(graph)
    (problem,) = [each for each in report.problems if each.code == "not-connected"]
    repaired = {repair.label: repair.graph for repair in repairs(graph, report, problem)}
    assert repaired["Remove “one” and 2 more layers"] == chain(Input(), Flatten(), Dense(10))


def test_a_repair_is_never_the_design_itself_nor_offered_twice() -> None:
    for graph, code, _ in BROKEN.values():
        report = analyze(graph)
        offered = [repair.graph for repair in repairs(graph, report, first(report, code))]
        assert graph not in offered
        assert all(one != other for index, one in enumerate(offered) for other in offered[:index])


def test_a_shuffle_is_given_groups_that_divide() -> None:
    graph = Graph.chain(Input(height=9, width=9, channels=12), ChannelShuffle(5), Conv2D(3), Flatten(), Dense(4))
    report = analyze(graph)
    offers = repairs(graph, report, report.problems[0])
    assert [offer.label for offer in offers] == ["Use 4 groups", "Use one group"]
    assert all(analyze(offer.graph).valid for offer in offers)
