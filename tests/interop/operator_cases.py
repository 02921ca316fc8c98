"""ONNX's own cases for single operators, each turned into a model of one input and tried on the importer."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from onnx import ModelProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

import netbuilder as nb
from netbuilder.interop.importing import imported
from netbuilder.interop.importing.constants import FOLDED
from netbuilder.interop.importing.table import OPERATORS

DATA = Path(onnx.__file__).parent / "backend/test/data"

REASONS = {
    r"takes .*, and only images or flat lists": "designs take images or flat lists of real numbers",
    r"has \d+ (inputs|outputs)": "designs have one input and one output",
    r"holds a tensor of a type": "weights are real numbers",
    r"turns activations into whole numbers": "activations are real numbers",
    r"contains branches or loops": "never opened",
    r"mixes the samples of a batch|may drop the axis of the batch|moves the axis of the batch": "samples are apart",
    r"puts an axis before that of the batch": "samples are apart",
    r"where one for each of [\d,]+ channels": "the second input has a number of its own for every place",
    r"is given a constant where the network's activations": "the case joins an input with a fixed tensor",
    r"spreads its window": "there is no dilated pooling",
    r"counts padding in windows that run past it": "programs do it differently",
    r"reduces something else than height and width": "only means over whole maps are layers",
    r"joins something else than channels": "only channels are joined",
    r"sums over other axes than the channels": "softmax is over channels",
    r"lays numbers out in an order|lays a list out as maps|shuffles channels": "no block, or none yet",
    r"pads (what no block can pad|with something else|other axes)": "no block, or none yet",
    r"multiplies something else than a flat list": "Dense takes flat lists",
    r"transposes its input|adds [\d,]+ numbers to": "Dense has one bias a unit, and its input is never turned",
    r"LeakyReLU: slope": "LeakyReLU has a slope from 0 to 1",
    r"cuts numbers off|HardTanh: high": "clipped activations have two bounds, one above the other",
    r"has another alpha than 1": "SiLU has none",
    r"has another beta than 0\.5": "HardSigmoid is 0.5 at 0",
    r"normalises over something else than the channels": "LayerNorm is over channels",
    r"picks something else than neighbouring": "only neighbouring channels are picked",
    r"repeats something else than one place|puts an axis before that of the batch, or": "only one place of a map is",
    r"works on \d axes": "maps have two axes",
    r"is not told by explicit padding": "transposed convolutions say their padding",
    r"resizes in another way|makes maps larger by something": "maps grow by whole factors, by repeating or blending",
    r"(Conv|ConvTranspose|Resize|Upsample)\) has no block|a setting its block lacks|that its block lacks": "no block",
    r"is given weights that the network computes": "weights are fixed",
    r"beyond float32": "designs compute in float32",
    r"has a second output that is used": "blocks have one output",
    r"drops numbers at random|normalises over the batch": "models are finished",
    r"meets (two|tensors)": "blocks do not stretch their inputs",
    r"divides by activations": "no block",
    r"computes nothing from its input|does not depend on the input": "an empty network",
    r"has no block": "the case looks at activations, not at shapes",
    r"LocalResponseNorm: size": "an even window has no middle",
    r"is given something else than maps": "no block",
}
"""What a refusal says, and why it is right."""


CURVES = {
    *("Relu", "LeakyRelu", "Elu", "Gelu", "Swish", "HardSwish", "Mish", "Softplus", "Sigmoid", "HardSigmoid", "Tanh"),
    *("Clip", "Dropout", "Constant"),
}
"""Operators that work on each number by itself."""


class Case(NamedTuple):
    """A model, what it is given and what it must give."""

    name: str
    model: ModelProto
    inputs: list
    outputs: list


def cases() -> Iterator[Case]:
    """All generated cases and those converted from PyTorch, of operators the importer knows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        generated = collect_testcases(None)
    for case in generated:
        if case.model is not None and claimed(case.model):
            inputs, outputs = (case.data_sets or [])[0]
            yield Case(case.name, case.model, list(inputs), list(outputs))
    for folder in sorted(DATA.glob("pytorch-*/*")):
        model = onnx.load(folder / "model.onnx")
        if claimed(model):
            yield Case(
                f"{folder.parent.name}/{folder.name}", model, *(stored(folder, kind) for kind in ("input", "output"))
            )


def claimed(model: ModelProto) -> bool:
    """Whether every operator is known, and one of them can become a layer."""
    kinds = {node.op_type for node in model.graph.node}
    return bool(kinds & OPERATORS.keys()) and kinds <= OPERATORS.keys() | FOLDED.keys() and not model.functions


def stored(folder: Path, kind: str) -> list:
    return [
        numpy_helper.to_array(onnx.load_tensor(path)) for path in sorted(folder.glob(f"test_data_set_0/{kind}_*.pb"))
    ]


def outcome(case: Case) -> str:
    """'passed', 'wrong …', or what the refusal says."""
    with np.errstate(all="ignore"):
        case = _as_lists(case)
        data = _single(case)
        try:
            found = imported(data, case.name)
        except nb.OnnxFileError as refusal:
            return str(refusal)
        program, x = nb.compile(found.graph), np.asarray(case.inputs[0])
        lying = x.reshape(len(x), -1)[:, np.argsort(found.view.places())].astype(np.float32)
        y = program.predict(found.weighed(), lying.reshape(len(x), *program.input_shape.array))
    wanted = np.asarray(case.outputs[0])
    if wanted.dtype == np.float64 and np.abs(wanted).max() > np.finfo(np.float32).max:
        return "its numbers are beyond float32"
    if y.size == wanted.size and np.allclose(y.reshape(-1), wanted.reshape(-1), rtol=1e-3, atol=1e-5):
        return "passed"
    return f"wrong: {y.shape} for {wanted.shape}"


def _as_lists(case: Case) -> Case:
    """A case of an operator that works on each number by itself, its tensors of any rank as a list a sample."""
    x = case.inputs[0]
    if (
        {node.op_type for node in case.model.graph.node} - CURVES
        or len(case.inputs) + len(case.outputs) > 2
        or x.ndim in (2, 4)
    ):
        return case
    shape = (len(x) if x.ndim > 1 else 1, -1)
    model = ModelProto()
    model.CopyFrom(case.model)
    inputs, outputs = [x.reshape(shape)], [case.outputs[0].reshape(shape)]
    for values, arrays in ((model.graph.input, inputs), (model.graph.output, outputs)):
        kind = values[0].type.tensor_type.elem_type
        values[0].CopyFrom(helper.make_tensor_value_info(values[0].name, kind, arrays[0].shape))
    return Case(case.name, model, inputs, outputs)


def _single(case: Case) -> bytes:
    """The model with every input but the first made a constant of the numbers it is given."""
    model = ModelProto()
    model.CopyFrom(case.model)
    model.ir_version = max(model.ir_version, 4)
    fixed = {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in fixed]
    given = dict(list(zip(names, case.inputs, strict=False))[1:])
    tensors = {
        name: numpy_helper.from_array(array, name) for name, array in given.items() if isinstance(array, np.ndarray)
    }
    kept = [value for value in model.graph.input if value.name not in tensors]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    model.graph.initializer.extend(tensors.values())
    return model.SerializeToString()


def reason(refusal: str) -> str | None:
    """Why a refusal is right; None where it says nothing we know."""
    return next((why for pattern, why in REASONS.items() if re.search(pattern, refusal)), None)
