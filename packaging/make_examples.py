"""Write the designs that ship, resources/examples/*.netb, from their definitions here. Run it after changing one."""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from netbuilder import files  # noqa: E402 - the checkout is put on the path first
from netbuilder.arrangement import arrange  # noqa: E402
from netbuilder.graph import Graph, Point  # noqa: E402
from netbuilder.layers import (  # noqa: E402
    Add,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Input,
    Layer,
    LocalResponseNorm,
    MaxPool2D,
    ReLU,
)

CANVAS_WIDTH, CANVAS_HEIGHT = 808.0, 392.0  # what a small laptop leaves, less a margin
Named = tuple[str, Layer]


def chain(*layers: Named) -> Graph:
    """Layers one after another, with the names their papers give them."""
    return Graph.chain(*(layer for _, layer in layers), names=[name for name, _ in layers])


def lenet_5() -> Graph:
    """LeCun, Bottou, Bengio, Haffner 1998, with ReLU, a full C3 and parameter-free pooling; 28×28 padded by "same"."""
    return chain(
        ("input", Input(height=28, width=28, channels=1)),
        ("conv1", Conv2D(6, 5, padding="same")),
        ("relu1", ReLU()),
        ("pool1", MaxPool2D(2)),
        ("conv2", Conv2D(16, 5)),
        ("relu2", ReLU()),
        ("pool2", MaxPool2D(2)),
        ("flatten", Flatten()),
        ("fc1", Dense(120)),
        ("relu3", ReLU()),
        ("fc2", Dense(84)),
        ("relu4", ReLU()),
        ("fc3", Dense(10)),
    )


def fashion_cnn() -> Graph:
    """Convolutions only, after Springenberg et al. 2014: strides instead of pools, one 7×7 filter a class."""
    return chain(
        ("input", Input(height=28, width=28, channels=1)),
        ("conv1", Conv2D(32, 3, padding="same")),
        ("relu1", ReLU()),
        ("down1", Conv2D(32, 2, stride=2)),
        ("relu2", ReLU()),
        ("drop1", Dropout(0.2)),
        ("conv2", Conv2D(64, 3, padding="same")),
        ("relu3", ReLU()),
        ("down2", Conv2D(64, 2, stride=2)),
        ("relu4", ReLU()),
        ("drop2", Dropout(0.5)),
        ("scores", Conv2D(10, 7)),
        ("flatten", Flatten()),
    )


def digits_cnn() -> Graph:
    """For the 8×8 digits."""
    return chain(
        ("input", Input(height=8, width=8, channels=1)),
        ("conv1", Conv2D(16, 3, padding="same")),
        ("relu1", ReLU()),
        ("pool1", MaxPool2D(2)),
        ("conv2", Conv2D(32, 3, padding="same")),
        ("relu2", ReLU()),
        ("flatten", Flatten()),
        ("fc", Dense(10)),
    )


def mlp() -> Graph:
    """Dense layers only."""
    return chain(
        ("input", Input(height=28, width=28, channels=1)),
        ("flatten", Flatten()),
        ("fc1", Dense(256)),
        ("relu1", ReLU()),
        ("fc2", Dense(128)),
        ("relu2", ReLU()),
        ("fc3", Dense(10)),
    )


def beginners_chain() -> Graph:
    """Input → Conv → ReLU → Conv → ReLU → Pool → ReLU → Conv → ReLU → Pool → Fully connected."""
    return chain(
        ("input", Input(height=32, width=32, channels=3)),
        ("conv1", Conv2D(32, 5)),
        ("relu1", ReLU()),
        ("conv2", Conv2D(32, 5)),
        ("relu2", ReLU()),
        ("pool1", MaxPool2D(2)),
        ("relu3", ReLU()),
        ("conv3", Conv2D(64, 3)),
        ("relu4", ReLU()),
        ("pool2", MaxPool2D(2)),
        ("flatten", Flatten()),
        ("fc", Dense(10)),
    )


def exercise_25x64() -> Graph:
    """25×64×1 → 7×7, 100 → pool → 5×5, 150, everything "same", no biases: 4,900 and 375,000 weights."""
    return chain(
        ("input", Input(height=25, width=64, channels=1)),
        ("conv1", Conv2D(100, 7, padding="same", bias=False)),
        ("relu1", ReLU()),
        ("pool1", MaxPool2D(2, padding="same")),
        ("conv2", Conv2D(150, 5, padding="same", bias=False)),
        ("relu2", ReLU()),
        ("pool2", MaxPool2D(2, padding="same")),
        ("flatten", Flatten()),
        ("fc", Dense(10)),
    )


