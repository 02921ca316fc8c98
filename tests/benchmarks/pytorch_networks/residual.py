"""Skips: residual networks in their many forms, with gates, groups and widths."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10
Gate = Callable[[int], nn.Module]


def three(given: int, width: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A 3×3 convolution without bias."""
    return nn.Conv2d(given, width, 3, stride, padding=1, groups=groups, bias=False)


class Squeeze(nn.Module):
    """Hu et al. 2018, as their PyTorch repositories have it: flat lists, laid out as maps again and expanded."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = max(2, channels // 4)
        self.fc = nn.Sequential(
            *(nn.Linear(channels, narrow, bias=False), nn.ReLU(inplace=True)),
            *(nn.Linear(narrow, channels, bias=False), nn.Sigmoid()),
        )

    def forward(self, x: Tensor) -> Tensor:
        count, channels, _, _ = x.size()
        gate = self.fc(functional.adaptive_avg_pool2d(x, 1).view(count, channels)).view(count, channels, 1, 1)
        return x * gate.expand_as(x)


class EfficientChannelAttention(nn.Module):
    """Wang et al. 2020: a convolution along the channels."""

    def __init__(self, _channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.adaptive_avg_pool2d(x, 1)
        y = self.conv(y.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return x * torch.sigmoid(y).expand_as(x)


class Basic(nn.Module):
    """He et al. 2016, figure 5, left."""

    expansion = 1

    def __init__(self, given: int, width: int, stride: int, groups: int, gate: Gate, skip: nn.Module) -> None:
        super().__init__()
        self.conv1, self.bn1 = three(given, width, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = three(width, width), nn.BatchNorm2d(width)
        self.relu, self.gate, self.downsample = nn.ReLU(inplace=True), gate(width), skip

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out = self.gate(out)
        out += self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """He et al. 2016, figure 5, right."""

    expansion = 4

    def __init__(self, given: int, width: int, stride: int, groups: int, gate: Gate, skip: nn.Module) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(given, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = three(width, width, stride, groups), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.relu, self.gate, self.downsample = nn.ReLU(inplace=True), gate(4 * width), skip

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        return self.relu(self.gate(self.bn3(self.conv3(out))) + self.downsample(x))


class PreActivation(nn.Module):
    """He et al. 2016, "Identity mappings": norm and ReLU before the convolutions."""

    expansion = 1

    def __init__(self, given: int, width: int, stride: int, groups: int, gate: Gate, skip: nn.Module) -> None:
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(given), three(given, width, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(width), three(width, width)
        self.gate, self.downsample = gate(width), skip

    def forward(self, x: Tensor) -> Tensor:
        first = functional.relu(self.bn1(x))
        out = self.conv2(functional.relu(self.bn2(self.conv1(first))))
        return self.gate(out) + self.downsample(x)


def nothing(_channels: int) -> nn.Module:
    """No gate."""
    return nn.Identity()


class ResNet(nn.Module):
    """Three stages of two blocks. With `averaged` shortcuts shrink by a mean first (He et al. 2019, ResNet-D)."""

    def __init__(self, block: Any = Basic, *, groups: int = 1, gate: Gate = nothing, averaged: bool = False) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 7, 2, padding=3, bias=False), nn.BatchNorm2d(16)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        given, layers = 16, list[nn.Module]()
        for stage, width in enumerate((8, 16, 24)):
            for index in range(2):
                stride = 2 if stage and not index else 1
                skip = self._skip(given, width * block.expansion, stride, averaged)
                layers.append(block(given, width, stride, groups, gate, skip))
                given = width * block.expansion
        self.layers, self.avgpool = nn.Sequential(*layers), nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(given, CLASSES)

    @staticmethod
    def _skip(given: int, width: int, stride: int, averaged: bool) -> nn.Module:
        if stride == 1 and given == width:
            return nn.Identity()
        conv = nn.Conv2d(given, width, 1, 1 if averaged else stride, bias=False)
        pool = [nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False)] if averaged else []
        return nn.Sequential(*pool, conv, nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(functional.relu(self.bn1(self.conv1(x))))
        x = self.avgpool(self.layers(x))
        return self.fc(torch.flatten(x, 1))


class WideResNet(nn.Module):
    """Zagoruyko and Komodakis 2016: dropout between the convolutions, and a pool of the whole map's size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = three(3, 8)
        self.blocks = nn.ModuleList([self._block(8, 16, 1), self._block(16, 32, 2), self._block(32, 48, 2)])
        self.skips = nn.ModuleList(
            [nn.Conv2d(a, b, 1, s, bias=False) for a, b, s in ((8, 16, 1), (16, 32, 2), (32, 48, 2))]
        )
        self.bn, self.fc = nn.BatchNorm2d(48), nn.Linear(48, CLASSES)

    @staticmethod
    def _block(given: int, width: int, stride: int) -> nn.Sequential:
        first = (nn.BatchNorm2d(given), nn.ReLU(), three(given, width, stride), nn.BatchNorm2d(width), nn.ReLU())
        return nn.Sequential(*first, nn.Dropout(0.3), three(width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        for block, skip in zip(self.blocks, self.skips, strict=True):
            x = block(x) + skip(x)
        x = functional.avg_pool2d(functional.relu(self.bn(x)), 8)
        return self.fc(x.view(-1, 48))


class RegNet(nn.Module):
    """Radosavovic et al. 2020, the Y form: groups of eight channels, squeeze and excitation by 1×1 convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(three(3, 16, 2), nn.BatchNorm2d(16), nn.ReLU())
        widths = [(16, 24), (24, 48), (48, 96)]
        self.skips = nn.ModuleList([nn.Conv2d(a, b, 1, 2, bias=False) for a, b in widths])
        self.bodies = nn.ModuleList([self._body(a, b) for a, b in widths])
        self.gates = nn.ModuleList([self._gate(a, b) for a, b in widths])
        self.ends = nn.ModuleList([nn.Conv2d(b, b, 1, bias=False) for _, b in widths])
        self.fc = nn.Linear(96, CLASSES)

    @staticmethod
    def _body(given: int, width: int) -> nn.Sequential:
        first = (nn.Conv2d(given, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        return nn.Sequential(*first, three(width, width, 2, width // 8), nn.BatchNorm2d(width), nn.ReLU())

    @staticmethod
    def _gate(given: int, width: int) -> nn.Sequential:
        narrow = given // 4
        convs = nn.Conv2d(width, narrow, 1), nn.ReLU(), nn.Conv2d(narrow, width, 1)
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), *convs, nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for skip, body, gate, end in zip(self.skips, self.bodies, self.gates, self.ends, strict=True):
            y = body(x)
            x = functional.relu(skip(x) + end(gate(y) * y))
        return self.fc(x.mean((2, 3), keepdim=True).flatten(start_dim=1))


class Res2Net(nn.Module):
    """Gao et al. 2019: the channels of a block in four, each quarter added to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(three(3, 32, 2), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.convs = nn.ModuleList([nn.Sequential(three(8, 8), nn.BatchNorm2d(8), nn.ReLU()) for _ in range(3)])
        self.end, self.fc = nn.Conv2d(32, 32, 1), nn.Linear(32, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        parts = torch.split(x, 8, 1)
        done = [parts[0], self.convs[0](parts[1])]
        for part, conv in zip(parts[2:], list(self.convs)[1:], strict=True):
            done.append(conv(done[-1] + part))
        x = functional.relu(self.end(torch.cat(done, 1)) + x)
        return self.fc(functional.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1))


class Highway(nn.Module):
    """Srivastava, Greff and Schmidhuber 2015: a gate carries what the other lets go."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(three(3, 12), nn.ReLU(), nn.MaxPool2d(2))
        self.plain, self.gate = nn.Conv2d(12, 12, 3, padding=1), nn.Conv2d(12, 12, 3, padding=1)
        self.fc = nn.Linear(12 * 16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        t = torch.sigmoid(self.gate(x))
        x = functional.relu(self.plain(x)) * t + x * (1 - t)
        return self.fc(functional.max_pool2d(x, 4).reshape(x.shape[0], -1))
