"""An imported design and the model it came from -> how far their outputs lie apart."""
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod

import numpy as np
from onnx import GraphProto, ModelProto, ValueInfoProto

from netbuilder.analysis import analyze
from netbuilder.engine import compile
from netbuilder.interop.backends import onnxruntime_backend
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import OnnxFileError, parsed
from netbuilder.layers import Softmax

from .opening import Imported
from .wire import lightened

TOLERANCE = 1e-4
"""Largest difference allowed, relative to the largest output: roundings of float32 through some hundred layers."""
MOST_NUMBERS, MOST_BYTES = 1 << 22, 4 << 30
"""In the samples, where the model leaves open how many, and in all activations."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the design's outputs lie from the model's on the same random samples, relative to the largest."""

    backend: str
    samples: int
    difference: float

    @property
    def passed(self) -> bool:
        """Whether the design computes what the model computes."""
        return self.difference <= TOLERANCE

    def sentence(self) -> str:
        """The figures in one sentence."""
        who = f"{self.backend} ran the original on {self.samples} random sample{'' if self.samples == 1 else 's'}"
        if not isfinite(self.difference):
            return f"{who}: some outputs are not finite numbers, so nothing can be said."
        return (
            f"{who}: the design's outputs differ by at most {self.difference:.1e} of the largest "
            f"({TOLERANCE:.0e} allowed)."
        )


def compare(data: bytes, found: Imported, weights: dict[str, Array]) -> Comparison | None:
    """Run the bytes of a model and the design made of them on random samples; None where onnxruntime is missing, or
    memory for what the design needs.

    A softmax at the end is left out on both sides, for of large scores it leaves nothing but a one and zeros.
    Raises OnnxFileError where it cannot run the model, InvalidDesign for a design that is not valid.
    """
    program, read = compile(found.graph), _scores(found)
    samples = found.batch or max(1, min(4, MOST_NUMBERS // program.input_shape.size))
    if samples * program.report.totals.activation_bytes > MOST_BYTES:
        return None
    x = np.random.default_rng(0).standard_normal((samples, *program.input_shape.array)).astype(np.float32)
    seen = x.reshape(samples, -1)[:, found.view.places()].reshape(samples, *found.view.sizes)
    data = _giving(data, found.name, [tensor for _, tensor in read])
    with np.errstate(all="ignore"):
        ours = dict(zip((step.name for step in program.steps), program.outputs(program.bind(weights), x), strict=True))
    differences, who = list[float](), ""
    for layer, tensor in read:
        try:
            backend = onnxruntime_backend(data, found.input, tensor, fused=False)
            theirs = backend.run(np.ascontiguousarray(seen))
        except ImportError:
            return None
        except Exception as problem:  # whatever the runtime finds wrong with a foreign model
            raise OnnxFileError(f"“{found.name}” cannot be run here ({type(problem).__name__}).") from problem
        differences.append(_difference(ours[layer].reshape(samples, -1), theirs.reshape(samples, -1)))
        who = f"{backend.name} {backend.version}"
    return Comparison(who, samples, max(differences))


def _difference(ours: Array, theirs: Array) -> float:
    """The largest, relative to the largest number."""
    if prod(theirs.shape) != prod(ours.shape):
        return float("inf")
    with np.errstate(all="ignore"):
        difference = float(np.abs(ours - theirs).max()) / (float(np.abs(theirs).max()) or 1.0)
    return difference if isfinite(difference) else float("inf")


def _scores(found: Imported) -> list[tuple[str, str]]:
    """Of every output the layer and the tensor to compare, before a softmax at its end."""
    report, read = analyze(found.graph), list[tuple[str, str]]()
    for name, tensor in found.outputs.items():
        core = report.core(found.graph[name].id)
        before = found.graph.nodes[core.inputs[0]].name if isinstance(core.node.layer, Softmax) else ""
        earlier = found.tensors.get(before)
        read.append((before, earlier) if earlier else (core.node.name, tensor))
    return read


def _giving(data: bytes, name: str, tensors: Sequence[str]) -> bytes:
    """A model that gives these tensors, too. Messages one behind the other are read as one, so that nothing is copied
    but the bytes."""
    given = {output.name for output in parsed(lightened(data)[0], name).graph.output}
    further = [ValueInfoProto(name=tensor) for tensor in dict.fromkeys(tensors) if tensor not in given]
    return data + ModelProto(graph=GraphProto(output=further)).SerializeToString() if further else data
