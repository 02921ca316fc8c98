"""Measures what a training step adds to memory, ours and PyTorch's: python -m tests.benchmarks.memory [NAME …].

Each engine takes five steps with SGD and momentum in a process of its own; what is told is the most that process ever
held, less what it held after a step of the smallest network, with all code loaded (Linux). PyTorch takes the memory
format that needs less. Needs PyTorch, which the project does not.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from statistics import geometric_mean

from netbuilder.graph import Graph
from tests.benchmarks.networks import NETWORKS
from tests.benchmarks.step import our_step, their_steps

STEPS = 5
THEIRS = ("nchw", "channels-last")


def peak() -> int:
    """The most memory this process has held so far, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(name: str, engine: str, threads: int) -> int:
    """Bytes that a network's training takes beyond that of a tiny one."""

    def train(graph: Graph, batch: int) -> None:
        ours = engine == "ours"
        step = our_step(graph, batch, threads) if ours else their_steps(graph, batch, threads, [engine])[engine]
        for _ in range(STEPS):
            step()

    train(NETWORKS["digits"][1], 1)
    before = peak()
    batch, graph = NETWORKS[name]
    train(graph, batch)
    return peak() - before


def in_a_process(name: str, engine: str, threads: int) -> int:
    """The same, measured in a process of its own."""
    call = [sys.executable, "-m", "tests.benchmarks.memory", name, "--engine", engine, "--threads", str(threads)]
    return int(subprocess.run(call, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--engine", choices=["ours", *THEIRS], help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help="also write the rows here")
    options = parser.parse_args()
    if options.engine:
        print(measure(options.names[0], options.engine, options.threads))
        return
    rows: list[dict[str, object]] = []
    ratios: list[float] = []
    for name in options.names or NETWORKS:
        ours = in_a_process(name, "ours", options.threads)
        theirs, variant = min((in_a_process(name, engine, options.threads), engine) for engine in THEIRS)
        ratios.append(ours / theirs)
        rows.append({"network": name, "ours": ours, "torch": theirs, "variant": variant, "ratio": ours / theirs})
        print(f"{name:10} ours {ours / 1e6:7.1f} MB  PyTorch {theirs / 1e6:7.1f} MB ({variant})  {ours / theirs:.2f} ×")
    print(f"geometric mean {geometric_mean(ratios):.2f} × PyTorch's memory")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
