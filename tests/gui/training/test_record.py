"""Curves that grow point by point, and what they become on disk and in words."""

import csv
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.gui.theme import LIGHT
from netbuilder.gui.training.chart import VALIDATION
from netbuilder.gui.training.curves import Curves
from netbuilder.gui.training.progress import duration
from netbuilder.gui.training.record import Change, Record, Series, Smoothed
from tests.gui.windows import small


@pytest.fixture
def record() -> Record:
    made = Record("run 1", small(), "Digits", epochs=3, began=datetime(2026, 1, 2, 14, 2))
    for step in range(1, 61):
        made.batch(step / 20, 2.0 / step, 1 - 1 / step)
        if step % 20 == 0:
            made.validated(step / 20, 2.5 / step, 1 - 2 / step)
    return made


@pytest.fixture
def curves(record: Record, styled: QApplication, qtbot: QtBot) -> Curves:
    made = Curves()
    qtbot.addWidget(made)
    made.resize(800, 200)
    made.show_record(record)
    made.show()
    qtbot.waitUntil(lambda: made.loss._smoothed.xData is not None)
    return made


def points(curves: Curves) -> int:
    drawn = curves.loss._batches.xData
    return 0 if drawn is None else len(drawn)


def test_a_series_keeps_every_point_however_many() -> None:
    series = Series()
    for index in range(1000):
        series.add(index, index * index)
    assert len(series) == 1000
    assert np.array_equal(series.x, np.arange(1000))
    assert np.array_equal(series.y, np.arange(1000) ** 2)
    assert series.at(-1) is None
    assert series.at(10.5) == 100


def test_smoothing_is_a_weighted_mean_of_all_so_far() -> None:
    values = [3.0, 1.0, 2.0, 7.0]
    smoothed = Smoothed()
    for index, value in enumerate(values):
        smoothed.add(index, value)
    weights = smoothed.memory ** np.arange(len(values))[::-1]
    assert smoothed.y[0] == pytest.approx(values[0])
    assert smoothed.y[-1] == pytest.approx(np.average(values, weights=weights))


@pytest.mark.parametrize(("steps", "batches"), [(6, 3), (60, 10), (1000, 25)])
def test_smoothing_suits_the_length_of_an_epoch(steps: int, batches: int) -> None:
    record = Record("run 1", small(), "Digits")
    record.pace(steps)
    assert record.loss.smoothed.memory == record.accuracy.smoothed.memory == 1 - 1 / batches


def test_best_accuracy_is_of_the_validation_part(record: Record) -> None:
    assert record.best_accuracy == pytest.approx(1 - 2 / 60)


def test_the_csv_holds_every_point(curves: Curves, record: Record, tmp_path: Path) -> None:
    curves.export(tmp_path / "curves.csv")
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text().splitlines()))
    assert len(rows) == 63
    assert [row["part"] for row in rows].count("validation") == 3
    assert float(rows[59]["loss"]) == record.loss.training.y[59]
    assert float(rows[59]["accuracy"]) == record.accuracy.training.y[59]


def test_the_svg_is_drawn_in_lines_not_pixels(curves: Curves, tmp_path: Path) -> None:
    curves.export(tmp_path / "curves.svg")
    tags = [element.tag.rpartition("}")[2] for element in ET.parse(tmp_path / "curves.svg").iter()]
    assert tags.count("polyline") + tags.count("path") > 10
    assert "text" in tags
    assert "image" not in tags


def test_the_png_shows_both_curves(curves: Curves, tmp_path: Path) -> None:
    curves.export(tmp_path / "curves.png")
    image = QImage(str(tmp_path / "curves.png"))
    assert image.width() > 2 * curves.width()
    half = image.width() // 2
    for left in (0, half):
        below_the_titles = (
            image.pixelColor(x, y) for x in range(left, left + half, 5) for y in range(120, image.height(), 5)
        )
        hues = {colour.name() for colour in below_the_titles if colour.hsvSaturation() > 150}
        assert LIGHT.accent.lower() in hues
        assert VALIDATION[False].lower() in hues


def test_a_logarithmic_axis_takes_a_loss_of_zero(curves: Curves, record: Record, qtbot: QtBot) -> None:
    record.batch(3.0, 0.0, 1.0)
    curves._log.setChecked(True)
    curves.show_record(record)
    qtbot.wait(50)
    low, high = curves.loss.viewRange()[1]
    assert np.isfinite([low, high]).all()
    assert low < high


def test_the_cross_hair_reads_both_charts_at_one_epoch(curves: Curves, record: Record) -> None:
    curves._hover(2.0)
    loss, accuracy = (curves._read[chart].text() for chart in (curves.loss, curves.accuracy))
    assert loss.splitlines()[0] == accuracy.splitlines()[0] == "epoch 2.00"
    assert f"validation {2.5 / 40:.4g}" in loss
    assert "validation 95.0 %" in accuracy
    curves._hover(None)
    assert curves._read[curves.loss].isHidden()


def test_a_change_of_rate_is_marked_where_it_happened(curves: Curves, record: Record, qtbot: QtBot) -> None:
    record.changes.append(Change(1.25, 0.1, 0.05))
    curves.show_record(record)
    qtbot.waitUntil(lambda: len(curves.loss._marks) == 1)
    assert curves.loss._marks[0].value() == 1.25
    assert record.changes[0].text == "rate 0.1 → 0.05"


def test_zooming_stops_following_until_everything_is_wanted_again(curves: Curves) -> None:
    curves.loss._moved()
    assert not curves.loss.following
    assert not curves.accuracy.following
    curves.look_at_all()
    assert curves.loss.following
    assert curves.loss.viewRange()[0][1] == pytest.approx(3, rel=0.02)


def test_a_hundred_thousand_points_are_drawn_as_few(curves: Curves, qtbot: QtBot) -> None:
    record = Record("long", small(), "Digits", epochs=100)
    for step in range(100_000):
        record.batch(step / 1000, 1.0 + step % 7, 0.5)
    curves.show_record(record)
    qtbot.waitUntil(lambda: points(curves) == 100_000)
    shown, _ = curves.loss._batches.getData()
    assert shown is not None
    assert 100 < len(shown) < 10_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (14.4, "14 s"), (99, "99 s"), (200, "3 min"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_durations_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
