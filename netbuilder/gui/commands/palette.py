"""From Ctrl+K to one step of undo: what was typed is looked up, shown on the canvas before it is made, and made."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget

from netbuilder.gui.actions import Actions
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.gui.preferences import Preferences
from netbuilder.gui.theme import BLOCK_HEIGHT, BLOCK_WIDTH

from .card import PROMPT, Card
from .entries import Entry
from .proposals import Place, Proposal
from .search import MOST_RECENT, everything, grouped, searched
from .sources import Sources

WIRE_PROMPT = "What should follow?  A name, or  c3 64 | r"
ASIDE = 24
"""Pixels between the palette and a block it speaks of."""


class CommandPalette(QObject):
    """Opens over the `stage` of a window: `open()` for everything, `open_at(source, point)` for a layer to follow one.

    A person's choice is one commit, or calls the command, the example or the layer to go to.
    """

    def __init__(
        self,
        document: Document,
        canvas: CanvasView,
        actions: Actions,
        example: Callable[[str], object],
        preferences: Preferences,
        stage: QWidget,
        window: QWidget,
    ):
        super().__init__(window)
        self._document, self._canvas, self._preferences = document, canvas, preferences
        self._stage, self._window = stage, window
        self._sources = Sources(document, canvas, actions, example)
        self._always: list[Entry] = []
        self._refusal, self._back = "", None
        self._seen: tuple[int, int] | None = None
        self.card = Card(window)
        self.card.typed.connect(self._look_up)
        self.card.pointed.connect(self._point)
        self.card.picked.connect(self._take)
        self.card.left.connect(self.close)
        document.changed.connect(self._changed)

    def open(self) -> None:
        """Offer everything; new layers go behind the selected one."""
        chosen = self._canvas.selected()
        self._open(Place(chosen[-1] if chosen else None, self._canvas.seen().center().toTuple()))

    def open_at(self, source: int, point: QPointF) -> None:
        """Offer layers to put at a point of the canvas, wired to one that is there."""
        self._open(Place(source, point.toTuple(), loose=True))

    def close(self, back: bool = True) -> None:
        """Put the palette away and the canvas back as it was; the focus returns to where it came from."""
        if self.card.isHidden():
            return
        self.card.hide()
        self._document.show_preview(None)
        self._look_back()
        if back:
            widget = self._back if self._back is not None and self._back.isVisible() else self._canvas
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _open(self, place: Place) -> None:
        focus = QApplication.focusWidget()
        if self.card.isHidden():
            self._back = focus
        self._document.show_preview(None)
        self._sources.place = place
        self._gather()
        self.card.open(self._room(), WIRE_PROMPT if place.loose else PROMPT, self._block(place))
        self._look_up("")

    def _room(self) -> QRect:
        return QRect(self._stage.mapTo(self._window, QPoint(0, 0)), self._stage.size())

    def _block(self, place: Place) -> QRect:
        """Where in the window a block let go at a point will stand; nowhere where the chain goes on."""
        if not place.loose:
            return QRect()
        x, y = place.at
        corner = QPointF(x - BLOCK_WIDTH / 2, y - BLOCK_HEIGHT / 2)
        end = QPointF(x + BLOCK_WIDTH / 2, y + BLOCK_HEIGHT / 2)
        view = self._canvas.viewport()
        return QRect(
            view.mapTo(self._window, self._canvas.mapFromScene(corner)),
            view.mapTo(self._window, self._canvas.mapFromScene(end)),
        )

    def _gather(self) -> None:
        find = self._sources
        self._always = list(find.layers())
        if not find.place.loose:
            self._always += [*find.settings(), *find.places(), *find.actions(), *find.examples()]

    def _changed(self) -> None:
        """The design changed beside the palette, as by an undo."""
        if not self.card.isHidden():
            if self._sources.place.after is not None and self._sources.place.after not in self._document.graph.nodes:
                self.close()
                return
            self._gather()
            self._look_up(self.card.line.text())

    def _look_up(self, text: str) -> None:
        query = text.strip()
        self._refusal = ""
        if not query:
            self.card.show_rows(everything(self._always, self._lately()))
            return
        typed, refused = self._sources.values(text)
        if not typed and not refused:
            typed, refused = self._sources.notation(text)
        found, lines = searched(query, self._always), [(entry, ()) for entry in typed]
        named = bool(found) and found[0][0].title.lower() == query.lower()
        rows = grouped([*found, *lines] if named else [*lines, *found])
        self._refusal = refused or ("" if rows else f"Nothing here is called “{query}”.")
        self.card.show_rows(rows)

    def _lately(self) -> list[Entry]:
        """What was chosen before and makes sense now, the latest first."""
        known = {entry.key: entry for entry in self._always if entry.key}
        found = (known.get(key) or self._sources.remembered(key) for key in self._preferences.chosen)
        return [entry for entry in found if entry is not None][:MOST_RECENT]

    def _point(self, entry: Entry | None) -> None:
        """Show what the current row would give."""
        proposal = entry.propose() if entry and entry.propose and (self.card.touched or self._loose) else None
        self._document.show_preview(proposal.graph if proposal else None)
        if proposal is None:
            self.card.say("", self._refusal)
            return
        self.card.say(proposal.sentence, proposal.problem)
        if proposal.graph is not None:
            self._uncover(proposal)

    @property
    def _loose(self) -> bool:
        return self._sources.place.loose

    def _take(self, entry: Entry) -> None:
        if entry.fill:
            self.card.write(entry.fill)
            return
        proposal = entry.propose() if entry.propose else None
        if proposal is not None and proposal.graph is None:
            self.card.say(proposal.sentence, proposal.problem)
            return
        if entry.key:
            self._preferences.keep_chosen(entry.key)
        self.close()
        if proposal is not None:
            self._make(proposal)
        elif entry.do is not None:
            entry.do()

    def _make(self, proposal: Proposal) -> None:
        graph, new = proposal.graph, proposal.chosen[-1] not in self._document.graph.nodes
        assert graph is not None
        self._document.commit(proposal.text, graph)
        if new:
            self._canvas.select(proposal.chosen)
            self._canvas.reveal(proposal.chosen[-1])
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- looking -----------------------------------------------------------------------------------------------------

    def _uncover(self, proposal: Proposal) -> None:
        """Scroll so that the layers a proposal adds are seen beside the palette."""
        block = self._canvas.canvas.blocks.get(proposal.chosen[-1])
        if block is None or not self._canvas.isVisible():
            return
        bars = self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()
        self._seen = self._seen or (bars[0].value(), bars[1].value())
        self._canvas.reveal(block.key)
        place = self._canvas.mapFromScene(block.sceneBoundingRect()).boundingRect()
        place.translate(self._canvas.viewport().mapTo(self._window, QPoint(0, 0)))
        card = self.card.inner()
        if place.intersects(card) and not self._loose:
            bars[1].setValue(bars[1].value() - (card.bottom() + ASIDE - place.top()))

    def _look_back(self) -> None:
        if self._seen is not None:
            self._canvas.horizontalScrollBar().setValue(self._seen[0])
            self._canvas.verticalScrollBar().setValue(self._seen[1])
            self._seen = None
