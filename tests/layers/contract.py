"""What every layer promises, as checks that raise AssertionError; negative controls run the very same checks."""

import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from netbuilder.interop.backends import REPAIRED
from netbuilder.interop.emitter import Emitter
from netbuilder.kernels.scratch import Array
from netbuilder.layers import Facts, Layer
from netbuilder.layers.base import Pullback, Window
from tests.layers.arithmetic import evaluate, skeleton
from tests.layers.rows import Case


class Run:
    """One pass of one layer that trusts nothing: a buffer is filled with junk whenever it is asked for."""

    def __init__(self, training: bool = False, seed: int = 0):
        self.training, self.needs_input_gradient, self.may_overwrite = training, True, False
        self.random = np.random.default_rng(seed)
        self.remembered: dict[str, Array] = {}
        self.buffers: dict[Any, Array] = {}

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        key, size = (role, np.dtype(dtype)), int(np.prod(shape))
        if key not in self.buffers or len(self.buffers[key]) < size:
            self.buffers[key] = np.empty(size, dtype)
        memory = self.buffers[key]
        memory.fill(np.nan if memory.dtype.kind == "f" else 1)
        return memory[:size].reshape(shape)

    gradient = temporary = array

    def uniform(self, role: str, shape: tuple[int, ...]) -> Array:
        return self.random.random(shape, np.float32)

    def gather(self, values: Any) -> list[Any]:
        return [values]

    def remember(self, name: str, value: Array) -> None:
        self.remembered[name] = value


def inputs(case: Case, dtype: Any = np.float64) -> list[Array]:
    """Read-only arrays for a case. All values differ, and none is near 0: nothing lies on a kink or ties."""
    rng = np.random.default_rng(7)
    arrays: list[Array] = []
    for shape in case.shapes:
        count = case.batch * shape.size
        values = (rng.permutation(count) + 0.5) / count * 4 - 2
        values += np.where(values > 0, 0.05, -0.05)
        arrays.append(frozen(values.reshape(case.batch, *shape.array).astype(dtype)))
    return arrays


def weights(case: Case, dtype: Any = np.float64) -> dict[str, Array]:
    """Read-only weights of the declared shapes, all positive where they are a variance."""
    rng = np.random.default_rng(8)
    declared = case.layer.infer(*case.shapes).weights
    return {
        name: frozen(
            (rng.uniform(0.5, 2, w.shape) if name == "running_var" else rng.normal(size=w.shape)).astype(dtype)
        )
        for name, w in declared.items()
    }


def frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


# ---- what infer says -------------------------------------------------------------------------------------------------


def check_shape(case: Case) -> None:
    """The inferred shape is the computed one, in both modes, at any batch size; single precision stays single."""
    shape = case.layer.infer(*case.shapes).shape
    for training in (False, True):
        run, own = Run(training), weights(case, np.float32)
        for batch in (case.batch, case.batch + 2, 1):
            arrays = inputs(Case(case.layer, case.shapes, batch), np.float32)
            y, pullback = case.layer.forward(run, own, *arrays)
            assert y.shape == (batch, *shape.array)
            assert y.dtype == np.float32
            assert np.isfinite(y).all()
            into_inputs, into_weights = pullback(frozen(np.ones_like(y)))
            assert [dx.shape for dx in into_inputs if dx is not None] == [x.shape for x in arrays]
            assert {dx.dtype for dx in into_inputs if dx is not None} == {np.dtype(np.float32)}
            assert all(gradient.dtype == np.float32 for gradient in into_weights.values())


def check_workings(facts: Facts) -> None:
    """Every number's text evaluates to it, and its formula is the same text with names in place of numbers."""
    shape = facts.shape.to_dict()
    assert list(facts.axes) == list(shape)
    for axis, working in facts.axes.items():
        assert working.result == shape[axis]
    for working in (*facts.axes.values(), facts.parameters, facts.macs):
        assert evaluate(working.substituted) == working.value == working.result
        assert skeleton(working.formula) == skeleton(working.substituted)


def check_weights(case: Case) -> None:
    """Declared arrays are used and learned as declared, and their trainable numbers add up to `parameters`."""
    facts = case.layer.infer(*case.shapes)
    trainable = {name: w.shape for name, w in facts.weights.items() if w.trainable}
    assert facts.parameters.result == sum(int(np.prod(shape)) for shape in trainable.values())
    assert facts.statistics == sum(w.size for name, w in facts.weights.items() if name not in trainable)
    for w in facts.weights.values():
        assert w.start != "scaled" or (w.fan_in >= 1 and w.fan_out >= 1)
    run, own = Run(training=True), weights(case)
    y, pullback = case.layer.forward(run, own, *inputs(case))
    gradients = pullback(np.ones_like(y))[1]
    assert {name: gradient.shape for name, gradient in gradients.items()} == trainable
    remembered = {name: w.shape for name, w in facts.weights.items() if not w.trainable}
    assert {name: value.shape for name, value in run.remembered.items()} == remembered
    run.needs_input_gradient = False
    alone = case.layer.forward(run, own, *inputs(case))[1](np.ones_like(y))[1]
    assert alone.keys() == gradients.keys()


def check_products(case: Case, reference: Callable[[Case, Array, Mapping[str, Array]], tuple[Array, int]]) -> None:
    """A plain loop over windows gives the same numbers with as many multiplications an example as `macs` says."""
    (x,), own = inputs(case), weights(case)
    expected, count = reference(case, x, own)
    assert case.layer.infer(*case.shapes).macs.result * case.batch == count
    y, _ = case.layer.forward(Run(), own, x)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


