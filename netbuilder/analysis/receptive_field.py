"""What every output sees of the input image: windows widen it, strides space it, merges unite it."""

from collections.abc import Sequence
from math import gcd, lcm
from typing import NamedTuple

from netbuilder.graph import Node
from netbuilder.layers import Facts, ImageShape, Input, Working
from netbuilder.layers.base import Window
from netbuilder.layers.workings import number

Span = tuple[int, int]
MOST_PHASES = 4096
"""From so many different outputs on, as of 3/7 of 5/11 of a map, each is said to see everything."""


class Sight(NamedTuple):
    """What outputs see along one axis of the input image: the first of `places` outputs sees the pixels of the first
    of `spans`, from its low end to its high one, the second those of the second; behind the last span they begin
    again, `jump` further.

    Without upsampling there is one span. Behind it neighbours may see the same pixels, so there is a span for every
    output that differs. A flattened map keeps its places.
    """

    spans: tuple[Span, ...]
    jump: int
    places: int
    working: Working

    @property
    def extent(self) -> int:
        """How many pixels the output sees that sees most."""
        return max(high - low + 1 for low, high in self.spans)

    def at(self, place: int) -> Span:
        """The pixels an output sees. Places and pixels before 0 and past the last are padding."""
        period, phase = divmod(place, len(self.spans))
        low, high = self.spans[phase]
        return low + period * self.jump, high + period * self.jump


def sight(node: Node, facts: Facts, below: Sequence[tuple[Sight, Sight] | None]) -> tuple[Sight, Sight] | None:
    """What an output of this layer sees of the input image, down and across, from what its inputs see; None where the
    input is not an image.

    Through windows, spans widen by the window's extent times the jump of the layer below, and jumps multiply; a merge
    sees what any of its branches sees (Araujo, Norris and Sim, Distill 2019, doi 10.23915/distill.00021). Upsampled
    maps are followed output by output, for as many as differ.
    """
    shape = facts.shape
    if isinstance(node.layer, Input):
        if not isinstance(shape, ImageShape):
            return None
        one = number("one pixel", 1)
        return Sight(((0, 0),), 1, shape.height, one), Sight(((0, 0),), 1, shape.width, one)
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
    if len(branches) == 1:
        return branches[0]
    places = max(s.places for s in branches)
    if places > 1 and any(s.places == 1 for s in branches):  # one place beside a map stands for all of it
        return _united([_everything(s) for s in branches], places)
    widest = max(branches, key=lambda s: s.extent)
    phases = lcm(*(len(s.spans) for s in branches))
    if phases > MOST_PHASES:
        return _everything(widest)._replace(places=widest.places)
    seen = [[s.at(place) for s in branches] for place in range(phases)]
    spans = tuple((min(low for low, _ in each), max(high for _, high in each)) for each in seen)
    jump = max(s.jump * phases // len(s.spans) for s in branches)
    merged = Sight(spans, jump, widest.places, widest.working)
    working = number("union of branches", merged.extent)
    return merged if merged.extent == widest.extent else merged._replace(working=working)


def _united(branches: list[Sight], places: int) -> Sight:
    """What branches see together of which each sees one span from everywhere."""
    widest = max(branches, key=lambda s: s.extent)
    span = min(s.spans[0][0] for s in branches), max(s.spans[0][1] for s in branches)
    merged = Sight((span,), 0, places, widest.working)
    if merged.extent == widest.extent:
        return merged
    return merged._replace(working=number("union of branches", merged.extent))


def _through(window: Window, below: Sight, places: int) -> Sight:
    """Outputs see what the places in their windows see; as many differ as it takes until a window begins again where
    one below does."""
    apart = window.spread * len(below.spans)
    phases = apart // gcd(window.stride, apart)
    if phases > MOST_PHASES:
        return _everything(below)._replace(places=places)
    spans: list[Span] = []
    for place in range(phases):
        start = place * window.stride - window.begin
        last = (start + window.extent - 1) // window.spread
        first = min(-(-start // window.spread), last)  # where strides leave gaps an output may see nothing
        spans.append((below.at(first)[0], below.at(last)[1]))
    seen = Sight(tuple(spans), below.jump * window.stride * phases // apart, places, below.working)
    plain = len(below.spans) == window.spread == 1
    return seen._replace(working=_widened(below, "window", window.extent) if plain else _counted(seen, below))


def _everything(below: Sight) -> Sight:
    """An output that reads its whole input sees all that the input's first to last place see; so do its neighbours."""
    seen = Sight(((below.at(0)[0], below.at(below.places - 1)[1]),), 0, 1, below.working)
    plain = len(below.spans) == 1
    return seen._replace(working=_widened(below, "places", below.places) if plain else _counted(seen, below))


def _widened(below: Sight, name: str, count: int) -> Working:
    if count == 1 or not below.jump:
        return below.working
    return number("seen before", below.extent) + (number(name, count) - 1) * number("pixels a step", below.jump)


def _counted(seen: Sight, below: Sight) -> Working:
    """From the first pixel to the last that an output sees which sees most, and nothing before the image."""
    if seen.extent == below.extent:
        return below.working
    phase = next(i for i, (low, high) in enumerate(seen.spans) if high - low + 1 == seen.extent)
    periods = -(seen.spans[phase][0] // seen.jump) if seen.jump else 0
    low, high = seen.at(phase + max(periods, 0) * len(seen.spans))
    shift = min(low, 0)
    return number("last pixel", high - shift) - number("first pixel", low - shift) + 1
