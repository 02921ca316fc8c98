"""From what a person asks for to everything training needs, or the sentence that says why it cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from netbuilder.data import DataError, Dataset, catalogue, check_outputs, fit, load
from netbuilder.graph import Graph

from .losses import Loss
from .optimizers import Adam, Optimizer, OptimizerError, optimizer_from_dict
from .program import InvalidDesign, Program, compile
from .starts import SCHEMES, Scheme

LossChoice = Literal["auto", "cross_entropy", "mse"]


class JobError(ValueError):
    """A training that cannot be done as asked; the message is a sentence with the numbers."""


@dataclass(frozen=True)
class Job:
    """A training, as a value. `data` is a built-in name or the path of a .npz file; `loss` "auto" is cross-entropy for
    classes and mean squared error for values; `resize` brings images to the input's size.

    Raises JobError where a value cannot be.
    """

    graph: Graph
    data: str | Path
    epochs: int = 5
    batch_size: int = 64
    optimizer: Optimizer = field(default_factory=Adam)
    loss: LossChoice = "auto"
    seed: int = 0
    threads: int | None = None
    dtype: str = "float32"
    init: Scheme = "he"
    resize: bool = False

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0), ("threads", 1)):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and value >= least) and not (name == "threads" and value is None):
                raise JobError(f"{_words(name)} must be a whole number of at least {least}, not {value!r}.")
        for name, known in (("loss", get_args(LossChoice)), ("dtype", ("float32", "float64")), ("init", SCHEMES)):
            if getattr(self, name) not in known:
                raise JobError(f"{_words(name)} must be one of {', '.join(known)}, not {getattr(self, name)!r}.")

    def to_dict(self) -> dict[str, Any]:
        """All but the graph, as run.json keeps it."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "graph"}
        built_in = any(self.data == info.name for info in catalogue())
        data = str(self.data) if built_in else str(Path(self.data).expanduser().absolute())
        return {**values, "data": data, "optimizer": self.optimizer.to_dict()}

    @classmethod
    def from_dict(cls, graph: Graph, values: Mapping[str, Any]) -> "Job":
        """The job that `to_dict` wrote. Raises JobError."""
        known = {f.name for f in fields(cls)} - {"graph", "optimizer"}
        settings = {name: value for name, value in values.items() if name in known}
        try:
            return cls(graph, optimizer=optimizer_from_dict(values["optimizer"]), **settings)
        except (KeyError, TypeError, OptimizerError) as error:
            raise JobError(f"These are not the settings of a training: {error}") from None


@dataclass(frozen=True)
class Prepared:
    """A job with its program, its data as the design reads it, and the loss that suits them."""

    job: Job
    program: Program
    dataset: Dataset
    loss: Loss


def prepare(job: Job) -> Prepared:
    """Compile the design and read the data. Raises JobError where design, data and loss do not suit each other."""
    try:
        program = compile(job.graph, job.dtype, job.threads)
        dataset = fit(
            load(job.data, seed=job.seed), program.input_shape, resize=job.resize, layer=program.steps[0].name
        )
        check_outputs(dataset, program.output_shape.size, program.output)
    except (InvalidDesign, DataError) as error:
        raise JobError(str(error)) from error
    if not any(weight.trainable for weight in program.weights.values()):
        raise JobError("No layer of this design has weights, so there is nothing to train.")
    if any(n != 1 for n in program.output_shape.array[1:]):
        raise JobError(
            f"“{program.output}” gives a {program.output_shape.text()} block, but training compares a flat list: "
            "end the design with a GlobalAveragePool2D, or a Flatten and a Dense."
        )
    if job.loss == "cross_entropy" and not dataset.classes:
        raise JobError(f"Cross-entropy needs classes, but the targets of “{dataset.title}” are values; choose mse.")
    loss: Loss = job.loss if job.loss != "auto" else "cross_entropy" if dataset.classes else "mse"
    return Prepared(job, program, dataset, loss)


def _words(name: str) -> str:
    return {"dtype": "The number type", "init": "The initialisation"}.get(name, f"The {name.replace('_', ' ')}")
