"""From what a person asks for to everything training needs, or the sentence that says why it cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from netbuilder.data import DataError, Dataset, catalogue, check_outputs, fit, load
from netbuilder.graph import Graph
from netbuilder.layers.settings import Choice, Flag, Integer, OptionalInteger, Real, Setting, declared, setting

from .augmentation import AUGMENTATIONS, Augmentation, Augmented
from .declared import from_dict
from .losses import Loss
from .mixture import AUTO, LossRule, resolved
from .objective import ClassWeights, Objective, balanced
from .optimizers import Adam, Optimizer, optimizer_from_dict
from .program import InvalidDesign, Program, compile
from .schedules import SCHEDULES, Constant, Schedule
from .starts import SCHEMES


class JobError(ValueError):
    """A training that cannot be done as asked; the message is a sentence with the numbers."""


@dataclass(frozen=True)
class Job:
    """A training, as a value. `data` is a built-in name or the path of a .npz file; `loss` "auto" is cross-entropy for
    classes and mean squared error for values, and a mixture of both is written as "cross_entropy + 0.5 mse"; `augment`
    is applied in order, to training samples only.

    What `settings` lists is declared with limits and help. Raises JobError where a value cannot be.
    """

    graph: Graph
    data: str | Path
    epochs: int = setting(
        default=5, converter=Integer(), unit="epochs", help="Times the training data is gone through."
    )
    batch_size: int = setting(default=64, converter=Integer(), unit="samples", help="Samples computed at once.")
    optimizer: Optimizer = field(default_factory=Adam)
    loss: str = setting(
        default=AUTO,
        converter=LossRule(),
        help="By the data, cross_entropy, mse, or a sum: cross_entropy + 0.5 mse.",
    )
    seed: int = setting(default=0, converter=Integer(0, 2**63 - 1), help="The start of every random choice.")
    threads: int | None = setting(default=None, converter=OptionalInteger(1, 1024), help="Threads to compute with.")
    dtype: str = setting(default="float32", converter=Choice(("float32", "float64")), help="Single or double.")
    init: str = setting(default="he", converter=Choice(SCHEMES), help="How first weights are drawn.")
    resize: bool = setting(default=False, converter=Flag(), help="Bring images to the size the input has.")
    schedule: Schedule = field(default_factory=Constant)
    augment: tuple[Augmentation, ...] = ()
    clip_norm: float = setting(
        default=0.0, converter=Real(0, 1e12), help="Gradients longer than this, all together, are cut; 0: never."
    )
    clip_value: float = setting(
        default=0.0, converter=Real(0, 1e12), help="Single gradients larger than this are cut; 0: never."
    )
    label_smoothing: float = setting(
        default=0.0, converter=Real(0, 1, high_open=True), help="The share of a label that is given to all classes."
    )
    class_weights: str | tuple[float, ...] = setting(
        default="none", converter=ClassWeights(), help="Whether rare classes count more: none, balanced, or numbers."
    )
    accumulate: int = setting(
        default=1, converter=Integer(1, 100_000), unit="batches", help="Batches whose gradients make one update."
    )
    patience: int = setting(
        default=0, converter=Integer(0), unit="epochs", help="Epochs without a better one before it ends; 0: never."
    )

    def __post_init__(self) -> None:
        for each in self.settings():
            try:
                object.__setattr__(self, each.name, each.kind(getattr(self, each.name)))
            except ValueError as reason:
                raise JobError(f"{_words(each.name)} {reason}.") from None
        object.__setattr__(self, "augment", tuple(self.augment))

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """The settings that are single values, with limits and help."""
        return declared(cls)

    def to_dict(self) -> dict[str, Any]:
        """All but the graph, as run.json keeps it."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "graph"}
        built_in = any(self.data == info.name for info in catalogue())
        data = str(self.data) if built_in else str(Path(self.data).expanduser().absolute())
        chosen = {"optimizer": self.optimizer.to_dict(), "schedule": self.schedule.to_dict()}
        return {**values, **chosen, "data": data, "augment": [each.to_dict() for each in self.augment]}

    @classmethod
    def from_dict(cls, graph: Graph, values: Mapping[str, Any]) -> "Job":
        """The job that `to_dict` wrote. Raises JobError."""
        known = {"data", *(each.name for each in cls.settings())}
        settings = {name: value for name, value in values.items() if name in known}
        try:
            return cls(
                graph,
                optimizer=optimizer_from_dict(values["optimizer"]),
                schedule=from_dict(SCHEDULES, values.get("schedule", {"name": "Constant"})),
                augment=tuple(from_dict(AUGMENTATIONS, each) for each in values.get("augment", ())),
                **settings,
            )
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, JobError):
                raise
            raise JobError(f"These are not the settings of a training: {error}") from None


