"""From a seed to coloured pictures of ten figures and patterns, the same on every machine.

Randomness is the raw bit stream of PCG64, which NumPy never changes, and beyond the rounded sine and cosine of an
angle only + − × ÷ and √ are used, which IEEE 754 fixes to the last bit.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SIZE = 32
"""Height and width in pixels."""

Floats: TypeAlias = NDArray[np.floating[Any]]


class _Bits:
    """Uniform numbers from the raw stream of a seeded generator."""

    def __init__(self, seed: int) -> None:
        self._source = np.random.PCG64(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Floats:
        raw = self._source.random_raw(int(np.prod(shape)))
        return (low + (high - low) * ((raw >> np.uint64(11)) * 2.0**-53)).reshape(shape).astype(np.float32)

    def direction(self, *shape: int) -> tuple[Floats, Floats]:
        """Cosine and sine of any angle, rounded so that no machine's last bit shows."""
        angle = self.uniform(0, 2 * np.pi, *shape).astype(np.float64)
        return np.cos(angle).round(6).astype(np.float32), np.sin(angle).round(6).astype(np.float32)

    def noise(self, *shape: int) -> Floats:
        """Independent values of −0.5…0.5 in 256 steps."""
        count = int(np.prod(shape))
        raw = self._source.random_raw(-(-count // 8)).astype("<u8").view(np.uint8)[:count]
        return raw.reshape(shape) * np.float32(1 / 255) - np.float32(0.5)


def draw_shapes(count: int, *, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`count` pictures (count, 3, 32, 32) and their labels (count,), the ten classes in equal numbers, shuffled."""
    bits = _Bits(seed)
    order = np.argsort(bits.uniform(0, 1, count), kind="stable")
    labels = np.empty(count, dtype=np.int64)
    labels[order] = np.arange(count) % len(_FIGURES)
    images = np.empty((count, 3, SIZE, SIZE), dtype=np.uint8)
    for label, figure in enumerate(_FIGURES):
        members = np.flatnonzero(labels == label)
        images[members] = _painted(bits, figure(bits, len(members)))
    return images, labels


def _painted(bits: _Bits, distance: Floats) -> NDArray[np.uint8]:
    """Signed distances in pixels (n, 32, 32), negative inside, as coloured pictures with a soft ground and grain."""
    n = len(distance)
    cover = (np.float32(0.5) - distance).clip(0, 1)[:, np.newaxis]
    dark = bits.uniform(0, 1, n) < 0.5
    ground = _blend(bits, _colour(bits, n, (0.05, 0.35), (0.85, 1.0)), _colour(bits, n, (0.35, 0.9), (0.1, 0.4)), dark)
    figure = _blend(bits, _colour(bits, n, (0.65, 1.0), (0.3, 0.75)), _colour(bits, n, (0.2, 0.8), (0.8, 1.0)), dark)
    picture = ground + (figure - ground) * cover
    picture += bits.noise(n, 3, SIZE, SIZE) * bits.uniform(0.01, 0.08, n, 1, 1, 1)
    return (picture.clip(0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def _colour(bits: _Bits, n: int, saturation: tuple[float, float], value: tuple[float, float]) -> Floats:
    """Random colours (n, 2, 3): two neighbours in hue, for the ends of a gradient."""
    hue = bits.uniform(0, 1, n, 1) + bits.uniform(-0.08, 0.08, n, 2)
    s, v = bits.uniform(*saturation, n, 2), bits.uniform(*value, n, 2)
    # From hue, saturation and value to red, green and blue (A. R. Smith, Color Gamut Transform Pairs, 1978).
    sector = (np.array([5, 3, 1], dtype=np.float32) + (hue * 6)[..., np.newaxis]) % 6
    return v[..., np.newaxis] * (1 - s[..., np.newaxis] * np.minimum(sector, 4 - sector).clip(0, 1))


def _blend(bits: _Bits, light: Floats, dark: Floats, is_dark: NDArray[np.bool_]) -> Floats:
    """Gradients (n, 3, 32, 32) between two colours each, in any direction."""
    ends = np.where(is_dark[:, np.newaxis, np.newaxis], dark, light)
    cos, sin = bits.direction(len(ends), 1, 1)
    x, y = _grid()
    along = (np.float32(0.5) + (x * cos + y * sin) * np.float32(0.35))[:, np.newaxis]
    first, last = ends[:, 0, :, np.newaxis, np.newaxis], ends[:, 1, :, np.newaxis, np.newaxis]
    return first + (last - first) * along


def _grid() -> tuple[Floats, Floats]:
    """Pixel centres, x to the right and y upwards, −1…1 over the picture."""
    axis = ((2 * np.arange(SIZE) + 1) / SIZE - 1).astype(np.float32)
    return axis[np.newaxis, np.newaxis, :], -axis[np.newaxis, :, np.newaxis]


def _placed(bits: _Bits, n: int, smallest: float, largest: float, shift: float) -> tuple[Floats, Floats, Floats]:
    """Coordinates u, v (n, 32, 32) turned, moved and scaled at random, and the pixels one unit of them spans."""
    radius = bits.uniform(smallest, largest, n, 1, 1)
    cos, sin = bits.direction(n, 1, 1)
    x, y = _grid()
    x, y = x - bits.uniform(-shift, shift, n, 1, 1), y - bits.uniform(-shift, shift, n, 1, 1)
    return (x * cos + y * sin) / radius, (y * cos - x * sin) / radius, radius * (SIZE / 2)


def _figure(bits: _Bits, n: int) -> tuple[Floats, Floats, Floats]:
    """A place for a figure of radius 1: 7 to 12 pixels, within the picture or a little beyond it."""
    return _placed(bits, n, 0.45, 0.75, 0.22)


def _pattern(bits: _Bits, n: int) -> tuple[Floats, Floats, Floats]:
    """A place for a pattern of period 1 that fills the picture: 7 to 11 pixels."""
    return _placed(bits, n, 0.44, 0.7, 1.0)


def _wave(x: Floats) -> Floats:
    """A triangle wave of period 1: the distance to the nearest edge, positive in one half, negative in the other."""
    return np.abs(x - np.floor(x) - np.float32(0.5)) - np.float32(0.25)


# Each figure gives signed distances in pixels (n, 32, 32), or a lower bound of them near corners.


def _circle(bits: _Bits, n: int) -> Floats:
    u, v, unit = _figure(bits, n)
    return (np.sqrt(u * u + v * v) - np.float32(0.88)) * unit


def _ring(bits: _Bits, n: int) -> Floats:
    u, v, unit = _figure(bits, n)
    width = bits.uniform(0.15, 0.26, n, 1, 1)
    return (np.abs(np.sqrt(u * u + v * v) - np.float32(0.74)) - width) * unit


def _square(bits: _Bits, n: int) -> Floats:
    u, v, unit = _figure(bits, n)
    return (np.maximum(np.abs(u), np.abs(v)) - np.float32(0.76)) * unit


def _triangle(bits: _Bits, n: int) -> Floats:
    u, v, unit = _figure(bits, n)
    sides = np.abs(u) * np.float32(0.8660254) + v * np.float32(0.5)
    return (np.maximum(sides, -v) - np.float32(0.54)) * unit


def _star(bits: _Bits, n: int) -> Floats:
    """Five points, folded onto half of one (the reflections are those of I. Quilez' sdStar5)."""
    u, v, unit = _figure(bits, n)
    kx, ky = np.float32(0.809016994), np.float32(-0.587785252)
    u = np.abs(u)
    for sign in (1, -1):
        ahead = 2 * np.maximum(sign * kx * u + ky * v, 0)
        u, v = u - ahead * sign * kx, v - ahead * ky
    u, v = np.abs(u), v - np.float32(1.05)
    edge_x, edge_y = np.float32(0.45) * -ky, np.float32(0.45) * kx - 1
    along = ((u * edge_x + v * edge_y) / (edge_x * edge_x + edge_y * edge_y)).clip(0, np.float32(1.05))
    away_x, away_y = u - edge_x * along, v - edge_y * along
    return np.sqrt(away_x * away_x + away_y * away_y) * np.sign(v * edge_x - u * edge_y) * unit


def _cross(bits: _Bits, n: int) -> Floats:
    u, v, unit = _figure(bits, n)
    width = bits.uniform(0.24, 0.34, n, 1, 1)
    u, v = np.abs(u), np.abs(v)
    return np.maximum(np.minimum(u, v) - width, np.maximum(u, v) - np.float32(0.95)) * unit


def _heart(bits: _Bits, n: int) -> Floats:
    """Two half discs on a square standing on its corner (I. Quilez' sdHeart)."""
    u, v, unit = _figure(bits, n)
    scale = np.float32(0.62)
    x, y = np.abs(u) * scale, v * scale + np.float32(0.53)
    lobe = np.sqrt(np.square(x - np.float32(0.25)) + np.square(y - np.float32(0.75))) - np.float32(0.35355339)
    fold = np.maximum(x + y, 0) * np.float32(0.5)
    corner = np.minimum(x * x + np.square(y - 1), np.square(x - fold) + np.square(y - fold))
    return np.where(x + y > 1, lobe, np.sqrt(corner) * np.sign(x - y)) / scale * unit


def _stripes(bits: _Bits, n: int) -> Floats:
    u, _, unit = _pattern(bits, n)
    return _wave(u) * unit


def _checker(bits: _Bits, n: int) -> Floats:
    u, v, unit = _pattern(bits, n)
    # A longer period, since a field is half of it: fields of 6 to 9 pixels.
    a, b = _wave(u * np.float32(0.6)), _wave(v * np.float32(0.6))
    return np.sign(a) * np.sign(b) * np.minimum(np.abs(a), np.abs(b)) / np.float32(0.6) * unit


def _dots(bits: _Bits, n: int) -> Floats:
    u, v, unit = _pattern(bits, n)
    u, v = u - np.floor(u) - np.float32(0.5), v - np.floor(v) - np.float32(0.5)
    return (np.sqrt(u * u + v * v) - bits.uniform(0.25, 0.36, n, 1, 1)) * unit


_FIGURES = (_circle, _ring, _square, _triangle, _star, _cross, _heart, _stripes, _checker, _dots)
"""In the order of the labels."""
