"""Networks with several outputs: losses are summed by weight, gradients are of all, predictions of the main one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netbuilder.analysis import analyze
from netbuilder.engine import (
    SGD,
    EpochEnd,
    Finished,
    Health,
    Job,
    JobError,
    Outcome,
    RateFound,
    Tally,
    compile,
    evaluate,
    find_rate,
    prepare,
    train,
)
from netbuilder.engine.heads import Head, judge
from netbuilder.engine.lanes import Lane
from netbuilder.engine.learning import learn
from netbuilder.engine.memory import held_bytes, training_bytes
from netbuilder.engine.objective import Objective
from netbuilder.engine.state import State
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.layers import (
    BatchNorm,
    Dense,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    Input,
    Output,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from tests.engine.designs import random_design, with_several_outputs
from tests.engine.lanes_in_threads import divide
from tests.engine.slopes import largest_error

SEEDS = range(16)


def branched(seed: int) -> Graph:
    """A tangled smooth network with one or two further outputs anywhere, of any weight and loss, some of a softmax."""
    draw, graph = np.random.default_rng(seed), random_design(seed)
    keys = list(graph.nodes)
    for number in range(int(draw.integers(1, 3))):
        end = int(draw.choice(keys))
        shape = analyze(graph).layers[end].shape
        layers = [GlobalAveragePool2D()] if isinstance(shape, ImageShape) else [Tanh()]
        layers += [BatchNorm()] if draw.random() < 0.5 else [Sigmoid()]
        layers += [Dense(3), *([Softmax()] if draw.random() < 0.4 else [])]
        loss = str(draw.choice(["as_chosen", "as_chosen", "cross_entropy", "mse"]))
        for layer in (*layers, Output(float(draw.choice([0.3, 1, 2.5])), loss)):
            graph, node = graph.add(layer, f"further{number}_{type(layer).__name__}")
            graph, end = graph.connect(end, node.id), node.id
    main = analyze(graph).problems[0].node if not analyze(graph).valid else None
    if main is not None:  # a branch became the deepest: then the old end is meant as well
        graph, node = graph.add(Output(0.7), "old")
        graph = graph.connect(main, node.id)
    return graph


def batch(count: int = 6, seed: int = 0) -> tuple[Array, Array]:
    draw = np.random.default_rng(seed)
    return draw.normal(size=(count, 1, 8, 8)), draw.integers(0, 10, count)


# ---- losses and gradients --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_of_several_outputs_agree_with_central_differences(seed: int):
    loss = ("cross_entropy", "mse", "cross_entropy + 0.5 mse")[seed % 3]
    assert largest_error(branched(seed), seed, loss, training=seed % 4 > 0) <= 1e-6


def test_the_networks_have_outputs_of_every_kind():
    graphs = [branched(seed) for seed in SEEDS]
    heads = [head for graph in graphs for head in compile(graph).heads]
    assert max(len(compile(graph).heads) for graph in graphs) >= 3
    assert {head.loss for head in heads} == {None, "cross_entropy", "mse"}
    assert {head.softmax for head in heads} == {True, False}
    assert any(
        isinstance(node.layer, BatchNorm) and "further" in node.name for g in graphs for node in g.nodes.values()
    )


def test_a_second_output_whose_gradient_is_dropped_is_caught(monkeypatch: pytest.MonkeyPatch):
    back = Lane.backward
    monkeypatch.setattr(Lane, "backward", lambda lane, steps, read: back(lane, steps, dict([*read.items()][:1])))
    caught = 0
    for seed in SEEDS:
        try:
            caught += largest_error(branched(seed), seed) > 1e-3
        except AssertionError:  # weights that only the second one learns have no gradient at all
            caught += 1
    assert caught == len(SEEDS)


def test_a_gradient_that_takes_anothers_place_is_caught(monkeypatch: pytest.MonkeyPatch):
    def forgetful(self: Lane, into: dict[int, Any], summed: set[int], source: int, dx: Any) -> None:
        into.setdefault(source, dx)

    monkeypatch.setattr(Lane, "_collect", forgetful)
    assert max(largest_error(branched(seed), seed) for seed in range(4)) > 1e-3


@pytest.mark.parametrize("marked", [False, True], ids=["", "main output marked"])
def test_the_loss_is_the_weighted_sum_and_gradients_are_of_the_sum(marked: bool):
    graph = with_several_outputs(marked=marked)
    alone = graph.remove("aux", heal=False).remove("guess", heal=False).remove("norm", heal=False)
    alone = alone.remove("pool", heal=False)
    both, main = compile(graph, "float64"), compile(alone, "float64")
    side = compile(_side(graph), "float64")
    weights, (x, labels) = both.init(3), batch()

    def of(one: Any) -> tuple[float, dict[str, Array]]:
        return one.loss_and_gradients({key: weights[key] for key in one.weights}, x, labels)

    (loss, gradients), (first, own), (second, others) = of(both), of(main), of(side)
    assert loss == pytest.approx(first + 0.3 * second, rel=1e-12)
    assert set(gradients) == {key for key, weight in both.weights.items() if weight.trainable}
    for key, gradient in gradients.items():
        expected = own.get(key, 0) + 0.3 * others.get(key, np.zeros(1))
        np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-12, err_msg=key)


def test_a_weight_that_is_ignored_is_caught(monkeypatch: pytest.MonkeyPatch):
    """Negative control."""
    read = Head.readings
    monkeypatch.setattr(Head, "readings", lambda head, loss: read(replace(head, weight=1.0), loss))
    with pytest.raises(AssertionError):
        test_the_loss_is_the_weighted_sum_and_gradients_are_of_the_sum(marked=False)


def _side(graph: Graph) -> Graph:
    """The auxiliary classifier alone."""
    gone = [key for key in graph.nodes if key not in graph.upstream("guess")]
    return graph.remove(gone, heal=False)


def test_an_output_that_does_not_count_changes_nothing_but_is_there():
    graph = with_several_outputs(weight=0)
    program, (x, labels) = compile(graph, "float64"), batch()
    weights = program.init(3)
    loss, gradients = program.loss_and_gradients(weights, x, labels)
    main = compile(with_several_outputs(), "float64").heads[0]
    assert loss == judge(main.readings("cross_entropy"), lambda _: program.predict(weights, x), labels).loss
    assert not gradients["guess.weight"].any()
    assert list(program.predict_outputs(weights, x)) == ["dense_1", "aux"]


@pytest.mark.parametrize("threads", [2, 3])
def test_lanes_give_what_one_gives(threads: int, monkeypatch: pytest.MonkeyPatch):
    divide(monkeypatch)
    for graph in (with_several_outputs(marked=True), branched(1), branched(4)):
        found = []
        for count in (1, threads):
            compiled = compile(graph, "float64", count)
            x = np.random.default_rng(1).normal(size=(7, *compiled.input_shape.array))
            labels = np.random.default_rng(2).integers(0, compiled.output_shape.size, 7)
            loss = "cross_entropy + 0.5 mse"
            found.append(compiled.loss_and_gradients(compiled.init(), x, labels, loss, training=True, seed=3))
        (loss, gradients), (divided, others) = found
        assert divided == pytest.approx(loss, rel=1e-12)
        for key, gradient in gradients.items():
            np.testing.assert_allclose(others[key], gradient, rtol=1e-9, atol=1e-11, err_msg=key)


# ---- what is read ----------------------------------------------------------------------------------------------------


def test_predictions_are_the_main_outputs_and_all_can_be_asked_for_by_name():
    program = compile(with_several_outputs(marked=True))
    weights, (x, _) = program.init(), batch(300)
    found, layers = program.predict_outputs(weights, x), program.activations(weights, x)
    assert list(found) == ["scores", "aux"]
    assert (program.output, [head.weight for head in program.heads]) == ("scores", [1.0, 0.3])
    np.testing.assert_array_equal(program.predict(weights, x), found["scores"])
    np.testing.assert_allclose(found["aux"], layers["guess"], atol=1e-5)
    np.testing.assert_allclose(found["scores"], layers["dense_1"], atol=1e-5)


def test_the_main_output_need_not_be_the_last_layer():
    graph = with_several_outputs()
    assert graph.nodes[graph.order[-1]].name == "aux"
    assert compile(graph).output == "dense_1"


def test_class_weights_and_smoothing_reach_every_cross_entropy_and_no_squared_error():
    program, (x, labels) = compile(with_several_outputs(), "float64"), batch()
    weights = program.init(2)
    outputs, objective = program.predict_outputs(weights, x), Objective(0.2, tuple(range(1, 11)))
    step = program.step(program.bind(weights), x, labels, "2 cross_entropy + mse", False, measure=objective)
    squares = program.loss_and_gradients(weights, x, labels, "mse")[0]
    expected = 2 * objective(outputs["dense_1"], labels)[0] + 0.3 * 2 * objective(outputs["aux"], labels)[0] + squares
    assert step.loss == pytest.approx(expected, rel=1e-12)
    assert sum(step.shares.values()) == pytest.approx(step.loss, rel=1e-12)


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy + 2 mse"])
def test_batches_that_make_one_update_count_as_if_they_were_one(loss: str):
    """Cross-entropy by the weights of their classes, the squared error by their number."""
    graph = with_several_outputs().set("dropout_1", rate=0)
    for name in ("batchnorm_1", "norm"):
        graph = graph.remove(name)
    whole = Job(
        graph, "digits", 1, 60, SGD(1.0), loss, dtype="float64", class_weights=tuple(range(1, 11)), label_smoothing=0.1
    )
    moved: list[dict[str, Array]] = []
    for job in (whole, replace(whole, batch_size=25, accumulate=3)):
        ready = prepare(job)
        weights = ready.program.init(1)
        state = State(ready, {key: array.copy() for key, array in weights.items()})
        learned = learn(state, np.arange(60))
        moved.append({key: state.weights[key] - weights[key] for key in weights} | {"loss": np.array(learned.loss)})
    for key in moved[0]:
        np.testing.assert_allclose(moved[0][key], moved[1][key], rtol=1e-9, atol=1e-12, err_msg=key)


def test_batches_that_all_count_alike_are_caught(monkeypatch: pytest.MonkeyPatch):
    """Negative control."""
    monkeypatch.setattr(Objective, "among", lambda self, labels, whole: self)
    with pytest.raises(AssertionError):
        test_batches_that_make_one_update_count_as_if_they_were_one("cross_entropy")


# ---- training --------------------------------------------------------------------------------------------------------


def test_training_tells_the_whole_loss_and_each_outputs_share():
    events = list(train(Job(with_several_outputs(), "digits", epochs=3, loss="cross_entropy + 0.1 mse")))
    ends = [event for event in events if isinstance(event, EpochEnd)]
    for end in ends:
        for shares, loss in ((end.training_shares, end.training_loss), (end.validation_shares, end.validation_loss)):
            assert list(shares) == ["dense_1", "aux"]
            assert sum(shares.values()) == pytest.approx(loss, rel=1e-9)
            assert 0 < shares["aux"] < shares["dense_1"]
    assert ends[-1].training_shares["aux"] < ends[0].training_shares["aux"], "it learns, too"
    assert ends[0].to_dict()["validation_shares"] == ends[0].validation_shares
    plain = list(train(Job(with_several_outputs().remove(["aux", "guess", "norm", "pool"], heal=False), "digits", 1)))
    assert [event.training_shares for event in plain if isinstance(event, EpochEnd)] == [{}]


def test_accuracy_and_confusion_are_the_main_outputs():
    ready = prepare(Job(with_several_outputs(), "digits"))
    weights, part = ready.program.init(1), ready.dataset.test
    tally = evaluate(ready.program, weights, part)
    outputs = ready.program.predict_outputs(weights, part.batch(slice(None)))
    right = {name: float((each.argmax(1) == part.targets).mean()) for name, each in outputs.items()}
    assert tally.accuracy == pytest.approx(right["dense_1"])
    assert right["aux"] != right["dense_1"], "otherwise nothing is shown"


def test_the_best_epoch_is_the_main_outputs():
    """Without classes its own loss decides, whatever the others lose."""
    state = State(ready := prepare(Job(with_several_outputs(), "digits")), ready.program.init())

    def ended(main: float, aux: float) -> bool:
        tally = Tally(10, classes=False)
        tally.add(main + aux, np.zeros((1, 10)), np.zeros(1), {"dense_1": main, "aux": aux})
        return state.close_epoch(tally)[1]

    assert [ended(1.0, 1.0), ended(1.1, 0.1), ended(0.9, 5.0)] == [True, False, True]
    assert state.losses == pytest.approx((2.0, 1.2, 5.9)), "what schedules watch is the whole loss"
    assert state.best is not None
    assert (state.best.epoch, state.best.own) == (3, 0.9)
    assert state.best.loss == pytest.approx(5.9)


def test_memory_is_counted_as_it_is_held():
    """The estimate knows nothing of outputs but their layers, and that is enough."""
    for graph in (with_several_outputs(), with_several_outputs(marked=True)):
        job = Job(graph, "digits", 1, batch_size=400, optimizer=SGD(0.1))
        ready = prepare(job)
        *_, last = train(job)
        assert isinstance(last, Finished)
        assert last.memory_bytes == pytest.approx(training_bytes(ready.program, job.optimizer, 400), rel=0.2)
    assert held_bytes(ready.program, job.optimizer) >= 0


def test_health_and_rate_tests_see_every_branch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("netbuilder.engine.health.EVERY", 0.0)
    events = list(train(Job(with_several_outputs(), "digits", epochs=1)))
    looked = next(event for event in events if isinstance(event, Health))
    assert {"conv2d_1", "dense_1", "guess", "norm"} <= {layer.layer for layer in looked.layers}
    assert all(layer.gradient for layer in looked.layers if layer.layer in ("guess", "dense_1"))
    *_, found = find_rate(Job(with_several_outputs(), "digits", batch_size=16))
    assert isinstance(found, RateFound)
    assert found.suggestion


# ---- what is refused -------------------------------------------------------------------------------------------------


def refusal(job: Job) -> str:
    with pytest.raises(JobError) as refused:
        prepare(job)
    return str(refused.value)


def test_every_output_needs_as_many_numbers_as_there_are_classes():
    graph = with_several_outputs().set("guess", units=7)
    assert refusal(Job(graph, "digits")) == "The data has 10 classes, but “aux” has 7 outputs."


def test_every_output_has_to_be_a_flat_list():
    graph, _ = with_several_outputs().add(GlobalMaxPool2D(), "most")
    graph, _ = graph.add(Reshape(1, 5, 2), "map")
    graph, _ = graph.add(Output(), "other")
    graph = graph.set("conv2d_1", filters=10).connect("relu_1", "most").connect("most", "map").connect("map", "other")
    assert refusal(Job(graph, "digits")).startswith("“other” gives a 1×5×2 block, but training compares a flat list")


def test_something_has_to_count():
    graph = with_several_outputs(weight=0, marked=True).set("scores", weight=0)
    assert refusal(Job(graph, "digits")).startswith("Every output of this design has the weight 0")


def test_cross_entropy_of_one_output_needs_classes_too(tmp_path: Any):
    x = np.random.default_rng(0).normal(size=(50, 64)).astype(np.float32)
    np.savez(tmp_path / "values.npz", x=x, y=x[:, :10])
    flat = Graph.chain(Input(features=64), Dense(10))
    for layer, name, source in ((Dense(10), "guess", "input_1"), (Output(loss="cross_entropy"), "aux", "guess")):
        flat, _ = flat.add(layer, name)
        flat = flat.connect(source, name)
    sentence = refusal(Job(flat, tmp_path / "values.npz"))
    assert sentence.endswith("are values; choose mse for “aux”.")
    wish = refusal(Job(flat.set("aux", loss="mse"), "digits", loss="mse", label_smoothing=0.1))
    assert "label smoothing would change cross-entropy" in wish


def test_an_outcome_of_one_output_has_no_shares():
    program, (x, labels) = compile(_side(with_several_outputs())), batch()
    outcome: Outcome = program.step(program.bind(program.init()), x.astype(np.float32), labels, "cross_entropy + mse")
    assert outcome.shares == {}
