"""What was seen of each layer is kept beside the figures, cut where a run goes on, and names stay text."""

from dataclasses import replace
from pathlib import Path

import pytest

from netbuilder.engine import Adam, Health, Job, LayerHealth, RateFound, health
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Flatten, Input
from netbuilder.runs import Looked, Run, Worker, record, resume
from netbuilder.runs.health_file import HealthFile, read_health
from netbuilder.storage import FileError
from tests.engine.designs import with_everything_random

JOB = Job(with_everything_random(), "digits", epochs=2, optimizer=Adam(3e-3), seed=5)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at every update."""
    monkeypatch.setattr(health, "EVERY", -1.0)
    monkeypatch.setattr(health, "SHARE", 1e9)


def test_a_run_keeps_what_was_seen_of_each_layer(tmp_path: Path, always: None):
    told = [event for event in record(JOB, tmp_path / "run") if isinstance(event, Health)]
    rows = Run.open(tmp_path / "run").health()
    assert len(rows) == 40 * 4
    expected = [
        Looked(event.step, event.epoch, each.layer, each.gradient, each.ratio, each.dead)
        for event in told
        for each in event.layers
    ]
    assert rows == expected


def test_a_run_that_goes_on_has_every_look_once(tmp_path: Path, always: None):
    list(record(replace(JOB, epochs=1), tmp_path / "run"))
    list(resume(tmp_path / "run", epochs=2))
    steps = [row.step for row in Run.open(tmp_path / "run").health() if row.layer == "dense_1"]
    assert steps == list(range(1, 41))


def test_a_run_too_short_for_a_look_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(health, "EVERY", 1e9)
    list(record(JOB, tmp_path / "run"))
    assert Run.open(tmp_path / "run").health() == []


def test_names_are_text_for_spreadsheets_too_and_come_back_as_they_were(tmp_path: Path):
    names = ("=1+1", "+x", "a,b", "'quoted", "plain")
    file = HealthFile(tmp_path / "health.csv")
    file.add(Health(3, 0.5, tuple(LayerHealth(name, 0.25, None, 1.0) for name in names)))
    assert "\n3,0.5,'=1+1,0.25,,1.0\n" in (tmp_path / "health.csv").read_text()
    assert read_health(tmp_path / "health.csv") == [Looked(3, 0.5, name, 0.25, None, 1.0) for name in names]


def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path):
    path = tmp_path / "health.csv"
    HealthFile(path).add(Health(3, 0.5, (LayerHealth("a", 0.25),)))
    path.write_text(path.read_text() + "4,x,a,,,\n")
    with pytest.raises(FileError, match=r"“health\.csv” is damaged\."):
        read_health(path)


def test_rates_are_tried_in_a_process_of_their_own():
    graph = Graph.chain(Input(height=8, width=8, channels=1), Flatten(), Dense(10))
    worker, events = Worker.find_rate(replace(JOB, graph=graph)), []
    while not worker.ended:
        events += worker.poll()
    worker.close()
    assert isinstance(events[-1], RateFound)
    assert events[-1].suggestion is not None
