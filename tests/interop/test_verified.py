"""Only what independent interpreters have run and found right is written; what is there already survives the rest."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import netbuilder as nb
from netbuilder.data import fit, load
from netbuilder.interop import certificate_file, verified
from netbuilder.interop.backends import Backend
from netbuilder.interop.onnx_file import OnnxFile
from netbuilder.interop.options import ExportError, ExportOptions
from netbuilder.interop.order import Order
from netbuilder.interop.verified import VerificationFailed, export_verified
from netbuilder.layers import ImageShape
from netbuilder.storage import FileError

Network = tuple[nb.Graph, dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def digits() -> nb.ExportData:
    stored = load("digits")
    return nb.ExportData(stored, fit(stored, ImageShape(1, 12, 12), resize=True))


@pytest.fixture(scope="module")
def network() -> Network:
    graph = nb.Graph.chain(
        nb.Input(height=12, width=12, channels=1),
        nb.Conv2D(filters=8, kernel_size=3),
        nb.BatchNorm(),
        nb.ReLU(),
        nb.MaxPool2D(2),
        nb.Flatten(),
        nb.Dense(units=10),
    )
    return graph, nb.compile(graph).init(2)


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
@pytest.mark.parametrize("preprocessing", ["none", "auto"])
@pytest.mark.parametrize("batch", [None, 7])
def test_all_options_together_are_verified_by_two_interpreters(
    network: Network, digits: nb.ExportData, tmp_path: Path, precision, preprocessing, batch: int | None
):
    options = ExportOptions(15, True, preprocessing, batch, precision)
    stages: list[str] = []
    done = export_verified(
        *network, tmp_path / "net", options=options, data=digits, most=50, tell=stages.append, metadata={"seed": 2}
    )
    found = done.certificate
    assert stages == ["Writing the file …", "Comparing it with the network …"]
    assert [each.backend for each in found.findings] == ["onnxruntime", "onnx.reference"]
    assert [each.samples for each in found.findings] == [50, 50]
    assert found.passed
    assert (found.options, found.samples, found.dataset) == (options, 50, "Digits")
    assert found.digest == digits.stored.digest
    assert found.matches(done.path.read_bytes())
    assert certificate_file.load(done.path) == found
    assert done.certificate_path == tmp_path / "net.onnx.certificate.json"
    assert (found.baseline is None) == (precision == "float32")
    assert OnnxFile.read(done.path).class_names == digits.classes
    if found.baseline:
        assert found.baseline.size > found.size
        assert found.baseline.after


def test_the_whole_test_part_is_run_unless_less_is_asked_for(network: Network, digits: nb.ExportData, tmp_path: Path):
    done = export_verified(*network, tmp_path / "net", data=digits)
    assert done.certificate.samples == len(digits.stored.test) == 360
    assert done.certificate.correct is not None
    assert done.certificate.findings[0].correct == done.certificate.correct


def test_large_samples_are_cut_to_what_fits(
    network: Network, digits: nb.ExportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(verified, "MOST_NUMBERS", 144 * 10)
    assert export_verified(*network, tmp_path / "net", data=digits).certificate.samples == 10
    monkeypatch.setattr(verified, "SECOND_MACS", 1)
    found = export_verified(*network, tmp_path / "net", data=digits).certificate
    assert [each.samples for each in found.findings] == [10, 1]


def test_without_data_random_samples_of_the_right_kind_do(network: Network, tmp_path: Path):
    how = nb.ExportData(load("digits"), load("digits")).preprocessing
    for options in (ExportOptions(), ExportOptions(preprocessing="uint8"), ExportOptions(preprocessing="float32")):
        found = export_verified(*network, tmp_path / "net", options=options, preprocessing=how).certificate
        assert found.passed
        assert (found.samples, found.dataset, found.digest, found.correct) == (64, None, None, None)


def test_without_onnxruntime_the_evaluator_runs_all(
    network: Network, digits: nb.ExportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    options = ExportOptions(precision="int8")
    found = export_verified(*network, tmp_path / "net", data=digits, options=options).certificate
    assert [(each.backend, each.samples) for each in found.findings] == [("onnx.reference", 360)]
    assert found.baseline is not None
    assert found.baseline.after is None
    assert "Size: " in "".join(found.sentences())
    assert "onnxruntime" not in "".join(found.sentences())


# ---- what fails ------------------------------------------------------------------------------------------------------


def corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that change on their way into the file."""
    right = verified.serialized

    def corrupted(order: Order) -> bytes:
        return right(replace(order, weights={key: 1.01 * array for key, array in order.weights.items()}))

    monkeypatch.setattr(verified, "serialized", corrupted)


