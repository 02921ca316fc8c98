"""From a prepared training to the script that does the same with PyTorch: the template with the recipe put in."""

from textwrap import dedent

from netbuilder.engine import SGD, Adam, AdamW, Optimizer, Plateau, Prepared, RMSProp
from netbuilder.version import __version__

from .layout import Call, lines
from .learning_script import SHORT, SHORT_LAST, drops, learning, measuring, normalises, normalises_alone, parallel
from .loss_script import losses
from .plan import Plan
from .rates import rate_source
from .template import filled
from .training_template import TRAINING


def training_script(ready: Prepared, plan: Plan) -> str:
    """The source of train.py."""
    job = ready.job
    marks: dict[str, str] = {
        "producer": f"netbuilder {__version__}",
        "imports": _imports(ready, plan),
        "constants": _constants(ready),
        "recipe": "\n\n\n".join([*losses(ready, plan), rate_source(job.schedule)]),
        "parallel": parallel(plan),
        "learn": learning(ready, plan),
        "optimizer": dedent("\n".join(lines("optimizer = ", _optimizer(job.optimizer), 4))),
        "rate arguments": "progress.step" + (", progress.losses" if isinstance(job.schedule, Plateau) else ""),
        "dtype": ", torch.float64" if job.dtype == "float64" else "",
        "samples": _samples(ready),
        "noise": "torch.manual_seed(noise_seed(progress.epoch, place()[0]))" if drops(plan) else "",
        "progress.epoch": ", progress.epoch" if job.augment else "",
        "short": (SHORT + (SHORT_LAST if job.accumulate > 1 else "")) if normalises_alone(plan) else "",
        "patience": " and progress.epoch - progress.best_epoch < PATIENCE" if job.patience else "",
        **measuring(ready, plan),
    }
    return filled(TRAINING, marks)


# ---- imports and constants -------------------------------------------------------------------------------------------


def _imports(ready: Prepared, plan: Plan) -> str:
    nullcontext = "from contextlib import nullcontext\n" if ready.job.accumulate > 1 else ""
    partial = "from functools import partial\n" if normalises(plan) else ""
    seed = ", noise_seed" if drops(plan) else ""
    return f"""\
import math
import os
import time
from collections.abc import Callable
{nullcontext}from dataclasses import asdict, dataclass, field
{partial}from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from data import Part, epoch_batches, load_parts{seed}
from model import Net"""


def _constants(ready: Prepared) -> str:
    job, objective = ready.job, ready.objective
    found = [f"EPOCHS = {job.epochs}", f"BATCH_SIZE = {job.batch_size}  # of all processes together"]
    if job.accumulate > 1:
        found.append(f"SAMPLES_PER_UPDATE = {job.accumulate} * BATCH_SIZE")
    found.append(f"STEPS_PER_EPOCH = math.ceil({len(ready.dataset.training)} / {_samples(ready)})")
    found.append("STEPS = EPOCHS * STEPS_PER_EPOCH")
    found.append(f"LEARNING_RATE = {job.optimizer.lr!r}")
    if job.schedule.warmup:
        found.append(f"WARM_UP = round({job.schedule.warmup!r} * STEPS_PER_EPOCH)  # updates")
    if job.patience:
        found.append(f"PATIENCE = {job.patience}  # epochs without a better one")
    if job.clip_value:
        found.append(f"CLIP_VALUE = {job.clip_value!r}")
    if job.clip_norm:
        found.append(f"CLIP_NORM = {job.clip_norm!r}")
    if objective is not None and objective.smoothing:
        found.append(f"LABEL_SMOOTHING = {objective.smoothing!r}")
    if objective is not None and objective.weights:
        weights = Call("", tuple(map(repr, objective.weights)), brackets="[]")
        found += lines("CLASS_WEIGHTS = ", Call("torch.tensor", (weights,)), 0)
    return "\n".join(found)


def _samples(ready: Prepared) -> str:
    return "SAMPLES_PER_UPDATE" if ready.job.accumulate > 1 else "BATCH_SIZE"


def _optimizer(rule: Optimizer) -> Call:
    """The same rule by PyTorch, whose definitions ours follow."""
    decay = [f"weight_decay={rule.weight_decay!r}"] if rule.weight_decay or isinstance(rule, AdamW) else []
    settings: list[str] = []
    if isinstance(rule, SGD):
        name = "SGD"
        settings += [f"momentum={rule.momentum!r}"] if rule.momentum else []
        settings += decay
        settings += ["nesterov=True"] if rule.nesterov else []
    elif isinstance(rule, RMSProp):
        name = "RMSprop"
        settings += [f"alpha={rule.alpha!r}", f"eps={rule.epsilon!r}", *decay]
        settings += [f"momentum={rule.momentum!r}"] if rule.momentum else []
    else:
        assert isinstance(rule, Adam)
        name = type(rule).__name__
        settings += [f"betas={rule.betas!r}", f"eps={rule.epsilon!r}", *decay]
    return Call(f"torch.optim.{name}", ("network.parameters()", "lr=LEARNING_RATE", *settings))
