"""Which array of a user's file is which, which axis is which, and what is said when that cannot be told."""

import numpy as np
import pytest

from netbuilder.data import DataError, load
from netbuilder.layers.shapes import ImageShape, VectorShape

RNG = np.random.default_rng(0)
LABELS = np.arange(60) % 3


def images(*shape: int) -> np.ndarray:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture
def saved(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "mine.npz", **arrays)
        return tmp_path / "mine.npz"

    return save


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (images(60, 9, 7), ImageShape(1, 9, 7)),
        (images(60, 9, 7, 3), ImageShape(3, 9, 7)),
        (images(60, 3, 9, 7), ImageShape(3, 9, 7)),
        (images(60, 9, 7, 1), ImageShape(1, 9, 7)),
        (images(60, 4, 9, 7), ImageShape(4, 9, 7)),
        (images(60, 13), VectorShape(13)),
        (images(60), VectorShape(1)),
    ],
)
def test_layouts_are_recognised(saved, array, shape):
    assert load(saved(images=array, labels=LABELS)).shape == shape


def test_channels_last_becomes_channels_first(saved):
    array = images(60, 9, 7, 3)
    dataset = load(saved(x_train=array, y_train=LABELS, x_test=array[:4], y_test=LABELS[:4]))
    assert np.array_equal(dataset.test.inputs, array[:4].transpose(0, 3, 1, 2))


@pytest.mark.parametrize("shape", [(60, 3, 5, 3), (60, 8, 8, 2), (60, 1, 28, 1)])
def test_an_ambiguous_layout_is_asked_about_and_can_be_answered(saved, shape):
    array = images(*shape)
    with pytest.raises(DataError, match="“images_chw” or “images_hwc”"):
        load(saved(images=array, labels=LABELS))
    _, a, b, c = shape
    assert load(saved(images_hwc=array, labels=LABELS)).shape == ImageShape(c, a, b)
    assert load(saved(images_chw=array, labels=LABELS)).shape == ImageShape(a, b, c)


