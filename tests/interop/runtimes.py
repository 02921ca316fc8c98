"""A random design exported and run by onnxruntime: how far its scores lie from the engine's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import ModelProto

import netbuilder as nb
from netbuilder.graph import Graph
from netbuilder.interop.onnx_export import export_onnx, to_model
from netbuilder.interop.verification import TOLERANCE, Verification, verify
from tests.designs import valid_design
from tests.interop.export_bugs import ExportBug
from tests.interop.trips import random_weights

SAMPLES = 3


@dataclass(frozen=True)
class Ran:
    """One design: its layers by kind, and how far both lie apart, relative to the largest score."""

    seed: int
    kinds: tuple[str, ...]
    difference: float
    agreeing: bool


def samples(graph: Graph, seed: int) -> np.ndarray:
    shape = nb.compile(graph).input_shape.array
    return np.random.default_rng(seed).standard_normal((SAMPLES, *shape)).astype(np.float32)


def ran(seed: int, folder: Path) -> Ran:
    """Export one design as the product does, and run the file."""
    graph = valid_design(seed)
    weights = random_weights(graph, seed)
    path = export_onnx(graph, weights, folder / "design.onnx")
    found = _verified(graph, weights, seed, path)
    kinds = tuple(sorted({type(node.layer).__name__ for node in graph.nodes.values()}))
    return Ran(seed, kinds, found.relative_difference, found.agreeing == found.samples)


def _verified(graph: Graph, weights: dict[str, np.ndarray], seed: int, path: Path) -> Verification:
    return verify(path, nb.compile(graph), weights, samples(graph, seed))


def rounding(seed: int) -> tuple[float, float]:
    """How far the engine and onnxruntime each lie from the same network in double precision, relative to the largest
    score: two single precisions cannot agree better than that."""
    graph = valid_design(seed)
    weights, x = random_weights(graph, seed), samples(graph, seed)
    exact = nb.compile(graph, "float64").predict_outputs(
        {key: array.astype(np.float64) for key, array in weights.items()}, x.astype(np.float64)
    )
    ours = nb.compile(graph).predict_outputs(weights, x)
    session = onnxruntime.InferenceSession(to_model(graph, weights).SerializeToString())
    theirs = session.run(None, {session.get_inputs()[0].name: x})
    pairs = list(zip(exact.values(), ours.values(), theirs, strict=True))
    return max(_apart(y, own) for y, own, _ in pairs), max(_apart(y, other) for y, _, other in pairs)


def _apart(exact: np.ndarray, other: Any) -> float:
    return float(np.abs(np.asarray(other).reshape(exact.shape) - exact).max() / np.abs(exact).max())


def noticing(bug: ExportBug, seeds: Sequence[int], folder: Path, models: dict[int, ModelProto]) -> tuple[int, int]:
    """In how many designs the bug is noticed, and in how many it changes the file. `models` remembers exports."""
    noticed = changed = 0
    for seed in seeds:
        graph = valid_design(seed)
        weights = random_weights(graph, seed)
        if seed not in models:
            models[seed] = to_model(graph, weights)
        wrong = bug.made(models[seed])
        if wrong is not None:
            changed += 1
            path = folder / "wrong.onnx"
            path.write_bytes(wrong.SerializeToString())
            noticed += _told(graph, weights, seed, path)
    return noticed, changed


def _told(graph: Graph, weights: dict[str, np.ndarray], seed: int, path: Path) -> bool:
    """Whether the file cannot be run, or gives other scores."""
    try:
        return not _verified(graph, weights, seed, path).relative_difference <= TOLERANCE
    except Exception:  # what an interpreter raises for a model that is none
        return True
