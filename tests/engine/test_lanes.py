"""A batch divided between threads gives what the whole one gives, up to rounding, and the same bits every time."""

import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from netbuilder.analysis import analyze
from netbuilder.engine import compile, crew, lanes, member, passes, program
from netbuilder.engine.buffers import Gradients
from netbuilder.engine.steps import quickest, steps_of
from netbuilder.graph import Graph
from netbuilder.layers import Add, BatchNorm, Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D, ReLU, Tanh
from tests.engine.designs import random_design, with_everything_random
from tests.engine.lanes_in_threads import divide, start


@pytest.fixture(autouse=True)
def always_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    divide(monkeypatch)


def batch(graph: Graph, count: int) -> tuple[Any, Any]:
    draw = np.random.default_rng(1)
    compiled = compile(graph)
    return draw.normal(size=(count, *compiled.input_shape.array)), draw.integers(0, compiled.output_shape.size, count)


def computed(graph: Graph, threads: int, count: int, seed: int = 3) -> tuple[float, dict[str, Any]]:
    compiled = compile(graph, "float64", threads)
    return compiled.loss_and_gradients(compiled.init(), *batch(graph, count), training=True, seed=seed)


@pytest.mark.parametrize("threads", [2, 3, 7])
@pytest.mark.parametrize("count", [7, 3, 1])
def test_losses_and_gradients_are_those_of_the_whole_batch(threads: int, count: int):
    """Batch statistics and dropout included: nobody can tell how the batch was divided."""
    for graph in (with_everything_random(), *map(random_design, range(12))):
        loss, gradients = computed(graph, 1, count)
        divided, found = computed(graph, threads, count)
        assert divided == pytest.approx(loss, rel=1e-12)
        for key, gradient in gradients.items():
            np.testing.assert_allclose(found[key], gradient, rtol=1e-9, atol=1e-11, err_msg=key)


def test_statistics_of_a_part_alone_would_be_noticed(monkeypatch: pytest.MonkeyPatch):
    graph = Graph.chain(Input(features=3), Dense(units=4), BatchNorm(), Tanh(), Dense(units=3))
    whole = computed(graph, 1, 6)[0]
    monkeypatch.setattr(lanes.StepBuffers, "gather", lambda self, values: (values,))
    assert abs(computed(graph, 2, 6)[0] - whole) > 1e-3


def test_a_layer_cannot_say_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch):
    graph = Graph.chain(Input(features=3), Dense(units=4), BatchNorm(), Tanh(), Dense(units=3))
    monkeypatch.setattr(member, "longest_message", lambda numbers: 8 * numbers // 2)
    with pytest.raises(ValueError, match="more to say to the other lanes than 64 bytes"):
        computed(graph, 2, 6)


def test_the_running_statistics_are_those_of_the_whole_batch():
    graph = Graph.chain(Input(features=3), BatchNorm(), Dense(units=2))
    found: list[dict[str, Any]] = []
    for threads in (1, 3):
        compiled = compile(graph, "float64", threads)
        bound = compiled.bind(compiled.init())
        found.append(compiled.step(bound, *batch(graph, 8), "cross_entropy").remembered)
    for key, value in found[0].items():
        np.testing.assert_allclose(found[1][key], value, rtol=1e-12)


def test_the_same_threads_give_the_same_bits():
    first, second = (computed(with_everything_random(), 3, 10) for _ in range(2))
    assert first[0] == second[0]
    assert all(np.array_equal(first[1][key], second[1][key]) for key in first[1])


def test_outputs_are_put_together_in_order():
    graph = random_design(5)
    one, three = compile(graph, "float64", 1), compile(graph, "float64", 3)
    weights, (x, _) = one.init(), batch(graph, 8)
    np.testing.assert_allclose(three.predict(weights, x), one.predict(weights, x), rtol=1e-12)
    expected, found = one.activations(weights, x), three.activations(weights, x)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12)


def test_a_smaller_batch_takes_fewer_lanes():
    graph = Graph.chain(Input(features=3), BatchNorm(), Dense(units=2))
    compiled, single = compile(graph, "float64", 5), compile(graph, "float64", 1)
    weights, (x, labels) = compiled.init(), batch(graph, 9)
    for count in (9, 3, 2, 1, 9):
        found = compiled.loss_and_gradients(weights, x[:count], labels[:count], training=True)[0]
        expected = single.loss_and_gradients(weights, x[:count], labels[:count], training=True)[0]
        assert found == pytest.approx(expected, rel=1e-12)


