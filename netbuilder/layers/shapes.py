"""What flows along a wire: the shape of one activation, without its batch axis."""

from dataclasses import dataclass
from typing import Literal

Order = Literal["hwc", "chw"]


@dataclass(frozen=True, slots=True)
class ImageShape:
    """A map of `height` × `width` positions with `channels` numbers at each."""

    channels: int
    height: int
    width: int

    @property
    def array(self) -> tuple[int, ...]:
        """Axes of the engine's array behind the batch axis: (channels, height, width)."""
        return (self.channels, self.height, self.width)

    @property
    def size(self) -> int:
        """Numbers in one activation."""
        return self.channels * self.height * self.width

    def text(self, order: Order = "hwc") -> str:
        """'28×28×6' as textbooks print it, or '6×28×28' as the arrays lie."""
        h, w, c = self.height, self.width, self.channels
        return f"{h}×{w}×{c}" if order == "hwc" else f"{c}×{h}×{w}"

    def to_dict(self) -> dict[str, int]:
        return {"channels": self.channels, "height": self.height, "width": self.width}


@dataclass(frozen=True, slots=True)
class VectorShape:
    """A flat list of `features` numbers."""

    features: int

    @property
    def array(self) -> tuple[int, ...]:
        """Axes of the engine's array behind the batch axis: (features,)."""
        return (self.features,)

    @property
    def size(self) -> int:
        """Numbers in one activation."""
        return self.features

    def text(self, order: Order = "hwc") -> str:
        return f"{self.features:,}"

    def to_dict(self) -> dict[str, int]:
        return {"features": self.features}


Shape = ImageShape | VectorShape
