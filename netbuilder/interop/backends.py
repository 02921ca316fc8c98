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
from onnx.reference.ops.op_average_pool import AveragePool_19 as OnnxAveragePool
from onnx.reference.ops.op_max_pool import MaxPool as OnnxMaxPool

from netbuilder.interop.emitter import Array

REFERENCE = "onnx.reference"


@dataclass(frozen=True)
class Backend:
    """What runs an ONNX model, in which version, and how: a batch of inputs -> the batch of outputs."""

    name: str
    version: str
    run: Callable[[Array], Array]


def onnxruntime_backend(
    data: bytes, name: str, output: str, *, fused: bool = True, threads: int | None = None
) -> Backend:
    """Microsoft's runtime on the processor, on as many threads as it likes. Raises ImportError where it is missing.

    With `fused` off every operator runs by itself: up to 1.31 at least, a Pad with zeros is fused into a MaxPool even
    where its input is negative, so that the zeros no longer count.
    """
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is raised, too
    if threads is not None:
        options.intra_op_num_threads = threads
    if not fused:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return Backend("onnxruntime", onnxruntime.__version__, lambda x: session.run([output], {name: x})[0])


def reference_backend(model: ModelProto, name: str, output: str) -> Backend:
    """ONNX's evaluator in Python: slow, and a second opinion."""
    evaluator: Any = ReferenceEvaluator(model, new_ops=REPAIRED)

    def run(x: Array) -> Array:
        with np.errstate(all="ignore"):  # exp of a large number is infinity there, and meant to be
            return evaluator.run([output], {name: x})[0]

    return Backend(REFERENCE, onnx.__version__, run)


def runner(model: ModelProto, name: str, outputs: list[str]) -> Callable[[Array], list[Array]]:
    """What runs a model for several of its tensors at once: onnxruntime, or the evaluator where it is not installed."""
    try:
        import onnxruntime  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        evaluator: Any = ReferenceEvaluator(model, new_ops=REPAIRED)
        return lambda x: evaluator.run(outputs, {name: x})
    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session: Any = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(outputs, {name: x})


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
    """Max pooling as the operator's definition has it, where only pads and strides are given.

    Otherwise by the evaluator's own general routine, which goes number by number. Where all strides are 1 it would take
    another, which, up to onnx 1.23 at least, reads pads as top, bottom, left, right.
    """

    op_domain = ""

    def _run(self, x: Array, **attributes: Any) -> tuple[Array, ...]:  # pyright: ignore
        plain = attributes.get("auto_pad") in (None, "NOTSET") and not attributes.get("ceil_mode")
        if not plain or x.ndim != 4 or x.dtype.kind != "f" or len(self.onnx_node.output) > 1:
            return self._max_pool(x, **attributes)
        return (_windows(x, -np.inf, **attributes).max((-1, -2)),)


class AveragePool(OnnxAveragePool):
    """Average pooling as the operator's definition has it, where only pads and strides are given.

    Otherwise the evaluator's own, which is right but goes number by number.
    """

    op_domain = ""

    def _run(self, x: Array, count_include_pad: int = 0, **attributes: Any) -> tuple[Array, ...]:  # pyright: ignore
        plain = attributes.get("auto_pad") in (None, "NOTSET") and not attributes.get("ceil_mode")
        if not plain or x.ndim != 4:
            return super()._run(x, count_include_pad=count_include_pad, **attributes)
        counted = _windows(np.ones_like(x[:1, :1]), 1 if count_include_pad else 0, **attributes)
        return (_windows(x, 0, **attributes).sum((-1, -2)) / counted.sum((-1, -2)),)


def _windows(x: Array, padding: float, **attributes: Any) -> Array:
    """(N, C, H, W, kernel height, kernel width): what each window of a map sees, and `padding` around it."""
    (kh, kw), (sh, sw) = attributes["kernel_shape"], attributes.get("strides") or (1, 1)
    (dh, dw), pads = attributes.get("dilations") or (1, 1), attributes.get("pads") or (0, 0, 0, 0)
    around = ((0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3]))
    padded = np.pad(x, around, constant_values=padding) if any(pads) else x
    views = np.lib.stride_tricks.sliding_window_view(padded, ((kh - 1) * dh + 1, (kw - 1) * dw + 1), (2, 3))
    return views[:, :, ::sh, ::sw, ::dh, ::dw]


