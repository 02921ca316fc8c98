"""The nine published architectures imported, each in a process of its own: time, memory, shapes, weights and numbers.

`python -m tests.benchmarks.published [NAME…]` prints a table. The files have no weights: each of theirs is one number
spread out, which is measured first; then a file of the same network with random ones, in a third process.
"""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import netbuilder as nb
from netbuilder.interop.importing import imported
from tests.interop.foreign import NAMES, differences, light, opened, randomised, scores, wrong_shapes

COLUMNS = ("model", "layers", "weights", "import", "memory", "arrays", "memory", "shapes", "difference")
COLUMNS = (*COLUMNS, "file with weights", "import", "memory")
WHOLE = """
import sys, time
from netbuilder.interop.importing import import_onnx
from tests.benchmarks.published import peak
began = time.perf_counter()
import_onnx(sys.argv[1])
print(f"{time.perf_counter() - began:.2f} s", peak(), sep="\\t")
"""


def peak() -> str:
    """Memory this process has needed so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return f"{int(next(line for line in status if line.startswith('VmHWM')).split()[1]) // 1024} MB"


def measured(name: str) -> list[str]:
    """One row of the table."""
    model = light(name)
    data = model.SerializeToString()
    began = time.perf_counter()
    found = imported(data, name)
    row = [f"{time.perf_counter() - began:.3f} s", peak()]
    began = time.perf_counter()
    found.weighed()
    row += [f"{time.perf_counter() - began:.2f} s", peak()]
    totals = nb.analyze(found.graph).totals
    row = [name, f"{len(found.graph.nodes)}", f"{totals.parameters + totals.statistics:,}", *row]
    row.append("equal" if not wrong_shapes(model, found) else "WRONG")
    model = scores(randomised(model, 1))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        size = path.write_bytes(model.SerializeToString())
        whole = subprocess.run([sys.executable, "-c", WHOLE, str(path)], capture_output=True, text=True, check=True)
    return [
        *row,
        f"{differences(model, opened(model)):.1e}",
        f"{size / 2**20:.0f} MB",
        *whole.stdout.strip().split("\t"),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        print(*measured(sys.argv[2]), sep="\t")
        raise SystemExit
    print(*COLUMNS, sep=" | ")
    for name in sys.argv[1:] or NAMES:
        words = [sys.executable, "-m", "tests.benchmarks.published", "one", name]
        print(
            subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().replace("\t", " | "),
            flush=True,
        )
