"""A design as a PyTorch module, written from PyTorch's own documentation: a second opinion on every number.

Only tests and benchmarks use it; PyTorch is no dependency. It lives on the weights of `Program.init`, by their names.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from netbuilder.analysis import analyze
from netbuilder.graph import Graph
from netbuilder.layers import ImageShape, Layer

Run = Callable[["Peer", str, Layer, list[Tensor], ImageShape | None], Tensor]


class Peer(nn.Module):
    """The same network in PyTorch: `forward` takes what `Program.predict` takes and gives what it gives."""

    def __init__(self, graph: Graph, weights: Mapping[str, Any]) -> None:
        super().__init__()
        self.report = analyze(graph)
        self.learned: dict[str, nn.Parameter] = {}
        self.kept: dict[str, Tensor] = {}
        for key, array in weights.items():
            tensor = torch.from_numpy(np.array(array))
            if key.rpartition(".")[2].startswith("running_"):
                self.kept[key] = tensor
            else:
                self.learned[key] = nn.Parameter(tensor)
                self.register_parameter(key.replace(".", "/"), self.learned[key])

    def forward(self, x: Tensor) -> Tensor:
        """The main output."""
        return next(iter(self.outputs(x).values()))

    def outputs(self, x: Tensor) -> dict[str, Tensor]:
        """All outputs by their names, the main one first."""
        values: dict[int, Tensor] = {}
        for key, known in self.report.layers.items():
            if not known.inputs:
                values[key] = x
                continue
            shape = self.report.layers[known.inputs[0]].shape
            image = shape if isinstance(shape, ImageShape) else None
            run = RUNS[type(known.node.layer).__name__]
            values[key] = run(self, known.node.name, known.node.layer, [values[i] for i in known.inputs], image)
        return {self.report.layers[key].node.name: values[key] for key in self.report.outputs}

    def weight(self, name: str) -> Tensor | None:
        return self.learned.get(name)


def run_convolution(peer: Peer, name: str, layer: Any, inputs: list[Tensor], image: ImageShape | None) -> Tensor:
    assert image is not None
    groups = image.channels if type(layer).__name__ == "DepthwiseConv2D" else layer.groups
    weight = peer.learned[f"{name}.weight"]
    return convolved(inputs[0], weight, peer.weight(f"{name}.bias"), layer, layer.slide(image).pads, groups)


def run_separable(peer: Peer, name: str, layer: Any, inputs: list[Tensor], image: ImageShape | None) -> Tensor:
    assert image is not None
    depth = peer.learned[f"{name}.depthwise.weight"]
    between = convolved(inputs[0], depth, None, layer, layer.slide(image).pads, image.channels)
    return functional.conv2d(between, peer.learned[f"{name}.pointwise.weight"], peer.weight(f"{name}.pointwise.bias"))


def convolved(
    x: Tensor, weight: Tensor, bias: Tensor | None, layer: Any, pads: tuple[int, int, int, int], groups: int
) -> Tensor:
    top, bottom, left, right = pads
    if top == bottom and left == right:
        return functional.conv2d(x, weight, bias, layer.stride, (top, left), layer.dilation, groups)
    return functional.conv2d(
        functional.pad(x, (left, right, top, bottom)), weight, bias, layer.stride, 0, layer.dilation, groups
    )


def run_transposed(peer: Peer, name: str, layer: Any, inputs: list[Tensor], image: ImageShape | None) -> Tensor:
    """Whole, without its bias; what "same" or a count of sides cuts off or adds comes after."""
    weight, bias = peer.learned[f"{name}.weight"], peer.weight(f"{name}.bias")
    y = functional.conv_transpose2d(inputs[0], weight, None, layer.stride, groups=layer.groups, dilation=layer.dilation)
    if layer.padding == "same":
        assert image is not None
        height, width = image.height * layer.stride[0], image.width * layer.stride[1]
        top, left = max(y.shape[2] - height, 0) // 2, max(y.shape[3] - width, 0) // 2
        y = functional.pad(y, (-left, left + width - y.shape[3], -top, top + height - y.shape[2]))
    else:
        top, bottom, left, right = layer.padding if isinstance(layer.padding, tuple) else (0, 0, 0, 0)
        rows, columns = layer.output_padding
        y = functional.pad(y, (-left, columns - right, -top, rows - bottom))
    return y if bias is None else y + bias[:, None, None]


def run_upsampling(_peer: Peer, _name: str, layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    corners = {"align_corners": False} if layer.method == "bilinear" else {}
    factor = tuple(float(f) for f in layer.factor)
    return functional.interpolate(inputs[0], scale_factor=factor, mode=layer.method, **corners)  # pyright: ignore


def run_reshape(_peer: Peer, _name: str, layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    sizes = (layer.features,) if layer.features else (layer.channels, layer.height, layer.width)
    return inputs[0].reshape(len(inputs[0]), *sizes)


def run_padding(_peer: Peer, _name: str, layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    top, bottom, left, right = layer.padding
    return functional.pad(inputs[0], (left, right, top, bottom))


def run_selection(_peer: Peer, _name: str, layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    return inputs[0].narrow(1, layer.start, layer.count or inputs[0].shape[1] - layer.start)


def run_pool(_peer: Peer, _name: str, layer: Any, inputs: list[Tensor], image: ImageShape | None) -> Tensor:
    assert image is not None
    slide = layer.slide(image)
    top, left, bottom, right = slide.covering_pads
    pads = (left, right, top, bottom)
    if type(layer).__name__ == "MaxPool2D":
        x = functional.pad(inputs[0], pads, value=-torch.inf) if any(pads) else inputs[0]
        return functional.max_pool2d(x, layer.pool_size, layer.stride)
    counted = torch.ones((1, 1, image.height, image.width), dtype=inputs[0].dtype)
    own_top, own_bottom, own_left, own_right = slide.pads
    if layer.count_include_pad:
        counted = functional.pad(counted, (own_left, own_right, own_top, own_bottom), value=1.0)
        counted = functional.pad(counted, (left - own_left, right - own_right, top - own_top, bottom - own_bottom))
    else:
        counted = functional.pad(counted, pads)
    sums = functional.avg_pool2d(functional.pad(inputs[0], pads), layer.pool_size, layer.stride, divisor_override=1)
    return sums / functional.avg_pool2d(counted, layer.pool_size, layer.stride, divisor_override=1)


def run_batch_norm(peer: Peer, name: str, layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    mean, variance = peer.kept[f"{name}.running_mean"], peer.kept[f"{name}.running_var"]
    weight, bias = peer.learned[f"{name}.weight"], peer.learned[f"{name}.bias"]
    return functional.batch_norm(inputs[0], mean, variance, weight, bias, peer.training, layer.momentum, layer.epsilon)


def run_dense(peer: Peer, name: str, _layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    return functional.linear(inputs[0], peer.learned[f"{name}.weight"], peer.weight(f"{name}.bias"))


def run_prelu(peer: Peer, name: str, _layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    return functional.prelu(inputs[0], peer.learned[f"{name}.weight"])


def run_layer_norm(peer: Peer, name: str, layer: Any, inputs: list[Tensor], _image: ImageShape | None) -> Tensor:
    weight, bias = peer.learned[f"{name}.weight"], peer.learned[f"{name}.bias"]
    last = inputs[0].movedim(1, -1)
    return functional.layer_norm(last, last.shape[-1:], weight, bias, layer.epsilon).movedim(-1, 1)


def product(inputs: list[Tensor]) -> Tensor:
    """A list beside maps stands for maps of one place."""
    axes = max(x.ndim for x in inputs)
    inputs = [x.reshape(*x.shape, *[1] * (axes - x.ndim)) for x in inputs]
    found = inputs[0]
    for each in inputs[1:]:
        found = found * each
    return found


def simple(run: Callable[[Any, list[Tensor]], Tensor]) -> Run:
    """A layer without weights that needs no shape."""
    return lambda _peer, _name, layer, inputs, _image: run(layer, inputs)


RUNS: dict[str, Run] = {
    "Conv2D": run_convolution,
    "DepthwiseConv2D": run_convolution,
    "SeparableConv2D": run_separable,
    "ConvTranspose2D": run_transposed,
    "MaxPool2D": run_pool,
    "AveragePool2D": run_pool,
    "BatchNorm": run_batch_norm,
    "Dense": run_dense,
    "GlobalAveragePool2D": simple(lambda _, x: x[0].mean((2, 3))),
    "GlobalMaxPool2D": simple(lambda _, x: x[0].amax((2, 3))),
    "Flatten": simple(lambda _, x: x[0].flatten(1)),
    "Reshape": run_reshape,
    "Upsample2D": run_upsampling,
    "ZeroPad2D": run_padding,
    "SelectChannels": run_selection,
    "Output": simple(lambda layer, x: x[0]),
    "ChannelShuffle": simple(lambda layer, x: functional.channel_shuffle(x[0], layer.groups)),
    "ReLU": simple(lambda _, x: functional.relu(x[0])),
    "LeakyReLU": simple(lambda layer, x: functional.leaky_relu(x[0], layer.slope)),
    "PReLU": run_prelu,
    "ReLU6": simple(lambda _, x: functional.relu6(x[0])),
    "HardTanh": simple(lambda layer, x: functional.hardtanh(x[0], layer.low, layer.high)),
    "HardSigmoid": simple(lambda layer, x: torch.clamp(layer.slope * x[0] + 0.5, 0, 1)),
    "HardSwish": simple(lambda _, x: functional.hardswish(x[0])),
    "Softplus": simple(lambda _, x: functional.softplus(x[0])),
    "Mish": simple(lambda _, x: functional.mish(x[0])),
    "LogSoftmax": simple(lambda _, x: functional.log_softmax(x[0], 1)),
    "LayerNorm": run_layer_norm,
    "Rescaling": simple(lambda layer, x: layer.scale * x[0] + layer.offset),
    "ELU": simple(lambda layer, x: functional.elu(x[0], layer.alpha)),
    "GELU": simple(lambda layer, x: functional.gelu(x[0], approximate=layer.approximation)),
    "SiLU": simple(lambda _, x: functional.silu(x[0])),
    "Sigmoid": simple(lambda _, x: torch.sigmoid(x[0])),
    "Tanh": simple(lambda _, x: torch.tanh(x[0])),
    "Softmax": simple(lambda _, x: functional.softmax(x[0], 1)),
    "LocalResponseNorm": simple(
        lambda layer, x: functional.local_response_norm(x[0], layer.size, layer.alpha, layer.beta, layer.bias)
    ),
    "Dropout": simple(lambda layer, x: functional.dropout(x[0], layer.rate, training=False)),
    "Add": simple(lambda _, x: torch.stack(x).sum(0) if len(x) > 2 else x[0] + x[1]),
    "Multiply": simple(lambda _, x: product(x)),
    "Concat": simple(lambda _, x: torch.cat(x, 1)),
}
