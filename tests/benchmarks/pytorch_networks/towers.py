"""Branches side by side: Inception, fire modules, dense blocks, fractals."""

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10


class Unit(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, given: int, width: int, kernel: int | tuple[int, int], stride: int = 1, **how: object) -> None:
        conv = nn.Conv2d(given, width, kernel, stride, bias=False, **how)  # pyright: ignore
        super().__init__(conv, nn.BatchNorm2d(width, eps=0.001), nn.ReLU(inplace=True))


class Parallel(nn.ModuleList):
    """Branches on one input, their channels side by side."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self], 1)


def inception(given: int, one: int, three: tuple[int, int], five: tuple[int, int], pool: int) -> Parallel:
    """Szegedy et al. 2014, figure 2b."""
    return Parallel(
        [
            Unit(given, one, 1),
            nn.Sequential(Unit(given, three[0], 1), Unit(*three, 3, padding=1)),
            nn.Sequential(Unit(given, five[0], 1), Unit(*five, 5, padding=2)),
            nn.Sequential(nn.MaxPool2d(3, 1, padding=1, ceil_mode=True), Unit(given, pool, 1)),
        ]
    )


class GoogLeNet(nn.Module):
    """Szegedy et al. 2014; its further classifier is there while it learns only."""

    def __init__(self, *, both: bool = False) -> None:
        super().__init__()
        self.both = both
        self.stem = nn.Sequential(
            *(Unit(3, 16, 7, 2, padding=3), nn.MaxPool2d(3, 2, ceil_mode=True), Unit(16, 16, 1)),
            *(Unit(16, 32, 3, padding=1), nn.MaxPool2d(3, 2, ceil_mode=True)),
        )
        self.first, self.pool = inception(32, 8, (12, 16), (4, 8), 8), nn.MaxPool2d(3, 2, ceil_mode=True)
        self.second = inception(40, 16, (12, 24), (4, 8), 8)
        self.aux = nn.Sequential(
            *(nn.AdaptiveAvgPool2d((3, 3)), nn.Conv2d(40, 16, 1), nn.ReLU(), nn.Flatten(), nn.Linear(144, 32)),
            *(nn.ReLU(), nn.Dropout(0.7), nn.Linear(32, CLASSES)),
        )
        self.dropout, self.fc = nn.Dropout(0.2), nn.Linear(56, CLASSES)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = self.pool(self.first(self.stem(x)))
        aux = self.aux(x) if self.both or self.training else None
        x = functional.adaptive_avg_pool2d(self.second(x), (1, 1))
        scores = self.fc(self.dropout(torch.flatten(x, 1)))
        return scores if aux is None else (scores, aux)


class InceptionV3(nn.Module):
    """Szegedy et al. 2015: rows and columns in place of squares, means whose padding counts, inputs prepared."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(Unit(3, 16, 3, 2), Unit(16, 16, 3), Unit(16, 24, 3, padding=1), nn.MaxPool2d(3, 2))
        self.mixed = Parallel(
            [
                Unit(24, 8, 1),
                nn.Sequential(Unit(24, 8, 1), Unit(8, 12, 5, padding=2)),
                nn.Sequential(nn.AvgPool2d(3, 1, padding=1), Unit(24, 8, 1)),
            ]
        )
        self.smaller = Parallel([Unit(28, 16, 3, 2), nn.MaxPool2d(3, 2)])
        rows = (Unit(44, 8, 1), Unit(8, 8, (1, 7), padding=(0, 3)), Unit(8, 16, (7, 1), padding=(3, 0)))
        self.crossed = Parallel([Unit(44, 16, 1), nn.Sequential(*rows)])
        self.split = Unit(32, 16, 1)
        self.row, self.column = Unit(16, 16, (1, 3), padding=(0, 1)), Unit(16, 16, (3, 1), padding=(1, 0))
        self.fc = nn.Linear(32, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        red = torch.unsqueeze(x[:, 0], 1) * (0.229 / 0.5) + (0.485 - 0.5) / 0.5
        green = torch.unsqueeze(x[:, 1], 1) * (0.224 / 0.5) + (0.456 - 0.5) / 0.5
        blue = torch.unsqueeze(x[:, 2], 1) * (0.225 / 0.5) + (0.406 - 0.5) / 0.5
        x = self.crossed(self.smaller(self.mixed(self.stem(torch.cat((red, green, blue), 1)))))
        x = self.split(x)
        x = torch.cat([self.row(x), self.column(x)], 1)
        return self.fc(functional.adaptive_avg_pool2d(x, (1, 1)).flatten(1))


class Fire(nn.Module):
    """Iandola et al. 2016, section 3.2."""

    def __init__(self, given: int, squeezed: int, width: int) -> None:
        super().__init__()
        self.squeeze, self.relu = nn.Conv2d(given, squeezed, 1), nn.ReLU(inplace=True)
        self.expand1x1, self.expand3x3 = nn.Conv2d(squeezed, width, 1), nn.Conv2d(squeezed, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.squeeze(x))
        return torch.cat([self.relu(self.expand1x1(x)), self.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Sequential):
    """Iandola et al. 2016: its classifier is a convolution and a mean."""

    def __init__(self) -> None:
        super().__init__(
            *(nn.Conv2d(3, 24, 3, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(24, 6, 16)),
            *(Fire(32, 6, 16), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(32, 8, 24), nn.Dropout(0.5)),
            *(nn.Conv2d(48, CLASSES, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten()),
        )


class DenseLayer(nn.Sequential):
    """Huang et al. 2017: normalised first, its output beside its input."""

    def __init__(self, given: int, growth: int) -> None:
        narrow = (nn.BatchNorm2d(given), nn.ReLU(), nn.Conv2d(given, 4 * growth, 1, bias=False))
        wide = (nn.BatchNorm2d(4 * growth), nn.ReLU(), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False))
        super().__init__(*narrow, *wide)

    def forward(self, input: Tensor) -> Tensor:
        return torch.cat([input, super().forward(input)], 1)


class DenseNet(nn.Sequential):
    """Two dense blocks with a transition between."""

    def __init__(self) -> None:
        first, second = [DenseLayer(16 + 4 * i, 4) for i in range(3)], [DenseLayer(14 + 4 * i, 4) for i in range(3)]
        between = (nn.BatchNorm2d(28), nn.ReLU(), nn.Conv2d(28, 14, 1, bias=False), nn.AvgPool2d(2, 2))
        super().__init__(
            *(nn.Conv2d(3, 16, 7, 2, padding=3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(3, 2, 1)),
            *(*first, *between, *second, nn.BatchNorm2d(26), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            nn.Linear(26, CLASSES),
        )


class Fractal(nn.Module):
    """Larsson, Maire and Shakhnarovich 2016: a column beside two smaller fractals in a row, joined by their mean."""

    def __init__(self, given: int, width: int, columns: int) -> None:
        super().__init__()
        self.short = Unit(given, width, 3, padding=1)
        self.first = Fractal(given, width, columns - 1) if columns > 1 else None
        self.second = Fractal(width, width, columns - 1) if columns > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        if self.first is None or self.second is None:
            return self.short(x)
        return (self.short(x) + self.second(self.first(x))) / 2


class FractalNet(nn.Sequential):
    """Two fractals of three columns."""

    def __init__(self) -> None:
        super().__init__(
            *(Fractal(3, 12, 3), nn.MaxPool2d(2), Fractal(12, 16, 3), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(1024, CLASSES)),
        )


class Xception(nn.Module):
    """Chollet 2017: separable convolutions beside strided skips."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(Unit(3, 16, 3, 2), Unit(16, 16, 3))
        self.body = nn.Sequential(
            *(*self._separable(16, 24), nn.ReLU(), *self._separable(24, 24), nn.MaxPool2d(3, 2, padding=1)),
        )
        self.skip = nn.Sequential(nn.Conv2d(16, 24, 1, 2, bias=False), nn.BatchNorm2d(24))
        self.end = nn.Sequential(nn.ReLU(), *self._separable(24, 32), nn.ReLU())
        self.fc = nn.Linear(32, CLASSES)

    @staticmethod
    def _separable(given: int, width: int) -> tuple[nn.Module, ...]:
        depthwise = nn.Conv2d(given, given, 3, padding=1, groups=given, bias=False)
        return depthwise, nn.Conv2d(given, width, 1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.end(self.body(x) + self.skip(x))
        return self.fc(torch.mean(x, (2, 3)))
