"""From a network's outputs and the targets to the loss and its gradient by those outputs."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from netbuilder.kernels.scratch import Array

SingleLoss = Literal["cross_entropy", "mse"]
Loss = str
"""A single loss, or a mixture of several as `netbuilder.engine.mixture` reads it."""
LossFunction = Callable[[Array, Array], tuple[float, Array]]


class LossError(ValueError):
    """Outputs and targets that cannot be compared; the sentence names the numbers."""


def cross_entropy(scores: Array, labels: Array) -> tuple[float, Array]:
    """Mean over the batch of −log softmax(scores)[label], and its gradient (softmax − one-hot) / N.

    `scores` (N, K) are logits; `labels` (N,) whole numbers 0…K−1. The largest score is subtracted first, so that no
    exponential overflows: log Σ exp s = m + log Σ exp(s − m).
    """
    scores = as_rows(scores)
    check_labels(labels, len(scores), scores.shape[1])
    rows = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    gradient = np.exp(shifted)
    total = gradient.sum(axis=1, keepdims=True)
    each = np.log(total[:, 0]) - shifted[rows, labels]
    gradient /= total
    gradient[rows, labels] -= 1
    gradient /= len(scores)
    return float(each.mean(dtype=np.float64)), gradient


def mse(outputs: Array, targets: Array) -> tuple[float, Array]:
    """Mean over the batch of ½ Σ (target − output)², and its gradient (output − target) / N.

    `targets` are values (N, K), or labels (N,), which stand for 1 at their class and 0 elsewhere.
    """
    outputs = as_rows(outputs)
    if is_labels(targets):
        targets = one_hot(targets, outputs.shape[1], outputs.dtype)
    if targets.shape != outputs.shape:
        raise LossError(
            f"The network gives {outputs.shape[1]} numbers for each of {len(outputs)} samples, "
            f"but the targets are {' × '.join(map(str, targets.shape))}."
        )
    gradient = outputs - targets.astype(outputs.dtype, copy=False)
    loss = 0.5 * float(np.square(gradient, dtype=np.float64).sum()) / len(outputs)
    gradient /= len(outputs)
    return loss, gradient


LOSSES: dict[SingleLoss, LossFunction] = {"cross_entropy": cross_entropy, "mse": mse}


def as_rows(outputs: Array) -> Array:
    """Outputs as (N, K): a map of one pixel counts as its channels. Raises LossError for a larger map."""
    if outputs.ndim == 2:
        return outputs
    if outputs.ndim == 4 and outputs.shape[2:] == (1, 1):
        return outputs.reshape(outputs.shape[:2])
    _, channels, height, width = outputs.shape
    raise LossError(
        f"The network ends in a {height}×{width}×{channels} block, but a loss compares a flat list of numbers: "
        "end it with a GlobalAveragePool2D, or a Flatten and a Dense."
    )


def is_labels(targets: Array) -> bool:
    """Whether targets are class numbers rather than values."""
    return targets.ndim == 1 and targets.dtype.kind in "iu"


def one_hot(labels: Array, classes: int, dtype: np.dtype[np.generic]) -> Array:
    """(N, classes) with 1 at each label."""
    check_labels(labels, len(labels), classes)
    rows = np.zeros((len(labels), classes), dtype)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def check_labels(labels: Array, count: int, classes: int) -> None:
    """Raises LossError unless these are `count` whole numbers from 0 to classes − 1."""
    if not is_labels(labels) or len(labels) != count:
        shape = " × ".join(map(str, labels.shape)) or "a single value"
        raise LossError(
            f"Cross-entropy compares {count} samples with as many class numbers; these targets are {shape} "
            f"of type {labels.dtype}."
        )
    if count and not (labels.min() >= 0 and labels.max() < classes):
        index = int(np.argmax((labels < 0) | (labels >= classes)))
        raise LossError(
            f"Label {labels[index]} of sample {index} is not one of the {classes} classes 0 to {classes - 1}."
        )
