"""By how much the weights of two designs differ, array by array."""

import json

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.comparison import compare
from netbuilder.graph import Graph


def small() -> tuple[Graph, dict[str, np.ndarray]]:
    graph = Graph.chain(nb.Input(features=3), nb.Dense(4), nb.BatchNorm(), nb.Dense(2))
    return graph, nb.compile(graph).init(1)


def test_the_same_weights_do_not_differ_and_one_number_does():
    graph, weights = small()
    assert compare(graph, graph, weights, {key: array.copy() for key, array in weights.items()}).same
    other = {key: array.copy() for key, array in weights.items()}
    other["dense_2.weight"][1, 2] += 0.5
    found = compare(graph, graph.rename("dense_2", "end"), weights, {
        key.replace("dense_2.", "end."): array for key, array in other.items()
    })  # fmt: skip
    assert found.weights is not None
    told = {f"{each.layer}.{each.array}": each for each in found.weights}
    assert told.keys() == {key.replace("dense_2.", "end.") for key in weights}
    most = max(np.abs(weights["dense_2.weight"]).max(), np.abs(other["dense_2.weight"]).max())
    assert told["end.weight"].largest == pytest.approx(0.5, rel=1e-6)
    assert told["end.weight"].relative == pytest.approx(0.5 / most, rel=1e-6)
    assert [name for name, each in told.items() if not each.same] == ["end.weight"]


def test_arrays_of_other_shapes_and_numbers_that_are_none_are_told_without_a_figure():
    graph, weights = small()
    wide = graph.set("dense_1", units=5)
    found = compare(graph, wide, weights, nb.compile(wide).init(1))
    assert found.weights is not None
    none = [each for each in found.weights if each.largest is None]
    assert {(each.layer, each.array) for each in none} >= {("dense_1", "weight"), ("batchnorm_1", "running_var")}
    spoilt = {**weights, "dense_1.bias": np.full(4, np.nan, np.float32)}
    found = compare(graph, graph, weights, spoilt)
    assert not found.same
    assert compare(graph, graph, spoilt, spoilt).same
    json.dumps(found.to_dict(), allow_nan=False)


def test_large_arrays_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch):
    graph, weights = small()
    other = {key: array + np.float32(0.25) * (key == "dense_1.weight") for key, array in weights.items()}
    whole = compare(graph, graph, weights, other)
    monkeypatch.setattr("netbuilder.comparison.arrays.CHUNK", 5)
    assert compare(graph, graph, weights, other).weights == whole.weights
