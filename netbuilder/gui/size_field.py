"""The numeral of an output's size: a press turns it into a field, and what is typed into settings that give it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from netbuilder.gui.document import Document
from netbuilder.gui.form_edits import application
from netbuilder.gui.labels import Text
from netbuilder.gui.offer import Offer
from netbuilder.gui.outcome import in_all
from netbuilder.gui.sizes import reaching, refusal, wishes
from netbuilder.gui.wording import spaced
from netbuilder.layers import Order, Shape
from netbuilder.sizing import Way

HELP = "Type the size you want, such as 14: the settings that give it are listed."


class Numeral(Text):
    """A large number that can be pressed, or entered with Enter, where it is `open_to_wishes`."""

    opened = Signal()

    def __init__(self) -> None:
        super().__init__("", "large", selectable=True)
        self.open_to_wishes = False

    def allow(self, wishes_allowed: bool) -> None:
        """Let it be pressed, or only read and copied."""
        if wishes_allowed == self.open_to_wishes and self.toolTip():
            return
        self.open_to_wishes = wishes_allowed
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.NoTextInteraction if wishes_allowed else flags.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if wishes_allowed else Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if wishes_allowed else Qt.CursorShape.IBeamCursor)
        self.setProperty("pressable", wishes_allowed)
        self.setToolTip("Click to ask for another size (Enter)" if wishes_allowed else "The size of this output")
        self.style().unpolish(self)
        self.style().polish(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.open_to_wishes and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.open_to_wishes and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class SizeField(QWidget):
    """A field for a wanted size over the ways to it. The best is previewed while one types; Enter makes it, Escape or
    leaving gives up. `closed` says that it is over, and whether the focus was still here; `reached` what should be in
    sight."""

    closed = Signal(bool)
    reached = Signal(QWidget)

    def __init__(self, document: Document):
        super().__init__()
        self.setObjectName("size_editor")
        self.field, self.sentence = QLineEdit(), Text(HELP, "secondary")
        self.field.setObjectName("size_field")
        self.field.setAccessibleName("Wanted size of the output")
        self.field.setAccessibleDescription("Enter lists the settings that give it.")
        self.field.setProperty("role", "size")
        self.sentence.setObjectName("size_sentence")
        self.offers: list[Offer] = []
        self._document = document
        self._order: Order = "hwc"
        self._key: int | None = None
        self._base = document.graph
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self.field)
        self._column.addWidget(self.sentence)
        self.field.textEdited.connect(self._list)
        self.field.returnPressed.connect(self._make_best)
        self.hide()

    @property
    def outdated(self) -> bool:
        """Whether the design has become another since the question was asked."""
        return self._key is not None and self._document.graph is not self._base

    def begin(self, key: int, order: Order) -> None:
        """Ask for another size of this layer's output."""
        self._key, self._order, self._base = key, order, self._document.graph
        shape = self._document.report.layers[key].shape
        self.field.setText(spaced(shape, order))
        self._show((), HELP)
        self.show()
        application().focusChanged.connect(self._focus_moved, Qt.ConnectionType.UniqueConnection)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def end(self) -> None:
        """Give up, or be done."""
        if self._key is not None:
            self._key, focused = None, self.isAncestorOf(application().focusWidget() or self)
            application().focusChanged.disconnect(self._focus_moved)
            self._show((), "")
            self.hide()
            self.closed.emit(focused)

    def _list(self, text: str) -> None:
        if self._key is None:
            return
        report, graph = self._document.report, self._document.graph
        layer, shape = graph.nodes[self._key].layer, report.layers[self._key].shape
        sources = [report.layers[each].shape for each in report.layers[self._key].inputs]
        fed = sources[0] if sources else None
        try:
            wanted = wishes(text, shape, self._order)
        except ValueError as reason:
            self._show((), str(reason) if text.strip() else HELP)
            return
        found = reaching(layer, fed, wanted)
        self._show(tuple(self._offer(way, best=not index) for index, way in enumerate(found)), "")
        if not found:
            self._show((), refusal(layer, fed, wanted))

    def _offer(self, way: Way, *, best: bool) -> Offer:
        assert self._key is not None
        document = self._document
        graph = document.graph.exchange(self._key, way.layer)
        gives = f"{_tight(way.shape, self._order)} · {in_all(document.graph, document.report, graph)}"
        offer = Offer(document, "Output size", graph, _sentence(way.label), gives, best="Use" if best else "")
        offer.setObjectName("size_offer")
        offer.made.connect(self.end)
        offer.ended.connect(self._show_best)
        return offer

    def _show(self, offers: tuple[Offer, ...], sentence: str) -> None:
        before, self.offers = self.offers, []
        for old in before:
            old.end_preview()
            old.hide()
            old.deleteLater()
        self.offers = list(offers)
        for offer in offers:
            self._column.addWidget(offer)
            offer.show()
        self.sentence.say(sentence)
        self.sentence.setVisible(bool(sentence))
        if offers:
            offers[0].preview()

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._key is not None and new is not None and not self.isAncestorOf(new):
            self.end()

    def _show_best(self) -> None:
        """What Enter in the field would make is what is previewed while nothing else is pointed at."""
        if self._key is not None and self.offers and self.field.hasFocus():
            self.offers[0].preview()

    def _make_best(self) -> None:
        if self.offers:
            self.offers[0].make()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._walk(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _walk(self, step: int) -> None:
        """From the field down the list and back."""
        rows: list[QWidget] = [self.field, *self.offers]
        here = next((index for index, row in enumerate(rows) if row.hasFocus()), 0)
        if 0 <= here + step < len(rows):
            rows[here + step].setFocus(Qt.FocusReason.TabFocusReason)
            self.reached.emit(rows[here + step])


def _tight(shape: Shape, order: Order) -> str:
    return spaced(shape, order).replace(" ", "")


def _sentence(label: str) -> str:
    return label[:1].upper() + label[1:]
