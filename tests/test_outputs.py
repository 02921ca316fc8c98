"""What a network ends in: which end is the main output, which are meant, and what is said of those that are not."""

import json

import pytest

from netbuilder.analysis import Problem, analyze, training_problems
from netbuilder.analysis.structure import ends
from netbuilder.files import dumps, loads
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Flatten, Input, Output, ReLU, Sigmoid, Softmax
from netbuilder.notation import append_chain
from netbuilder.repairs import repairs


def forked(*, before: int = 1, beside: int = 0) -> Graph:
    """A chain that ends in “main”, with a branch “side” off its middle, so many layers before and on the way."""
    graph = Graph.chain(Input(), Flatten(), *[ReLU()] * before, Dense(10), names=_names(before))
    source = "flat"
    for index in range(beside):
        graph, node = graph.add(ReLU(), f"beside{index}")
        graph, source = graph.connect(source, node.id), node.name
    graph, _ = graph.add(Dense(10), "side")
    return graph.connect(source, "side")


def _names(count: int) -> list[str]:
    return ["in", "flat", *(f"before{index}" for index in range(count)), "main"]


def marked(graph: Graph, end: str, name: str, **settings: object) -> Graph:
    graph, _ = graph.add(Output(**settings), name)  # pyright: ignore[reportArgumentType]
    return graph.connect(end, name)


def outputs(graph: Graph) -> list[str]:
    return [graph.nodes[key].name for key in ends(graph)]


def errors(graph: Graph) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.layer) for problem in analyze(graph).problems if problem.severity == "error"]


# ---- which ends are meant --------------------------------------------------------------------------------------------


def test_a_loose_end_stays_an_error_until_an_output_says_that_it_is_meant():
    graph = forked()
    assert errors(graph) == [("several-outputs", "side")]
    assert analyze(graph).problems[0].message == (
        "The network has 2 ends, “main” and “side”; connect or remove all but one, "
        "or put an Output behind each that is meant."
    )
    assert errors(marked(graph, "main", "scores")) == [("several-outputs", "side")]
    assert errors(marked(graph, "side", "aux")) == []
    assert errors(marked(marked(graph, "side", "aux"), "main", "scores")) == []


def test_every_loose_end_is_an_error_of_its_own():
    graph, _ = marked(forked(before=3), "side", "aux").add(Dense(10), "lost")
    graph = graph.connect("flat", "lost")
    assert errors(graph) == [("several-outputs", "lost")]
    assert "3 ends, “main” and “aux” and “lost”" in analyze(graph).problems[0].message


def test_an_output_in_the_middle_is_an_error():
    graph = Graph.chain(Input(), Flatten(), Output(), Dense(10))
    assert errors(graph) == [("output-inside", "output_1")]
    sentence = "Output “output_1” says that the network ends here, but “dense_1” follows it."
    assert analyze(graph).problems[0].message == sentence


def test_an_output_that_nothing_reaches_is_not_connected():
    graph, _ = forked(beside=1).add(Output(), "aux")
    assert ("not-connected", "aux") in errors(graph)


def test_a_single_end_may_be_marked_or_not():
    graph = Graph.chain(Input(), Flatten(), Dense(10))
    for each in (graph, marked(graph, "dense_1", "scores")):
        assert analyze(each).valid
        assert len(analyze(each).outputs) == 1


def test_an_output_without_a_problem_has_nothing_said_of_it():
    assert analyze(marked(forked(), "side", "aux", weight=0.3)).problems == ()


# ---- which is the main one -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "beside", "first"),
    [(2, 0, "main"), (1, 1, "side"), (0, 2, "side")],
    ids=["deeper", "as deep: the latest", "less deep"],
)
def test_the_main_output_is_the_deepest_end(before: int, beside: int, first: str):
    assert outputs(forked(before=before, beside=beside))[0] == first


def test_output_blocks_make_no_end_deeper():
    graph = forked(before=2, beside=1)
    assert outputs(marked(graph, "side", "aux")) == ["main", "aux"]
    assert outputs(marked(marked(graph, "side", "aux"), "main", "scores")) == ["scores", "aux"]


