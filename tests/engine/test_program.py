"""A program runs any valid design, says what does not suit it, and never touches what it is given."""

import os
import pickle
from typing import Any

import numpy as np
import pytest

from netbuilder.engine import InvalidDesign, LossError, Misuse, compile, default_threads
from netbuilder.graph import Graph
from netbuilder.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    ReLU,
    SeparableConv2D,
    Sigmoid,
    Softmax,
)
from tests.engine.designs import lenet_like, random_design, with_everything_random


def some(count: int, *shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((count, *shape)).astype(np.float32)


def test_an_invalid_design_is_refused_with_every_error():
    graph = Graph.chain(Input(height=8, width=8, channels=1), Dense(units=3))
    graph, _ = graph.add(ReLU(), "lonely")
    with pytest.raises(InvalidDesign) as refusal:
        compile(graph)
    assert len(refusal.value.problems) == 2
    assert "8·8·1 = 64 numbers" in str(refusal.value)
    assert "“lonely” needs 1 input" in str(refusal.value)


def test_a_program_tells_its_steps_shapes_and_weights():
    program = compile(lenet_like())
    assert [step.name for step in program.steps][:3] == ["input_1", "conv2d_1", "relu_1"]
    assert program.input_shape.array == (1, 8, 8)
    assert (program.output, program.output_shape.array) == ("dense_2", (10,))
    assert program.weights["conv2d_2.weight"].shape == (32, 16, 3, 3)
    assert sum(w.size for w in program.weights.values()) == program.report.totals.parameters


def test_initial_weights_follow_from_seed_and_name_alone():
    before = compile(lenet_like()).init(3)
    graph = lenet_like()
    wire = graph.incoming("dense_2")[0]
    longer, _ = graph.insert(wire, Dense(units=64), "extra")
    after = compile(longer).init(3)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    assert not np.array_equal(before["dense_1.weight"], compile(graph).init(4)["dense_1.weight"])


@pytest.mark.parametrize(("scheme", "variance"), [("he", 2 / 400), ("glorot", 2 / 1000)])
def test_initial_weights_have_the_variance_of_their_scheme(scheme: Any, variance: float):
    weights = compile(Graph.chain(Input(features=400), Dense(units=600), BatchNorm())).init(0, scheme)
    assert weights["dense_1.weight"].var() == pytest.approx(variance, rel=0.02)
    assert abs(weights["dense_1.weight"].mean()) < 1e-3
    assert not weights["dense_1.bias"].any()
    assert (weights["batchnorm_1.running_var"] == 1).all()


def test_predictions_do_not_depend_on_how_the_batch_is_cut():
    program = compile(lenet_like(), "float64")
    weights, x = program.init(), some(2 * program.chunk + 7, 1, 8, 8)
    whole = program.predict(weights, x)
    assert whole.shape == (len(x), 10)
    for start in range(0, len(x), 100):
        np.testing.assert_allclose(program.predict(weights, x[start : start + 100]), whole[start : start + 100], 1e-12)
    assert program.predict(weights, x[:0]).shape == (0, 10)


def test_predictions_are_fresh_arrays():
    program = compile(lenet_like())
    weights = program.init()
    first = program.predict(weights, some(2, 1, 8, 8))
    kept = first.copy()
    program.predict(weights, some(2, 1, 8, 8, seed=1))
    assert np.array_equal(first, kept)


def test_gradients_are_fresh_arrays():
    program = compile(lenet_like())
    weights, labels = program.init(), np.array([1, 2])
    _, first = program.loss_and_gradients(weights, some(2, 1, 8, 8), labels)
    kept = {key: array.copy() for key, array in first.items()}
    program.loss_and_gradients(weights, some(2, 1, 8, 8, seed=1), labels)
    assert all(np.array_equal(first[key], kept[key]) for key in kept)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_computed_in_the_chosen_precision(dtype: str):
    program = compile(with_everything_random(), dtype)
    weights, x = program.init(), some(3, 1, 8, 8)
    loss, gradients = program.loss_and_gradients(weights, x, np.array([1, 2, 3]), training=True, seed=1)
    arrays = [*weights.values(), *gradients.values(), *program.activations(weights, x).values()]
    assert {array.dtype.name for array in arrays} == {dtype}
    assert program.predict(weights, x).dtype == dtype
    assert np.isfinite(loss)


def test_both_precisions_agree():
    double, single = compile(random_design(3), "float64"), compile(random_design(3))
    weights, x, labels = double.init(), some(4, 2, 5, 5), np.array([0, 1, 2, 0])
    exact = double.loss_and_gradients(weights, x, labels, training=True, seed=5)
    rounded = single.loss_and_gradients(weights, x, labels, training=True, seed=5)
    assert rounded[0] == pytest.approx(exact[0], rel=1e-5)
    for key, gradient in exact[1].items():
        np.testing.assert_allclose(rounded[1][key], gradient, rtol=2e-3, atol=2e-5)


def test_activations_name_every_layer_and_end_in_the_prediction():
    program = compile(random_design(5))
    weights, x = program.init(), some(3, 2, 5, 5)
    found = program.activations(weights, x)
    assert list(found) == [step.name for step in program.steps]
    for step in program.steps:
        assert found[step.name].shape == (3, *step.facts.shape.array)
    assert np.array_equal(found[program.output], program.predict(weights, x))


def test_neither_weights_nor_inputs_are_written_to():
    program = compile(random_design(4))
    weights, x = program.init(), some(3, 2, 5, 5)
    given = [*weights.values(), x]
    kept = [array.copy() for array in given]
    for array in given:
        array.flags.writeable = False
    program.loss_and_gradients(weights, x, np.array([0, 1, 2]), training=True, seed=1)
    program.predict(weights, x)
    assert all(np.array_equal(array, old) for array, old in zip(given, kept, strict=True))


def test_batches_of_two_sizes_share_their_buffers():
    program = compile(lenet_like())
    weights = program.init()
    for count in (16, 5):
        program.loss_and_gradients(weights, some(count, 1, 8, 8), np.zeros(count, np.int64))
    held = program.buffer_bytes
    for count in (16, 5, 1, 16):
        program.loss_and_gradients(weights, some(count, 1, 8, 8), np.zeros(count, np.int64))
    assert program.buffer_bytes == held > 0


def test_a_pickled_program_leaves_its_buffers_behind_and_computes_the_same():
    program = compile(random_design(2), "float64", threads=1)
    weights, x = program.init(), some(3, 2, 5, 5)
    expected = program.predict(weights, x)
    copy = pickle.loads(pickle.dumps(program))  # noqa: S301 - our own
    assert copy.buffer_bytes == 0
    assert copy.threads == 1
    assert np.array_equal(copy.predict(weights, x), expected)


def test_dropout_and_statistics_apply_only_in_training():
    program = compile(Graph.chain(Input(features=50), BatchNorm(), Dropout(rate=0.5), Dense(units=2)), "float64")
    weights, x = program.init(), 3 + some(20, 50)
    labels = np.zeros(20, np.int64)

    def loss(training: bool, seed: int) -> float:
        return program.loss_and_gradients(weights, x, labels, training=training, seed=seed)[0]

    assert loss(False, 1) == loss(False, 2)
    assert loss(True, 1) == loss(True, 1)
    assert loss(True, 1) != loss(True, 2)
    assert loss(True, 1) != loss(False, 1)


def test_cross_entropy_sees_through_a_closing_softmax():
    bare = Graph.chain(Input(features=3), Dense(units=4))
    closed = Graph.chain(Input(features=3), Dense(units=4), Softmax())
    weights = {key: 400 * array for key, array in compile(bare).init().items()}
    x, labels = some(5, 3), np.array([0, 1, 2, 3, 0])
    one, two = (compile(graph).loss_and_gradients(weights, x, labels) for graph in (bare, closed))
    assert one[0] == two[0]
    assert np.isfinite(one[0])
    assert np.array_equal(one[1]["dense_1.weight"], two[1]["dense_1.weight"])
    np.testing.assert_allclose(compile(closed).predict(weights, x).sum(1), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda w: w.pop("dense_1.bias"), "The bias of “dense_1” is missing from these weights."),
        (lambda w: w.update({"fc.weight": w["dense_1.bias"]}), "These weights hold “fc.weight”, which is not in this"),
        (
            lambda w: w.update({"dense_1.weight": np.zeros((64, 1050))}),
            "“dense_1” was trained for 1,050 inputs, but now receives 128.",
        ),
        (
            lambda w: w.update({"conv2d_2.weight": np.zeros((32, 8, 3, 3))}),
            "“conv2d_2” was trained for 8 channels, but now receives 16.",
        ),
        (
            lambda w: w.update({"dense_1.bias": np.zeros(63)}),
            "The bias of “dense_1” was trained as 63, but is now 64.",
        ),
    ],
)
def test_weights_of_another_design_are_refused_with_the_numbers(change: Any, sentence: str):
    program = compile(lenet_like())
    weights = program.init()
    change(weights)
    with pytest.raises(Misuse) as refusal:
        program.predict(weights, some(1, 1, 8, 8))
    assert str(refusal.value).startswith(sentence)


