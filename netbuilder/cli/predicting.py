"""A run or an exported model and some pictures -> what each of them shows, with probabilities."""

import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.cli.command import DONE, REFUSED, Refusal
from netbuilder.cli.terminal import document, note, say
from netbuilder.cli.trained import opened_run
from netbuilder.data import DataError, Preprocessing, load_image
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.layers import ImageShape

Scores = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Reader:
    """Something that reads pictures: prepared samples -> one row of scores, or of probabilities, for each.

    `image` is the shape pictures are brought to; `array` the shape of one prepared sample, flat for some networks.
    """

    image: ImageShape
    array: tuple[int, ...]
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    probabilities: bool
    run: Callable[[Scores], Scores]

    def read(self, picture: Path, *, invert: bool = False) -> list[tuple[str, float]]:
        """(class, probability) for one picture, the likeliest first. Raises DataError."""
        pixels = load_image(picture, self.image, invert=invert)
        sample = self.preprocessing.apply(pixels[np.newaxis]).reshape(1, *self.array)
        scores = self.run(sample).reshape(-1).astype(np.float64)
        if not np.isfinite(scores).all():
            raise DataError(f"For “{picture.name}” the network gives numbers that are not finite, which name no class.")
        if not self.probabilities:
            scores = np.exp(scores - scores.max())
            scores /= scores.sum()
        names = self.class_names or tuple(f"class {index}" for index in range(len(scores)))
        if len(names) != len(scores):
            raise Refusal(f"The network gives {len(scores)} scores, but {len(names)} classes are named.")
        return [(names[index], float(scores[index])) for index in np.argsort(-scores, kind="stable")]


def predict(options: Namespace) -> int:
    """Name the likeliest classes of every picture; one that cannot be read is named and passed over."""
    path: Path = options.model
    reader = from_run(path) if path.is_dir() else from_onnx(path)
    found: list[dict[str, Any]] = []
    failed = False
    for picture in options.images:
        try:
            classes = reader.read(picture, invert=options.invert)[: options.top]
        except DataError as problem:
            note(str(problem))
            failed = True
            continue
        found.append({"image": str(picture), "classes": [{"name": n, "probability": p} for n, p in classes]})
        if not options.json:
            say(f"{picture}: {', '.join(f'{name} ({100 * share:.1f} %)' for name, share in classes)}")
    if options.json:
        document({"format": 1, "predictions": found})
    return REFUSED if failed else DONE


def from_run(path: Path) -> Reader:
    """A run, with its best weights and the classes and preprocessing of the data it was trained on."""
    trained = opened_run(path)
    program, dataset = trained.program, trained.dataset
    if dataset.image is None or not dataset.classes:
        raise Refusal(f"“{path.name}” was trained on “{dataset.title}”, which are no pictures in classes.")
    return Reader(
        dataset.image,
        program.input_shape.array,
        dataset.preprocessing,
        dataset.classes,
        program.heads[0].softmax,
        lambda x: program.predict(trained.weights, x),
    )


def from_onnx(path: Path) -> Reader:
    """An exported model, with what it says of classes, preprocessing and pictures."""
    file = OnnxFile.read(path)
    preprocessing = file.preprocessing
    if preprocessing is None:
        preprocessing = Preprocessing(scale=1 / 255)
        note(f"“{file.name}” does not say how pictures are made ready; their values are scaled to 0…1.")
    backend = file.backend()
    return Reader(
        _image(file),
        file.shape.array,
        preprocessing,
        file.class_names,
        file.softmax,
        lambda x: file.run(x, backend=backend),
    )


def _image(file: OnnxFile) -> ImageShape:
    """The pictures' shape: the input's own, or what the file says was flattened into it."""
    if isinstance(file.shape, ImageShape):
        return file.shape
    try:
        axes = json.loads(file.metadata["image"])
        image = ImageShape(*(int(axes[name]) for name in ("channels", "height", "width")))
    except (KeyError, TypeError, ValueError, RecursionError):
        image = None
    if image is None or min(image.array) < 1 or image.size != file.shape.size:
        raise Refusal(f"“{file.name}” reads a list of {file.shape.size:,} numbers and does not say of what pictures.")
    return image
