"""A layer and its input's shape -> what is odd about just that pair: unread edges, lopsided padding, swapped axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from netbuilder.graph import Node
from netbuilder.layers import Facts, ImageShape, Input, Shape
from netbuilder.layers.base import Window
from netbuilder.layers.convolution import Sliding
from netbuilder.layers.pooling import Pool

from .report import Problem

PIXEL_SIZES = (1, 3, 4)
"""Numbers a pixel has: grey; red, green and blue; those and opacity."""


def notes(node: Node, facts: Facts, inputs: Sequence[Shape | None]) -> tuple[Problem, ...]:
    """What is worth saying of a layer that fits its input, from nothing but the two."""
    layer, out = node.layer, facts.shape
    if isinstance(layer, Input):
        return _axis_order(node, layer)
    if not isinstance(layer, (Sliding, Pool)) or facts.reach is None:
        return ()
    shape = inputs[0]
    assert isinstance(shape, ImageShape)
    assert isinstance(out, ImageShape)
    axes = (
        _Axis("row", "above", "below", shape.height, out.height, facts.reach[0]),
        _Axis("column", "left", "right", shape.width, out.width, facts.reach[1]),
    )
    if layer.padding == "same":
        return _same_asymmetric(node, axes)
    if isinstance(layer, Pool) and layer.ceil_mode:
        return ()
    pads = layer.padding if isinstance(layer.padding, tuple) else (0, 0, 0, 0)
    return _ragged(node, axes, (sum(pads[:2]), sum(pads[2:])))


@dataclass(frozen=True, slots=True)
class _Axis:
    """A window along one axis of a map: `size` positions in, `places` out."""

    name: str
    before: str
    after: str
    size: int
    places: int
    window: Window

    @property
    def past(self) -> int:
        """How far the last window reaches beyond the map; negative where it ends before it."""
        return (self.places - 1) * self.window.stride + self.window.extent - self.window.begin - self.size

    @property
    def unread(self) -> int:
        """Rows or columns behind the last window, unless they are no more than a stride skips anyway."""
        return -self.past if -self.past > max(0, self.window.stride - self.window.extent) else 0


# ---- ragged ----------------------------------------------------------------------------------------------------------


def _ragged(node: Node, axes: Sequence[_Axis], padding: tuple[int, int]) -> tuple[Problem, ...]:
    """The stride does not divide the way: what is left at the end is not read."""
    found = [(axis, _division(axis, pads)) for axis, pads in zip(axes, padding, strict=True) if axis.unread]
    if not found:
        return ()
    divisions = dict.fromkeys(text for _, text in found)
    unread = {axis.unread for axis, _ in found}
    names = [axis.name for axis, _ in found]
    if len(unread) == 1:
        count = unread.pop()
        last = f"{count} " * (count > 1) + " and ".join(name + "s" * (count > 1) for name in names)
    else:
        last = " and the last ".join(f"{a.unread} {a.name}s" if a.unread > 1 else a.name for a, _ in found)
    verb = "is" if last in ("row", "column") else "are"
    sentence = f"In “{node.name}”, {' and '.join(divisions)}: the last {last} {verb} never looked at."
    return (Problem("ragged", "information", node.id, node.name, sentence),)


def _division(axis: _Axis, padding: int) -> str:
    """'(10 − 3)/2 + 1 = 4.5, rounded down to 4'."""
    window, padded = axis.window, f" + {padding}" if padding else ""
    exact = Fraction(axis.size + padding - window.extent, window.stride) + 1
    shown = f"{float(exact):.2f}".rstrip("0")
    sign = "=" if Fraction(shown) == exact else "≈"
    terms = f"({axis.size}{padded} − {window.extent})/{window.stride} + 1"
    return f"{terms} {sign} {shown}, rounded down to {axis.places}"


# ---- same-asymmetric -------------------------------------------------------------------------------------------------


def _same_asymmetric(node: Node, axes: Sequence[_Axis]) -> tuple[Problem, ...]:
    """ "same" puts an odd zero at the end, as ONNX's SAME_UPPER; PyTorch's padding of half the window does not."""
    odd = [axis for axis in axes if max(axis.past, 0) != axis.window.begin]
    if not odd:
        return ()
    pads = {(axis.window.begin, axis.past) for axis in odd}
    if len(odd) == 2 and len(pads) == 1:
        begin, end = pads.pop()
        adds = f"{begin} above and left, {end} below and right"
    else:
        adds = ", ".join(f"{a.window.begin} {a.before} and {a.past} {a.after}" for a in odd)
    halves = [axis.window.extent // 2 for axis in axes]
    setting = str(halves[0]) if halves[0] == halves[1] else f"({halves[0]}, {halves[1]})"
    theirs = " and ".join(dict.fromkeys(f"{axis.window.extent // 2}+{axis.window.extent // 2}" for axis in odd))
    sentence = f"“same” adds {adds} in “{node.name}”; PyTorch's padding={setting} adds {theirs}."
    return (Problem("same-asymmetric", "information", node.id, node.name, sentence),)


# ---- axis-order ------------------------------------------------------------------------------------------------------


def unswapped(layer: Input) -> tuple[int, int, int] | None:
    """(height, width, channels) as they were surely meant, where one image axis holds what a pixel holds and the other
    is as long as there are channels: 28 channels of 28×1, or of 1×28. None where the input may be what it says.

    Only for square images: 128 steps of 9 channels each are an ordinary signal, 128×1×9.
    """
    height, width, channels = layer.height, layer.width, layer.channels
    if height is None or width is None or channels is None or channels <= max(PIXEL_SIZES):
        return None
    if width in PIXEL_SIZES and height == channels:
        return channels, height, width
    if height in PIXEL_SIZES and width == channels:
        return width, channels, height
    return None


def _axis_order(node: Node, layer: Input) -> tuple[Problem, ...]:
    if unswapped(layer) is None:
        return ()
    written = "height×width×channels" if layer.width in PIXEL_SIZES else "channels×height×width"
    sentence = (
        f"“{node.name}” reads as {layer.channels} channels of {layer.height}×{layer.width} pixels. "
        f"That looks like {written}."
    )
    return (Problem("axis-order", "warning", node.id, node.name, sentence),)
