"""From a weight's declaration and a seed to the numbers training starts from."""

from math import sqrt
from typing import Any, Literal

import numpy as np

from netbuilder.kernels.scratch import Array
from netbuilder.layers import Weight

from .randomness import stream

Scheme = Literal["he", "glorot"]
SCHEMES: tuple[Scheme, ...] = ("he", "glorot")


def start(key: str, weight: Weight, dtype: np.dtype[Any], seed: int, scheme: Scheme) -> Array:
    """The first value of the weight called `key`: zeros, ones, one number, or normal numbers of mean 0 and variance

    2 / fan_in ("he": He et al. 2015, arXiv 1502.01852, eq. 10) or
    2 / (fan_in + fan_out) ("glorot": Glorot and Bengio 2010, eq. 12).
    """
    if weight.start == "zeros":
        return np.zeros(weight.shape, dtype)
    if weight.start == "ones":
        return np.ones(weight.shape, dtype)
    if weight.start != "scaled":
        return np.full(weight.shape, weight.start, dtype)
    if scheme not in SCHEMES:
        raise ValueError(f"Weights start by “he” or “glorot”, not by “{scheme}”.")
    spread = sqrt(2 / weight.fan_in) if scheme == "he" else sqrt(2 / (weight.fan_in + weight.fan_out))
    single = np.float32 if dtype == np.float32 else np.float64
    numbers = stream(seed, "start", key).standard_normal(weight.shape, single)
    numbers *= spread
    return numbers
