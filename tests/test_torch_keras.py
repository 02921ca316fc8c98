"""Exported Keras code computes what the engine does; skipped without Keras and PyTorch, on which it runs here."""

import builtins
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from netbuilder.engine import compile
from netbuilder.graph import Graph
from netbuilder.interop.code import CodeError, source_code
from netbuilder.interop.code.modules import renamed
from netbuilder.layers import PALETTE, ConvTranspose2D, Input, Layer, VectorShape
from tests.architectures import SMALL
from tests.designs import valid_design
from tests.layers.rows import cases

os.environ["KERAS_BACKEND"] = "torch"
pytest.importorskip("torch").set_num_threads(1)
keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")

FLOAT32 = 3e-5


def apart(graph: Graph, seed: int, folder: Path, *, spoil: float = 1.0) -> float:
    """How far the model's outputs lie from the engine's, relative to the largest; `spoil` falsifies the weights."""
    program, draw = compile(graph), np.random.default_rng(seed)
    start = program.init(seed).items()
    weights = {key: w if w.ndim > 1 else w + draw.uniform(0, 0.3, w.shape).astype(np.float32) for key, w in start}
    code = source_code(graph, "keras")
    path = folder / "net.safetensors"
    save_file({key: np.ascontiguousarray(spoil * w) for key, w in renamed(code.plan, weights).items()}, path)
    names: dict[str, Any] = {}
    exec(builtins.compile(code.source, "model.py", "exec"), names)  # noqa: S102 - what is under test
    model = names["build"]()
    if weights:
        names["load_weights"](model, str(path))
    x = draw.standard_normal((3, *program.input_shape.array), np.float32)
    found = model(np.ascontiguousarray(last(x)), training=False)
    theirs = [first(keras.ops.convert_to_numpy(each)) for each in (found if isinstance(found, list) else [found])]
    ours = list(program.predict_outputs(weights, x).values())
    assert [each.shape for each in ours] == [each.shape for each in theirs]
    return max(float(np.abs(a - b).max() / max(np.abs(a).max(), 1e-3)) for a, b in zip(ours, theirs, strict=True))


def can_be_written(graph: Graph) -> bool:
    try:
        source_code(graph, "keras")
    except CodeError as refusal:
        assert "transposed convolutions" in str(refusal)  # noqa: PT017
        return False
    return True


def last(x: np.ndarray) -> np.ndarray:
    """With channels last."""
    return x.transpose(0, 2, 3, 1) if x.ndim == 4 else x


def first(x: np.ndarray) -> np.ndarray:
    """With channels first."""
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x


@pytest.mark.parametrize("begin", range(0, 120, 20))
def test_models_compute_what_random_designs_do(begin: int, tmp_path: Path):
    written = [seed for seed in range(begin, begin + 20) if can_be_written(valid_design(seed))]
    assert len(written) >= 15
    for seed in written:
        assert apart(valid_design(seed), seed, tmp_path) <= FLOAT32, seed


@pytest.mark.parametrize("name", SMALL)
def test_models_compute_what_known_architectures_do(name: str, tmp_path: Path):
    assert apart(SMALL[name](), 1, tmp_path) <= FLOAT32


ALONE = [cls for cls in PALETTE if cls is not Input and cls.most_inputs == 1]


@pytest.mark.parametrize("cls", ALONE)
def test_a_layer_alone_is_the_engines_whatever_its_settings(cls: type[Layer], tmp_path: Path):
    for index, case in enumerate(cases(cls, 40)):
        (shape,) = case.shapes
        entry = Input(features=shape.features) if isinstance(shape, VectorShape) else Input(**shape.to_dict())
        layer = case.layer
        if isinstance(layer, ConvTranspose2D) and (layer.groups > 1 or max(layer.stride) > 1 < max(layer.dilation)):
            with pytest.raises(CodeError):
                source_code(Graph.chain(entry, layer), "keras")
            continue
        assert apart(Graph.chain(entry, layer), index, tmp_path) <= FLOAT32, case


def test_weights_a_thousandth_off_are_noticed(tmp_path: Path):
    assert all(apart(valid_design(seed), seed, tmp_path, spoil=1.001) > FLOAT32 for seed in (0, 2, 3))
