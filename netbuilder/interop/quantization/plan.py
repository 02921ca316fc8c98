"""A model -> which of its tensors are kept in eight bits, and whose scale each of them has."""

from collections import defaultdict
from dataclasses import dataclass

from onnx import GraphProto, NodeProto

from netbuilder.interop.quantization.folding import FILTERS

CUT = {"Relu", "Clip"}
"""Operators that a runtime joins to the one before, since unsigned numbers end at zero by themselves."""
SAME = {"MaxPool", "GlobalMaxPool", "Flatten", "Reshape", "Transpose", "Slice", "Dropout", "Identity"}
"""Operators whose outputs are among their inputs' numbers, and so have their scale."""
WHOLE = {"Add", "Concat", "AveragePool", "GlobalAveragePool"} | CUT | SAME
"""Operators that runtimes do in integers, if they are a layer of their own."""


FEWEST_CHANNELS = 4
"""Of a map with fewer channels, which is a picture, convolutions are quicker, and better, in float32."""


@dataclass(frozen=True)
class Plan:
    """`scale_of` names for every tensor in eight bits the one whose scale it has, most often itself; `filtering` holds
    the outputs of the nodes whose weights are kept in eight bits."""

    scale_of: dict[str, str]
    filtering: set[str]

    @property
    def measured(self) -> list[str]:
        """The tensors whose range must be known."""
        return list(dict.fromkeys(self.scale_of.values()))

    @classmethod
    def of(cls, graph: GraphProto, layers: set[str]) -> "Plan":
        """What reads or makes something in integers is, as far as a layer with weights still follows: what only the
        scores are made of stays exact."""
        outputs = {output.name for output in graph.output}
        readers: dict[str, list[NodeProto]] = defaultdict(list)
        for node in graph.node:
            for name in _data(node):
                readers[name].append(node)
        followed, filtering = _followed(graph), _filtering(graph)
        chosen: dict[str, str] = {}
        makers = {node.output[0]: node for node in graph.node}
        for name in [graph.input[0].name, *makers]:
            maker, into = makers.get(name), readers[name]
            filtered = any(node.output[0] in filtering for node in into)
            if _joined(maker, into) or (name in outputs and not filtered):
                continue
            whole = name in followed and any(
                node.output[0] in filtering or (node.op_type in WHOLE and node.output[0] in layers)
                for node in [*into, *([maker] if maker else [])]
            )
            if filtered or whole or _of_convolution(maker, makers, filtering):
                same = maker is not None and maker.op_type in SAME and maker.input[0] in chosen
                chosen[name] = chosen[maker.input[0]] if same and maker else name
        return cls(chosen, filtering)


def _data(node: NodeProto) -> list[str]:
    """The inputs of a node that may be activations: all of a sum, otherwise the first."""
    return list(node.input) if node.op_type in ("Add", "Concat", "Mul") else list(node.input[:1])


def _followed(graph: GraphProto) -> set[str]:
    """The tensors that a layer with weights depends on."""
    found: set[str] = set()
    for node in reversed(graph.node):
        if node.op_type in FILTERS or not found.isdisjoint(node.output):
            found.update(node.input)
    return found


def _joined(maker: NodeProto | None, into: list[NodeProto]) -> bool:
    """Whether a tensor is only on its way from a node to what a runtime joins to it."""
    return maker is not None and maker.op_type not in SAME | CUT and len(into) == 1 and into[0].op_type in CUT


def _filtering(graph: GraphProto) -> set[str]:
    """The outputs of the nodes with weights, but for convolutions of pictures."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    found: set[str] = set()
    for node in graph.node:
        if node.op_type in FILTERS:
            groups = next((each.i for each in node.attribute if each.name == "group"), 1)
            channels = shapes[node.input[1]][1] * groups if node.op_type == "Conv" else FEWEST_CHANNELS
            if channels >= FEWEST_CHANNELS:
                found.add(node.output[0])
    return found


def _of_convolution(maker: NodeProto | None, makers: dict[str, NodeProto], filtering: set[str]) -> bool:
    """Runtimes convolve in integers only where the outcome is one, too."""
    if maker is not None and maker.op_type in CUT:
        maker = makers.get(maker.input[0])
    return maker is not None and maker.op_type == "Conv" and maker.output[0] in filtering
