"""The mirrored document with a selection of its own, and what is where on it."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsItem

from netbuilder.graph import Edge, Group
from netbuilder.gui.document import Document

from .block import CARD, PORT_REACH, Block, Port
from .frame import Frame
from .mirror import Mirror
from .note import Slip
from .stack import Stack
from .wire import Wire


class Canvas(Mirror):
    """What gestures and commands work on.

    The selection is of layers and notes of the document, by id, and of wires as they are seen; a collapsed group's
    block is lit where any layer in it is selected.
    """

    selection_changed = Signal()
    said = Signal(str)
    hinted = Signal(str)
    layer_wanted = Signal(int, QPointF)

    def __init__(self, document: Document, parent: QObject | None = None):
        super().__init__(document, parent)
        self._layers: tuple[int, ...] = ()
        self._notes: tuple[int, ...] = ()
        self._wires: tuple[Edge, ...] = ()
        self._lit: tuple[set[int], set[Edge], set[int]] = (set(), set(), set())
        self._told: tuple[object, ...] = ((), (), ())
        self.synced.connect(self._reselect)
        self.sync()

    # ---- selection ---------------------------------------------------------------------------------------------------

    def selected(self) -> tuple[int, ...]:
        """Ids of the selected layers, in execution order."""
        return self._layers

    def selected_notes(self) -> tuple[int, ...]:
        """Ids of the selected notes."""
        return self._notes

    def selected_wires(self) -> tuple[Edge, ...]:
        """The selected wires, as they are seen."""
        return self._wires

    def selected_blocks(self) -> tuple[int, ...]:
        """The blocks in which the selected layers are seen."""
        return tuple(dict.fromkeys(map(self.committed.block, self._layers)))

    def selected_group(self) -> Group | None:
        """The group whose layers are selected, and no others."""
        chosen = set(self._layers)
        return next((group for group in self.document.graph.groups.values() if group.members == chosen), None)

    def select(self, ids: Iterable[int], wires: Iterable[Edge] = ()) -> None:
        """Select these layers, notes and wires, and nothing else."""
        wanted, graph = set(ids), self.document.graph
        self._layers = tuple(key for key in graph.order if key in wanted) if wanted else ()
        self._notes = tuple(key for key in graph.notes if key in wanted)
        self._wires = tuple(sorted(wire for wire in wires if wire in self.wires))
        self._light()

    def layers_of(self, key: int) -> set[int]:
        """The layers of a block, or of an open group."""
        group = self.document.graph.groups.get(key)
        return set(group.members if group else self.committed.layers(key))

    def select_blocks(self, blocks: Iterable[int], more: Iterable[int] = ()) -> None:
        """Select all layers of these blocks, and `more` by their ids."""
        self.select(chain(more, *(self.committed.layers(block) for block in blocks)))

    def _reselect(self) -> None:
        """What is no longer there is no longer selected."""
        self.select((*self._layers, *self._notes), self._wires)

    def _light(self) -> None:
        lit = {self.folding.block(key) for key in self._layers}
        now = (lit, set(self._wires), set(self._notes))
        for items, keys, before in zip((self.blocks, self.wires, self.notes), now, self._lit, strict=True):
            _light(items, keys, before)
        self._lit = now
        self.forget_overview()
        group = self.selected_group() if self.frames else None
        for key, frame in self.frames.items():
            frame.set_lit(group is not None and key == group.id)
        told = (self._layers, self._notes, self._wires)
        if told != self._told:
            self._told = told
            self.selection_changed.emit()

    # ---- what is where -----------------------------------------------------------------------------------------------

    def block_at(self, point: QPointF) -> Block | None:
        """The block whose card lies under a point."""
        found = (item for item in self.items(point) if isinstance(item, Block) and not item.ghost)
        return next((block for block in found if block.card().contains(point)), None)

    def port_at(self, point: QPointF) -> Port | None:
        """The port within reach of a point."""
        reach = QPointF(PORT_REACH, PORT_REACH)
        blocks = (item for item in self.items(QRectF(point - reach, point + reach)) if isinstance(item, Block))
        return next((port for block in blocks if not block.ghost and (port := block.port_at(point))), None)

    def wire_at(self, point: QPointF) -> Edge | None:
        """The wire under a point."""
        return next((item.edge for item in self.items(point) if isinstance(item, Wire)), None)

    def note_at(self, point: QPointF) -> Slip | None:
        """The note under a point, or within reach of its grip."""
        return next((slip for slip in self.notes.values() if slip.paper().united(slip.grip()).contains(point)), None)

    def frame_at(self, point: QPointF) -> Frame | None:
        """The frame whose title lies under a point."""
        return next((frame for frame in self.frames.values() if frame.handle().contains(point)), None)

    def badge_at(self, point: QPointF) -> Block | None:
        """The block whose sign of a problem lies under a point."""
        return next((block for block in self.blocks.values() if block.badge_at(point)), None)

    def chevron_at(self, point: QPointF) -> int | None:
        """The group whose chevron lies under a point."""
        foldable = chain(self.frames.values(), (block for block in self.blocks.values() if isinstance(block, Stack)))
        return next((item.key for item in foldable if item.chevron_rect().contains(point)), None)

    def touches(self, area: QRectF) -> bool:
        """Whether any block or note reaches into an area, or a wire that is not straight."""
        reach = area.adjusted(CARD.left(), CARD.top(), CARD.right(), CARD.bottom())
        left, top, right, bottom = reach.left(), reach.top(), reach.right(), reach.bottom()
        if any(left < x < right and top < y < bottom for x, y in self._positions.values()):
            return True
        bent = (wire for wire in self.wires.values() if len(wire.lines) > 1)
        return any(item.sceneBoundingRect().intersects(area) for item in chain(self.notes.values(), bent))


def _light(items: Mapping[Any, QGraphicsItem], keys: set[Any], before: set[Any]) -> None:
    """Let these items look selected, and those that were before no longer."""
    for key in keys | before:
        if key in items:
            items[key].setSelected(key in keys)
