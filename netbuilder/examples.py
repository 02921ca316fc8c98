"""The designs that ship: their names and what they show, and each as a Graph read from resources."""

from dataclasses import dataclass

from netbuilder import files
from netbuilder.graph import Graph
from netbuilder.resources import resource


@dataclass(frozen=True, slots=True)
class Example:
    """One design that ships. `data` is the built-in dataset it is meant for, or None; `recipe` the words that train it
    well there, as `netbuilder train` takes them, where somebody has looked for some."""

    name: str
    title: str
    summary: str
    data: str | None = None
    recipe: str = ""


EXAMPLES: tuple[Example, ...] = (
    Example("lenet-5", "LeNet-5", "LeCun's classic of 1998 as it is usually built: 61,706 weights.", "fashion-mnist"),
    Example(
        "fashion-cnn",
        "Fashion, all convolutions",
        "Learns clothes without a dense layer.",
        "fashion-mnist",
        "--epochs 24 --lr 0.004 --schedule one-cycle:start=10 --augment flip shift:1 --label-smoothing 0.05",
    ),
    Example("digits-cnn", "Digits", "Two convolutions that read 8×8 digits in seconds.", "digits"),
    Example("mlp", "Small MLP", "Three dense layers: the plainest network there is.", "fashion-mnist"),
    Example("beginners-chain", "The beginner's chain", "Conv, ReLU, Pool … as every course draws it.", "shapes"),
    Example("exercise-25x64", "The 25×64 exercise", "Same padding on a 25×64 map: why 150 deep, not 150·100?"),
    Example("alexnet", "AlexNet", "Two groups, three dense layers, 61 million weights.", None),
    Example("vgg-16", "VGG-16", "Thirteen 3×3 convolutions, 138 million weights.", None),
    Example("resnet-20", "ResNet-20", "Residual blocks with skip connections, 272,474 weights.", "shapes"),
)


def example(name: str) -> Graph:
    """A design that ships, by name. Raises KeyError where there is none of that name."""
    if name not in {known.name for known in EXAMPLES}:
        raise KeyError(name)
    return files.load(resource(f"examples/{name}{files.SUFFIX}"))