def test_a_wrong_file_is_not_written_and_an_older_one_stays_with_its_certificate(
    network: Network, digits: nb.ExportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = export_verified(*network, tmp_path / "net", data=digits)
    content = before.path.read_bytes()
    corrupt(monkeypatch)
    with pytest.raises(VerificationFailed, match=r"so it was not written\. onnxruntime .* 1e-05 allowed") as failed:
        export_verified(*network, tmp_path / "net", data=digits)
    assert isinstance(failed.value, ExportError)
    assert not failed.value.certificate.passed
    assert before.path.read_bytes() == content
    assert certificate_file.load(before.path) == before.certificate
    assert len(list(tmp_path.iterdir())) == 2


def test_one_interpreter_that_disagrees_stops_it(
    network: Network, digits: nb.ExportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    right = OnnxFile.backend

    def wrong(self: OnnxFile, *, reference: bool = False, output: str | None = None) -> Backend:
        found = right(self, reference=reference, output=output)
        return replace(found, run=lambda x: found.run(x) * np.float32(1.001)) if reference else found

    monkeypatch.setattr(OnnxFile, "backend", wrong)
    with pytest.raises(VerificationFailed, match=r"written\. onnx\.reference"):
        export_verified(*network, tmp_path / "net", data=digits, most=20)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_changes_bytes_is_noticed(
    network: Network, digits: nb.ExportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(verified, "write_atomic", lambda path, data: path.write_bytes(data[:-1] + b"\0"))
    with pytest.raises(FileError, match="not kept as it was written"):
        export_verified(*network, tmp_path / "net", data=digits, most=20)
    assert not certificate_file.beside(tmp_path / "net.onnx").exists()


def test_an_export_without_verification_takes_the_certificate_of_the_old_file_away(network: Network, tmp_path: Path):
    done = export_verified(*network, tmp_path / "net")
    assert done.certificate_path.exists()
    nb.export_onnx(*network, tmp_path / "net")
    assert not done.certificate_path.exists()


def test_a_place_that_cannot_be_written_leaves_nothing(network: Network, tmp_path: Path):
    with pytest.raises(FileError, match="cannot be written"):
        export_verified(*network, tmp_path / "none" / "net")
    assert not list(tmp_path.iterdir())


def test_a_network_that_ends_in_a_softmax_needs_no_other(tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(features=4), nb.Dense(units=3), nb.Softmax())
    weights = nb.compile(graph).init(0)
    assert export_verified(graph, weights, tmp_path / "net", options=ExportOptions(softmax=True)).certificate.passed


def test_scores_that_tie_are_no_disagreement(tmp_path: Path):
    """Two classes with the same weights: which of them is named is a matter of the last bit."""
    graph = nb.Graph.chain(nb.Input(features=40), nb.Dense(units=30), nb.Tanh(), nb.Dense(units=4))
    weights = nb.compile(graph).init(0)
    weights["dense_2.weight"][1:] = weights["dense_2.weight"][0]
    assert export_verified(graph, weights, tmp_path / "net").certificate.passed


# ---- networks that magnify roundings ---------------------------------------------------------------------------------


def magnifying() -> Network:
    """Two large numbers that all but cancel out: of their difference single precision keeps three digits."""
    graph = nb.Graph.chain(nb.Input(features=50), nb.Dense(units=64), nb.Dense(units=4))
    weights = nb.compile(graph).init(1)
    half = weights["dense_1.weight"][:32] * np.float32(30)
    weights["dense_1.weight"] = np.concatenate([half, half + np.float32(0.01)])
    opposite = weights["dense_2.weight"][:, :32]
    weights["dense_2.weight"] = np.concatenate([opposite, -opposite], axis=1)
    return graph, weights


def test_a_network_that_magnifies_roundings_is_measured_by_its_own(tmp_path: Path):
    found = export_verified(*magnifying(), tmp_path / "net").certificate
    for finding in found.findings:
        assert finding.allowed is not None
        assert 1e-5 < finding.allowed <= 1e-3
        assert "since single precision is no nearer to double here" in finding.sentence()
    assert certificate_file.load(tmp_path / "net.onnx") == found


def test_even_there_a_wrong_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Negative control."""
    corrupt(monkeypatch)
    with pytest.raises(VerificationFailed):
        export_verified(*magnifying(), tmp_path / "net")
