"""The curves as a file: their points as CSV, their picture as PNG or SVG."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from netbuilder.gui.theme import BODY, font, theme
from netbuilder.gui.training.chart import Chart
from netbuilder.gui.training.legend import Entry, paint_entries
from netbuilder.gui.training.record import Record
from netbuilder.storage import write_atomic

MARGIN, HEAD = 16, 32
SHARPNESS = 3
"""Pixels of a PNG for each one on the screen."""


def write_csv(record: Record, path: Path) -> None:
    """Write every point: part, epoch, loss, accuracy (empty where there are no classes). Raises FileError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("part", "epoch", "loss", "accuracy"))
    for part, epoch, loss, accuracy in record.rows():
        writer.writerow((part, f"{epoch:.6g}", repr(loss), "" if accuracy is None else repr(accuracy)))
    write_atomic(path, text.getvalue().encode())


def write_picture(charts: Sequence[tuple[str, Chart]], entries: tuple[Entry, ...], path: Path) -> None:
    """Draw charts side by side, as the screen shows them, under their titles into a .png or .svg. Raises FileError."""
    _title, last = charts[-1]
    size = QSize(last.geometry().right() + 2 * MARGIN, HEAD + last.height() + MARGIN // 2)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if path.suffix == ".svg":
        from PySide6.QtSvg import QSvgGenerator

        paper = QSvgGenerator()
        paper.setOutputDevice(buffer)
        paper.setSize(size)
        paper.setResolution(last.logicalDpiX())  # or the axes, which pyqtgraph records, would be drawn smaller
        paper.setViewBox(QRectF(0, 0, size.width(), size.height()))
        paper.setTitle("Training curves")
        _draw(charts, entries, paper, size)
    else:
        image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARPNESS)
        for _title, chart in charts:
            chart.sharpen(SHARPNESS / chart.devicePixelRatioF())
        _draw(charts, entries, image, size)
        for _title, chart in charts:
            chart.sharpen(1)
        image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    write_atomic(path, bytes(buffer.data().data()))


def _draw(
    charts: Sequence[tuple[str, Chart]], entries: tuple[Entry, ...], paper: "QImage | object", size: QSize
) -> None:
    painter = QPainter(paper)  # pyright: ignore[reportArgumentType]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(theme.colours.surface))
    for title, chart in charts:
        left, top = chart.x() + MARGIN, HEAD
        painter.setPen(QColor(theme.colours.text))
        painter.setFont(font(BODY, weight=font().Weight.DemiBold))
        painter.drawText(QPointF(left, HEAD - 12), title)
        target = QRectF(left, top, chart.width(), chart.height())
        painter.save()
        painter.setClipRect(target)
        seen = chart.mapToScene(chart.viewport().rect()).boundingRect()
        chart.scene().render(painter, target, seen, Qt.AspectRatioMode.IgnoreAspectRatio)
        painter.restore()
    start = QPointF(charts[-1][1].x() + MARGIN + 96, HEAD - 16)
    paint_entries(painter, entries, start, size.width() - start.x() - MARGIN)
    painter.end()
