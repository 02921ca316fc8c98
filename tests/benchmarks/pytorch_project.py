"""How alike an exported PyTorch project trains: its first losses beside the engine's, and the accuracies at the end.

    python -m tests.benchmarks.pytorch_project [--quick]

Needs PyTorch. Each project is run as a person would run it, by `python train.py` and by `torchrun --nproc-per-node=2`.
In double precision, too: over hundreds of updates roundings grow until single precision ends at another place of the
same quality, as it also does for the engine alone with another number of threads.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from netbuilder import files
from netbuilder.engine import SGD, Adam, Cosine, Finished, Flip, Job, Shift, train
from netbuilder.graph import Graph
from netbuilder.interop.code import export_project
from netbuilder.layers import Add, BatchNorm, Conv2D, Dense, GlobalAveragePool2D, Input, Layer, ReLU
from netbuilder.resources import resource
from tests.interop.code.projects import engine_losses

STEPS = 20
NEAR = 0.01


@dataclass(frozen=True)
class Row:
    """What was found of one project: the largest relative difference of its first losses, and the test accuracies of
    the engine, of one process and of two."""

    name: str
    first: float
    accuracies: tuple[float, float, float]
    seconds: tuple[float, float, float]

    def __str__(self) -> str:
        shown = "   ".join(f"{a:7.2%} {s:6.1f} s" for a, s in zip(self.accuracies, self.seconds, strict=True))
        return f"{self.name:<28} {self.first:12.1e}   {shown}"


def small_resnet(width: int) -> Graph:
    """ResNet for CIFAR (He et al. 2016, section 4.2) with one block in each of its three stages."""
    graph, node = Graph().add(Input(height=32, width=32, channels=3), "input")
    end = node.id

    def put(after: int, layer: Layer, name: str, *more: int) -> int:
        nonlocal graph
        graph, made = graph.add(layer, name)
        for port, source in enumerate((after, *more)):
            graph = graph.connect(source, made.id, port)
        return made.id

    def normalised(after: int, filters: int, name: str, kernel: int = 3, stride: int = 1) -> int:
        after = put(after, Conv2D(filters, kernel, stride, (kernel // 2,) * 4, bias=False), f"conv{name}")
        return put(after, BatchNorm(), f"norm{name}")

    end = put(normalised(end, width, "0"), ReLU(), "relu0")
    for stage in (1, 2, 3):
        filters, stride = width << (stage - 1), 1 if stage == 1 else 2
        body = put(normalised(end, filters, f"{stage}a", stride=stride), ReLU(), f"relu{stage}a")
        body = normalised(body, filters, f"{stage}b")
        skip = end if stride == 1 else normalised(end, filters, f"{stage}s", 1, stride)
        end = put(put(body, Add(), f"add{stage}", skip), ReLU(), f"relu{stage}")
    put(put(end, GlobalAveragePool2D(), "mean"), Dense(10), "fc")
    return graph


def jobs() -> dict[str, Job]:
    """What is compared, none of it with dropout, which PyTorch draws for itself."""
    lenet = files.load(resource("examples/lenet-5.netb"))
    steepest = SGD(0.05, momentum=0.9, nesterov=True, weight_decay=1e-4)
    return {
        "LeNet-5 on digits": Job(lenet, "digits", epochs=12, optimizer=Adam(2e-3), schedule=Cosine(), resize=True),
        "ResNet-8 on shapes": Job(
            small_resnet(8),
            "shapes",
            epochs=10,
            optimizer=steepest,
            schedule=Cosine(warmup=1),
            augment=(Shift(2), Flip()),
        ),
    }


TORCHRUN = ("-m", "torch.distributed.run", "--nproc-per-node=2", "--master-port=29517")


def accuracy_of(folder: Path, output: Path, launcher: Sequence[str] = ()) -> float:
    """The test accuracy that a project ends with."""
    return float(re.findall(r"test loss \S+ accuracy (\S+)", printed(folder, "--output", str(output), by=launcher))[-1])


def printed(folder: Path, *words: str, by: Sequence[str] = ()) -> str:
    """What a project's train.py says; `by` is what launches it, if anything does."""
    command = [sys.executable, *by, str(folder / "train.py"), *words]
    threads = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONFAULTHANDLER": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=threads)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def apart(title: str, job: Job, folder: Path) -> float:
    """Print the first losses of the engine and of a project beside each other; the largest relative difference."""
    export_project(job, folder)
    first = printed(folder, "--steps", str(STEPS), "--log-every", "1")
    theirs = [float(loss) for loss in re.findall(r"step \d+ loss (\S+)", first)]
    ours = engine_losses(job, STEPS)
    assert len(theirs) == len(ours) == STEPS
    print(f"\n{title}\n{'step':>6} {'engine':>14} {'train.py':>14} {'difference':>12}")
    found = [abs(a - b) / abs(a) for a, b in zip(ours, theirs, strict=True)]
    for step, (a, b, d) in enumerate(zip(ours, theirs, found, strict=True), 1):
        print(f"{step:6} {a:14.8f} {b:14.8f} {d:12.1e}", flush=True)
    return max(found)


def measured(name: str, job: Job, folder: Path) -> Row:
    """One project, exported and trained three ways."""
    first = apart(name, job, folder)
    times = [time.perf_counter()]
    last = [event for event in train(job) if isinstance(event, Finished)][-1]
    times.append(time.perf_counter())
    plain = accuracy_of(folder, folder / "plain")
    times.append(time.perf_counter())
    shared = accuracy_of(folder, folder / "shared", TORCHRUN)
    times.append(time.perf_counter())
    seconds = (times[1] - times[0], times[2] - times[1], times[3] - times[2])
    return Row(name, first, (last.test_accuracy or 0.0, plain, shared), seconds)


def both_precisions(named: Mapping[str, Job]) -> dict[str, Job]:
    """Every job as it is, and in double precision."""
    found = dict(named)
    for name, job in named.items():
        found[f"{name}, float64"] = replace(job, dtype="float64")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two epochs only")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as place:
        rows = [
            measured(name, replace(job, epochs=2) if quick else job, Path(place) / f"project{index}")
            for index, (name, job) in enumerate(both_precisions(jobs()).items())
        ]
    print(f"\n{'':28} {'20 losses':>12}   {'engine':>16}   {'train.py':>16}   {'torchrun, two':>16}")
    for row in rows:
        print(row)
    near = all(max(row.accuracies) - min(row.accuracies) <= NEAR for row in rows)
    print(f"All accuracies {'are' if near else 'are NOT'} within a point.")


if __name__ == "__main__":
    main()
