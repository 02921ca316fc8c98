"""An ONNX file -> a design, its weights, and on demand the proof that both compute the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from netbuilder.analysis.structure import ends
from netbuilder.arrangement import arrange
from netbuilder.files import dumps
from netbuilder.graph import Graph
from netbuilder.interop.about import carried
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_export import LARGEST
from netbuilder.interop.onnx_file import OnnxFileError, file_bytes
from netbuilder.layers import Output

from .constants import FOLDED
from .reading import read
from .table import OPERATORS
from .translation import Translation
from .views import View

ROOM = (1600.0, 900.0)
"""Canvas pixels that a design is folded to fit."""
MOST_NAMED = 200


@dataclass(frozen=True, eq=False)
class Imported:
    """A design made of a model.

    `weights` may still share memory with the file's, or be one number spread out; `weighed` makes ordinary arrays of
    them. `input` is what the file calls it, and `outputs` what it calls what each layer gives that the network ends in,
    the main one first; `view` is how it counts through the input's axes, `batch` how
    many samples it insists on, `tensors` what it calls each layer's output.
    """

    name: str
    graph: Graph
    weights: Mapping[str, Array]
    input: str
    outputs: Mapping[str, str]
    view: View
    batch: int | None
    tensors: Mapping[str, str]

    @property
    def output(self) -> str:
        """What the file calls the main output."""
        return next(iter(self.outputs.values()))

    def weighed(self) -> dict[str, Array]:
        """The weights as float32 arrays of their own. Raises OnnxFileError where they are more than a file holds."""
        needed = 4 * sum(array.size for array in self.weights.values())
        if needed > LARGEST:
            raise OnnxFileError(f"“{self.name}” has weights of {needed / 2**30:.1f} GB; at most 2 GB are opened.")
        return {key: np.array(array, np.float32, order="C") for key, array in self.weights.items()}


def import_onnx(path: str | Path) -> tuple[Graph, dict[str, Array]]:
    """The design and the weights, by `"<layer>.weight"` and so on, of any convolutional classifier in an ONNX file.

    Raises OnnxFileError: for a file that is damaged, reaches outside itself or is no network of one input, and for one
    with operators no block stands for, all of which it names.
    """
    path = Path(path)
    found = imported(file_bytes(path), path.name)
    return found.graph, found.weighed()


def read_design(path: str | Path) -> Graph:
    """The design in an ONNX file, its weights left where they are. Raises OnnxFileError."""
    path = Path(path)
    return imported(file_bytes(path), path.name).graph


def converted(data: bytes, name: str) -> tuple[str, bytes]:
    """The bytes of an ONNX file as .netb text and safetensors bytes: what a process of its own can do and hand back."""
    found = imported(data, name)
    text, weights = dumps(found.graph), found.weighed()
    del data, found  # which hold all weights once more
    return text, save(weights)


def imported(data: bytes, name: str) -> Imported:
    """The design in the bytes of an ONNX file; `name` is what messages call it. Raises OnnxFileError."""
    source = read(data, name, [*OPERATORS, *FOLDED])
    translation = Translation(
        source.constants, source.folder, lambda: source.shapes, ours=source.ours, batch=source.batch
    )
    translation.begin(source.tensor, source.layer, source.view)
    translation.run(source.live, OPERATORS, source.outputs)
    if translation.problems:
        raise OnnxFileError(_refusal(name, translation.problems))
    marked = len(source.outputs) > 1
    given = {translation.end(each, marked=marked): each for each in source.outputs}
    graph, outputs = _ended(translation.graph(), given)
    if len(graph.nodes) < 2:
        raise OnnxFileError(f"“{name}” computes nothing from its input that a block stands for.")
    graph = replace(graph.move(arrange(graph, width=ROOM[0], height=ROOM[1])), extra=carried(source.properties))
    tensors = {built.name: built.tensor for built in translation.layers.values()}
    weights = translation.weights()
    return Imported(name, graph, weights, source.tensor, outputs, source.view, source.batch, tensors)


def _ended(graph: Graph, given: Mapping[str, str]) -> tuple[Graph, dict[str, str]]:
    """A design, and what the file calls each of its outputs by the layer's name, the main one first. The main one needs
    no Output block where its layer has the output's name anyway."""
    main, *others = [graph.nodes[key].name for key in ends(graph) if graph.nodes[key].name in given]
    found = {name: given[name] for name in (main, *others)}
    node = graph[main]
    core = graph.nodes[graph.inputs(node.id)[0]] if isinstance(node.layer, Output) else node
    if core is node or core.name != given[main] or len(graph.outgoing(core.id)) > 1:
        return graph, found
    return graph.remove(node.id), {core.name: given[main], **{name: given[name] for name in others}}


def _refusal(name: str, problems: Mapping[str, str]) -> str:
    """Every node that cannot be imported, each with its reason; those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for title, reason in list(problems.items())[:MOST_NAMED]:
        by_reason.setdefault(reason, []).append(title)
    parts = [
        f"{', '.join(titles)}{' each' if len(titles) > 1 else ''} {reason}" for reason, titles in by_reason.items()
    ]
    more = len(problems) - MOST_NAMED
    rest = f"; and {more:,} more" if more > 0 else ""
    return f"“{name}” cannot be imported: {'; '.join(parts)}{rest}."
