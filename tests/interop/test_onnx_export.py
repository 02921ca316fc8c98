"""What is exported computes what the design computes, and says everything about itself."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

import netbuilder as nb
from netbuilder.data import Preprocessing
from netbuilder.files import FileError
from netbuilder.interop import onnx_export
from netbuilder.interop.onnx_export import ExportError, export_onnx, to_model
from netbuilder.interop.verification import verify
from netbuilder.layers import PALETTE, Layer


def lenet() -> nb.Graph:
    return nb.Graph.chain(
        nb.Input(height=12, width=10, channels=1),
        nb.Conv2D(filters=4, kernel_size=5, padding="same"),
        nb.GELU(),
        nb.MaxPool2D(2),
        nb.Flatten(),
        nb.Dense(units=3),
    )


SEEDS = 24


def weights_of(graph: nb.Graph, seed: int = 0) -> dict[str, np.ndarray]:
    """Random everywhere, BatchNorm's statistics and all biases included, so that nothing cancels."""
    random = np.random.default_rng(seed)
    program = nb.compile(graph)
    return {
        key: (np.abs(array) + random.uniform(0.1, 1, array.shape)).astype(np.float32)
        if key.endswith("running_var")
        else (array + 0.3 * random.standard_normal(array.shape)).astype(np.float32)
        for key, array in program.init(seed).items()
    }


CURVES = (
    *(nb.ReLU(), nb.LeakyReLU(), nb.PReLU(), nb.PReLU(shared=True), nb.ReLU6(), nb.ELU(), nb.GELU(), nb.SiLU()),
    *(nb.HardSwish(), nb.Mish(), nb.Softplus(), nb.Tanh(), nb.HardTanh(-0.5, 2), nb.Sigmoid(), nb.HardSigmoid()),
)


def random_design(seed: int) -> nb.Graph:
    """A random network of every kind of layer, with a branch or two that meet again."""
    random = np.random.default_rng(seed)
    channels, size = int(random.integers(1, 5)), [int(n) for n in random.integers(9, 15, 2)]
    graph, node = nb.Graph().add(nb.Input(height=size[0], width=size[1], channels=channels))
    last = node.id

    def grow(layer: Layer, *sources: int) -> int:
        nonlocal graph
        graph, new = graph.add(layer)
        for port, source in enumerate(sources):
            graph = graph.connect(source, new.id, port)
        return new.id

    def choice(*options: Layer) -> Layer:
        return options[int(random.integers(len(options)))]

    for _ in range(int(random.integers(1, 4))):
        filters = int(random.integers(1, 4)) * 2
        stride, padding = int(random.integers(1, 3)), ["same", "valid", (1, 0, 2, 1)][int(random.integers(3))]
        last = grow(
            choice(
                nb.Conv2D(filters=filters, kernel_size=(3, 2), stride=stride, padding=padding),
                nb.SeparableConv2D(filters=filters, kernel_size=3, padding="same", stride=stride),
                nb.DepthwiseConv2D(kernel_size=3, padding="same"),
            ),
            last,
        )
        last = grow(
            choice(
                nb.ConvTranspose2D(filters=2, kernel_size=(3, 2), stride=2, padding="same"),
                nb.ConvTranspose2D(
                    filters=4, kernel_size=3, stride=2, padding=(1, 0, 2, 1), output_padding=1, groups=2
                ),
                nb.Upsample2D(factor=(2, 1), method="bilinear"),
                nb.Upsample2D(factor=2),
                nb.ZeroPad2D(padding=(1, 0, 2, 1)),
                nb.ChannelShuffle(groups=2),
                nb.SelectChannels(start=0, count=2),
                nb.SelectChannels(start=1),
                nb.Reshape(height=-1, width=1, channels=2),
            )
            if random.random() < 0.7
            else nb.Dropout(),
            grow(nb.Conv2D(filters=4, kernel_size=1), last),
        )
        left = grow(choice(*CURVES), last)
        right = grow(
            choice(
                nb.BatchNorm(), nb.LayerNorm(), nb.LocalResponseNorm(), nb.Rescaling(-1, 1), nb.Dropout(), nb.Softmax()
            ),
            last,
        )
        last = grow(
            choice(nb.Add(), nb.Multiply(), nb.Concat()), left, right, *([last] if random.random() < 0.5 else [])
        )
    last = grow(choice(nb.MaxPool2D(2, padding="same"), nb.AveragePool2D(2, padding="same"), nb.Dropout()), last)
    last = grow(choice(nb.Flatten(), nb.GlobalAveragePool2D(), nb.GlobalMaxPool2D()), last)
    last = grow(nb.Dense(units=5), last)
    if random.random() < 0.3:
        grow(nb.LogSoftmax(), last)
    if random.random() < 0.3:
        grow(nb.Output(weight=0.3), grow(nb.Dense(units=5), grow(nb.GlobalAveragePool2D(), left)))
    return graph


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("reference", [False, True], ids=["onnxruntime", "reference"])
def test_random_designs_with_branches_compute_the_same_elsewhere(tmp_path: Path, seed: int, reference: bool):
    graph = random_design(seed)
    program, weights = nb.compile(graph), weights_of(graph, seed)
    samples = np.random.default_rng(seed).standard_normal((7, *program.input_shape.array)).astype(np.float32)
    path = export_onnx(graph, weights, tmp_path / "net.onnx")
    found = verify(path, program, weights, samples, reference=reference, batch_size=3)
    assert found.backend == ("onnx.reference" if reference else "onnxruntime")
    assert found.passed, found.sentence()


