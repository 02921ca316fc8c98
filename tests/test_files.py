"""Design files survive a round trip, refuse what is wrong in a sentence, and are written whole or not at all."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netbuilder import files
from netbuilder.examples import EXAMPLES, example
from netbuilder.files import FileError, dumps, load, loads, save, write_atomic
from netbuilder.graph import Graph
from netbuilder.layers import PALETTE, Add, Conv2D, Dense, Flatten, Input, ReLU


def design() -> Graph:
    return Graph.chain(Input(), Conv2D(6, 5, padding=(1, 2, 0, 1)), ReLU(), Flatten(), Dense(10))


def test_every_layer_survives_the_round_trip() -> None:
    graph = Graph()
    for cls in PALETTE:
        graph, _ = graph.add(cls(), position=(1.5, -3))
    assert loads(dumps(graph)) == graph


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_examples_are_written_as_they_were_read(name: str) -> None:
    text = dumps(example(name))
    assert dumps(loads(text)) == text


def test_a_design_has_one_layer_and_one_wire_a_line() -> None:
    lines = dumps(design()).splitlines()
    assert sum('"type"' in line for line in lines) == 5
    assert sum(line.strip().startswith("[") for line in lines) == 4


def test_names_are_text_whatever_they_say(tmp_path: Path) -> None:
    graph = design()
    for key, name in enumerate(["<img src=x onerror=y>", "__import__('os')", 'a"b\\c', "层 ﷽", "=1+1"], start=1):
        graph = graph.rename(key, name)
    assert load(save(graph, tmp_path / "odd")) == graph


def test_unknown_fields_survive() -> None:
    data = json.loads(dumps(design()))
    data["author"] = {"name": "Ada"}
    data["nodes"][1]["colour"] = "red"
    graph = loads(json.dumps(data)).set("conv2d_1", filters=9)
    again = json.loads(dumps(graph))
    assert again["author"] == {"name": "Ada"}
    assert again["nodes"][1]["colour"] == "red"


def test_the_suffix_is_added(tmp_path: Path) -> None:
    assert save(design(), tmp_path / "net").name == "net.netb"
    assert save(design(), tmp_path / "net.v2").name == "net.v2.netb"


TEXT = dumps(design())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TEXT.replace('"filters": 6', '"filters": -6'), r"line 5: “conv2d_1” \(Conv2D\): filters must be from 1"),
        (TEXT.replace('"Dense"', '"Sparse"'), "line 8: “dense_1” is a 'Sparse', a layer this netbuilder does not know"),
        (TEXT.replace('"units"', '"unit"'), r"line 8: “dense_1” \(Dense\) has no setting 'unit'"),
        (TEXT.replace('"format": 1', '"format": 2'), "newer netbuilder"),
        (TEXT.replace("[1, 2, 0]", "[4, 2, 0]"), "the wires go round in a circle|cannot feed back"),
        (TEXT.replace("[1, 2, 0]", "[9, 2, 0]"), "layer 9, which is not there"),
        (TEXT.replace("[2, 3, 0]", "[1, 2, 0]"), "two wires end in input 1 of “conv2d_1”"),
        (TEXT.replace('"relu_1"', '"conv2d_1"'), "line 6: there is already a layer “conv2d_1”"),
        (TEXT.replace('"id": 3', '"id": 2'), "line 6: the id 2 is used twice"),
        (TEXT.replace('"format": 1', '"format": 1, "format": 1'), "given twice"),
        (TEXT.replace('"filters": 6', '"filters": NaN'), "NaN is not a number"),
        (TEXT.replace('"filters": 6', '"filters": 1e999'), "filters must be a whole number"),
        (TEXT.replace('"filters": 6', '"filters": ' + "9" * 5000), "not a netbuilder design|huge"),
        (TEXT.replace('"filters": 6', '"filters": true'), "filters must be a whole number, not True"),
        (TEXT.replace("[0, 72]", "[0, 1e300]"), "the position must be two numbers"),
        ("[" * 100_000, "nested too deeply|not a netbuilder design"),
        ("", "not a netbuilder design: line 1"),
        ("[]", "lacks a format"),
        ('{"format": 1, "nodes": [7]}', "a layer was expected, not 7"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, sentence: str) -> None:
    assert text != TEXT
    with pytest.raises(FileError, match=sentence):
        loads(text, "net.netb")


def test_a_hand_edited_file_is_refused_at_the_right_line() -> None:
    text = json.dumps(json.loads(TEXT.replace('"filters": 6', '"filters": 0')), indent=2)
    line = text.splitlines().index("    {", text.splitlines().index('      "name": "input_1",')) + 1
    with pytest.raises(FileError, match=f"line {line}:"):
        loads(text)


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_file_is_read_or_refused_in_a_sentence(seed: int) -> None:
    rng, data = random.Random(seed), bytearray(TEXT.encode())
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data))
        match rng.randrange(3):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randint(1, 30)]
            case _:
                data[at:at] = rng.choice([b"-", b"9" * 400, b'"', b"[", b"null", b"1e400", b"\xff"])
    sentence = "."
    try:
        loads(data.decode(errors="replace"))
    except FileError as refusal:
        sentence = str(refusal)
    assert sentence.endswith(".")


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    binary = tmp_path / "cat.netb"
    binary.write_bytes(bytes(range(256)))
    for path in (binary, tmp_path / "none.netb", tmp_path):
        with pytest.raises(FileError):
            load(path)
    huge = tmp_path / "huge.netb"
    with huge.open("wb") as file:
        file.truncate(files.LARGEST_FILE + 1)
    with pytest.raises(FileError, match="larger than any design"):
        load(huge)


def annotated() -> Graph:
    graph, _ = design().group(["conv2d_1", "relu_1"], "stem", collapsed=True)
    return graph.write_note("two\nlines, “quoted”", (1.5, -3), 300)[0]


def test_groups_and_notes_survive_the_round_trip() -> None:
    graph = annotated()
    assert loads(dumps(graph)) == graph
    assert dumps(loads(dumps(graph))) == dumps(graph)
    assert loads(dumps(graph)).next_id == graph.next_id


ANNOTATED = dumps(annotated())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"members": [2, 3]', '"members": [2]'),
        ('"members": [2, 3]', '"members": [2, 9]'),
        ('"members": [2, 3]', '"members": 7'),
        ('"name": "stem"', '"name": ""'),
        ('"id": 6', '"id": 1'),
        ('"id": 6', '"id": -1'),
        ('"width": 300', '"width": 1e9'),
        ('"text": ', '"words": '),
        ('"groups": [', '"groups": [7, '),
    ],
)
def test_a_nonsensical_group_or_note_is_refused(old: str, new: str) -> None:
    assert old in ANNOTATED
    with pytest.raises(FileError, match=r"net\.netb"):
        loads(ANNOTATED.replace(old, new), "net.netb")


# ---- all or nothing --------------------------------------------------------------------------------------------------


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(design(), tmp_path / "net")
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"no space left on device\. Nothing on disk has changed"):
        save(design().set("conv2d_1", filters=7), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "net.netb").mkdir()
    with pytest.raises(FileError, match="it is a folder"):
        save(design(), tmp_path / "net")
    with pytest.raises(FileError, match=r"there is no folder .*missing"):
        save(design(), tmp_path / "missing" / "net")


def test_a_link_and_its_permissions_are_kept(tmp_path: Path) -> None:
    path = save(design(), tmp_path / "net")
    path.chmod(0o640)
    link = tmp_path / "link.netb"
    link.symlink_to(path)
    save(design().set("conv2d_1", filters=7), link)
    assert link.is_symlink()
    assert load(path)["conv2d_1"].layer == Conv2D(7, 5, padding=(1, 2, 0, 1))
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_a_killed_process_left_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    stray = tmp_path / f".net.netb.{dead.pid}-1.part"
    mine = tmp_path / f".net.netb.{os.getpid()}-1.part"
    stray.write_bytes(b"half")
    mine.write_bytes(b"half")
    save(design(), tmp_path / "net")
    assert not stray.exists()
    assert mine.exists()


WRITER = """
import sys
from pathlib import Path
from netbuilder.files import write_atomic
path, careless = Path(sys.argv[1]), sys.argv[2] == "careless"
print("ready", flush=True)
step = 0
while True:
    data = bytes([65 + step % 2]) * 400_000
    path.write_bytes(data) if careless else write_atomic(path, data)
    step += 1
"""


def damaged_after_kills(path: Path, way: str, trials: int) -> int:
    """How often a file was neither old nor new after its writer was killed at a random instant."""
    damaged, rng = 0, random.Random(0)
    for _ in range(trials):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), way], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.02 + rng.random() * 0.03)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        data = path.read_bytes()
        damaged += len(data) != 400_000 or len(set(data)) != 1
    return damaged


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_save_never_damages_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"A" * 400_000)
    assert damaged_after_kills(path, "atomic", 12) == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_careless_save_would_be_caught(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"A" * 400_000)
    assert any(damaged_after_kills(path, "careless", 10) for _ in range(5))


def test_merges_keep_their_ports_through_a_file() -> None:
    graph, _ = Graph.chain(Input(), ReLU()).add(Add(), "sum")
    graph = graph.connect("input_1", "sum", 1).connect("relu_1", "sum", 0)
    assert loads(dumps(graph)).inputs("sum") == graph.inputs("sum")
