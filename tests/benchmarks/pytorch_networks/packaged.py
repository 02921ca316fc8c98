"""Models of torchvision and of Keras, with random weights, and what they take."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import nn

Entry = tuple[str, Callable[[], nn.Module], tuple[int, ...]]

TORCHVISION = (
    *("alexnet", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    *("mnasnet0_5", "shufflenet_v2_x0_5", "efficientnet_b0", "efficientnet_v2_s", "regnet_x_400mf", "regnet_y_400mf"),
    *("densenet121", "googlenet", "inception_v3", "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2"),
    *("convnext_tiny", "vgg11", "vgg11_bn"),
)
KERAS = (
    *("MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0", "EfficientNetV2B0", "ResNet50", "ResNet50V2"),
    *("DenseNet121", "InceptionV3", "ConvNeXtTiny", "VGG16", "InceptionResNetV2"),
)


def torchvision_models() -> Iterator[Entry]:
    """Each at the smallest image it takes without rounding."""
    real = torch.library.register_fake

    def lenient(name: str, *rest: Any, **more: Any) -> Any:
        """Its operators for detection may be missing, which no classifier needs."""
        return (lambda function: function) if str(name).startswith("torchvision::") else real(name, *rest, **more)

    torch.library.register_fake = lenient  # pyright: ignore
    from torchvision import models

    torch.library.register_fake = real
    for name in TORCHVISION:
        more = {"weights": None}
        if name in ("googlenet", "inception_v3"):
            more |= {"aux_logits": False, "init_weights": False, "transform_input": True}
        size = 224 if name.startswith(("alexnet", "vgg")) else 139 if name == "inception_v3" else 96
        yield name, partial(getattr(models, name), **more), (3, size, size)


class ChannelsLast(nn.Module):
    """A Keras model, which is a module of PyTorch's there, on images whose channels come last."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__()
        import keras

        keras.utils.set_random_seed(0)
        self.model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x, training=False)


def keras_models() -> Iterator[Entry]:
    """Each at a small image."""
    for name in KERAS:
        size = 96 if name.startswith(("Inception", "Xception")) else 64
        yield name, partial(ChannelsLast, name, size), (size, size, 3)
