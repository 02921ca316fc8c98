"""The labels panels are made of: plain text always, wrapped or shortened, never cut off."""

from html import escape

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QSizePolicy, QStackedLayout, QWidget

from netbuilder.gui.icons import paint_icon
from netbuilder.gui.theme import theme
from netbuilder.gui.wording import breakable
from netbuilder.layers import Layer


def tip(text: str) -> str:
    """Text for a tooltip, which Qt would otherwise read as HTML wherever it looks like it."""
    return f"<span>{escape(text)}</span>"


class Text(QLabel):
    """Plain text in one of the style sheet's roles; wraps, and can be selected and copied where asked."""

    def __init__(self, text: str = "", role: str = "", *, wrap: bool = True, selectable: bool = False):
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if role:
            self.setProperty("role", role)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.setCursor(Qt.CursorShape.IBeamCursor)
        self.say(text)

    def say(self, text: str) -> None:
        """Show another text; nothing happens where it is the same."""
        shown = breakable(text) if self.wordWrap() else text
        if shown != self.text():
            self.setText(shown)

    def mark(self, changed: bool) -> None:
        """Stand out as a number that a preview changes."""
        mark(self, changed)


def mark(label: QLabel, changed: bool) -> None:
    """Let a label stand out as a number that a preview changes."""
    if changed != bool(label.property("changed")):
        label.setProperty("changed", changed)
        label.style().unpolish(label)
        label.style().polish(label)


class Line(QFrame):
    """A hairline across a panel."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "line")


class ShareBar(QWidget):
    """A thin bar: the part a number has in a total."""

    def __init__(self, name: str):
        super().__init__()
        self._share, self._colour = 0.0, ""
        self.setAccessibleName(name)
        self.setFixedHeight(4)

    def show_share(self, share: float, colour: str) -> None:
        """Fill from 0 to 1 in a colour; anything above nothing stays visible."""
        if (share, colour) != (self._share, self._colour):
            self._share, self._colour = share, colour
            self.setAccessibleDescription(f"{share:.1%}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(QColor(theme.colours.border))
        painter.drawRoundedRect(whole, 2, 2)
        if self._share > 0:
            painter.setBrush(QColor(self._colour))
            whole.setWidth(max(4.0, whole.width() * self._share))
            painter.drawRoundedRect(whole, 2, 2)


class ShortenedText(QLabel):
    """One line that is shortened with … where it does not fit; the tooltip has all of it."""

    def __init__(self, role: str = ""):
        super().__init__()
        self.full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if role:
            self.setProperty("role", role)

    def say(self, text: str) -> None:
        """Show another text."""
        if text != self.full:
            self.full = text
            self.setAccessibleName(text)
            self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.ensurePolished()
        shown = self.fontMetrics().elidedText(self.full, Qt.TextElideMode.ElideRight, max(self.width(), 24))
        if shown != self.text():
            self.setText(shown)


class LayerIcon(QWidget):
    """A layer class's drawing, in the colours of the moment."""

    def __init__(self, size: int = 20):
        super().__init__()
        self._layer: type[Layer] | None = None
        self.setFixedSize(size, size)

    def show_class(self, layer: type[Layer]) -> None:
        """Show another class's drawing."""
        if layer is not self._layer:
            self._layer = layer
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layer is not None:
            paint_icon(QPainter(self), QRectF(self.rect()), self._layer)


class NameField(QWidget):
    """A layer's name, large. A click or F2 turns it into a field; Enter keeps the new name, Escape the old one."""

    renamed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layer_name")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # so that the style sheet's focus ring shows
        self._editable = self._typing = False
        self._label, self._field = ShortenedText("name"), QLineEdit()
        self._field.setObjectName("layer_name_field")
        self._field.setAccessibleName("Name of the layer")
        self._field.setAccessibleDescription("Enter keeps the name, Escape the old one.")
        self._field.setProperty("role", "name")
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._label)
        self._stack.addWidget(self._field)
        self._field.editingFinished.connect(self._finish)
        self._field.installEventFilter(self)

    def name(self) -> str:
        """The name that is shown."""
        return self._label.full

    def show_name(self, name: str, *, editable: bool = True) -> None:
        """Show another name; one being typed is left alone."""
        if (name, editable) != (self._label.full, self._editable):
            self._editable = editable
            self._label.say(name)
            self.setToolTip(tip(breakable(f"{name} — click or press F2 to rename" if editable else name)))
            self.setAccessibleName(f"Name: {name}" if editable else name)
            self.setCursor(Qt.CursorShape.IBeamCursor if editable else Qt.CursorShape.ArrowCursor)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if editable else Qt.FocusPolicy.NoFocus)

    def begin(self) -> None:
        """Let a person type another name."""
        if not self._editable:
            return
        self._typing = True
        self._field.setText(self._label.full)
        self._stack.setCurrentWidget(self._field)
        self._field.setFocus()
        self._field.selectAll()

    def _finish(self) -> None:
        if not self._typing:
            return
        self._typing = False
        typed = self._field.text().strip()
        self._stack.setCurrentWidget(self._label)
        if typed and typed != self._label.full:
            self.renamed.emit(typed)

    # ---- Qt ----------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is self._field and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._typing = False
            self._stack.setCurrentWidget(self._label)
            self.setFocus()
            return True
        return False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.begin()
        else:
            super().keyPressEvent(event)
