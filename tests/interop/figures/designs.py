"""Designs that figures are drawn of: the examples, one with branches, one that is broken, one with hostile names."""

import netbuilder as nb
from netbuilder.examples import EXAMPLES, example
from netbuilder.interop.figures.picture import Bounds, Path, Picture
from netbuilder.layers import Layer

NAMES = [known.name for known in EXAMPLES]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "\"quotes\" & 'more'",
    "]]> --> <![CDATA[",
    "α→β × · – “so”",
    "卷积 层",
    "a  b\\()",
]


def appended(graph: nb.Graph, layer: Layer, name: str, *sources: str) -> nb.Graph:
    """The graph with a layer fed by others, by name."""
    graph, _ = graph.add(layer, name)
    for port, source in enumerate(sources):
        graph = graph.connect(source, name, port)
    return graph


def inception(modules: int = 2) -> nb.Graph:
    """Modules of four branches that are joined again."""
    graph = nb.Graph.chain(nb.Input(height=28, width=28, channels=16), nb.Conv2D(64, 1), names=["in", "stem"])
    last = "stem"
    for index in range(modules):
        branches: list[str] = []
        for branch, kernel in zip("abcd", (1, 3, 5, 7), strict=True):
            reduced, name = f"{index}{branch}1", f"{index}{branch}2"
            graph = appended(graph, nb.Conv2D(16, 1), reduced, last)
            graph = appended(graph, nb.Conv2D(32, kernel, padding="same"), name, reduced)
            branches.append(name)
        last = f"cat{index}"
        graph = appended(graph, nb.Concat(), last, *branches)
    return graph


def broken() -> nb.Graph:
    """LeNet-5 whose Flatten was replaced, so that nothing behind it is known."""
    return example("lenet-5").exchange("flatten", nb.ReLU())


def hostile() -> nb.Graph:
    layers = [nb.Input(height=8, width=8, channels=1), *(nb.Conv2D(2, 1) for _ in HOSTILE[1:])]
    return nb.Graph.chain(*layers, names=HOSTILE)


def of_kind(picture: Picture, kind: str) -> list[Path]:
    return [path for path in picture.paths if path.kind == kind]


def overlap(a: Bounds, b: Bounds, by: float = 0.5) -> bool:
    """Whether two rectangles share more than an edge."""
    return a[0] < b[2] - by and b[0] < a[2] - by and a[1] < b[3] - by and b[1] < a[3] - by
