"""Keeps the whole design in view while panels come and go, until a person edits it or looks elsewhere."""

from PySide6.QtCore import QEvent, QObject, QTimer

from netbuilder.gui.canvas import CanvasView


class Fitting(QObject):
    """Follows one canvas. After `fit` every other size of the view is fitted too, as long as nobody moved it."""

    def __init__(self, canvas: CanvasView):
        super().__init__(canvas)
        self._canvas = canvas
        self._left: object = None
        """Where the last fit left the view; None once a person did something to it."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.fit)
        canvas.document.changed.connect(self._forget)
        canvas.installEventFilter(self)

    def fit(self) -> None:
        """Show the whole design now, and again whenever the view gets another size."""
        self._timer.stop()
        self._canvas.fit()
        self._left = self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The filter is asked before the view moves by itself to keep its centre.
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and self._left is not None:
            if not self._timer.isActive() and self._place() != self._left:
                self._left = None
            else:
                self._timer.start(0)
        return False

    def _forget(self) -> None:
        self._timer.stop()
        self._left = None

    def _place(self) -> object:
        canvas = self._canvas
        return canvas.scale_now, canvas.horizontalScrollBar().value(), canvas.verticalScrollBar().value()
