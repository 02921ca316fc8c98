"""Random designs exported and run by onnxruntime, and seeded bugs of an exporter that must be noticed by that.

    python -m tests.benchmarks.runtimes [COUNT] [--json FILE]

COUNT designs (500), whose scores should be the engine's to a hundred-thousandth of the largest; of those that are not,
how far both lie from the same in double precision, which is what rounding makes of them. Then every bug of
tests/interop/export_bugs.py in the designs whose file it changes.
"""

import json
import tempfile
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from netbuilder.interop.verification import TOLERANCE
from tests.interop.export_bugs import EXPORT_BUGS
from tests.interop.runtimes import noticing, ran, rounding

BUGGED = 120


def designs(count: int, folder: Path) -> dict[str, Any]:
    """How far every design's file lies from the engine."""
    import onnxruntime

    began = perf_counter()
    rows = [ran(seed, folder) for seed in range(count)]
    kinds = Counter(kind for row in rows for kind in row.kinds)
    failed = [row.seed for row in rows if not row.difference <= TOLERANCE]
    unlike = [row.seed for row in rows if not row.agreeing]
    ranked = sorted(row.difference for row in rows)
    print(f"{count} designs run by onnxruntime {onnxruntime.__version__}, {perf_counter() - began:.0f} s")
    print(f"of the largest score: median {ranked[count // 2]:.1e}, largest {ranked[-1]:.1e}, {TOLERANCE:.0e} allowed")
    print(f"designs with each layer: {', '.join(f'{kind} {n}' for kind, n in sorted(kinds.items()))}")
    print(f"beyond that: {failed or 'none'}; other labels: {unlike or 'none'}")
    rounded = {seed: rounding(seed) for seed in failed}
    for seed, (ours, theirs) in rounded.items():
        print(f"  design {seed}: from double precision the engine lies {ours:.1e}, onnxruntime {theirs:.1e}")
    found = {"designs": count, "differences": [row.difference for row in rows], "failed": failed, "labels": unlike}
    return {**found, "rounding": rounded, "layers": dict(kinds)}


def bugs(folder: Path) -> list[dict[str, Any]]:
    """In how many designs each bug changes the file, and in how many of those it is noticed."""
    wide, models = max(len(bug.title) for bug in EXPORT_BUGS), dict[int, Any]()
    print(f"\n{'seeded bug of an exporter':{wide}}  noticed  of designs it changes")
    rows: list[dict[str, Any]] = []
    for bug in EXPORT_BUGS:
        noticed, changed = noticing(bug, range(BUGGED), folder, models)
        rows.append({"bug": bug.title, "noticed": noticed, "changed": changed})
        print(f"{bug.title:{wide}}  {noticed:7}  {changed:5}", flush=True)
    missed = [row["bug"] for row in rows if not row["noticed"]]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} bugs noticed; missed: {', '.join(missed) or 'none'}")
    return rows


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0])  # pyright: ignore[reportOptionalMemberAccess]
    parser.add_argument("count", type=int, nargs="?", default=500)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found, rows = designs(options.count, Path(folder)), bugs(Path(folder))
    if options.json:
        options.json.write_text(json.dumps({**found, "bugs": rows}, indent=1))
    wrong = found["labels"] or any(max(each) > 10 * TOLERANCE for each in found["rounding"].values())
    return int(bool(wrong) or not all(row["noticed"] for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
