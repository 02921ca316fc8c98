"""Runs: trainings that are kept in folders, and the process they happen in."""

from .folder import Run, is_run, list_runs, new_folder, runs_of
from .health_file import Looked
from .metrics_file import Measured
from .recording import Recorder, record, resume
from .weights_file import StoredWeights, load_weights, save_weights
from .worker import Worker

__all__ = [
    "Looked",
    "Measured",
    "Recorder",
    "Run",
    "StoredWeights",
    "Worker",
    "is_run",
    "list_runs",
    "load_weights",
    "new_folder",
    "record",
    "resume",
    "runs_of",
    "save_weights",
]
