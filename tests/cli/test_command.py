"""Exit codes and messages: 0 done, 1 refused with a sentence, 2 wrong usage; and never a traceback."""

import contextlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import netbuilder as nb
from netbuilder.cli import command, main, terminal
from netbuilder.cli.arguments import VERBS
from netbuilder.examples import example
from netbuilder.version import __version__

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(nb.__file__).parents[1])}


def process(*words: object, **settings: str) -> "subprocess.CompletedProcess[bytes]":
    """The command in a process of its own."""
    line = [sys.executable, "-m", "netbuilder", *map(str, words)]
    return subprocess.run(line, capture_output=True, env={**ENVIRONMENT, **settings}, timeout=60)


# ---- help and usage --------------------------------------------------------------------------------------------------


def test_version_and_help_need_nothing(netbuilder):
    assert netbuilder("--version") == (0, f"netbuilder {__version__}\n", "")
    help = netbuilder("--help").out
    assert "examples:" in help
    assert all(verb in help for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_and_has_a_function_behind_it(netbuilder, verb: str):
    from importlib import import_module

    assert netbuilder(verb, "--help").code == 0
    assert callable(getattr(import_module(f"netbuilder.cli.{VERBS[verb].module}"), VERBS[verb].function or verb))


@pytest.mark.parametrize(
    "words",
    [
        ["summary"],
        ["summary", "net.netb", "--order", "whc"],
        ["new", "lenet-5"],
        ["train"],
        ["train", "net.netb"],
        ["train", "net.netb", "--data", "digits", "--epochs", "0"],
        ["train", "net.netb", "--data", "digits", "--lr", "-1"],
        ["train", "net.netb", "--data", "digits", "--lr", "nan"],
        ["train", "net.netb", "--data", "digits", "--batch-size", "many"],
        ["train", "net.netb", "--data", "digits", "--optimizer", "newton"],
        ["predict", "net.onnx"],
        ["export", "net.netb"],
        ["--frobnicate"],
        ["sumary"],
    ],
)
def test_wrong_usage_exits_with_two_and_says_so_on_stderr(netbuilder, words: list[str]):
    code, out, err = netbuilder(*words)
    assert (code, out) == (2, "")
    assert err


def test_a_mistyped_verb_is_answered_with_the_nearest(netbuilder):
    assert "Did you mean “summary”?" in netbuilder("sumary").err


def test_a_file_that_is_not_there_is_refused_before_a_window_opens(netbuilder):
    outcome = netbuilder("nothing/here.netb")
    assert (outcome.code, outcome.err) == (1, f"There is no file “{Path('nothing/here.netb')}”.\n")


def test_without_a_verb_the_window_opens_on_the_file(netbuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[Path | None] = []

    def run(path: Path | None) -> int:
        opened.append(path)
        return 7

    monkeypatch.setitem(sys.modules, "netbuilder.gui.app", SimpleNamespace(run=run))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    path = nb.save(nb.Graph(), tmp_path / "net.netb")
    assert netbuilder().code == 7
    assert netbuilder(path).code == 7
    assert opened == [None, path]
    assert netbuilder(path, "more").code == 2


def test_a_window_that_cannot_be_imported_is_a_sentence(netbuilder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "netbuilder.gui.app", None)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    code, _, err = netbuilder()
    assert code == 1
    assert "The window cannot start" in err


@pytest.mark.skipif(sys.platform != "linux", reason="only there a screen can be missing")
def test_without_a_screen_the_window_is_refused_with_what_works(netbuilder, monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = netbuilder()
    assert code == 1
    assert "netbuilder demo" in err


# ---- refusals --------------------------------------------------------------------------------------------------------


FOREIGN = {
    "empty": b"",
    "binary": bytes(range(256)) * 4,
    "json list": b"[1, 2]",
    "cut short": b'{"format": 1, "nodes": [',
    "nested": b"[" * 100_000,
    "newer": b'{"format": 99, "nodes": []}',
    "unknown layer": b'{"format": 1, "nodes": [{"id": 1, "name": "a", "type": "os.system", "settings": {}}]}',
    "newline in a name": b'{"format": 1, "nodes": [{"id": 1, "name": "a\\nb\\u001b[2J", "type": "ReLU"}]}',
    "huge number": b'{"format": 1, "nodes": [{"id": 1, "name": "a", "type": "Dense", "settings": {"units": 1'
    + b"0" * 5000
    + b"}}]}",
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize(
    "verb", [["summary"], ["export", "-o", "out.onnx"], ["train", "--data", "digits"]], ids=lambda v: v[0]
)
def test_a_damaged_or_foreign_design_is_refused_in_a_sentence(netbuilder, tmp_path: Path, kind: str, verb: list[str]):
    path = tmp_path / "bad.netb"
    path.write_bytes(FOREIGN[kind])
    code, out, err = netbuilder(verb[0], path, *verb[1:])
    assert (code, out) == (1, "")
    assert "bad.netb" in err
    assert err.rstrip().endswith(".")
    assert "\x1b" not in err
    assert "unexpected fault" not in err


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_damaged_or_foreign_model_is_refused_in_a_sentence(netbuilder, tmp_path: Path, kind: str):
    path = tmp_path / "bad.onnx"
    path.write_bytes(FOREIGN[kind])
    for words in (("predict", path, tmp_path / "image.png"), ("import", path, "-o", tmp_path / "n"), ("summary", path)):
        code, _, err = netbuilder(*words)
        assert code == 1
        assert "bad.onnx" in err
        assert "unexpected fault" not in err


def test_a_fault_of_ours_goes_to_a_log_file_and_one_sentence_names_it(netbuilder, monkeypatch: pytest.MonkeyPatch):
    def fails(words: list[str]) -> int:
        raise ZeroDivisionError("a secret of the stack")

    monkeypatch.setattr(command, "_carried_out", fails)
    code, out, err = netbuilder("summary", "x.netb")
    assert (code, out) == (1, "")
    assert "secret" not in err
    log = Path(err.split("“")[1].split("”")[0])
    assert "a secret of the stack" in log.read_text()
    log.unlink()


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (MemoryError(), "There is not enough memory for this."),
        (PermissionError(13, "Permission denied", "x.netb"), "“x.netb”: Permission denied."),
        (nb.GraphError("There is already a layer “a”."), "There is already a layer “a”."),
        (KeyError("x"), None),
        (ValueError("x"), None),
    ],
)
def test_expected_failures_are_sentences_and_others_are_not(problem: Exception, sentence: str | None):
    assert command._sentence(problem) == sentence


# ---- terminals and pipes ---------------------------------------------------------------------------------------------


def test_an_ascii_terminal_gets_lookalikes_and_escapes_but_no_error(tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.ReLU(), names=["Größe 卷", "relu"])
    path = nb.save(graph, tmp_path / "net.netb")
    done = process("summary", path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"8x8x1" in done.stdout
    assert rb"Gr\xf6\xdfe \u5377" in done.stdout
    done = process("summary", path, "--json", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b'"name": "Gr\\u00f6\\u00dfe \\u5377"' in done.stdout, "escapes of JSON, not of Python"


def test_what_could_steer_a_terminal_is_written_out():
    assert terminal.plain("a\x1b[2Jb\u202ec\nd") == "a\\x1b[2Jb\\u202ec\nd"


def test_a_pipe_that_closes_early_is_quiet(tmp_path: Path):
    path = nb.save(example("resnet-20"), tmp_path / "long.netb")
    line = [sys.executable, "-m", "netbuilder", "summary", str(path), "--json"]
    assert len(subprocess.run(line, capture_output=True, env=ENVIRONMENT, timeout=60).stdout) > 70_000, (
        "more than a pipe holds"
    )
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as child:
        assert child.stdout
        assert child.stderr
        assert child.stdout.read(5) == b'{\n  "'
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 0


# ---- lightness -------------------------------------------------------------------------------------------------------


HEAVY = (
    "onnx",
    "onnxruntime",
    "PySide6",
    "PIL",
    "tqdm",
    "safetensors",
    "netbuilder.engine",
    "netbuilder.data",
    "netbuilder.interop",
)


def loaded(code: str) -> set[str]:
    ask = f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, env=ENVIRONMENT, timeout=60, check=True)
    return set(done.stderr.decode().split())


def test_a_summary_loads_neither_engine_nor_onnx_nor_qt(tmp_path: Path):
    path = nb.save(nb.Graph.chain(nb.Input(), nb.ReLU()), tmp_path / "net.netb")
    found = loaded(f"from netbuilder.cli import main\nassert main(['summary', {str(path)!r}]) == 0")
    assert "netbuilder.analysis" in found
    assert not found & set(HEAVY)


def test_importing_netbuilder_loads_next_to_nothing():
    found = loaded("import netbuilder")
    assert "netbuilder.version" in found
    assert not found & {*HEAVY, "numpy", "netbuilder.graph"}


def test_a_table_wraps_its_last_column_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch):
    columns = [terminal.Column("A"), terminal.Column("B")]
    rows = [["x", "several words " * 10]]
    assert len(terminal.table(columns, rows).splitlines()) == 3

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setenv("COLUMNS", "40")
    lines = terminal.table(columns, rows).splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= 40


def test_sizes_are_told_in_a_unit_that_suits_them():
    assert [terminal.size(n) for n in (1, 999, 18_816, 553_430_176)] == ["1 byte", "999 bytes", "18.8 KB", "553.4 MB"]


def test_main_returns_a_code_and_raises_nothing():
    start = time.monotonic()
    assert main(["--no-such-option"]) == 2
    assert time.monotonic() - start < 30


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("words", ["templates", "layers", "layers Dense", "datasets", "--help"])
def test_a_full_disk_behind_stdout_is_a_sentence(words: str):
    with Path("/dev/full").open("wb") as full:
        line = [sys.executable, "-m", "netbuilder", *words.split()]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, timeout=60)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)


@pytest.mark.parametrize("buffer", [1, 1 << 20], ids=["at once", "at the end"])
def test_results_that_cannot_be_written_are_not_followed_by_remarks_on_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], buffer: int
):
    """However much of them the stream keeps to itself first."""

    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise OSError(28, "No space left on device")

    stream = io.TextIOWrapper(io.BufferedWriter(Full(), buffer), "utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["templates"]) == 1
    assert capsys.readouterr().err == "No space left on device.\n"
    with contextlib.suppress(OSError):
        stream.close()


def test_a_program_without_streams_still_does_its_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    design = tmp_path / "net.netb"
    assert main(["new", "digits-cnn", "-o", str(design)]) == 0
    assert main(["summary", str(design)]) == 0
    assert main(["train", str(design), "--data", "digits", "--epochs", "1", "--run", str(tmp_path / "run")]) == 0
