"""The arrays a compiled program owns: handed to layers by role, and the same ones again at every step."""

from math import prod
from typing import Any

import numpy as np

from netbuilder.kernels.scratch import Array

from .randomness import stream

Noise = tuple[int, int]
"""Seed and step: what the random numbers of one pass follow from."""


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
            memory = self._memory[role, dtype] = np.empty(size, dtype)
            self._views = {key: view for key, view in self._views.items() if (key[0], key[2]) != (role, dtype)}
        view = self._views[role, shape, dtype] = memory[:size].reshape(shape)
        return view

    @property
    def bytes(self) -> int:
        """Memory these arrays take."""
        return sum(memory.nbytes for memory in self._memory.values())


class StepBuffers:
    """What one layer may use during a pass (`netbuilder.layers.base.Pass`), and what it proposed to remember.

    Temporary arrays are shared by all layers, so they stay in the processor's cache.
    """

    def __init__(self, name: str, dtype: np.dtype[Any], needs_input_gradient: bool, shared: Arena) -> None:
        self.name, self.dtype = name, dtype
        self.training = False
        self.needs_input_gradient = needs_input_gradient
        self.remembered: dict[str, Array] = {}
        self._noise: Noise = (0, 0)
        self._random: np.random.Generator | None = None
        self._own, self._shared = Arena(), shared

    def begin(self, training: bool, noise: Noise) -> None:
        """Start a pass: what was remembered is forgotten, and the random stream starts where `noise` says."""
        self.training, self._noise, self._random = training, noise, None
        if self.remembered:
            self.remembered = {}

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return self._own.array(role, shape, self.dtype if dtype is None else dtype)

    def temporary(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return self._shared.array(role, shape, self.dtype if dtype is None else dtype)

    @property
    def random(self) -> np.random.Generator:
        if self._random is None:
            seed, step = self._noise
            self._random = stream(seed, "noise", self.name, step)
        return self._random

    def remember(self, name: str, value: Array) -> None:
        self.remembered[name] = value

    @property
    def bytes(self) -> int:
        """Memory of its own."""
        return self._own.bytes
