"""Command lines carried out in this process, with what they print, and one small run that many tests look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from netbuilder.cli import main


class Outcome(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def netbuilder(capsys: pytest.CaptureFixture[str]) -> Command:
    """`netbuilder("summary", path)` carries out a command line."""

    def carry_out(*words: Any) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Outcome(code, out, err)

    return carry_out


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of two epochs on the digits, beside its design digits.netb."""
    folder = tmp_path_factory.mktemp("trained")
    design = folder / "digits.netb"
    run = folder / "run"
    assert main(["new", "digits-cnn", "-o", str(design)]) == 0
    assert main(["train", str(design), "--data", "digits", "--epochs", "2", "--run", str(run)]) == 0
    return run
