"""From a design to a Keras model as functional code, with a loader for weights that lie as PyTorch has them."""

import re
from collections.abc import Iterator

from netbuilder.graph import Graph
from netbuilder.layers import BatchNorm, ImageShape, Input, Output, Shape
from netbuilder.version import __version__

from .keras_layers import keras_row
from .keras_rows import KerasRow
from .layout import Applied, Call, Expression, assigned, comments, flat, lines
from .names import MODULE_ATTRIBUTES
from .plan import Plan, planned
from .pytorch import Code, renamed_layers

VARIABLES = ("keras", "layers", "ops", "np", "math", "model", "load_file", "build", "average")
MADE = re.compile(r'name="([^"]+)"')


def keras_module(graph: Graph, *, title: str = "", weights: str = "") -> Code:
    """The source of a function `build` that makes the model, and of one that fills it with `weights`.

    Layers are called as in PyTorch code, so one file of weights serves both. Raises CodeError.
    """
    plan = planned(graph, {*MODULE_ATTRIBUTES, "self"}, VARIABLES)
    rows = {i: _row(plan, i) for i, step in enumerate(plan.steps) if not isinstance(step.layer, Input | Output)}
    helpers = sorted({row.helper for row in rows.values() if row.helper})
    blocks = [*helpers, "\n".join(_build(plan, rows)) + "\n"]
    conversions = sorted({row.converted for row in rows.values() if row.converted})
    if conversions:
        blocks += ["\n".join(_loader(conversions)) + "\n"]
    text = "\n\n".join(blocks)
    return Code(f"{_docstring(title, weights)}\n{_imports(text, bool(conversions))}\n\n{text}", plan)


def _row(plan: Plan, index: int) -> KerasRow:
    step = plan.steps[index]
    return keras_row(step.layer, plan.identifiers[step.name], plan.shapes(index), step.facts.shape)


def _docstring(title: str, weights: str) -> str:
    safe = title if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._+-]*", title) else "A network"
    text = [f'"""{safe} as a Keras model, written by netbuilder {__version__}.']
    if weights and re.fullmatch(r"[A-Za-z0-9 ._+-]*", weights):
        text += ["", "With its weights:", "", "    model = build()", f'    load_weights(model, "{weights}")', '"""', ""]
        return "\n".join(text)
    return text[0] + '"""\n'


def _imports(text: str, loads: bool) -> str:
    found = ["import math", ""] if "math." in text else []
    found.append("import keras")
    found.append("from keras import layers, ops" if "ops." in text else "from keras import layers")
    found += ["from safetensors.numpy import load_file"] if loads else []
    return "\n".join(found) + "\n"


def shape_text(shape: Shape) -> str:
    """'(28, 28, 6)': Keras leaves the batch out, and has channels last."""
    if isinstance(shape, ImageShape):
        return f"({shape.height}, {shape.width}, {shape.channels})"
    return f"({shape.features},)"


# ---- the model -------------------------------------------------------------------------------------------------------


def _build(plan: Plan, rows: dict[int, KerasRow]) -> Iterator[str]:
    given = plan.steps[0].facts.shape
    out = " and ".join(shape_text(head.shape) for head in plan.heads)
    yield "def build() -> keras.Model:"
    yield f'    """{shape_text(given)} to {out}; {plan.parameters:,} parameters."""'
    yield from renamed_layers(plan, 4)
    if any(isinstance(step.layer, BatchNorm) for step in plan.steps):
        text = (
            "BatchNormalization's momentum is what Keras keeps of the running statistics, and its running variance is "
            "not made unbiased: trained further, they differ a little from PyTorch's and netbuilder's."
        )
        yield from comments(text, 4)
    entry = plan.identifiers[plan.steps[0].name]
    yield from lines("inputs = ", Call("keras.Input", (shape_text(given), f'name="{entry}"')), 4)
    taken = {*plan.identifiers.values()}
    known = given
    for index, row in rows.items():
        step, variable = plan.steps[index], plan.variables[index]
        values = ["inputs" if i == 0 else plan.variables[i] for i in step.inputs]
        for place, apply in enumerate(row.applied):
            value = _uniquely(apply(values), plan.identifiers[step.name], taken)
            last = place == len(row.applied) - 1
            shape = step.facts.shape
            yield from assigned(4, variable, value, shape_text(shape) if last and shape != known else "")
            values = [variable]
        known = step.facts.shape
    ends = ["inputs" if head.index == 0 else end for end, head in zip(plan.ends, plan.heads, strict=True)]
    outputs = Call("", tuple(ends), brackets="[]") if len(ends) > 1 else ends[0]
    yield from lines("return ", Call("keras.Model", ("inputs", outputs)), 4)


def _uniquely(value: Expression, own: str, taken: set[str]) -> Expression:
    """The expression with the names of a layer's parts changed where other layers have them."""
    for name in MADE.findall(flat(value)):
        if name != own:
            free, index = name, 1
            while free in taken:
                index += 1
                free = f"{name}_{index}"
            taken.add(free)
            value = _replaced(value, f'name="{name}"', f'name="{free}"') if free != name else value
    return value


def _replaced(value: Expression, old: str, new: str) -> Expression:
    if isinstance(value, Applied):
        function = _replaced(value.function, old, new)
        assert isinstance(function, Call)
        return Applied(function, _replaced(value.argument, old, new))
    if isinstance(value, Call):
        return Call(value.head, tuple(_replaced(item, old, new) for item in value.items), value.tail, value.brackets)
    return new if flat(value) == old else value


# ---- weights ---------------------------------------------------------------------------------------------------------


def _loader(conversions: list[str]) -> Iterator[str]:
    """The function that fills the model, and the one that turns arrays about."""
    yield "def load_weights(model: keras.Model, path: str) -> None:"
    yield '    """Fill the model from a safetensors file that holds arrays as PyTorch has them."""'
    yield "    stored = load_file(path)"
    yield "    for layer in model.layers:"
    yield '        start = f"{layer.name}."'
    yield "        arrays = {"
    yield "            key.removeprefix(start): array"
    yield "            for key, array in stored.items()"
    yield "            if key.startswith(start)"
    yield "        }"
    yield "        if arrays:"
    yield "            layer.set_weights(converted(layer, arrays))"
    yield ""
    yield ""
    yield "def converted(layer, arrays):"
    yield '    """A layer\'s weights in the order and the layout that Keras has."""'
    text = "\n".join(conversions)
    if "weight," in text or "weight." in text or "(weight" in text:
        yield '    weight = arrays.get("weight")'
    if "*rest" in text:
        yield '    rest = [arrays["bias"]] if "bias" in arrays else []'
    for each in conversions:
        yield from (f"    {line}" for line in each.splitlines())
    yield '    raise ValueError(f"{layer.name} has no weights in Keras.")'