def test_the_random_designs_are_made_of_every_layer_there_is():
    seen = {type(node.layer) for seed in range(SEEDS) for node in random_design(seed).nodes.values()}
    assert seen == set(PALETTE)


def test_a_model_loads_in_current_runtimes_and_its_batch_is_free():
    model = to_model(lenet(), weights_of(lenet()))
    assert (model.opset_import[0].version, model.ir_version, model.producer_name) == (17, 8, "netbuilder")
    assert model.producer_version == nb.__version__
    for value in (*model.graph.input, *model.graph.output):
        assert value.type.tensor_type.shape.dim[0].dim_param == "N"


def test_every_tensor_has_its_shape_and_every_layer_its_name():
    graph = lenet()
    model = to_model(graph, weights_of(graph))
    known = {value.name for value in (*model.graph.value_info, *model.graph.output)}
    assert {output for node in model.graph.node for output in node.output} <= known
    shapes = {
        value.name: tuple(axis.dim_value for axis in value.type.tensor_type.shape.dim)[1:]
        for value in (*model.graph.value_info, *model.graph.output, *model.graph.input)
    }
    report = nb.analyze(graph)
    for layer in report.layers.values():
        assert layer.shape is not None
        assert shapes[layer.node.name] == layer.shape.array
    assert {node.name for node in graph.nodes.values()} - {"input_1"} <= {node.name for node in model.graph.node}


def test_initialisers_are_the_weights_under_their_own_names():
    graph, weights = lenet(), weights_of(lenet())
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in to_model(graph, weights).graph.initializer}
    assert weights.keys() <= stored.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(stored[name], array)


def test_metadata_tells_classes_preprocessing_seed_and_accuracy():
    model = to_model(
        lenet(),
        weights_of(lenet()),
        class_names=["T-shirt/top", "<b>Hose</b>", "靴"],
        preprocessing=Preprocessing(1 / 255, (0.5,), (0.25,)),
        metadata={"seed": 3, "accuracy": 0.91, "dataset": "Clothes", "nothing": None},
    )
    found = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(found["class_names"]) == ["T-shirt/top", "<b>Hose</b>", "靴"]
    assert json.loads(found["preprocessing"])["std"] == [0.25]
    assert (found["seed"], found["accuracy"], found["dataset"]) == ("3", "0.91", "Clothes")
    assert "nothing" not in found


def test_probabilities_instead_of_scores_when_asked(tmp_path: Path):
    graph, weights = lenet(), weights_of(lenet())
    path = export_onnx(graph, weights, tmp_path / "net", softmax=True)
    assert path == tmp_path / "net.onnx"
    program = nb.compile(graph)
    samples = np.random.default_rng(0).standard_normal((5, 1, 12, 10)).astype(np.float32)
    assert verify(path, program, weights, samples, softmax=True).passed
    assert not verify(path, program, weights, samples).passed, "scores are not probabilities"


