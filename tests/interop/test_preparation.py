"""A file that takes raw samples prepares them as the data set does, to the last bit."""

import json
from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto

import netbuilder as nb
from netbuilder.data import Dataset, Part, Preprocessing, fit
from netbuilder.data.resizing import resized
from netbuilder.interop import preparation as preparing
from netbuilder.interop.onnx_export import to_model
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import OPSETS, ExportError
from netbuilder.interop.preparation import coefficients
from netbuilder.layers import ImageShape, Shape, VectorShape

SIZES = [(28, 28, 32, 32), (28, 28, 8, 8), (9, 13, 30, 5), (7, 7, 14, 21), (31, 17, 17, 31), (5, 5, 5, 9), (6, 8, 3, 8)]


def stored(shape: tuple[int, ...], dtype: type = np.uint8, count: int = 12) -> Dataset:
    """A data set of random samples, all bytes or all float32."""
    random = np.random.default_rng(3)
    pixels = random.integers(0, 256, (count, *shape)).astype(np.uint8)
    inputs = pixels if dtype is np.uint8 else (pixels / 37 - 2).astype(np.float32)
    axes: Shape = ImageShape(*shape) if len(shape) == 3 else VectorShape(*shape)
    part = Part(inputs, random.integers(0, 3, count), axes, Preprocessing.fitted(inputs))
    return Dataset("random", "Random", ("a", "b", "c"), part, part, part, "0" * 64)


def identity(shape: Shape) -> nb.Graph:
    """A network that gives what it is given."""
    first = (
        nb.Input(height=shape.height, width=shape.width, channels=shape.channels)
        if isinstance(shape, ImageShape)
        else nb.Input(features=shape.features)
    )
    return nb.Graph.chain(first, nb.Dropout())


def outcome(data: nb.ExportData, options: nb.ExportOptions, *, reference: bool = False) -> tuple[np.ndarray, OnnxFile]:
    """What a file with that preparation makes of the raw test part."""
    model = to_model(identity(data.fitted.shape), {}, options=options, data=data)
    file = OnnxFile.of(model.SerializeToString(), "net.onnx")
    return file.run(data.test().raw, backend=file.backend(reference=reference)), file


