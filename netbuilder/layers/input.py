"""Where data enters the network."""

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import Array, Facts, Family, Layer, Misfit, Pass, Pullback, SettingError, layer, unchanged
from .settings import OptionalInteger, setting
from .shapes import ImageShape, Shape, VectorShape


@layer
class Input(Layer):
    """An image of height × width × channels, or a flat list of features. With nothing given: 28×28×1."""

    family: ClassVar[Family] = "input"
    least_inputs: ClassVar[int] = 0
    most_inputs: ClassVar[int | None] = 0

    height: int | None = setting(default=None, converter=OptionalInteger(), unit="pixels", help="Rows of the image.")
    width: int | None = setting(default=None, converter=OptionalInteger(), unit="pixels", help="Columns of the image.")
    channels: int | None = setting(
        default=None, converter=OptionalInteger(), help="Numbers at each pixel: 1 for grey, 3 for red, green and blue."
    )
    features: int | None = setting(
        default=None, converter=OptionalInteger(), help="Length of a flat list of numbers, instead of an image."
    )

    def __post_init__(self) -> None:
        if self.height is self.width is self.channels is self.features is None:
            for name, value in (("height", 28), ("width", 28), ("channels", 1)):
                object.__setattr__(self, name, value)
        super().__post_init__()

    def check(self) -> None:
        if self.features is not None:
            if not (self.height is self.width is self.channels is None):
                raise SettingError("Input", "features", "cannot be combined with height, width or channels")
        elif self.height is None or self.width is None:
            raise SettingError("Input", "width" if self.width is None else "height", "is missing")

    def caption(self) -> str:
        names = {None: "no channels", 1: "grey image", 3: "colour image"}
        return "features" if self.features else names.get(self.channels, f"{self.channels} channels")

    def infer(self, *inputs: Shape) -> Facts:
        if self.features is not None:
            return unchanged(VectorShape(self.features))
        height, width = self.height or 0, self.width or 0
        if self.channels is None:
            raise Misfit(
                "no-channels",
                f"Images are {height}×{width} with no channel. A grey image has 1: {height}×{width}×1.",
            )
        return unchanged(ImageShape(self.channels, height, width))

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        raise TypeError("An input has nothing to compute: the program puts the data in its place.")

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        raise TypeError("An input has no node: the exporter declares it.")