def test_a_design_that_ends_in_a_softmax_gets_no_second_one():
    graph = nb.Graph.chain(nb.Input(features=4), nb.Dense(units=3), nb.Softmax())
    model = to_model(graph, weights_of(graph), softmax=True)
    assert [node.op_type for node in model.graph.node].count("Softmax") == 1


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", 'a "quoted" \\ name', "Schicht 1 · 卷积 🧱", "x" * 80]
)
def test_layer_names_are_only_text(tmp_path: Path, name: str):
    graph = lenet().rename("conv2d_1", name)
    weights = weights_of(graph)
    path = export_onnx(graph, weights, tmp_path / "net.onnx")
    samples = np.random.default_rng(0).standard_normal((2, 1, 12, 10)).astype(np.float32)
    assert verify(path, nb.compile(graph), weights, samples).passed
    assert f"{name}.weight" in {tensor.name for tensor in onnx.load(path).graph.initializer}


def test_a_layer_may_be_called_like_another_ones_weight(tmp_path: Path):
    graph = lenet().rename("gelu_1", "conv2d_1.weight").rename("flatten_1", "conv2d_1.weight_1")
    weights = weights_of(graph)
    path = export_onnx(graph, weights, tmp_path / "net.onnx")
    samples = np.random.default_rng(0).standard_normal((2, 1, 12, 10)).astype(np.float32)
    assert verify(path, nb.compile(graph), weights, samples).passed


# ---- refusals --------------------------------------------------------------------------------------------------------


def test_an_invalid_design_is_refused_with_its_problems(tmp_path: Path):
    graph = nb.Graph.chain(nb.Input(height=8, width=8, channels=1), nb.Dense(units=2))
    with pytest.raises(ExportError, match="needs a flat list"):
        export_onnx(graph, {}, tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


def test_weights_that_do_not_fit_are_named():
    weights = weights_of(lenet())
    with pytest.raises(ExportError, match=r"lack “dense_1\.bias”"):
        to_model(lenet(), {key: array for key, array in weights.items() if key != "dense_1.bias"})
    with pytest.raises(ExportError, match=r"“dense_1\.bias” is 4, but Dense “dense_1” needs 3"):
        to_model(lenet(), {**weights, "dense_1.bias": np.zeros(4)})


def test_two_weights_of_one_name_are_refused():
    graph = nb.Graph.chain(
        nb.Input(height=8, width=8, channels=1),
        nb.SeparableConv2D(filters=2),
        nb.Conv2D(filters=2, bias=False),
        names=["input", "a", "a.depthwise"],
    )
    with pytest.raises(ExportError, match=r"both have weights named “a\.depthwise\.weight”"):
        to_model(graph, {"a.depthwise.weight": np.zeros(1)} | weights_of(graph.rename("a.depthwise", "b")))


def test_more_than_a_protobuf_holds_is_refused_without_allocating_it():
    graph = nb.Graph.chain(nb.Input(features=100_000), nb.Dense(units=10_000))
    with pytest.raises(ExportError, match="at most 2 GB"):
        to_model(graph, {})


def test_an_old_file_survives_a_failed_export(tmp_path: Path):
    path = tmp_path / "net.onnx"
    path.write_bytes(b"precious")
    with pytest.raises(ExportError):
        export_onnx(lenet(), {}, path)
    assert path.read_bytes() == b"precious"
    with pytest.raises(FileError, match="cannot be written"):
        export_onnx(lenet(), weights_of(lenet()), tmp_path / "no such folder" / "net.onnx")


def test_a_shape_onnx_does_not_confirm_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Negative control: were our shape wrong, the export would notice."""
    right = onnx_export._info

    def wrong(value: onnx_export.Value) -> onnx.ValueInfoProto:
        info = right(value)
        if value.name == "conv2d_1":
            info.type.tensor_type.shape.dim[2].dim_value += 1
        return info

    monkeypatch.setattr(onnx_export, "_info", wrong)
    with pytest.raises(ExportError, match="conv2d_1"):
        to_model(lenet(), weights_of(lenet()))
