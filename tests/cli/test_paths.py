"""Paths on a command line: an empty word or a dot, where a name is needed, is wrong usage and touches nothing."""

import re
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "words",
    [
        ["summary", ""],
        ["diff", "", "net.netb"],
        ["export", "net.netb", "-o", ""],
        ["train", "net.netb", "--data", "digits", "--run", ""],
        ["new", "lenet-5", "-o", ""],
        ["new", "lenet-5", "-o", "."],
        ["import", "net.onnx", "-o", ".."],
        ["run", "net.netb", "--weights", "w", "--input", "x", "--output", "."],
    ],
)
def test_an_empty_word_is_no_folder_and_a_dot_no_file(
    netbuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
):
    monkeypatch.chdir(tmp_path)
    code, out, err = netbuilder(*words)
    assert (code, out) == (2, "")
    assert re.search(r"must (be a file or a folder|name a file), not '\.*'", err)
    assert not list(tmp_path.iterdir())
