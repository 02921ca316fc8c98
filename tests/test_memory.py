"""What memory is said to be needed is what running and training really take, array by array."""

import gc
import tracemalloc
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from netbuilder.analysis import analyze, footprint
from netbuilder.analysis.footprint import Place
from netbuilder.analysis.memory import Memory, memory, weight_copies
from netbuilder.engine import SGD, Adam, Job, Started, compile, train
from netbuilder.engine.buffers import Arena, Gradients, Shared, StepBuffers
from netbuilder.engine.job import prepare
from netbuilder.engine.memory import training_bytes
from netbuilder.engine.optimizers import Optimizer
from netbuilder.engine.program import Program
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import batch_first
from netbuilder.layers import (
    PALETTE,
    Add,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    MaxPool2D,
    ReLU,
    Working,
)
from tests.layers.arithmetic import evaluate
from tests.layers.rows import Case, cases


def kept(case: Case, dtype: str) -> tuple[int, int]:
    """Bytes of the buffers that one pass forward and back really asks for, less the gradients of weights: those that
    last, and those that the next layer works in, too."""
    layer, rng = case.layer, np.random.default_rng(0)
    facts = layer.infer(*case.shapes)
    weights = {name: rng.random(w.shape).astype(dtype) for name, w in facts.weights.items()}
    inputs = [batch_first(rng.random((*shape.array, case.batch)).astype(dtype)) for shape in case.shapes]
    shared = Shared(Arena(), Gradients())
    run = StepBuffers("layer", np.dtype(dtype), True, shared)
    run.begin(True, (0, 0))
    y, pullback = layer.forward(run, weights, *inputs)
    pullback(batch_first(rng.random((*y.shape[1:], case.batch)).astype(dtype)))
    matrices = sum(weights[name].nbytes for name, w in facts.weights.items() if w.start == "scaled")
    return run.bytes + shared.gradients.bytes - matrices, shared.temporary.bytes


def counted(case: Case, width: int) -> tuple[int, int]:
    """Bytes the analysis counts for it."""
    place = Place(case.shapes, case.layer.infer(*case.shapes), case.batch, case.batch, width, True)
    need = footprint.footprint(case.layer, place)
    each = need.forward.result + need.training.result + need.backward.result
    return case.batch * each, need.unfolded.result + need.folded.result


@pytest.mark.parametrize("cls", [cls for cls in PALETTE if cls is not Input])
@pytest.mark.parametrize(("dtype", "width"), [("float32", 4), ("float64", 8)])
def test_every_layer_keeps_exactly_what_is_counted(cls: type[Layer], dtype: str, width: int):
    for case in cases(cls, 25):
        (lasting, work), (found, worked_in) = counted(case, width), kept(case, dtype)
        assert lasting == found, case
        assert worked_in <= work <= 3 * worked_in + 4096, case


def test_a_forgotten_array_is_caught(monkeypatch: pytest.MonkeyPatch):
    """Negative control: without the slope's mask ReLU no longer agrees."""
    monkeypatch.setattr(footprint, "_ARRAYS", {ReLU: ("output", "", "gradient", "", "")})
    assert any(counted(case, 4) != kept(case, "float32") for case in cases(ReLU, 5))


def stepped(program: Program, batch: int) -> int:
    """Bytes of all buffers after a training step."""
    x = np.zeros((batch, *program.input_shape.array), program.dtype)
    program.step(program.bind(program.init()), x, np.zeros(batch, np.int64), "cross_entropy")
    return program.buffer_bytes


@pytest.mark.parametrize(
    ("name", "batch"),
    [("digits-cnn", 1), ("digits-cnn", 200), ("mlp", 64), ("lenet-5", 32), ("beginners-chain", 4), ("resnet-20", 3)],
)
def test_a_network_keeps_what_is_counted_for_its_layers(name: str, batch: int):
    program = compile(example(name))
    found = memory(program.report, batch)
    gradients = 4 * sum(weight.size for weight in program.weights.values() if weight.trainable)
    images = 4 * batch * program.input_shape.size
    buffers = found.activations + found.gradients + found.columns + gradients - images
    assert buffers == pytest.approx(stepped(program, batch), rel=0.15)


