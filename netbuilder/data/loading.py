"""From a built-in name or the path of a .npz file to a data set in three parts."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.catalogue import DatasetInfo, catalogue, describe
from netbuilder.data.dataset import Dataset, Inputs, Part, Preprocessing, Targets
from netbuilder.data.errors import DataError
from netbuilder.data.samples import Samples, read_samples
from netbuilder.data.splits import held_back
from netbuilder.data.synthetic import draw_shapes
from netbuilder.layers.shapes import ImageShape, Shape, VectorShape
from netbuilder.resources import resource

_TEST_SHARE, _VALIDATION_SHARE = 0.2, 0.1
_TEST_SEED = 0
"""A test part split off a file never depends on the caller's seed: no run may train on another run's test samples."""

_SHAPES_POOL_SEED, _SHAPES_TEST_SEED = 1, 2


def load(name_or_path: str | Path, *, seed: int = 0) -> Dataset:
    """A built-in data set by its name, or the one in a .npz file.

    `seed` chooses the validation part among the training samples, every class in proportion; the test part does not
    depend on it. A file without a test part gives a fifth of its samples to it, and without a validation part a tenth.
    Raises `DataError`, a sentence, for an unknown name and for a file that is damaged, foreign or ambiguous.
    """
    name = str(name_or_path)
    if any(info.name == name for info in catalogue()):
        return _built_in(describe(name), seed)
    path = Path(name_or_path).expanduser()
    if path.suffix.lower() != ".npz" and not path.exists():
        describe(name)
    return _divided(read_samples(path), path.stem, path.name, seed)


@lru_cache(maxsize=4)  # the arrays are read-only
def _built_in(info: DatasetInfo, seed: int) -> Dataset:
    if info.name == "shapes":
        pool = draw_shapes(info.training + info.validation, seed=_SHAPES_POOL_SEED)
        samples = Samples(info.classes, pool, None, draw_shapes(info.test, seed=_SHAPES_TEST_SEED))
    else:
        samples = read_samples(resource(f"datasets/{info.name}.npz"), info.classes)
    return _divided(samples, info.name, info.title, seed, validation=info.validation)


def _divided(samples: Samples, name: str, title: str, seed: int, *, validation: int | None = None) -> Dataset:
    """The parts that a file does not have are split off its training samples; `validation` counts samples."""
    (inputs, targets), test_part, validation_part = samples.training, samples.test, samples.validation
    total = len(inputs)
    missing = (test_part is None) + (validation_part is None)
    if total <= missing:
        raise DataError(f"{total:,} samples cannot be divided into training, validation and test parts.")
    if test_part is None:
        held = held_back(targets, max(1, round(_TEST_SHARE * total)), _TEST_SEED)
        test_part = (inputs[held], targets[held])
        inputs, targets = inputs[~held], targets[~held]
    if validation_part is None:
        count = validation if validation is not None else max(1, round(_VALIDATION_SHARE * total))
        held = held_back(targets, count, seed)
        validation_part = (inputs[held], targets[held])
        inputs, targets = inputs[~held], targets[~held]
    return _assembled(samples.classes, name, title, (inputs, targets), validation_part, test_part)


def _assembled(classes: tuple[str, ...], name: str, title: str, *parts: tuple[Inputs, Targets]) -> Dataset:
    digest = hashlib.sha256(repr(classes).encode())
    for arrays in parts:
        for array in arrays:
            _feed(digest, array)
            array.flags.writeable = False
    preprocessing = Preprocessing.fitted(parts[0][0])
    shape = _shape(parts[0][0])
    training, validation, test = (Part(inputs, targets, shape, preprocessing) for inputs, targets in parts)
    return Dataset(name, title, classes, training, validation, test, digest.hexdigest())


def _feed(digest: Any, array: NDArray[Any]) -> None:
    digest.update(f"{array.dtype.name}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(-1).data)


def _shape(inputs: Inputs) -> Shape:
    if inputs.ndim == 2:
        return VectorShape(int(inputs.shape[1]))
    channels, height, width = inputs.shape[1:]
    return ImageShape(int(channels), int(height), int(width))
