"""The dialog that draws the design for a paper or a slide: which part, in which style, in light or dark."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPixmap
from PySide6.QtWidgets import (  # fmt: skip
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.gui.boxes import Tick, WordBox
from netbuilder.gui.document import Document
from netbuilder.gui.errand import Errand
from netbuilder.gui.figures import Drawn, FigureOrder, Preview, draw
from netbuilder.gui.filing import ask_where, file_name
from netbuilder.gui.theme import theme
from netbuilder.interop.figures import Style
from netbuilder.layers import Order

PICTURE = QSize(560, 380)
FORMATS = {".svg": "SVG, sharp at any size", ".png": "PNG, pixels", ".pdf": "PDF, for LaTeX"}

PARTS = ("cards", "boxes", "light", "dark", "whole", "part", "table", "format", "cancel", "save", "preview")


class FigureDialog(QDialog):
    """Shows what would be written as it is chosen. `said` carries a sentence once the file is there."""

    said = Signal(str)

    def __init__(self, document: Document, selected: Collection[int], order: Order, folder: Path, parent: QWidget):
        super().__init__(parent)
        self.setObjectName("figure_dialog")
        self.setWindowTitle("Export figure")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._graph = document.graph
        self._axes: Order = order
        self._selected = frozenset(selected)
        self._place = (document.path.parent if document.path else folder) / file_name(document.title)
        self.cards, self.boxes = QRadioButton("Cards, as on the canvas"), QRadioButton("Boxes, as papers draw them")
        self.light, self.dark = QRadioButton("Light"), QRadioButton("Dark")
        self.whole, self.part = QRadioButton("The whole design"), QRadioButton("The selected layers")
        self.table = Tick("A table of the layers beside it")
        self.format = WordBox(FORMATS)
        self.preview, self.sentence = QLabel(self), QLabel(self)
        self.cancel, self.save = QPushButton("Cancel", self), QPushButton("Save…", self)
        self._wanted = self._asked = self._order_now()
        self._busy = False
        self._errand = Errand(draw, self)
        self._errand.told.connect(self._hear)
        self._errand.ended.connect(lambda: self._refuse("The drawing ended unexpectedly."))
        self._lay_out()
        self._connect()
        self._ask()

    # ---- doing -------------------------------------------------------------------------------------------------------

    def _order_now(self) -> FigureOrder:
        style: Style = "boxes" if self.boxes.isChecked() else "cards"
        part = self._selected if self.part.isChecked() else frozenset[int]()
        dark, table = self.dark.isChecked(), self.table.isChecked()
        return FigureOrder(self._graph, None, part, style, dark, self._axes, table)

    def _ask(self) -> None:
        """Draw what is chosen now, once the drawing before is there."""
        self.table.setEnabled(self.whole.isChecked())
        self._wanted = self._order_now()
        if not self._busy:
            self._busy, self._asked = True, self._wanted
            self._errand.send(self._wanted)

    def _hear(self, found: Any) -> None:
        self._busy = False
        match found:
            case Drawn(path):
                self.said.emit(f"Wrote {path.name}.")
                self.accept()
            case Preview(_, picture):
                self._show(picture)
            case _:
                self._refuse(str(found))
        if not isinstance(found, Drawn) and self._wanted != self._asked:
            self._ask()

    def _save(self) -> None:
        ending = cast("str", self.format.currentData())
        path = ask_where(self, "Save the figure", self._place.with_name(f"{self._place.name}{ending}"), f"*{ending}")
        if path is not None and path.suffix.lower() not in FORMATS:
            self._refuse(f"The name of a figure ends in .svg, .png or .pdf, not as “{path.name}”.")
        elif path is not None:
            self.save.setEnabled(False)
            self._errand.send(replace(self._order_now(), path=path))

    def _show(self, picture: bytes) -> None:
        self.sentence.hide()
        ratio, whole = self.devicePixelRatioF(), QPixmap()
        whole.loadFromData(picture)
        room = self.preview.size() * ratio
        if whole.width() > room.width() or whole.height() > room.height():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            whole = whole.scaled(room, keep, smooth)
        whole.setDevicePixelRatio(ratio)
        self.preview.setPixmap(whole)

    def _refuse(self, sentence: str) -> None:
        self.save.setEnabled(True)
        self.sentence.setText(sentence)
        self.sentence.show()

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def done(self, arg__1: int) -> None:
        self._errand.end()
        super().done(arg__1)

    def closeEvent(self, arg__1: QCloseEvent) -> None:
        self._errand.end()
        super().closeEvent(arg__1)

    # ---- making ------------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        for button in (self.cards, self.light, self.whole):
            button.toggled.connect(lambda _on: self._ask())  # its partner changes with it
        self.table.edited.connect(lambda _on: self._ask())
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        (self.dark if theme.dark else self.light).setChecked(True)
        self.cards.setChecked(True)
        self.format.show_choice(".svg")
        (self.part if len(self._selected) > 1 else self.whole).setChecked(True)
        self.part.setEnabled(bool(self._selected))
        self._name_parts()
        form = QGridLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        rows = (("Show", self.whole, self.part), ("Style", self.cards, self.boxes), ("Colours", self.light, self.dark))
        for row, (text, first, second) in enumerate(rows):
            group = QButtonGroup(self)
            group.addButton(first)
            group.addButton(second)
            form.addWidget(_label(text), row, 0)
            form.addWidget(first, row, 1)
            form.addWidget(second, row, 2)
        form.addWidget(_label("Numbers"), 3, 0)
        form.addWidget(self.table, 3, 1, 1, 2)
        form.addWidget(_label("Format"), 4, 0)
        form.addWidget(self.format, 4, 1)
        form.setColumnStretch(2, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(self.preview)
        column.addLayout(form)
        column.addWidget(self.sentence)
        column.addLayout(foot)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)

    def _name_parts(self) -> None:
        for name in PARTS:
            getattr(self, name).setObjectName(f"figure_{name}")
        self.format.setAccessibleName("Format")
        self.preview.setAccessibleName("Preview of the figure")
        self.preview.setFixedSize(PICTURE)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setProperty("role", "error")
        self.sentence.setWordWrap(True)
        self.sentence.hide()
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "secondary")
    return label
