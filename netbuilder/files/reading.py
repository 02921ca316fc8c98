""".netb text -> a Graph, or a refusal in a sentence that names line, layer and setting."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from netbuilder.graph import Edge, Graph, GraphError, Group, Node, Note, check_name, check_text
from netbuilder.layers import BY_NAME, Layer, SettingError
from netbuilder.layers.settings import shown
from netbuilder.storage import FileError

from .layout import FORMAT, NODE_FIELDS, SECTIONS


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


def _id(value: object) -> int:
    if type(value) is not int or not 0 < value < 2**53:
        raise GraphError(f"the id must be a positive whole number, not {shown(value)}.")
    return value


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
        nodes = self._nodes(data["nodes"])
        extra = {key: value for key, value in data.items() if key not in SECTIONS}
        graph = self._wired(Graph(nodes, next_id=max(nodes, default=0) + 1, extra=extra), data.get("edges", []))
        return self._annotated(graph, data.get("groups", []), data.get("notes", []))

    def _nodes(self, entries: list[Any]) -> dict[int, Node]:
        nodes: dict[int, Node] = {}
        names: set[str] = set()
        for index, entry in enumerate(entries):
            node = self._node(index, entry)
            if node.id in nodes:
                raise self._refusal(index, f"the id {node.id} is used twice")
            if node.name in names:
                raise self._refusal(index, f"there is already a layer “{node.name}”")
            nodes[node.id] = node
            names.add(node.name)
        return nodes

    def _node(self, index: int, entry: Any) -> Node:
        if not _is_object(entry):
            raise self._refusal(index, f"a layer was expected, not {shown(entry)}")
        name, kind = entry.get("name"), entry.get("type")
        if not isinstance(name, str):
            raise self._refusal(index, f"the name must be text, not {shown(name)}")
        try:
            key = _id(entry.get("id"))
            check_name(name)
        except GraphError as error:
            raise self._refusal(index, str(error).rstrip(".")) from None
        extra = {field: value for field, value in entry.items() if field not in NODE_FIELDS}
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
        wired = replace(graph, edges=frozenset(found))
        loop = wired.cycle()
        if loop:
            names = " → ".join(f"“{graph.nodes[key].name}”" for key in (*loop, loop[0]))
            raise FileError(f"“{self._source}”: the wires go round in a circle, {names}. A network cannot feed back.")
        return wired

    def _annotated(self, graph: Graph, groups: Any, notes: Any) -> Graph:
        """The graph with its groups and notes, which cannot make it less of a network but can be nonsense."""
        for section in (groups, notes):
            if not _is_list(section) or not all(_is_object(entry) for entry in section):
                raise FileError(f"“{self._source}”: groups and notes must be lists of objects, not {shown(section)}.")
        try:
            read_groups = [self._group(graph, entry) for entry in groups]
            read_notes = [self._note(entry) for entry in notes]
        except (GraphError, TypeError, KeyError, ValueError) as error:
            raise FileError(f"“{self._source}” has a group or note that cannot be read: {error}") from None
        members = [key for group in read_groups for key in group.members]
        ids = [*graph.nodes, *(part.id for part in (*read_groups, *read_notes))]
        if len(set(members)) < len(members) or len(set(ids)) < len(ids):
            raise FileError(f"“{self._source}” has two groups with one layer, or one id for two things.")
        return replace(
            graph,
            groups={group.id: group for group in read_groups},
            notes={note.id: note for note in read_notes},
            next_id=max(ids, default=0) + 1,
        )

    def _group(self, graph: Graph, entry: dict[str, Any]) -> Group:
        name, members = str(entry["name"]), [graph[key].id for key in entry["members"] if type(key) is int]
        check_name(name)
        if len(members) < 2:
            raise GraphError(f"the group “{name}” has fewer than two layers.")
        return Group(_id(entry["id"]), name, frozenset(members), entry.get("collapsed") is True)

    def _note(self, entry: dict[str, Any]) -> Note:
        x, y = self._position(0, entry)
        width = entry.get("width", 216)
        if type(width) not in (int, float) or not 40 <= width <= 4000:
            raise GraphError(f"the width of a note must be from 40 to 4000, not {shown(width)}.")
        text = str(entry["text"])
        check_text(text)
        return Note(_id(entry["id"]), text, (x, y), float(width))

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
