"""From a job's wishes to the loss that training minimises: smoothed labels, and classes that count more than others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from netbuilder.kernels.scratch import Array
from netbuilder.layers.settings import Choice, Real

from .losses import as_rows, check_labels

Balance = tuple[float, ...]
Weighting = str | Balance


@dataclass(frozen=True, slots=True)
class ClassWeights:
    """'none', 'balanced' (rare classes count as much as frequent ones), or a number of at least 0 for every class."""

    def __call__(self, value: str | Sequence[float]) -> Weighting:
        if isinstance(value, str):
            return Choice(("none", "balanced"))(value)
        each = Real(0, 1e9)
        found = tuple(each(number) for number in value)
        if not any(found):
            raise ValueError("must have a weight above 0")
        return found


@dataclass(frozen=True)
class Objective:
    """Cross-entropy with its labels smoothed by a share ε (Szegedy et al. 2016, arXiv 1512.00567) and a weight for each
    of the K classes, none meaning 1, in the form of torch.nn.CrossEntropyLoss:

    Σᵢ [(1 − ε)·w(yᵢ)·(−log pᵢ(yᵢ)) + ε/K · Σₖ w(k)·(−log pᵢ(k))] / Σᵢ w(yᵢ).
    """

    smoothing: float = 0.0
    weights: Balance = ()
    scale: float = 1.0
    """What all of it is multiplied by."""

    def __call__(self, scores: Array, labels: Array) -> tuple[float, Array]:
        """The loss of a batch, and its gradient by the scores (N, K). Raises LossError."""
        scores = as_rows(scores)
        count, classes = scores.shape
        check_labels(labels, count, classes)
        weights = np.array(self.weights or (1.0,) * classes, scores.dtype)
        wanted = np.empty_like(scores)
        wanted[:] = weights * (self.smoothing / classes)
        wanted[np.arange(count), labels] += (1 - self.smoothing) * weights[labels]
        wanted /= max(self.weight(labels), 1e-30)
        if self.scale != 1:
            wanted *= self.scale
        shifted = scores - scores.max(axis=1, keepdims=True)
        gradient = np.exp(shifted)
        total = gradient.sum(axis=1, keepdims=True)
        loss = float(np.sum(wanted * (np.log(total) - shifted), dtype=np.float64))
        gradient *= wanted.sum(axis=1, keepdims=True) / total
        gradient -= wanted
        return loss, gradient

    def among(self, labels: Array, whole: Array) -> "Objective":
        """The same for a batch whose labels are a part of an update's: where batches count by their samples, it counts
        by its classes' weights."""
        if not self.weights:
            return self
        total = self.weight(whole)
        return replace(self, scale=self.weight(labels) / total * len(whole) / len(labels) if total else 0.0)

    def weight(self, labels: Array) -> float:
        """What a batch's loss is divided by."""
        return float(np.take(self.weights, labels).sum()) if self.weights else float(len(labels))


def balanced(labels: Array, classes: int) -> Balance:
    """A weight for each class that makes rare ones count as much as frequent ones: samples / (classes · its samples);
    0 for a class without samples."""
    counts = np.bincount(labels, minlength=classes)
    return tuple((len(labels) / (classes * np.maximum(counts, 1)) * (counts > 0)).tolist())
