"""A design and a layer put into a wire -> the design in which the layer belongs to the group the wire runs in."""

from dataclasses import replace

from netbuilder.graph import Edge, Graph


def joined(graph: Graph, key: int, edge: Edge) -> Graph:
    """The design with a layer that was put into a wire in the group that holds both ends, and in no other."""
    home = next((g for g in graph.groups.values() if {edge.source, edge.target} <= g.members), None)
    groups = {
        group.id: replace(group, members=group.members | {key} if group is home else group.members - {key})
        for group in graph.groups.values()
    }
    return replace(graph, groups={number: group for number, group in groups.items() if len(group.members) > 1})
