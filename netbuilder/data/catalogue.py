"""What is built in: names, shapes and sizes, without reading any data."""

from dataclasses import dataclass

from netbuilder.data.errors import DataError, quoted
from netbuilder.layers.shapes import ImageShape, Shape


@dataclass(frozen=True)
class DatasetInfo:
    """What can be said of a data set before it is read. `training`, `validation` and `test` are sample counts."""

    name: str
    title: str
    shape: Shape
    classes: tuple[str, ...]
    training: int
    validation: int
    test: int
    source: str
    licence: str
    description: str


_CATALOGUE = (
    DatasetInfo(
        name="digits",
        title="Digits",
        shape=ImageShape(1, 8, 8),
        classes=tuple("0123456789"),
        training=1257,
        validation=180,
        test=360,
        source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, doi.org/10.24432/C50P49",
        licence="CC BY 4.0",
        description="Handwritten digits of 8×8 pixels: small enough to train in seconds.",
    ),
    DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST",
        shape=ImageShape(1, 28, 28),
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        training=9000,
        validation=1000,
        test=2000,
        source="Zalando Research, github.com/zalandoresearch/fashion-mnist",
        licence="MIT",
        description="Clothes and shoes of 28×28 pixels: 12,000 of the 70,000, the official test images kept apart.",
    ),
    DatasetInfo(
        name="shapes",
        title="Shapes",
        shape=ImageShape(3, 32, 32),
        classes=("circle", "ring", "square", "triangle", "star", "cross", "heart", "stripes", "checker", "dots"),
        training=4000,
        validation=500,
        test=1000,
        source="Drawn by netbuilder",
        licence="CC0 1.0",
        description="Figures and patterns in random colours, 32×32 pixels: colour alone never tells the class.",
    ),
)


def catalogue() -> tuple[DatasetInfo, ...]:
    """All built-in data sets, from the smallest to the largest images."""
    return _CATALOGUE


def describe(name: str) -> DatasetInfo:
    """The built-in data set called `name`. Raises `DataError` naming those there are."""
    for info in _CATALOGUE:
        if info.name == name:
            return info
    known = ", ".join(info.name for info in _CATALOGUE)
    raise DataError(f"There is no built-in data set called {quoted(name)}; there are {known}, or a .npz file.")
