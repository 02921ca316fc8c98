"""A design, its weights and what is known of them -> one order to write a file, with nothing missing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from netbuilder.analysis import analyze
from netbuilder.data import Preprocessing
from netbuilder.graph import Graph
from netbuilder.interop.about import told
from netbuilder.interop.emitter import Array
from netbuilder.interop.export_data import ExportData
from netbuilder.interop.options import ExportError, ExportOptions
from netbuilder.interop.preparation import Preparation

INSIDE = {"formula": "x as it is stored: the file itself prepares it", "scale": 1, "mean": [0], "std": [1]}
"""What a file that prepares its samples says of their preparation, so that nobody does it twice."""


class Extras(TypedDict, total=False):
    """The keyword arguments of `export_onnx`."""

    options: ExportOptions | None
    data: ExportData | None
    softmax: bool
    class_names: Sequence[str]
    preprocessing: Preprocessing | Mapping[str, Any] | None
    metadata: Mapping[str, Any] | None
    calibration: Array | None


@dataclass(frozen=True, eq=False)
class Order:
    """All that is needed to write a file: the network, how it is written, and what is known besides.

    `preparation` is how raw samples are made ready where the file is to do it, `calibration` prepared samples
    (N, *shape) that int8 is fitted to, `properties` what the file says of itself.
    """

    graph: Graph
    weights: Mapping[str, Array]
    options: ExportOptions
    preparation: Preparation | None
    calibration: Array | None
    properties: dict[str, str]


def ordered(graph: Graph, weights: Mapping[str, Array], **extras: Unpack[Extras]) -> Order:
    """What `export_onnx` is asked, put together. Raises ExportError where something is missing."""
    options, data = extras.get("options") or ExportOptions(), extras.get("data")
    options = replace(options, softmax=True) if extras.get("softmax") else options
    classes, preprocessing = extras.get("class_names", ()), extras.get("preprocessing")
    if data is not None:
        classes, preprocessing = classes or data.classes, preprocessing or data.preprocessing
    metadata, about = extras.get("metadata"), told(graph, analyze(graph))
    classes, preprocessing = classes or about.class_names, preprocessing or about.preprocessing
    calibration = _calibration(extras.get("calibration"), data) if options.precision == "int8" else None
    preparation, metadata = None, dict[str, Any]((about.metadata if metadata is None else metadata) or {})
    if options.prepares:
        preparation = data.preparation if data else _by_itself(graph, preprocessing, options)
        preprocessing, metadata["prepares"] = INSIDE, preparation.to_dict()
    properties = _properties(classes, preprocessing, metadata)
    return Order(graph, weights, options, preparation, calibration, properties)


def _calibration(given: Array | None, data: ExportData | None) -> Array:
    if given is None and data is None:
        raise ExportError(
            "int8 is fitted to samples of the training data, and none are known: export a run, or name a data set."
        )
    found = given if given is not None else data.calibration() if data else None
    if found is None or not len(found):
        raise ExportError("int8 is fitted to samples of the training data, but there is not one.")
    return found


def _by_itself(
    graph: Graph, preprocessing: Preprocessing | Mapping[str, Any] | None, options: ExportOptions
) -> Preparation:
    """The preparation where no data set is known: of samples that have the network's shape already."""
    if not isinstance(preprocessing, Preprocessing):
        raise ExportError(
            "How raw samples are made ready is not known, so the file cannot do it: export a run, or name a data set."
        )
    report = analyze(graph)
    first = next(iter(report.layers.values()), None)
    if not report.valid or first is None or first.shape is None:
        problems = " ".join(problem.message for problem in report.problems if problem.severity == "error")
        raise ExportError(f"This design cannot be exported yet. {problems}")
    return Preparation(first.shape, first.shape, preprocessing, options.preprocessing == "uint8")


def _properties(
    class_names: Sequence[str],
    preprocessing: Preprocessing | Mapping[str, Any] | None,
    metadata: Mapping[str, Any] | None,
) -> dict[str, str]:
    """What a file says of itself, as text: lists and mappings as JSON, text as it is."""
    found: dict[str, Any] = dict(metadata or {})
    if class_names:
        found["class_names"] = list(class_names)
    if isinstance(preprocessing, Preprocessing):
        preprocessing = {
            "formula": "(x · scale − mean) / std",
            "scale": preprocessing.scale,
            "mean": list(preprocessing.mean),
            "std": list(preprocessing.std),
        }
    if preprocessing:
        found["preprocessing"] = dict(preprocessing)
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
        for key, value in found.items()
        if value is not None
    }
