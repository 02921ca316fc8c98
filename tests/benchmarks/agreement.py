"""How far the engine lies from PyTorch: outputs, gradients and whole trainings, the worst figure of every check.

    python -m tests.benchmarks.agreement [COUNT] [--json FILE]

COUNT random designs (300), forward and back in both precisions; the known architectures; a hundred steps of every
optimizer, and a hundred updates under every schedule, loss by loss. It needs PyTorch.
"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import torch

from tests import test_torch_agreement as agreement
from tests import test_torch_training as training
from tests.architectures import SMALL

MODES = {"evaluation": False, "training": True}


class Row(NamedTuple):
    """One check: its worst figure, in which case that was, and what is allowed."""

    check: str
    cases: int
    worst: float
    case: str
    allowed: float


def rows(count: int) -> Iterator[Row]:
    """Every check, one after another."""
    for mode, is_training in MODES.items():
        found = {
            str(seed): agreement.disagreement(agreement.deterministic(seed), seed, "float64", training=is_training)
            for seed in range(count)
        }
        yield from _both(f"float64, {mode}", found, agreement.FLOAT64, agreement.FLOAT64)
    single = {str(seed): agreement.in_single_precision(seed) for seed in range(count)}
    again = sum(other for _, _, other in single.values())
    title = f"float32 ({again} sampled anew at a kink)"
    figures = {seed: (output, gradients) for seed, (output, gradients, _) in single.items()}
    yield from _both(title, figures, agreement.FLOAT32_OUTPUT, agreement.FLOAT32_GRADIENT)
    known = {
        f"{name}, {mode}": max(agreement.disagreement(SMALL[name](), 5, "float64", training=is_training))
        for name in SMALL
        for mode, is_training in MODES.items()
    }
    yield _worst("known architectures, float64", known, agreement.FLOAT64)
    for name in agreement.OPTIMIZERS:
        yield Row(f"100 steps of {name}", 100, agreement.steps_apart(name), "", agreement.STEPS)
    for name in [*training.BY_UPDATE, *training.by_epoch()]:
        by_method = {method: training.updates_apart(name, method)[0] for method in training.METHODS}
        yield _worst(f"100 updates, {name} schedule", by_method, agreement.STEPS)


def _both(title: str, found: dict[str, tuple[float, float]], output: float, gradient: float) -> Iterator[Row]:
    yield _worst(f"outputs and losses, {title}", {case: figures[0] for case, figures in found.items()}, output)
    yield _worst(f"gradients, {title}", {case: figures[1] for case, figures in found.items()}, gradient)


def _worst(check: str, figures: dict[str, float], allowed: float) -> Row:
    case = max(figures, key=lambda name: figures[name])
    return Row(check, len(figures), figures[case], case, allowed)


def main() -> int:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=300)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    began, found = perf_counter(), list[Row]()
    print(f"PyTorch {torch.__version__}\n{'relative difference of':60} {'cases':>5} {'worst':>8} {'allowed':>8}  in")
    for row in rows(options.count):
        found.append(row)
        sign = "" if row.worst <= row.allowed else "  TOO FAR"
        print(f"{row.check:60} {row.cases:5} {row.worst:8.1e} {row.allowed:8.0e}  {row.case}{sign}", flush=True)
    failed = [row.check for row in found if not row.worst <= row.allowed]
    print(f"\n{len(found)} checks, {len(failed)} failed, {perf_counter() - began:.0f} s")
    if options.json:
        document = {"pytorch": torch.__version__, "checks": [row._asdict() for row in found]}
        options.json.write_text(json.dumps(document, indent=1))
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
