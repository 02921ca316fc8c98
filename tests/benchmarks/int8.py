"""Trained networks as float32, float16 and int8: size, accuracy, labels that agree and onnxruntime's time for a batch.

    python -m tests.benchmarks.int8 [JSON]

LeNet-5 learns the digits, and clothes, the all-convolutional example clothes, each for a few epochs; files are then
verified on the whole test part. The last row of each is what onnxruntime's own quantizer makes of the float32 file and
the same samples, with BatchNormalization folded by its own preparation.
"""

import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import netbuilder as nb
from netbuilder.data import fit, load
from netbuilder.engine import Finished, prepare
from netbuilder.examples import example
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import PRECISIONS
from netbuilder.interop.timing import milliseconds

BATCH = 64
PLAN = (
    ("lenet-5", "digits", 10, 0.002),
    ("lenet-5", "fashion-mnist", 5, 0.002),
    ("fashion-cnn", "fashion-mnist", 4, 0.004),
)


def trained(job: nb.Job) -> tuple[nb.Program, dict[str, np.ndarray]]:
    for event in nb.train(job):
        if isinstance(event, Finished):
            return prepare(job).program, dict(event.weights)
    raise RuntimeError("the training did not finish")


def theirs(folder: Path, plain: Path, samples: np.ndarray) -> Path:
    """What onnxruntime.quantization makes of a file, as its documentation advises."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    name = OnnxFile.read(plain).input.name

    class Reader(CalibrationDataReader):
        batches = iter([{name: samples[i : i + 32]} for i in range(0, len(samples), 32)])

        def get_next(self) -> Any:
            return next(self.batches, None)

    ready, out = folder / "ready.onnx", folder / "theirs.onnx"
    logging.disable(logging.WARNING)
    quant_pre_process(plain, ready, skip_symbolic_shape=True)  # which would need sympy
    how = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "quant_format": QuantFormat.QDQ}
    quantize_static(ready, out, Reader(), per_channel=True, **how)  # pyright: ignore[reportArgumentType]
    logging.disable(logging.NOTSET)
    return out


def measured(name: str, source: str, epochs: int, rate: float, folder: Path) -> list[dict[str, Any]]:
    """One row for every precision of one network."""
    job = nb.Job(example(name), source, epochs, optimizer=nb.Adam(lr=rate), resize=True)
    program, weights = trained(job)
    stored = load(source)
    data = nb.ExportData(stored, fit(stored, program.input_shape, resize=True))
    test = data.test()
    assert test.labels is not None
    paths: dict[str, Path] = {}
    for precision in PRECISIONS:
        options = nb.ExportOptions(precision=precision)
        done = nb.export_verified(job.graph, weights, folder / precision, data=data, options=options)
        print(*done.certificate.sentences(), sep="\n", file=sys.stderr)
        paths[precision] = done.path
    paths["int8, theirs"] = theirs(folder, paths["float32"], data.calibration())
    files = [OnnxFile.of(path.read_bytes(), path.name) for path in paths.values()]
    times = milliseconds(files, test.ready[:BATCH]) or [float("nan")] * len(files)
    engine = program.predict(weights, test.ready).reshape(len(test.labels), -1).argmax(1)
    rows: list[dict[str, Any]] = []
    for precision, file, taken in zip(paths, files, times, strict=True):
        labels = file.run(test.ready).reshape(len(engine), -1).argmax(1)
        rows.append(
            {
                "network": f"{name} on {source}",
                "weights": precision,
                "bytes": len(file.data),
                "samples": len(engine),
                "engine": float((engine == test.labels).mean()),
                "file": float((labels == test.labels).mean()),
                "agreeing": float((labels == engine).mean()),
                "milliseconds": taken,
            }
        )
    return rows


def main(out: Path | None = None) -> None:
    rows: list[dict[str, Any]] = []
    print(f"{'network':26} {'weights':13} {'bytes':>9} {'engine':>8} {'file':>8} {'agree':>8} {'ms/' + str(BATCH):>8}")
    for name, source, epochs, rate in PLAN:
        with tempfile.TemporaryDirectory() as folder:
            found = measured(name, source, epochs, rate, Path(folder))
        for row in found:
            shares = "".join(f"{100 * row[key]:7.2f} %"[:9].rjust(9) for key in ("engine", "file", "agreeing"))
            print(
                f"{row['network']:26} {row['weights']:13} {row['bytes']:9,}{shares} {row['milliseconds']:8.3f}",
                flush=True,
            )
        rows += found
    if out is not None:
        out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