def test_the_weights_of_both_steps_of_a_layer_are_named_by_the_layer():
    program = compile(Graph.chain(Input(), SeparableConv2D(4), Flatten(), Dense(3), names=["in", "sep", "flat", "fc"]))
    for key in ("sep.depthwise.weight", "sep.pointwise.bias"):
        weights = program.init()
        del weights[key]
        with pytest.raises(Misuse) as refusal:
            program.check(weights)
        step, kind = key.split(".")[1:]
        assert str(refusal.value) == f"The {step} {kind} of “sep” is missing from these weights."


@pytest.mark.parametrize("shape", [(8, 8), (2, 8, 8), (2, 8, 8, 1), (2, 1, 28, 28), (64,)])
def test_inputs_of_another_shape_are_refused_with_the_numbers(shape: tuple[int, ...]):
    program = compile(lenet_like())
    with pytest.raises(Misuse) as refusal:
        program.predict(program.init(), np.zeros(shape))
    assert "“input_1” takes 8×8×1 images, arrays of (N, 1, 8, 8); this one is (" in str(refusal.value)


def test_labels_beyond_the_classes_are_refused_with_the_numbers():
    program = compile(lenet_like())
    with pytest.raises(LossError, match="Label 10 of sample 1 is not one of the 10 classes 0 to 9"):
        program.loss_and_gradients(program.init(), some(2, 1, 8, 8), np.array([9, 10]))


