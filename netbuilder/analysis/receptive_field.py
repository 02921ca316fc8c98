"""What every output sees of the input image: windows widen it, strides space it, merges unite it."""

from collections.abc import Sequence
from typing import NamedTuple

from netbuilder.graph import Node
from netbuilder.layers import Facts, ImageShape, Input, Working
from netbuilder.layers.base import Window
from netbuilder.layers.workings import number


class Sight(NamedTuple):
    """What outputs see along one axis of the input image: the first of `places` outputs sees positions `low` to
    `high`, each next one `jump` further. A flattened map keeps its places."""

    low: int
    high: int
    jump: int
    places: int
    working: Working

    @property
    def extent(self) -> int:
        return self.high - self.low + 1


def sight(node: Node, facts: Facts, below: Sequence[tuple[Sight, Sight] | None]) -> tuple[Sight, Sight] | None:
    """What an output of this layer sees of the input image, down and across, from what its inputs see; None where the
    input is not an image.

    Through windows, low and high widen by the window's extent times the jump of the layer below, and jumps multiply;
    a merge sees what any of its branches sees (Araujo, Norris and Sim, Distill 2019, doi 10.23915/distill.00021).
    """
    shape = facts.shape
    if isinstance(node.layer, Input):
        if not isinstance(shape, ImageShape):
            return None
        one = number("one pixel", 1)
        return Sight(0, 0, 1, shape.height, one), Sight(0, 0, 1, shape.width, one)
    seen = [pair for pair in below if pair]
    if not seen or len(seen) < len(below):
        return None
    vertical, horizontal = (_merged([pair[axis] for pair in seen]) for axis in (0, 1))
    if facts.reach is None:
        return _everything(vertical), _everything(horizontal)
    if isinstance(shape, ImageShape):
        vertical = _through(facts.reach[0], vertical, shape.height)
        horizontal = _through(facts.reach[1], horizontal, shape.width)
    return vertical, horizontal


def _merged(branches: list[Sight]) -> Sight:
    """The union of what several branches see."""
    low, high = min(s.low for s in branches), max(s.high for s in branches)
    widest = max(branches, key=lambda s: s.extent)
    working = widest.working if widest.extent == high - low + 1 else number("union of branches", high - low + 1)
    return Sight(low, high, max(s.jump for s in branches), widest.places, working)


def _through(window: Window, below: Sight, places: int) -> Sight:
    low = below.low - window.begin * below.jump
    high = below.high + (window.extent - 1 - window.begin) * below.jump
    working = _widened(below, "window", window.extent)
    return Sight(low, high, below.jump * window.stride, places, working)


def _everything(below: Sight) -> Sight:
    """An output that reads its whole input sees all that the input's first to last place see."""
    high = below.high + (below.places - 1) * below.jump
    return Sight(below.low, high, below.jump, 1, _widened(below, "places", below.places))


def _widened(below: Sight, name: str, count: int) -> Working:
    if count == 1:
        return below.working
    return number("seen before", below.extent) + (number(name, count) - 1) * number("pixels a step", below.jump)
