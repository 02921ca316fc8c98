"""Operators that lay the same numbers out anew, or pick and repeat some -> views of layers, or layers that do it."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from netbuilder.interop.emitter import Array
from netbuilder.layers import MaxPool2D, SelectChannels, Upsample2D

from .constants import axes
from .operations import Operation, Unsupported
from .translation import BATCH, MOST, Translation
from .views import Signal, View


def identity(t: Translation, op: Operation) -> Signal:
    """Identity: the same under another name."""
    return t.signal(op)


def reshape(t: Translation, op: Operation) -> Signal:
    """Reshape: other axes over the same numbers."""
    given = t.constant(op, 1)
    wanted = op.integers("shape") if given is None else [int(n) for n in given.reshape(-1)]
    x = t.signal(op)
    return seen(t, op, x, target(t, x, wanted, kept=op.integer("allowzero", 0) != 0))


def target(t: Translation, x: Signal, wanted: Sequence[int], *, kept: bool) -> tuple[int, ...]:
    """Axes a reshape asks for, without the batch's; 0 is the axis as it was, unless zeros are kept."""
    before = (0, *x.sizes)
    sizes = [before[i] if n == 0 and not kept and i < len(before) else n for i, n in enumerate(wanted)]
    if not sizes or sizes[0] not in (0, -1, 1, BATCH, t.batch):
        raise Unsupported("mixes the samples of a batch")
    first, rest, size = sizes[0], sizes[1:], prod(x.sizes)
    if first != -1 and rest.count(-1) == 1:
        known = prod(n for n in rest if n != -1)
        rest = [size // known if n == -1 and known > 0 else n for n in rest]
    if not rest or min(rest) < 1 or prod(rest) != size:
        raise Unsupported("asks for a shape that its input does not have, or mixes the samples of a batch")
    return tuple(rest)


def flatten(t: Translation, op: Operation) -> Signal:
    """Flatten behind the batch's axis."""
    x = t.signal(op)
    if op.integer("axis", 1) not in (1, -len(x.sizes)):
        raise Unsupported("mixes the samples of a batch")
    return seen(t, op, x, (int(np.prod(x.sizes)),))


def squeeze(t: Translation, op: Operation) -> Signal:
    """Squeeze: axes of one place are left out."""
    x = t.signal(op)
    found, rank = axes(op, t.constant(op, 1)), len(x.sizes) + 1
    if not found or any(axis % rank == 0 for axis in found):
        raise Unsupported("may drop the axis of the batch")
    gone = {axis % rank - 1 for axis in found}
    if any(x.sizes[axis] != 1 for axis in gone):
        raise Unsupported("drops an axis that has more than one place")
    return seen(t, op, x, tuple(size for axis, size in enumerate(x.sizes) if axis not in gone))


def unsqueeze(t: Translation, op: Operation) -> Signal:
    """Unsqueeze: axes of one place are put in."""
    x = t.signal(op)
    found = axes(op, t.constant(op, 1)) or []
    rank = len(x.sizes) + 1 + len(found)
    new = {axis % rank - 1 for axis in found}
    if -1 in new or rank > 8:
        raise Unsupported("puts an axis before that of the batch")
    sizes = iter(x.sizes)
    return seen(t, op, x, tuple(1 if axis in new else next(sizes) for axis in range(rank - 1)))


def seen(t: Translation, op: Operation, x: Signal, sizes: tuple[int, ...]) -> Signal:
    """The same numbers with other axes. Raises Unsupported where no block gives them in that order."""
    if any(x.pads):
        x = t.ready(x)
    view = x.view.reshaped(sizes)
    if view is None:  # across what was shuffled before
        x = t.ready(x)
        view = x.view.reshaped(sizes)
    if view is None:
        raise Unsupported("lays numbers out in an order that no block takes")
    return t.viewed(op, x, view)


def transpose(t: Translation, op: Operation) -> Signal:
    """Transpose: axes in another order."""
    x = t.signal(op)
    rank = len(x.sizes) + 1
    order = op.integers("perm", list(range(rank))[::-1])
    if sorted(order) != list(range(rank)) or order[0] != 0:
        raise Unsupported("moves the axis of the batch")
    view = x.view.transposed([axis - 1 for axis in order[1:]])
    if any(x.pads) and replace(x, view=view).channel_axis is None:
        x = t.ready(x)
    return t.viewed(op, x, view)


def expand(t: Translation, op: Operation) -> Signal:
    """Expand: one place of a map at all of them, where it is not the same anyway."""
    x, given = t.signal(op), [int(n) for n in t.required(op, 1).reshape(-1)]
    before = [t.batch or BATCH, *x.sizes]
    given = [1] * (len(before) - len(given)) + given
    if len(given) > len(before) or given[0] not in (1, -1, BATCH, t.batch):
        raise Unsupported("puts an axis before that of the batch, or repeats samples")
    wanted = [size if n in (1, -1) else n for n, size in zip(given, before, strict=True)][1:]
    if wanted == list(x.sizes):
        return x
    alike = [a == b for a, b in zip(wanted, x.sizes, strict=True)]
    if len(wanted) != 3 or x.channel_axis not in (0, 2) or not alike[x.channel_axis] or max(wanted) > MOST:
        raise Unsupported("repeats something else than one place of a map")
    if any(size != 1 for axis, size in enumerate(x.sizes) if axis != x.channel_axis):
        raise Unsupported("repeats something else than one place of a map")
    return replace(t.viewed(op, x, x.view), stretch=tuple(wanted))


def shape_of(t: Translation, op: Operation) -> Array:
    """The shape of an activation, with a stand-in for the batch's size."""
    axes_ = [t.batch or BATCH, *t.signal(op).sizes]
    return np.asarray(axes_[op.integer("start", 0) : op.integer("end", len(axes_))], np.int64)


def cast(t: Translation, op: Operation) -> Signal:
    """Cast between kinds of real numbers, which to a design are one."""
    if op.integer("to", 1) not in (1, 10, 11, 16):
        raise Unsupported("turns activations into whole numbers")
    return t.signal(op)


def split(t: Translation, op: Operation) -> list[Signal]:
    """Split along the channels: neighbouring ones side by side."""
    x = t.map(t.signal(op))
    given = t.constant(op, 1)
    parts = len(op.outputs)
    each = -(-x.sizes[0] // max(1, op.integer("num_outputs", parts)))
    counts = op.integers("split", [each] * parts) if given is None else [int(n) for n in given.reshape(-1)]
    if op.integer("axis", 0) not in (1, -3) or len(counts) != parts:
        raise Unsupported("splits something else than channels")
    starts = [sum(counts[:index]) for index in range(parts)]
    kept = zip(op.outputs, starts, counts, strict=True)
    return [_selected(t, replace(op, outputs=(name,)), x, start, start + n) for name, start, n in kept]


def select(t: Translation, op: Operation) -> Signal:
    """Slice along the channels."""
    x = t.signal(op)
    if len(op.inputs) > 1:
        lists = [t.constant(op, index) for index in range(1, 5)]
        starts, ends, along, steps = (None if each is None else [int(n) for n in each.reshape(-1)] for each in lists)
    else:
        starts, ends, steps = op.integers("starts"), op.integers("ends"), None
        along = op.integers("axes", list(range(len(starts))))
    rank, taken = len(x.sizes) + 1, dict[int, slice]()
    starts, ends = starts or [], ends or []
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        taken[(along[index] if along else index) % rank] = slice(start, end, steps[index] if steps else 1)
    sizes = [t.batch or BATCH, *x.sizes]
    cut = {axis: part.indices(sizes[axis]) for axis, part in taken.items()}
    cut = {axis: bounds for axis, bounds in cut.items() if bounds != (0, sizes[axis], 1)}
    if not cut:
        return x
    if all(axis in (2, 3) and bounds[:2] == (0, sizes[axis]) for axis, bounds in cut.items()) and rank == 4:
        steps = [cut[axis][2] if axis in cut else 1 for axis in (2, 3)]
        return t.add(op, MaxPool2D(1, (steps[0], steps[1])), t.map(t.signal(op)))
    if list(cut) != [1] or cut[1][2] != 1:
        raise Unsupported("cuts out something else than neighbouring channels")
    return _selected(t, op, t.map(t.signal(op)), *cut[1][:2])


def pick(t: Translation, op: Operation) -> Signal:
    """Gather of one channel, or of neighbouring ones."""
    x, indices = t.map(t.signal(op)), t.required(op, 1)
    channels = x.sizes[0]
    found = [int(n) + channels * (int(n) < 0) for n in indices.reshape(-1)]
    beside = bool(found) and found == list(range(found[0], found[0] + len(found)))
    if op.integer("axis", 0) not in (1, -3) or indices.ndim > 1 or not beside or not 0 <= found[0] <= channels:
        raise Unsupported("picks something else than neighbouring channels")
    taken = _selected(t, op, x, found[0], found[-1] + 1)
    return taken if indices.ndim else t.viewed(op, taken, View(taken.view.axes[1:]))


def _selected(t: Translation, op: Operation, x: Signal, start: int, end: int) -> Signal:
    count = None if end >= x.sizes[0] else end - start
    return t.add(op, SelectChannels(start, count), x)


def resize(t: Translation, op: Operation) -> Signal:
    """Upsample and Resize by whole factors: every number repeated, or blended between the pixels' centres."""
    x = t.map(t.signal(op))
    down, across = _factors(t, op, x)
    old = op.kind == "Upsample" or op.version < 11
    mode = op.word("mode", "nearest")
    centres = "asymmetric" if old else op.word("coordinate_transformation_mode", "half_pixel")
    rounding = "floor" if old else op.word("nearest_mode", "round_prefer_floor")
    if mode == "nearest":
        floors = centres == "asymmetric" and (
            rounding == "floor" or (max(down, across) < 3 and rounding[-5:] == "floor")
        )
        fits = floors or (centres.endswith("half_pixel") and rounding.startswith("round"))
    else:
        fits = mode == "linear" and centres.endswith("half_pixel") and not op.integer("antialias", 0)
    if not fits:
        raise Unsupported("resizes in another way than repeating numbers or blending them between pixels' centres")
    return t.add(op, Upsample2D((down, across), "nearest" if mode == "nearest" else "bilinear"), x)


def _factors(t: Translation, op: Operation, x: Signal) -> tuple[int, int]:
    """How many times as high and as wide a map becomes."""
    before = (1, *x.sizes)
    along = [axis % 4 for axis in op.integers("axes", [0, 1, 2, 3])]
    later = op.kind == "Resize" and op.version > 10
    scales = t.constant(op, 2 if later else 1)
    sizes = t.constant(op, 3) if later else None
    if sizes is not None and sizes.size:
        found = [float(n) / before[axis] for axis, n in zip(along, sizes.reshape(-1), strict=True) if axis]
    elif scales is not None and scales.size:
        found = [float(n) for axis, n in zip(along, scales.reshape(-1), strict=True) if axis]
    else:
        found = [float(n) for n in op.attributes.get("scales") or [0, 0, 0, 0]][1:]
    factors = dict(zip([axis for axis in along if axis], found, strict=True))
    down, across = factors.get(2, 1.0), factors.get(3, 1.0)
    if factors.get(1, 1.0) != 1 or not (down == int(down) >= 1 and across == int(across) >= 1):
        raise Unsupported("makes maps larger by something else than whole numbers")
    return int(down), int(across)
