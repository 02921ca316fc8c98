"""Augmentations do what they say to every sample, and the same again whatever batch a sample is in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netbuilder.data import Part, Preprocessing, load
from netbuilder.engine import (
    AUGMENTATIONS,
    SGD,
    Augmentation,
    Brightness,
    Contrast,
    CutOut,
    Flip,
    Job,
    JobError,
    Noise,
    Rotate,
    Shift,
    contact_sheet,
    parsed,
    prepare,
    train,
)
from netbuilder.engine.augmentation import Augmented
from netbuilder.engine.declared import from_dict
from netbuilder.graph import Graph
from netbuilder.layers import Dense, ImageShape, Input
from tests.engine.designs import with_everything_random
from tests.engine.test_training import Keeping, same

EVERY: list[Augmentation] = [
    Shift(3), Flip(), Flip(1.0, vertical=True), Rotate(20), CutOut(3, 0.5), Noise(0.1), Contrast(0.3), Brightness(0.2),
]  # fmt: skip


def part(count: int = 40, size: tuple[int, int, int] = (3, 9, 7)) -> Part:
    inputs = np.random.default_rng(1).integers(0, 256, (count, *size), np.uint8)
    return Part(inputs, np.zeros(count, np.int64), ImageShape(*size), Preprocessing.fitted(inputs))


def changed(augmentation: Augmentation, epoch: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Samples before and after, as float32 from 0 to 255."""
    data = part()
    return data.inputs.astype(np.float32), Augmented(data, [augmentation], 0).raw(np.arange(len(data)), epoch)


def test_every_augmentation_is_tried():
    assert {type(each) for each in EVERY} == set(AUGMENTATIONS.values())


@pytest.mark.parametrize("augmentation", EVERY)
def test_a_sample_changes_alike_in_any_batch_and_otherwise_in_another_epoch(augmentation: Augmentation):
    data = part()
    all_, epoch = Augmented(data, [augmentation, Noise(0.01)], 7), 3
    whole = all_.batch(np.arange(40), epoch)
    rows = np.random.default_rng(0).permutation(40)
    for some in np.split(rows, [1, 6, 20]):
        np.testing.assert_array_equal(Augmented(data, all_.augment, 7).batch(some, epoch), whole[some])
    assert not np.array_equal(all_.batch(np.arange(40), epoch + 1), whole)
    assert not np.array_equal(Augmented(data, all_.augment, 8).batch(np.arange(40), epoch), whole)


@pytest.mark.parametrize("augmentation", EVERY)
def test_the_data_itself_is_never_written(augmentation: Augmentation):
    data = part()
    before = data.inputs.copy()
    Augmented(data, [augmentation], 0).batch(np.arange(10), 0)
    np.testing.assert_array_equal(data.inputs, before)


def test_nothing_asked_for_changes_nothing():
    data = part()
    np.testing.assert_array_equal(Augmented(data, [], 0).batch(np.arange(9), 0), data.batch(np.arange(9)))


def test_a_shift_moves_by_whole_pixels_and_repeats_the_edge():
    before, after = changed(Shift(2))
    found = set()
    for x, y in zip(before, after, strict=True):
        wide = np.pad(x, [(0, 0), (2, 2), (2, 2)], mode="edge")
        places = [(i, j) for i in range(5) for j in range(5) if np.array_equal(wide[:, i : i + 9, j : j + 7], y)]
        assert places
        found.update(places)
    assert len(found) > 12, "every direction occurs"


def test_a_flip_mirrors_about_half_of_the_images():
    before, after = changed(Flip())
    mirrored = [np.array_equal(x[..., ::-1], y) for x, y in zip(before, after, strict=True)]
    assert all(m or np.array_equal(x, y) for m, x, y in zip(mirrored, before, after, strict=True))
    assert 8 < sum(mirrored) < 32
    up, down = changed(Flip(1.0, vertical=True))
    np.testing.assert_array_equal(up[:, :, ::-1], down)


def test_a_turn_samples_bilinearly_as_worked_out_by_hand():
    x = np.random.default_rng(0).random((1, 1, 5, 6)).astype(np.float32)
    turned = Rotate(90).apply(x.copy(), np.array([[0.75]]), 1.0)[0, 0]  # (2 · 0.75 − 1) · 90° = 45°
    for row in range(5):
        for column in range(6):
            i, j = row - 2.0, column - 2.5
            across = float(np.clip(np.sqrt(0.5) * (j + i) + 2.5, 0, 5))
            down = float(np.clip(np.sqrt(0.5) * (i - j) + 2.0, 0, 4))
            r, c = min(int(down), 3), min(int(across), 4)
            a, b = down - r, across - c
            image = x[0, 0]
            upper = image[r, c] * (1 - b) + image[r, c + 1] * b
            lower = image[r + 1, c] * (1 - b) + image[r + 1, c + 1] * b
            assert turned[row, column] == pytest.approx(upper * (1 - a) + lower * a, abs=1e-5)


