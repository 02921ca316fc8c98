"""A certificate holds for exactly one file, and the file can be run again to see whether it still holds."""

import json
from pathlib import Path
from shutil import copyfile

import pytest

from netbuilder.cli import verifying
from netbuilder.interop import certificate_file, recount
from netbuilder.interop.certificate_file import beside
from netbuilder.interop.recount import Recount


@pytest.fixture(scope="session")
def certified(trained: Path) -> Path:
    """A verified model beside its run."""
    from netbuilder.cli import main

    path = trained.parent / "certified.onnx"
    assert main(["export", str(trained), "-o", str(path), "--verify"]) == 0
    return path


@pytest.fixture
def model(certified: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    for source in (certified, beside(certified)):
        copyfile(source, tmp_path / source.name)
    return tmp_path / certified.name


def test_the_file_that_was_verified_is_recognised(netbuilder, model: Path):
    code, out, err = netbuilder("verify", model)
    assert (code, err) == (0, "")
    assert "“certified.onnx” is byte for byte the file that was verified on " in out
    for sentence in certificate_file.load(model).sentences():
        assert sentence in out


def test_run_again_it_gives_the_labels_it_was_certified_with(netbuilder, model: Path):
    code, out, err = netbuilder("verify", model, "--data", "digits")
    assert (code, err) == (0, "")
    right = certificate_file.load(model).correct
    assert f"gets {right} of 360 labels right" in out
    assert out.count(f"the certificate says {right}.") == 2


@pytest.mark.parametrize("words", [("--preprocessing",), ("--precision", "float16", "--batch", "7")])
def test_files_of_other_kinds_are_run_again_as_well(netbuilder, trained: Path, tmp_path: Path, words: tuple[str, ...]):
    netbuilder("export", trained, "-o", tmp_path / "net.onnx", "--verify", *words)
    code, out, _ = netbuilder("verify", tmp_path / "net.onnx", "--data", "digits")
    assert code == 0
    assert out.count("the certificate says") == 2


def test_other_data_are_counted_and_not_judged(netbuilder, model: Path):
    code, out, _ = netbuilder("verify", model, "--data", "fashion-mnist", "--resize")
    assert code == 0
    assert "the certificate says nothing of these samples" in out


def test_json_is_one_document(netbuilder, model: Path):
    found = json.loads(netbuilder("verify", model, "--data", "digits", "--json").out)
    assert (found["format"], found["matches"]) == (1, True)
    assert found["certificate"] == certificate_file.load(model).to_dict()
    assert [(each["name"], each["passed"]) for each in found["again"]] == [
        ("onnxruntime", True),
        ("onnx.reference", True),
    ]


# ---- what does not hold ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 100, -1])
def test_one_byte_that_changed_is_noticed(netbuilder, model: Path, place: int):
    content = bytearray(model.read_bytes())
    content[place] ^= 1
    model.write_bytes(content)
    code, out, err = netbuilder("verify", model)
    assert (code, out) == (1, "")
    assert "is not the file that was verified" in err


def test_a_file_without_certificate_or_without_file_is_named(netbuilder, model: Path):
    beside(model).unlink()
    assert "There is no certificate “certified.onnx.certificate.json”" in netbuilder("verify", model).err
    model.unlink()
    outcome = netbuilder("verify", model)
    assert outcome.code == 1
    assert "There is no file" in outcome.err


def test_a_hostile_certificate_is_a_sentence(netbuilder, model: Path):
    beside(model).write_text("[" * 50_000)
    code, _, err = netbuilder("verify", model)
    assert code == 1
    assert "is not a certificate: it is nested too deeply" in err


def test_a_file_that_no_longer_does_what_it_did_is_not_trusted(
    netbuilder, model: Path, monkeypatch: pytest.MonkeyPatch
):
    """Negative control: an interpreter that gets ten labels less right than that of the certificate."""
    right = recount.recount

    def worse(*args, **more) -> list[Recount]:
        return [
            Recount(each.backend, each.version, each.samples, each.correct - 10, each.certified)
            for each in right(*args, **more)
        ]

    monkeypatch.setattr(verifying, "recount", worse)
    code, out, err = netbuilder("verify", model, "--data", "digits")
    assert code == 1
    assert "the certificate says" in out
    assert "no longer does here what its certificate says" in err


def test_one_label_in_a_thousand_may_tie_on_another_machine():
    assert Recount("x", "1", 360, 337, 338).passed
    assert not Recount("x", "1", 360, 336, 338).passed
    assert Recount("x", "1", 10_000, 9_000, 9_011).passed
    assert not Recount("x", "1", 10_000, 9_000, 9_012).passed
    assert Recount("x", "1", 360, 0, None).passed


def test_data_that_do_not_suit_are_refused(netbuilder, model: Path):
    code, _, err = netbuilder("verify", model, "--data", "shapes")
    assert code == 1
    assert "32×32×3" in err


def test_raw_samples_are_not_resized_and_it_is_said(netbuilder, trained: Path, tmp_path: Path):
    path = tmp_path / "raw.onnx"
    assert netbuilder("export", trained, "-o", path, "--verify", "--preprocessing").code == 0
    code, _, err = netbuilder("verify", path, "--data", "fashion-mnist", "--resize")
    assert code == 1
    assert "takes raw samples of (1, 8, 8)" in err
    assert "“Fashion-MNIST” are (1, 28, 28); they are not resized for it" in err
