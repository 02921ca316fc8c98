"""The built-in data sets: what they say of themselves is true, and nothing tested was trained on."""

import hashlib
import pickle

import numpy as np
import pytest

from netbuilder.data import DataError, Dataset, Preprocessing, catalogue, describe, load
from netbuilder.data.loading import _built_in
from netbuilder.data.splits import held_back
from netbuilder.resources import resource

NAMES = [info.name for info in catalogue()]


def overlap(dataset: Dataset) -> int:
    """Samples that are found in more than one part, compared byte by byte."""
    seen: dict[bytes, str] = {}
    return sum(
        seen.setdefault(hashlib.sha256(sample.tobytes()).digest(), name) != name
        for name, part in dataset.parts.items()
        for sample in part.inputs
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogue_tells_the_truth(name):
    info, dataset = describe(name), load(name)
    assert dataset.shape == info.shape == dataset.image
    assert dataset.classes == info.classes
    assert dataset.outputs == len(info.classes)
    assert [len(part) for part in dataset.parts.values()] == [info.training, info.validation, info.test]
    for part in dataset.parts.values():
        assert part.inputs.dtype == np.uint8
        assert part.targets.dtype == np.int64
        counts = np.bincount(part.targets, minlength=len(info.classes))
        assert counts.min() > 0.9 * len(part) / len(info.classes)


@pytest.mark.parametrize("name", NAMES)
def test_a_licence_stands_beside_every_data_set(name):
    text = resource(f"datasets/{name}.LICENSE.md").read_text(encoding="utf-8")
    assert describe(name).licence in text


@pytest.mark.parametrize("name", NAMES)
def test_parts_never_overlap(name):
    assert overlap(load(name)) == 0


def test_an_overlap_would_be_seen():
    dataset = load("digits")
    leaky = dataset.test.inputs.copy()
    leaky[5] = dataset.training.inputs[7]
    object.__setattr__(dataset.test, "inputs", leaky)
    try:
        assert overlap(dataset) == 1
    finally:
        _built_in.cache_clear()


def test_the_seed_moves_only_the_validation_part():
    first, other = load("digits", seed=0), load("digits", seed=1)
    assert np.array_equal(first.test.inputs, other.test.inputs)
    assert not np.array_equal(first.validation.inputs, other.validation.inputs)
    assert overlap(other) == 0
    assert first.digest != other.digest


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("digits", "2e6e6c05"),
        ("fashion-mnist", "cb0c8e4a"),
        ("shapes", "2d227f53"),
    ],
)
def test_the_same_seed_gives_the_same_bytes_on_every_machine(name, digest):
    assert load(name).digest.startswith(digest)


def test_prepared_training_samples_are_standardised():
    part = load("shapes").training
    ready = part.batch(slice(None))
    assert ready.dtype == np.float32
    assert ready.flags.c_contiguous
    np.testing.assert_allclose(ready.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(ready.std(axis=(0, 2, 3)), 1, atol=1e-4)


def test_a_batch_keeps_the_order_asked_for():
    part = load("digits").training
    assert np.array_equal(part.batch([9, 2])[1], part.batch([2])[0])
    assert np.array_equal(part.raw(-1), part.inputs[-1])


def test_preprocessing_does_what_it_says():
    inputs = np.array([[[[0, 51]]], [[[255, 102]]]], dtype=np.uint8)
    ready = Preprocessing(1 / 255, (0.2,), (0.5,)).apply(inputs)
    np.testing.assert_allclose(ready.ravel(), [-0.4, 0.0, 1.6, 0.4], atol=1e-6)


def test_a_channel_that_never_changes_is_left_finite():
    constant = np.full((7, 2, 3, 3), 200, dtype=np.uint8)
    assert np.isfinite(Preprocessing.fitted(constant).apply(constant)).all()


def test_arrays_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        load("digits").training.inputs[0] = 0


def test_a_data_set_can_be_sent_to_another_process():
    dataset = load("digits")
    arrived = pickle.loads(pickle.dumps(dataset))  # noqa: S301 - our own object
    assert arrived.digest == dataset.digest
    assert np.array_equal(arrived.test.batch([3]), dataset.test.batch([3]))


def test_an_unknown_name_is_told_what_there_is():
    with pytest.raises(DataError, match=r"“mnits”; there are digits, fashion-mnist, shapes, or a \.npz file"):
        load("mnits")


def test_held_back_samples_keep_every_class_in_proportion():
    labels = np.repeat([0, 1, 2], [700, 200, 101])
    held = held_back(labels, 100, seed=3)
    assert np.bincount(labels[held]).tolist() == [70, 20, 10]
    assert np.array_equal(held, held_back(labels, 100, seed=3))
    assert not np.array_equal(held, held_back(labels, 100, seed=4))


def test_regression_targets_are_held_back_by_number():
    assert held_back(np.zeros((50, 2), dtype=np.float32), 7, seed=0).sum() == 7
