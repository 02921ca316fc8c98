"""From a seed to a layer that crops, selects or lays out what is not there, and the sentence for it."""

import random
from math import prod

from netbuilder.layers import (
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    GlobalAveragePool2D,
    ReLU,
    Reshape,
    SelectChannels,
)
from tests.mistakes.sketch import Mistake, sketch


def cropped_away(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    height, width, stride, kernel = draw.maps.height, draw.maps.width, rng.randint(1, 3), rng.randint(1, 4)
    rows, columns = (stride * (size - 1) + kernel for size in (height, width))
    source, cut = draw.last, rng.randint(0, 3)
    name = draw.put(ConvTranspose2D(4, kernel, stride, (rows, cut, 0, 0)), ReLU(), GlobalAveragePool2D(), Dense(5))
    return Mistake(
        draw.graph,
        name,
        f"ConvTranspose2D “{name}” cuts more off than there is: of {height}×{width} from “{source}”, "
        f"0×{columns} would be left.",
    )


def channels_beyond(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    channels, source = draw.maps.channels, draw.last
    start = rng.randint(0, channels + 3)
    count = rng.choice([None, rng.randint(1, 9)]) if start >= channels else channels - start + rng.randint(1, 9)
    name = draw.put(SelectChannels(start, count), Conv2D(6, 1), ReLU(), Flatten(), Dense(5))
    last = "the last" if count is None else start + count - 1
    return Mistake(
        draw.graph,
        name,
        f"SelectChannels “{name}” takes channels {start} to {last}, but the {channels} channels of “{source}” are 0 to "
        f"{channels - 1}.",
    )


def reshape_count(rng: random.Random) -> Mistake:
    draw = sketch(rng).some_blocks()
    source, size = draw.last, draw.shape.size
    while True:
        channels, height, width = (rng.choice([-1, rng.randint(1, 9)]), rng.randint(2, 9), rng.randint(2, 9))
        given = [each for each in (channels, height, width) if each > 0]
        if size % prod(given) or (len(given) == 3 and size != prod(given)):
            break
    name = draw.put(Reshape(height, width, channels), Conv2D(3, 1), ReLU(), Flatten(), Dense(4))
    needs = "exactly" if channels > 0 else "a multiple of"
    return Mistake(
        draw.graph,
        name,
        f"Reshape “{name}” needs {needs} {'·'.join(map(str, given))} = {prod(given):,} numbers, but “{source}” gives "
        f"{size:,}.",
    )
