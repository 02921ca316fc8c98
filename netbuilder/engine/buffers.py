"""The arrays a compiled program owns: handed to layers by role, and the same ones again at every step."""

from typing import Any

import numpy as np

from netbuilder.kernels.scratch import Array

from .randomness import stream

Noise = tuple[int, int]
"""Seed and step: what the random numbers of one pass follow from."""


class StepBuffers:
    """What one layer may use during a pass (`netbuilder.layers.base.Pass`), and what it proposed to remember.

    An array is kept for each role and inner shape, as large as the largest batch needed; a smaller batch gets a
    leading view of it, so an odd last batch costs nothing.
    """

    def __init__(self, name: str, dtype: np.dtype[Any], needs_input_gradient: bool) -> None:
        self.name, self.dtype = name, dtype
        self.training = False
        self.needs_input_gradient = needs_input_gradient
        self.remembered: dict[str, Array] = {}
        self._noise: Noise = (0, 0)
        self._random: np.random.Generator | None = None
        self._arrays: dict[tuple[Any, ...], Array] = {}

    def begin(self, training: bool, noise: Noise) -> None:
        """Start a pass: what was remembered is forgotten, and the random stream starts where `noise` says."""
        self.training, self._noise, self._random = training, noise, None
        if self.remembered:
            self.remembered = {}

    def array(self, role: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        key = (role, shape[1:], self.dtype if dtype is None else dtype)
        found = self._arrays.get(key)
        if found is None or len(found) < shape[0]:
            found = self._arrays[key] = np.empty(shape, key[2])
        return found if len(found) == shape[0] else found[: shape[0]]

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
        """Memory these arrays take."""
        return sum(array.nbytes for array in self._arrays.values())
