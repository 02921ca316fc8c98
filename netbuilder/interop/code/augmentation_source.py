"""From a job's augmentations to the functions that do the same to the same samples, in NumPy."""

from collections.abc import Sequence
from functools import singledispatch

from netbuilder.engine import Augmentation, Brightness, Contrast, CutOut, Flip, Noise, Rotate, Shift

from .layout import Call, Named, lines
from .plan import CodeError

DRAWS = '''\
@lru_cache(maxsize=8)
def draws(index: int, epoch: int, count: int) -> np.ndarray:
    """The random numbers of all samples in an epoch, for one of the changes."""
    name, numbers, _ = CHANGES[index]
    return stream("augment", index, name, epoch).random((count, numbers))'''


def functions(augment: Sequence[Augmentation]) -> str:
    """What each augmentation does, and the table of all, in order, with their settings."""
    each_kind = {type(each): each for each in augment}
    rows: list[Call] = []
    for each in augment:
        settings = (Named(s.name, repr(getattr(each, s.name))) for s in each.settings())
        change = Call("partial", (each.word().replace("-", "_"), *settings))
        rows.append(Call("", (f'"{type(each).__name__}"', str(each.draws), change)))
    table = lines("CHANGES = ", Call("", tuple(rows)), 0)
    sources = [source(each).rstrip() for each in each_kind.values()]
    return "\n\n\n".join([DRAWS, *sources, "\n".join(table)])


@singledispatch
def source(augmentation: Augmentation) -> str:
    """The function that does what the augmentation does."""
    raise CodeError(f"A training script cannot be written for the augmentation {type(augmentation).__name__} yet.")


@source.register
def _(_: Shift) -> str:
    return '''\
def shift(x: np.ndarray, draws: np.ndarray, pixels: int) -> np.ndarray:
    """Move every image by whole pixels; its edge is repeated into the gap."""
    down, right = np.floor(draws.T * (2 * pixels + 1)).astype(np.intp)
    around = [(0, 0), (0, 0), (pixels, pixels), (pixels, pixels)]
    wide = np.pad(x, around, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(wide, x.shape[2:], (2, 3))
    return windows[np.arange(len(x)), :, down, right]
'''


@source.register
def _(_: Flip) -> str:
    return '''\
def flip(
    x: np.ndarray, draws: np.ndarray, probability: float, vertical: bool
) -> np.ndarray:
    """Mirror some images, left to right or top to bottom."""
    chosen = draws[:, 0] < probability
    x[chosen] = x[chosen, :, ::-1] if vertical else x[chosen, ..., ::-1]
    return x
'''


@source.register
def _(_: Rotate) -> str:
    return '''\
def rotate(x: np.ndarray, draws: np.ndarray, degrees: float) -> np.ndarray:
    """Turn every image about its middle, by bilinear sampling."""
    count, channels, height, width = x.shape
    angle = np.deg2rad((2 * draws[:, 0] - 1) * degrees).astype(np.float32)
    cos, sin = np.cos(angle).reshape(-1, 1, 1), np.sin(angle).reshape(-1, 1, 1)
    rows = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    columns = np.arange(width, dtype=np.float32) - (width - 1) / 2
    across = np.clip(cos * columns + sin * rows + (width - 1) / 2, 0, width - 1)
    down = np.clip(cos * rows - sin * columns + (height - 1) / 2, 0, height - 1)
    top = np.minimum(down, max(height - 2, 0)).astype(np.intp)
    left = np.minimum(across.astype(np.intp), max(width - 2, 0))
    below, beside = (down - top)[:, None], (across - left)[:, None]
    flat = x.reshape(count, channels, -1)

    def at(lower: int, further: int) -> np.ndarray:
        row = np.minimum(top + lower, height - 1)
        place = row * width + np.minimum(left + further, width - 1)
        return np.take_along_axis(flat, place.reshape(count, 1, -1), 2).reshape(x.shape)

    upper = at(0, 0) * (1 - beside) + at(0, 1) * beside
    lower = at(1, 0) * (1 - beside) + at(1, 1) * beside
    return upper * (1 - below) + lower * below
'''


@source.register
def _(_: CutOut) -> str:
    return '''\
def cut_out(
    x: np.ndarray, draws: np.ndarray, size: int, probability: float
) -> np.ndarray:
    """Cover a square of some images with their mean."""

    def side(draws: np.ndarray, length: int) -> np.ndarray:
        first = np.floor(draws * length)[:, None] - size // 2
        places = np.arange(length)
        return (places >= first) & (places < first + size)

    rows, columns = side(draws[:, 0], x.shape[2]), side(draws[:, 1], x.shape[3])
    rows &= draws[:, 2:] < probability
    covered = rows[:, None, :, None] & columns[:, None, None, :]
    return np.where(covered, x.mean((2, 3), keepdims=True), x)
'''


@source.register
def _(_: Noise) -> str:
    return '''\
def noise(x: np.ndarray, draws: np.ndarray, amount: float) -> np.ndarray:
    """Add a normal random number of its own to every value."""
    for index, key in enumerate((draws[:, 0] * 2**53).astype(np.int64).tolist()):
        random = np.random.Generator(np.random.Philox(key=key))
        numbers = random.standard_normal(x.shape[1:], np.float32)
        x[index] += numbers * np.float32(amount * (1 / SCALE))
    return x
'''


@source.register
def _(_: Contrast) -> str:
    return '''\
def contrast(x: np.ndarray, draws: np.ndarray, amount: float) -> np.ndarray:
    """Stretch or narrow every image's values about their mean."""
    factor = (1 + (2 * draws[:, 0] - 1) * amount).astype(np.float32)
    mean = x.mean((1, 2, 3), keepdims=True)
    x -= mean
    x *= factor.reshape(-1, 1, 1, 1)
    x += mean
    return x
'''


@source.register
def _(_: Brightness) -> str:
    return '''\
def brightness(x: np.ndarray, draws: np.ndarray, amount: float) -> np.ndarray:
    """Add the same number to all values of an image."""
    added = ((2 * draws[:, 0] - 1) * amount * (1 / SCALE)).astype(np.float32)
    x += added.reshape(-1, 1, 1, 1)
    return x
'''
