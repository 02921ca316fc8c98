"""What came after: layer norms, layer scales, branches that are merged later, Mish."""

import torch
from torch import Tensor, nn
from torch.nn import functional

CLASSES = 10


class ChannelNorm(nn.Module):
    """Layer norm over the channels of a map, turned so that they come last, or spelled out."""

    def __init__(self, channels: int, *, spelled: bool) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        self.spelled = spelled

    def forward(self, x: Tensor) -> Tensor:
        if not self.spelled:
            turned = functional.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, 1e-6)
            return turned.permute(0, 3, 1, 2)
        mean = x.mean(1, keepdim=True)
        square = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(square + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class NextBlock(nn.Module):
    """Liu et al. 2022, figure 4: linear layers on maps whose channels come last, scaled, beside a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1, self.act = nn.Linear(channels, 4 * channels), nn.GELU()
        self.pwconv2, self.gamma = nn.Linear(4 * channels, channels), nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.dwconv(x).permute(0, 2, 3, 1)
        y = self.gamma * self.pwconv2(self.act(self.pwconv1(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    """Liu et al. 2022; `spelled` has layer norms of maps as the authors' code does."""

    def __init__(self, *, spelled: bool = False) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            *(nn.Conv2d(3, 16, 4, 4), ChannelNorm(16, spelled=spelled), NextBlock(16), NextBlock(16)),
            *(ChannelNorm(16, spelled=spelled), nn.Conv2d(16, 24, 2, 2), NextBlock(24)),
        )
        self.norm, self.head = nn.LayerNorm(24, eps=1e-6), nn.Linear(24, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.stages(x).mean([-2, -1])))


class RepBlock(nn.Module):
    """Ding et al. 2021, before its branches become one convolution."""

    def __init__(self, given: int, width: int, stride: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Conv2d(given, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width))
        self.one = nn.Sequential(nn.Conv2d(given, width, 1, stride, bias=False), nn.BatchNorm2d(width))
        self.identity = nn.BatchNorm2d(width) if stride == 1 and given == width else None

    def forward(self, x: Tensor) -> Tensor:
        own = 0 if self.identity is None else self.identity(x)
        return functional.relu(self.dense(x) + self.one(x) + own)


class RepVGG(nn.Sequential):
    """Ding et al. 2021."""

    def __init__(self) -> None:
        blocks = RepBlock(3, 12, 2), RepBlock(12, 12, 1), RepBlock(12, 24, 2), RepBlock(24, 24, 1)
        super().__init__(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, CLASSES))


class CrossStage(nn.Module):
    """Wang et al. 2020, with YOLO v4's Mish: half of the channels round the blocks, and a pool of several windows."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 24, 3, 2, 1, bias=False), nn.BatchNorm2d(24), nn.Mish())
        self.left, self.right = nn.Conv2d(24, 12, 1), nn.Conv2d(24, 12, 1)
        self.block = nn.Sequential(nn.Conv2d(12, 12, 3, padding=1), nn.BatchNorm2d(12), nn.Mish())
        self.pools = nn.ModuleList([nn.MaxPool2d(k, 1, padding=k // 2) for k in (5, 9, 13)])
        self.fc = nn.Linear(96, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        right = self.right(x)
        x = torch.cat([self.left(x), right + self.block(right)], 1)
        x = torch.cat([x, *(pool(x) for pool in self.pools)], 1)
        return self.fc(functional.softplus(x).mean((2, 3)))


class Negated(nn.Module):
    """Shang et al. 2016, concatenated ReLU: what is positive beside what is negative."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 12, 3), nn.Conv2d(24, 12, 3, padding=2, dilation=2)
        self.fc = nn.Linear(24, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2):
            x = conv(x)
            x = functional.relu(torch.cat([x, -x], 1))
        return self.fc(functional.elu(functional.hardtanh(x, -2.0, 3.0)).amax((2, 3)))
