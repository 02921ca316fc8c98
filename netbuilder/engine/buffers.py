"""The arrays a compiled program owns: handed to layers by role, and the same ones again at every step."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple, TypeVar

import numpy as np

from netbuilder.kernels.scratch import Array

from .randomness import stream

T = TypeVar("T")
Noise = tuple[int, int]
"""Seed and step: what the random numbers of one pass follow from."""
Meeting = Callable[[Any], Sequence[Any]]
"""What all lanes say, in order, from what this one says."""


class Arena:
    """Memory for arrays by role, as much for each as the largest one needed; smaller ones lie at its start.

    So an odd last batch costs nothing, and an array is only good until its role is asked for in another shape.
    """

    def __init__(self) -> None:
        self._memory: dict[tuple[str, Any], Array] = {}
        self._views: dict[tuple[Any, ...], Array] = {}

    def array(self, role: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """A buffer in C order with any content."""
        found = self._views.get((role, shape, dtype))
        return self._view(role, shape, dtype) if found is None else found

    def _view(self, role: str, shape: tuple[int, ...], dtype: Any) -> Array:
        size = prod(shape)
        memory = self._memory.get((role, dtype))
        if memory is None or memory.size < size:
            self._views = {key: view for key, view in self._views.items() if (key[0], key[2]) != (role, dtype)}
            del memory
            self._memory.pop((role, dtype), None)  # what was too small goes before there is more
            memory = self._memory[role, dtype] = np.empty(size, dtype)
        view = self._views[role, shape, dtype] = memory[:size].reshape(shape)
        return view

    @property
    def bytes(self) -> int:
        """Memory these arrays take."""
        return sum(memory.nbytes for memory in self._memory.values())


class Gradients:
    """Memory for gradients on their way back: once no pending gradient lies in it, it serves for another one.

    Every pass back asks for the same arrays in the same order, and gets each where it lay before: so what is lent does
    not grow from pass to pass.
    """

    def __init__(self) -> None:
        self._lent: list[_Piece] = []
        self._free: list[_Piece] = []
        self._given: list[_Piece] = []
        self._asked = 0

    def begin(self) -> None:
        """Start a pass back: nothing is pending, whatever became of the last one."""
        self.keep(())
        self._asked = 0

    def take(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """A buffer in C order with any content, where it lay in the last pass; else in the smallest free memory that
        holds it, or in the largest that does not, which grows."""
        size = prod(shape)
        piece = self._as_before(dtype) or self._fitting(size, dtype)
        self._given[self._asked : self._asked + 1] = [piece]
        self._asked += 1
        self._free = [other for other in self._free if other is not piece]
        self._lent.append(piece)
        return piece.holding(size)[:size].reshape(shape)

    def _as_before(self, dtype: Any) -> "_Piece | None":
        known = self._given[self._asked] if self._asked < len(self._given) else None
        return known if known in self._free and known.memory.dtype == dtype else None

    def _fitting(self, size: int, dtype: Any) -> "_Piece":
        free = sorted((piece for piece in self._free if piece.memory.dtype == dtype), key=lambda p: p.memory.size)
        largest = free[-1] if free else _Piece(np.empty(0, dtype))
        return next((piece for piece in free if piece.memory.size >= size), largest)

    def keep(self, pending: Iterable[Array]) -> None:
        """Take back all memory but what these arrays lie in."""
        kept = {id(_owner(array)) for array in pending}
        self._free += [piece for piece in self._lent if id(piece.memory) not in kept]
        self._lent = [piece for piece in self._lent if id(piece.memory) in kept]

    @property
    def bytes(self) -> int:
        """Memory of all of them."""
        return sum(piece.memory.nbytes for piece in (*self._lent, *self._free))


@dataclass(eq=False, slots=True)
class _Piece:
    """Memory that grows where it is too small; what lay in it is lost then."""

    memory: Array

    def holding(self, size: int) -> Array:
        if self.memory.size < size:
            self.memory = self.memory[:0].copy()  # what was too small goes before there is more
            self.memory = np.empty(size, self.memory.dtype)
        return self.memory


class Shared(NamedTuple):
    """What all layers of a network use one after the other, so that it stays in the processor's cache."""

    temporary: Arena
    gradients: Gradients


class StepBuffers:
    """What one layer may use during a pass (`netbuilder.layers.base.Pass`), and what it proposed to remember."""

    def __init__(self, name: str, dtype: np.dtype[Any], needs_input_gradient: bool, shared: Shared) -> None:
        self.name, self.dtype = name, dtype
        self.training = False
        self.needs_input_gradient, self.may_overwrite = needs_input_gradient, False
        self.remembered: dict[str, Array] = {}
        self._meeting: Meeting | None = None
        self._noise: Noise = (0, 0)
        self._first = 0
        self._own, self._shared = Arena(), shared

    def begin(
        self,
        training: bool,
        noise: Noise,
        first: int = 0,
        meeting: Meeting | None = None,
        *,
        may_overwrite: bool = False,
    ) -> None:
        """Start a pass: what was remembered is forgotten, and random numbers follow from `noise`. `first` is the first
        example of the batch that this pass sees, and `meeting` how it hears of the others, if there are others."""
        self.training, self.may_overwrite, self._noise, self._first = training, may_overwrite, noise, first
        self._meeting = meeting
        if self.remembered:
            self.remembered = {}

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return self._own.array(role, shape, self.dtype if dtype is None else dtype)

    def gradient(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return self._shared.gradients.take(shape, self.dtype if dtype is None else np.dtype(dtype))

    def temporary(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return self._shared.temporary.array(role, shape, self.dtype if dtype is None else dtype)

    def uniform(self, role: str, shape: tuple[int, ...]) -> Array:
        """Example after example, so that a part of the batch sees what the whole one would; two numbers are drawn at a
        time."""
        seed, step = self._noise
        out = self._shared.temporary.array(role, shape, np.dtype(np.float32))
        before = self._first * prod(shape[1:])
        random = stream(seed, "noise", self.name, step, skip=before // 2)
        if before % 2:
            random.random(dtype=np.float32)
        return random.random(out=out, dtype=np.float32)

    def gather(self, values: T) -> Sequence[T]:
        return (values,) if self._meeting is None else self._meeting(values)

    def remember(self, name: str, value: Array) -> None:
        self.remembered[name] = value

    @property
    def bytes(self) -> int:
        """Memory of its own."""
        return self._own.bytes


def _owner(array: Array) -> Array:
    """The array whose memory a view shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
