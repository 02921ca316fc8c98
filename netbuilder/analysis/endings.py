"""How a network ends, and what a loss makes of it -> problems that no shape shows."""

from collections.abc import Sequence
from math import e, log

from netbuilder.layers import (
    AveragePool2D,
    BatchNorm,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    ImageShape,
    Layer,
    MaxPool2D,
    Output,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    VectorShape,
)
from netbuilder.layers.output import AS_CHOSEN

from .report import LayerReport, Layers, Problem, Report, Severity, core

BOUNDS: dict[type[Layer], tuple[int, int]] = {Sigmoid: (0, 1), Tanh: (-1, 1)}
AVERAGING = (Flatten, GlobalAveragePool2D, GlobalMaxPool2D, AveragePool2D, MaxPool2D)
"""Layers behind a softmax that leave numbers between 0 and 1."""


def cut_scores(layers: Layers, outputs: Sequence[int]) -> list[Problem]:
    """A ReLU behind the last Dense: a warning where a softmax follows, so that the outputs certainly are scores.

    Without one it is information: outputs that cannot be negative may be meant, and every hidden layer is the last
    one while a design is being drawn. `training_problems` warns once the loss is known.
    """
    meant = [key for key in outputs if key == outputs[0] or isinstance(layers[key].node.layer, Output)]
    found = [_cut_before(layers, core(layers, key)) for key in meant]
    return list(dict.fromkeys(problem for problem in found if problem))


def _cut_before(layers: Layers, last: LayerReport) -> Problem | None:
    if last.facts is None:
        return None
    closed = isinstance(last.node.layer, Softmax)
    relu = _activated(layers, layers[last.inputs[0]] if closed else last)
    if relu is None or not isinstance(relu.node.layer, ReLU):
        return None
    return _cut(relu, "warning" if closed else "information")


def training_problems(report: Report, loss: str) -> tuple[Problem, ...]:
    """What would keep a valid design from learning under this loss ("cross_entropy", "mse", or a mixture of them),
    though it runs.

    Cross-entropy applies softmax itself, to what enters the last layer of an output where that is a Softmax and to
    what the last layer gives otherwise. So a closing Softmax is right, and only information; a softmax anywhere
    before, with nothing learned after it, would be applied twice. Errors in shapes are the report's own; for an
    invalid design this is empty, as it is for an output that is measured by "mse" alone.
    """
    found: dict[tuple[int | None, str], Problem] = {}
    for key in report.outputs if report.valid else ():
        layer = report.layers[key].node.layer
        own = layer.loss if isinstance(layer, Output) and layer.loss != AS_CHOSEN else loss
        alone = own == "cross_entropy" and len(report.outputs) == 1 and not isinstance(layer, Output)
        named = "the loss" if alone else "cross-entropy"
        for problem in _with_softmax(report.layers, report.core(key), named) if "cross_entropy" in own else ():
            found.setdefault((problem.node, problem.code), problem)
    return tuple(found.values())


def _with_softmax(layers: Layers, last: LayerReport, loss: str) -> list[Problem]:
    """What keeps an output that ends in this layer from learning under cross-entropy, which messages call `loss`."""
    closing = isinstance(last.node.layer, Softmax)
    read = layers[last.inputs[0]] if closing else last
    classes = _count(last)
    if twice := _softmaxed(layers, read):
        return [_double(twice, classes, loss)]
    found: list[Problem] = []
    activation = _activated(layers, read)
    if activation and isinstance(activation.node.layer, ReLU):
        found.append(_cut(activation, "warning"))
    elif activation:
        found.append(_squeezed(activation, classes, loss))
    if closing:
        found.append(_once(last, classes, loss))
    return found


# ---- what stands at the end ------------------------------------------------------------------------------------------


def _activated(layers: Layers, row: LayerReport) -> LayerReport | None:
    """The ReLU, Sigmoid or Tanh at the end of a network, where it changes what a Dense layer gives."""
    while isinstance(row.node.layer, (Dropout, Flatten)) and isinstance(row.shape, VectorShape):
        row = layers[row.inputs[0]]
    if not isinstance(row.node.layer, (ReLU, *BOUNDS)):
        return None
    source = layers[row.inputs[0]]
    while isinstance(source.node.layer, (BatchNorm, Dropout)):
        source = layers[source.inputs[0]]
    return row if isinstance(source.node.layer, Dense) else None


def _softmaxed(layers: Layers, row: LayerReport) -> LayerReport | None:
    """The Softmax whose shares reach the loss as they are, or averaged."""
    while isinstance(row.node.layer, AVERAGING):
        row = layers[row.inputs[0]]
    return row if isinstance(row.node.layer, Softmax) else None


def _count(row: LayerReport) -> int:
    """How many numbers the loss compares."""
    shape = row.shape
    return shape.channels if isinstance(shape, ImageShape) else shape.features if shape else 0


def _floor(classes: int, span: int) -> str:
    """The least cross-entropy of scores that differ by at most `span`: ln(1 + (K − 1)·e^(−span)), at one-hot scores."""
    return f"{log(1 + (classes - 1) * e**-span):.2f} for {classes} class{'' if classes == 1 else 'es'}"


# ---- in words --------------------------------------------------------------------------------------------------------


def _cut(row: LayerReport, severity: Severity) -> Problem:
    name = row.node.name
    message = f"“{name}” cuts every negative score to 0, so the network cannot say “surely not”."
    return Problem("activation-last", severity, row.node.id, name, message)


def _squeezed(row: LayerReport, classes: int, loss: str) -> Problem:
    name, (low, high) = row.node.name, BOUNDS[type(row.node.layer)]
    message = (
        f"“{name}” keeps every score between {str(low).replace('-', '−')} and {high}: "
        f"{loss} cannot fall below {_floor(classes, high - low)}."
    )
    return Problem("activation-last", "warning", row.node.id, name, message)


def _double(row: LayerReport, classes: int, loss: str) -> Problem:
    name = row.node.name
    message = (
        f"Softmax would be applied twice: once by “{name}”, once inside {loss}. "
        f"{loss[0].upper()}{loss[1:]} cannot fall below {_floor(classes, 1)}."
    )
    return Problem("double-softmax", "warning", row.node.id, name, message)


def _once(row: LayerReport, classes: int, loss: str) -> Problem:
    name = row.node.name
    message = (
        f"“{name}” and {loss} both bring a softmax. It is applied once: {loss} reads what enters “{name}”. "
        f"Applied twice, it could not fall below {_floor(classes, 1)}."
    )
    return Problem("double-softmax", "information", row.node.id, name, message)
