"""What is wrong with a network as a whole, whatever its shapes."""

from collections.abc import Mapping, Sequence

from netbuilder.graph import Graph, Node
from netbuilder.layers import Input, Output

from .report import LayerReport, Problem


def structure(graph: Graph, outputs: Sequence[int]) -> list[Problem]:
    """What is wrong with the network as a whole, whatever its shapes: what enters, what leaves, what is missing.

    Of several inputs the one that feeds most layers counts as the network's own. `outputs` are its `ends`: every one
    but the first has to be an Output block, which says that it is meant.
    """
    if not graph.nodes:
        return [Problem("empty", "error", None, None, "The design is empty: add an Input and the layers behind it.")]
    entries = [node for node in graph.nodes.values() if isinstance(node.layer, Input)]
    if not entries:
        return [Problem("no-input", "error", None, None, "The design has no Input, where data enters.")]
    main = _entry(graph, entries)
    found = [
        Problem("several-inputs", "error", n.id, n.name, f"{n.title} is a second input; a network here has one.")
        for n in entries
        if n is not main
    ]
    found += _loose(graph, outputs)
    found += [_inside(graph, node) for node in graph.nodes.values() if _passed_on(graph, node)]
    if len(graph.nodes) == 1:
        found.append(Problem("no-layers", "error", main.id, main.name, "Nothing follows the input yet."))
    return found


def ends(graph: Graph) -> tuple[int, ...]:
    """Ids of the layers that the network ends in, the main output first, then in the order they were added.

    The main output is the deepest end, the one that most layers lead to; of equals one without an Output block, then
    the latest. An Output block makes an end no deeper. A layer that nothing reaches is no end.
    """
    entries = [node for node in graph.nodes.values() if isinstance(node.layer, Input)]
    entry = _entry(graph, entries) if entries else None
    found = [n for n in graph.nodes.values() if not graph.outgoing(n.id) and (n is entry or graph.incoming(n.id))]
    if len(found) < 2:
        return tuple(node.id for node in found)
    places = {key: place for place, key in enumerate(graph.nodes)}
    cores = {node.id: core(graph, node.id) for node in found}
    main = max(found, key=lambda n: (len(graph.upstream(cores[n.id])), n.id == cores[n.id], places[cores[n.id]]))
    return (main.id, *(node.id for node in found if node is not main))


def core(graph: Graph, key: int) -> int:
    """The layer whose numbers an end gives: what Output blocks stand behind."""
    while isinstance(graph.nodes[key].layer, Output) and graph.incoming(key):
        key = graph.inputs(key)[0]
    return key


def _entry(graph: Graph, entries: Sequence[Node]) -> Node:
    """The network's own input."""
    return entries[0] if len(entries) == 1 else max(entries, key=lambda n: len(graph.downstream(n.id)))


def _loose(graph: Graph, outputs: Sequence[int]) -> list[Problem]:
    """Every end but the main one that no Output block says is meant."""
    found = [graph.nodes[key] for key in outputs]
    loose = [node for node in found[1:] if not isinstance(node.layer, Output)]
    if not loose:
        return []
    names = " and ".join(f"“{node.name}”" for node in graph.nodes.values() if node in found)
    message = (
        f"The network has {len(found)} ends, {names}; connect or remove all but one, "
        "or put an Output behind each that is meant."
    )
    return [Problem("several-outputs", "error", end.id, end.name, message) for end in loose]


def _passed_on(graph: Graph, node: Node) -> bool:
    return isinstance(node.layer, Output) and bool(graph.outgoing(node.id))


def _inside(graph: Graph, node: Node) -> Problem:
    """An Output block that is no end."""
    names = dict.fromkeys(f"“{graph.nodes[edge.target].name}”" for edge in graph.outgoing(node.id))
    verb = "follows" if len(names) == 1 else "follow"
    message = f"{node.title} says that the network ends here, but {' and '.join(names)} {verb} it."
    return Problem("output-inside", "error", node.id, node.name, message)


def unconnected(node: Node, count: int) -> Problem:
    """A layer with fewer wires coming in than it needs."""
    least = node.layer.least_inputs
    reason = "nothing is connected to it" if count == 0 else f"it has {count}"
    message = f"{node.title} needs {least} input{'' if least == 1 else 's'}, but {reason}."
    return Problem("not-connected", "error", node.id, node.name, message)


def shared_names(graph: Graph, layers: Mapping[int, LayerReport]) -> list[Problem]:
    """Layers whose weights would have the same name: “a.depthwise” owns “a.depthwise.weight”, and so does a
    SeparableConv2D called “a”. Only a name with a dot can do that."""
    dotted = [node for node in graph.nodes.values() if "." in node.name]
    if not dotted:
        return []
    named = {row.node.name: row for row in layers.values()}
    return [problem for node in dotted if (problem := _shared(layers[node.id], named))]


def _shared(row: LayerReport, named: Mapping[str, LayerReport]) -> Problem | None:
    name = row.node.name
    for dot in (index for index, letter in enumerate(name) if letter == "."):
        other = named.get(name[:dot])
        if other is None or other.facts is None or row.facts is None:
            continue
        for bare in row.facts.weights:
            if f"{name[dot + 1 :]}.{bare}" in other.facts.weights:
                message = (
                    f"“{name}” and “{name[:dot]}” would both have weights named “{name}.{bare}”; rename one of them."
                )
                return Problem("names-collide", "error", row.node.id, name, message)
    return None
