"""From a design to what any language needs to write it down: layers in order, their identifiers, and variables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from netbuilder.analysis import analyze
from netbuilder.engine.heads import Head, heads_of
from netbuilder.engine.steps import Step, steps_of
from netbuilder.graph import Graph
from netbuilder.layers import Output, Shape

from .names import UNWRITABLE, identifiers

RUNNING, FIRST = "x", "inputs"
"""The variable of a value that only the next line reads, and of what the network is given, where others read it."""


class CodeError(ValueError):
    """A design that cannot be written as code; the sentence says why."""


@dataclass(frozen=True)
class Plan:
    """A valid design as a program: `steps` in execution order, the identifier of every layer by its name, the variable
    each step's output is assigned to, and the ends of the network, the main one first."""

    steps: tuple[Step, ...]
    identifiers: Mapping[str, str]
    variables: tuple[str, ...]
    heads: tuple[Head, ...]

    @cached_property
    def keys(self) -> dict[str, str]:
        """The names of weights in the code, by their full names in the design: alike where layers' names could be
        kept."""
        return {
            full: f"{self.identifiers[step.name]}.{bare}" for step in self.steps for bare, full in step.weights.items()
        }

    @property
    def renamed(self) -> dict[str, str]:
        """Layers that could not keep their names, which dots alone do not explain."""
        return {name: other for name, other in self.identifiers.items() if other not in (name, name.replace(".", "_"))}

    @property
    def dotted(self) -> bool:
        """Whether a dot in a name became an underscore."""
        return any("." in name and other == name.replace(".", "_") for name, other in self.identifiers.items())

    @property
    def parameters(self) -> int:
        """Trainable numbers."""
        return sum(step.facts.parameters.result for step in self.steps)

    @cached_property
    def closing(self) -> frozenset[int]:
        """The softmaxes that an output comes from and that nobody else reads: without them, it gives scores."""
        return frozenset(head.index for head in self.heads if head.softmax and not _readers(self.steps)[head.index])

    @property
    def ends(self) -> tuple[str, ...]:
        """The variables that hold the outputs, the main one first."""
        return tuple(self.variables[head.index] for head in self.heads)

    def shapes(self, index: int) -> list[Shape]:
        """What a step is given."""
        return [self.steps[i].facts.shape for i in self.steps[index].inputs]

    def arguments(self, index: int) -> list[str]:
        """The variables a step reads."""
        return [self.variables[i] for i in self.steps[index].inputs]


def planned(graph: Graph, reserved: Iterable[str], variables: Iterable[str]) -> Plan:
    """The plan of a design, in which no layer is called as `reserved` nor any variable as `variables`. Raises
    CodeError."""
    report = analyze(graph)
    if not report.valid:
        problems = " ".join(problem.message for problem in report.problems if problem.severity == "error")
        raise CodeError(f"This design cannot be exported yet. {problems}")
    steps, heads = steps_of(report), heads_of(report)
    names = [(step.name, type(step.layer).__name__) for step in steps]
    locals_ = identifiers(names, {*UNWRITABLE, RUNNING, FIRST, *variables})
    own = [(name, kind) for name, kind in names if kind != Output.__name__]
    return Plan(steps, identifiers(own, reserved), _variables(steps, locals_, heads), heads)


def _readers(steps: tuple[Step, ...]) -> list[list[int]]:
    """Who reads each step; an Output computes nothing, and so reads nothing."""
    found: list[list[int]] = [[] for _ in steps]
    for index, step in enumerate(steps):
        if not isinstance(step.layer, Output):
            for source in dict.fromkeys(step.inputs):
                found[source].append(index)
    return found


def _variables(steps: tuple[Step, ...], named: Mapping[str, str], heads: tuple[Head, ...]) -> tuple[str, ...]:
    """A value that only the next step reads needs no name of its own, nor does an only output. Of several outputs each
    is called as its Output."""
    readers, ends = _readers(steps), {head.index: named[head.name] for head in heads}
    written = [index for index, step in enumerate(steps) if not isinstance(step.layer, Output)]
    after = dict(pairwise(written))
    found: list[str] = []
    for index, step in enumerate(steps):
        if isinstance(step.layer, Output):
            found.append(found[step.inputs[0]])
        elif len(heads) > 1 and index in ends:
            found.append(ends[index])
        elif readers[index] in ([after.get(index)], []):
            found.append(RUNNING)
        else:
            found.append(FIRST if index == 0 else named[step.name])
    return tuple(found)
