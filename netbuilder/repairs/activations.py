"""Activations that are missing, or that stand where they do harm -> what to try."""

from netbuilder.analysis import Report
from netbuilder.graph import Graph
from netbuilder.layers import BatchNorm, Conv2D, Dense, ReLU, Softmax

from .placing import inserted
from .proposals import Proposals


def inserted_between(graph: Graph, _report: Report, key: int) -> Proposals:
    """Two learned layers in a row: a ReLU behind the first, after its BatchNorm where it has one."""
    edge = graph.incoming(key)[0]
    while not isinstance(graph.nodes[edge.source].layer, (Conv2D, Dense, BatchNorm)):
        edge = graph.incoming(edge.source)[0]
    label = f"Insert ReLU after “{graph.nodes[edge.source].name}”"
    yield label, lambda: inserted(graph, edge, ReLU())


def removed(graph: Graph, _report: Report, key: int) -> Proposals:
    """An activation that bounds the scores."""
    yield f"Remove “{graph.nodes[key].name}”", lambda: graph.remove(key)


def once(graph: Graph, _report: Report, key: int) -> Proposals:
    """A softmax before the loss's own."""
    if graph.outgoing(key) and isinstance(graph.nodes[key].layer, Softmax):
        yield "Let the loss use it once", lambda: graph.remove(key)