def test_of_ends_as_deep_the_one_without_a_mark_is_the_main_one():
    graph = forked(before=1, beside=1)
    assert outputs(marked(graph, "side", "aux")) == ["main", "aux"]
    assert outputs(marked(graph, "main", "aux")) == ["side", "aux"]
    assert outputs(marked(marked(graph, "main", "one"), "side", "two")) == ["two", "one"]


def test_marking_a_loose_end_leaves_the_main_output_where_it_is():
    for before, beside in ((0, 0), (1, 1), (2, 1), (1, 2), (3, 0)):
        graph = forked(before=before, beside=beside)
        (problem,) = (each for each in analyze(graph).problems if each.code == "several-outputs")
        repair = next(
            each for each in repairs(graph, analyze(graph), problem) if each.label.startswith("Put an Output")
        )
        assert outputs(repair.graph)[0] == outputs(graph)[0]
        assert analyze(repair.graph).valid


def test_the_report_names_outputs_in_order():
    graph = marked(forked(before=2), "side", "aux", weight=0.3, loss="mse")
    report = analyze(graph)
    assert report.to_dict()["outputs"] == ["main", "aux"]
    assert [report.core(key).node.name for key in report.outputs] == ["main", "side"]
    assert json.loads(json.dumps(report.to_dict()))["layers"][-1]["settings"] == {"weight": 0.3, "loss": "mse"}
    assert loads(dumps(graph)) == graph
    assert outputs(Graph()) == []


# ---- what cross-entropy makes of every end ---------------------------------------------------------------------------


def warned(graph: Graph, loss: str) -> list[tuple[str, str | None]]:
    def told(problem: Problem) -> tuple[str, str | None]:
        return problem.code, problem.layer

    return [told(problem) for problem in training_problems(analyze(graph), loss)]


def test_every_output_is_looked_at_under_its_own_loss():
    graph = marked(forked(before=2), "side", "aux")
    edge = next(edge for edge in graph.edges if edge.target == graph["aux"].id)
    squeezed, _ = graph.insert(edge, Sigmoid(), "squeezed")
    assert warned(squeezed, "cross_entropy") == [("activation-last", "squeezed")]
    assert warned(squeezed, "cross_entropy + 0.5 mse") == [("activation-last", "squeezed")]
    assert warned(squeezed, "mse") == []
    assert warned(squeezed.set("aux", loss="mse"), "cross_entropy") == []
    assert warned(squeezed.set("aux", loss="cross_entropy"), "mse") == [("activation-last", "squeezed")]


def test_of_a_sum_only_cross_entropy_is_said_to_be_bounded():
    graph = Graph.chain(Input(), Flatten(), Dense(10), Sigmoid())
    (alone,) = training_problems(analyze(graph), "cross_entropy")
    (mixed,) = training_problems(analyze(graph), "cross_entropy + 0.5 mse")
    (counted,) = training_problems(analyze(marked(graph, "sigmoid_1", "out", weight=0.3)), "cross_entropy")
    assert "the loss cannot fall below" in alone.message
    assert "cross-entropy cannot fall below" in mixed.message == counted.message


def test_a_softmax_before_an_output_block_closes_that_output():
    graph = marked(Graph.chain(Input(), Flatten(), Dense(10), Softmax()), "softmax_1", "scores")
    (problem,) = training_problems(analyze(graph), "cross_entropy")
    assert (problem.code, problem.severity) == ("double-softmax", "information")


# ---- where a network goes on -----------------------------------------------------------------------------------------


def test_what_is_added_behind_an_output_goes_before_it():
    graph = marked(Graph.chain(Input(), Flatten(), Dense(10)), "dense_1", "scores")
    for after in (None, graph["scores"].id):
        longer, _ = append_chain(graph, (ReLU(), Dense(5)), after)
        assert [longer.nodes[key].name for key in longer.order[2:]] == ["dense_1", "relu_1", "dense_2", "scores"]
        assert errors(longer) == []


def test_what_is_added_at_the_end_goes_behind_the_one_without_a_mark():
    graph = marked(forked(before=2), "side", "aux")
    longer, (key,) = append_chain(graph, (Softmax(),))
    assert longer.inputs(key) == (graph["main"].id,)
    assert outputs(longer) == ["softmax_1", "aux"]