def check_reach(case: Case) -> None:
    """What an output sees of a map is its window, corner to corner: NaN in one pixel spreads to nothing else."""
    facts, own = case.layer.infer(*case.shapes), weights(case)
    for index, shape in enumerate(case.shapes):
        for pixel in np.ndindex(*shape.array[1:]):
            arrays = [np.array(x) for x in inputs(case)]
            arrays[index][(slice(None), slice(None), *pixel)] = np.nan
            y, _ = case.layer.forward(Run(), own, *arrays)
            seen = np.any(np.isnan(y), axis=(0, 1), keepdims=True)[0, 0]
            if facts.reach is None:
                assert seen.all()
                continue
            vertical, horizontal = (
                sees(window, at, places) for window, at, places in zip(facts.reach, pixel, seen.shape, strict=True)
            )
            assert not seen[~(vertical[0][:, None] & horizontal[0])].any()
            assert seen[vertical[1][:, None] & horizontal[1]].all()


def sees(window: Window, pixel: int, places: int) -> tuple[Array, Array]:
    """For each of `places` outputs, whether its window covers a pixel, and whether it has it at an end."""
    offset = pixel * window.spread - (np.arange(places) * window.stride - window.begin)
    return (offset >= 0) & (offset < window.extent), (offset == 0) | (offset == window.extent - 1)


# ---- gradients -------------------------------------------------------------------------------------------------------


def check_gradients(case: Case, training: bool) -> None:
    """Gradients by every input and weight agree with central differences, to a millionth of the gradient's length.

    The loss is a random mixture of outputs; each array moves along random directions, so that no element is left out.
    A second pass over the same buffers must give the same gradients.
    """
    arrays, own, run = inputs(case), weights(case), Run(training)
    rng = np.random.default_rng(9)
    y, pullback = case.layer.forward(run, own, *arrays)
    dy = frozen(rng.normal(size=y.shape))
    first = collected(pullback, dy)
    run.random = np.random.default_rng(0)
    assert_same(first, collected(case.layer.forward(run, own, *arrays)[1], dy))
    for name, gradient in first.items():
        for _ in range(4):
            direction = rng.normal(size=gradient.shape)
            direction /= np.linalg.norm(direction)
            numeric = difference(case, training, arrays, own, name, direction, dy)
            error = abs(numeric - float((gradient * direction).sum()))
            assert error <= 1e-6 * np.linalg.norm(gradient) + 1e-9, f"{name} is off by {error}"


def collected(pullback: Pullback, dy: Array) -> dict[str, Array]:
    """Copies of all gradients: those by inputs are named 0, 1, …"""
    into_inputs, into_weights = pullback(dy)
    named = {str(index): dx for index, dx in enumerate(into_inputs)} | into_weights
    assert all(gradient is not None for gradient in named.values())
    return {name: np.array(gradient) for name, gradient in named.items()}


def assert_same(first: dict[str, Array], second: dict[str, Array]) -> None:
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


def difference(
    case: Case,
    training: bool,
    arrays: list[Array],
    own: Mapping[str, Array],
    name: str,
    direction: Array,
    dy: Array,
    step: float = 1e-5,
) -> float:
    """The loss's slope along a direction of one array, by central differences."""

    def loss(shift: float) -> float:
        moved = [x + shift * direction if str(index) == name else x for index, x in enumerate(arrays)]
        changed = {key: w + shift * direction if key == name else w for key, w in own.items()}
        return float((case.layer.forward(Run(training), changed, *moved)[0] * dy).sum())

    return (loss(step) - loss(-step)) / (2 * step)


# ---- files -----------------------------------------------------------------------------------------------------------


def check_settings(layer: Layer) -> None:
    """Settings survive JSON and pickling."""
    stored = json.loads(json.dumps(layer.values()))
    assert type(layer)(**stored) == layer
    assert type(layer)(**stored).values() == layer.values()
    assert pickle.loads(pickle.dumps(layer)) == layer  # noqa: S301


def check_onnx(case: Case, opset: int = 17) -> None:
    """The ONNX nodes give the same numbers, in onnx's reference evaluator and in onnxruntime."""
    arrays, own = inputs(case, np.float32), weights(case, np.float32)
    y, _ = case.layer.forward(Run(), own, *arrays)
    model = onnx_model(case, own, opset)
    feeds = {f"x{index}": x for index, x in enumerate(arrays)}
    session = onnxruntime.InferenceSession(model.SerializeToString(), session_options(), ["CPUExecutionProvider"])
    for evaluator in (ReferenceEvaluator(model, new_ops=REPAIRED), session):
        (out,) = evaluator.run(None, feeds)
        out = np.asarray(out)
        assert out.shape == y.shape
        assert np.abs(out - y).max() <= 1e-5 * max(1, np.abs(y).max()), type(evaluator).__module__


def onnx_model(case: Case, own: Mapping[str, Array], opset: int = 17) -> onnx.ModelProto:
    """A model of the layer alone, with inputs x0, x1, …, checked in full."""
    graph = Emitter(opset)
    values = [graph.input(f"x{index}", shape) for index, shape in enumerate(case.shapes)]
    shape = case.layer.infer(*case.shapes).shape
    out = graph.write("layer", case.layer, own, values, shape)
    infos = [
        helper.make_tensor_value_info(value.name, TensorProto.FLOAT, ["N", *given.array])
        for value, given in zip((*values, out), (*case.shapes, shape), strict=True)
    ]
    proto = helper.make_graph(graph.nodes, "layer", infos[:-1], infos[-1:], graph.initializers)
    wanted = helper.make_opsetid("", opset)
    model = helper.make_model(proto, opset_imports=[wanted], ir_version=helper.find_min_ir_version_for([wanted]))
    onnx.checker.check_model(model, full_check=True)
    return model


def session_options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options