def loss_text(typed: str) -> str:
    """A loss as a job has it: 'cross_entropy + 0.5 mse' for 'cross_entropy+0.5*mse'. Raises JobError."""
    try:
        return LossRule()(typed)
    except ValueError as reason:
        raise JobError(f"The loss {reason}.") from None


@dataclass(frozen=True)
class Prepared:
    """A job with its program, its data as the design reads it, and the loss that suits them: `loss` is what validation
    measures, `objective` what training minimises where that is something else, and `samples` what it learns from."""

    job: Job
    program: Program
    dataset: Dataset
    loss: Loss
    objective: Objective | None
    samples: Augmented


def prepare(job: Job) -> Prepared:
    """Compile the design and read the data. Raises JobError where design, data and wishes do not suit each other."""
    try:
        program = compile(job.graph, job.dtype, job.threads)
        dataset = fit(
            load(job.data, seed=job.seed), program.input_shape, resize=job.resize, layer=program.steps[0].name
        )
        for head in program.heads:
            check_outputs(dataset, head.shape.size, head.name)
    except (InvalidDesign, DataError) as error:
        raise JobError(str(error)) from error
    if not any(weight.trainable for weight in program.weights.values()):
        raise JobError("No layer of this design has weights, so there is nothing to train.")
    for head in program.heads:
        if any(n != 1 for n in head.shape.array[1:]):
            raise JobError(
                f"“{head.name}” gives a {head.shape.text()} block, but training compares a flat list: "
                "end the design with a GlobalAveragePool2D, or a Flatten and a Dense."
            )
    if not any(head.weight for head in program.heads):
        raise JobError("Every output of this design has the weight 0, so there is nothing to learn from.")
    loss = resolved(job.loss, classes=bool(dataset.classes))
    by_class = [reading.head for reading in program.readings(loss) if reading.loss == "cross_entropy"]
    if by_class and not dataset.classes:
        which = "mse" if len(program.heads) == 1 else f"mse for “{by_class[0]}”"
        raise JobError(f"Cross-entropy needs classes, but the targets of “{dataset.title}” are values; choose {which}.")
    samples = Augmented(dataset.training, _augmentations(job, dataset), job.seed)
    return Prepared(job, program, dataset, loss, _objective(job, dataset, bool(by_class)), samples)


def _objective(job: Job, dataset: Dataset, by_class: bool) -> Objective | None:
    """None where training minimises the loss as it is."""
    if job.class_weights == "none" and not job.label_smoothing:
        return None
    if not by_class:
        wish = "label smoothing" if job.label_smoothing else "class weights"
        raise JobError(f"The {wish} would change cross-entropy, but this training minimises mean squared error.")
    classes = len(dataset.classes)
    if job.class_weights == "balanced":
        return Objective(job.label_smoothing, balanced(dataset.training.targets, classes))
    if isinstance(job.class_weights, str):
        return Objective(job.label_smoothing)
    if len(job.class_weights) != classes:
        raise JobError(f"There are {len(job.class_weights)} class weights, but the data has {classes} classes.")
    return Objective(job.label_smoothing, job.class_weights)


def _augmentations(job: Job, dataset: Dataset) -> tuple[Augmentation, ...]:
    """Those of the job, which have to suit the data."""
    pictures = next((each for each in job.augment if each.images_only), None)
    if pictures is not None and dataset.image is None:
        raise JobError(
            f"{type(pictures).__name__} changes images, but “{dataset.title}” is a table of numbers; "
            "of all augmentations only noise suits it."
        )
    return job.augment


def _words(name: str) -> str:
    return {"dtype": "The number type", "init": "The initialisation"}.get(name, f"The {name.replace('_', ' ')}")
