"""A certificate says what was found and nothing else, survives being written, and is believed only if it adds up."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from netbuilder.interop import certificate_file
from netbuilder.interop.certificate import Baseline, Certificate
from netbuilder.interop.certificate_file import loads
from netbuilder.interop.options import ExportOptions
from netbuilder.interop.verification import Verification
from netbuilder.storage import FileError

CONTENT = b"the bytes of a model"


def certificate(**changes: Any) -> Certificate:
    whole = Certificate(
        file="net.onnx",
        size=len(CONTENT),
        sha256=sha256(CONTENT).hexdigest(),
        options=ExportOptions(opset=15, softmax=True, preprocessing="uint8", batch=4, precision="int8"),
        samples=200,
        findings=(
            Verification("onnxruntime", "1.31.1", 200, 0.25, 0.02, 198, 180, "int8"),
            Verification("onnx.reference", "1.23.2", 100, 0.5, 0.04, 99, 90, "int8"),
        ),
        netbuilder="0.1.0",
        written="2026-03-01T10:20:30+00:00",
        dataset="Clothes",
        digest="ab" * 32,
        correct=181,
        baseline=Baseline(80, 64, 2.5, 1.25),
    )
    return replace(whole, **changes)


def text(**changes: Any) -> str:
    return json.dumps(certificate().to_dict() | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dataset": None, "digest": None, "correct": None},
        {"baseline": None},
        {"baseline": Baseline(80, 64)},
        {"options": ExportOptions(), "findings": (Verification("onnxruntime", "1", 200, 1e-6, 1e-7, 200, None),)},
    ],
)
def test_it_comes_back_as_it_was_written(changes: dict[str, Any], tmp_path: Path):
    before = certificate(**changes)
    assert before.passed
    path = certificate_file.save(before, tmp_path / "net.onnx")
    assert path == tmp_path / "net.onnx.certificate.json"
    assert certificate_file.load(tmp_path / "net.onnx") == before


def test_it_belongs_to_exactly_these_bytes():
    assert certificate().matches(CONTENT)
    assert not certificate().matches(CONTENT + b" ")
    assert not certificate().matches(CONTENT[:-1] + b"L")


def test_one_interpreter_that_disagrees_is_enough_to_fail():
    good = Verification("onnxruntime", "1", 9, 1e-6, 1e-7, 9)
    assert certificate(findings=(good,)).passed
    assert not certificate(findings=(good, Verification("onnx.reference", "1", 9, 1, 0.1, 9))).passed
    assert not certificate(findings=()).passed


# ---- words -----------------------------------------------------------------------------------------------------------


def test_its_sentences_hold_all_figures():
    assert certificate().findings[0].sentence() == (
        "onnxruntime 1.31.1 ran the file on 200 samples: scores differ by at most 2.5e-01 (2.0e-02 of the largest "
        "score) and 198 labels agree."
    )
    assert certificate().sentences() == [
        *(finding.sentence() for finding in certificate().findings),
        "Accuracy: 90.50 % of the test part of “Clothes” in the engine, 90.00 % in the file.",
        "Size: 80 bytes as float32, 20 as int8.",
        "onnxruntime takes for 64 samples 2.50 ms as float32, 1.25 ms as int8, on one thread.",
    ]


@pytest.mark.parametrize(
    ("correct", "warned"), [(179, False), (180, False), (182, False), (183, True), (200, True), (100, False)]
)
def test_a_loss_of_more_than_a_point_is_said_plainly(correct: int, warned: bool):
    found = certificate(correct=correct)
    assert found.passed
    assert bool(found.warnings) == warned
    if correct == 183:
        assert found.warnings == ("int8 costs 1.5 points of accuracy, more than 1: consider float32.",)
        assert found.sentences()[-1] == found.warnings[0]


def test_without_labels_the_labels_that_change_are_counted():
    few = Verification("onnxruntime", "1", 200, 0.2, 0.02, 198, None, "int8")
    many = replace(few, agreeing=190)
    assert not certificate(findings=(few,), correct=None).warnings
    assert certificate(findings=(many,), correct=None).warnings == (
        "int8 changes 5.0 % of the labels: consider float32.",
    )


# ---- what is not believed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 2}, "newer netbuilder"),
        ({"format": 0}, "'format' must be a whole number"),
        ({"format": True}, "'format' must be a whole number"),
        ({"sha256": "ab"}, "must be a SHA-256"),
        ({"sha256": "G" * 64}, "must be a SHA-256"),
        ({"bytes": -1}, "'bytes' must be"),
        ({"bytes": 10**400}, "'bytes' must be"),
        ({"samples": 99}, "'correct' must be a whole number from 0 to 99, not 181"),
        ({"correct": 201}, "'correct' must be"),
        ({"passed": False}, "contradicts its figures"),
        ({"passed": 1}, "must be true or false"),
        ({"written": "yesterday"}, "time with its zone, not 'yesterday'"),
        ({"written": "2026-03-01T10:20:30"}, "time with its zone"),
        ({"file": ""}, "must be a short text"),
        ({"file": "\x1b[31m"}, "must be a short text"),
        ({"file": "x" * 2000}, "must be a short text"),
        ({"interpreters": []}, "not a short list"),
        ({"interpreters": [1]}, "an object was expected"),
        ({"interpreters": [{}]}, "it lacks"),
        ({"interpreters": [{}] * 10}, "not a short list"),
        ({"options": {"opset": 17}}, "it lacks"),
        (
            {"options": {"opset": 99, "softmax": False, "preprocessing": "none", "batch": None, "precision": "int8"}},
            "13",
        ),
        ({"options": certificate().options.to_dict() | {"run": "rm -rf"}}, "no option of an export"),
        ({"dataset": "Clothes"}, "an object was expected"),
        ({"float32": {"bytes": 1, "batch": 1, "ms": -1, "ms_here": 1}}, "from 0 on"),
    ],
)
def test_what_does_not_add_up_is_refused_in_a_sentence(changes: dict[str, Any], sentence: str):
    with pytest.raises(FileError, match=sentence) as found:
        loads(text(**changes), "x.json")
    assert str(found.value).startswith("“x.json” is")
    assert len(str(found.value)) < 300


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "{",
        "null",
        "[]",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"format": 1, "format": 1}',
        '{"format": NaN}',
        text().replace("0.25", "1e999"),
        text().replace("0.25", "1" * 5000),
        text().replace('"samples": 200', '"samples": ' + "9" * 5000),
    ],
    ids=range(11),
)
def test_hostile_text_is_refused_within_a_second(hostile: str):
    began = perf_counter()
    with pytest.raises(FileError, match="is not a certificate"):
        loads(hostile)
    assert perf_counter() - began < 1


@given(some.data())
def test_damaged_text_is_a_certificate_or_a_sentence(data: some.DataObject):
    """Every text is read as a certificate that adds up, or refused; nothing else is ever raised."""
    whole = text()
    start = data.draw(some.integers(0, len(whole)))
    stop = data.draw(some.integers(start, min(len(whole), start + 30)))
    damaged = whole[:start] + data.draw(some.text(max_size=8)) + whole[stop:]
    try:
        found = loads(damaged)
    except FileError:
        return
    assert loads(json.dumps(found.to_dict())) == found


def test_files_that_are_none_are_named(tmp_path: Path):
    model = tmp_path / "net.onnx"
    with pytest.raises(FileError, match=r"There is no certificate “net\.onnx\.certificate\.json”"):
        certificate_file.load(model)
    beside = certificate_file.beside(model)
    beside.write_bytes(b"\xff\xfe")
    with pytest.raises(FileError, match="not text"):
        certificate_file.load(model)
    beside.write_bytes(b" " * 200_000)
    with pytest.raises(FileError, match="larger than any certificate"):
        certificate_file.load(model)
    beside.unlink()
    beside.mkdir()
    with pytest.raises(FileError, match="no certificate"):
        certificate_file.load(model)
    certificate_file.forget(model)
    assert beside.is_dir()