class ConvTranspose(OpRun):
    """Transposed convolution as the operator's definition has it, with all pads given.

    The evaluator's own, up to onnx 1.23 at least, fails where a group has more than one filter.
    """

    op_domain = ""

    def _run(  # pyright: ignore
        self,
        x: Array,
        w: Array,
        b: Array | None = None,
        dilations: list[int] | None = None,
        group: int = 1,
        output_padding: list[int] | None = None,
        pads: list[int] | None = None,
        strides: list[int] | None = None,
        **_others: Any,
    ) -> tuple[Array]:
        (dh, dw), (sh, sw), (oh, ow) = dilations or (1, 1), strides or (1, 1), output_padding or (0, 0)
        top, left, bottom, right = pads or (0, 0, 0, 0)
        (n, _, height, width), (channels, share, kh, kw) = x.shape, w.shape
        rows, columns = (height - 1) * sh + (kh - 1) * dh + 1 + oh, (width - 1) * sw + (kw - 1) * dw + 1 + ow
        y = np.zeros((n, group, share, rows, columns), x.dtype)
        by_group = x.reshape(n, group, channels // group, height, width)
        weights = w.reshape(group, channels // group, share, kh, kw)
        for i, j in np.ndindex(kh, kw):
            cell = np.einsum("ngchw,gcf->ngfhw", by_group, weights[..., i, j])
            y[..., i * dh : i * dh + (height - 1) * sh + 1 : sh, j * dw : j * dw + (width - 1) * sw + 1 : sw] += cell
        y = y.reshape(n, -1, rows, columns)[:, :, top : rows - bottom, left : columns - right]
        return (y if b is None else y + b[:, None, None],)


class BatchNormalization(OpRun):
    """Batch normalisation by the running statistics, as inference has it.

    The evaluator's own, up to onnx 1.23 at least, goes by the batch's before opset 14.
    """

    op_domain = ""

    def _run(  # pyright: ignore
        self, x: Array, *four: Array, epsilon: float = 1e-5, training_mode: int = 0, **_others: Any
    ) -> tuple[Array]:
        if training_mode:
            raise NotImplementedError("Batch normalisation that learns is not for inference.")
        scale, bias, mean, variance = (each.reshape(-1, *[1] * (x.ndim - 2)) for each in four)
        return (((x - mean) / np.sqrt(variance + np.float32(epsilon)) * scale + bias).astype(x.dtype),)


class DequantizeLinear(OpRun):
    """(x − zero point) · scale, with one of each for all numbers or one for every place along `axis`.

    The evaluator's own, up to onnx 1.23 at least, begins with opset 19.
    """

    op_domain = ""

    def _run(self, x: Array, scale: Array, zero: Array | None = None, axis: int = 1, **_others: Any) -> tuple[Array]:  # pyright: ignore
        along = (-1,) + (1,) * (x.ndim - 1 - axis % max(x.ndim, 1)) if scale.ndim else ()
        shift = np.float32(0) if zero is None else zero.reshape(along).astype(np.float32)
        return ((x.astype(np.float32) - shift) * scale.reshape(along),)


class Softplus(OpRun):
    """ln(1 + eˣ) that does not overflow. The evaluator's own, up to onnx 1.23 at least, does from x = 89 on."""

    op_domain = ""

    def _run(self, x: Array) -> tuple[Array]:  # pyright: ignore
        return (np.logaddexp(x, x.dtype.type(0)),)


class LogSoftmax(OpRun):
    """x − ln Σ eˣ. The evaluator's own, up to onnx 1.23 at least, takes the logarithm of shares that have become 0."""

    op_domain = ""

    def _run(self, x: Array, axis: int = -1) -> tuple[Array]:  # pyright: ignore
        below = x - x.max(axis, keepdims=True)
        return (below - np.log(np.exp(below).sum(axis, keepdims=True)),)


REPAIRED: list[type[OpRun]] = [
    LRN,
    MaxPool,
    AveragePool,
    ConvTranspose,
    Softplus,
    LogSoftmax,
    BatchNormalization,
    DequantizeLinear,
]
"""What to hand to a ReferenceEvaluator as `new_ops`: operators it gets wrong by itself, or takes minutes for."""
