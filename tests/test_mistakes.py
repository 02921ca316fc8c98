"""No false alarm on designs that are right; the right words, numbers and remedies for those that are not."""

import random
import re
from itertools import combinations

import numpy as np
import pytest

from netbuilder.analysis import Problem, Report, analyze, training_problems
from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH
from netbuilder.engine import Program, compile
from netbuilder.examples import EXAMPLES, example
from netbuilder.files import dumps, loads
from netbuilder.graph import Edge, Graph
from netbuilder.layers import PALETTE, BatchNorm, Conv2D, Dense, Flatten, Input, Layer, MaxPool2D, ReLU, Softmax
from netbuilder.repairs import Repair, repairs
from tests.designs import valid_design
from tests.mistakes.sketch import Mistake
from tests.mistakes.table import MISTAKES

VALID, BROKEN = 2000, 24
LOSS = ("double-softmax", "activation-last")


# ---- designs that are right ------------------------------------------------------------------------------------------


def alarms(graph: Graph) -> list[Problem]:
    """Errors and warnings, those of training with cross-entropy included."""
    report = analyze(graph)
    found = report.problems + training_problems(report, "cross_entropy")
    return [problem for problem in found if problem.severity != "information"]


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_examples_raise_no_alarm(name: str) -> None:
    assert alarms(example(name)) == []


