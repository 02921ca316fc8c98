"""Measures a training step beside PyTorch's, network by network: python -m tests.benchmarks.step [NAME …].

Both engines run in one process, in turns, with the same threads: zero gradients, forward, cross-entropy, backward, SGD
with momentum. PyTorch takes the better of both memory formats and both optimizer loops. What is told is the ratio of
medians, PyTorch's time by ours: above 1 netbuilder is faster. Needs PyTorch, which the project does not.

It measures with the matrix library's kernel that training would choose, in a process started with it, unless told
`--as-is`; `--profile` shows layer by layer where the time goes in networks that are slower than PyTorch's.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.engine import SGD, Updates, compile
from netbuilder.engine.threads import blas
from netbuilder.graph import Graph
from netbuilder.runs import blas_kernel
from tests.benchmarks.layer_times import layer_times
from tests.benchmarks.networks import NETWORKS, OTHERS

Step = Callable[[], object]
BLOCK, REST, WARM = 4, 0.02, 0.01
"""Steps in a turn, and seconds before it of rest and of steps that do not count: threads of the other engine that still
look for work go to sleep, and those of this one wake up."""
VARIANTS = ("nchw", "nchw foreach", "channels-last", "channels-last foreach")
RATE, MOMENTUM = 0.01, 0.9


def our_step(graph: Graph, batch: int, threads: int) -> Step:
    program = compile(graph, threads=threads)
    start = program.init()
    learned = {key: start[key] for key, weight in program.weights.items() if weight.trainable}
    updates = Updates(SGD(RATE, momentum=MOMENTUM), learned)
    bound = program.bind(start | updates.weights)
    x, labels = data(program.input_shape.array, batch)

    def step() -> None:
        updates.step(program.step(bound, x, labels, "cross_entropy", True, (0, 0)).gradients)

    return step


def their_steps(graph: Graph, batch: int, threads: int, variants: Sequence[str] = VARIANTS) -> dict[str, Step]:
    """PyTorch's step in its variants: memory format, and the optimizer's loop or its single calls."""
    import torch

    from tests.torch_peer import Peer

    torch.set_num_threads(threads)
    program = compile(graph)
    found: dict[str, Step] = {}
    for variant in variants:
        memory = torch.channels_last if variant.startswith("channels-last") else torch.contiguous_format
        peer = Peer(graph, program.init()).to(memory_format=memory).train()
        pixels, labels = data(program.input_shape.array, batch)
        x = torch.from_numpy(pixels).contiguous(memory_format=memory)
        wanted = torch.from_numpy(labels)
        foreach = variant.endswith("foreach")
        optimizer = torch.optim.SGD(peer.parameters(), lr=RATE, momentum=MOMENTUM, foreach=foreach)

        def step(peer=peer, x=x, wanted=wanted, optimizer=optimizer) -> None:
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(peer(x), wanted).backward()
            optimizer.step()

        found[variant] = step
    return found


def data(shape: tuple[int, ...], batch: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    return draw.standard_normal((batch, *shape), np.float32), draw.integers(0, 10, batch)


def timed(step: Step) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def turn(step: Step) -> list[float]:
    """Seconds of some steps."""
    time.sleep(REST)
    begun = time.perf_counter()
    while time.perf_counter() - begun < WARM:
        step()
    return [timed(step) for _ in range(BLOCK)]


def compare(name: str, threads: int, runs: int) -> dict[str, Any]:
    """Both engines in turns, a few steps each; the medians, and the ratio's quartiles over the turns."""
    batch, graph = {**NETWORKS, **OTHERS}[name]
    ours = our_step(graph, batch, threads)
    theirs = their_steps(graph, batch, threads)
    for step in (ours, *theirs.values()):
        for _ in range(5):
            step()
    quick = {variant: min(timed(step) for _ in range(6)) for variant, step in theirs.items()}
    best = min(quick, key=lambda variant: quick[variant])
    times: tuple[list[float], list[float]] = ([], [])
    ratios: list[float] = []
    for _ in range(math.ceil(runs / BLOCK)):
        turns = [turn(step) for step in (ours, theirs[best])]
        for taken, measured in zip(times, turns, strict=True):
            taken.extend(measured)
        ratios.append(statistics.median(turns[1]) / statistics.median(turns[0]))
    mine, other = (statistics.median(taken) * 1e3 for taken in times)
    low, _, high = statistics.quantiles(ratios, n=4)
    return {
        "network": name,
        "threads": threads,
        "kernel": blas(),
        "ours_ms": mine,
        "torch_ms": other,
        "variant": best,
        "ratio": other / mine,
        "quartiles": [low, high],
    }


def told(row: dict[str, Any]) -> str:
    """One line of the table."""
    low, high = row["quartiles"]
    return (
        f"{row['network']:10} {row['threads']} threads  ours {row['ours_ms']:8.2f} ms  "
        f"PyTorch {row['torch_ms']:8.2f} ms  ratio {row['ratio']:.2f} ({low:.2f} to {high:.2f})  {row['variant']}"
    )


def again_with_the_kernel_of_training(arguments: Sequence[str]) -> int:
    """The exit code of the same command in a process that loads NumPy as a training process would."""
    blas_kernel.measure_once()
    with blas_kernel.environment():
        return subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.step", "--as-is", *arguments], check=False
        ).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *NETWORKS, *OTHERS], metavar="NAME")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--as-is", action="store_true", help="with the matrix library's kernel of this environment")
    parser.add_argument("--profile", action="store_true", help="show each layer's time where the ratio is below 1")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    options = parser.parse_args()
    if not options.as_is:
        raise SystemExit(again_with_the_kernel_of_training(sys.argv[1:]))
    rows: list[dict[str, Any]] = []
    print(f"{blas()}; ratio = PyTorch's median / ours, with its quartiles", flush=True)
    for threads in options.threads:
        for name in options.names or NETWORKS:
            row = compare(name, threads, options.runs)
            rows.append(row)
            print(told(row), flush=True)
            if options.profile and row["ratio"] < 1:
                batch, graph = {**NETWORKS, **OTHERS}[name]
                layers = layer_times(graph, batch, options.runs)
                row["layers"] = [asdict(layer) for layer in layers]
                print(*layers, sep="\n", flush=True)
        own = [row["ratio"] for row in rows if row["threads"] == threads]
        print(f"geometric mean, {threads} threads: {statistics.geometric_mean(own):.2f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
