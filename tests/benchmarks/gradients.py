"""Gradients of smooth networks against central differences, and seeded bugs against the checks that must notice them.

    python -m tests.benchmarks.gradients [COUNT] [--json FILE]

COUNT networks (200) in double precision, in training and in evaluation; then every bug of tests/seeded.py, planted in
turn, against every check, whose cases it failed are counted.
"""

import json
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from netbuilder.engine import compile
from tests.engine.slopes import largest_error, smooth_design
from tests.noticing import CHECKS, TOLERANCE, Noticed, noticed
from tests.seeded import BUGS, Bug


def networks(count: int) -> dict[str, Any]:
    """The errors of all networks, and what they are made of."""
    began, kinds, errors = perf_counter(), Counter[str](), list[float]()
    arrays = 0
    for seed in range(count):
        graph = smooth_design(seed)
        kinds.update({type(node.layer).__name__ for node in graph.nodes.values()})
        arrays += sum(weight.trainable for weight in compile(graph).weights.values())
        errors.append(max(largest_error(graph, seed, training=training) for training in (True, False)))
    failed = [seed for seed, error in enumerate(errors) if not error <= TOLERANCE]
    ranked = sorted(errors)
    print(f"{count} smooth networks in double precision, {arrays:,} arrays of weights, {perf_counter() - began:.0f} s")
    print(f"relative error: median {ranked[count // 2]:.1e}, largest {ranked[-1]:.1e}, {TOLERANCE:.0e} allowed")
    print(f"networks with each layer: {', '.join(f'{kind} {n}' for kind, n in sorted(kinds.items()))}")
    print(f"failed: {failed or 'none'}")
    return {"networks": count, "arrays": arrays, "errors": errors, "failed": failed, "layers": dict(kinds)}


def bugs() -> tuple[list[dict[str, Any]], list[str]]:
    """In how many of its cases each check notices each bug; and the bugs that one misses which must notice them."""
    wide = max(len(bug.title) for bug in BUGS)
    print(f"\n{'seeded bug':{wide}}  " + "  ".join(CHECKS) + "   (cases failed; must notice it: *)")
    rows: list[dict[str, Any]] = []
    for bug in BUGS:
        found = noticed(bug)
        rows.append({"bug": bug.title, **{name: [each.failed, each.tried] for name, each in found.items()}})
        print(f"{bug.title:{wide}}  " + "  ".join(_cell(bug, name, found[name]) for name in CHECKS), flush=True)
    missed = [
        bug.title for bug, row in zip(BUGS, rows, strict=True) if not all(row[name][0] for name in bug.noticed_by)
    ]
    print(f"\n{len(BUGS) - len(missed)} of {len(BUGS)} bugs noticed; missed: {', '.join(missed) or 'none'}")
    return rows, missed


def _cell(bug: Bug, check: str, found: Noticed) -> str:
    return f"{found}{'*' if check in bug.noticed_by else ' '}".rjust(len(check))


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])  # pyright: ignore[reportOptionalMemberAccess]
    parser.add_argument("count", type=int, nargs="?", default=200)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    found = networks(options.count)
    rows, missed = bugs()
    if options.json:
        options.json.write_text(json.dumps({"networks": found, "bugs": rows}, indent=1))
    return int(bool(found["failed"] or missed))


if __name__ == "__main__":
    raise SystemExit(main())
