"""A Graph -> .netb text: one layer, one wire, one group and one note a line, in a stable order."""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from netbuilder.graph import Graph, Group, Node, Note

from .layout import FORMAT, NODE_FIELDS

P = TypeVar("P", Group, Note)


def dumps(graph: Graph) -> str:
    """The design as .netb text: one node and one wire a line, in a stable order."""
    nodes = ",\n".join(f"  {_json(_node_to_dict(node))}" for node in graph.nodes.values())
    wires = sorted(graph.edges, key=lambda edge: (edge.target, edge.port))
    edges = ",\n".join(f"  {_json(list(edge))}" for edge in wires)
    rest = _section("groups", graph.groups.values(), _group_to_dict)
    rest += _section("notes", graph.notes.values(), _note_to_dict)
    rest += "".join(f",\n {_json(key)}: {_json(value)}" for key, value in graph.extra.items())
    return f'{{\n "format": {FORMAT},\n "nodes": [\n{nodes}\n ],\n "edges": [\n{edges}\n ]{rest}\n}}\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _node_to_dict(node: Node) -> dict[str, Any]:
    settings = {name: value for name, value in node.layer.values().items() if value is not None}
    known = (node.id, node.name, type(node.layer).__name__, settings, [_plain(x) for x in node.position])
    return {**dict(zip(NODE_FIELDS, known, strict=True)), **node.extra}


def _section(name: str, parts: Iterable[P], to_dict: Callable[[P], dict[str, Any]]) -> str:
    """One more list of the file, one entry a line; nothing where it is empty."""
    lines = ",\n".join(f"  {_json(to_dict(part))}" for part in parts)
    return f',\n "{name}": [\n{lines}\n ]' if lines else ""


def _group_to_dict(group: Group) -> dict[str, Any]:
    return {"id": group.id, "name": group.name, "members": sorted(group.members), "collapsed": group.collapsed}


def _note_to_dict(note: Note) -> dict[str, Any]:
    position = [_plain(x) for x in note.position]
    return {"id": note.id, "text": note.text, "position": position, "width": _plain(note.width)}


def _plain(x: float) -> float | int:
    return int(x) if x == int(x) else x
