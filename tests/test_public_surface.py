"""`import netbuilder as nb` offers what scripts and notebooks were promised, loaded when it is asked for."""

import ast
from pathlib import Path

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.layers import PALETTE

PROMISED = [
    "Graph",
    "save",
    "load",
    "analyze",
    "compile",
    "train",
    "Job",
    "SGD",
    "RMSProp",
    "Adam",
    "AdamW",
    "export_onnx",
    "import_onnx",
]


@pytest.mark.parametrize("name", nb.__all__)
def test_every_name_can_be_had(name: str):
    assert getattr(nb, name) is not None
    assert name in dir(nb)


def test_what_was_promised_is_there_and_every_layer_with_it():
    assert set(nb.__all__) >= {*PROMISED, *(cls.__name__ for cls in PALETTE)}


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(nb.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names} - {
        "import_module",
        "TYPE_CHECKING",
        "Any",
    }
    assert imported == set(nb.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Conv3D'"):
        _ = nb.Conv3D  # pyright: ignore


def test_the_published_example_runs(tmp_path: Path):
    g = nb.Graph.chain(
        nb.Input(height=28, width=28, channels=1),
        nb.Conv2D(filters=6, kernel_size=5, padding="same"),
        nb.ReLU(),
        nb.MaxPool2D(2),
        nb.Flatten(),
        nb.Dense(10),
    )
    assert [node.name for node in g.nodes.values()][1:3] == ["conv2d_1", "relu_1"]
    nb.save(g, tmp_path / "net.netb")
    assert nb.load(tmp_path / "net.netb") == g
    assert nb.analyze(g).to_dict()["valid"]
    program = nb.compile(g, dtype="float32", threads=None)
    w = program.init(seed=0)
    x = np.zeros((3, 1, 28, 28), np.float32)
    assert program.predict(w, x).shape == (3, 10)
    loss, grads = program.loss_and_gradients(w, x, np.array([1, 2, 3]), loss="cross_entropy", training=False, seed=None)
    assert loss > 0
    assert grads.keys() == w.keys()
    nb.export_onnx(g, w, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").exists()


def test_a_job_trains_as_a_stream_of_events():
    g = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Flatten(), nb.Dense(10))
    job = nb.Job(graph=g, data="digits", epochs=1, batch_size=64, optimizer=nb.SGD(lr=0.1, momentum=0.9), seed=0)
    kinds = [type(event).__name__ for event in nb.train(job)]
    assert (kinds[0], kinds[-1]) == ("Started", "Finished")


def test_a_branch_is_added_by_names():
    g = nb.Graph.chain(nb.Input(features=4), nb.Dense(4), names=["a", "b"])
    g, node = g.add(nb.Add(), name="sum")
    g = g.connect("a", "sum", port=0).connect("b", "sum", port=1)
    assert g.inputs(node.id) == (1, 2)
