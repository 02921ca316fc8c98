"""What is selected or edited -> the words for it, for undo steps, messages and screen readers."""

from collections.abc import Collection

from netbuilder.graph import Graph

from .scene import Canvas


def counted(graph: Graph, keys: Collection[int]) -> str:
    """'conv1', 'Residual block', 'note', '3 layers', '2 notes', '5 layers and 2 notes', of layers and notes by id."""
    layers = [key for key in keys if key in graph.nodes]
    notes = [key for key in keys if key in graph.notes]
    group = next((group.name for group in graph.groups.values() if group.members == set(layers)), None)
    found: list[str] = []
    if layers:
        found.append(group or (graph[layers[0]].name if len(layers) == 1 else f"{len(layers)} layers"))
    if notes:
        found.append("note" if len(notes) == 1 else f"{len(notes)} notes")
    return " and ".join(found)


def description(canvas: Canvas) -> str:
    """The selection in words, or how much there is where nothing is selected."""
    graph, chosen, notes = canvas.document.graph, canvas.selected(), canvas.selected_notes()
    size = f"{len(graph.nodes)} layer{'' if len(graph.nodes) == 1 else 's'}"
    wires = canvas.selected_wires()
    group = canvas.selected_group()
    if group is not None:
        state = "collapsed" if group.id in canvas.committed.members else "open"
        return f"{group.name}, {state} group of {len(group.members)} layers, of {size}"
    if len(chosen) == 1 and chosen[0] in canvas.blocks and not notes:
        face = canvas.blocks[chosen[0]].face
        position = graph.order.index(chosen[0]) + 1
        return f"{face.name}, {face.tip}, {face.caption}, layer {position} of {len(graph.nodes)}" if face else size
    if len(notes) == 1 and not chosen:
        return f"Note: {graph.notes[notes[0]].text}"
    if chosen or notes:
        return f"{counted(graph, (*chosen, *notes))} selected, of {size}"
    if wires and wires[0] in canvas.wires:
        seen, wire = canvas.committed.seen, wires[0]
        return f"Wire from {seen[wire.source].name} to {seen[wire.target].name}, {canvas.wires[wire].text}"
    return size