def test_a_lane_that_fails_is_heard_of_and_the_next_pass_succeeds(monkeypatch: pytest.MonkeyPatch):
    graph = Graph.chain(Input(features=3), BatchNorm(), Dense(units=2))
    compiled = compile(graph, "float64", 3)
    weights, (x, labels) = compiled.init(), batch(graph, 6)
    expected = compiled.loss_and_gradients(weights, x, labels, training=True)[0]
    right = BatchNorm.forward

    def failing(self: BatchNorm, run: Any, own: Any, *inputs: Any) -> Any:
        if inputs[0][0, 0] == x[-2, 0]:
            raise MemoryError("no room")
        return right(self, run, own, *inputs)

    with monkeypatch.context() as patched:
        patched.setattr(BatchNorm, "forward", failing)
        with pytest.raises(MemoryError, match="no room"):
            compiled.loss_and_gradients(weights, x, labels, training=True)
    assert compiled.loss_and_gradients(weights, x, labels, training=True)[0] == expected


def test_unless_asked_for_lanes_start_only_where_there_is_a_lot_to_compute(monkeypatch: pytest.MonkeyPatch):
    """A prediction is over before a process has loaded."""
    started: list[str] = []
    monkeypatch.setattr(crew, "start", lambda *words: started.append(words[2]) or start(*words))
    monkeypatch.setattr(program, "default_threads", lambda macs: 2)
    graph = random_design(5)
    automatic, asked = compile(graph, "float64"), compile(graph, "float64", 2)
    weights, (x, labels) = automatic.init(), batch(graph, 8)
    first = automatic.predict(weights, x)
    assert not started
    with monkeypatch.context() as patched:
        patched.setattr(passes, "WORTH_STARTING", 8 * automatic.report.totals.macs)
        automatic.predict(weights, x[:7])
        assert not started
        automatic.predict(weights, x)
        assert len(started) == 1
    assert np.array_equal(automatic.predict(weights, x), first), "in one lane again"
    loss = asked.loss_and_gradients(weights, x, labels)[0]
    assert len(started) == 2
    automatic.start_lanes(8)
    assert automatic.loss_and_gradients(weights, x, labels)[0] == loss
    assert pickle.loads(pickle.dumps(automatic)).lanes(8) == 2  # noqa: S301


def test_light_batches_stay_in_one_lane(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passes, "WORTH_LANES", 1000)
    compiled = compile(Graph.chain(Input(features=10), Dense(units=10)), threads=2)
    assert [compiled.lanes(count) for count in (1, 9, 10)] == [1, 1, 2]
    assert [compiled.bytes_beside(count) > 0 for count in (9, 10)] == [False, True]


# ---- what is not computed ------------------------------------------------------------------------------------------


def test_a_relu_changes_places_with_the_pooling_that_alone_reads_it():
    graph = Graph.chain(
        Input(height=8, width=8, channels=1), Conv2D(2, 3), ReLU(), MaxPool2D(2), ReLU(), MaxPool2D(3), Flatten()
    )
    steps = steps_of(analyze(graph))
    kinds = [type(step.layer).__name__ for step in quickest(steps)]
    assert kinds == ["Input", "Conv2D", "MaxPool2D", "ReLU", "MaxPool2D", "ReLU", "Flatten"]
    assert [step.name for step in quickest(steps)] == [step.name for step in steps]


def test_a_relu_that_others_read_stays_where_it_is():
    graph, _ = Graph().add(Input(height=4, width=4, channels=1), "x")
    graph, _ = graph.add(ReLU(), "relu")
    graph, _ = graph.add(MaxPool2D(1), "pool")
    graph, _ = graph.add(Add(), "sum")
    graph = graph.connect("x", "relu").connect("relu", "pool").connect("relu", "sum", 0).connect("pool", "sum", 1)
    steps = steps_of(analyze(graph))
    assert quickest(steps) == steps


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_changing_places_changes_no_number(padding: Any, monkeypatch: pytest.MonkeyPatch):
    """Ties included: the map's numbers are few, and most windows hold several of the largest, or none above 0."""
    graph = Graph.chain(
        Input(height=7, width=7, channels=2), Conv2D(3, 1), ReLU(), MaxPool2D(2, padding=padding), Flatten(), Dense(3)
    )
    x, labels = np.random.default_rng(0).integers(-1, 2, (6, 2, 7, 7)).astype(float), np.arange(6) % 3
    swapped = compile(graph, "float64")
    weights = {key: array.round(1) for key, array in swapped.init().items()}
    quick = swapped.loss_and_gradients(weights, x, labels)
    monkeypatch.setattr(program, "quickest", lambda steps: steps)
    plain = compile(graph, "float64").loss_and_gradients(weights, x, labels)
    assert quick[0] == plain[0]
    for key, gradient in plain[1].items():
        np.testing.assert_allclose(quick[1][key], gradient, rtol=1e-12, atol=1e-15)


