"""A design exported, imported and exported once more: what has changed of the network and of its numbers?"""

from dataclasses import dataclass

import numpy as np

import netbuilder as nb
from netbuilder.interop.importing import imported
from netbuilder.interop.onnx_export import to_model
from netbuilder.layers import ConvTranspose2D, ImageShape, Layer, Reshape, SelectChannels, Shape
from tests.designs import classic_design


@dataclass(frozen=True)
class Trip:
    """`difference` lies between the outputs of the design and of what was imported, `again` between those of the first
    and of the second import, both relative to the largest; `changed` names layers that came back as something else."""

    layers: int
    difference: float
    again: float
    changed: tuple[str, ...]


def random_weights(graph: nb.Graph, seed: int) -> dict[str, np.ndarray]:
    """Random everywhere, statistics and biases included, so that nothing cancels."""
    random, drawn = np.random.default_rng(seed), {}
    for key, array in nb.compile(graph).init(seed).items():
        noise = (
            random.uniform(0.1, 1, array.shape) if key.endswith("running_var") else random.standard_normal(array.shape)
        )
        drawn[key] = (array + 0.3 * noise).astype(np.float32)
    return drawn


def trip(seed: int) -> Trip:
    """The round trip of one random design."""
    return travelled(classic_design(seed), seed)


def travelled(graph: nb.Graph, seed: int = 0) -> Trip:
    """The round trip of a design."""
    weights = random_weights(graph, seed)
    first = imported(to_model(graph, weights).SerializeToString(), "first.onnx")
    arrived = first.weighed()
    second = imported(to_model(first.graph, arrived).SerializeToString(), "second.onnx")
    x = np.random.default_rng(seed).standard_normal((2, *nb.compile(graph).input_shape.array)).astype(np.float32)
    y, there, back = (
        nb.compile(design).predict(array, x)
        for design, array in ((graph, weights), (first.graph, arrived), (second.graph, second.weighed()))
    )
    largest = float(np.abs(y).max()) or 1.0
    changed = [*differing(graph, first.graph), *differing(first.graph, second.graph)]
    return Trip(len(graph.nodes), _apart(y, there) / largest, _apart(there, back) / largest, tuple(changed))


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    assert a.shape == b.shape
    return float(np.abs(a - b).max())


def differing(before: nb.Graph, after: nb.Graph) -> list[str]:
    """Layers of `before` that are missing in `after`, do something else there, or are fed by others.

    What has several ways of being said counts as the same: padding, ceil mode and groups are compared by what they do
    to the map they are given, and a separable convolution by its two steps.
    """
    there, shapes = {node.name: node for node in after.nodes.values()}, _shapes(before)
    found: list[str] = []
    for node in before.nodes.values():
        name = f"{node.name}.pointwise" if isinstance(node.layer, nb.SeparableConv2D) else node.name
        fed = [shapes[key] for key in before.inputs(node.id)]
        if name not in there:
            found.append(f"{node.title} is gone")
        elif deed(node.layer, *fed) != deed(there[name].layer, *fed) and name == node.name:
            found.append(f"{node.title}: {deed(node.layer, *fed)} became {deed(there[name].layer, *fed)}")
        elif name == node.name and _sources(before, node.id) != _sources(after, there[name].id):
            found.append(f"{node.title} is fed by others")
    return found


def _shapes(graph: nb.Graph) -> dict[int, Shape]:
    return {key: layer.shape for key, layer in nb.analyze(graph).layers.items() if layer.shape is not None}


def _sources(graph: nb.Graph, key: int) -> list[str]:
    return [graph.nodes[source].name.removesuffix(".pointwise") for source in graph.inputs(key)]


def deed(layer: Layer, *shapes: Shape) -> dict:
    """What a layer does to inputs of these shapes, however it is told."""
    values: dict = dict(layer.values())
    shape = shapes[0] if shapes else None
    if isinstance(layer, nb.DepthwiseConv2D) and isinstance(shape, ImageShape):
        values["groups"] = shape.channels
        values["filters"] = shape.channels * values.pop("depth_multiplier")
    kind = "Conv2D" if isinstance(layer, nb.DepthwiseConv2D) else type(layer).__name__
    if isinstance(layer, ConvTranspose2D):
        values |= {"padding": layer.crop, "output_padding": layer.added}
    elif isinstance(layer, Reshape) and shape is not None:
        return {"kind": "Flatten"} if layer.features else {"kind": kind, "shape": layer.infer(shape).shape}
    elif isinstance(layer, SelectChannels) and isinstance(shape, ImageShape):
        values["count"] = layer.count or shape.channels - layer.start
    elif isinstance(shape, ImageShape) and ("pool_size" in values or "kernel_size" in values):
        slide = layer.slide(shape)  # pyright: ignore
        values |= {"padding": slide.covering_pads, "places": slide.size}
        values.pop("ceil_mode", None)
        if not (values.get("count_include_pad") and any(slide.pads)):
            values.pop("count_include_pad", None)
    if kind == "Conv2D" and values["kernel_size"] == (1, 1):
        values.pop("dilation")
    return {"kind": kind, **values}
