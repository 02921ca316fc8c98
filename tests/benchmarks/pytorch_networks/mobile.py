"""Networks for telephones: depthwise convolutions, shuffled channels, clipped activations, squeezed gates."""

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10


def unit(
    given: int, width: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: nn.Module | None = None
) -> nn.Sequential:
    """Convolution, batch norm and, where given, an activation."""
    conv = nn.Conv2d(given, width, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(width), *([act] if act else []))


class MobileNetV1(nn.Module):
    """Howard et al. 2017."""

    def __init__(self) -> None:
        super().__init__()
        layers = [unit(3, 8, 3, 2, act=nn.ReLU())]
        for given, width, stride in ((8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2)):
            layers += [unit(given, given, 3, stride, given, nn.ReLU()), unit(given, width, act=nn.ReLU())]
        self.model, self.fc = nn.Sequential(*layers, nn.AvgPool2d(8)), nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.model(x).view(-1, 64))


class Inverted(nn.Module):
    """Sandler et al. 2018: expanded, depthwise, narrow and linear, beside a skip where it can be."""

    def __init__(
        self, given: int, width: int, stride: int, ratio: int, kernel: int, act: nn.Module, gate: nn.Module
    ) -> None:
        super().__init__()
        wide = given * ratio
        expand = [unit(given, wide, act=act)] if ratio > 1 else []
        self.conv = nn.Sequential(*expand, unit(wide, wide, kernel, stride, wide, act), gate, unit(wide, width))
        self.use_res = stride == 1 and given == width

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res else self.conv(x)


class MobileNetV2(nn.Module):
    """Sandler et al. 2018, with ReLU6."""

    def __init__(self) -> None:
        super().__init__()
        six = nn.ReLU6(inplace=True)
        rows = [(8, 8, 1, 1), (8, 12, 2, 4), (12, 12, 1, 4), (12, 16, 2, 4), (16, 16, 1, 4)]
        blocks = [Inverted(a, b, s, r, 3, six, nn.Identity()) for a, b, s, r in rows]
        self.features = nn.Sequential(unit(3, 8, 3, 2, act=six), *blocks, unit(16, 64, act=six))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(64, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(x, 1))


