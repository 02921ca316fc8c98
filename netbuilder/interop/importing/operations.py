"""The nodes of an ONNX graph -> operations whose attributes are plain values, or a refusal that names the node."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import AttributeProto, NodeProto

LONGEST = 60


class Unsupported(Exception):
    """One operation that no block can stand for; the reason completes the sentence "“name” (Operator) …".

    `blamed` is the operation at fault where it is not the one being read.
    """

    def __init__(self, reason: str, blamed: "Operation | None" = None):
        super().__init__(reason)
        self.reason, self.blamed = reason, blamed


@dataclass(frozen=True, eq=False)
class Operation:
    """A node. `version` is that of the operator set, on which the meaning of some operators depends."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    version: int

    @property
    def title(self) -> str:
        """'“fire2/relu” (Relu)', as messages name a node."""
        return f"“{shown(self.name or next(iter(self.outputs), ''))}” ({shown(self.kind)})"

    def input(self, index: int) -> str:
        """Name of an input, '' where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else ""

    def has(self, name: str) -> bool:
        return name in self.attributes

    def integer(self, name: str, default: int) -> int:
        return self._of(int, name, default)

    def real(self, name: str, default: float) -> float:
        return float(self._of((int, float), name, default))

    def word(self, name: str, default: str) -> str:
        return self._of(str, name, default)

    def integers(self, name: str, default: list[int] | None = None) -> list[int]:
        """A list of whole numbers; where it is not given the default, which None makes an error."""
        if name not in self.attributes and default is None:
            raise Unsupported(f"does not say its {name}")
        return self._of(list, name, default)

    def _of(self, kind: Any, name: str, default: Any) -> Any:
        value = self.attributes.get(name, default)
        if not isinstance(value, kind):
            raise Unsupported(f"has an attribute {name} of the wrong type")
        return value

    def pair(self, name: str, default: int = 1) -> tuple[int, int]:
        """Two whole numbers, vertical first."""
        found = self.integers(name, [default, default])
        if len(found) != 2:
            raise Unsupported(f"works on {len(found)} axes, and a map has 2")
        return found[0], found[1]


def operation(node: NodeProto, version: int) -> Operation:
    """A node of the standard operator set, or of another whose name then becomes part of the operator's."""
    domain = "" if node.domain in ("", "ai.onnx") else f"{node.domain}::"
    attributes = {each.name: _value(each) for each in node.attribute}
    return Operation(domain + node.op_type, node.name, tuple(node.input), tuple(node.output), attributes, version)


def _value(attribute: AttributeProto) -> Any:
    match attribute.type:
        case AttributeProto.FLOAT:
            return shortest(attribute.f)
        case AttributeProto.INT:
            return attribute.i
        case AttributeProto.STRING:
            return attribute.s.decode("utf-8", "replace")
        case AttributeProto.TENSOR:
            return attribute.t
        case AttributeProto.INTS:
            return list(attribute.ints)
        case AttributeProto.FLOATS:
            return [shortest(each) for each in attribute.floats]
        case _:
            return None


def shortest(value: float) -> float:
    """What was meant by a number that came through float32: 1e-05 for 9.999999747378752e-06."""
    return float(str(np.float32(value)))


def shown(text: str) -> str:
    """A name from a file, of printable characters and cut short, so that a message stays a sentence."""
    text = "".join(each if each.isprintable() else "�" for each in text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


# ---- names -----------------------------------------------------------------------------------------------------------

MERGES = ("Add", "Mul", "Concat", "Sum")
_MUTE = re.compile(r"(node_?)?[a-z]?_?\d*", re.IGNORECASE)
_ENDING = re.compile(r"([./]weight|_weight|[./]kernel(:\d+)?|_w(_\d+)?|_W|[./]ReadVariableOp(:\d+)?)$")


def layer_name(op: Operation, weight: str = "") -> str:
    """What a layer is best called: as its weights are if they say so, else as its node; '' where both are mute.

    PyTorch writes the path of modules, each segment repeating what stands before it, and the operator at its end:
    '/layer1/layer1.0/conv1/Conv' is layer1.0.conv1. What several operators stand for may be called 'pool/Flatten'.
    """
    stem = _ENDING.sub("", weight)
    if weight.endswith(".weight") or (stem != weight and _MUTE.fullmatch(op.name)):
        return stem
    if op.name.startswith("/"):
        return _module(op.name)
    scope, _, last = op.name.rpartition("/")
    name = (scope if scope and last.rstrip("_0123456789") == op.kind else op.name).removeprefix("node_")
    return "" if _MUTE.fullmatch(name) else name


def _module(path: str) -> str:
    *scopes, last = path.strip("/").split("/")
    kind, _, number = last.partition("_")
    found: list[str] = []
    for scope in scopes:
        if found and scope.startswith(found[-1] + "."):
            found.pop()
        found.append(scope)
    if not found:
        return last
    if kind in MERGES:  # which are no modules: they carry the name of the block they stand in
        found.append(kind.lower())
    return ".".join(found) + (f"_{number}" if number and kind.isalpha() else "")
