"""ONNX's own cases for the operators the importer knows: how many pass, how many are refused, and for what reasons.

`python -m tests.benchmarks.operators [--list] [--json FILE]` prints the counts, with `--list` every case, too. It ends
with 1 where a case gives other numbers than it must, or is refused for a reason nobody has written down.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from tests.interop.operator_cases import cases, outcome, reason

WRONG, UNKNOWN = "gives other numbers", "refused, and nobody wrote down why"


def verdict(found: str) -> str:
    """'passed', or why not."""
    return found if found == "passed" else WRONG if found.startswith("wrong") else reason(found) or UNKNOWN


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="every case with what came of it")
    parser.add_argument("--json", type=Path, help="a file for all of it")
    asked = parser.parse_args()
    outcomes = {case.name: outcome(case) for case in cases()}
    counts = Counter(verdict(found) for found in outcomes.values())
    if asked.list:
        for name, found in outcomes.items():
            print(f"{name}: {found}")
    refused = len(outcomes) - counts["passed"] - counts[WRONG]
    print(f"{len(outcomes)} cases: {counts['passed']} passed, {refused} refused, {counts[WRONG]} wrong")
    for why, count in counts.most_common():
        print(f"{count:4} {why}")
    if asked.json:
        each = [{"case": name, "outcome": found, "reason": verdict(found)} for name, found in outcomes.items()]
        asked.json.write_text(json.dumps({"counts": counts, "cases": each}, indent=1, ensure_ascii=False))
    raise SystemExit(1 if counts[WRONG] or counts[UNKNOWN] else 0)
