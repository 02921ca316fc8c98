"""Measures what a training step takes, network by network: python tests/benchmarks/training_step.py [NAME …]."""

import sys
from statistics import median
from time import perf_counter

import numpy as np

from netbuilder.engine import SGD, Updates, compile
from netbuilder.graph import Graph
from netbuilder.layers import Conv2D, Dense, Flatten, Input, Layer, MaxPool2D, ReLU

STEPS, WARM_UP = 30, 5


def conv(filters: int, size: int, padding: str = "valid") -> list[Layer]:
    """A convolution with its ReLU."""
    return [Conv2D(filters=filters, kernel_size=size, padding=padding), ReLU()]  # pyright: ignore[reportArgumentType]


def dense(units: int) -> list[Layer]:
    """A dense layer with its ReLU."""
    return [Dense(units=units), ReLU()]


POOL = MaxPool2D(pool_size=2)
IMAGE = Input(height=28, width=28, channels=1)
# name: batch size, layers up to the ten outputs
NETWORKS: dict[str, tuple[int, list[Layer]]] = {
    "digits": (
        32,
        [Input(height=8, width=8, channels=1), *conv(16, 3, "same"), POOL, *conv(32, 3, "same"), Flatten()],
    ),
    "mlp": (64, [IMAGE, Flatten(), *dense(256), *dense(128)]),
    "lenet": (64, [IMAGE, *conv(6, 5, "same"), POOL, *conv(16, 5), POOL, Flatten(), *dense(120), *dense(84)]),
    "mnist-cnn": (64, [IMAGE, *conv(32, 3, "same"), POOL, *conv(64, 3, "same"), POOL, Flatten(), *dense(128)]),
    "classic": (
        64,
        [Input(height=32, width=32, channels=3), *conv(32, 5), *conv(32, 5), POOL, *conv(64, 3), POOL, Flatten()],
    ),
    "exercise": (
        32,
        [Input(height=25, width=64, channels=1), *conv(100, 7, "same"), POOL, *conv(150, 5, "same"), POOL, Flatten()],
    ),
}


def measure(name: str) -> str:
    """Median and spread of a step with SGD and momentum, and images a second."""
    size, layers = NETWORKS[name]
    program = compile(Graph.chain(*layers, Dense(units=10)))
    updates = Updates(SGD(0.01, momentum=0.9), program.init())
    bound = program.bind(updates.weights)
    draw = np.random.default_rng(0)
    x = draw.standard_normal((size, *program.input_shape.array), np.float32)
    labels = draw.integers(0, 10, size)
    times: list[float] = []
    for step in range(WARM_UP + STEPS):
        begun = perf_counter()
        updates.step(program.step(bound, x, labels, "cross_entropy", True, (0, step)).gradients)
        times.append(perf_counter() - begun)
    steady = sorted(times[WARM_UP:])
    low, high = steady[len(steady) // 10], steady[-len(steady) // 10]
    middle = median(steady)
    return (
        f"{name:10} {1e3 * middle:8.2f} ms a step ({1e3 * low:.2f} to {1e3 * high:.2f}) "
        f"{size / middle:10,.0f} images/s {program.buffer_bytes / 1e6:8.1f} MB of buffers"
    )


if __name__ == "__main__":
    for chosen in sys.argv[1:] or NETWORKS:
        print(measure(chosen), flush=True)
