"""A run folder: the design as trained, the job, the figures, the weights and the checkpoint of one training."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from netbuilder import files
from netbuilder.engine import Checkpoint, Job, JobError
from netbuilder.graph import Graph
from netbuilder.kernels.scratch import Array
from netbuilder.lock import Lock
from netbuilder.storage import FileError, reason

from .checkpoint_file import load_checkpoint
from .health_file import Looked, read_health
from .metrics_file import Measured, read_metrics
from .weights_file import load_weights

DESIGN, RUN, METRICS, HEALTH, LOCK = "design.netb", "run.json", "metrics.csv", "health.csv", "run.lock"
BEST, LAST = "weights.safetensors", "last.safetensors"
SUFFIX = ".runs"
LARGEST_JSON = 1_000_000


def runs_of(design: Path) -> Path:
    """Where the runs of a design are kept: NAME.runs beside NAME.netb."""
    return design.with_name(design.stem + SUFFIX)


def new_folder(runs: Path, now: datetime | None = None) -> Path:
    """A folder for one more run, named by the time; not made yet."""
    name = f"{now or datetime.now():%Y-%m-%d %H.%M.%S}"
    found, number = runs / name, 2
    while found.exists():
        found, number = runs / f"{name} ({number})", number + 1
    return found


def is_run(folder: Path) -> bool:
    """Whether this is the folder of a run, damaged or not."""
    return (folder / RUN).is_file()


def list_runs(runs: Path) -> list["Run"]:
    """The runs in a folder, oldest first; what is not a run, or damaged, is left out."""
    found: list[Run] = []
    for folder in sorted(runs.iterdir()) if runs.is_dir() else []:
        if is_run(folder):
            try:
                found.append(Run.open(folder))
            except FileError:
                continue
    return found


@dataclass(frozen=True)
class Run:
    """A run folder as read. `status` is running, finished, stopped, diverged, failed, or interrupted where the process
    that wrote it is gone; `started` and `result` are the first and the last event as JSON, {} where not known."""

    folder: Path
    graph: Graph
    job: Job
    status: str
    started: Mapping[str, Any]
    result: Mapping[str, Any]

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> "Run":
        """Read a run folder. Raises FileError, a sentence, where it is not one or damaged."""
        place = Path(folder)
        values = _read_json(place / RUN)
        graph = files.load(place / DESIGN)
        try:
            job = Job.from_dict(graph, values["job"])
            status = str(values["status"])
            started, result = dict(values["started"]), dict(values["result"])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            detail = f" {error}" if isinstance(error, JobError) else ""
            raise FileError(f"“{RUN}” in “{place.name}” is damaged.{detail}") from None
        if status == "running" and not _held(place):
            status = "interrupted"
        return cls(place, graph, job, status, started, result)

    def weights(self) -> dict[str, Array]:
        """The weights that validated best, or the last ones where none were validated. Raises FileError."""
        return self._weights(BEST, LAST)

    def last_weights(self) -> dict[str, Array]:
        """The weights of the last checkpoint. Raises FileError."""
        return self._weights(LAST, BEST)

    def _weights(self, *names: str) -> dict[str, Array]:
        for name in names:
            if (self.folder / name).exists():
                return load_weights(self.folder / name)[0]
        raise FileError(f"“{self.folder.name}” holds no weights: the run ended before its first checkpoint.")

    def metrics(self) -> list[Measured]:
        """What was measured, batch by batch and epoch by epoch. Raises FileError."""
        return read_metrics(self.folder / METRICS)

    def health(self) -> list[Looked]:
        """What was seen of each layer, now and then. Raises FileError."""
        return read_health(self.folder / HEALTH)

    def checkpoint(self) -> Checkpoint | None:
        """Where to go on from; None where the run ended before its first checkpoint. Raises FileError."""
        return load_checkpoint(self.folder)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise FileError(f"“{path.name}” is larger than any run's.")
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        folder = path.parent.resolve().name
        raise FileError(f"“{folder}” is not a run: “{path.name}” cannot be read, {reason(error)}.") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise FileError(f"“{path.name}” in “{path.parent.name}” is damaged.") from None
    if not isinstance(values, dict):
        raise FileError(f"“{path.name}” in “{path.parent.name}” is damaged.")
    return values  # pyright: ignore[reportUnknownVariableType]


def _held(folder: Path) -> bool:
    """Whether a living process still writes this run."""
    try:
        lock = Lock.take(folder / LOCK)
    except OSError:
        return False
    if lock is not None:
        lock.release()
    return lock is None