@pytest.mark.parametrize("part", range(10))
def test_valid_designs_raise_no_alarm(part: int) -> None:
    for seed in range(part * VALID // 10, (part + 1) * VALID // 10):
        assert alarms(valid_design(seed)) == [], seed


@pytest.mark.parametrize(
    ("place", "careless"),
    [
        ("linearity._crossed", lambda *_: False),
        ("linearity._equivalent", lambda *_: "layer"),
        ("linearity.PASSING", (BatchNorm, MaxPool2D, ReLU, Flatten)),
    ],
)
def test_a_careless_check_would_be_noticed(place: str, careless: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"netbuilder.analysis.{place}", careless)
    assert any(alarms(valid_design(seed)) for seed in range(200))


def test_the_valid_designs_are_of_every_kind() -> None:
    drawn = [valid_design(seed) for seed in range(200)]
    assert {type(node.layer) for graph in drawn for node in graph.nodes.values()} == set(PALETTE)
    assert valid_design(3) == valid_design(3) != valid_design(4)
    assert sum(len(graph.edges) >= len(graph.nodes) for graph in drawn) > 50, "branches"
    assert max(len(graph.nodes) for graph in drawn) > 40
    for graph in drawn:
        assert loads(dumps(graph)) == graph


# ---- designs that are not --------------------------------------------------------------------------------------------


def problems_of(graph: Graph, code: str) -> tuple[Problem, ...]:
    report = analyze(graph)
    return training_problems(report, "cross_entropy") if code in LOSS else report.problems


def complaints(code: str, mistake: Mistake) -> list[str]:
    """Whatever is not as it must be for this mistake, in words."""
    graph, text = mistake.graph, dumps(mistake.graph)
    found = problems_of(graph, code)
    if not found or found[0].code != code:
        return [f"{[problem.code for problem in found]} instead of {code}"]
    problem = found[0]
    wrong = [] if problem.layer == mistake.layer else [f"{problem.layer!r} instead of {mistake.layer!r}"]
    if problem.message != mistake.sentence:
        wrong.append(f"“{problem.message}” instead of “{mistake.sentence}”")
    report = analyze(graph)
    offers = repairs(graph, report, problem)
    wrong += [] if offers else ["no fix"]
    for offer in offers:
        wrong += [f"{offer.label}: {each}" for each in _spoilt(report, graph, problem, offer)]
    if dumps(graph) != text or dumps(loads(text)) != text:
        wrong.append("the design itself has changed")
    return wrong


def _spoilt(report: Report, graph: Graph, problem: Problem, offer: Repair) -> list[str]:
    """What a fix leaves that it should not."""
    after = analyze(offer.graph)
    left = problems_of(offer.graph, problem.code) + after.problems
    wrong = ["nothing changed"] if offer.graph == graph else []
    if any((each.code, each.node) == (problem.code, problem.node) for each in left):
        wrong.append("the problem is still there")
    known = [key for key, row in report.layers.items() if row.facts] + [
        key for key in after.layers if key not in graph.nodes
    ]
    before = {(each.code, each.node) for each in report.problems}
    for each in left:
        if each.severity == "error":
            wrong.append(f"leaves {each.code} at {each.layer}: {each.message}")
        elif each.severity == "warning" and each.node in known and (each.code, each.node) not in before:
            wrong.append(f"brings {each.code} at {each.layer}: {each.message}")
    if loads(dumps(offer.graph)) != offer.graph:
        wrong.append("cannot be saved")
    wrong += _overlaps(graph, offer.graph)
    return wrong


def _overlaps(before: Graph, after: Graph) -> list[str]:
    """Blocks that lie on one another, of which at least one is new or was moved."""
    touched = [key for key, node in after.nodes.items() if before.nodes.get(key) != node]
    places = {key: node.position for key, node in after.nodes.items()}
    return [
        f"{after.nodes[a].name} lies on {after.nodes[b].name}"
        for a, b in combinations(places, 2)
        if (a in touched or b in touched)
        and abs(places[a][0] - places[b][0]) < BLOCK_WIDTH
        and abs(places[a][1] - places[b][1]) < BLOCK_HEIGHT
    ]


@pytest.mark.parametrize("code", MISTAKES)
def test_every_mistake_is_named_and_repaired(code: str) -> None:
    for seed in range(BROKEN):
        assert complaints(code, MISTAKES[code](random.Random(f"{code} {seed}"))) == [], seed


def carelessly_inserted(graph: Graph, edge: Edge, layer: Layer) -> Graph:
    """On top of the block that the wire ends at."""
    return graph.insert(edge, layer, position=graph.nodes[edge.target].position)[0]


@pytest.mark.parametrize(
    ("code", "place", "careless"),
    [
        ("needs-flatten", "analysis.inference.SEVERITIES", ("information", "warning", "error")),
        ("needs-flatten", "repairs.maps.inserted", carelessly_inserted),
        ("ragged", "analysis.notes._division", lambda *_: "(9 − 2)/2 + 1 = 4.5, rounded down to 4"),
        ("no-activation", "analysis.linearity._padded", lambda *_: False),
        ("window-too-large", "analysis.inference.MOST_SIZES", 3),
        ("double-softmax", "analysis.endings._floor", lambda *_: "1.46 for 10 classes"),
        ("merge-shapes", "repairs.offers._sound", lambda *_: True),
        ("axis-order", "analysis.inference.Input", MaxPool2D),
    ],
)
def test_a_seeded_bug_would_be_noticed(
    code: str, place: str, careless: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"netbuilder.{place}", careless)
    assert any(complaints(code, MISTAKES[code](random.Random(f"{code} {seed}"))) for seed in range(BROKEN))


def test_after_one_mistake_is_repaired_the_next_comes_to_light() -> None:
    graph = Graph.chain(Input(height=28, width=28), Conv2D(9, 3, groups=2), ReLU(), MaxPool2D(2), Dense(30), Dense(10))
    seen: list[str] = []
    while (report := analyze(graph)).problems:
        seen.append(report.problems[0].code)
        graph = repairs(graph, report, report.problems[0])[0].graph
    assert seen == ["no-channels", "groups-mismatch", "needs-flatten", "no-activation"]
    assert report.valid


def test_repairs_leave_alone_what_they_were_not_asked_about() -> None:
    """Two separate mistakes: repairing the second first keeps the first, word for word."""
    graph = Graph.chain(Input(), Conv2D(4, 3), Dense(30), ReLU(), Dense(20), Dense(10))
    graph, _ = graph.add(ReLU(), "stray")
    report = analyze(graph)
    flat, stray = report.problems
    assert (flat.code, stray.code) == ("needs-flatten", "not-connected")
    for repair in repairs(graph, report, stray):
        assert flat in analyze(repair.graph).problems
    for repair in repairs(graph, report, flat):
        assert stray in analyze(repair.graph).problems


# ---- what is said is what the engine does ----------------------------------------------------------------------------


def some(rng: np.random.Generator, program: Program) -> np.ndarray:
    return rng.standard_normal((2, *program.input_shape.array))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_never_looked_at_makes_no_difference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = MISTAKES["ragged"](random.Random(f"ragged {seed}")).graph
    layer = graph[analyze(graph).problems[0].node or 0].layer
    size, place = int(rng.integers(9, 30)), Graph.chain(Input(height=1, width=1, channels=1), layer)
    graph = place.set(1, height=size, width=size)
    (problem,) = analyze(graph).problems or [None]
    program = compile(graph, "float64")
    weights, x = program.init(), some(rng, program)
    found = re.search(r"the last (\d+)? ?row", problem.message) if problem else None
    left = 0 if problem is None else int(found[1] or 1) if found else -1
    before = program.predict(weights, x)
    for row in range(size):
        other = x.copy()
        other[:, :, row] = 99.0
        other[:, :, :, row] = 99.0
        assert np.array_equal(program.predict(weights, other), before) == (row >= size - left), row


@pytest.mark.parametrize("seed", range(8))
def test_same_padding_made_explicit_computes_the_same(seed: int) -> None:
    graph = MISTAKES["same-asymmetric"](random.Random(f"same-asymmetric {seed}")).graph
    report = analyze(graph)
    explicit, *_ = repairs(graph, report, report.problems[0])
    one, other = compile(graph, "float64"), compile(explicit.graph, "float64")
    x = some(np.random.default_rng(seed), one)
    assert np.array_equal(one.predict(one.init(), x), other.predict(one.init(), x))


@pytest.mark.parametrize("seed", range(8))
def test_softmax_twice_keeps_the_loss_up_and_once_does_not(seed: int) -> None:
    """With the weights of the last layer a million times as large, and every guess counted as right."""
    for graph, twice in ((MISTAKES["double-softmax"](random.Random(str(seed))).graph, True), (closed(seed), False)):
        (problem,) = training_problems(analyze(graph), "cross_entropy")
        assert problem.code == "double-softmax"
        assert (problem.severity == "warning") == twice
        program = compile(graph, "float64")
        weights = {key: value * (1 if twice else 1e6) for key, value in program.init().items()}
        x = some(np.random.default_rng(seed), program)
        labels = program.predict(weights, x).reshape(2, -1).argmax(1)
        loss, _ = program.loss_and_gradients(weights, x, labels)
        floor = float(re.search(r"below ([\d.]+)", problem.message)[1])  # pyright: ignore
        assert (loss >= floor - 0.005) == twice


def closed(seed: int) -> Graph:
    """A design that ends in a softmax, as textbooks draw it."""
    return Graph.chain(Input(features=5 + seed), Dense(20), ReLU(), Dense(3 + seed), Softmax())


def test_the_mean_squared_error_takes_scores_as_they_are() -> None:
    for code in LOSS:
        graph = MISTAKES[code](random.Random(1)).graph
        assert training_problems(analyze(graph), "mse") == ()
