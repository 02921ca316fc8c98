"""The fastest kernel is found once, remembered for this machine, and what a person says goes before it."""

import json
import os
import subprocess
import sys

import pytest

from netbuilder.runs import blas_kernel
from netbuilder.runs.blas_kernel import AS_IS, AUTOMATIC, CHOICE, CORE_TYPE, environment, fastest, used_by


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(CHOICE, raising=False)
    monkeypatch.setenv(CORE_TYPE, "Prescott")
    blas_kernel._file().unlink(missing_ok=True)
    yield
    blas_kernel._file().unlink(missing_ok=True)


def inside(kernel: str | None = None) -> tuple[str | None, str | None]:
    """What a process started with the choice sees."""
    with environment(kernel):
        return os.environ.get(CHOICE), os.environ.get(CORE_TYPE)


def test_nothing_changes_where_nothing_is_known():
    assert inside() == (None, "Prescott")


@pytest.mark.parametrize(("name", "seen"), [("Haswell", "Haswell"), (AUTOMATIC, None), (AS_IS, "Prescott")])
def test_what_is_remembered_is_seen_by_processes_and_by_nobody_else(name: str, seen: str | None):
    blas_kernel.remember(name)
    assert inside() == (name, seen)
    assert os.environ[CORE_TYPE] == "Prescott"
    assert CHOICE not in os.environ


def test_a_person_goes_before_memory_and_before_a_run(monkeypatch: pytest.MonkeyPatch):
    blas_kernel.remember("Zen")
    monkeypatch.setenv(CHOICE, "Haswell")
    assert inside("SkylakeX") == ("Haswell", "Haswell")
    assert os.environ[CHOICE] == "Haswell"


def test_a_run_goes_on_with_its_own_kernel(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blas_kernel.platform, "machine", lambda: "x86_64")
    blas_kernel.remember("Zen")
    assert inside(used_by("openblas 0.3.31 SkylakeX")) == ("SkylakeX", "SkylakeX")
    assert used_by("mkl 2024.1") is None
    assert used_by("") is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"machine": "another", "kernel": "Zen"}', b'{"kernel": 3}', b"\xff"])
def test_a_cache_that_is_damaged_or_of_another_machine_is_no_choice(content: bytes):
    blas_kernel._file().parent.mkdir(parents=True, exist_ok=True)
    blas_kernel._file().write_bytes(content)
    assert inside() == (None, "Prescott")


def test_another_processor_library_or_environment_is_measured_anew(monkeypatch: pytest.MonkeyPatch):
    blas_kernel.remember("Zen")
    monkeypatch.setenv(CORE_TYPE, "Core2")
    assert inside() == (None, "Core2")


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        ({AS_IS: 1.0, AUTOMATIC: 0.5, "Zen": 0.6}, AUTOMATIC),
        ({AS_IS: 1.0, AUTOMATIC: 0.95, "Zen": 2.0}, AS_IS),
        ({AS_IS: None, AUTOMATIC: None, "Zen": 2.0}, "Zen"),
        ({AS_IS: 1.0, AUTOMATIC: None, "Zen": None}, AS_IS),
        ({AS_IS: None, AUTOMATIC: None}, AS_IS),
    ],
)
def test_the_clearly_fastest_kernel_that_runs_at_all_is_taken(seconds: dict[str, float | None], name: str):
    assert fastest(seconds) == name


def test_measuring_happens_once(monkeypatch: pytest.MonkeyPatch):
    tried: list[str] = []

    def seconds(name: str) -> float:
        tried.append(name)
        return 1.0 if name != AUTOMATIC else 0.1

    monkeypatch.setattr(blas_kernel, "_seconds", seconds)
    blas_kernel.measure_once()
    assert tried[:2] == [AS_IS, AUTOMATIC]
    assert json.loads(blas_kernel._file().read_text())["kernel"] == AUTOMATIC
    blas_kernel.measure_once()
    assert len(tried) == len(set(tried))


def test_nothing_is_measured_where_a_person_has_chosen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(CHOICE, AS_IS)
    monkeypatch.setattr(blas_kernel, "_seconds", lambda name: pytest.fail("measured"))
    blas_kernel.measure_once()


def test_a_kernel_this_processor_does_not_run_takes_no_time_at_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blas_kernel, "_MULTIPLY", "import os; os.abort()")
    assert blas_kernel._seconds("SkylakeX") is None


def test_products_are_timed_in_a_process_of_their_own():
    taken = blas_kernel._seconds(AUTOMATIC)
    assert taken is not None
    assert 0 < taken < 5


def test_a_process_started_with_a_choice_loads_numpy_with_it():
    with environment("Haswell"):
        code = f"import os; print(os.environ['{CORE_TYPE}'])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Haswell"
