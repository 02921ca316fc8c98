"""An ONNX graph under construction: layers write themselves into it as expressions, `g.Conv(x, w, b, pads=…)`."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from netbuilder.interop.options import ExportError
from netbuilder.layers import Layer, Shape

Array = NDArray[Any]
LARGEST_HALF = 65_504


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the graph. `shape` leaves the batch axis out; it is None for what a layer computes on the way."""

    name: str
    shape: Shape | None = None


class Emitter:
    """Collects nodes and initialisers; every operator of ONNX is a method that appends a node and returns its output.

    No two tensors and no two nodes ever get the same name, whatever the layers are called: initialisers are reserved
    first and keep their names exactly, layers come next, and all that arises on the way makes way with a number.
    Everything is written into `model` at once, since its weights may be too large to be copied about. `opset` tells
    layers whose form depends on it which one is wanted; with `half` weights are kept in half precision.
    """

    def __init__(self, opset: int = 17, *, half: bool = False) -> None:
        self.opset, self._half = opset, half
        self.model = ModelProto()
        self.nodes = self.model.graph.node
        self.initializers = self.model.graph.initializer
        self._tensors: set[str] = {""}  # an empty name means "not given" in ONNX
        self._node_names: set[str] = {""}
        self._outputs: dict[str, str] = {}
        self._scope = ""

    def reserve(self, layers: Sequence[str], weights: Sequence[str]) -> None:
        """Keep the names of layers and weights that are still to come; where both want one, the weight has it."""
        self._tensors.update(weights)
        self._outputs = {name: _free(name, self._tensors) for name in layers}
        self._node_names.update(layers)

    def input(self, name: str, shape: Shape) -> Value:
        """A tensor that the model is given."""
        return Value(self._outputs.pop(name, None) or _free(name, self._tensors), shape)

    def constant(self, name: str, array: Any, *, exact: bool = False) -> Value:
        """A fixed tensor within the layer being written. Integers become int64, floats float32 unless `exact`."""
        values = np.asarray(array)
        full = _free(f"{self._scope}/{name}" if self._scope else name, self._tensors)
        return self._store(full, values if exact or values.dtype != np.float64 else values.astype(np.float32))

    def weight(self, name: str, array: Array) -> Value:
        """A learned array, stored under exactly this name: as float32, or in half precision and cast on the way."""
        self._tensors.add(name)
        if not self._half:
            return self._store(name, np.asarray(array, np.float32))
        return self.Cast(self._store(name, halved(name, array)), to=TensorProto.FLOAT)

    def _store(self, name: str, array: Array) -> Value:
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
        self.initializers.add(name=name, dims=array.shape, data_type=kind, raw_data=little_endian.tobytes())
        return Value(name)

    @contextmanager
    def scope(self, name: str) -> Generator[None]:
        """Within it, all that is appended is named after `name`."""
        before, self._scope = self._scope, name
        try:
            yield
        finally:
            self._scope = before

    def write(
        self, name: str, layer: Layer, weights: Mapping[str, Array], inputs: Sequence[Value], shape: Shape
    ) -> Value:
        """Append a whole layer. Its last node and its output are called `name`, its weights `name.weight`, …"""
        with self.scope(name):
            own = {key: self.weight(f"{name}.{key}", array) for key, array in weights.items()}
            before = len(self.nodes)
            out = layer.onnx(self, own, *inputs)
            if out in inputs or len(self.nodes) == before:
                out = self.Identity(out)
        return Value(self._renamed(out.name, name, before), shape)

    def __getattr__(self, operator: str) -> Callable[..., Value]:
        if not operator[:1].isupper():
            raise AttributeError(operator)

        def emit(*inputs: Value | None, **attributes: Any) -> Value:
            stem = f"{self._scope}/{operator}" if self._scope else operator
            output = _free(stem, self._tensors)
            names = [value.name if value else "" for value in inputs]
            self.nodes.append(helper.make_node(operator, names, [output], _free(stem, self._node_names), **attributes))
            return Value(output)

        return emit

    def origin(self, value: Value) -> str:
        """The operator that makes a tensor, not counting those that pass one on as it is; '' for an input."""
        makers = {output: node for node in self.nodes for output in node.output}
        node = makers.get(value.name)
        while node is not None and node.op_type in ("Dropout", "Identity"):
            node = makers.get(node.input[0])
        return node.op_type if node is not None else ""

    def called(self, value: Value, name: str) -> Value:
        """The same tensor under the name of a layer that changes nothing."""
        return Value(self._renamed(value.name, name), value.shape)

    def _renamed(self, old: str, name: str, since: int | None = None) -> str:
        """Give a tensor the name of a layer; of one that was written `since`, to the node that makes it, too."""
        new = self._outputs.pop(name, None) or _free(name, self._tensors)
        for node in self.nodes[since or 0 :]:
            for names in (node.input, node.output):
                names[:] = [new if each == old else each for each in names]
            if new in node.output and since is not None:
                node.name = name
        return new


def halved(name: str, array: Array) -> Array:
    """An array in half precision. Raises ExportError, naming the array and the number, where one is too large."""
    largest = float(np.abs(array).max(initial=0))
    if largest > LARGEST_HALF:
        worst = float(array.flat[np.abs(array).argmax()])
        raise ExportError(
            f"“{name}” holds {worst:,.6g}, but float16 reaches only to ±{LARGEST_HALF:,}: export it as float32."
        )
    return np.asarray(array, np.float16)


def _free(name: str, taken: set[str]) -> str:
    """`name`, or `name_1`, `name_2`, … where it is taken; taken from now on."""
    free, index = name, 0
    while free in taken:
        index += 1
        free = f"{name}_{index}"
    taken.add(free)
    return free
