"""From a seed to a window that deserves a remark, and the remark, reckoned from scratch."""

import random
from math import ceil

from netbuilder.layers import (
    AveragePool2D,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePool2D,
    ImageShape,
    MaxPool2D,
    ReLU,
)
from tests.mistakes.sketch import Mistake, Sketch


def ragged(rng: random.Random) -> Mistake:
    while True:
        size, padding = rng.randint(9, 40), rng.choice([0, 0, 1])
        kernel = rng.randint(2, 5)
        stride = rng.randint(2, kernel)
        places = sum(
            1 for start in range(size + 2 * padding) if start % stride == 0 and start + kernel <= size + 2 * padding
        )
        last = (places - 1) * stride + kernel - 1 - padding
        left = size - 1 - last
        if left > 0:
            break
    draw = Sketch(rng, ImageShape(rng.randint(1, 3), size, size)).quiet()
    pads = (padding,) * 4
    layer = rng.choice(
        [Conv2D(6, kernel, stride, pads), MaxPool2D(kernel, stride, pads), AveragePool2D(kernel, stride, pads)]
    )
    draw.follow(layer)
    name = draw.last
    draw.follow(ReLU(), GlobalAveragePool2D(), Dense(10))
    exact = (size + 2 * padding - kernel) / stride + 1
    sign, shown = "=≈"[abs(exact * 100 - round(exact * 100)) > 1e-9], f"{exact:.2f}".rstrip("0")
    terms = f"({size}{f' + {2 * padding}' if padding else ''} − {kernel})/{stride} + 1"
    what = "the last row and column are" if left == 1 else f"the last {left} rows and columns are"
    return Mistake(
        draw.graph, name, f"In “{name}”, {terms} {sign} {shown}, rounded down to {places}: {what} never looked at."
    )


def same_asymmetric(rng: random.Random) -> Mistake:
    while True:
        size, kernel, stride = rng.randint(9, 40), rng.randint(2, 6), rng.randint(1, 3)
        zeros = max((ceil(size / stride) - 1) * stride + kernel - size, 0)
        if zeros % 2:
            break
    draw = Sketch(rng, ImageShape(rng.randint(1, 3), size, size)).quiet()
    layer = rng.choice(
        [Conv2D(6, kernel, stride, "same"), MaxPool2D(kernel, stride, "same"), DepthwiseConv2D(kernel, stride, "same")]
    )
    draw.follow(layer)
    name, half = draw.last, kernel // 2
    draw.follow(ReLU(), GlobalAveragePool2D(), Dense(10))
    return Mistake(
        draw.graph,
        name,
        f"“same” adds {zeros // 2} above and left, {zeros - zeros // 2} below and right in “{name}”; "
        f"PyTorch's padding={half} adds {half}+{half}.",
    )
