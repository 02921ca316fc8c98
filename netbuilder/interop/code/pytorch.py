"""From a design to a PyTorch module as an engineer would write it, whose state_dict has the names of our weights."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from netbuilder.graph import Graph
from netbuilder.layers import Input, Output, Shape
from netbuilder.version import __version__

from .layout import assigned, comments, flat, lines
from .names import MODULE_ATTRIBUTES
from .plan import Plan, planned
from .pytorch_layers import Row, row

LOSS_VARIABLES = ("outputs", "targets", "wanted", "scale", "value", "loss")
"""What a training script calls other things beside the network's outputs."""
VARIABLES = ("self", "torch", "nn", "F", "Tensor", "OrderedDict", "Net", "softmax", *LOSS_VARIABLES)
"""Names that mean something else inside the module."""


@dataclass(frozen=True)
class Code:
    """A source text, and what the weights of a design are called in it, by their full names."""

    source: str
    plan: Plan


def pytorch_module(graph: Graph, *, title: str = "", weights: str = "") -> Code:
    """The source of a module `Net` that computes what the design does.

    `title` is what the network is called, `weights` the file that lies beside it. Raises CodeError.
    """
    plan = planned(graph, {*MODULE_ATTRIBUTES, "self"}, VARIABLES)
    rows = [None if isinstance(step.layer, Input | Output) else _row(plan, i) for i, step in enumerate(plan.steps)]
    helpers = sorted({each.helper for each in rows if each and each.helper})
    body = [*_opened(plan), *_initialiser(plan, rows), "", *_forward(plan, rows)]
    blocks = [*helpers, "\n".join(body) + "\n"]
    text = "\n\n".join(blocks)
    return Code(f"{_docstring(plan, title, weights)}\n{_imports(text)}\n\n{text}", plan)


def shape_text(shape: Shape) -> str:
    """'(N, 6, 28, 28)'."""
    return f"(N, {', '.join(map(str, shape.array))})"


def _row(plan: Plan, index: int) -> Row:
    step = plan.steps[index]
    return row(step.layer, plan.shapes(index), step.facts.shape)


def _docstring(plan: Plan, title: str, weights: str) -> str:
    safe = title if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._+-]*", title) else "A network"
    text = [f'"""{safe} as a PyTorch module, written by netbuilder {__version__}.']
    if weights and re.fullmatch(r"[A-Za-z0-9 ._+-]*", weights):
        text += [
            "",
            "With its weights:",
            "",
            "    from safetensors.torch import load_file",
            "",
            "    model = Net()",
            f'    model.load_state_dict(load_file("{weights}"))',
        ]
        return "\n".join([*text, '"""', ""])
    return text[0] + '"""\n'


def _imports(text: str) -> str:
    found = ["from collections import OrderedDict", ""] if "OrderedDict(" in text else []
    if re.search(r"\btorch\.", text):
        found.append("import torch")
    if re.search(r"\bF\.", text):
        found.append("import torch.nn.functional as F")
    return "\n".join([*found, "from torch import Tensor, nn"]) + "\n"


# ---- the class -------------------------------------------------------------------------------------------------------


def _opened(plan: Plan) -> Iterator[str]:
    given = shape_text(plan.steps[0].facts.shape)
    names = plan.ends if len(plan.heads) > 1 else ("",)
    out = " and ".join(f"{n} {shape_text(head.shape)}".strip() for n, head in zip(names, plan.heads, strict=True))
    count = f"{plan.parameters:,} parameter{'' if plan.parameters == 1 else 's'}"
    yield "class Net(nn.Module):"
    yield f'    """{given} to {out}; {count}."""'
    yield ""


def _initialiser(plan: Plan, rows: list[Row | None]) -> Iterator[str]:
    yield "    def __init__(self) -> None:"
    yield "        super().__init__()"
    yield from renamed_layers(plan, 8)
    for step, each in zip(plan.steps, rows, strict=True):
        if each and each.module:
            yield from lines(f"self.{plan.identifiers[step.name]} = ", each.module, 8)


def renamed_layers(plan: Plan, indent: int) -> Iterator[str]:
    """Which layers have other names here than in the design, and so in the file of weights."""
    if plan.dotted:
        text = "Dots in the design's layer names are underscores here and in the file of weights."
        yield from comments(text, indent)
    if plan.renamed:
        text = "Layers whose names cannot be written as code, here and in the file of weights:"
        yield from comments(text, indent)
        for name, other in plan.renamed.items():
            yield from comments(f"{other}: {name!r}", indent)


def _forward(plan: Plan, rows: list[Row | None]) -> Iterator[str]:
    gives = f"tuple[{', '.join(['Tensor'] * len(plan.heads))}]" if len(plan.heads) > 1 else "Tensor"
    softmax = ", softmax: bool = True" if plan.closing else ""
    yield f"    def forward(self, {plan.variables[0]}: Tensor{softmax}) -> {gives}:"
    if softmax:
        yield '        """Probabilities, or with `softmax=False` the scores before them."""'
    known = plan.steps[0].facts.shape
    for index, each in enumerate(rows):
        if each is None:
            continue
        step, variable, arguments = plan.steps[index], plan.variables[index], plan.arguments(index)
        value = each.use(f"self.{plan.identifiers[step.name]}", arguments)
        shape = step.facts.shape
        if index not in plan.closing:
            yield from assigned(8, variable, value, shape_text(shape) if shape != known else "")
        elif arguments == [variable]:
            yield "        if softmax:"
            yield from lines(f"{variable} = ", value, 12)
        else:
            yield from lines(f"{variable} = ", f"{flat(value)} if softmax else {arguments[0]}", 8)
        known = shape
    yield f"        return {', '.join(plan.ends)}"
