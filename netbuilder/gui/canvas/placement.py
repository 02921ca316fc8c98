"""A design and a wish -> the design with layers put in, taken out or moved, and blocks around them making room."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from netbuilder.arrangement import BLOCK_HEIGHT, BLOCK_WIDTH, GAP, STEP, Folding, fold
from netbuilder.drawing.routing import Wiring
from netbuilder.graph import Edge, Graph, Node, Point
from netbuilder.layers import Layer, Output

from .membership import joined

GRID = 8
PITCH = BLOCK_WIDTH + GAP
REACH_WIRE = 16.0  # how near to a wire a block is dropped to go into it
REACH_ACROSS, REACH_DOWN = 96.0, 120.0  # how far from a chain's end it is dropped to snap on


@dataclass(frozen=True)
class Into:
    """Splice into a wire, as it is seen."""

    edge: Edge


@dataclass(frozen=True)
class Below:
    """Follow a block."""

    key: int


@dataclass(frozen=True)
class Above:
    """Feed a block."""

    key: int


Target = Into | Below | Above | None


# ---- where a drop leads ----------------------------------------------------------------------------------------------


def target(graph: Graph, ways: Mapping[Edge, Wiring], layer: Layer, at: Point) -> Target:
    """What a new layer dropped at a point would connect to; None where it would lie free."""
    seen = fold(graph).seen
    if layer.most_inputs != 0:
        edge = wire_near(ways, at)
        if edge is not None:
            return Into(edge)
        ends = [n for n in seen.nodes.values() if not seen.outgoing(n.id) and not isinstance(n.layer, Output)]
        end = _nearest(ends, at, 1)
        return Below(end.id) if end else None
    heads = [n for n in seen.nodes.values() if not seen.incoming(n.id) and n.layer.most_inputs != 0]
    head = _nearest(heads, at, -1)
    return Above(head.id) if head else None


def wire_near(
    ways: Mapping[Edge, Wiring], at: Point, reach: float = REACH_WIRE, without: Collection[int] = ()
) -> Edge | None:
    """The wire closest to a point within reach; wires of the layers in `without` do not count."""
    (x, y), best, nearest = at, None, reach
    for edge, way in ways.items():
        if edge.source in without or edge.target in without:
            continue
        for (ax, ay), (bx, by) in pairwise(way.points):
            left, right = (ax, bx) if ax < bx else (bx, ax)
            if not left - nearest < x < right + nearest:
                continue
            top, bottom = (ay, by) if ay < by else (by, ay)
            away = max(left - x, x - right, top - y, y - bottom, 0.0)
            if away < nearest:
                best, nearest = edge, away
    return best


def _nearest(nodes: Iterable[Node], at: Point, direction: int) -> Node | None:
    """The node that a block at this point would stand below (1) or above (−1)."""
    found, least = None, float("inf")
    for node in nodes:
        across, down = abs(at[0] - node.position[0]), (at[1] - node.position[1]) * direction
        if across <= REACH_ACROSS and BLOCK_HEIGHT / 2 <= down <= REACH_DOWN and across + down < least:
            found, least = node, across + down
    return found


def placed(graph: Graph, ways: Mapping[Edge, Wiring], layer: Layer, where: Target, at: Point) -> tuple[Graph, Node]:
    """The design with a new layer where a drop leads. Raises GraphError."""
    folding = fold(graph)
    seen = folding.seen
    if isinstance(where, Into):
        roomy, spot = with_room(seen, where.edge, ways)
        graph, node = settled(folding, roomy).add(layer, position=spot)
        return _put_into(graph, folding.behind(where.edge), node.id), node
    if where is None:
        return graph.add(layer, position=near_spot(graph, snapped(at)))
    x, y = seen[where.key].position
    down = STEP if isinstance(where, Below) else -STEP
    graph, node = graph.add(layer, position=free_spot(seen, (x, y + down), down))
    if isinstance(where, Below):
        return graph.connect(folding.output(where.key), node.id), node
    for target_, port in folding.entries(where.key, folding.free_port(where.key) or 0):
        graph = graph.connect(node.id, target_, port)
    return graph, node


def _put_into(graph: Graph, edges: Sequence[Edge], key: int) -> Graph:
    """The design with a layer put into a wire; where that wire goes to several layers of a group, before all."""
    graph = graph.splice(edges[0], key)
    for edge in edges[1:]:
        graph = graph.connect(key, edge.target, edge.port)
    return joined(graph, key, edges[0])


def settled(folding: Folding, seen: Graph) -> Graph:
    """The design with its blocks where another version of what is seen has them."""
    before = folding.seen.nodes
    places = {k: node.position for k, node in seen.nodes.items() if k in before and node.position != before[k].position}
    return folding.design.move(folding.spread(places)) if places else folding.design


def appended(
    graph: Graph, ways: Mapping[Edge, Wiring], layer: Layer, after: int | None, at: Point = (0.0, 0.0)
) -> tuple[Graph, Node]:
    """The design with a new layer behind another, or behind the network's end; a wire that leads on is spliced."""
    folding = fold(graph)
    seen = folding.seen
    if not graph.nodes:
        return graph.add(layer, position=snapped(at))
    if layer.most_inputs == 0:
        head = next((n.id for n in seen.nodes.values() if not seen.incoming(n.id) and n.layer.most_inputs != 0), None)
        return placed(graph, ways, layer, None if head is None else Above(head), at)
    key = seen.end if after is None else folding.block(after)
    wire = seen.onward(key)
    return placed(graph, ways, layer, Below(key) if wire is None else Into(wire), at)


