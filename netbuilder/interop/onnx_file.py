"""The bytes of an .onnx file -> a model that is safe to run, with what it says of classes and preprocessing."""
# pyright: reportUnknownMemberType=false

import json
import stat
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, TensorProto

from netbuilder.data import Preprocessing
from netbuilder.interop.backends import Backend, onnxruntime_backend, reference_backend
from netbuilder.interop.emitter import Array
from netbuilder.layers import ImageShape, Shape, VectorShape

LARGEST = 2**31 - 1
"""Bytes: a protobuf message holds no more."""
TAKEN: dict[int, type[np.generic]] = {TensorProto.FLOAT: np.float32, TensorProto.UINT8: np.uint8}
"""What a sample's numbers may be: prepared, or pixels that the file prepares itself."""
LARGEST_SAMPLE = 1 << 27
"""Numbers in one sample: a file of a hundred bytes may claim any size."""


class OnnxFileError(ValueError):
    """An ONNX file that cannot be read or run here; the sentence says why."""


@dataclass(frozen=True, eq=False)
class OnnxFile:
    """A checked model of one input, all of it in memory; of several outputs the first is the main one. `name` is what
    messages call the file."""

    name: str
    data: bytes
    model: ModelProto

    @classmethod
    def read(cls, path: str | Path) -> "OnnxFile":
        """Read and check a file without following anything it refers to. Raises OnnxFileError."""
        path = Path(path)
        return cls.of(file_bytes(path), path.name)

    @classmethod
    def of(cls, data: bytes, name: str) -> "OnnxFile":
        """The model in the bytes of a file, checked. Raises OnnxFileError."""
        file = cls(name, data, parsed(data, name))
        file._check()
        return file

    def _check(self) -> None:
        graph = self.model.graph
        if not graph.node or not graph.input or not graph.output:
            raise OnnxFileError(f"“{self.name}” holds no network, or it is damaged.")
        foreign = outside(self.model) or _other_domain(graph)
        if foreign:
            raise OnnxFileError(f"“{self.name}” {foreign}, which netbuilder does not open.")
        try:
            onnx.checker.check_model(self.data, full_check=True)
        except Exception as problem:  # the checker's own errors and, on damage, those of the parser beneath it
            first = str(problem).strip().partition("\n")[0][:200]
            raise OnnxFileError(f"“{self.name}” is not a valid ONNX model: {first}") from None

    # ---- what it says of itself --------------------------------------------------------------------------------------

    @cached_property
    def input(self) -> onnx.ValueInfoProto:
        """The one tensor the model is given."""
        weights = {tensor.name for tensor in self.model.graph.initializer}
        inputs = [value for value in self.model.graph.input if value.name not in weights]
        if len(inputs) != 1:
            raise OnnxFileError(f"“{self.name}” has {len(inputs)} inputs; netbuilder runs networks with one.")
        return inputs[0]

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """What the tensors are called that the model gives; there is at least one."""
        return tuple(output.name for output in self.model.graph.output)

    @cached_property
    def softmax(self) -> bool:
        """Whether the main output comes from a softmax."""
        made_by = {output: node for node in self.model.graph.node for output in node.output}
        node = made_by.get(self.outputs[0])
        while node is not None and node.op_type == "Identity":
            node = made_by.get(node.input[0])
        return node is not None and node.op_type == "Softmax"

    @cached_property
    def shape(self) -> Shape:
        """Shape of one sample at the input. Raises OnnxFileError where it is not told or not of a kind we have."""
        axes = [axis.dim_value for axis in self.input.type.tensor_type.shape.dim][1:]
        if self.input.type.tensor_type.elem_type in TAKEN and all(size > 0 for size in axes):
            if prod(axes) > LARGEST_SAMPLE:
                raise OnnxFileError(f"“{self.name}” takes {prod(axes):,} numbers a sample, which is too many here.")
            if len(axes) == 3:
                return ImageShape(*axes)
            if len(axes) == 1:
                return VectorShape(*axes)
        raise OnnxFileError(f"“{self.name}” does not take images or vectors of a fixed size, as float32 or as bytes.")

    @cached_property
    def metadata(self) -> dict[str, str]:
        return {entry.key: entry.value for entry in self.model.metadata_props}

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; () where the file does not tell."""
        names = self._json("class_names", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):  # pyright: ignore
            raise OnnxFileError(f"“{self.name}” has class names that are not a list of texts.")
        return tuple(names)  # pyright: ignore

    @cached_property
    def preprocessing(self) -> Preprocessing | None:
        """How raw inputs are made ready; None where the file does not tell."""
        found = self._json("preprocessing", None)
        if found is None:  # of what takes bytes it is clear all the same
            return Preprocessing() if self._takes is np.uint8 else None
        channels = self.shape.array[0]
        try:
            scale, mean, std = float(found["scale"]), _reals(found["mean"]), _reals(found["std"])
            fits = len(mean) == len(std) and len(mean) in (1, channels) and 0.0 not in std
            if not (fits and isfinite(scale)):
                raise ValueError
        except (TypeError, KeyError, ValueError, OverflowError):
            raise OnnxFileError(f"“{self.name}” describes its preprocessing in a way that makes no sense.") from None
        return Preprocessing(scale, mean, std)

    def _json(self, key: str, default: Any) -> Any:
        try:
            return json.loads(self.metadata[key]) if key in self.metadata else default
        except (ValueError, RecursionError):
            raise OnnxFileError(f"“{self.name}” has damaged metadata under {key!r}.") from None

    # ---- running -----------------------------------------------------------------------------------------------------

    def backend(self, *, reference: bool = False, output: str | None = None) -> Backend:
        """onnxruntime where it is installed, otherwise, or when asked, ONNX's reference evaluator. It gives the main
        output, or the `output` of that name."""
        name, output = self.input.name, output or self.outputs[0]
        try:
            if not reference:
                return onnxruntime_backend(self.data, name, output)
        except ImportError:
            pass
        except Exception as problem:  # a model it cannot load
            raise OnnxFileError(f"“{self.name}” cannot be run here ({type(problem).__name__}).") from problem
        return reference_backend(self.model, name, output)

    def run(self, x: Array, *, batch_size: int = 64, backend: Backend | None = None) -> Array:
        """Outputs for samples (N, *shape) as the file takes them, batch by batch. Raises OnnxFileError.

        Where the file insists on a number of samples at a time, the last one stands in for those that lack.
        """
        if x.shape[1:] != self.shape.array:
            raise OnnxFileError(f"“{self.name}” takes samples of {self.shape.array}, not {x.shape[1:]}.")
        first = self.input.type.tensor_type.shape.dim[0].dim_value
        batch_size, run = first or batch_size, (backend or self.backend()).run
        batches = (self._batch(x[i : i + batch_size], first) for i in range(0, len(x), batch_size))
        try:
            parts = [run(batch) for batch in batches]
        except OnnxFileError:
            raise
        except Exception as problem:  # whatever the runtime finds wrong with a foreign model
            raise OnnxFileError(f"“{self.name}” cannot be run here ({type(problem).__name__}).") from problem
        return np.concatenate(parts)[: len(x)]

    @property
    def _takes(self) -> type[np.generic]:
        return TAKEN.get(self.input.type.tensor_type.elem_type, np.float32)

    def _batch(self, x: Array, size: int) -> Array:
        with np.errstate(invalid="ignore"):
            ready = np.ascontiguousarray(x, self._takes)
        if self._takes is np.uint8 and not np.array_equal(ready, x):
            raise OnnxFileError(f"“{self.name}” takes bytes of 0 to 255, and there are other numbers among these.")
        return np.concatenate([ready, *[ready[-1:]] * (size - len(x))]) if len(x) < size else ready


def run_onnx(path: str | Path, x: Array) -> Array:
    """Outputs of an .onnx file for prepared samples (N, C, H, W) or (N, features). Raises OnnxFileError."""
    return OnnxFile.read(path).run(x)


def file_bytes(path: Path) -> bytes:
    """The bytes of a file that may be a model. Raises OnnxFileError."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise OnnxFileError(f"“{path.name or path}” is not a file.")
        if about.st_size > LARGEST:
            raise OnnxFileError(f"“{path.name}” is larger than 2 GB, the most an ONNX file can hold.")
        return path.read_bytes()
    except FileNotFoundError:
        raise OnnxFileError(f"There is no file “{path}”.") from None
    except OSError as problem:
        raise OnnxFileError(f"“{path.name}” cannot be read: {problem.strerror}.") from None