def test_an_empty_batch_and_an_unknown_loss_are_refused():
    program = compile(lenet_like())
    with pytest.raises(Misuse, match="there is none in this batch"):
        program.loss_and_gradients(program.init(), some(0, 1, 8, 8), np.zeros(0, np.int64))
    with pytest.raises(Misuse, match="The loss must be cross_entropy, mse or a sum such as"):
        program.loss_and_gradients(program.init(), some(1, 1, 8, 8), np.array([0]), "hinge")  # pyright: ignore


def test_a_map_is_refused_as_output_of_a_loss():
    program = compile(Graph.chain(Input(height=4, width=4, channels=1), Conv2D(filters=3, kernel_size=2)))
    with pytest.raises(LossError, match="ends in a 3×3×3 block"):
        program.loss_and_gradients(program.init(), some(1, 1, 4, 4), np.array([0]))
    point = compile(Graph.chain(Input(height=4, width=4, channels=1), Conv2D(filters=3, kernel_size=4)))
    loss, gradients = point.loss_and_gradients(point.init(), some(1, 1, 4, 4), np.array([0]))
    assert np.isfinite(loss)
    assert gradients["conv2d_1.weight"].any()


def test_layers_whose_weights_would_share_a_name_are_refused():
    graph, _ = Graph().add(Input(height=4, width=4, channels=2), "input")
    graph, _ = graph.add(SeparableConv2D(filters=2, kernel_size=1), "a")
    graph, _ = graph.add(Conv2D(filters=2, kernel_size=1), "a.depthwise")
    graph = graph.connect("input", "a").connect("a", "a.depthwise")
    with pytest.raises(InvalidDesign, match="rename one of them"):
        compile(graph)


def test_the_first_layer_that_is_not_finite_is_named():
    graph = Graph.chain(
        Input(features=3), Dense(units=3), Sigmoid(), Dense(units=3), names=["x", "one", "squash", "two"]
    )
    program = compile(graph)
    x, weights = some(2, 3), program.init()
    assert program.not_finite(program.bind(weights), x) is None
    weights["two.bias"][1] = np.nan
    assert program.not_finite(program.bind(weights), x) == "two"
    weights["one.weight"][0, 0] = np.inf
    assert program.not_finite(program.bind(weights), x) == "one"


def test_threads_and_precision_are_checked():
    with pytest.raises(ValueError, match="at least one thread"):
        compile(lenet_like(), threads=0)
    with pytest.raises(ValueError, match="not in float16"):
        compile(lenet_like(), "float16")


def test_flattening_an_input_needs_no_weights():
    program = compile(Graph.chain(Input(height=2, width=2, channels=1), Flatten()))
    assert program.loss_and_gradients({}, some(2, 1, 2, 2), np.array([0, 3]))[1] == {}


def test_only_heavy_networks_are_shared_between_threads():
    assert compile(lenet_like()).threads == 1
    assert default_threads(1_000_000_000) >= 1
    assert default_threads(1_000_000_000) <= (os.cpu_count() or 1)
    heavy = Graph.chain(
        Input(height=96, width=96, channels=64), Conv2D(filters=64, kernel_size=3), Flatten(), Dense(units=2)
    )
    assert compile(heavy).threads == default_threads(1_000_000_000)
    assert compile(heavy, threads=1).threads == 1
