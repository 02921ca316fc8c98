"""What reshapes and transpositions make of an activation: the same numbers, counted through in another order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Self

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import ImageShape, Shape

from .operations import Operation

Atom = tuple[int, int]
"""A run of `size` numbers, `stride` apart."""


@dataclass(frozen=True)
class View:
    """How a tensor of these axes (the batch's left out) reads the numbers of a layer, which lie in their own order.

    An axis is one run of numbers or several, nested, the outermost first; runs of one number are left out.
    """

    axes: tuple[tuple[Atom, ...], ...]

    @classmethod
    def plain(cls, sizes: Sequence[int]) -> Self:
        """Axes in the order in which the numbers lie."""
        strides = [prod(sizes[index + 1 :]) for index in range(len(sizes))]
        return cls(tuple(((size, stride),) if size > 1 else () for size, stride in zip(sizes, strides, strict=True)))

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(prod(size for size, _ in axis) for axis in self.axes)

    @property
    def runs(self) -> tuple[Atom, ...]:
        """The whole order, in as few runs as can say it."""
        found: list[Atom] = []
        for size, stride in (atom for axis in self.axes for atom in axis):
            if found and found[-1][1] == size * stride:
                found[-1] = (found[-1][0] * size, stride)
            else:
                found.append((size, stride))
        return tuple(found)

    @property
    def in_order(self) -> bool:
        """Whether the numbers are read as they lie."""
        runs = self.runs
        return not runs or (len(runs) == 1 and runs[0][1] == 1)

    def transposed(self, order: Sequence[int]) -> "View":
        return View(tuple(self.axes[axis] for axis in order))

    def reshaped(self, sizes: Sequence[int]) -> "View | None":
        """Other axes over the same order; None where they would cut across its runs."""
        left, axes = list(self.runs), list[tuple[Atom, ...]]()
        for need in sizes:
            axis: list[Atom] = []
            while need > 1 and left:
                size, stride = left.pop(0)
                if need % size == 0:
                    axis.append((size, stride))
                    need //= size
                elif size % need == 0:
                    axis.append((need, stride * (size // need)))
                    left.insert(0, (size // need, stride))
                    need = 1
                else:
                    return None
            if need != 1:
                return None
            axes.append(tuple(axis))
        return None if left else View(tuple(axes))

    def places(self) -> Array:
        """For each number read, where it lies."""
        found = np.zeros(1, np.int64)
        for size, stride in self.runs:
            found = (found[:, None] + np.arange(size) * stride).reshape(-1)
        return found


@dataclass(frozen=True)
class Signal:
    """A tensor of the network: what a layer gives, seen through a view, perhaps with zeros around it still to come, or
    one place still to be repeated over a whole map.

    `pads` are (top, bottom, left, right), `stretch` the axes of that map. `sole` tells that nothing else reads the
    layer, `via` what made the view.
    """

    node: int
    shape: Shape
    view: View
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    stretch: tuple[int, ...] | None = None
    sole: bool = True
    via: Operation | None = field(default=None, compare=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Axes as ONNX counts them, without the batch's."""
        if self.stretch is not None:
            return self.stretch
        if not any(self.pads):
            return self.view.sizes
        top, bottom, left, right = self.pads
        height, width, channels = (
            self.shape.array[1] + top + bottom,
            self.shape.array[2] + left + right,
            self.shape.array[0],
        )
        return (height, width, channels) if self.channel_axis == 2 else (channels, height, width)

    @property
    def channel_axis(self) -> int | None:
        """Which axis counts the channels of a map or the features of a list; None where none does."""
        if isinstance(self.shape, ImageShape):
            plain = View.plain(self.shape.array)
            return {plain: 0, plain.transposed((1, 2, 0)): 2}.get(self.view)
        lists = [axis for axis, size in enumerate(self.view.sizes) if size == self.shape.features]
        return lists[0] if lists and prod(self.view.sizes) == self.shape.features else None

    @property
    def plain(self) -> bool:
        """Whether axes and order are a layer's own."""
        return self.view == View.plain(self.shape.array)


def shuffled(signal: Signal) -> int | None:
    """In how many groups the channels of a map were written side by side and read across (Zhang et al. 2018,
    ShuffleNet, section 3.1); None where something else was done."""
    if not isinstance(signal.shape, ImageShape) or signal.sizes != signal.shape.array or not signal.view.runs:
        return None
    channels, height, width = signal.shape.array
    groups = channels // signal.view.runs[0][0]
    if not groups or channels % groups:
        return None
    spread = View.plain((groups, channels // groups, height, width)).transposed((1, 0, 2, 3))
    return groups if spread.runs == signal.view.runs else None
