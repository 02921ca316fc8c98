"""Opening a model never reaches outside it, and what is damaged or foreign is refused in a sentence."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import netbuilder as nb
from netbuilder.data import Preprocessing
from netbuilder.interop.onnx_file import OnnxFile, OnnxFileError, run_onnx
from netbuilder.layers import ImageShape, VectorShape


@pytest.fixture
def path(tmp_path: Path) -> Path:
    graph = nb.Graph.chain(
        nb.Input(height=5, width=4, channels=3), nb.Conv2D(filters=2), nb.Flatten(), nb.Dense(units=3)
    )
    return nb.export_onnx(
        graph,
        nb.compile(graph).init(),
        tmp_path / "net.onnx",
        class_names=["a", "b", "c"],
        preprocessing=Preprocessing(1 / 255, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0)),
    )


def changed(path: Path, change) -> Path:
    model = onnx.load(path)
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def described(path: Path, key: str, value: str) -> OnnxFile:
    def change(model: onnx.ModelProto) -> None:
        next(entry for entry in model.metadata_props if entry.key == key).value = value

    return OnnxFile.read(changed(path, change))


def test_a_file_tells_its_shape_classes_and_preprocessing(path: Path):
    file = OnnxFile.read(path)
    assert file.shape == ImageShape(3, 5, 4)
    assert file.class_names == ("a", "b", "c")
    assert file.preprocessing == Preprocessing(1 / 255, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0))


def test_it_runs_batch_by_batch_with_the_same_outputs(path: Path):
    x = np.random.default_rng(0).standard_normal((7, 3, 5, 4)).astype(np.float32)
    whole = OnnxFile.read(path).run(x, batch_size=7)
    np.testing.assert_allclose(OnnxFile.read(path).run(x, batch_size=2), whole, atol=1e-6)
    np.testing.assert_allclose(run_onnx(path, x), whole, atol=1e-6)


def test_a_fixed_batch_is_respected(path: Path):
    def change(model: onnx.ModelProto) -> None:
        del model.graph.value_info[:]
        for value in (*model.graph.input, *model.graph.output):
            value.type.tensor_type.shape.dim[0].dim_value = 2

    file = OnnxFile.read(changed(path, change))
    x = np.random.default_rng(0).standard_normal((3, 3, 5, 4)).astype(np.float32)
    assert file.run(x[:2]).shape == (2, 3)
    np.testing.assert_allclose(file.run(x), np.concatenate([file.run(x[:2]), file.run(x[1:])[1:]]), rtol=1e-6)


def test_samples_of_another_shape_are_refused(path: Path):
    with pytest.raises(OnnxFileError, match=r"takes samples of \(3, 5, 4\), not \(1, 5, 4\)"):
        run_onnx(path, np.zeros((1, 1, 5, 4), np.float32))


def test_a_file_that_takes_bytes_is_given_bytes_and_nothing_else(tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(height=2, width=2, channels=1), nb.Dropout())
    options, how = nb.ExportOptions(preprocessing="uint8"), Preprocessing(1 / 255)
    path = nb.export_onnx(graph, {}, tmp_path / "net", options=options, preprocessing=how)
    file = OnnxFile.read(changed(path, lambda model: model.ClearField("metadata_props")))
    assert file.preprocessing == Preprocessing(), "bytes are not made ready before"
    pixels = np.array([[[[0.0, 51.0], [102.0, 255.0]]]], np.float32)
    np.testing.assert_allclose(file.run(pixels), pixels / 255, rtol=1e-6)
    for wrong in (0.5, -1.0, 256.0, np.nan):
        with pytest.raises(OnnxFileError, match="takes bytes of 0 to 255"):
            file.run(np.full_like(pixels, wrong))


# ---- what is never opened --------------------------------------------------------------------------------------------


def test_weights_in_other_files_are_never_followed(path: Path, tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"\0" * 1000)

    def change(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="secret")

    with pytest.raises(OnnxFileError, match="keeps its weights in other files"):
        OnnxFile.read(changed(path, change))


def test_weights_hidden_in_a_node_are_not_followed_either(path: Path):
    def change(model: onnx.ModelProto) -> None:
        tensor = TensorProto(data_type=1, dims=[1], data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="../../etc/passwd")
        model.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))

    with pytest.raises(OnnxFileError, match="other files"):
        OnnxFile.read(changed(path, change))


def test_other_domains_functions_and_branches_are_refused(path: Path):
    original = path.read_bytes()

    def domain(model: onnx.ModelProto) -> None:
        model.graph.node[0].domain = "com.evil"

    def function(model: onnx.ModelProto) -> None:
        model.functions.append(helper.make_function("d", "f", [], [], [], model.opset_import))

    def branch(model: onnx.ModelProto) -> None:
        model.graph.node[0].attribute.append(helper.make_attribute("body", model.graph))

    for change, sentence in (
        (domain, "another domain"),
        (function, "functions of its own"),
        (branch, "branches or loops"),
    ):
        path.write_bytes(original)
        with pytest.raises(OnnxFileError, match=sentence):
            OnnxFile.read(changed(path, change))


def test_an_unknown_operator_is_not_a_valid_model(path: Path):
    def change(model: onnx.ModelProto) -> None:
        model.graph.node[0].op_type = "Frobnicate"

    with pytest.raises(OnnxFileError, match="not a valid ONNX model"):
        OnnxFile.read(changed(path, change))


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1, -50])
def test_a_file_cut_short_is_refused(path: Path, cut: int):
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(OnnxFileError, match=r"net\.onnx"):
        OnnxFile.read(path).run(np.zeros((1, 3, 5, 4), np.float32))


def test_flipped_bytes_never_escape_as_anything_but_a_sentence(path: Path):
    original, random = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(original)
        for at in random.integers(0, len(original), 3):
            damaged[at] = random.integers(256)
        path.write_bytes(damaged)
        try:
            file = OnnxFile.read(path)
            _ = file.shape, file.class_names, file.preprocessing
        except OnnxFileError:
            refused += 1
    assert refused > 20


def test_folders_and_missing_files_are_named(tmp_path: Path):
    with pytest.raises(OnnxFileError, match="is not a file"):
        OnnxFile.read(tmp_path)
    with pytest.raises(OnnxFileError, match="There is no file"):
        OnnxFile.read(tmp_path / "none.onnx")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("class_names", "not json"),
        ("class_names", '{"a": 1}'),
        ("class_names", "[1, 2]"),
        ("class_names", "[" * 100_000),
        ("preprocessing", "[]"),
        ("preprocessing", '{"scale": 1e999, "mean": [0], "std": [1]}'),
        ("preprocessing", '{"scale": 1, "mean": [0], "std": [0]}'),
        ("preprocessing", '{"scale": 1, "mean": [0, 0], "std": [1, 1]}'),
        ("preprocessing", '{"scale": "x", "mean": "y", "std": null}'),
    ],
)
def test_metadata_that_makes_no_sense_is_refused(path: Path, key: str, value: str):
    file = described(path, key, value)
    with pytest.raises(OnnxFileError, match=r"net\.onnx"):
        getattr(file, key)


def test_an_open_size_is_not_blamed_on_the_preprocessing(path: Path):
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "rows"
    file = OnnxFile.of(model.SerializeToString(), "open.onnx")
    with pytest.raises(OnnxFileError, match="does not take images or vectors of a fixed size"):
        _ = file.preprocessing


def test_a_small_file_cannot_ask_for_a_sample_that_fills_the_memory(path: Path):
    huge = ["N", 3, 100_000, 100_000]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, huge) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
    with pytest.raises(OnnxFileError, match="30,000,000,000 numbers a sample"):
        _ = OnnxFile.read(changed(path, lambda model: model.graph.CopyFrom(graph))).shape


def test_vectors_and_what_is_neither(tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(features=6), nb.Dense(units=2))
    path = nb.export_onnx(graph, nb.compile(graph).init(), tmp_path / "v.onnx")
    assert OnnxFile.read(path).shape == VectorShape(6)

    def change(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE

    try:
        file = OnnxFile.read(changed(path, change))
    except OnnxFileError:
        return
    with pytest.raises(OnnxFileError, match="does not take float32"):
        _ = file.shape