class SpelledSigmoid(nn.Module):
    """relu6(x + 3) / 6."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu6(x + 3.0) / 6.0


class SpelledSwish(nn.Module):
    """x · relu6(x + 3) / 6."""

    def forward(self, x: Tensor) -> Tensor:
        return x * functional.relu6(x + 3.0) / 6.0


class Squeezed(nn.Module):
    """Squeeze and excitation by 1×1 convolutions."""

    def __init__(self, channels: int, narrow: int, inner: nn.Module, outer: nn.Module) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.fc2 = nn.Conv2d(channels, narrow, 1), nn.Conv2d(narrow, channels, 1)
        self.activation, self.scale_activation = inner, outer

    def forward(self, x: Tensor) -> Tensor:
        scale = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        return self.scale_activation(scale) * x


class MobileNetV3(nn.Module):
    """Howard et al. 2019; `spelled` writes its activations out, as was done before they had names."""

    def __init__(self, *, spelled: bool = False) -> None:
        super().__init__()
        swish = SpelledSwish() if spelled else nn.Hardswish()
        sigmoid = SpelledSigmoid() if spelled else nn.Hardsigmoid()

        def gate(channels: int) -> nn.Module:
            return Squeezed(channels, channels // 4, nn.ReLU(), sigmoid)

        self.features = nn.Sequential(
            *(unit(3, 8, 3, 2, act=swish), Inverted(8, 8, 2, 1, 3, nn.ReLU(), gate(8))),
            *(Inverted(8, 12, 2, 4, 3, nn.ReLU(), nn.Identity()), Inverted(12, 12, 1, 4, 5, swish, gate(48))),
            *(Inverted(12, 16, 1, 4, 5, swish, gate(48)), unit(16, 64, act=swish)),
        )
        self.classifier = nn.Sequential(nn.Linear(64, 96), swish, nn.Dropout(0.2), nn.Linear(96, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(torch.flatten(functional.adaptive_avg_pool2d(self.features(x), 1), 1))


class MnasNet(nn.Module):
    """Tan et al. 2019."""

    def __init__(self) -> None:
        super().__init__()
        relu = nn.ReLU(inplace=True)
        rows = [(8, 12, 2, 3, 3), (12, 12, 1, 3, 3), (12, 20, 2, 3, 5), (20, 20, 1, 6, 5)]
        blocks = [Inverted(a, b, s, r, k, relu, nn.Identity()) for a, b, s, r, k in rows]
        self.layers = nn.Sequential(unit(3, 8, 3, 2, act=relu), unit(8, 8, 3, 1, 8, relu), unit(8, 8), *blocks)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(20, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.layers(x).mean([2, 3]))


class EfficientNet(nn.Module):
    """Tan and Le 2019: SiLU, squeezed by a quarter of the narrow width."""

    def __init__(self) -> None:
        super().__init__()
        rows = [(8, 8, 1, 1, 3), (8, 12, 2, 6, 3), (12, 12, 1, 6, 3), (12, 16, 2, 6, 5), (16, 16, 1, 6, 5)]
        blocks = [
            Inverted(a, b, s, r, k, nn.SiLU(inplace=True), Squeezed(a * r, max(1, a // 4), nn.SiLU(), nn.Sigmoid()))
            for a, b, s, r, k in rows
        ]
        self.features = nn.Sequential(unit(3, 8, 3, 2, act=nn.SiLU()), *blocks, unit(16, 64, act=nn.SiLU()))
        self.avgpool, self.classifier = nn.AdaptiveAvgPool2d(1), nn.Sequential(nn.Dropout(0.2), nn.Linear(64, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


def shuffled(x: Tensor, groups: int) -> Tensor:
    """Zhang et al. 2018, section 3.1."""
    count, channels, height, width = x.size()
    x = x.view(count, groups, channels // groups, height, width)
    return torch.transpose(x, 1, 2).contiguous().view(count, -1, height, width)


class ShuffleUnit(nn.Module):
    """Zhang et al. 2018, figure 2; where it shrinks, the mean of the input lies beside."""

    def __init__(self, given: int, width: int, groups: int, stride: int) -> None:
        super().__init__()
        own, narrow = width - given if stride > 1 else width, width // 4
        self.groups, self.stride = groups, stride
        self.first, self.depthwise = (
            unit(given, narrow, groups=groups, act=nn.ReLU()),
            unit(narrow, narrow, 3, stride, narrow),
        )
        self.last = unit(narrow, own, groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        out = self.last(self.depthwise(shuffled(self.first(x), self.groups)))
        if self.stride == 1:
            return functional.relu(x + out)
        return functional.relu(torch.cat((functional.avg_pool2d(x, 3, stride=2, padding=1), out), 1))


class ShuffleNetV1(nn.Module):
    """Zhang et al. 2018."""

    def __init__(self) -> None:
        super().__init__()
        units = (
            ShuffleUnit(24, 48, 3, 2),
            ShuffleUnit(48, 48, 3, 1),
            ShuffleUnit(48, 96, 3, 2),
            ShuffleUnit(96, 96, 3, 1),
        )
        self.body = nn.Sequential(unit(3, 24, 3, 2, act=nn.ReLU()), nn.MaxPool2d(3, 2, padding=1), *units)
        self.fc = nn.Linear(96, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.avg_pool2d(self.body(x), 4)
        return self.fc(x.view(x.shape[0], -1))


class ShuffleUnitV2(nn.Module):
    """Ma et al. 2018, figure 3: half of the channels goes on as it is."""

    def __init__(self, given: int, width: int, stride: int) -> None:
        super().__init__()
        half, self.stride = width // 2, stride
        self.branch1 = (
            nn.Sequential(unit(given, given, 3, 2, given), unit(given, half, act=nn.ReLU())) if stride > 1 else None
        )
        start = given if stride > 1 else half
        self.branch2 = nn.Sequential(
            *(unit(start, half, act=nn.ReLU()), unit(half, half, 3, stride, half), unit(half, half, act=nn.ReLU())),
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.branch1 is None:
            x1, x2 = x.chunk(2, dim=1)
            return shuffled(torch.cat((x1, self.branch2(x2)), dim=1), 2)
        return shuffled(torch.cat((self.branch1(x), self.branch2(x)), dim=1), 2)


class ShuffleNetV2(nn.Module):
    """Ma et al. 2018."""

    def __init__(self) -> None:
        super().__init__()
        units = ShuffleUnitV2(12, 24, 2), ShuffleUnitV2(24, 24, 1), ShuffleUnitV2(24, 48, 2), ShuffleUnitV2(48, 48, 1)
        self.body = nn.Sequential(
            unit(3, 12, 3, 2, act=nn.ReLU()), nn.MaxPool2d(3, 2, 1), *units, unit(48, 64, act=nn.ReLU())
        )
        self.fc = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.body(x).mean([2, 3]))


class Ghost(nn.Module):
    """Han et al. 2020: cheap maps of maps beside them, and no more channels than are wanted."""

    def __init__(self, given: int, width: int) -> None:
        super().__init__()
        own = -(-width // 2)
        self.width, self.primary = width, unit(given, own, act=nn.ReLU())
        self.cheap = unit(own, own, 3, groups=own, act=nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        x = self.primary(x)
        return torch.cat([x, self.cheap(x)], dim=1)[:, : self.width, :, :]


class GhostNet(nn.Module):
    """Han et al. 2020."""

    def __init__(self) -> None:
        super().__init__()
        gate = Squeezed(31, 8, nn.ReLU(), nn.Hardsigmoid())
        self.body = nn.Sequential(
            *(unit(3, 12, 3, 2, act=nn.ReLU()), Ghost(12, 21), unit(21, 21, 3, 2, 21), Ghost(21, 31), gate),
            *(unit(31, 31, 3, 2, 31), nn.AdaptiveAvgPool2d((1, 1)), nn.Conv2d(31, 48, 1), nn.ReLU()),
        )
        self.fc = nn.Linear(48, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x)
        return self.fc(x.view(x.size(0), -1))
