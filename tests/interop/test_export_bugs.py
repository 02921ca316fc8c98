"""Every mistake an exporter could make is noticed by running the file elsewhere; right files are not."""

from pathlib import Path

import pytest
from onnx import ModelProto

from tests.interop.export_bugs import EXPORT_BUGS, ExportBug
from tests.interop.runtimes import noticing, ran

MODELS: dict[int, ModelProto] = {}


@pytest.mark.parametrize("bug", EXPORT_BUGS, ids=lambda bug: bug.title)
def test_a_seeded_bug_of_an_exporter_is_noticed(tmp_path: Path, bug: ExportBug):
    assert any(noticing(bug, [seed], tmp_path, MODELS)[0] for seed in range(80))


@pytest.mark.parametrize("seed", range(100, 112))
def test_designs_as_people_draw_them_compute_the_same_in_onnxruntime(tmp_path: Path, seed: int):
    found = ran(seed, tmp_path)
    assert found.difference <= 1e-5
    assert found.agreeing
