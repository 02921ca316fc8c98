"""The bytes of a model -> the same message without its large weights, and where in the bytes these lie.

A parsed message holds a copy of every weight, and hands out another; read in place they are in memory but once. The
encoding: protobuf.dev/programming-guides/encoding; the fields' numbers: onnx.proto.
"""

from collections.abc import Iterator
from typing import NamedTuple

GRAPH, INITIALIZER, TYPE, RAW = 7, 5, 2, 9
FLOAT = 1
LARGE = 4096
"""Bytes from which on a weight is worth leaving where it is."""
MOST_FIELDS = 500_000
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    """One field of a message: its number and kind, where it begins, where its content lies; a varint's content is
    `value`."""

    number: int
    kind: int
    at: int
    start: int
    end: int
    value: int


class _Odd(ValueError):
    """Bytes that are better left to the real parser."""


def lightened(data: bytes) -> tuple[bytes, dict[int, memoryview]]:
    """The message without the raw numbers of large float32 initializers, and these by the initializer's index.

    Whatever is unusual is left as it is: the parser will say what is wrong with it.
    """
    try:
        return _lightened(data)
    except (_Odd, IndexError):
        return data, {}


def _lightened(data: bytes) -> tuple[bytes, dict[int, memoryview]]:
    view, whole = memoryview(data), list(_fields(data, 0, len(data)))
    graphs = [field for field in whole if field.number == GRAPH]
    if len(graphs) != 1 or graphs[0].kind != LENGTH:
        raise _Odd
    parts, raw, index = list[bytes | memoryview](), dict[int, memoryview](), 0
    for field in _fields(data, graphs[0].start, graphs[0].end):
        if field.number == INITIALIZER and field.kind == LENGTH:
            found = _weight(data, field)
            if found is not None:
                raw[index] = view[found.start : found.end]
                rest = bytes(view[field.start : found.at]) + bytes(view[found.end : field.end])
                parts += [_header(INITIALIZER, len(rest)), rest]
            index += 1
            if found is not None:
                continue
        parts.append(view[field.at : field.end])
    if not raw:
        return data, raw
    inner = b"".join(parts)
    return b"".join((view[: graphs[0].at], _header(GRAPH, len(inner)), inner, view[graphs[0].end :])), raw


def _weight(data: bytes, tensor: Field) -> Field | None:
    """The raw numbers of a large float32 tensor; None of any other."""
    if tensor.end - tensor.start < LARGE:
        return None
    fields = list(_fields(data, tensor.start, tensor.end))
    kinds = [field.value for field in fields if field.number == TYPE and field.kind == VARINT]
    raws = [field for field in fields if field.number == RAW and field.kind == LENGTH]
    return raws[0] if kinds == [FLOAT] and len(raws) == 1 and raws[0].end - raws[0].start >= LARGE else None


def _fields(data: bytes, at: int, end: int) -> Iterator[Field]:
    """The fields of a message. Raises _Odd where its bytes are none."""
    for _ in range(MOST_FIELDS):
        if at == end:
            return
        tag, start = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        value, stop = 0, start
        if kind == VARINT:
            value, stop = _varint(data, start)
        elif kind == LENGTH:
            length, start = _varint(data, start)
            stop = start + length
        elif kind in (FIXED64, FIXED32):
            stop = start + (8 if kind == FIXED64 else 4)
        else:
            raise _Odd
        if stop > end or not number:
            raise _Odd
        yield Field(number, kind, at, start, stop, value)
        at = stop
    raise _Odd


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise _Odd


def _header(number: int, length: int) -> bytes:
    """Tag and length of a field with content."""
    found = bytearray([number << 3 | LENGTH])
    while length > 127:
        found.append(length & 127 | 128)
        length >>= 7
    return bytes([*found, length])
