"""An optimizer at work: gradients come in, weights are brought forward in place, and what it remembers can be kept."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from netbuilder.kernels.scratch import Array

from .optimizers import Optimizer, OptimizerError

BLOCK = 1 << 15
"""Numbers updated at a time, so that a rule's several sweeps find them still in the processor's cache."""


class Clip(NamedTuple):
    """Bounds on gradients, 0 for none: each number to ±`value` (torch.nn.utils.clip_grad_value_), then all together to
    a length of `norm` (clip_grad_norm_; Pascanu et al. 2013, arXiv 1211.5063): g ← g · min(1, norm / (‖g‖ + 10⁻⁶))."""

    norm: float = 0.0
    value: float = 0.0


UNBOUNDED = Clip()


class Movement(NamedTuple):
    """How far one array was pushed and moved by an update: lengths of its gradient, of itself before, of the change."""

    gradient: float
    weight: float
    change: float


class Updates:
    """An optimizer at work on one set of weights, which it brings forward in place.

    All trainable weights lie one after another in a single array, so that a small network costs a handful of calls
    however many layers it has; `weights` are views of it by name.
    """

    def __init__(self, optimizer: Optimizer, start: Mapping[str, Array], clip: Clip = UNBOUNDED):
        self.optimizer, self.clip = optimizer, clip
        self.steps = 0
        self.lr = optimizer.lr
        ends = np.cumsum([0, *(array.size for array in start.values())]).tolist()
        dtype = next((array.dtype for array in start.values()), np.dtype(np.float32))
        self._places = {key: slice(a, b) for key, a, b in zip(start, ends, ends[1:], strict=False)}
        self._shapes = {key: array.shape for key, array in start.items()}
        self._flat = np.concatenate([array.ravel() for array in start.values()]) if start else np.empty(0, dtype)
        self._gradient = np.empty_like(self._flat)
        self._slots = {name: np.zeros_like(self._flat) for name in optimizer.slots}
        self._spare = np.empty(min(BLOCK, len(self._flat)), dtype)
        self.weights = self._views(self._flat)
        self._gradients = self._views(self._gradient)
        self._blocks = list(self._cut(slice(0, len(self._flat))))

    def step(self, gradients: Mapping[str, Array]) -> None:
        """One update. `gradients` holds one array for every weight and is only read."""
        self.gather(gradients)
        self.apply()

    def gather(self, gradients: Mapping[str, Array], share: float = 1.0, *, more: bool = False) -> None:
        """Take gradients, to be applied: all of them, or the share that a batch has of several; `more` adds it."""
        for key, into in self._gradients.items():
            if more:
                into += share * gradients[key]
            elif share == 1:
                np.copyto(into, gradients[key])
            else:
                np.multiply(gradients[key], share, out=into)

    def apply(self) -> None:
        """One update by what was gathered."""
        self.steps += 1
        # Vanishing averages underflow and a diverging run overflows; the trainer watches the loss for the latter.
        with np.errstate(all="ignore"):
            self._bound()
            for w, g, slots, spare in self._blocks:
                self.optimizer.update(w, g, slots, spare, self.lr, self.steps)

    def watch(self) -> dict[str, Movement]:
        """The same update, bit for bit, and how far it moved each array; gradients are measured before they are cut."""
        self.steps += 1
        with np.errstate(all="ignore"):
            pushed = {key: _length(gradient) for key, gradient in self._gradients.items()}
            self._bound()
            return {key: Movement(pushed[key], *self._moved(place)) for key, place in self._places.items()}

    def _moved(self, place: slice) -> tuple[float, float]:
        """Update one array, block by block. Gives its length before, and that of the change."""
        before = change = 0.0
        for w, g, slots, spare in self._cut(place):
            old = w.copy()
            self.optimizer.update(w, g, slots, spare, self.lr, self.steps)
            before += float(np.vdot(old, old))
            old -= w
            change += float(np.vdot(old, old))
        return before**0.5, change**0.5

    def _bound(self) -> None:
        """Keep the gradients within the bounds that were set."""
        if self.clip.value:
            np.clip(self._gradient, -self.clip.value, self.clip.value, out=self._gradient)
        if self.clip.norm and (norm := _length(self._gradient)) + 1e-6 > self.clip.norm:
            self._gradient *= self.clip.norm / (norm + 1e-6)

    def export(self) -> dict[str, Array]:
        """Copies of the remembered numbers, as "square/conv1.weight": with `steps` and `lr`, all the state there is."""
        return {
            f"{slot}/{key}": view.copy()
            for slot, flat in self._slots.items()
            for key, view in self._views(flat).items()
        }

    def restore(self, arrays: Mapping[str, Array], steps: int, lr: float) -> None:
        """Go on from what `export` gave after so many steps. Raises OptimizerError where an array does not fit."""
        for slot, flat in self._slots.items():
            for key, view in self._views(flat).items():
                array = arrays.get(f"{slot}/{key}")
                if array is None or array.shape != view.shape:
                    raise OptimizerError(f"The checkpoint's {slot} of “{key}” is missing or has another shape.")
                np.copyto(view, array)
        self.steps, self.lr = steps, lr

    def _views(self, flat: Array) -> dict[str, Array]:
        return {key: flat[place].reshape(self._shapes[key]) for key, place in self._places.items()}

    def _cut(self, place: slice) -> Iterator[tuple[Array, Array, list[Array], Array]]:
        for start in range(place.start, place.stop, BLOCK):
            part = slice(start, min(start + BLOCK, place.stop))
            w = self._flat[part]
            yield w, self._gradient[part], [flat[part] for flat in self._slots.values()], self._spare[: len(w)]


def _length(array: Array) -> float:
    """√Σ x²."""
    flat = array.reshape(-1)
    return float(np.vdot(flat, flat)) ** 0.5