# ---- room ------------------------------------------------------------------------------------------------------------


def with_room(
    graph: Graph, edge: Edge, ways: Mapping[Edge, Wiring], without: Collection[int] = ()
) -> tuple[Graph, Point]:
    """The graph with a free place in a wire, and that place: what follows in the column moves down where it must."""
    (ux, uy), (vx, vy) = graph[edge.source].position, graph[edge.target].position
    way, places = ways.get(edge), Places(graph, without)
    if way and len(way.points) > 4 and vy > uy:
        # A wire that runs beside other blocks: the layer stands beside them too.
        spot = (snapped((max(ux, vx), 0.0))[0] + PITCH, uy + STEP * max(1, round((vy - uy) / STEP / 2)))
        while not places.free(spot):
            spot = (spot[0] + PITCH, spot[1])
        return graph, spot
    below, above = (ux, uy + STEP), (vx, vy - STEP)
    if abs(vx - ux) < BLOCK_WIDTH and vy > uy:
        missing = 2 * STEP - (vy - uy)
        return (shifted(graph, [edge.target], missing, without) if missing > 0 else graph), below
    for spot in (above, below) if vy > uy else (below, above):
        if places.free(spot):
            return graph, spot
    return graph, free_spot(graph, below)


def shifted(graph: Graph, keys: Iterable[int], down: float, without: Collection[int] = ()) -> Graph:
    """The graph with layers and all that descends from them moved down; a wire that leads up ends the column."""
    waiting = list(keys)
    moved = set(waiting)
    while waiting:
        y = graph[waiting[-1]].position[1]
        for edge in graph.outgoing(waiting.pop()):
            if edge.target not in moved and graph[edge.target].position[1] > y:
                moved.add(edge.target)
                waiting.append(edge.target)
    positions = {k: graph[k].position for k in moved if k not in without}
    return graph.move({k: (x, y + down) for k, (x, y) in positions.items()})