@pytest.mark.parametrize("reference", [False, True], ids=["onnxruntime", "reference"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}-{}x{}".format(*size))
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_pictures_are_resized_as_the_data_set_does(size: tuple[int, int, int, int], dtype: type, reference: bool):
    height, width, new_height, new_width = size
    raw = stored((2, height, width), dtype)
    data = nb.ExportData(raw, fit(raw, ImageShape(2, new_height, new_width), resize=True))
    found, _ = outcome(data, nb.ExportOptions(preprocessing="auto"), reference=reference)
    ready = data.test().ready
    if dtype is np.uint8:
        np.testing.assert_array_equal(found, ready)
    else:  # sums of doubles, in another order
        np.testing.assert_allclose(found, ready, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(("old", "new"), [(1, 3), (3, 1), (3, 3), (4, 4)])
@pytest.mark.parametrize("opset", [OPSETS[0], OPSETS[-1]])
def test_colours_become_grey_and_grey_becomes_colours(old: int, new: int, dtype: type, opset: int):
    raw = stored((old, 6, 5), dtype)
    data = nb.ExportData(raw, fit(raw, ImageShape(new, 11, 5), resize=True))
    found, _ = outcome(data, nb.ExportOptions(preprocessing="auto", opset=opset))
    np.testing.assert_allclose(found, data.test().ready, rtol=1e-6, atol=0 if dtype is np.uint8 else 1e-6)


@pytest.mark.parametrize("opset", OPSETS)
def test_it_does_so_at_every_opset(opset: int):
    raw = stored((3, 9, 13))
    data = nb.ExportData(raw, fit(raw, ImageShape(1, 12, 7), resize=True))
    for reference in (False, True):
        found, _ = outcome(data, nb.ExportOptions(preprocessing="auto", opset=opset), reference=reference)
        np.testing.assert_array_equal(found, data.test().ready)


def test_flat_networks_take_pictures_and_tables_stay_tables():
    pictures = stored((1, 4, 5))
    found, file = outcome(
        nb.ExportData(pictures, fit(pictures, VectorShape(20))), nb.ExportOptions(preprocessing="auto")
    )
    assert file.shape == ImageShape(1, 4, 5)
    np.testing.assert_array_equal(found, fit(pictures, VectorShape(20)).test.batch(slice(None)))
    table = stored((7,), np.float32)
    found, file = outcome(nb.ExportData(table, table), nb.ExportOptions(preprocessing="auto"))
    assert file.shape == VectorShape(7)
    np.testing.assert_array_equal(found, table.test.batch(slice(None)))


@pytest.mark.parametrize(("pixels", "kind"), [("auto", TensorProto.UINT8), ("float32", TensorProto.FLOAT)])
def test_bytes_are_taken_as_bytes_or_as_real_numbers(pixels, kind: int):
    raw = stored((1, 4, 5))
    found, file = outcome(nb.ExportData(raw, raw), nb.ExportOptions(preprocessing=pixels))
    assert file.input.type.tensor_type.elem_type == kind
    np.testing.assert_array_equal(found, raw.test.batch(slice(None)))


def test_real_numbers_do_not_fit_in_bytes():
    raw = stored((1, 4, 5), np.float32)
    with pytest.raises(ExportError, match="do not fit in bytes"):
        outcome(nb.ExportData(raw, raw), nb.ExportOptions(preprocessing="uint8"))


def test_the_coefficients_are_pillows_own():
    for old, new in ((28, 32), (32, 28), (5, 17), (17, 5), (100, 3), (7, 7)):
        line = np.eye(old, dtype=np.float32)[:, None, None]  # one picture for each pixel
        theirs = resized(line, 1, new)[:, 0, 0].T if old != new else np.eye(old)
        np.testing.assert_allclose(coefficients(old, new, fixed=False), theirs, atol=1e-7)


def test_a_rounding_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch):
    """Negative control: bytes resized without the rounding after each pass."""
    raw = stored((1, 28, 28))
    data = nb.ExportData(raw, fit(raw, ImageShape(1, 32, 32), resize=True))
    monkeypatch.setattr(preparing.Preparation, "_rounded", lambda _self, _graph, x: x)
    found, _ = outcome(data, nb.ExportOptions(preprocessing="auto"))
    assert not np.array_equal(found, data.test().ready)


def test_where_no_data_is_known_the_preprocessing_by_itself_will_do():
    how = Preprocessing(1 / 255, (0.3,), (0.2,))
    graph = nb.Graph.chain(nb.Input(height=4, width=5, channels=1), nb.Dropout())
    model = to_model(graph, {}, options=nb.ExportOptions(preprocessing="uint8"), preprocessing=how)
    x = np.arange(40, dtype=np.uint8).reshape(2, 1, 4, 5)
    np.testing.assert_array_equal(OnnxFile.of(model.SerializeToString(), "net").run(x), how.apply(x))
    with pytest.raises(ExportError, match="is not known"):
        to_model(graph, {}, options=nb.ExportOptions(preprocessing="uint8"))


def test_the_prepared_tensor_keeps_out_of_the_layers_way():
    """A layer may be called as the preparation would call what it makes."""
    raw = stored((1, 4, 5))
    graph = nb.Graph.chain(
        nb.Input(height=4, width=5, channels=1), nb.Dropout(), nb.Flatten(), names=["in", "in/Cast", "in/Sub"]
    )
    model = to_model(graph, {}, options=nb.ExportOptions(preprocessing="auto"), data=nb.ExportData(raw, raw))
    names = [output for node in model.graph.node for output in node.output]
    assert len(names) == len(set(names))
    assert model.graph.output[0].name == "in/Sub"
    assert model.graph.input[0].name == "in"


def test_a_file_tells_what_it_does_to_samples_and_that_nobody_else_has_to():
    raw = stored((3, 9, 13))
    data = nb.ExportData(raw, fit(raw, ImageShape(1, 12, 7), resize=True))
    _, file = outcome(data, nb.ExportOptions(preprocessing="auto"))
    assert file.preprocessing == Preprocessing()
    assert json.loads(file.metadata["prepares"]) == {
        "takes": {"channels": 3, "height": 9, "width": 13, "numbers": "0 to 255"},
        "resizes_to": {"channels": 1, "height": 12, "width": 7},
        "formula": "(x · scale − mean) / std",
        "scale": data.preprocessing.scale,
        "mean": list(data.preprocessing.mean),
        "std": list(data.preprocessing.std),
    }


def test_a_fixed_batch_is_said_of_every_tensor():
    raw = stored((3, 9, 13))
    data = nb.ExportData(raw, fit(raw, ImageShape(1, 12, 7), resize=True))
    options = nb.ExportOptions(preprocessing="auto", batch=5)
    found, file = outcome(data, options)
    np.testing.assert_array_equal(found, data.test().ready)
    for info in (*file.model.graph.input, *file.model.graph.output, *file.model.graph.value_info):
        assert info.type.tensor_type.shape.dim[0].dim_value == 5
    assert replace(options, batch=None).words() == "opset 17, float32, any batch, raw input"
