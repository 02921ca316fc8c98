"""From the settings layers share to a form, and from a person's edit in it to a setting's name and new value."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from netbuilder.gui.boxes import WordBox
from netbuilder.gui.editor import Editor
from netbuilder.gui.fields import editor_for
from netbuilder.gui.wording import breakable
from netbuilder.layers import Input, Layer, Setting

LABEL_WIDTH, ROW_HEIGHT = 100, 28
IMAGE, LIST = "image", "flat list"


def shared_settings(layers: Sequence[Layer]) -> tuple[Setting, ...]:
    """The settings all these layers have, under the same name and with the same limits."""
    first, *others = layers
    rest = [{(s.name, s.kind) for s in other.settings()} for other in others]
    return tuple(s for s in first.settings() if all((s.name, s.kind) in known for known in rest))


class SettingsForm(QWidget):
    """A row for each setting: label, editor, and beneath it a sentence when typed text is no value.

    `edited` carries name and value, `previewed` the same of one that is only tried, `withdrawn` and `abandoned` take
    that back, `replaced` carries a whole layer where one setting cannot say it, `finished` says that an editor is left.
    """

    edited = Signal(str, object)
    previewed = Signal(str, object)
    withdrawn = Signal()
    abandoned = Signal()
    replaced = Signal(object)
    finished = Signal()

    def __init__(self, settings: Sequence[Setting], parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("settings_form")
        self.settings = tuple(settings)
        self.editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._sentences: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        for setting in self.settings:
            self._add(setting)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        """Show the settings of one layer, or of several as far as they agree."""
        for name, editor in self.editors.items():
            values = [getattr(layer, name) for layer in layers]
            editor.set_value(values[0], mixed=any(value != values[0] for value in values))

    @property
    def pending(self) -> bool:
        """Whether some value is tried that is not kept yet."""
        return any(editor.pending for editor in self.editors.values())

    def settle(self) -> None:
        """Keep what is being tried."""
        for editor in self.editors.values():
            editor.settle()

    def forget(self) -> None:
        """Give up what is being tried, without a word."""
        for editor in self.editors.values():
            editor.forget()

    def refuse(self, name: str, sentence: str) -> None:
        """Say beneath a setting why its value cannot be; '' takes it back."""
        label = self._sentences[name]
        if label.text() != sentence:
            label.setText(breakable(sentence))
            label.setVisible(bool(sentence))

    def _editor(self, setting: Setting) -> Editor:
        """What edits a setting."""
        return editor_for(setting)

    def _add(self, setting: Setting) -> None:
        editor = self._editor(setting)
        self._add_row(setting.name, setting.label, editor)
        editor.edited.connect(lambda value: self._edited(setting.name, value))
        editor.previewed.connect(lambda value: self._previewed(setting.name, value))
        editor.withdrawn.connect(self.withdrawn)
        editor.abandoned.connect(self.abandoned)
        editor.refused.connect(lambda sentence: self.refuse(setting.name, sentence))
        editor.finished.connect(self.finished)
        self.editors[setting.name] = editor

    def _edited(self, name: str, value: object) -> None:
        self.refuse(name, "")
        self.edited.emit(name, value)

    def _previewed(self, name: str, value: object) -> None:
        self.refuse(name, "")
        self.previewed.emit(name, value)

    def _add_row(self, name: str, title: str, field: QWidget) -> None:
        row = self._grid.rowCount()
        label = QLabel(title)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", "secondary")
        label.setWordWrap(True)
        label.setBuddy(field)
        label.setMinimumHeight(ROW_HEIGHT)
        label.setToolTip(field.boxes[0].toolTip() if isinstance(field, Editor) else field.toolTip())
        sentence = QLabel()
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setProperty("role", "error")
        sentence.setWordWrap(True)
        sentence.setObjectName(f"refusal_{name}")
        sentence.hide()
        field.setMinimumHeight(ROW_HEIGHT)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(sentence, row + 1, 0, 1, 2)
        self._labels[name], self._sentences[name] = label, sentence


class InputForm(SettingsForm):
    """The form of where data enters: an image's sides and channels, or the length of a flat list, never both."""

    def __init__(self, settings: Sequence[Setting], parent: QWidget | None = None):
        super().__init__((), parent)
        self.settings = tuple(settings)
        self._data = WordBox({IMAGE: "image", LIST: "flat list of numbers"})
        self._data.setObjectName("input_data")
        self._data.setAccessibleName("Data")
        self._data.setToolTip("Whether data enters as an image or as a flat list of numbers.")
        self._data.edited.connect(self._turn)
        self._data.left.connect(self.finished)
        self._add_row("data", "Data", self._data)
        for setting in self.settings:
            self._add(setting)

    def show_layers(self, layers: Sequence[Layer]) -> None:
        super().show_layers(layers)
        flat = [layer.features is not None for layer in layers if isinstance(layer, Input)]
        mixed = any(flat) and not all(flat)
        self._layer = layers[0]
        self._data.show_choice(LIST if flat[0] else IMAGE, mixed=mixed)
        for name, editor in self.editors.items():
            shown = not mixed and (name == "features") == flat[0]
            editor.setVisible(shown)
            self._labels[name].setVisible(shown)

    def _turn(self, data: str) -> None:
        """Make an image a list of as many numbers; make a list the usual small image."""
        layer = self._layer
        if not isinstance(layer, Input) or (data == LIST) == (layer.features is not None):
            return
        size = (layer.height or 1) * (layer.width or 1) * (layer.channels or 1)
        self.replaced.emit(Input(features=size) if data == LIST else Input())


def form_for(layers: Sequence[Layer]) -> SettingsForm:
    """The form that fits these layers."""
    settings = shared_settings(layers)
    return InputForm(settings) if all(isinstance(layer, Input) for layer in layers) else SettingsForm(settings)
