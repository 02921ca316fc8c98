"""From a seed and a purpose to a stream of random numbers: nothing here remembers, so nothing has to be restored."""

from hashlib import sha256

import numpy as np


def stream(seed: int, *purpose: int | str, skip: int = 0) -> np.random.Generator:
    """The stream of this seed for one purpose, as `("noise", "dropout_1", step)`; every purpose has its own. `skip` is
    how many numbers of double precision, or pairs of single ones, it goes without.

    A stream depends on its name alone, not on what was drawn before it. So adding a layer leaves the others' start
    untouched, and a run that was cut off goes on with exactly the numbers it would have seen.
    """
    digest = sha256(repr((seed, *purpose)).encode()).digest()
    bits = np.random.PCG64(int.from_bytes(digest, "big"))
    return np.random.Generator(bits.advance(skip) if skip else bits)
