"""From a data set and a design's input to the data set as that design can read it, or the numbers that disagree."""

from dataclasses import replace

from netbuilder.data.dataset import Dataset, Part, Preprocessing
from netbuilder.data.errors import DataMisfit, quoted
from netbuilder.data.resizing import recoloured, resized
from netbuilder.layers.shapes import ImageShape, Shape, VectorShape

_EAGER_BYTES = 64 << 20
"""Resized parts up to this size are kept; larger ones are resized batch by batch."""


def fit(dataset: Dataset, shape: Shape, *, resize: bool = False, layer: str = "input") -> Dataset:
    """The data set with samples of `shape`, for the input layer called `layer`.

    Images are flattened (channel, row, column) where the design wants as many features. Only with `resize` are they
    scaled to another height and width, grey repeated over colour channels, colour reduced to grey.
    Raises `DataMisfit`, naming the numbers that disagree.
    """
    if dataset.shape == shape:
        return dataset
    image = dataset.image
    if image is not None and image == shape:
        return _with_shape(dataset, shape)
    if isinstance(shape, VectorShape):
        if image is None or image.size != shape.features:
            raise DataMisfit(_vector_sentence(dataset, shape, layer))
        return _with_shape(dataset, shape)
    if image is None:
        raise DataMisfit(
            f"{quoted(layer)} expects {shape.text()} images, but {quoted(dataset.title)} is a table of "
            f"{dataset.shape.size:,} numbers a sample; use an input of {dataset.shape.size:,} features."
        )
    if not resize:
        raise DataMisfit(_image_sentence(dataset, image, shape, layer))
    return _resized(dataset, image, shape, layer)


def check_outputs(dataset: Dataset, features: int, layer: str = "output") -> None:
    """Raises `DataMisfit` unless a last layer of `features` numbers suits the classes, or the targets, of the data."""
    if features == dataset.outputs:
        return
    kind = "class" if dataset.classes else "target"
    has = f"{dataset.outputs} {kind}" + ("" if dataset.outputs == 1 else "es" if dataset.classes else "s")
    gives = f"{features:,} output" + ("" if features == 1 else "s")
    raise DataMisfit(f"The data has {has}, but {quoted(layer)} has {gives}.")


def _vector_sentence(dataset: Dataset, shape: VectorShape, layer: str) -> str:
    image = dataset.image
    has = f"{dataset.shape.size:,}" if image is None else f"images of {image.text()} = {image.size:,} numbers"
    return (
        f"{quoted(layer)} expects {shape.features:,} features, but {quoted(dataset.title)} has {has}; "
        f"set the input to {dataset.shape.size:,} features" + ("." if image is None else f" or to {image.text()}.")
    )


def _image_sentence(dataset: Dataset, image: ImageShape, shape: ImageShape, layer: str) -> str:
    if (image.height, image.width) == (shape.height, shape.width):
        return (
            f"{quoted(layer)} expects {_channels(shape.channels)}, but the data has {_count(image.channels)}; "
            f"set the input to {image.text()} or have the images converted."
        )
    return (
        f"The design expects {shape.text()}, but {quoted(dataset.title)} is {image.text()}; "
        f"set {quoted(layer)} to {image.text()} or have the images resized."
    )


def _count(channels: int) -> str:
    return f"{channels}" + {1: " (grey)", 3: " (colour)"}.get(channels, "")


def _channels(channels: int) -> str:
    return f"{channels} channel{'' if channels == 1 else 's'}" + {1: " (grey)", 3: " (colour)"}.get(channels, "")


def _with_shape(dataset: Dataset, shape: Shape) -> Dataset:
    parts = {name: replace(part, shape=shape) for name, part in dataset.parts.items()}
    return replace(dataset, **parts)


def _resized(dataset: Dataset, image: ImageShape, shape: ImageShape, layer: str) -> Dataset:
    if image.channels not in (1, shape.channels) and (image.channels, shape.channels) != (3, 1):
        raise DataMisfit(
            f"{quoted(layer)} expects {_channels(shape.channels)}, but the data has {_count(image.channels)}; "
            "only grey to colour and colour to grey can be converted."
        )
    preprocessing = dataset.preprocessing
    if image.channels == shape.channels:
        recolour = dataset.parts
    else:
        recolour = {
            name: replace(part, inputs=recoloured(part.inputs, shape.channels)) for name, part in dataset.parts.items()
        }
        preprocessing = Preprocessing.fitted(recolour["training"].inputs)
    parts = {name: _scaled(part, shape, preprocessing) for name, part in recolour.items()}
    return replace(dataset, **parts)


def _scaled(part: Part, shape: ImageShape, preprocessing: Preprocessing) -> Part:
    size = (shape.height, shape.width)
    bytes_needed = len(part) * shape.size * part.inputs.itemsize
    if part.inputs.shape[2:] == size or bytes_needed > _EAGER_BYTES:
        pixels = None if part.inputs.shape[2:] == size else size
        return replace(part, shape=shape, preprocessing=preprocessing, pixels=pixels)
    inputs = resized(part.inputs, *size)
    inputs.flags.writeable = False
    return replace(part, inputs=inputs, shape=shape, preprocessing=preprocessing, pixels=None)
