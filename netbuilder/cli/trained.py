"""A run folder -> its network, its weights and its data, together and ready for use."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netbuilder.data import DataError, Dataset, check_outputs, fit, load
from netbuilder.engine import Loss, Program, compile, resolved
from netbuilder.kernels.scratch import Array
from netbuilder.runs import Run


@dataclass(frozen=True, eq=False)
class Trained:
    """A run as other verbs use it. `dataset` is what it was trained on, as the design reads it."""

    run: Run
    program: Program
    weights: dict[str, Array]
    dataset: Dataset

    @property
    def loss(self) -> Loss:
        """What the training minimised."""
        return resolved(self.run.job.loss, classes=bool(self.dataset.classes))

    @property
    def metadata(self) -> dict[str, Any]:
        """What an exported file says of where it came from."""
        result, image = self.run.result, self.dataset.image
        found = {
            "trained": True,
            "seed": self.run.job.seed,
            "dataset": self.dataset.title,
            "image": image.to_dict() if image else None,
            "accuracy": result.get("test_accuracy"),
            "epoch": result.get("best_epoch"),
        }
        return {key: value for key, value in found.items() if value is not None}

    def on(self, data: str, *, resize: bool) -> Dataset:
        """Other data as this network reads it: made ready with the preprocessing it was trained with.

        Raises DataError where it does not suit the design.
        """
        other = _fitted(self.program, load(located(data), seed=self.run.job.seed), resize or self.run.job.resize)
        parts: dict[str, Any] = {
            name: replace(part, preprocessing=self.dataset.preprocessing) for name, part in other.parts.items()
        }
        return replace(other, **parts)


def opened_run(folder: Path, *, last: bool = False, threads: int | None = None) -> Trained:
    """The run in a folder, with its best or its last weights. Raises FileError, InvalidDesign, DataError."""
    run = Run.open(folder)
    program = compile(run.graph, run.job.dtype, threads)
    weights = run.last_weights() if last else run.weights()
    program.check(weights)
    try:
        dataset = _fitted(program, load(run.job.data, seed=run.job.seed), run.job.resize)
    except DataError as problem:
        raise DataError(f"The data this run was trained on is needed. {problem}") from None
    return Trained(run, program, weights, dataset)


def unused_weights(design: Path) -> str:
    """What to say of a design's file with weights beside it, as `import` leaves them; '' where there are none."""
    beside = design.with_suffix(".safetensors")
    if not beside.is_file():
        return ""
    return f" Those in “{beside.name}” beside it are not read: export the model or the run that they are from."


def located(data: str) -> str:
    """A built-in name as it is; a file by its full path, so that it is found again from elsewhere."""
    path = Path(data).expanduser()
    return str(path.resolve()) if path.exists() else data


def _fitted(program: Program, dataset: Dataset, resize: bool) -> Dataset:
    found = fit(dataset, program.input_shape, resize=resize, layer=program.steps[0].name)
    for head in program.heads:
        check_outputs(found, head.shape.size, head.name)
    return found