class Places:
    """Where blocks stand, to ask whether another fits."""

    def __init__(self, graph: Graph, without: Collection[int] = ()):
        self._held: dict[tuple[int, int], list[Point]] = {}
        for node in graph.nodes.values():
            if node.id not in without:
                self._held.setdefault(self._cell(node.position), []).append(node.position)

    def free(self, spot: Point) -> bool:
        """Whether a block fits here without touching another."""
        column, row = self._cell(spot)
        near = (self._held.get((c, r), ()) for c in (column - 1, column, column + 1) for r in (row - 1, row, row + 1))
        return not any(
            abs(x - spot[0]) < BLOCK_WIDTH and abs(y - spot[1]) < BLOCK_HEIGHT for held in near for x, y in held
        )

    @staticmethod
    def _cell(spot: Point) -> tuple[int, int]:
        return int(spot[0] // BLOCK_WIDTH), int(spot[1] // BLOCK_HEIGHT)


def free_spot(graph: Graph, spot: Point, step: float = STEP) -> Point:
    """The first free place from a spot on, going down (or up, with a negative step)."""
    places = Places(graph)
    while not places.free(spot):
        spot = (spot[0], spot[1] + step)
    return spot


def near_spot(graph: Graph, spot: Point) -> Point:
    """The free place nearest to a spot."""
    seen = fold(graph).seen
    places = Places(seen)
    ring = (range(-PITCH, PITCH + 1, 3 * GRID), range(-2 * STEP, 2 * STEP + 1, 3 * GRID))
    nearby = sorted(((x, y) for x in ring[0] for y in ring[1]), key=lambda d: (d[0] ** 2 + d[1] ** 2, d < (0, 0)))
    found = ((spot[0] + x, spot[1] + y) for x, y in nearby)
    return next((place for place in found if places.free(place)), free_spot(seen, spot))


def snapped(at: Point) -> Point:
    """The nearest point of the grid."""
    return round(at[0] / GRID) * GRID, round(at[1] / GRID) * GRID


# ---- taking out and moving -------------------------------------------------------------------------------------------


def removed(graph: Graph, keys: Collection[int], *, heal: bool) -> Graph:
    """The design without some layers. Where healing leaves a hole in a column, what follows moves up."""
    before = fold(graph).seen
    folding = fold(graph.remove(keys, heal=heal))
    left = folding.seen
    for edge in sorted(left.edges - before.edges) if heal else ():
        (ux, uy), (vx, vy) = left[edge.source].position, left[edge.target].position
        hole = min(vy - uy - STEP, STEP * len(keys))
        if vx == ux and hole > 0:
            left = closed(left, [edge.target], hole)
    return settled(folding, left)


def closed(graph: Graph, keys: Collection[int], hole: float) -> Graph:
    """The graph with layers and what follows them moved up, where nothing is in the way."""
    risen = shifted(graph, keys, -hole)
    return risen if _keeps_apart(graph, risen) else graph


def _keeps_apart(before: Graph, after: Graph) -> bool:
    """Whether no block that moved now touches one that did not, or stands above what feeds it."""
    moved = {key for key, node in after.nodes.items() if node.position != before.nodes[key].position}
    rising = any(
        after[edge.source].position[1] + STEP > after[edge.target].position[1]
        for key in moved
        for edge in after.incoming(key)
        if before[edge.source].position[1] + STEP <= before[edge.target].position[1]
    )
    still = Places(after, moved)
    return not rising and all(still.free(after[key].position) for key in moved)


def detached(graph: Graph, key: int) -> Graph:
    """The graph with a layer lifted out of its chain, which closes behind it."""
    node = graph[key]
    left = graph.remove(key)
    return replace(left, nodes={k: left.nodes.get(k, node) for k in graph.nodes})


def moved_into(graph: Graph, key: int, edge: Edge, ways: Mapping[Edge, Wiring]) -> Graph:
    """The design with an existing layer taken from where it was and put into a wire. Raises GraphError."""
    behind = fold(graph).behind(edge)
    lifted = fold(detached(graph, key))
    edge = next(wire for wire in lifted.seen.edges if behind[0] in lifted.behind(wire))
    roomy, spot = with_room(lifted.seen, edge, ways, without=(key,))
    return _put_into(settled(lifted, roomy), behind, key).move({key: spot})
