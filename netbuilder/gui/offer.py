"""An edit that is offered as a button: what it does, what it gives; pointing previews it, pressing makes it."""

from typing import ClassVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from netbuilder.analysis import Report
from netbuilder.graph import Graph
from netbuilder.gui.document import Document
from netbuilder.gui.labels import Text

BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class Offer(QPushButton):
    """One edit of the design as it is now. `made` says that it was committed, as one step called `text`, `ended` that
    it is no longer previewed."""

    made = Signal()
    ended = Signal()
    _shown: ClassVar[tuple[Graph, Report] | None] = None

    def __init__(self, document: Document, text: str, graph: Graph, title: str, gives: str, *, best: str = ""):
        super().__init__()
        self._document, self._text, self._graph, self._base = document, text, graph, document.graph
        self._mine: tuple[Graph, Report] | None = None
        self.setProperty("role", "fix-best" if best else "fix")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(gives)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        head, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(10, 7, 10, 8)
        column.setSpacing(2)
        head.addWidget(Text(title, "fix-title"), 1)
        if best:
            sign = QLabel(f"{best} ⏎")
            sign.setProperty("role", "fix-sign")
            head.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(Text(gives, "secondary"))
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self.make)

    def make(self) -> None:
        """Commit the edit, unless the design has become another since it was offered."""
        if self._document.graph is self._base:
            self._mine = None
            self._document.commit(self._text, self._graph)
            self.made.emit()

    def preview(self) -> None:
        """Show what the edit would give, unless an edit in progress elsewhere is being shown."""
        shown = self._document.preview
        if self._document.graph is self._base and (shown is None or shown is Offer._shown):
            self._document.show_preview(self._graph)
            self._mine = Offer._shown = self._document.preview

    def end_preview(self) -> None:
        """Show the design as it is again."""
        mine, self._mine = self._mine, None
        if mine is not None and self._document.preview is mine:
            self._document.show_preview(None)
            self.ended.emit()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else super().heightForWidth(width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.preview()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.end_preview()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.end_preview()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in BY_KEY:
            self.preview()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.end_preview()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        event.accept()
