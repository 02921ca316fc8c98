"""From windowed pooling to its lines of PyTorch, whose padding is alike on both sides and at most half a window."""

from collections.abc import Sequence

from netbuilder.layers import AveragePool2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D, Shape
from netbuilder.layers.pooling import Pool
from netbuilder.layers.sliding import Slide, Slide2D

from .layout import Call, Expression
from .pytorch_rows import Pads, Row, called, image, padding_first, pair, row

PARTIAL_POOL = '''\
class PartialAvgPool2d(nn.Module):
    """The mean of every window without its padding, which differs from side to side."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int],
        padding: tuple[int, int, int, int],
    ) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(kernel_size, stride)
        self.padding = padding  # left, right, top, bottom

    def forward(self, x: Tensor) -> Tensor:
        inside = F.pad(torch.ones_like(x[:1, :1]), self.padding)
        return self.pool(F.pad(x, self.padding)) / self.pool(inside)
'''


@row.register
def _(layer: MaxPool2D, inputs: Sequence[Shape], output: Shape) -> Row:
    slide = layer.slide(image(inputs[0]))
    if _own(layer, slide):
        return Row(_made(layer, "MaxPool2d", slide), called)
    top, left, bottom, right = slide.covering_pads
    pads = (top, bottom, left, right)
    return Row(_bare(layer, "MaxPool2d"), padding_first(pads, "-torch.inf") if any(pads) else called)


@row.register
def _(layer: AveragePool2D, inputs: Sequence[Shape], output: Shape) -> Row:
    slide = layer.slide(image(inputs[0]))
    counted = layer.count_include_pad or not any(slide.pads)
    if _own(layer, slide):
        left_out = () if counted else ("count_include_pad=False",)
        return Row(_made(layer, "AvgPool2d", slide, *left_out), called)
    if counted:
        return _counted(layer, slide)
    top, left, bottom, right = slide.covering_pads
    around = f"padding=({left}, {right}, {top}, {bottom})"
    window = (pair(layer.pool_size), f"stride={pair(layer.stride)}", around)
    return Row(Call("PartialAvgPool2d", window), called, PARTIAL_POOL)


def _counted(layer: AveragePool2D, slide: Slide2D) -> Row:
    """Counted padding becomes part of the map; what windows find past it is left to ceil mode."""
    axes = slide.vertical, slide.horizontal
    runs_past = any(axis.past > axis.end for axis in axes)
    (top, bottom), (left, right) = ((axis.begin, _exact_end(axis)) for axis in axes)
    module = _bare(layer, "AvgPool2d", *(["ceil_mode=True"] if runs_past else ()))
    pads: Pads = (top, bottom, left, right)
    return Row(module, padding_first(pads) if any(pads) else called)


def _exact_end(axis: Slide) -> int:
    """Padding behind an axis with which rounding up and rounding down count the same windows, unless they run past it:
    it may cut off what no window reaches."""
    if axis.past > axis.end:
        return axis.end
    return (axis.out.result - 1) * axis.stride + axis.extent - axis.size - axis.begin


def _own(layer: Pool, slide: Slide2D) -> bool:
    """Whether PyTorch's pooling can do the padding itself."""
    top, bottom, left, right = slide.pads
    height, width = layer.pool_size
    return top == bottom and left == right and 2 * top <= height and 2 * left <= width


def _made(layer: Pool, kind: str, slide: Slide2D, *more: str) -> Call:
    """A pooling that pads by itself, ceil mode included, which PyTorch means as we do."""
    top, _, left, _ = slide.pads
    around = (f"padding={pair((top, left))}",) if top or left else ()
    up = ("ceil_mode=True",) if layer.ceil_mode and layer.padding != "same" else ()
    return _bare(layer, kind, *around, *up, *more)


def _bare(layer: Pool, kind: str, *more: str) -> Call:
    stride = () if layer.stride == layer.pool_size else (f"stride={pair(layer.stride)}",)
    return Call(f"nn.{kind}", (f"kernel_size={pair(layer.pool_size)}", *stride, *more))


def _flattened(module: str, inputs: Sequence[str]) -> Expression:
    return Call(module, tuple(inputs), tail=".flatten(1)")


@row.register
def _(layer: GlobalAveragePool2D, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(Call("nn.AdaptiveAvgPool2d", ("1",)), _flattened)


@row.register
def _(layer: GlobalMaxPool2D, inputs: Sequence[Shape], output: Shape) -> Row:
    return Row(Call("nn.AdaptiveMaxPool2d", ("1",)), _flattened)
