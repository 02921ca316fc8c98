"""Data and augmentations -> its classes, and a sheet of samples as the network will see them, made in a process of its
own."""

from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from netbuilder.gui.errand import Errand
from netbuilder.gui.training.choices import Offer
from netbuilder.layers import Shape

if TYPE_CHECKING:
    from netbuilder.engine import Augmentation

SAMPLES, VERSIONS = 5, 8
MOMENT_MS = 150


@dataclass(frozen=True)
class Seen:
    """What was found: the classes with how many samples of each training has, and a picture as (bytes, width, height,
    colours), or the sentence that says why there is none."""

    picture: tuple[bytes, int, int, int] | str
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


def sheets(pipe: "Connection[Any, Any]") -> None:
    """Make one sheet after another, (source, shape, resize, augmentations) in and Seen out, until nobody asks any
    more."""
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_sheet(*pipe.recv()))


def _sheet(source: str, shape: Shape, resize: bool, augment: "tuple[Augmentation, ...]") -> Seen:
    import numpy as np

    from netbuilder.data import fit, load
    from netbuilder.engine import contact_sheet

    try:
        dataset = fit(load(source), shape, resize=resize)
        names, counts = dataset.classes, ()
        if names:
            counts = tuple(np.bincount(dataset.training.targets, minlength=len(names)).tolist())
        if dataset.image is None:
            return Seen("This data is a table of numbers: there is nothing to see.", names, counts)
        picture = contact_sheet(dataset.training, augment, SAMPLES, VERSIONS)
        height, width, colours = picture.shape
        return Seen((picture.tobytes(), width, height, colours), names, counts)
    except (ValueError, MemoryError) as error:  # all of this program's own errors are ValueErrors
        return Seen(str(error))


class ContactSheet(QLabel):
    """Each row is a sample, first as it is, then as several epochs would show it. `found` carries what was Seen."""

    found = Signal(object)

    def __init__(self, offer: Offer | None, shape: Shape | None, size: QSize, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("contact_sheet")
        self.setAccessibleName("Samples as the network will see them")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setProperty("role", "tertiary")
        self.setWordWrap(True)
        self.setFixedSize(size)
        self._offer, self._shape = offer, shape
        self._wanted: tuple[Augmentation, ...] = ()
        self._busy = False
        self._errand = Errand(sheets, self)
        self._errand.told.connect(self._show)
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(MOMENT_MS)
        self._moment.timeout.connect(self._ask)

    def show_augmented(self, augment: "tuple[Augmentation, ...]") -> None:
        """Show samples changed like this, in a moment."""
        self._wanted = augment
        self._moment.start()

    def end(self) -> None:
        """Let go of the process."""
        self._moment.stop()
        self._errand.end()

    def _ask(self) -> None:
        if self._offer is None or self._shape is None:
            self.setText("No data is chosen.")
        elif not self._busy:
            self._busy, self._asked = True, self._wanted
            self._errand.send((self._offer.source, self._shape, self._offer.resized, self._wanted))

    def _show(self, seen: Seen) -> None:
        self._busy = False
        if self._asked != self._wanted:
            self._ask()
        self.found.emit(seen)
        if isinstance(seen.picture, str):
            self.setText(seen.picture)
            return
        pixels, width, height, colours = seen.picture
        form = QImage.Format.Format_RGB888 if colours == 3 else QImage.Format.Format_Grayscale8
        ratio = self.devicePixelRatioF()
        picture = QPixmap.fromImage(QImage(pixels, width, height, width * colours, form)).scaled(
            self.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        picture.setDevicePixelRatio(ratio)
        self.setPixmap(picture)
