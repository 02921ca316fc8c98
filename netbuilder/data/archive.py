"""From the bytes of a zip file to its list of members, and each member's bytes in checked, counted pieces."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from netbuilder.data.errors import DataError, quoted

MAX_TOTAL = 2**31 - 1
"""Bytes all members may hold together once unpacked. Below this no writer needs the zip64 fields."""
MAX_MEMBERS = 1000
_MAX_DIRECTORY = 1 << 20
# Real data packs 2 to 50 times smaller. What packs better than this is refused once it is also large.
_SUSPECT_RATIO, _SUSPECT_SIZE = 200, 32 << 20
# Deflate cannot exceed 1032 : 1 (RFC 1951: 258 bytes from two bits).
_DEFLATE_LIMIT = 1032
_PIECE = 1 << 18
_STORED, _DEFLATED = 0, 8

# PKWARE APPNOTE 6.3.10, sections 4.3.16, 4.3.12 and 4.3.7.
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside the archive, as its directory describes it; sizes in bytes."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int


class Archive:
    """The directory of an open zip file. Raises `DataError` if it is damaged, huge or not a zip file."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._length = length
        self.members: dict[str, Member] = {}
        for member in self._directory():
            if member.name in self.members:
                raise DataError(f"The archive holds two members called {quoted(member.name)}.")
            self.members[member.name] = member
        self._check_sizes()

    def _directory(self) -> Iterator[Member]:
        count, size, offset = self._end_record()
        if count > MAX_MEMBERS or size > _MAX_DIRECTORY:
            raise DataError(f"The archive lists {count:,} members; at most {MAX_MEMBERS:,} are read.")
        directory, position = self._bytes_at(offset, size), 0
        for _ in range(count):
            if position + _ENTRY.size > size:
                raise DataError("The archive's list of members is cut short.")
            entry = _ENTRY.unpack_from(directory, position)
            mark, flags, method, crc, packed, unpacked = entry[0], entry[3], entry[4], *entry[7:10]
            name_length, extra_length, comment_length, local_offset = *entry[10:13], entry[16]
            start = position + _ENTRY.size
            position = start + name_length + extra_length + comment_length
            if mark != b"PK\1\2" or position > size:
                raise DataError("The archive's list of members is damaged.")
            name = directory[start : start + name_length].decode("utf-8", "replace")
            if flags & 0x1 or method not in (_STORED, _DEFLATED):
                raise DataError(f"The member {quoted(name)} is encrypted or packed in a way netbuilder does not read.")
            yield Member(name, method, crc, packed, unpacked, local_offset)

    def _end_record(self) -> tuple[int, int, int]:
        """Count, size and offset of the directory, from the record that ends every zip file."""
        # The record is followed only by a comment of at most 65,535 bytes.
        tail_start = max(0, self._length - _END.size - 0xFFFF)
        tail = self._bytes_at(tail_start, self._length - tail_start)
        found = tail.rfind(b"PK\5\6")
        if found < 0 or found + _END.size > len(tail):
            raise DataError("The file is not a complete .npz archive: its end is missing or it is another format.")
        _, _, _, _, count, size, offset, _ = _END.unpack_from(tail, found)
        return count, size, offset

    def _check_sizes(self) -> None:
        total = sum(member.size for member in self.members.values())
        if total > MAX_TOTAL:
            raise DataError(f"The archive unpacks to {total:,} bytes; at most {MAX_TOTAL:,} are read.")
        if total > _SUSPECT_SIZE and total > _SUSPECT_RATIO * self._length:
            raise DataError(f"The archive claims to unpack from {self._length:,} to {total:,} bytes; it is refused.")
        for member in self.members.values():
            limit = member.packed if member.method == _STORED else member.packed * _DEFLATE_LIMIT
            if member.size > limit or member.offset + _LOCAL.size + member.packed > self._length:
                raise DataError(f"The member {quoted(member.name)} claims more bytes than the file holds.")

    def _bytes_at(self, offset: int, count: int) -> bytes:
        if offset + count > self._length:
            raise DataError("The archive is cut short.")
        try:
            self._file.seek(offset)
            content = self._file.read(count)
        except OSError as problem:
            raise DataError(f"The archive cannot be read: {problem.strerror}.") from None
        if len(content) != count:
            raise DataError("The archive is cut short.")
        return content

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The member's bytes in pieces of some 256 KB, never more in all than the directory promised.

        Raises `DataError` when they are fewer, more, damaged, or do not match their checksum.
        """
        read, crc = 0, 0
        for piece in self._unpacked(member):
            read += len(piece)
            crc = zlib.crc32(piece, crc)
            if read > member.size:
                raise DataError(f"The member {quoted(member.name)} holds more bytes than it declares.")
            yield piece
        if read != member.size or crc != member.crc:
            raise DataError(f"The member {quoted(member.name)} is damaged: its size or checksum does not agree.")

    def _unpacked(self, member: Member) -> Iterator[bytes]:
        local = _LOCAL.unpack(self._bytes_at(member.offset, _LOCAL.size))
        if local[0] != b"PK\3\4":
            raise DataError(f"The member {quoted(member.name)} is not where the archive says it is.")
        start = member.offset + _LOCAL.size + local[9] + local[10]
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None
        for position in range(start, start + member.packed, _PIECE):
            packed = self._bytes_at(position, min(_PIECE, start + member.packed - position))
            if inflate is None:
                yield packed
                continue
            try:
                # A full piece may leave more behind even when all input is taken in.
                while not inflate.eof:
                    yield (piece := inflate.decompress(packed, _PIECE))
                    packed = inflate.unconsumed_tail
                    if not packed and len(piece) < _PIECE:
                        break
            except zlib.error:
                raise DataError(f"The member {quoted(member.name)} is damaged: it cannot be unpacked.") from None