def parsed(data: bytes, name: str) -> ModelProto:
    """The message in the bytes of an ONNX file, nothing of it checked. Raises OnnxFileError."""
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError, RuntimeError):
        raise OnnxFileError(f"“{name}” is not an ONNX file, or it is damaged.") from None
    return model


def outside(model: ModelProto) -> str | None:
    """What the model reaches for outside itself, or carries as a program of its own; None where it does neither."""
    if model.functions:
        return "defines functions of its own"
    if model.training_info:
        return "is a training graph"
    graph = model.graph
    if any(map(_external, graph.initializer)) or graph.sparse_initializer:
        return "keeps its weights in other files or in sparse form"
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        if attribute.HasField("g") or attribute.graphs:
            return "contains branches or loops"
        if _external(attribute.t) or any(map(_external, attribute.tensors)):
            return "keeps its weights in other files"
    return None


def _other_domain(graph: GraphProto) -> str | None:
    foreign = (node.domain for node in graph.node if node.domain not in ("", "ai.onnx"))
    return next((f"uses operators of another domain ({domain[:60]})" for domain in foreign), None)


def _external(tensor: TensorProto) -> bool:
    return tensor.data_location == TensorProto.EXTERNAL or len(tensor.external_data) > 0


def _reals(values: Any) -> tuple[float, ...]:
    found = tuple(float(value) for value in values)
    if not found or not all(map(isfinite, found)):
        raise ValueError
    return found
