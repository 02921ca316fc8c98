"""From labels and a seed to the samples that are held back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def held_back(labels: NDArray[Any], count: int, seed: int) -> NDArray[np.bool_]:
    """A mask (N,) that is true for `count` samples, chosen at random but with every class in proportion.

    Labels other than integers of one axis (regression targets) are sampled without classes.
    """
    stratified = labels.ndim == 1 and labels.dtype.kind in "iu"
    strata = labels.astype(np.int64) if stratified else np.zeros(len(labels), dtype=np.int64)
    # The generator's raw numbers are the same in every version of NumPy; those of permutation() need not be.
    keys = np.random.PCG64(seed).random_raw(len(labels))
    order = np.lexsort((keys, strata))
    sizes = np.bincount(strata)
    first = np.cumsum(sizes) - sizes
    rank = np.empty(len(labels), dtype=np.int64)
    rank[order] = np.arange(len(labels)) - first[strata[order]]
    held: NDArray[np.bool_] = rank < _shares(sizes, count)[strata]
    return held


def _shares(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """`count` divided in proportion to `sizes` by largest remainders."""
    exact = sizes * (count / max(1, int(sizes.sum())))
    shares = np.floor(exact).astype(np.int64)
    missing = count - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    return shares
