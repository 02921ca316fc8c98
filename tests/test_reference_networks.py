"""Published networks come out exactly, layer by layer: shapes, parameters and multiply-accumulates."""

import json
from pathlib import Path
from typing import Any

import pytest

from netbuilder.analysis import Report, analyze
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.layers import (
    Add,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePool2D,
    ImageShape,
    Input,
    Layer,
    MaxPool2D,
    ReLU,
)

PUBLISHED: dict[str, Any] = json.loads((Path(__file__).parent / "reference" / "networks.json").read_text())


def chain(**layers: Layer) -> Graph:
    return Graph.chain(*layers.values(), names=list(layers))


def lenet5_modern() -> Graph:
    return chain(
        input=Input(height=32, width=32, channels=1),
        c1=Conv2D(6, 5),
        s2=MaxPool2D(2),
        c3=Conv2D(16, 5),
        s4=MaxPool2D(2),
        flatten=Flatten(),
        c5=Dense(120),
        f6=Dense(84),
        out=Dense(10),
    )


def caffe_lenet() -> Graph:
    return chain(
        input=Input(height=28, width=28, channels=1),
        conv1=Conv2D(20, 5),
        pool1=MaxPool2D(2),
        conv2=Conv2D(50, 5),
        pool2=MaxPool2D(2),
        flatten=Flatten(),
        ip1=Dense(500),
        relu=ReLU(),
        ip2=Dense(10),
    )


def resnet18() -> Graph:
    graph = chain(
        input=Input(height=224, width=224, channels=3),
        conv1=Conv2D(64, 7, stride=2, padding=3, bias=False),
        bn1=BatchNorm(),
        relu=ReLU(),
        maxpool=MaxPool2D(3, stride=2, padding=1),
    )
    last = "maxpool"

    def then(name: str, layer: Layer, before: str) -> str:
        nonlocal graph
        graph, node = graph.add(layer, name)
        graph = graph.connect(before, node.id)
        return name

    for stage, filters in enumerate((64, 128, 256, 512), start=1):
        for block in range(2):
            stride = 2 if stage > 1 and block == 0 else 1
            label, skip = f"l{stage}.{block}", last
            last = then(f"{label}.conv1", Conv2D(filters, 3, stride=stride, padding=1, bias=False), last)
            last = then(f"{label}.relu1", ReLU(), then(f"{label}.bn1", BatchNorm(), last))
            last = then(f"{label}.conv2", Conv2D(filters, 3, padding=1, bias=False), last)
            last = then(f"{label}.bn2", BatchNorm(), last)
            if stride == 2:
                skip = then(f"{label}.down", Conv2D(filters, 1, stride=2, bias=False), skip)
                skip = then(f"{label}.downbn", BatchNorm(), skip)
            last = then(f"{label}.add", Add(), last)
            graph = graph.connect(skip, last, 1)
            last = then(f"{label}.relu2", ReLU(), last)
    last = then("gap", GlobalAveragePool2D(), last)
    then("fc", Dense(1000), last)
    return graph


NETWORKS = {
    "lenet5_modern": lenet5_modern,
    "caffe_lenet": caffe_lenet,
    "alexnet_grouped": lambda: example("alexnet"),
    "vgg16": lambda: example("vgg-16"),
    "resnet18": resnet18,
}


def differences(report: Report, published: dict[str, Any]) -> list[str]:
    """Every place where a report and the published figures disagree."""
    found: list[str] = []
    for name, shape, parameters, macs in published["layers"]:
        layer = report[name]
        ours = list(layer.shape.array) if layer.shape else None
        if (ours, layer.parameters, layer.macs) != (shape, parameters, macs):
            found.append(f"{name}: {(ours, layer.parameters, layer.macs)} is not {(shape, parameters, macs)}")
    totals = report.totals
    if (totals.parameters, totals.macs) != (published["parameters"], published["macs"]):
        found.append(f"totals: {totals}")
    return found


def test_every_published_network_is_built() -> None:
    assert set(NETWORKS) == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures_come_out_exactly(name: str) -> None:
    report = analyze(NETWORKS[name]())
    assert report.valid
    assert differences(report, PUBLISHED[name]) == []


def test_a_wrong_padding_would_be_noticed() -> None:
    wrong = caffe_lenet().set("conv1", padding="same")
    assert differences(analyze(wrong), PUBLISHED["caffe_lenet"])


def test_a_missing_bias_would_be_noticed() -> None:
    wrong = lenet5_modern().set("c1", bias=False)
    assert differences(analyze(wrong), PUBLISHED["lenet5_modern"])


# ---- the exercises every course uses ---------------------------------------------------------------------------------


def test_the_25_by_64_exercise() -> None:
    report = analyze(example("exercise-25x64"))
    rows = [(report[name].shape, report[name].parameters) for name in ("conv1", "pool1", "conv2")]
    assert rows == [
        (ImageShape(100, 25, 64), 4_900),
        (ImageShape(100, 13, 32), 0),
        (ImageShape(150, 13, 32), 375_000),
    ]


def test_alexnets_first_layer_has_34_944_weights() -> None:
    report = analyze(example("alexnet"))
    conv1 = report["conv1"]
    assert conv1.shape == ImageShape(96, 55, 55)
    assert conv1.facts is not None
    assert conv1.facts.parameters.text == "96 · (3 · 11 · 11 + 1) = 34944"
    assert analyze(example("alexnet").set("conv1", stride=1))["conv1"].shape == ImageShape(96, 217, 217)


def test_a_5_by_5_map_under_3_by_3_leaves_3_by_3() -> None:
    graph = chain(input=Input(height=5, width=5, channels=1), conv=Conv2D(1, 3))
    assert analyze(graph)["conv"].shape == ImageShape(1, 3, 3)


@pytest.mark.parametrize("filters", [1, 2])
def test_a_5_by_5_filter_over_a_colour_image(filters: int) -> None:
    graph = chain(input=Input(height=32, width=32, channels=3), conv=Conv2D(filters, 5))
    report = analyze(graph)
    assert report["conv"].shape == ImageShape(filters, 28, 28)
    assert report["conv"].macs == filters * 28 * 28 * 75


def test_lenet_5_has_61_706_weights() -> None:
    totals = analyze(example("lenet-5")).totals
    assert (totals.parameters, totals.macs) == (61_706, 416_520)


def test_resnet_20_has_272_474_weights() -> None:
    assert analyze(example("resnet-20")).totals.parameters == 272_474


def test_receptive_fields_follow_the_whole_graph() -> None:
    lenet = analyze(example("lenet-5"))
    assert [lenet[name].receptive_field for name in ("conv1", "pool1", "conv2", "pool2")] == [
        (5, 5),
        (6, 6),
        (14, 14),
        (16, 16),
    ]
    assert lenet["flatten"].receptive_field == (16, 16)
    assert lenet["fc1"].receptive_field == (32, 32)  # the image with the padding of "same" around it
    assert analyze(example("vgg-16"))["pool5"].receptive_field == (212, 212)
