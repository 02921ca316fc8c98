"""From the arrays in a .npz file to samples and targets: which array is which, and which axis is which."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Inputs, Targets
from netbuilder.data.errors import DataError, plural, quoted
from netbuilder.data.npz import Npz

Array: TypeAlias = NDArray[Any]
Pair: TypeAlias = tuple[Inputs, Targets]

_MAX_CLASSES = 10_000
_IMAGE_CHANNELS = (1, 3, 4)

# How people name their arrays: training, validation and test, inputs before targets. The second row is Keras' own
# mnist.npz, the fourth MedMNIST's files.
_NAMES = (
    (("images", "labels"), ("validation_images", "validation_labels"), ("test_images", "test_labels")),
    (("x_train", "y_train"), ("x_val", "y_val"), ("x_test", "y_test")),
    (("x_train", "y_train"), ("x_validation", "y_validation"), ("x_test", "y_test")),
    (("train_images", "train_labels"), ("val_images", "val_labels"), ("test_images", "test_labels")),
    (("inputs", "targets"), ("validation_inputs", "validation_targets"), ("test_inputs", "test_targets")),
    (("x", "y"), ("x_val", "y_val"), ("x_test", "y_test")),
    (("X", "y"), ("X_val", "y_val"), ("X_test", "y_test")),
    (("X_train", "y_train"), ("X_val", "y_val"), ("X_test", "y_test")),
)
_ORDERS = ("_hwc", "_chw")
"""Endings that say which axes an array of images has where that could be read in two ways."""


@dataclass(frozen=True, eq=False)
class Samples:
    """The arrays of a file; parts that it does not have are None."""

    classes: tuple[str, ...]
    training: Pair
    validation: Pair | None
    test: Pair | None


def read_samples(path: Path, classes: tuple[str, ...] | None = None) -> Samples:
    """The samples in a .npz file; images become (N, C, H, W), whole numbers of 0…255 uint8, all else float32.

    `classes` names the classes of a file that does not. Raises `DataError` for anything that cannot be used.
    """
    with Npz(path) as npz:
        names, *others = _found_names(npz)
        training = _read_pair(npz, names)
        validation, test = (None if pair is None else _read_pair(npz, pair) for pair in others)
        named = _read_classes(npz) if "classes" in npz.names else classes
    pairs = [training, *(pair for pair in (validation, test) if pair is not None)]
    for pair in pairs[1:]:
        _check_alike(training, pair)
    return Samples(_classes(pairs, named), training, validation, test)


def _stem(name: str) -> str:
    return name[:-4] if name.endswith(_ORDERS) else name


def _found_names(npz: Npz) -> tuple[tuple[str, str], tuple[str, str] | None, tuple[str, str] | None]:
    """The names in the file of the two arrays of each part; None for a part it does not have."""
    actual = {_stem(name): name for name in npz.names}
    complete = [row for row in _NAMES if all(name in actual for name in row[0])]
    if not complete:
        held = ", ".join(quoted(name, 30) for name in npz.names[:8]) or "no arrays"
        raise DataError(f"The file has no “images” and “labels” (or “x_train” and “y_train”); it holds {held}.")
    # The row of which the file has the most; the first of equals.
    row = max(complete, key=lambda row: sum(name in actual for names in row for name in names))
    for names in row:
        missing = [name for name in names if name not in actual]
        if len(missing) == 1:
            raise DataError(f"The file has half of a part: {quoted(missing[0])} is missing.")
    training, validation, test = ((actual.get(names[0], ""), actual.get(names[1], "")) for names in row)
    return training, validation if validation[0] else None, test if test[0] else None


def _read_pair(npz: Npz, names: tuple[str, str]) -> Pair:
    inputs, targets = npz.read(names[0]), npz.read(names[1])
    if len(inputs) != len(targets):
        raise DataError(
            f"{quoted(names[0])} holds {plural(len(inputs), 'sample')}, but {quoted(names[1])} {len(targets):,}."
        )
    return _inputs(inputs, names[0]), _targets(targets, names[1])


def _inputs(array: Array, name: str) -> Inputs:
    """(N, C, H, W) or (N, features), as uint8 if all values are whole numbers of 0…255, else as float32."""
    if array.dtype.kind == "U":
        raise DataError(f"{quoted(name)} holds text; netbuilder trains on numbers.")
    if array.ndim == 0 or array.size == 0:
        raise DataError(f"{quoted(name)} is empty.")
    return _numbers(_arranged(array, name), name)


def _arranged(array: Array, name: str) -> Array:
    """A view whose axes are in the engine's order. An ending _hwc or _chw of the name decides where it is present."""
    if array.ndim == 1:
        return array[:, np.newaxis]
    if array.ndim == 2:
        return array
    if array.ndim == 3:
        return array[:, np.newaxis]
    sizes = " × ".join(str(n) for n in array.shape)
    if array.ndim != 4:
        raise DataError(f"{quoted(name)} has {array.ndim} axes ({sizes}); images have 3 or 4, tables 2.")
    last, first = array.shape[3] in _IMAGE_CHANNELS, array.shape[1] in _IMAGE_CHANNELS
    if name.endswith(_ORDERS):
        last, first = name.endswith("_hwc"), name.endswith("_chw")
    if last == first:
        raise DataError(
            f"{quoted(name)} is {sizes}: whether the channels are the {array.shape[1]} or the {array.shape[3]} cannot "
            f"be told; name the array “{_stem(name)}_chw” or “{_stem(name)}_hwc”."
        )
    return array.transpose(0, 3, 1, 2) if last else array


