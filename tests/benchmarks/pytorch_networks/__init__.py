"""A name -> a network of a published architecture in PyTorch, narrow and for small images, and what it takes."""

from collections.abc import Callable

from torch import nn

from . import classic, mobile, modern, residual, towers

Made = tuple[Callable[[], nn.Module], tuple[int, int, int]]

NETWORKS: dict[str, Made] = {
    "LeNet-5": (classic.LeNet, (1, 28, 28)),
    "AlexNet": (classic.AlexNet, (3, 127, 127)),
    "ZFNet": (classic.ZFNet, (3, 115, 115)),
    "VGG-11": (classic.VGG, (3, 64, 64)),
    "VGG-16 with batch norm": (lambda: classic.VGG(deep=True), (3, 64, 64)),
    "Network in Network": (classic.NetworkInNetwork, (3, 32, 32)),
    "All-CNN": (classic.AllConvolutional, (3, 32, 32)),
    "Darknet-19": (classic.Darknet, (3, 64, 64)),
    "PReLU-net": (classic.ParametricNet, (3, 32, 32)),
    "Maps by log-softmax": (classic.Mnist, (1, 28, 28)),
    "GoogLeNet": (towers.GoogLeNet, (3, 96, 96)),
    "GoogLeNet with its second classifier": (lambda: towers.GoogLeNet(both=True), (3, 96, 96)),
    "Inception v3 blocks": (towers.InceptionV3, (3, 75, 75)),
    "SqueezeNet": (towers.SqueezeNet, (3, 64, 64)),
    "DenseNet": (towers.DenseNet, (3, 64, 64)),
    "FractalNet": (towers.FractalNet, (3, 32, 32)),
    "Xception": (towers.Xception, (3, 64, 64)),
    "ResNet-18": (residual.ResNet, (3, 64, 64)),
    "ResNet-50": (lambda: residual.ResNet(residual.Bottleneck), (3, 64, 64)),
    "ResNet-D": (lambda: residual.ResNet(residual.Bottleneck, averaged=True), (3, 64, 64)),
    "Pre-activation ResNet": (lambda: residual.ResNet(residual.PreActivation), (3, 64, 64)),
    "ResNeXt": (lambda: residual.ResNet(residual.Bottleneck, groups=8), (3, 64, 64)),
    "Wide ResNet": (residual.WideResNet, (3, 32, 32)),
    "SE-ResNet": (lambda: residual.ResNet(residual.Bottleneck, gate=residual.Squeeze), (3, 64, 64)),
    "ECA-Net": (lambda: residual.ResNet(residual.Bottleneck, gate=residual.EfficientChannelAttention), (3, 64, 64)),
    "RegNetY": (residual.RegNet, (3, 64, 64)),
    "Res2Net": (residual.Res2Net, (3, 64, 64)),
    "Highway network": (residual.Highway, (3, 32, 32)),
    "MobileNet v1": (mobile.MobileNetV1, (3, 64, 64)),
    "MobileNet v2": (mobile.MobileNetV2, (3, 64, 64)),
    "MobileNet v3": (mobile.MobileNetV3, (3, 64, 64)),
    "MobileNet v3 as its authors write it": (lambda: mobile.MobileNetV3(spelled=True), (3, 64, 64)),
    "MnasNet": (mobile.MnasNet, (3, 64, 64)),
    "EfficientNet-B0": (mobile.EfficientNet, (3, 64, 64)),
    "ShuffleNet v1": (mobile.ShuffleNetV1, (3, 64, 64)),
    "ShuffleNet v2": (mobile.ShuffleNetV2, (3, 64, 64)),
    "GhostNet": (mobile.GhostNet, (3, 64, 64)),
    "ConvNeXt": (modern.ConvNeXt, (3, 64, 64)),
    "ConvNeXt as its authors write it": (lambda: modern.ConvNeXt(spelled=True), (3, 64, 64)),
    "RepVGG while it learns": (modern.RepVGG, (3, 32, 32)),
    "CSPNet with Mish": (modern.CrossStage, (3, 64, 64)),
    "Concatenated ReLU": (modern.Negated, (3, 32, 32)),
}
"""Architectures by name, each with the shape of one image as channels, height and width."""
