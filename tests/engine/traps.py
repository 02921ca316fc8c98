"""A layer that comes to grief over certain numbers, wherever it is computed."""

import os
import signal
import time
from typing import Any

import numpy as np

from netbuilder.graph import Graph
from netbuilder.layers import BatchNorm, Dense, Dropout, Input, Tanh
from netbuilder.layers.activation import Activation
from netbuilder.layers.base import Pass, layer
from netbuilder.layers.settings import OptionalInteger, setting

DEADLY, TOO_LARGE, INTERRUPTING, LENGTHY = 1e6, 2e6, 3e6, 4e6


@layer
class Trap(Activation):
    """Passes everything on, as long as it is let."""

    mother: int | None = setting(default=None, converter=OptionalInteger(1), help="A process that is spared.")

    def caption(self) -> str:
        return "beware"

    def curve(self, run: Pass, x: Any) -> Any:
        if np.any(x == DEADLY) and os.getpid() != self.mother:
            os.kill(os.getpid(), signal.SIGKILL)
        if np.any(x == TOO_LARGE):
            raise MemoryError("no room for a number so large")
        if np.any(x == INTERRUPTING):
            raise KeyboardInterrupt
        if np.any(x == LENGTHY):
            time.sleep(0.5)
        return x.copy(), lambda: np.ones_like(x)

    def onnx(self, graph: Any, weights: Any, *inputs: Any) -> Any:
        return graph.Identity(*inputs)


def with_trap() -> Graph:
    """A design whose inputs go through a trap, with lanes that have to meet behind it."""
    return Graph.chain(
        Input(features=5), Trap(mother=os.getpid()), Dense(8), BatchNorm(), Tanh(), Dropout(0.3), Dense(3)
    )  # fmt: skip
