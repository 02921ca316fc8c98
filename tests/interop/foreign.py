"""Models made elsewhere, and the questions every import must answer: same shapes, same weights, same numbers?"""

from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, helper, numpy_helper, shape_inference

import netbuilder as nb
from netbuilder.interop.backends import onnxruntime_backend
from netbuilder.interop.importing import Imported, imported

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
NAMES = (
    *("bvlc_alexnet", "zfnet512", "vgg19", "squeezenet", "inception_v1"),
    *("inception_v2", "shufflenet", "resnet50", "densenet121"),
)


def light(name: str) -> ModelProto:
    """One of the nine published architectures that onnx ships without weights: each is one number, spread out."""
    return onnx.load(LIGHT / f"light_{name}.onnx")


def randomised(model: ModelProto, seed: int, *, scalars: bool = False) -> ModelProto:
    """The model with random weights where it had one number spread out, so that nothing cancels.

    With `scalars` each stays one number spread out, but each another one, which takes no memory.
    """
    random, known = np.random.default_rng(seed), shapes(model)
    roles = {name: (node.op_type, at) for node in model.graph.node for at, name in enumerate(node.input)}
    kept, added = [], []
    for node in model.graph.node:
        name = node.output[0]
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        array = _drawn(random, () if scalars else known[name], known[name], roles.get(name))
        if scalars:
            value = numpy_helper.from_array(array.reshape(1))
            kept.append(helper.make_node("ConstantOfShape", list(node.input), [name], node.name, value=value))
        else:
            added.append(numpy_helper.from_array(array, name))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(added)
    model.ir_version = 8  # in which initializers need not be inputs
    return model


def _drawn(random: np.random.Generator, shape, whole, role) -> np.ndarray:
    if role and role[0] == "BatchNormalization" and role[1] in (1, 4):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    if len(whole) < 2:
        return (0.1 * random.standard_normal(shape)).astype(np.float32)
    fan = int(np.prod(whole[1:]))
    spread = np.sqrt(2 / fan) if shape else 0.2 / fan
    return (spread * random.standard_normal(shape) + (1 / fan if not shape else 0)).astype(np.float32)


def shapes(model: ModelProto) -> dict[str, tuple[int, ...]]:
    """Every tensor's shape, as ONNX infers it."""
    inferred = shape_inference.infer_shapes(model, data_prop=True).graph
    return {
        info.name: tuple(axis.dim_value for axis in info.type.tensor_type.shape.dim)
        for info in (*inferred.value_info, *inferred.output, *inferred.input)
    }


def scores(model: ModelProto) -> ModelProto:
    """The model without a softmax at its end, which would leave nothing of large scores but a one and zeros."""
    last = model.graph.node[-1]
    if last.op_type == "Softmax":
        model.graph.output[0].name = last.input[0]
        del model.graph.node[-1]
    return model


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without its axes of one place, in which a pooled map and a flat list are the same."""
    return tuple(size for size in shape if size != 1)


def wrong_shapes(model: ModelProto, found: Imported) -> dict[str, tuple]:
    """Layers whose shape is not what ONNX infers for the tensor they stand for."""
    theirs, report = shapes(model), nb.analyze(found.graph)
    ours = {layer.node.name: layer.shape for layer in report.layers.values()}
    pairs = {name: (ours[name], theirs[tensor][1:]) for name, tensor in found.tensors.items()}
    return {
        name: (shape, real)
        for name, (shape, real) in pairs.items()
        if shape is None or squeezed(shape.array) != squeezed(real)
    }


def differences(model: ModelProto, found: Imported, *, samples: int = 1, seed: int = 0) -> float:
    """How far our outputs lie from onnxruntime's, relative to the largest."""
    program = nb.compile(found.graph)
    x = np.random.default_rng(seed).standard_normal((samples, *program.input_shape.array)).astype(np.float32)
    data = model.SerializeToString()
    backend = onnxruntime_backend(data, found.input, found.output)
    theirs = backend.run(x).reshape(samples, -1)
    ours = program.predict(found.weighed(), x).reshape(samples, -1)
    assert ours.shape == theirs.shape
    assert np.ptp(theirs) > 0, "outputs that are all alike prove nothing"
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def opened(model: ModelProto, name: str = "model.onnx") -> Imported:
    return imported(model.SerializeToString(), name)
