"""A model in memory -> something that runs it: onnxruntime, or ONNX's own reference evaluator."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from onnx.reference.ops.op_max_pool import MaxPool as OnnxMaxPool

from netbuilder.interop.emitter import Array


@dataclass(frozen=True)
class Backend:
    """What runs an ONNX model, in which version, and how: a batch of inputs -> the batch of outputs."""

    name: str
    version: str
    run: Callable[[Array], Array]


def onnxruntime_backend(data: bytes, name: str, output: str) -> Backend:
    """Microsoft's runtime on the processor. Raises ImportError where it is not installed."""
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised, too
    session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return Backend("onnxruntime", onnxruntime.__version__, lambda x: session.run([output], {name: x})[0])


def reference_backend(model: ModelProto, name: str, output: str) -> Backend:
    """ONNX's evaluator in Python: slow, and a second opinion."""
    evaluator: Any = ReferenceEvaluator(model, new_ops=REPAIRED)

    def run(x: Array) -> Array:
        with np.errstate(all="ignore"):  # exp of a large number is infinity there, and meant to be
            return evaluator.run([output], {name: x})[0]

    return Backend("onnx.reference", onnx.__version__, run)


class LRN(OpRun):
    """Local response normalisation as the operator's definition has it.

    The evaluator's own, up to onnx 1.23 at least, loops over as many channels as the batch has samples.
    """

    op_domain = ""

    def _run(self, x: Array, alpha: float, beta: float, bias: float, size: int) -> tuple[Array]:  # pyright: ignore
        before, after = (size - 1) // 2, size // 2
        squares = np.square(x)
        sums = np.stack([squares[:, max(0, c - before) : c + after + 1].sum(axis=1) for c in range(x.shape[1])], axis=1)
        return (x / (bias + alpha / size * sums) ** beta,)


class MaxPool(OnnxMaxPool):
    """Max pooling by the evaluator's own general routine.

    Where all strides are 1 it takes another, which, up to onnx 1.23 at least, reads pads as top, bottom, left, right.
    """

    op_domain = ""

    def _run(self, x: Array, **attributes: Any) -> tuple[Array, ...]:  # pyright: ignore
        return self._max_pool(x, **attributes)


REPAIRED: list[type[OpRun]] = [LRN, MaxPool]
"""What to hand to a ReferenceEvaluator as `new_ops`: operators it gets wrong by itself."""
