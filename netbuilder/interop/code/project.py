"""From a job to a folder that trains the same network with PyTorch, on one processor or many machines."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from netbuilder.engine import Job, Prepared, prepare
from netbuilder.engine.train import first_weights
from netbuilder.kernels.scratch import Array
from netbuilder.resources import resource
from netbuilder.runs import is_run
from netbuilder.storage import FileError, reason, write_atomic

from .data_script import STATISTICS, data_file, data_script, statistics_file
from .modules import metadata, renamed
from .plan import CodeError
from .pytorch import pytorch_module
from .readme import readme, requirements
from .training_script import training_script

MODEL, TRAIN, DATA, SAMPLES = "model.py", "train.py", "data.py", "data.safetensors"
INITIAL, TRAINED, README, REQUIREMENTS = "initial.safetensors", "weights.safetensors", "README.md", "requirements.txt"
LICENCE, MANIFEST = "DATA-LICENSE.md", ".netbuilder.json"


def export_project(
    job: Job,
    folder: str | os.PathLike[str],
    *,
    weights: Mapping[str, Array] | None = None,
    title: str = "",
    replace: bool = False,
) -> Path:
    """Write everything that trains this job with PyTorch into a folder, and return where.

    The script starts from the weights that the job's own training starts from (initial.safetensors); `weights`, where
    given, are trained ones and kept beside them (weights.safetensors). `title` is what the network is called (default:
    the folder's name). A file in the way is only overwritten where it is as an earlier export left it, or with
    `replace`; a run's folder stays the run's. Raises JobError for a job that cannot be done, CodeError, FileError.
    """
    target = Path(folder)
    if is_run(target):
        raise CodeError(
            f"“{target.resolve().name}” is a run folder, whose files a project would replace; choose another."
        )
    ready = prepare(job)
    files = _files(ready, weights, title or target.resolve().name)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"“{target.name}” cannot be made: {reason(error)}.") from None
    if not replace:
        _check_own(target, digests)
    manifest = {"format": 1, "files": digests}
    write_atomic(target / MANIFEST, f"{json.dumps(manifest, indent=1)}\n".encode())
    for name, data in files.items():
        write_atomic(target / name, data)
    return target


def _files(ready: Prepared, weights: Mapping[str, Array] | None, title: str) -> dict[str, bytes]:
    """The contents of every file by name, the weights last, which are what a reader looks for."""
    code = pytorch_module(ready.job.graph, title=title, weights=TRAINED if weights else INITIAL)
    found = {
        MODEL: code.source.encode(),
        DATA: data_script(ready, code.plan).encode(),
        TRAIN: training_script(ready, code.plan).encode(),
        REQUIREMENTS: requirements(ready).encode(),
        README: readme(ready, code.plan, title, trained=bool(weights)).encode(),
        SAMPLES: data_file(ready),
        INITIAL: _bytes(renamed(code.plan, first_weights(ready))),
    }
    if (statistics := statistics_file(ready)) is not None:
        found[STATISTICS] = statistics
    if (licence := _licence(ready)) is not None:
        found[LICENCE] = licence
    if weights:
        found[TRAINED] = _bytes(renamed(code.plan, weights))
    return found


def _bytes(weights: Mapping[str, Array]) -> bytes:
    return save({key: np.ascontiguousarray(array) for key, array in weights.items()}, metadata())


def _licence(ready: Prepared) -> bytes | None:
    """The notice that goes with a built-in data set."""
    try:
        return resource(f"datasets/{ready.job.data}.LICENSE.md").read_bytes()
    except (FileNotFoundError, ValueError, OSError):
        return None


def _check_own(folder: Path, digests: Mapping[str, str]) -> None:
    """Raise CodeError where a file to be written is there and was not left there by an export."""
    known = _manifest(folder / MANIFEST)
    foreign = [name for name in digests if (folder / name).exists() and _digest(folder / name) != known.get(name)]
    if foreign:
        names = ", ".join(f"“{name}”" for name in foreign)
        has = "is there already and was" if len(foreign) == 1 else "are there already and were"
        raise CodeError(
            f"{names} in “{folder.name}” {has} not written by netbuilder, or changed since; choose another folder."
        )


def _manifest(path: Path) -> dict[str, str]:
    """The digests of the files of an earlier export; none where there was none."""
    try:
        found = json.loads(path.read_bytes())["files"]
        return {str(name): str(digest) for name, digest in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
