"""An imported design and the model it came from -> how far their outputs lie apart."""
# pyright: reportUnknownMemberType=false

from dataclasses import dataclass
from math import isfinite, prod

import numpy as np

from netbuilder.engine import compile
from netbuilder.graph import Graph
from netbuilder.interop.backends import onnxruntime_backend
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import OnnxFileError, parsed
from netbuilder.layers import Softmax

from .opening import Imported

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
    data, graph, output = _scores(data, found)
    program = compile(graph)
    samples = found.batch or max(1, min(4, MOST_NUMBERS // program.input_shape.size))
    if samples * program.report.totals.activation_bytes > MOST_BYTES:
        return None
    x = np.random.default_rng(0).standard_normal((samples, *program.input_shape.array)).astype(np.float32)
    seen = x.reshape(samples, -1)[:, found.view.places()].reshape(samples, *found.view.sizes)
    try:
        backend = onnxruntime_backend(data, found.input, output, fused=False)
        theirs = backend.run(np.ascontiguousarray(seen)).reshape(samples, -1)
    except ImportError:
        return None
    except Exception as problem:  # whatever the runtime finds wrong with a foreign model
        raise OnnxFileError(f"“{found.name}” cannot be run here ({type(problem).__name__}).") from problem
    with np.errstate(all="ignore"):
        ours = program.predict(weights, x).reshape(samples, -1)
        return _compared(f"{backend.name} {backend.version}", ours, theirs)


def _compared(backend: str, ours: Array, theirs: Array) -> Comparison:
    samples = len(ours)
    if prod(theirs.shape) != prod(ours.shape):
        return Comparison(backend, samples, float("inf"))
    largest = float(np.abs(theirs).max())
    difference = float(np.abs(ours - theirs).max()) / (largest or 1.0)
    return Comparison(backend, samples, difference if isfinite(difference) else float("inf"))


def _scores(data: bytes, found: Imported) -> tuple[bytes, Graph, str]:
    """Model, design and the name of the output, all without a softmax at the end."""
    graph = found.graph
    last = graph[graph.order[-1]]
    if not isinstance(last.layer, Softmax):
        return data, graph, found.output
    before = found.tensors[graph[graph.inputs(last.id)[0]].name]
    model = parsed(data, found.name)
    model.graph.output[0].name = before
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model.SerializeToString(), graph.remove(last.id), before
