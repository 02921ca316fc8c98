"""A data set is made to suit a design's input, or the numbers that disagree are named."""

import numpy as np
import pytest
from PIL import Image

from netbuilder.data import DataMisfit, check_outputs, fit, fitting, load
from netbuilder.layers.shapes import ImageShape, VectorShape


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def shapes():
    return load("shapes")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "table.npz"
    rng = np.random.default_rng(0)
    np.savez(path, x=rng.normal(size=(40, 13)), y=rng.normal(size=(40, 2)))
    return load(path)


def test_what_suits_already_is_left_alone(digits):
    assert fit(digits, ImageShape(1, 8, 8)) is digits


def test_images_are_flattened_channel_by_channel(shapes):
    flat = fit(shapes, VectorShape(3072))
    assert flat.shape == VectorShape(3072)
    assert flat.image == ImageShape(3, 32, 32)
    assert np.array_equal(flat.test.batch([4]), shapes.test.batch([4]).reshape(1, -1))
    assert flat.test.raw(4).shape == (3, 32, 32)
    assert fit(flat, ImageShape(3, 32, 32)).test.batch([4]).shape == (1, 3, 32, 32)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (ImageShape(1, 28, 28), "expects 28×28×1, but “Digits” is 8×8×1"),
        (ImageShape(3, 8, 8), r"“input” expects 3 channels \(colour\), but the data has 1 \(grey\)"),
        (VectorShape(400), "“input” expects 400 features, but “Digits” has images of 8×8×1 = 64 numbers"),
    ],
)
def test_a_misfit_names_its_numbers(digits, shape, sentence):
    with pytest.raises(DataMisfit, match=sentence):
        fit(digits, shape)


def test_a_misfit_names_the_layer(digits):
    with pytest.raises(DataMisfit, match="“retina” expects 400 features"):
        fit(digits, VectorShape(400), layer="retina")


def test_a_table_is_never_taken_for_images(table):
    with pytest.raises(DataMisfit, match="is a table of 13 numbers a sample; use an input of 13 features"):
        fit(table, ImageShape(1, 13, 1), resize=True)
    with pytest.raises(DataMisfit, match=r"“input” expects 12 features, but “table\.npz” has 13"):
        fit(table, VectorShape(12), resize=True)


def test_a_flat_input_of_another_size_cannot_be_resized_to(digits):
    with pytest.raises(DataMisfit, match="400 features"):
        fit(digits, VectorShape(400), resize=True)


def test_four_channels_are_not_guessed(shapes):
    with pytest.raises(DataMisfit, match="only grey to colour and colour to grey"):
        fit(shapes, ImageShape(4, 32, 32), resize=True)


def test_resizing_is_pillows_bilinear(digits):
    larger = fit(digits, ImageShape(1, 28, 28), resize=True)
    expected = Image.fromarray(digits.test.inputs[3, 0]).resize((28, 28), Image.Resampling.BILINEAR)
    assert np.array_equal(larger.test.raw(3)[0], np.asarray(expected))
    assert larger.test.inputs.dtype == np.uint8
    assert larger.digest == digits.digest
    assert larger.preprocessing == digits.preprocessing


def test_large_inputs_are_resized_batch_by_batch_with_the_same_result(digits, monkeypatch):
    shape = ImageShape(1, 30, 20)
    eager = fit(digits, shape, resize=True)
    monkeypatch.setattr(fitting, "_EAGER_BYTES", 0)
    lazy = fit(digits, shape, resize=True)
    assert lazy.training.inputs.shape[2:] == (8, 8)
    assert lazy.shape == lazy.image == shape
    assert np.array_equal(lazy.training.batch([5, 1]), eager.training.batch([5, 1]))
    assert np.array_equal(lazy.training.raw(5), eager.training.raw(5))


def test_an_alexnet_sized_input_costs_no_memory_beforehand():
    large = fit(load("fashion-mnist"), ImageShape(3, 227, 227), resize=True)
    assert large.training.inputs.shape[2:] == (28, 28)
    batch = large.training.batch([0, 1])
    assert batch.shape == (2, 3, 227, 227)
    assert np.array_equal(batch[:, 0], batch[:, 2])


def test_colour_becomes_luma(shapes):
    grey = fit(shapes, ImageShape(1, 32, 32), resize=True)
    expected = Image.fromarray(shapes.test.inputs[3].transpose(1, 2, 0)).convert("L")
    assert np.abs(grey.test.raw(3)[0].astype(int) - np.asarray(expected)).max() <= 1
    np.testing.assert_allclose(grey.training.batch(slice(None)).std(), 1, atol=1e-3)


def test_float_images_are_resized_as_floats(tmp_path):
    images = np.random.default_rng(0).normal(size=(30, 6, 6))
    np.savez(tmp_path / "f.npz", images=images, labels=np.arange(30) % 2)
    larger = fit(load(tmp_path / "f.npz"), ImageShape(1, 12, 12), resize=True)
    assert larger.training.inputs.dtype == np.float32
    assert larger.training.inputs.min() < 0


def test_outputs_must_be_as_many_as_classes_or_targets(digits, table):
    check_outputs(digits, 10, "fc_out")
    check_outputs(table, 2, "fc_out")
    with pytest.raises(DataMisfit, match=r"^The data has 10 classes, but “fc_out” has 8 outputs\.$"):
        check_outputs(digits, 8, "fc_out")
    with pytest.raises(DataMisfit, match=r"^The data has 2 targets, but “fc_out” has 1 output\.$"):
        check_outputs(table, 1, "fc_out")