def test_a_quarter_turn_is_numpys_and_no_turn_is_none():
    x = np.random.default_rng(0).random((2, 3, 6, 6)).astype(np.float32)
    np.testing.assert_allclose(Rotate(180).apply(x, np.full((2, 1), 0.75), 1.0), np.rot90(x, -1, (2, 3)), atol=1e-5)
    np.testing.assert_allclose(Rotate(30).apply(x, np.full((2, 1), 0.5), 1.0), x, atol=1e-6)


def test_a_cut_covers_one_square_with_the_mean():
    before, after = changed(CutOut(3))
    for x, y in zip(before, after, strict=True):
        rows, columns = np.nonzero((x != y).any(0))
        assert rows.max() - rows.min() < 3
        assert columns.max() - columns.min() < 3
        np.testing.assert_allclose(
            y[:, rows, columns], np.broadcast_to(x.mean((1, 2))[:, None], (3, len(rows))), rtol=1e-5
        )


def test_noise_contrast_and_brightness_have_the_size_they_were_given():
    before, after = changed(Noise(0.1))
    assert (after - before).std() == pytest.approx(25.5, rel=0.05)
    before, after = changed(Brightness(0.2))
    moved = (after - before).reshape(40, -1)
    assert moved.std(1).max() < 1e-3
    assert 30 < np.abs(moved[:, 0]).max() <= 51
    before, after = changed(Contrast(0.3))
    np.testing.assert_allclose(before.mean((1, 2, 3)), after.mean((1, 2, 3)), rtol=1e-4)
    factor = after.std((1, 2, 3)) / before.std((1, 2, 3))
    assert 0.7 <= factor.min() < 0.85 < 1.15 < factor.max() <= 1.3


@pytest.mark.parametrize("augmentation", EVERY)
def test_an_augmentation_survives_words_and_json(augmentation: Augmentation):
    assert parsed(AUGMENTATIONS, augmentation.text()) == augmentation
    assert from_dict(AUGMENTATIONS, augmentation.to_dict()) == augmentation


def test_the_first_setting_needs_no_name():
    assert parsed(AUGMENTATIONS, "shift:3") == Shift(3)
    assert parsed(AUGMENTATIONS, "flip:1,vertical=yes") == Flip(1.0, vertical=True)


def test_images_are_shown_as_they_are_and_as_they_are_changed():
    data = load("digits").training
    sheet = contact_sheet(data, [Shift(1)], samples=3, versions=4)
    assert (sheet.dtype, sheet.shape) == (np.dtype(np.uint8), (3 * 9 - 1, 5 * 9 - 1, 1))
    np.testing.assert_array_equal(sheet[9:17, :8, 0], data.inputs[1, 0])
    assert contact_sheet(part(), [Flip()]).shape[2] == 3


# ---- in training -----------------------------------------------------------------------------------------------------

JOB = Job(with_everything_random(), "digits", 2, optimizer=SGD(0.1, momentum=0.9), augment=(Shift(1), Noise(0.1)))


def test_training_is_augmented_and_goes_on_exactly_when_cut_off():
    keeper = Keeping(27)
    *_, whole = train(JOB, keeper=keeper)
    *_, again = train(JOB, resume=keeper.kept[27])
    *_, plain = train(replace(JOB, augment=()))
    assert same(whole.weights, again.weights)  # pyright: ignore[reportAttributeAccessIssue]
    assert not same(whole.weights, plain.weights)  # pyright: ignore[reportAttributeAccessIssue]


def test_only_training_is_augmented():
    ready = prepare(JOB)
    rows = np.arange(20)
    assert not np.array_equal(ready.samples.batch(rows, 0), ready.dataset.training.batch(rows))
    assert ready.dataset.validation.inputs is prepare(replace(JOB, augment=())).dataset.validation.inputs


def test_a_flat_input_sees_augmented_images():
    graph = Graph.chain(Input(features=64), Dense(10))
    ready = prepare(replace(JOB, graph=graph, augment=(Flip(1.0),)))
    images = ready.samples.batch(np.arange(5), 0).reshape(5, 8, 8)
    np.testing.assert_array_equal(images[..., ::-1], ready.dataset.training.batch(np.arange(5)).reshape(5, 8, 8))


def test_a_table_of_numbers_takes_noise_but_is_never_turned(tmp_path: Path):
    draw: Any = np.random.default_rng(0)
    np.savez(tmp_path / "t.npz", x=draw.random((60, 3), np.float32), y=draw.random((60, 1), np.float32))
    job = Job(Graph.chain(Input(features=3), Dense(1)), tmp_path / "t.npz", augment=(Noise(), Rotate()))
    with pytest.raises(JobError, match=r"Rotate changes images, but “t\.npz” is a table of numbers"):
        prepare(job)
    assert prepare(replace(job, augment=(Noise(),))).samples.batch(np.arange(4), 0).shape == (4, 3)
