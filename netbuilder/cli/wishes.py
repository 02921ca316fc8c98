"""The words that say how to train -> the settings of a job; what is not said keeps the engine's defaults."""

from argparse import Namespace
from dataclasses import fields, replace
from typing import Any

from netbuilder.cli.command import Refusal
from netbuilder.cli.summary import opened
from netbuilder.cli.trained import located
from netbuilder.engine import AUGMENTATIONS, OPTIMIZERS, SCHEDULES, Adam, Constant, Job, Optimizer, loss_text, parsed
from netbuilder.runs import Run

PLAIN = (
    *("epochs", "batch_size", "loss", "seed", "threads", "label_smoothing", "class_weights"),
    *("patience", "accumulate", "clip_norm", "clip_value"),
)
"""Options that are settings of a job by the same name."""


def job_of(options: Namespace) -> Job:
    """What is asked for. Raises Refusal and the engine's own sentences."""
    wishes = wished(options)
    rule: Optimizer = wishes.pop("optimizer", Adam())
    optimizer = _optimizer(options, type(rule))
    return Job(opened(options.file), located(options.data), optimizer=optimizer, resize=options.resize, **wishes)


def wished(options: Namespace) -> dict[str, Any]:
    """Settings of a job that were asked for; the optimizer by name alone."""
    found = {name: getattr(options, name, None) for name in PLAIN}
    found = {name: value for name, value in found.items() if value is not None}
    if options.loss:
        found["loss"] = loss_text(options.loss)
    if options.optimizer:
        found["optimizer"] = OPTIMIZERS[{name.lower(): name for name in OPTIMIZERS}[options.optimizer]]()
    if options.augment:
        found["augment"] = tuple(parsed(AUGMENTATIONS, word) for word in options.augment)
    schedule, warmup = getattr(options, "schedule", None), getattr(options, "warmup", None)
    if schedule or warmup is not None:
        rule = parsed(SCHEDULES, schedule) if schedule else Constant()
        found["schedule"] = rule if warmup is None else replace(rule, warmup=warmup)
    return found


def check_unchanged(options: Namespace, run: Run) -> None:
    """Raise Refusal where something else is asked of a run than it was started with."""
    asked, job = wished(options), run.job
    began: dict[str, Any] = {name: getattr(job, name) for name in asked if name != "epochs"}
    asked = {name: asked[name] for name in began}
    if "optimizer" in asked:
        asked["optimizer"], began["optimizer"] = (
            type(each).__name__.lower() for each in (asked["optimizer"], job.optimizer)
        )
    if options.data:
        asked["data"], began["data"] = located(options.data), str(job.data)
    for name in ("momentum", "weight_decay"):
        if getattr(options, name) is not None:
            asked[name], began[name] = getattr(options, name), getattr(job.optimizer, name, 0.0)
    for name, value in asked.items():
        if value != began[name]:
            raise Refusal(
                f"This run began with {name.replace('_', ' ')} {_shown(began[name])}, not {_shown(value)}; "
                "only --epochs and --lr can change when it is resumed."
            )
    if options.file and opened(options.file) != run.graph:
        raise Refusal(f"“{options.file.name}” has changed since this run began; train it anew, or resume without it.")


def _optimizer(options: Namespace, rule: type[Optimizer]) -> Optimizer:
    given = {name: getattr(options, name, None) for name in ("lr", "momentum", "weight_decay")}
    given = {name: value for name, value in given.items() if value is not None}
    if unknown := given.keys() - {f.name for f in fields(rule)}:
        raise Refusal(f"{rule.__name__} has no {unknown.pop()}: it is a setting of sgd and rmsprop.")
    return rule(**given)


def _shown(value: Any) -> str:
    """A schedule or augmentations as a command line has them."""
    if isinstance(value, tuple):
        return " ".join(map(_shown, value)) or "none"  # pyright: ignore
    return value.text() if hasattr(value, "text") else str(value)
