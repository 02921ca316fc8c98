"""What an ONNX file says of itself <-> a field of the design, so that names of classes travel with it both ways."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, cast

from netbuilder.analysis import Report
from netbuilder.data import Preprocessing
from netbuilder.graph import Graph
from netbuilder.layers import ImageShape, Shape

FIELD = "about"
"""Its name in a design file, which keeps what it does not know."""
MOST_TEXT, MOST_ENTRIES = 2_000_000, 500
"""Characters, and entries, that a design carries along at most."""


@dataclass(frozen=True)
class About:
    """Names of the classes, how raw samples are made ready, and whatever else a file said, as text."""

    class_names: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
    metadata: Mapping[str, str] | None = None


def carried(properties: Mapping[str, str]) -> dict[str, Any]:
    """A file's properties as a field of the design; {} where there are none, or more than a design should hold.

    What is not a list of names, or no preprocessing, stays the text it is. The names are checked against nothing: the
    design may have any number of outputs by the time it is written again.
    """
    if len(properties) > MOST_ENTRIES or sum(len(key) + len(text) for key, text in properties.items()) > MOST_TEXT:
        return {}
    rest, found = dict(properties), dict[str, Any]()
    if names := _names(_json(rest.get("class_names"))):
        found["class_names"] = names
        del rest["class_names"]
    preparing = _json(rest.get("preprocessing"))
    if _preprocessing(preparing) is not None:
        found["preprocessing"] = preparing
        del rest["preprocessing"]
    if rest:
        found["metadata"] = rest
    return {FIELD: found} if found else {}


def told(graph: Graph, report: Report) -> About:
    """What a design carries along, less what no longer fits its input and its output."""
    known = graph.extra.get(FIELD)
    if not isinstance(known, Mapping):
        return About()
    field = cast("Mapping[str, Any]", known)
    names, metadata = _names(field.get("class_names")), field.get("metadata")
    shapes = [layer.shape for layer in report.layers.values()]
    main = report.layers[report.outputs[0]].shape if report.outputs else None
    fits = main is not None and len(names) == _channels(main)
    preparing = _preprocessing(field.get("preprocessing"))
    first = shapes[0] if shapes else None
    if preparing is not None and (first is None or len(preparing.mean) not in (1, _channels(first))):
        preparing = None
    texts = {str(key): text for key, text in _entries(metadata) if isinstance(text, str)}
    return About(tuple(names) if fits else (), preparing, texts or None)


def _channels(shape: Shape) -> int:
    return shape.channels if isinstance(shape, ImageShape) else shape.features


def _entries(value: Any) -> list[tuple[Any, Any]]:
    return list(cast("Mapping[Any, Any]", value).items()) if isinstance(value, Mapping) else []


def _names(value: Any) -> list[str]:
    """A list of texts; [] where it is something else."""
    found = cast("list[Any]", value) if isinstance(value, list) else []
    return [str(each) for each in found] if all(isinstance(each, str) for each in found) else []


def _json(text: str | None) -> Any:
    """What a text says as JSON; None where it says nothing a design file could keep."""
    if text is None:
        return None
    try:
        found = json.loads(text)
        json.dumps(found, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return found


def _preprocessing(value: Any) -> Preprocessing | None:
    """How samples are made ready, as this program writes it; None where it is something else."""
    try:
        scale, mean, std = float(value["scale"]), _reals(value["mean"]), _reals(value["std"])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
    if not isfinite(scale) or not mean or len(mean) != len(std) or 0.0 in std:
        return None
    return Preprocessing(scale, mean, std)


def _reals(values: Any) -> tuple[float, ...]:
    if not isinstance(values, list):
        raise TypeError
    found = tuple(float(each) for each in cast("list[Any]", values))
    if not all(map(isfinite, found)):
        raise ValueError
    return found