@pytest.mark.parametrize(
    ("batch", "optimizer"),
    [(32, SGD(0.1)), (256, Adam()), (600, SGD(0.1, momentum=0.9))],
    ids=["sgd", "adam", "momentum"],
)
def test_training_takes_what_was_counted_before(batch: int, optimizer: Optimizer, monkeypatch: pytest.MonkeyPatch):
    job = Job(example("digits-cnn"), "digits", 1, batch, optimizer)
    ready = prepare(job)
    room = import_module("netbuilder.engine.train")
    monkeypatch.setattr(room, "prepare", lambda _job: ready)  # the data's own memory is not meant
    gc.collect()
    tracemalloc.start()
    try:
        events = list(train(job))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(events[0], Started)
    found = memory(ready.program.report, batch, len(optimizer.slots), evaluated=ready.program.chunk)
    assert found.training == pytest.approx(peak, rel=0.25)


def test_running_takes_the_pass_forward_and_the_weights_once():
    program = compile(example("lenet-5"))
    weights, x = program.init(), np.zeros((100, 1, 28, 28), np.float32)
    program.forward(program.bind(weights), x)
    taken = program.buffer_bytes + x.nbytes + sum(array.nbytes for array in weights.values())
    assert memory(program.report, 100).forward == taken


def test_counting_vgg_allocates_nothing():
    report = analyze(example("vgg-16"))
    tracemalloc.start()
    found = memory(report, 32, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.training > 8e9
    assert peak < 1e6


def workings(found: Memory) -> list[Working]:
    each = found.layers.values()
    return [w for m in each for w in (m.forward, m.activations, m.gradients, m.columns, m.weights, m.training)]


def test_every_working_gives_its_result():
    for name in ("lenet-5", "resnet-20"):
        found = memory(analyze(example(name)), 32, 2, evaluated=64)
        assert len(workings(found)) > 50
        for working in workings(found):
            assert evaluate(working.substituted) == working.result


def test_a_working_reads_like_arithmetic():
    graph = Graph.chain(Input(), Conv2D(6, 5), ReLU(), Flatten(), Dense(10))
    relu = memory(analyze(graph), 64).layers[3]
    assert relu.activations.result == 0, "it takes its input's place"
    convolution = memory(analyze(graph), 64).layers[2]
    assert convolution.activations.text == "64 · (6 · 24 · 24 · 4 + 1 · 28 · 28 · 4) = 1085440"
    assert relu.gradients.text == "64 · 6 · 24 · 24 · 4 = 884736"
    assert relu.columns.text == "64 · 6 · 24 · 24 · 1 = 221184"
    assert relu.weights.result == 0
    assert weight_copies(2).text == "1 + 2 + 2 + 2 · (1 + 2) + 1 = 12"


def test_what_learns_nothing_needs_no_pass_back():
    graph = Graph.chain(Input(), MaxPool2D(2), ReLU(), Conv2D(4), GlobalAveragePool2D(), Dense(3))
    found = memory(analyze(graph), 8)
    assert [found.layers[key].gradients.result > 0 for key in range(1, 7)] == [False, False, False, False, True, True]


def test_gradients_of_branches_are_summed_in_one_more_array():
    chain = Graph.chain(Input(), Conv2D(4), ReLU(), Add())
    branched = analyze(chain.connect(2, 4, 1))
    plain = analyze(Graph.chain(Input(), Conv2D(4), ReLU()))
    assert memory(branched, 8).gradients - memory(plain, 8).gradients == 8 * 4 * 26 * 26 * 4


def test_memory_grows_with_batch_slots_and_validation():
    report = analyze(Graph.chain(Input(), Conv2D(4), BatchNorm(), Dropout(), Flatten(), Dense(10)))
    small = memory(report, 8)
    assert memory(report, 16).gradients == 2 * small.gradients
    assert memory(report, 8, 2).weights == 2 * small.weights
    assert memory(report, 8, evaluated=4) == small
    assert memory(report, 8, evaluated=256).activations > 4 * small.activations
    assert memory(report, 8, width=8).training == pytest.approx(2 * small.training, rel=0.1)


def test_behind_a_break_nothing_is_counted():
    graph = Graph.chain(Input(), Conv2D(4), Dense(10), ReLU())
    found = memory(analyze(graph), 8)
    assert set(found.layers) == {1, 2}
    whole = replace(graph, edges=frozenset())
    assert set(memory(analyze(whole), 8).layers) == {1}


def test_every_lane_has_its_own_to_work_in():
    one, three = (compile(example("lenet-5"), threads=threads) for threads in (1, 3))
    needs = [training_bytes(program, SGD(0.1), 600) for program in (one, three)]
    held = [stepped(program, 600) for program in (one, three)]
    assert held[1] > 1.05 * held[0]
    assert needs[1] - needs[0] == pytest.approx(held[1] - held[0], rel=0.5)
