"""Models and a batch of samples -> how long onnxruntime takes for it with each, measured side by side."""

from statistics import median
from time import perf_counter, thread_time

from netbuilder.interop.backends import onnxruntime_backend
from netbuilder.interop.emitter import Array
from netbuilder.interop.onnx_file import OnnxFile

SECONDS, FEWEST, MOST = 0.5, 5, 200


def milliseconds(files: list[OnnxFile], inputs: Array) -> list[float] | None:
    """The median time of a batch on one thread for each file; None where onnxruntime is not installed.

    They take turns, and it is the thread's own time, so that what else the machine does meets all alike, or none.
    Raises OnnxFileError.
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
            start = thread_time()
            file.run(inputs, batch_size=len(inputs), backend=backend)
            times.append(1000 * (thread_time() - start))
    return [round(median(times[1:]), 3) for times in taken]