@pytest.mark.parametrize(
    "names",
    [
        ("images", "labels", "test_images", "test_labels"),
        ("x_train", "y_train", "x_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("x", "y", "x_test", "y_test"),
        ("X", "y", "X_test", "y_test"),
        ("inputs", "targets", "test_inputs", "test_targets"),
    ],
)
def test_common_names_are_understood(saved, names):
    arrays = dict(zip(names, [images(60, 5, 5), LABELS, images(9, 5, 5), LABELS[:9]], strict=True))
    dataset = load(saved(**arrays))
    assert np.array_equal(dataset.test.inputs[:, 0], arrays[names[2]])
    assert [len(part) for part in dataset.parts.values()] == [54, 6, 9]


def test_a_validation_part_of_the_file_is_kept(saved):
    array = images(12, 5, 5)
    parts = {"x_val": array[:5], "y_val": LABELS[:5], "x_test": array[5:], "y_test": LABELS[5:12]}
    dataset = load(saved(x_train=images(60, 5, 5), y_train=LABELS, **parts))
    assert np.array_equal(dataset.validation.inputs[:, 0], array[:5])
    assert len(dataset.training) == 60


def test_a_file_of_one_part_is_divided_without_loss_or_overlap(saved):
    array = np.arange(60, dtype=np.float32)[:, np.newaxis]
    path = saved(x=array, y=LABELS)
    first, other = load(path, seed=0), load(path, seed=1)
    found = np.concatenate([part.inputs for part in first.parts.values()]).ravel()
    assert sorted(found) == list(range(60))
    assert [len(part) for part in first.parts.values()] == [42, 6, 12]
    assert np.array_equal(first.test.inputs, other.test.inputs)


def test_labels_name_themselves_or_are_named(saved):
    assert load(saved(x=images(60, 4), y=LABELS)).classes == ("0", "1", "2")
    assert load(
        saved(x=images(60, 4), y=LABELS.reshape(-1, 1), classes=np.array(["cat", "dog", "Füchsin"]))
    ).classes == (
        "cat",
        "dog",
        "Füchsin",
    )


def test_float_targets_are_regression(saved):
    dataset = load(saved(x=images(60, 4), y=RNG.normal(size=(60, 2))))
    assert dataset.classes == ()
    assert dataset.outputs == 2
    assert dataset.training.targets.dtype == np.float32
    assert load(saved(x=images(60, 4), y=RNG.normal(size=60))).training.targets.shape == (42, 1)


def test_whole_numbers_of_a_byte_become_bytes_and_floats_stay(saved):
    wide = load(saved(images=images(60, 5, 5).astype(np.int64), labels=LABELS))
    assert wide.training.inputs.dtype == np.uint8
    floats = load(saved(images=RNG.normal(size=(60, 5, 5)), labels=LABELS))
    assert floats.training.inputs.dtype == np.float32
    assert floats.preprocessing.scale == 1
    np.testing.assert_allclose(floats.training.batch(slice(None)).std(), 1, atol=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_not_finite_are_counted_and_placed(saved, bad):
    array = RNG.normal(size=(60, 5, 5))
    array[41:43, 2, 2] = bad
    with pytest.raises(DataError, match=r"“images” holds 2 values .* the first in sample 41\."):
        load(saved(images=array, labels=LABELS))


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"images": images(60, 5, 5)}, "has no “images” and “labels” .* it holds “images”"),
        ({}, "it holds no arrays"),
        ({"images": images(60, 5, 5), "labels": LABELS[:59]}, "60 samples, but “labels” 59"),
        ({"images": images(60, 5, 5), "labels": -LABELS}, "ranges from -2 to 0"),
        ({"images": images(60, 5, 5), "labels": LABELS * 10**9}, "at most 9,999"),
        ({"images": images(60, 5, 5), "labels": LABELS.astype(str)}, "store labels as 0, 1, 2"),
        ({"images": images(60, 5, 5), "labels": np.eye(60, dtype=int)}, "60 × 60; labels are one whole number"),
        (
            {"images": images(60, 5, 5), "labels": LABELS, "classes": np.array(["a", "b"])},
            "2 classes, but a label is 2",
        ),
        ({"images": images(60, 5, 5), "labels": LABELS, "classes": np.array(["a", "b", "b"])}, "same name"),
        ({"images": images(60, 5, 5), "labels": LABELS, "classes": np.array(["a", "b", "\x1b[2J"])}, "cannot be shown"),
        ({"images": images(60, 5, 5), "labels": LABELS, "classes": LABELS}, "list of texts"),
        ({"images": images(60, 2, 5, 5, 3), "labels": LABELS}, "has 5 axes"),
        ({"images": images(0, 5, 5), "labels": LABELS[:0]}, "is empty"),
        ({"images": np.array(["a"] * 60), "labels": LABELS}, "holds text"),
        ({"images": images(2, 5, 5), "labels": LABELS[:2]}, "2 samples cannot be divided"),
        ({"x": images(60, 5), "y": LABELS, "x_test": images(9, 5)}, "“y_test” is missing"),
        ({"x": images(60, 5), "y": LABELS, "x_test": images(9, 6), "y_test": LABELS[:9]}, "are 5 .* are 6"),
        ({"x": images(60, 5), "y": LABELS, "x_test": images(9, 5) / 255, "y_test": LABELS[:9]}, "uint8, .* float32"),
        ({"x": images(60, 5), "y": LABELS, "x_test": images(9, 5), "y_test": LABELS[:9] / 2}, "different kinds"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(saved, arrays, sentence):
    with pytest.raises(DataError, match=sentence):
        load(saved(**arrays))


def test_three_samples_are_enough(saved):
    dataset = load(saved(x=images(3, 5), y=LABELS[:3]))
    assert [len(part) for part in dataset.parts.values()] == [1, 1, 1]
