"""Damaged, hostile and foreign .npz files get a sentence, soon and in little memory; sound ones are read exactly."""

import io
import random
import struct
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data import DataError, load
from netbuilder.data.archive import Archive
from netbuilder.data.npz import Npz


def npy(header: str, content: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """An NPY file with any header text."""
    text = header.encode("latin-1")
    length = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text + content


def describing(descr: str, shape: str, order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


def saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=True)
    return stream.getvalue()


LABELS = saved(np.zeros(4, dtype=np.int64))
FOUR = bytes(16)


def refusal(path: Path) -> str:
    """The sentence with which `load` refuses a file, checked for time, memory and form."""
    tracemalloc.start()
    start = time.perf_counter()
    try:
        with pytest.raises(DataError) as caught:
            load(path)
        assert time.perf_counter() - start < 1
        assert tracemalloc.get_traced_memory()[1] < 300e6
    finally:
        tracemalloc.stop()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


ATTACKS = {
    "32 TiB in 128 bytes": (npy(describing("'<f8'", "(4194304, 1048576)")), "claims"),
    "more than any integer": (npy(describing("'<f4'", f"({'9' * 19}, {'9' * 19})")), "claims"),
    "a number of 150 digits": (npy(describing("'<f4'", f"({'9' * 150},)")), "shape"),
    "nothing times everything": (npy(describing("'<f4'", f"(0, {'9' * 19})")), "not possible"),
    "a negative length": (npy(describing("'<f4'", "(-4,)"), FOUR), "damaged"),
    "fewer bytes than promised": (npy(describing("'<f4'", "(4, 2)"), FOUR), "32 bytes, but 16 are present"),
    "more bytes than promised": (npy(describing("'<f4'", "(2,)"), FOUR), "8 bytes, but 16 are present"),
    "Python objects": (saved(np.array([{}, 1], dtype=object)), "Python objects"),
    "a structured type": (saved(np.zeros(4, dtype=[("a", "<f4"), ("b", "<i2")])), "several columns"),
    "complex numbers": (saved(np.zeros(4, dtype=np.complex64)), "element type"),
    "raw bytes": (saved(np.zeros(4, dtype="V4")), "element type"),
    "times": (saved(np.zeros(4, dtype="M8[s]")), "damaged|element type|several"),
    "an expression": (npy(describing("__import__('os')", "(4,)"), FOUR), "damaged|several"),
    "an expression as shape": (npy(describing("'<f4'", "(2**40,)"), FOUR), "damaged"),
    "a repeated entry": (npy("{'shape': (4,), 'shape': (4,), 'descr': '<f4'}", FOUR), "damaged"),
    "entries of the wrong kind": (npy("{'shape': '<f4', 'descr': (4,), 'fortran_order': False}", FOUR), "damaged"),
    "no header": (b"\x93NUMPY\x01\x00", "does not begin"),
    "a header longer than the file": (b"\x93NUMPY\x01\x00\xff\xffabc", "cut short"),
    "a future version": (npy(describing("'<f4'", "(4,)"), FOUR, (9, 0)), "does not begin"),
    "another format": (b"GIF89a" * 20, "does not begin"),
    "an empty member": (b"", "does not begin"),
    "seven axes": (npy(describing("'<f4'", "(1, 1, 1, 1, 1, 1, 4)"), FOUR), "axes"),
    "a million texts": (npy(describing("'<U1'", "(1000000,)"), bytes(4_000_000)), "texts"),
    "letters that do not exist": (npy(describing("'<U1'", "(4,)"), b"\xff" * 16), "Unicode"),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_hostile_headers_are_refused(tmp_path, attack, method):
    content, expected = ATTACKS[attack]
    sentence = refusal(zipped(tmp_path / "a.npz", {"images": content, "labels": LABELS}, method))
    assert any(word in sentence for word in expected.split("|")), sentence


def test_a_zip_bomb_is_refused_by_its_promise(tmp_path):
    content = npy(describing("'|u1'", "(1000000000,)"))
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = squeeze.compress(content)
    # One block of zeros, repeated: making the bomb must not cost more than refusing it.
    block = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    again = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    packed = zeros + block + again * 999
    assert "claims to unpack" in refusal(by_hand(tmp_path, packed, method=8, size=len(content) + (1000 << 20)))


def test_a_bomb_with_a_modest_promise_is_stopped_while_read(tmp_path):
    content = npy(describing("'|u1'", "(1000,)"), bytes(50_000_000))
    packed = zlib.compress(content, 9)[2:-4]
    size = len(npy(describing("'|u1'", "(1000,)"))) + 1000
    assert "more bytes than" in refusal(by_hand(tmp_path, packed, method=8, size=size))


def test_a_promise_beyond_what_deflate_can_hold_is_refused(tmp_path):
    assert "claims more bytes than the file holds" in refusal(by_hand(tmp_path, b"\3\0", method=8, size=30_000_000))


def test_a_wrong_checksum_is_noticed(tmp_path):
    content = saved(np.zeros(4, dtype=np.float32))
    assert "checksum" in refusal(by_hand(tmp_path, content, method=0, size=len(content)))


def by_hand(folder: Path, packed: bytes, *, method: int, size: int) -> Path:
    """A zip file whose directory says what it likes of its two members."""
    content, directory = b"", b""
    for name, data, unpacked, crc in ((b"images.npy", packed, size, 1), (b"labels.npy", LABELS, len(LABELS), None)):
        way = method if crc else 0
        crc = zlib.crc32(LABELS) if crc is None else crc
        fields = struct.pack("<5H3L2H", 20, 0, way, 0, 33, crc, len(data), unpacked, len(name), 0)
        directory += b"PK\1\2\x14\0" + fields + struct.pack("<3H2L", 0, 0, 0, 0, len(content)) + name
        content += b"PK\3\4" + fields + name + data
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, len(directory), len(content), 0)
    path = folder / "made.npz"
    path.write_bytes(content + directory + end)
    return path


def test_what_is_made_by_hand_is_read_when_it_is_honest(tmp_path):
    path = by_hand(tmp_path, LABELS, method=0, size=len(LABELS))
    content = path.read_bytes().replace(struct.pack("<L", 1) + struct.pack("<L", len(LABELS)), b"")
    assert len(content) < path.stat().st_size  # the planted checksum is where it is believed to be
    with Npz(path) as npz:
        assert npz.read("labels").tolist() == [0, 0, 0, 0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path):
    path = tmp_path / "twice.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for _ in range(2):
            archive.writestr("images.npy", LABELS)
    assert "two members called “images.npy”" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x89HDF\r\n\x1a\n" * 30, bytes(70_000), b"PK\5\6" + b"\xff" * 18])
def test_foreign_files_are_refused(tmp_path, content):
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    refusal(path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    assert "not a file" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "none.npz")
    assert "cannot be read" in refusal(tmp_path / "a\0b.npz")


def test_every_truncation_is_noticed(tmp_path):
    whole = zipped(tmp_path / "whole.npz", {"images": saved(np.ones((4, 3, 3))), "labels": LABELS}).read_bytes()
    path = tmp_path / "cut.npz"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            load(path)


def sound(rng: np.random.Generator, compressed: bool) -> bytes:
    stream = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    images, labels = rng.integers(0, 255, (12, 3, 5), dtype=np.uint8), rng.integers(0, 3, 12)
    save(stream, images=images, labels=labels, classes=np.array(["a", "bé", "c"]))
    return stream.getvalue()


def mutated(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        place = rng.randrange(len(changed))
        match rng.randrange(5):
            case 0:
                changed[place] ^= 1 << rng.randrange(8)
            case 1:
                changed[place] = rng.choice([0, 1, 0x7F, 0xFF])
            case 2:
                del changed[place : place + rng.randrange(1, 9)]
            case 3:
                changed[place:place] = rng.randbytes(rng.randrange(1, 9))
            case _:
                other = rng.randrange(len(changed))
                changed[place : place + 4] = changed[other : other + 4]
    return bytes(changed)


@pytest.mark.parametrize("compressed", [False, True])
def test_whatever_is_changed_in_a_file_it_loads_or_is_refused_in_a_sentence(tmp_path, compressed):
    rng, path = random.Random(7), tmp_path / "mutant.npz"
    content = sound(np.random.default_rng(0), compressed)
    refused: list[str] = []
    for _ in range(600):
        path.write_bytes(mutated(content, rng))
        try:
            load(path)
        except DataError as problem:
            refused.append(str(problem))
    assert 300 < len(refused) < 600
    assert all(sentence.endswith(".") for sentence in refused)


def with_new_checksums(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_arrays_changed_under_a_right_checksum_load_or_are_refused_in_a_sentence(tmp_path):
    rng, path = random.Random(8), tmp_path / "mutant.npz"
    with zipfile.ZipFile(io.BytesIO(sound(np.random.default_rng(1), False))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    refused: list[str] = []
    for _ in range(600):
        name = rng.choice(list(members))
        # The header is the interesting part: aim there.
        head, tail = members[name][:128], members[name][128:]
        path.write_bytes(with_new_checksums({**members, name: mutated(head, rng) + tail}))
        try:
            load(path)
        except DataError as problem:
            refused.append(str(problem))
    assert 200 < len(refused) < 600
    assert all(sentence.endswith(".") for sentence in refused)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "dtype", ["?", "i1", ">i2", "<i4", "i8", "u1", "u2", ">u4", "u8", "f2", ">f4", "f8", "<U3", ">U5"]
)
def test_arrays_are_read_as_numpy_wrote_them(tmp_path, dtype, compressed):
    rng = np.random.default_rng(0)
    array = rng.integers(0, 100, (3, 4, 2)).astype(dtype)
    save = np.savez_compressed if compressed else np.savez
    save(tmp_path / "a.npz", plain=array, turned=np.asfortranarray(array), single=array[0, 0, 0])
    with Npz(tmp_path / "a.npz") as npz:
        assert npz.names == ("plain", "turned", "single")
        for name in ("plain", "turned"):
            read = npz.read(name)
            assert np.array_equal(read, array)
            assert read.dtype.isnative
            assert read.flags.c_contiguous
        assert npz.read("single").item() == array[0, 0, 0]


def test_arrays_of_many_pieces_are_read_whole(tmp_path):
    rng = np.random.default_rng(0)
    array = np.concatenate([np.zeros(3 << 20, np.uint8), rng.integers(0, 256, 1 << 20, dtype=np.uint8)])
    np.savez_compressed(tmp_path / "a.npz", big=array)
    with Npz(tmp_path / "a.npz") as npz:
        assert np.array_equal(npz.read("big"), array)


def test_what_inflate_still_holds_after_its_last_input_is_read(tmp_path):
    # Some of these lengths end a piece in the middle of the last repetition, all of the input taken in.
    lengths = range((1 << 18) - 400, (1 << 18) + 400, 9)
    members = {f"a{n}": saved(np.zeros(n, np.uint8)) for n in lengths}
    with Npz(zipped(tmp_path / "a.npz", members, zipfile.ZIP_DEFLATED)) as npz:
        assert [len(npz.read(f"a{n}")) for n in lengths] == list(lengths)


def test_a_directory_of_endless_members_is_not_read():
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 60_000, 60_000, 60_000 * 46, 0, 0)
    content = bytes(60_000 * 46) + end
    with pytest.raises(DataError, match="60,000 members"):
        Archive(io.BytesIO(content), len(content))
