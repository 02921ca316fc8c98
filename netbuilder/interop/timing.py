"""Models and a batch of samples -> how long onnxruntime takes for it with each, measured side by side."""

from statistics import median
from time import perf_counter

from netbuilder.interop.backends import onnxruntime_backend
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import OnnxFile

SECONDS, FEWEST, MOST = 0.5, 5, 200


def milliseconds(files: list[OnnxFile], inputs: Array) -> list[float] | None:
    """The median time of a batch on one thread for each file; None where onnxruntime is not installed.

    They take turns, so that what else the machine does meets all alike. Raises OnnxFileError.
    """
    try:
        backends = [
            onnxruntime_backend(file.data, file.input.name, file.model.graph.output[0].name, threads=1)
            for file in files
        ]
    except ImportError:
        return None
    taken: list[list[float]] = [[] for _ in files]
    began = perf_counter()
    while len(taken[-1]) < FEWEST or (perf_counter() - began < SECONDS and len(taken[-1]) < MOST):
        for file, backend, times in zip(files, backends, taken, strict=True):
            start = perf_counter()
            file.run(inputs, batch_size=len(inputs), backend=backend)
            times.append(1000 * (perf_counter() - start))
    return [round(median(times[1:]), 3) for times in taken]