def alexnet() -> Graph:
    """Krizhevsky, Sutskever, Hinton 2012 with its two groups, as Caffe distributed it."""
    norm = LocalResponseNorm(size=5, alpha=1e-4, beta=0.75)
    return chain(
        ("input", Input(height=227, width=227, channels=3)),
        ("conv1", Conv2D(96, 11, stride=4)),
        ("relu1", ReLU()),
        ("norm1", norm),
        ("pool1", MaxPool2D(3, stride=2)),
        ("conv2", Conv2D(256, 5, padding=2, groups=2)),
        ("relu2", ReLU()),
        ("norm2", norm),
        ("pool2", MaxPool2D(3, stride=2)),
        ("conv3", Conv2D(384, 3, padding=1)),
        ("relu3", ReLU()),
        ("conv4", Conv2D(384, 3, padding=1, groups=2)),
        ("relu4", ReLU()),
        ("conv5", Conv2D(256, 3, padding=1, groups=2)),
        ("relu5", ReLU()),
        ("pool5", MaxPool2D(3, stride=2)),
        ("flatten", Flatten()),
        ("fc6", Dense(4096)),
        ("relu6", ReLU()),
        ("drop6", Dropout(0.5)),
        ("fc7", Dense(4096)),
        ("relu7", ReLU()),
        ("drop7", Dropout(0.5)),
        ("fc8", Dense(1000)),
    )


def vgg_16() -> Graph:
    """Simonyan and Zisserman 2014, configuration D."""

    def layers() -> Iterator[Named]:
        yield "input", Input(height=224, width=224, channels=3)
        for stage, (count, filters) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)), start=1):
            for index in range(1, count + 1):
                yield f"conv{stage}_{index}", Conv2D(filters, 3, padding=1)
                yield f"relu{stage}_{index}", ReLU()
            yield f"pool{stage}", MaxPool2D(2)
        yield "flatten", Flatten()
        for index, units in ((6, 4096), (7, 4096)):
            yield f"fc{index}", Dense(units)
            yield f"relu{index}", ReLU()
            yield f"drop{index}", Dropout(0.5)
        yield "fc8", Dense(1000)

    return chain(*layers())


def resnet_20() -> Graph:
    """He, Zhang, Ren, Sun 2015 for 32×32 images, with 1×1 projections where the size changes."""
    graph = chain(
        ("input", Input(height=32, width=32, channels=3)),
        ("conv", Conv2D(16, 3, padding=1, bias=False)),
        ("norm", BatchNorm()),
        ("relu", ReLU()),
    )
    last = "relu"
    for stage, filters in enumerate((16, 32, 64), start=1):
        for block in range(1, 4):
            graph, last = _residual(graph, last, f"{stage}.{block}", filters, 2 if stage > 1 and block == 1 else 1)
    for name, layer in (("mean", GlobalAveragePool2D()), ("fc", Dense(10))):
        graph, last = _after(graph, last, name, layer)
    return graph


def _residual(graph: Graph, start: str, label: str, filters: int, stride: int) -> tuple[Graph, str]:
    body: list[Named] = [
        (f"conv{label}a", Conv2D(filters, 3, stride=stride, padding=1, bias=False)),
        (f"norm{label}a", BatchNorm()),
        (f"relu{label}a", ReLU()),
        (f"conv{label}b", Conv2D(filters, 3, padding=1, bias=False)),
        (f"norm{label}b", BatchNorm()),
        (f"add{label}", Add()),
        (f"relu{label}", ReLU()),
    ]
    last = start
    for name, layer in body:
        graph, last = _after(graph, last, name, layer)
    skip = start
    if stride > 1:
        projection = Conv2D(filters, 1, stride=stride, bias=False)
        graph, skip = _after(graph, skip, f"skip{label}", projection)
        graph, skip = _after(graph, skip, f"skipnorm{label}", BatchNorm())
    return graph.connect(skip, f"add{label}", 1), last


def _after(graph: Graph, before: str, name: str, layer: Layer) -> tuple[Graph, str]:
    graph, node = graph.add(layer, name)
    return graph.connect(before, node.id), name


BUILDERS = {
    "lenet-5": lenet_5,
    "fashion-cnn": fashion_cnn,
    "digits-cnn": digits_cnn,
    "mlp": mlp,
    "beginners-chain": beginners_chain,
    "exercise-25x64": exercise_25x64,
    "alexnet": alexnet,
    "vgg-16": vgg_16,
    "resnet-20": resnet_20,
}


def arranged(graph: Graph) -> dict[int, Point]:
    """Places that fit the canvas of a small laptop."""
    return arrange(graph, width=CANVAS_WIDTH, height=CANVAS_HEIGHT)


def main() -> None:
    """Arrange every design and write it."""
    for name, build in BUILDERS.items():
        graph = build()
        files.save(graph.move(arranged(graph)), ROOT / "resources" / "examples" / f"{name}.netb")


if __name__ == "__main__":
    main()
