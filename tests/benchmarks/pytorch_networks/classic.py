"""Chains: from LeNet to Darknet, narrower than their papers have them."""

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10


class LeNet(nn.Module):
    """LeCun et al. 1998, with its averages and tanh."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.avg_pool2d(torch.tanh(self.conv1(x)), 2)
        x = functional.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        x = torch.tanh(self.fc1(x.view(x.size(0), -1)))
        return self.fc3(torch.tanh(self.fc2(x)))


class AlexNet(nn.Module):
    """Krizhevsky, Sutskever and Hinton 2012, with response normalisation and its two groups."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 24, 11, stride=4), nn.ReLU(inplace=True), nn.LocalResponseNorm(5, k=2), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(24, 64, 5, padding=2, groups=2), nn.ReLU(inplace=True), nn.LocalResponseNorm(5, k=2)),
            *(nn.MaxPool2d(3, 2), nn.Conv2d(64, 96, 3, padding=1), nn.ReLU(inplace=True)),
            *(nn.Conv2d(96, 64, 3, padding=1, groups=2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2)),
        )
        self.classifier = nn.Sequential(
            *(nn.Dropout(), nn.Linear(64 * 2 * 2, 128), nn.ReLU(inplace=True)),
            *(nn.Dropout(), nn.Linear(128, 128), nn.ReLU(inplace=True), nn.Linear(128, CLASSES)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(torch.flatten(self.features(x), 1))


class ZFNet(nn.Sequential):
    """Zeiler and Fergus 2013; its pools round up."""

    def __init__(self) -> None:
        super().__init__(
            *(nn.Conv2d(3, 24, 7, 2, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1), nn.LocalResponseNorm(5)),
            *(nn.Conv2d(24, 48, 5, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), nn.LocalResponseNorm(5)),
            *(nn.Conv2d(48, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU()),
            *(nn.MaxPool2d(3, 2, ceil_mode=True), nn.Flatten(), nn.LazyLinear(96), nn.ReLU(), nn.Dropout()),
            nn.Linear(96, CLASSES),
        )


class VGG(nn.Module):
    """Simonyan and Zisserman 2014."""

    def __init__(self, *, deep: bool = False) -> None:
        super().__init__()
        counts = (2, 2, 3, 3, 3) if deep else (1, 1, 2, 2, 2)
        layers: list[nn.Module] = []
        given = 3
        for stage, count in enumerate(counts):
            width = min(8 << stage, 64)
            for _ in range(count):
                layers.append(nn.Conv2d(given, width, 3, padding=1))
                layers += [nn.BatchNorm2d(width), nn.ReLU(inplace=True)] if deep else [nn.ReLU(inplace=True)]
                given = width
            layers.append(nn.MaxPool2d(2, 2))
        self.features, self.avgpool = nn.Sequential(*layers), nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(nn.Linear(256, 64), nn.ReLU(True), nn.Dropout(), nn.Linear(64, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


class NetworkInNetwork(nn.Sequential):
    """Lin, Chen and Yan 2013: 1×1 convolutions, and a mean of whole maps for a classifier."""

    def __init__(self) -> None:
        def block(given: int, width: int, kernel: int, padding: int) -> list[nn.Module]:
            first = [nn.Conv2d(given, width, kernel, padding=padding), nn.ReLU()]
            return [*first, nn.Conv2d(width, width, 1), nn.ReLU(), nn.Conv2d(width, width, 1), nn.ReLU()]

        super().__init__(
            *(*block(3, 24, 5, 2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(0.5)),
            *(*block(24, 24, 5, 2), nn.AvgPool2d(3, 2, ceil_mode=True), nn.Dropout(0.5)),
            *(*block(24, CLASSES, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        )


class AllConvolutional(nn.Sequential):
    """Springenberg et al. 2014: strides in place of pools, its means over the whole map by `mean`."""

    def __init__(self) -> None:
        widths = [(3, 16, 3, 1), (16, 16, 3, 1), (16, 16, 3, 2), (16, 32, 3, 1), (32, 32, 3, 2), (32, 32, 1, 1)]
        body = [
            each for a, b, k, s in widths for each in (nn.Conv2d(a, b, k, s, padding=k // 2, bias=False), nn.ReLU())
        ]
        super().__init__(*body, nn.Conv2d(32, CLASSES, 1))

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input).mean(dim=[-2, -1])


class Darknet(nn.Sequential):
    """Redmon and Farhadi 2016: leaky, each convolution normalised, the scores pooled and softened."""

    def __init__(self) -> None:
        def block(given: int, width: int, kernel: int) -> list[nn.Module]:
            conv = nn.Conv2d(given, width, kernel, padding=kernel // 2, bias=False)
            return [conv, nn.BatchNorm2d(width), nn.LeakyReLU(0.1)]

        super().__init__(
            *(*block(3, 8, 3), nn.MaxPool2d(2, 2), *block(8, 16, 3), nn.MaxPool2d(2, 2)),
            *(*block(16, 32, 3), *block(32, 16, 1), *block(16, 32, 3), nn.MaxPool2d(2, 2)),
            *(nn.Conv2d(32, CLASSES, 1), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Softmax(dim=1)),
        )


class ParametricNet(nn.Sequential):
    """He et al. 2015: slopes that are learned, for every channel or for all."""

    def __init__(self) -> None:
        super().__init__(
            *(nn.Conv2d(3, 12, 3), nn.PReLU(12), nn.MaxPool2d(2), nn.Conv2d(12, 16, 3), nn.PReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(576, 32), nn.PReLU(32), nn.Linear(32, CLASSES)),
        )


class Mnist(nn.Module):
    """PyTorch's own first example."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 3, 1), nn.Conv2d(8, 16, 3, 1)
        self.dropout1, self.dropout2 = nn.Dropout(0.25), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(2304, 32), nn.Linear(32, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.conv2(functional.relu(self.conv1(x))))
        x = torch.flatten(self.dropout1(functional.max_pool2d(x, 2)), 1)
        x = self.dropout2(functional.relu(self.fc1(x)))
        return functional.log_softmax(self.fc2(x), dim=1)
