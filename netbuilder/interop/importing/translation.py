"""Operations in order -> layers, wires and weights, by a table that has one function for each operator."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from netbuilder.graph import Edge, Graph, Node
from netbuilder.interop.emitter import Array
from netbuilder.layers import (
    ChannelShuffle,
    Flatten,
    ImageShape,
    Input,
    Layer,
    Output,
    Reshape,
    SettingError,
    Upsample2D,
    VectorShape,
    ZeroPad2D,
)

from .built import Built, Names, inferred
from .constants import FOLDED, Folder
from .operations import Operation, Unsupported, layer_name, shown
from .views import Signal, View, shuffled

BATCH = 1_000_003
"""What stands for a batch of any size where shapes are computed with; no layer is as large."""
MOST = 1_000_000
"""Numbers along one axis."""
Maker = Callable[["Translation", Operation], "Signal | Sequence[Signal] | Array"]


class Translation:
    """A network being put together. Every function of the table asks it for inputs and tells it what layer to add."""

    def __init__(
        self,
        constants: dict[str, Array],
        folder: Folder,
        shapes: Callable[[], Mapping[str, tuple[int, ...]]],
        *,
        ours: bool = False,
        batch: int | None = None,
    ):
        self.constants, self._folder, self._shapes = constants, folder, shapes
        self.ours, self.batch = ours, batch
        self.layers: dict[int, Built] = {}
        self.problems: dict[str, str] = {}
        self._signals: dict[str, Signal] = {}
        self._lost: set[str] = set()
        self._ready: dict[tuple[object, ...], Signal] = {}
        self._names = Names()

    def begin(self, tensor: str, layer: Input, view: View) -> None:
        """Let the network start with this input."""
        self.layers[1] = Built(self._names.free(tensor, "input"), layer, (), layer.infer(), tensor=tensor)
        self._signals[tensor] = Signal(1, self.layers[1].facts.shape, view)

    def run(self, operations: Sequence[Operation], table: Mapping[str, Maker], outputs: Sequence[str]) -> None:
        """Translate all operations and settle the outputs; what is not possible is gathered in `problems`."""
        uses = Counter([*(name for op in operations for name in op.inputs if name), *outputs])
        for op in operations:
            try:
                made = self._made(op, table)
            except Unsupported as problem:
                self._blame(problem.blamed or op, problem.reason)
                made = self._assumed(op)
            self._keep(op, made, uses)
        for output in outputs:
            try:
                if output in self._signals:
                    self._signals[output] = self.ready(self._signals[output])
                elif not self.problems:
                    which = "the output" if len(outputs) == 1 else "an output"
                    self.problems[f"“{shown(output)}”"] = f"is {which}, and does not depend on the input"
            except Unsupported as problem:
                self._blame(problem.blamed or operations[-1], problem.reason)

    def _made(self, op: Operation, table: Mapping[str, Maker]) -> "Signal | Sequence[Signal] | Array | None":
        if op.kind not in table and op.kind not in FOLDED:
            raise Unsupported("has no block")
        names = [name for name in op.inputs if name]
        if any(name in self._lost for name in names):
            return None
        unknown = next((name for name in names if name not in self.constants and name not in self._signals), None)
        if unknown is not None:
            raise Unsupported(f"reads “{shown(unknown)}”, which nothing before it makes")
        if op.kind in FOLDED and all(name in self.constants for name in names):
            return self._folder.fold(op, [self.constants[name] if name else None for name in op.inputs])
        if op.kind not in table:
            raise Unsupported("has no block")
        try:
            return table[op.kind](self, op)
        except SettingError as problem:
            raise Unsupported(f"cannot be a block: {str(problem).rstrip('.')}") from None
        except (ValueError, IndexError, OverflowError, TypeError, AttributeError, ZeroDivisionError):
            raise Unsupported("is given attributes or constants that do not fit it") from None

    def _assumed(self, op: Operation) -> Signal | None:
        """A stand-in for what an operation without a block gives, so that the ones behind it are looked at, too."""
        sizes = self._shapes().get(op.outputs[0] if op.outputs else "", ())
        if len(sizes) not in (1, 3) or not all(0 < size <= MOST for size in sizes):
            return None
        names = ("features",) if len(sizes) == 1 else ("channels", "height", "width")
        layer = Input(**dict(zip(names, sizes, strict=True)))
        key = len(self.layers) + 1
        self.layers[key] = Built(op.name, layer, (), layer.infer())
        return Signal(key, self.layers[key].facts.shape, View.plain(sizes))

    def _keep(self, op: Operation, made: "Signal | Sequence[Signal] | Array | None", uses: Mapping[str, int]) -> None:
        """Remember what an operation gives, by the names of its outputs."""
        signals = [made] if isinstance(made, Signal) else made if isinstance(made, Sequence) else []
        read = [self._signals[name] for name in op.inputs if name in self._signals]
        for name, signal in zip(op.outputs, signals, strict=False):
            sole = uses[name] == 1 and all(each.sole for each in read if each.node == signal.node)
            self._signals[name] = replace(signal, sole=sole)
        if isinstance(made, np.ndarray):
            self.constants[op.outputs[0]] = made
        missing = [name for name in op.outputs if name not in self._signals and name not in self.constants]
        self._lost.update(missing)
        if signals and any(uses[name] for name in missing):
            self._blame(op, "has a second output that is used")

    def _blame(self, op: Operation, reason: str) -> None:
        self.problems.setdefault(op.title, reason)

    # ---- inputs ------------------------------------------------------------------------------------------------------

    def is_constant(self, op: Operation, index: int) -> bool:
        return op.input(index) in self.constants

    def signal(self, op: Operation, index: int = 0, *, stretched: bool = False) -> Signal:
        """An input that the network computes, as it is seen; with `stretched` it may still have to be repeated."""
        found = self._signals.get(op.input(index))
        if found is None:
            raise Unsupported("is given a constant where the network's activations are expected")
        return found if stretched or found.stretch is None else self.ready(found)

    def constant(self, op: Operation, index: int) -> Array | None:
        """An input that is fixed; None where it is left out."""
        if op.input(index) in self._signals:
            raise Unsupported("is given weights that the network computes")
        return self.constants.get(op.input(index))

    def required(self, op: Operation, index: int) -> Array:
        """An input that is fixed and cannot be left out."""
        found = self.constant(op, index)
        if found is None:
            raise Unsupported(f"lacks its input {index + 1}")
        return found

    def map(self, signal: Signal, *, padded: bool = False) -> Signal:
        """An input as a map of channels × height × width; with `padded` its padding may still be to come."""
        pads = signal.pads
        found = self.ready(replace(signal, pads=(0, 0, 0, 0)) if padded else signal)
        if isinstance(found.shape, VectorShape) and len(found.view.sizes) == 3 and found.view.in_order:
            channels, height, width = found.view.sizes
            found = self.add(found.via, Reshape(height, width, channels), found)
        if not isinstance(found.shape, ImageShape) or not found.plain:
            raise Unsupported("is given something else than maps with their channels first")
        return replace(found, pads=pads) if padded else found

    # ---- settling ----------------------------------------------------------------------------------------------------

    def ready(self, signal: Signal) -> Signal:
        """The signal as a layer takes it: what was padded, flattened or shuffled becomes a layer of its own."""
        key = (signal.node, signal.view, signal.pads, signal.stretch)
        if key not in self._ready:
            self._ready[key] = self._settled(signal)
        return self._ready[key]

    def ordered(self, signal: Signal) -> Signal:
        """The same, or, where no layer brings its numbers into that order, as it is: for what treats all alike."""
        try:
            return self.ready(signal)
        except Unsupported:
            if any(signal.pads) or signal.stretch is not None:
                raise
            return signal

    def _settled(self, signal: Signal) -> Signal:
        sizes, shape = signal.view.sizes, signal.shape
        maker = signal.via
        if signal.stretch is not None:
            return self._repeated(signal, signal.stretch)
        if any(signal.pads):
            inner = self._settled(replace(signal, pads=(0, 0, 0, 0)))
            found = self.add(maker, ZeroPad2D(signal.pads), inner)
            return found if signal.plain else replace(found, view=found.view.transposed((1, 2, 0)))
        if len(sizes) == 1:
            if isinstance(shape, ImageShape):
                return replace(
                    self.add(maker, Flatten(), replace(signal, view=View.plain(shape.array))), view=signal.view
                )
            return signal
        if signal.channel_axis is not None:
            return signal
        plain = replace(signal, view=View.plain(shape.array))
        groups = shuffled(signal)
        if groups is not None:
            return self.add(maker, ChannelShuffle(groups), plain)
        if signal.view.in_order and len(sizes) == 3:
            channels, height, width = sizes
            return self.add(maker, Reshape(height, width, channels), plain)
        raise Unsupported("lays numbers out in an order that no block takes", maker)

    def _repeated(self, signal: Signal, over: tuple[int, ...]) -> Signal:
        """One place of a map at all of them."""
        axis, inner = signal.channel_axis, self.ready(replace(signal, stretch=None))
        places = [size for index, size in enumerate(over) if index != axis]
        if not isinstance(inner.shape, ImageShape):
            inner = self.add(signal.via, Reshape(1, 1, inner.shape.features), inner)
        found = self.add(signal.via, Upsample2D((places[0], places[1])), inner)
        return found if axis == 0 else replace(found, view=found.view.transposed((1, 2, 0)))

    def viewed(self, op: Operation, signal: Signal, view: View) -> Signal:
        """The signal seen in another way, which a layer may have to stand for later; `op` then lends its name."""
        return replace(signal, view=view, via=op)

    # ---- layers ------------------------------------------------------------------------------------------------------

    def add(
        self,
        op: Operation | None,
        layer: Layer,
        *sources: Signal,
        weights: Mapping[str, Array] | None = None,
        called: str = "",
    ) -> Signal:
        """A layer behind others, and what it gives. `called` is what its weights are called in the file.

        Raises Unsupported where shapes or weights do not fit.
        """
        own = dict(weights or {})
        shapes = [source.shape for source in sources]
        facts = inferred(layer, shapes, [self.layers[source.node].name for source in sources])
        for name, weight in facts.weights.items():
            if name not in own or own[name].shape != weight.shape:
                given = "×".join(map(str, own[name].shape)) if name in own else "nothing"
                raise Unsupported(f"needs a {name} of {'×'.join(map(str, weight.shape))} numbers and is given {given}")
        key = len(self.layers) + 1
        wanted = layer_name(op, called) if op else ""
        name = self._names.free(wanted, type(layer).__name__.lower(), list(facts.weights))
        inputs = tuple(source.node for source in sources)
        self.layers[key] = Built(name, layer, inputs, facts, own, op.outputs[0] if op and op.outputs else "")
        return Signal(key, facts.shape, View.plain(facts.shape.array))

    def alike(self, op: Operation, layer: Layer, signal: Signal, weights: Mapping[str, Array] | None = None) -> Signal:
        """A layer that works on each number or channel by itself, so that it keeps the view it is given."""
        ready = self.ready(signal)
        return replace(self.add(op, layer, ready, weights=weights), view=ready.view)

    def pointwise(self, op: Operation, layer: Layer, signal: Signal) -> Signal:
        """A layer that treats all numbers alike, in whatever order they are seen."""
        given = self.ordered(signal)
        return replace(self.add(op, layer, given), view=given.view)

    def change(self, signal: Signal, layer: Layer, weights: Mapping[str, Array], op: Operation) -> None:
        """Give a layer that nothing else reads other settings and weights."""
        built = self.layers[signal.node]
        shapes = [self.layers[key].facts.shape for key in built.inputs]
        built.layer, built.weights, built.tensor = layer, dict(weights), op.outputs[0]
        built.facts = inferred(layer, shapes, [])

    def end(self, output: str, *, marked: bool) -> str:
        """The name of the layer that gives an output of the file: of an Output block where it is to be marked."""
        signal = self._signals[output]
        if not marked:
            return self.layers[signal.node].name
        layer, name = Output(), self._names.free(output, "output")
        self.layers[len(self.layers) + 1] = Built(name, layer, (signal.node,), layer.infer(signal.shape), tensor=output)
        return name

    # ---- the whole ---------------------------------------------------------------------------------------------------

    def graph(self) -> Graph:
        """The design, still without places."""
        nodes = {key: Node(key, built.name, built.layer) for key, built in self.layers.items()}
        wires = frozenset(
            Edge(source, key, port) for key, built in self.layers.items() for port, source in enumerate(built.inputs)
        )
        return Graph(nodes, wires, next_id=len(nodes) + 1)

    def weights(self) -> dict[str, Array]:
        """All arrays by layer and name; they may share memory with the file or be one number spread out."""
        return {f"{b.name}.{name}": b.weights[name] for b in self.layers.values() for name in b.facts.weights}
