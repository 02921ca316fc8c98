"""A model of float32 and samples -> the same model in whole numbers of eight bits, as pairs of Quantize and Dequantize.

Every array of weights is kept as int8 with one scale for each filter, every activation worth it as uint8 with one scale
for all of it, and biases as int32, so that a runtime can do whole layers in integers; one that cannot computes the same
in float32. The scheme is that of Jacob et al. 2018 (arXiv 1712.05877), with the filters' own scales of Krishnamoorthi
2018 (arXiv 1806.08342, section 3.1.3).
"""

from netbuilder.interop.emitter import Array, Emitter
from netbuilder.interop.quantization.folding import fold
from netbuilder.interop.quantization.plan import Plan
from netbuilder.interop.quantization.ranges import bounds_of
from netbuilder.interop.quantization.writing import write


def quantize(graph: Emitter, layers: set[str], samples: Array) -> None:
    """Rewrite a model of one input in place. `layers` are the names of its layers' outputs, `samples` (N, *shape).

    Raises ExportError where the samples cannot tell how large the numbers become.
    """
    fold(graph)
    plan = Plan.of(graph.model.graph, layers)
    write(graph, plan, bounds_of(graph.model, plan.measured, samples))