def test_gradients_that_are_done_with_make_room_for_others():
    pool = Gradients()
    first = pool.take((4, 5), np.dtype(float))
    second = pool.take((2, 5), np.dtype(float))
    assert not np.shares_memory(first, second)
    pool.keep([second[:, 1:].T])
    third = pool.take((5, 4), np.dtype(float))
    assert np.shares_memory(first, third)
    assert not np.shares_memory(second, third)
    assert pool.bytes == first.nbytes + second.nbytes


def passed_back(pool: Gradients, sizes: Sequence[int]) -> int:
    """A chain's pass back, where each gradient is pending until the next one is there."""
    pool.begin()
    for size in sizes:
        pool.keep([pool.take((size,), np.dtype(float))])
    return pool.bytes


@pytest.mark.parametrize("sizes", [(2, 2, 2, 2, 4), (1, 5, 2, 3, 4, 1), (7, 1, 7), (3,)])
def test_passes_back_hold_no_more_the_second_time_than_the_first(sizes: Sequence[int]):
    pool = Gradients()
    passed_back(pool, [1] * len(sizes))
    first = passed_back(pool, sizes)
    assert [passed_back(pool, sizes) for _ in range(4)] == [first] * 4
    assert first <= 8 * sum(sorted(sizes)[-2:])


def test_gradients_laid_where_there_is_room_would_take_more_and_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Gradients, "_as_before", lambda *_: None)
    pool = Gradients()
    assert passed_back(pool, (2, 2, 2, 2, 4)) < passed_back(pool, (2, 2, 2, 2, 4))


def test_a_deep_chain_needs_two_gradients_however_long_it_is():
    held: list[int] = []
    for depth in (4, 12):
        graph = Graph.chain(Input(features=50), Dense(50), *[Tanh()] * depth, Dense(3))
        compiled = compile(graph, "float64")
        compiled.loss_and_gradients(compiled.init(), *batch(graph, 40))
        held.append(compiled._passes._lane._shared.gradients.bytes)
    assert held[0] == held[1] <= 3 * 40 * 50 * 8


def test_noise_depends_on_the_example_alone():
    graph = Graph.chain(Input(height=3, width=3, channels=1), Dropout(0.5), Flatten(), Dense(2))
    one, two = computed(graph, 1, 5), computed(graph, 2, 5)
    np.testing.assert_allclose(one[1]["dense_1.weight"], two[1]["dense_1.weight"], rtol=1e-12)


@pytest.mark.parametrize("layer", [ReLU(), Add()])
def test_an_output_takes_its_input_s_place_only_where_nobody_reads_that_again(layer: Any):
    graph, _ = Graph().add(Input(features=4), "x")
    graph, _ = graph.add(Dense(4), "dense")
    graph, _ = graph.add(Tanh(), "tanh")
    graph, _ = graph.add(layer, "y")
    graph, _ = graph.add(Dense(3), "end")
    graph = graph.connect("x", "dense").connect("x", "tanh").connect("dense", "y", 0).connect("y", "end")
    if type(layer) is Add:
        graph = graph.connect("tanh", "y", 1)
    assert [step.may_overwrite for step in quickest(steps_of(analyze(graph))) if step.name == "y"] == [True]
    twice, _ = graph.add(Add(), "twice")
    twice = twice.connect("dense", "twice", 0).connect("tanh", "twice", 1)
    assert not any(step.may_overwrite for step in quickest(steps_of(analyze(twice))) if step.name == "y")
    if type(layer) is Add:
        again = graph.connect("dense", "y", 2)
        assert not any(step.may_overwrite for step in quickest(steps_of(analyze(again))))
