"""Analysis never raises, keeps what it knows, and gives the same whether it starts afresh or from the last report."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from netbuilder.analysis import LayerReport, Report, analyze, training_problems
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph, GraphError
from netbuilder.layers import (
    PALETTE,
    Add,
    BatchNorm,
    Concat,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePool2D,
    ImageShape,
    Input,
    Layer,
    MaxPool2D,
    ReLU,
    SettingError,
)
from netbuilder.repairs import repairs
from tests.designs import valid_design

LAYERS: list[Layer] = [
    Conv2D(4, 3, padding="same"),
    Conv2D(8, 3, stride=2),
    Conv2D(8, 2, padding="same"),
    MaxPool2D(3, 2),
    ReLU(),
    BatchNorm(),
    Add(),
    Concat(),
    Flatten(),
    Dense(5),
    Input(),
]


def random_edit(graph: Graph, rng: random.Random, layers: Sequence[Layer]) -> Graph:
    keys = list(graph.nodes)
    match rng.randrange(8) if keys else 0:
        case 0:
            return graph.add(rng.choice(layers))[0]
        case 1:
            return graph.remove(rng.choice(keys))
        case 2 | 3:
            return graph.connect(rng.choice(keys), rng.choice(keys), rng.randrange(2))
        case 4:
            return graph.insert(rng.choice(sorted(graph.edges)), rng.choice(layers))[0] if graph.edges else graph
        case 5:
            return graph.move({rng.choice(keys): (1, rng.random())})
        case 6:
            return graph.rename(rng.choice(keys), rng.choice("abcdef"))
        case _:
            key = rng.choice(keys)
            name = rng.choice(["filters", "units", "stride", "bias", "channels"])
            return graph.set(key, **{name: rng.choice([1, 2, 3, True])})


def edits(graph: Graph, seed: int, count: int, layers: Sequence[Layer] = LAYERS) -> list[Graph]:
    rng, found = random.Random(seed), [graph]
    for _ in range(count):
        try:
            found.append(random_edit(found[-1], rng, layers))
        except (GraphError, SettingError):
            continue
    return found


def disagreements(start: Graph, seed: int) -> int:
    """How often an analysis from the previous report differs from one made afresh, over a walk of edits."""
    report, count = Report(), 0
    for graph in edits(start, seed, 50):
        try:
            report = analyze(graph, report)
        except KeyError:  # it looked for a layer that is gone
            return count + 1
        count += report.to_dict() != analyze(graph).to_dict()
    return count


@pytest.mark.parametrize("seed", range(40))
def test_starting_from_the_last_report_changes_nothing(seed: int) -> None:
    start = example("resnet-20") if seed % 2 else Graph.chain(Input(), Conv2D(6, 5), ReLU(), Flatten(), Dense(10))
    assert disagreements(start, seed) == 0


def test_a_careless_reuse_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netbuilder.analysis.inference._as_before", lambda *_: True)
    assert any(disagreements(example("resnet-20"), seed) for seed in range(3))


def test_an_edit_costs_what_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = example("vgg-16")
    before = analyze(graph)
    asked: list[str] = []
    infer = Conv2D.infer
    monkeypatch.setattr(Conv2D, "infer", lambda layer, *shapes: asked.append("conv") or infer(layer, *shapes))
    analyze(graph.set("conv5_3", filters=100), before)
    assert len(asked) == 1


@pytest.mark.parametrize("seed", range(30))
def test_a_half_built_design_never_raises(seed: int) -> None:
    """Nor does anything that is asked about it: what a loss makes of it, and what would repair each problem."""
    every = [*LAYERS, *(kind() for kind in PALETTE)]
    for graph in edits(valid_design(seed) if seed % 2 else Graph(), seed, 40, every)[::4]:
        report = analyze(graph)
        assert report.to_dict()["valid"] == report.valid
        for problem in report.problems + training_problems(report, "cross_entropy"):
            assert graph not in [repair.graph for repair in repairs(graph, report, problem)]


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_examples_have_no_problem_and_remarks_only_where_they_are_true(name: str) -> None:
    found = [(problem.code, problem.severity, problem.layer) for problem in analyze(example(name)).problems]
    if name == "exercise-25x64":  # its pools lay one row of zeros below an odd number of rows
        assert found == [("same-asymmetric", "information", "pool1"), ("same-asymmetric", "information", "pool2")]
    else:
        assert found == []


def test_a_remark_follows_its_layer_under_another_name() -> None:
    graph = Graph.chain(Input(height=13, width=13, channels=2), MaxPool2D(2), Flatten(), Dense(10))
    before = analyze(graph)
    assert [problem.layer for problem in before.problems] == ["maxpool2d_1"]
    renamed = graph.rename("maxpool2d_1", "halved")
    (problem,) = analyze(renamed, before).problems
    assert problem.layer == "halved"
    assert problem.message == (
        "In “halved”, (13 − 2)/2 + 1 = 6.5, rounded down to 6: the last row and column are never looked at."
    )
    moved = analyze(renamed.move({2: (5.0, 5.0)}), before)
    assert moved.problems == analyze(renamed).problems


def test_errors_stand_before_warnings_before_information_and_the_input_before_all() -> None:
    layers = [Conv2D(4, 2, padding="same"), Conv2D(4, 3, padding="same"), ReLU(), Dense(10)]
    graph = Graph.chain(Input(height=28, width=1, channels=28), *layers)
    found = analyze(graph).problems
    assert [(problem.code, problem.severity) for problem in found] == [
        ("axis-order", "warning"),
        ("needs-flatten", "error"),
        ("no-activation", "warning"),
        ("same-asymmetric", "information"),
    ]
    assert [problem["code"] for problem in analyze(graph).to_dict()["problems"]] == [each.code for each in found]


@pytest.mark.parametrize(
    ("sizes", "size", "text"),
    [
        ([2, 2, 2, 2], (28, 28), "(28→14→7→3→1)"),
        ([2], (5, 4), "(5×4→2×2)"),
        ([], (2, 2), "“input_1”."),
        ([2] * 9, (1000, 1000), "(1000→500→250→125→…→15→7→3→1)"),
    ],
)
def test_a_window_that_is_too_large_tells_how_its_map_became_so_small(
    sizes: list[int], size: tuple[int, int], text: str
) -> None:
    graph = Graph.chain(
        Input(height=size[0], width=size[1], channels=1), *[MaxPool2D(each) for each in sizes], Conv2D(8, 3)
    )
    assert text in next(p.message for p in analyze(graph).problems if p.code == "window-too-large")


def test_what_lies_behind_a_break_is_unknown_and_not_zero() -> None:
    report = analyze(Graph.chain(Input(), Conv2D(6, 40), ReLU(), Flatten(), Dense(10)))
    assert [layer.parameters for layer in report.layers.values()] == [0, None, None, None, None]
    assert report["relu_1"].to_dict()["shape"] is None
    assert [problem.node for problem in report.problems] == [2]


@pytest.mark.parametrize(
    ("graph", "codes"),
    [
        (Graph(), ["empty"]),
        (Graph.chain(Input()), ["no-layers"]),
        (Graph.chain(ReLU(), Flatten()), ["no-input", "not-connected"]),
        (Graph.chain(Input(), ReLU()).add(ReLU())[0], ["not-connected"]),
    ],
)
def test_half_built_designs_say_what_they_lack(graph: Graph, codes: list[str]) -> None:
    assert [problem.code for problem in analyze(graph).problems] == codes


def residual() -> Graph:
    graph = Graph.chain(Input(height=16, width=16, channels=4), Conv2D(4, 3, padding="same"), ReLU())
    graph, _ = graph.add(Add(), "sum")
    graph = graph.connect("relu_1", "sum", 0).connect("input_1", "sum", 1)
    graph, _ = graph.add(GlobalAveragePool2D(), "mean")
    return graph.connect("sum", "mean")


def test_a_merge_sees_what_its_branches_see() -> None:
    report = analyze(residual())
    assert report["sum"].receptive_field == (3, 3)
    assert report["mean"].receptive_field == (18, 18)


def test_the_order_of_layers_does_not_matter() -> None:
    graph = residual()
    turned = replace(graph, nodes=dict(reversed(list(graph.nodes.items()))))

    def by_name(report: Report) -> dict[str, LayerReport]:
        return {layer.node.name: layer for layer in report.layers.values()}

    assert by_name(analyze(graph)) == by_name(analyze(turned))


def test_totals_sum_the_layers() -> None:
    report = analyze(example("resnet-20"))
    assert report.totals.macs == sum(layer.macs or 0 for layer in report.layers.values())
    assert report.totals.statistics == sum(
        2 * layer.shape.channels
        for layer in report.layers.values()
        if isinstance(layer.node.layer, BatchNorm) and isinstance(layer.shape, ImageShape)
    )
