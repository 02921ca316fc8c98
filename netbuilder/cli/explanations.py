"""A number of a layer -> the one sentence that says where it comes from, true for the settings the layer has."""

from typing import Any

from netbuilder.analysis import LayerReport

WEIGHTS = {
    "Conv2D": "Every filter has one weight for each place of its window in each channel it reads{bias}; the "
    "size of the picture does not appear.",
    "ConvTranspose2D": "Every channel it reads has a window of weights for each filter it feeds; {bias_each}the "
    "size of the picture does not appear.",
    "DepthwiseConv2D": "Every filter reads one channel only: one weight for each place of its window{bias}.",
    "SeparableConv2D": "First a window for each channel by itself, then one weight for each channel in every "
    "filter{bias}.",
    "Dense": "Every unit has one weight for each number it reads{bias}.",
    "BatchNorm": "Each channel learns a scale and a shift; its running mean and variance are remembered, not trained.",
    "LayerNorm": "Each channel learns a scale and a shift.",
    "PReLU": "The slope below zero is learned.",
}
SHAPE = {
    "Conv2D": "The window is placed wherever it fits, a stride apart; every filter gives one map, summed over all "
    "channels it reads.",
    "DepthwiseConv2D": "The window is placed wherever it fits, a stride apart, on every channel by itself.",
    "SeparableConv2D": "The window is placed wherever it fits, a stride apart; every filter gives one map.",
    "ConvTranspose2D": "Every number it reads writes a whole window, a stride further each time; where they overlap "
    "they are summed.",
    "MaxPool2D": "The window is placed wherever it fits, a stride apart, on every channel by itself.",
    "AveragePool2D": "The window is placed wherever it fits, a stride apart, on every channel by itself.",
    "GlobalAveragePool2D": "Each channel becomes one number, its mean.",
    "GlobalMaxPool2D": "Each channel becomes one number, its largest.",
    "Flatten": "All numbers of the map in one list: channel by channel, row by row.",
    "Dense": "One number for each unit.",
    "Concat": "Channels are put one behind the other, so they add up.",
    "Input": "The shape of one sample, as the data has it.",
}


def sentence(topic: str, layer: LayerReport) -> str:
    """Where this number of the layer comes from, in a sentence or two."""
    kind = type(layer.node.layer).__name__
    match topic:
        case "shape":
            return SHAPE.get(kind, "Each number becomes another one, in its place." if _keeps(layer) else _MADE)
        case "weights":
            return WEIGHTS[kind].format(**_bias(layer)) if layer.parameters else "Nothing is learned here."
        case "macs":
            if not layer.macs:
                return "Nothing is multiplied by a weight here."
            return "Products of a number and a weight, for one sample; each comes with an addition."
        case "memory":
            return "Every number of the output takes four bytes, in single precision."
        case _:
            return (
                "How much of the input one output can see, padding included; after a stride, windows widen it by more."
            )


_MADE = "The layer places the numbers it reads anew."


def _keeps(layer: LayerReport) -> bool:
    """Whether the layer gives what it reads another value, not another place."""
    return layer.node.layer.family in ("activation", "normalisation", "output") or (
        type(layer.node.layer).__name__ in ("Add", "Multiply")
    )


def _bias(layer: LayerReport) -> dict[str, str]:
    """How a bias is mentioned, where there is one."""
    values: dict[str, Any] = layer.node.layer.values()
    biased = bool(values.get("bias"))
    return {"bias": ", and one bias" if biased else "", "bias_each": "every filter has one bias; " if biased else ""}
