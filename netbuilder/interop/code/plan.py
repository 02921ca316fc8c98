"""From a design to what any language needs to write it down: layers in order, their identifiers, and variables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from netbuilder.analysis import analyze
from netbuilder.engine.steps import Step, steps_of
from netbuilder.graph import Graph
from netbuilder.layers import Shape, Softmax

from .names import UNWRITABLE, identifiers

RUNNING = "x"
"""The variable of a value that only the next line reads."""


class CodeError(ValueError):
    """A design that cannot be written as code; the sentence says why."""


@dataclass(frozen=True)
class Plan:
    """A valid design as a program: `steps` in execution order, the identifier of every layer by its name, and the
    variable each step's output is assigned to."""

    steps: tuple[Step, ...]
    identifiers: Mapping[str, str]
    variables: tuple[str, ...]
    ends: tuple[int, ...]
    """The steps whose outputs the network gives, the one that predicts first."""

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

    @property
    def closing_softmax(self) -> bool:
        """Whether the only output comes from a softmax, before which cross-entropy is taken."""
        return len(self.ends) == 1 and type(self.steps[-1].layer) is Softmax

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
    steps = steps_of(report)
    names = [(step.name, type(step.layer).__name__) for step in steps]
    places = {key: index for index, key in enumerate(report.layers)}
    ends = tuple(places[key] for key in report.outputs)
    locals_ = identifiers(names, {*UNWRITABLE, RUNNING, *variables})
    return Plan(steps, identifiers(names, reserved), _variables(steps, locals_, ends), ends)


def _variables(steps: tuple[Step, ...], named: Mapping[str, str], ends: tuple[int, ...]) -> tuple[str, ...]:
    """A value that only the next step reads needs no name of its own."""
    readers = [{i for i, step in enumerate(steps) if index in step.inputs} for index in range(len(steps))]
    alone = ends if len(ends) == 1 else ()
    return tuple(
        RUNNING if readers[index] == {index + 1} or index in alone else "inputs" if index == 0 else named[step.name]
        for index, step in enumerate(steps)
    )
