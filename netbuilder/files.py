"""Design files: a Graph to and from .netb text, and writes that either happen whole or not at all."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

from netbuilder.graph import Edge, Graph, GraphError, Node, check_name
from netbuilder.layers import BY_NAME, Layer, SettingError
from netbuilder.layers.settings import shown
from netbuilder.storage import FileError, reason, write_atomic

__all__ = ["SUFFIX", "FileError", "dumps", "load", "loads", "save", "write_atomic"]

FORMAT = 1
SUFFIX = ".netb"
LARGEST_FILE = 8_000_000
_NODE_FIELDS = ("id", "name", "type", "settings", "position")


def save(graph: Graph, path: str | os.PathLike[str]) -> Path:
    """Write a design, all or nothing, and return where: the suffix .netb is added where it is missing.

    Raises FileError; whatever was at `path` before is then still there, byte for byte.
    """
    target = Path(path)
    if target.suffix != SUFFIX:
        target = target.with_name(target.name + SUFFIX)
    text = dumps(graph)
    if loads(text) != graph:
        raise FileError(f"“{target.name}” was not written: the design did not survive being written and read again.")
    write_atomic(target, text.encode())
    return target


def load(path: str | os.PathLike[str]) -> Graph:
    """Read a design. Raises FileError with a sentence that names file, line, layer and setting."""
    source = Path(path)
    try:
        if source.stat().st_size > LARGEST_FILE:
            raise FileError(f"“{source.name}” is larger than any design ({LARGEST_FILE // 1_000_000} MB).")
        text = source.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise FileError(f"“{source.name}” is not a netbuilder design: it is not text.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"“{source.name}” cannot be read: {reason(error)}.") from None
    return loads(text, source.name)


# ---- text ------------------------------------------------------------------------------------------------------------


def dumps(graph: Graph) -> str:
    """The design as .netb text: one node and one wire a line, in a stable order."""
    nodes = ",\n".join(f"  {_json(_node_to_dict(node))}" for node in graph.nodes.values())
    wires = sorted(graph.edges, key=lambda edge: (edge.target, edge.port))
    edges = ",\n".join(f"  {_json(list(edge))}" for edge in wires)
    rest = "".join(f",\n {_json(key)}: {_json(value)}" for key, value in graph.extra.items())
    return f'{{\n "format": {FORMAT},\n "nodes": [\n{nodes}\n ],\n "edges": [\n{edges}\n ]{rest}\n}}\n'


def loads(text: str, source: str = "the text") -> Graph:
    """A design from .netb text; `source` is what messages call it. Raises FileError."""
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise FileError(f"“{source}” is not a netbuilder design: line {error.lineno}, {error.msg.lower()}.") from None
    except RecursionError:
        raise FileError(f"“{source}” is not a netbuilder design: it is nested too deeply.") from None
    except ValueError as error:
        raise FileError(f"“{source}” is not a netbuilder design: {error}.") from None
    return _Reader(text, source).graph(data)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{shown(twice)} is given twice in one place")
    return found


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number")


def _node_to_dict(node: Node) -> dict[str, Any]:
    settings = {name: value for name, value in node.layer.values().items() if value is not None}
    known = (node.id, node.name, type(node.layer).__name__, settings, [_plain(x) for x in node.position])
    return {**dict(zip(_NODE_FIELDS, known, strict=True)), **node.extra}


def _plain(x: float) -> float | int:
    return int(x) if x == int(x) else x


class _Reader:
    """Turns parsed JSON into a graph; knows the text so that a refusal can name the line."""

    def __init__(self, text: str, source: str):
        self._text, self._source = text, source

    def graph(self, data: Any) -> Graph:
        if not _is_object(data) or not _is_list(data.get("nodes")) or "format" not in data:
            raise FileError(f"“{self._source}” is not a netbuilder design: it lacks a format and a list of nodes.")
        version = data["format"]
        if type(version) is not int or version < 1:
            raise FileError(f"“{self._source}” has no valid format number, but {shown(version)}.")
        if version > FORMAT:
            raise FileError(
                f"“{self._source}” was written by a newer netbuilder (format {version}; this one reads {FORMAT})."
            )
        nodes: dict[int, Node] = {}
        names: set[str] = set()
        for index, entry in enumerate(data["nodes"]):
            node = self._node(index, entry)
            if node.id in nodes:
                raise self._refusal(index, f"the id {node.id} is used twice")
            if node.name in names:
                raise self._refusal(index, f"there is already a layer “{node.name}”")
            nodes[node.id] = node
            names.add(node.name)
        extra = {key: value for key, value in data.items() if key not in ("format", "nodes", "edges")}
        graph = Graph(nodes, next_id=max(nodes, default=0) + 1, extra=extra)
        return self._wired(graph, data.get("edges", []))

    def _node(self, index: int, entry: Any) -> Node:
        if not _is_object(entry):
            raise self._refusal(index, f"a layer was expected, not {shown(entry)}")
        key, name, kind = entry.get("id"), entry.get("name"), entry.get("type")
        if type(key) is not int or not 0 < key < 2**53:
            raise self._refusal(index, f"the id must be a positive whole number, not {shown(key)}")
        if not isinstance(name, str):
            raise self._refusal(index, f"the name must be text, not {shown(name)}")
        try:
            check_name(name)
        except GraphError as error:
            raise self._refusal(index, str(error).rstrip(".")) from None
        extra = {field: value for field, value in entry.items() if field not in _NODE_FIELDS}
        return Node(key, name, self._layer(index, name, kind, entry), self._position(index, entry), extra)

    def _layer(self, index: int, name: str, kind: Any, entry: Mapping[str, Any]) -> Layer:
        cls = BY_NAME.get(kind) if isinstance(kind, str) else None
        if cls is None:
            raise self._refusal(index, f"“{name}” is a {shown(kind)}, a layer this netbuilder does not know")
        settings = entry.get("settings", {})
        if not _is_object(settings):
            raise self._refusal(index, f"the settings of “{name}” must be an object, not {shown(settings)}")
        known = {setting.name for setting in cls.settings()}
        for setting in settings:
            if setting not in known:
                raise self._refusal(index, f"“{name}” ({kind}) has no setting {shown(setting)}")
        try:
            return cls(**settings)
        except SettingError as error:
            raise self._refusal(index, f"“{name}” ({kind}): {error.name.replace('_', ' ')} {error.reason}") from None

    def _position(self, index: int, entry: Mapping[str, Any]) -> tuple[float, float]:
        position = entry.get("position", [0, 0])
        if (
            _is_list(position)
            and len(position) == 2
            and all(type(x) in (int, float) and abs(x) < 1e9 for x in position)
        ):
            return float(position[0]), float(position[1])
        raise self._refusal(index, f"the position must be two numbers, not {shown(position)}")

    def _wired(self, graph: Graph, edges: Any) -> Graph:
        if not _is_list(edges):
            raise FileError(f"“{self._source}”: the edges must be a list, not {shown(edges)}.")
        taken: set[tuple[int, int]] = set()
        found: set[Edge] = set()
        for entry in edges:
            if not (_is_list(entry) and len(entry) == 3 and all(type(x) is int for x in entry)):
                raise FileError(f"“{self._source}”: a wire must be [from, to, port], not {shown(entry)}.")
            edge = Edge(*entry)
            self._check_wire(graph, edge, taken)
            taken.add(edge[1:])
            found.add(edge)
        wired = Graph(graph.nodes, frozenset(found), graph.next_id, graph.extra)
        loop = wired.cycle()
        if loop:
            names = " → ".join(f"“{graph.nodes[key].name}”" for key in (*loop, loop[0]))
            raise FileError(f"“{self._source}”: the wires go round in a circle, {names}. A network cannot feed back.")
        return wired

    def _check_wire(self, graph: Graph, edge: Edge, taken: set[tuple[int, int]]) -> None:
        for key in edge[:2]:
            if key not in graph.nodes:
                raise FileError(f"“{self._source}”: a wire ends at layer {shown(key)}, which is not there.")
        if edge[1:] in taken:
            name = graph.nodes[edge.target].name
            raise FileError(f"“{self._source}”: two wires end in input {edge.port + 1} of “{name}”.")
        try:
            graph.check_connect(*edge)
        except GraphError as error:
            raise FileError(f"“{self._source}”: {error}") from None

    def _refusal(self, index: int, reason: str) -> FileError:
        return FileError(f"“{self._source}”, line {self._line(index)}: {reason}.")

    def _line(self, index: int) -> int:
        """Line on which the node of this index begins; found only when something is wrong with it."""
        decoder = json.JSONDecoder()
        at = self._after_space(self._text.index("[", self._text.index('"nodes"')) + 1)
        for _ in range(index):
            _, at = decoder.raw_decode(self._text, at)
            at = self._after_space(at)
        return self._text.count("\n", 0, at) + 1

    def _after_space(self, at: int) -> int:
        while self._text[at] in " \t\r\n,":
            at += 1
        return at