def _numbers(array: Array, name: str) -> Inputs:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind in "iu" and array.ndim == 4 and array.min() >= 0 and array.max() <= 255:
        return np.ascontiguousarray(array, dtype=np.uint8)
    return _floats(array, name)


def _floats(array: Array, name: str) -> NDArray[np.float32]:
    """As float32, refusing what is not finite there."""
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(array, dtype=np.float32)
    finite = np.isfinite(values)
    if not finite.all():
        count = int(finite.size - np.count_nonzero(finite))
        # The place is given in the file's own axes only for the sample, which no rearrangement moves.
        sample = int(np.argmin(finite.reshape(len(values), -1).all(axis=1)))
        raise DataError(
            f"{quoted(name)} holds {plural(count, 'value')} that cannot be used (NaN, infinity or beyond ±3.4e38), "
            f"the first in sample {sample}."
        )
    return values


def _targets(array: Array, name: str) -> Targets:
    """int64 labels (N,) from whole numbers, float32 (N, K) from floats."""
    if array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind != "f":
        array = array[:, 0]
    if array.dtype.kind == "U":
        raise DataError(f"{quoted(name)} holds text; store labels as 0, 1, 2, … and their names as “classes”.")
    if array.dtype.kind == "f":
        if array.ndim not in (1, 2) or array.size == 0:
            raise DataError(f"{quoted(name)} has {array.ndim} axes; targets have one row a sample.")
        return _floats(array.reshape(len(array), -1), name)
    if array.ndim != 1:
        sizes = " × ".join(str(n) for n in array.shape) or "a single value"
        raise DataError(f"{quoted(name)} is {sizes}; labels are one whole number a sample, regression targets floats.")
    if array.size and (array.min() < 0 or array.max() >= _MAX_CLASSES):
        raise DataError(
            f"{quoted(name)} ranges from {array.min()} to {array.max()}; labels are whole numbers "
            f"from 0 to at most {_MAX_CLASSES - 1:,}."
        )
    return array.astype(np.int64)


def _read_classes(npz: Npz) -> tuple[str, ...]:
    array = npz.read("classes")
    if array.dtype.kind != "U" or array.ndim != 1:
        raise DataError("“classes” must be a list of texts, one a class.")
    names = tuple(str(name) for name in array.tolist())
    for name in names:
        if not name.isprintable() or not name.strip():
            raise DataError(f"The class name {quoted(name)} is empty or holds characters that cannot be shown.")
    if len(set(names)) != len(names):
        raise DataError("Two classes have the same name.")
    return names


def _check_alike(training: Pair, other: Pair) -> None:
    if training[0].shape[1:] != other[0].shape[1:]:
        sizes = [" × ".join(str(n) for n in pair[0].shape[1:]) for pair in (training, other)]
        raise DataError(f"Training samples are {sizes[0]} (channels first), but those of another part are {sizes[1]}.")
    if training[0].dtype != other[0].dtype:
        raise DataError(f"Training samples are {training[0].dtype}, but those of another part are {other[0].dtype}.")
    if training[1].dtype != other[1].dtype or training[1].shape[1:] != other[1].shape[1:]:
        raise DataError("The targets of the training part and of another part are of different kinds.")


def _classes(pairs: list[Pair], named: tuple[str, ...] | None) -> tuple[str, ...]:
    """Names of the classes: those given, else the numbers; none for regression."""
    if pairs[0][1].dtype != np.int64:
        return ()
    largest = max(int(targets.max()) for _, targets in pairs if targets.size)
    if named is None:
        return tuple(str(label) for label in range(largest + 1))
    if largest >= len(named):
        raise DataError(f"There are names for {len(named)} classes, but a label is {largest}.")
    return named
