"""Names of classes, preprocessing and whatever a file says travel with the design: in, into a .netb file and out."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.data import Preprocessing
from netbuilder.interop.importing import imported
from netbuilder.interop.onnx_export import to_model
from netbuilder.interop.options import ExportOptions

NAMES = ("cat", "<b>dog</b>", "第三")
PREPARED = Preprocessing(1 / 255, (0.5, 0.4, 0.3), (0.2, 0.25, 0.3))
SAID = {"author": "somebody", "accuracy": "0.93", "class names": "[1, 2]"}


def design(units: int = 3) -> nb.Graph:
    layers = nb.Input(height=8, width=8, channels=3), nb.Conv2D(4), nb.ReLU(), nb.Flatten(), nb.Dense(units)
    return nb.Graph.chain(*layers)


def exported(graph: nb.Graph, **more) -> bytes:
    return to_model(graph, nb.compile(graph).init(0), **more).SerializeToString()


def properties(graph: nb.Graph, **more) -> dict[str, str]:
    return {entry.key: entry.value for entry in to_model(graph, nb.compile(graph).init(0), **more).metadata_props}


@pytest.fixture
def arrived() -> nb.Graph:
    data = exported(design(), class_names=NAMES, preprocessing=PREPARED, metadata=SAID)
    return imported(data, "net.onnx").graph


def test_export_import_export_says_the_same(arrived: nb.Graph, tmp_path: Path):
    first = properties(design(), class_names=NAMES, preprocessing=PREPARED, metadata=SAID)
    assert json.loads(first["class_names"]) == list(NAMES)
    assert properties(arrived) == first
    assert properties(nb.load(nb.save(arrived, tmp_path / "net.netb"))) == first


def test_edits_keep_what_still_fits(arrived: nb.Graph):
    assert set(properties(arrived.set("conv2d_1", filters=7))) == {"class_names", "preprocessing", *SAID}
    assert set(properties(arrived.set("dense_1", units=5))) == {"preprocessing", *SAID}
    grey = arrived.set("input_1", channels=1)
    assert set(properties(grey)) == {"class_names", *SAID}


def test_what_is_known_better_is_said_instead(arrived: nb.Graph):
    found = properties(arrived, class_names=("a", "b", "c"), metadata={"run": "7"})
    assert (found["class_names"], found["run"]) == ('["a", "b", "c"]', "7")
    assert "author" not in found


def test_the_preparation_that_came_along_can_be_baked_in(arrived: nb.Graph):
    baked = ExportOptions(preprocessing="uint8")
    assert "the file itself prepares it" in properties(arrived, options=baked)["preprocessing"]
    with pytest.raises(nb.ExportError, match="is not known"):
        properties(design(), options=baked)


@pytest.mark.parametrize(
    "said",
    [
        {"class_names": "cat, dog"},
        {"class_names": "[1, 2, 3]"},
        {"class_names": "[" * 100_000},
        {"preprocessing": '{"scale": NaN, "mean": [0], "std": [1]}'},
        {"preprocessing": '{"scale": 1e999, "mean": [0], "std": [1]}'},
        {"preprocessing": '{"scale": 1, "mean": [0], "std": [0]}'},
        {"preprocessing": '{"scale": 1}'},
        {"preprocessing": "true"},
    ],
)
def test_what_is_neither_stays_the_text_it_is(said: dict, tmp_path: Path):
    graph = imported(exported(design(), metadata=said), "net.onnx").graph
    assert properties(nb.load(nb.save(graph, tmp_path / "net.netb"))) == said


def test_more_than_a_design_should_hold_is_left_behind():
    assert imported(exported(design(), metadata={"all of it": "x" * 3_000_000}), "net.onnx").graph.extra == {}
    assert imported(exported(design(), metadata={str(i): "" for i in range(600)}), "net.onnx").graph.extra == {}


@pytest.mark.parametrize("field", [3, [], {"class_names": 5}, {"metadata": {"a": 1}}, {"preprocessing": {"mean": "x"}}])
def test_a_field_that_somebody_wrote_by_hand_does_no_harm(field: object):
    assert properties(replace(design(), extra={"about": field})) == {}


def test_nothing_said_is_nothing_carried():
    found = imported(exported(design()), "net.onnx")
    assert found.graph.extra == {}
    assert all(array.dtype == np.float32 for array in found.weighed().values())
