"""Operators -> what makes layers of them: one function for each, in a table."""

from netbuilder.layers import HardSwish, Mish, ReLU, Sigmoid, Softplus, Tanh

from .activations import bounded, clip, elu, gelu, hard_sigmoid, leaky, parametric, pointwise, softmax, swish
from .layouts import (
    cast,
    expand,
    flatten,
    identity,
    pick,
    reshape,
    resize,
    select,
    shape_of,
    split,
    squeeze,
    transpose,
    unsqueeze,
)
from .merges import binary, concat, negative, several
from .norms import batch_norm, dropout, layer_norm, local_response
from .products import gemm, matmul
from .responses import local_response as spelled_response
from .translation import Maker
from .windows import average_pool, conv, global_pool, max_pool, pad, reduced, transposed_conv

OPERATORS: dict[str, Maker] = {
    "Conv": conv,
    "ConvTranspose": transposed_conv,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_pool,
    "GlobalMaxPool": global_pool,
    "ReduceMean": reduced,
    "ReduceMax": reduced,
    "Pad": pad,
    "Gemm": gemm,
    "MatMul": matmul,
    "Relu": pointwise(lambda op: ReLU()),
    "LeakyRelu": pointwise(leaky),
    "PRelu": parametric,
    "Elu": pointwise(elu),
    "Gelu": pointwise(gelu),
    "Swish": pointwise(swish),
    "HardSwish": pointwise(lambda op: HardSwish()),
    "Mish": pointwise(lambda op: Mish()),
    "Softplus": pointwise(lambda op: Softplus()),
    "Sigmoid": pointwise(lambda op: Sigmoid()),
    "HardSigmoid": pointwise(hard_sigmoid),
    "Tanh": pointwise(lambda op: Tanh()),
    "Clip": clip,
    "Max": bounded,
    "Min": bounded,
    "Softmax": softmax,
    "LogSoftmax": softmax,
    "BatchNormalization": batch_norm,
    "LayerNormalization": layer_norm,
    "LayerNormalization over one axis": layer_norm,
    "LRN": local_response,
    "LRN by means": spelled_response,
    "Dropout": dropout,
    "Add": binary,
    "Sub": binary,
    "Mul": binary,
    "Div": binary,
    "Neg": negative,
    "Sum": several,
    "Mean": several,
    "Concat": concat,
    "Identity": identity,
    "Cast": cast,
    "Expand": expand,
    "Reshape": reshape,
    "Flatten": flatten,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Transpose": transpose,
    "Shape": shape_of,
    "Slice": select,
    "Gather": pick,
    "Split": split,
    "Resize": resize,
    "Upsample": resize,
}
"""What makes a layer, or another view of one, of each operator."""
