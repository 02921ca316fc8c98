"""What is wrong with a network as a whole, whatever its shapes."""

from netbuilder.graph import Graph, Node
from netbuilder.layers import Input

from .report import Problem


def structure(graph: Graph) -> list[Problem]:
    """What is wrong with the network as a whole, whatever its shapes."""
    entries = [node for node in graph.nodes.values() if isinstance(node.layer, Input)]
    ends = [n for n in graph.nodes.values() if not graph.outgoing(n.id) and (graph.incoming(n.id) or n in entries)]
    if not graph.nodes:
        return [Problem("empty", "error", None, None, "The design is empty: add an Input and the layers behind it.")]
    if not entries:
        return [Problem("no-input", "error", None, None, "The design has no Input, where data enters.")]
    found = [
        Problem("several-inputs", "error", n.id, n.name, f"{n.title} is a second input; a network here has one.")
        for n in entries[1:]
    ]
    for node in ends[:-1] if len(ends) > 1 else []:
        names = " and ".join(f"“{end.name}”" for end in ends)
        message = f"The network has {len(ends)} ends, {names}; connect or remove all but one."
        found.append(Problem("several-outputs", "error", node.id, node.name, message))
    if len(graph.nodes) == 1:
        found.append(Problem("no-layers", "error", entries[0].id, entries[0].name, "Nothing follows the input yet."))
    return found


def unconnected(node: Node, count: int) -> Problem:
    """A layer with fewer wires coming in than it needs."""
    least = node.layer.least_inputs
    reason = "nothing is connected to it" if count == 0 else f"it has {count}"
    message = f"{node.title} needs {least} input{'' if least == 1 else 's'}, but {reason}."
    return Problem("not-connected", "error", node.id, node.name, message)
