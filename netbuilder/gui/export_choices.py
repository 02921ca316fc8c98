"""How an ONNX file is to be written: the usual choices in sight, the others folded."""

from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from netbuilder.gui.boxes import WordBox
from netbuilder.gui.fold import Fold
from netbuilder.gui.labels import Text
from netbuilder.gui.number_box import NumberBox

PRECISIONS = {
    "float32": "float32, exactly as trained",
    "float16": "float16, half the size",
    "int8": "int8, a quarter of the size",
}
HELP = {
    "float32": "",
    "float16": "Weights are rounded to three digits.",
    "int8": "Computes in whole numbers, fitted to samples of the training part.",
}
OPSETS = tuple(range(13, 22))
USUAL_OPSET, LARGEST_BATCH = 17, 65_536


class OnnxChoices(QWidget):
    """`options()` are those of an export by the names it has for them."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.softmax = QCheckBox("End with a softmax: probabilities instead of scores", self)
        self.prepare = QCheckBox("Take samples as they are stored, and prepare them inside", self)
        self.verify = QCheckBox("Run the file on the test part first, and compare", self)
        inner = QWidget(self)
        self.precision = WordBox(PRECISIONS, inner)
        self.opset = WordBox({each: f"{each}{', usual' if each == USUAL_OPSET else ''}" for each in OPSETS}, inner)
        self.batch = NumberBox(1, LARGEST_BATCH, "any", parent=inner)
        self.help = Text("", "tertiary")
        self.fold = Fold("More", "export_more", inner, self)
        self._name_parts()
        rows = _form(self)
        rows.addWidget(labelled("Output"), 0, 0)
        rows.addWidget(self.softmax, 0, 1)
        rows.addWidget(labelled("Input"), 1, 0)
        rows.addWidget(self.prepare, 1, 1)
        rows.addWidget(labelled("Check"), 2, 0)
        rows.addWidget(self.verify, 2, 1)
        rows.addWidget(self.fold, 3, 0, 1, 2)
        more = _form(inner)
        for row, (text, field) in enumerate((("Precision", self.precision), ("Opset", self.opset))):
            more.addWidget(labelled(text, field), 2 * row, 0)
            more.addWidget(field, 2 * row, 1)
        more.addWidget(self.help, 1, 1)
        more.addWidget(labelled("Batch", self.batch), 4, 0)
        more.addWidget(self.batch, 4, 1)
        for field in (self.precision, self.opset):
            field.edited.connect(lambda _value: self._sync())
        self.batch.tried.connect(lambda _value: self._sync())
        order = (self.verify, self.fold.heading, self.precision, self.opset, self.batch)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        self.opset.show_choice(USUAL_OPSET)
        self.precision.show_choice("float32")
        self.batch.show_number(None)
        self._sync()

    def options(self) -> dict[str, Any]:
        """What is chosen."""
        return {
            "opset": self.opset.currentData(),
            "softmax": self.softmax.isChecked(),
            "preprocessing": "auto" if self.prepare.isChecked() else "none",
            "batch": self.batch.number(),
            "precision": self.precision.currentData(),
        }

    def show_data(self, known: bool) -> None:
        """Without data nothing is known of samples as they are stored."""
        self.prepare.setEnabled(known)
        self.prepare.setChecked(self.prepare.isChecked() and known)

    def _sync(self) -> None:
        precision, opset, batch = self.precision.currentData(), self.opset.currentData(), self.batch.number()
        self.help.say(HELP[precision])
        self.help.setVisible(bool(HELP[precision]))
        other = [precision] if precision != "float32" else []
        other += [f"opset {opset}"] if opset != USUAL_OPSET else []
        other += [f"batches of {batch}"] if batch else []
        self.fold.say(" · ".join(other))

    def _name_parts(self) -> None:
        for name in ("softmax", "prepare", "verify", "precision", "opset", "batch"):
            getattr(self, name).setObjectName(f"export_{name}")
        self.verify.setChecked(True)
        told = {
            self.prepare: "Scaling and standardising become part of the file, so that it takes pixels from 0 to 255",
            self.verify: "ONNX's own evaluator and, where it is installed, onnxruntime have to find what the network "
            "finds, or nothing is written; the figures are kept beside the file as a certificate",
            self.softmax: "What the file gives adds up to 1",
            self.precision: "Of the weights in the file",
            self.opset: "The version of ONNX's operators; older tools need a lower one",
            self.batch: "How many samples the file takes at a time",
        }
        for field, tip in told.items():
            field.setToolTip(tip)
        self.precision.setAccessibleName("Precision")
        self.opset.setAccessibleName("Opset")
        self.batch.setAccessibleName("Batch")


def labelled(text: str, field: QWidget | None = None) -> QLabel:
    """What stands at the left of a row."""
    label = QLabel(text)
    label.setProperty("role", "secondary")
    label.setMinimumWidth(56)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if field is not None:
        label.setBuddy(field)
    return label


def _form(parent: QWidget) -> QGridLayout:
    form = QGridLayout(parent)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(8)
    form.setColumnStretch(1, 1)
    return form
