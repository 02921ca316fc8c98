"""The arithmetic of sliding windows: size, kernel, stride, padding and dilation in; output size and pads out."""

from dataclasses import dataclass

from .base import Misfit, Reach, Window
from .settings import Padding, Pair
from .shapes import ImageShape
from .workings import Working, ceil, floor, number

Pads = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Slide:
    """A window sliding along one axis: how often it fits, and the padding that takes."""

    out: Working
    begin: int
    end: int
    extent: int
    stride: int
    size: int

    @property
    def past(self) -> int:
        """Padding after the axis that its windows reach, or the declared one where they reach less.

        Only in ceil mode can it be more than declared: with it, rounding down counts the same windows.
        """
        return max((self.out.result - 1) * self.stride + self.extent - self.size - self.begin, self.end)


@dataclass(frozen=True, slots=True)
class Slide2D:
    """A window sliding over a map."""

    vertical: Slide
    horizontal: Slide

    @property
    def size(self) -> Pair:
        """Output (height, width)."""
        return self.vertical.out.result, self.horizontal.out.result

    @property
    def pads(self) -> Pads:
        """(top, bottom, left, right)."""
        return self.vertical.begin, self.vertical.end, self.horizontal.begin, self.horizontal.end

    @property
    def onnx_pads(self) -> list[int]:
        """[top, left, bottom, right], ONNX's order: all begins before all ends."""
        top, bottom, left, right = self.pads
        return [top, left, bottom, right]

    @property
    def covering_pads(self) -> list[int]:
        """ONNX pads that hold every window whole, so that ceil mode need not be said."""
        return [self.vertical.begin, self.horizontal.begin, self.vertical.past, self.horizontal.past]

    @property
    def reach(self) -> Reach:
        v, h = self.vertical, self.horizontal
        return Window(v.extent, v.stride, v.begin), Window(h.extent, h.stride, h.begin)


def slide2d(
    shape: ImageShape,
    kernel: Pair,
    stride: Pair,
    padding: Padding,
    dilation: Pair = (1, 1),
    *,
    ceil_mode: bool = False,
) -> Slide2D:
    """Slide a kernel over a map. Raises Misfit where it is larger than the padded map."""
    explicit = (
        ((padding[0], padding[1]), (padding[2], padding[3])) if isinstance(padding, tuple) else (padding, padding)
    )
    sizes = (shape.height, shape.width)
    extents = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    pads = [_pads(n, e, s, p) for n, e, s, p in zip(sizes, extents, stride, explicit, strict=True)]
    if any(n + sum(p) < e for n, p, e in zip(sizes, pads, extents, strict=True)):
        raise _too_large(shape, kernel, extents, padding)
    vertical, horizontal = (
        Slide(
            _places(axis, sizes[i], kernel[i], stride[i], dilation[i], pads[i], padding == "same", ceil_mode),
            *pads[i],
            extents[i],
            stride[i],
            sizes[i],
        )
        for i, axis in enumerate(("height", "width"))
    )
    return Slide2D(vertical, horizontal)


def _pads(size: int, extent: int, stride: int, padding: str | Pair) -> Pair:
    """Padding before and after one axis; "same" puts an odd one out at the end, as ONNX's SAME_UPPER."""
    if not isinstance(padding, str):
        return padding
    if padding == "valid":
        return 0, 0
    out = -(-size // stride)
    total = max((out - 1) * stride + extent - size, 0)
    return total // 2, total - total // 2


def _places(
    axis: str, size: int, kernel: int, stride: int, dilation: int, pads: Pair, same: bool, ceil_mode: bool
) -> Working:
    """⌊(size + padding − extent) / stride⌋ + 1; in ceil mode ⌈…⌉ + 1, less a last window that starts past the input.

    With "same" both come to ⌈size / stride⌉, whatever the kernel.
    """
    n, k, s = number(axis, size), number(f"kernel {axis}", kernel), number("stride", stride)
    if same:
        return ceil(n / s)
    extent = k if dilation == 1 else number("dilation", dilation) * (k - 1) + 1
    room = n + number("padding", sum(pads)) - extent
    if not ceil_mode:
        return floor(room / s) + 1
    out = ceil(room / s) + 1
    beyond = (out.result - 1) * stride >= size + pads[0]
    return out - number("window past the edge", 1) if beyond else out


def _too_large(shape: ImageShape, kernel: Pair, extents: tuple[int, ...], padding: Padding) -> Misfit:
    window = f"{kernel[0]}×{kernel[1]} window"
    if extents != kernel:
        window += f" dilated to {extents[0]}×{extents[1]}"
    padded = "" if padding == "valid" else ", padding included"
    return Misfit(
        "window-too-large",
        f"{{layer}} slides a {window}, but only {shape.height}×{shape.width} is left after {{0}}{padded}.",
    )
