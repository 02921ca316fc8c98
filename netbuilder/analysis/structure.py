"""What is wrong with a network as a whole, whatever its shapes."""

from collections.abc import Mapping

from netbuilder.graph import Graph, Node
from netbuilder.layers import Input

from .report import LayerReport, Problem


def structure(graph: Graph) -> list[Problem]:
    """What is wrong with the network as a whole, whatever its shapes: what enters, what leaves, what is missing.

    Of several inputs the one that feeds most layers counts as the network's own, of several ends the deepest.
    """
    if not graph.nodes:
        return [Problem("empty", "error", None, None, "The design is empty: add an Input and the layers behind it.")]
    entries = [node for node in graph.nodes.values() if isinstance(node.layer, Input)]
    if not entries:
        return [Problem("no-input", "error", None, None, "The design has no Input, where data enters.")]
    main = entries[0] if len(entries) == 1 else max(entries, key=lambda n: len(graph.downstream(n.id)))
    found = [
        Problem("several-inputs", "error", n.id, n.name, f"{n.title} is a second input; a network here has one.")
        for n in entries
        if n is not main
    ]
    found += _ends(graph, main)
    if len(graph.nodes) == 1:
        found.append(Problem("no-layers", "error", main.id, main.name, "Nothing follows the input yet."))
    return found


def _ends(graph: Graph, entry: Node) -> list[Problem]:
    """Every end but the deepest; a layer that nothing reaches is no end."""
    ends = [n for n in graph.nodes.values() if not graph.outgoing(n.id) and (n is entry or graph.incoming(n.id))]
    if len(ends) < 2:
        return []
    deepest = max(reversed(ends), key=lambda n: len(graph.upstream(n.id)))
    names = " and ".join(f"“{end.name}”" for end in ends)
    message = f"The network has {len(ends)} ends, {names}; connect or remove all but one."
    return [Problem("several-outputs", "error", end.id, end.name, message) for end in ends if end is not deepest]


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
