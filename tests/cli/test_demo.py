"""The demo does the main job without a window and leaves a design, a verified model and a picture."""

from pathlib import Path

import onnx
from PIL import Image

import netbuilder as nb
from netbuilder.cli.demo import design


def test_the_demo_designs_trains_exports_and_draws(netbuilder, tmp_path: Path):
    code, out, err = netbuilder("demo", "-o", tmp_path / "demo", "--epochs", 2)
    assert code == 0
    assert "Weights" in out
    assert "epoch 2/2" in out
    assert "all 360 labels agree" in out
    assert "epoch" in err, "the progress bar"
    assert nb.load(tmp_path / "demo" / "digits.netb") == design()
    onnx.checker.check_model(str(tmp_path / "demo" / "digits.onnx"), full_check=True)
    with Image.open(tmp_path / "demo" / "curves.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1000, 420))


def test_the_demos_design_is_valid_and_small():
    report = nb.analyze(design())
    assert report.problems == ()
    assert report.totals.parameters < 50_000


def test_a_folder_that_cannot_be_made_is_refused(netbuilder, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    code, _, err = netbuilder("demo", "-o", tmp_path / "file")
    assert code == 1
    assert "file" in err
