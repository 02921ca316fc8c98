"""Which data a design is offered, and what the form makes of it."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.data import catalogue
from netbuilder.examples import EXAMPLES, example
from netbuilder.gui.training.choices import METHODS, Choices, from_file, input_shape, offers
from netbuilder.gui.training.form import Form
from netbuilder.layers import ImageShape, Shape, VectorShape
from tests.gui.windows import small


@pytest.mark.parametrize(
    ("shape", "source"),
    [
        (ImageShape(1, 28, 28), "fashion-mnist"),
        (ImageShape(1, 8, 8), "digits"),
        (ImageShape(3, 32, 32), "shapes"),
        (VectorShape(784), "fashion-mnist"),
        (VectorShape(64), "digits"),
    ],
)
def test_what_fits_comes_first_and_is_not_resized(shape: Shape, source: str) -> None:
    first = offers(shape)[0]
    assert first.source == source
    assert not first.resized


def test_the_nearest_is_resized_and_says_so() -> None:
    first = offers(ImageShape(1, 25, 64))[0]
    assert (first.source, first.resized) == ("fashion-mnist", True)
    assert first.note == "28×28×1 resized to 25×64×1"


def test_what_cannot_be_converted_is_not_offered() -> None:
    assert offers(VectorShape(100)) == ()
    assert offers(ImageShape(16, 28, 28)) == ()
    assert {offer.source for offer in offers(ImageShape(3, 28, 28))} == {"fashion-mnist", "digits", "shapes"}


@pytest.mark.parametrize("known", [known for known in EXAMPLES if known.data], ids=lambda known: known.name)
def test_every_example_is_offered_what_it_is_meant_for(known, qtbot: QtBot, styled: QApplication) -> None:
    form = Form()
    qtbot.addWidget(form)
    form.suit(input_shape(example(known.name)), known.data)
    assert form.offer is not None
    assert form.offer.source == known.data


def test_without_an_input_everything_is_offered_as_it_comes() -> None:
    assert {offer.source for offer in offers(None)} == {info.name for info in catalogue()}
    assert not any(offer.resized for offer in offers(None))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_becomes_a_job(method) -> None:
    offer = offers(ImageShape(1, 8, 8))[0]
    job = Choices(offer, method.name, method.rate, batch=32, epochs=3).job(small())
    assert (job.data, job.batch_size, job.epochs, job.resize) == ("digits", 32, 3, False)
    assert job.optimizer.lr == method.rate
    assert method.title.split()[0].lower() in str(job.optimizer.to_dict()).lower()


def test_a_choice_by_hand_outlives_edits_but_not_another_input(qtbot: QtBot, styled: QApplication) -> None:
    form = Form()
    qtbot.addWidget(form)
    form.suit(ImageShape(1, 28, 28))
    form.data.setCurrentIndex(1)
    form.data.activated.emit(1)
    chosen = form.offer
    assert chosen is not None
    form.suit(ImageShape(1, 28, 28))
    assert form.offer == chosen
    form.suit(ImageShape(1, 8, 8))
    assert form.offer is not None
    assert form.offer.source == "digits"


def test_a_file_of_the_users_stays_chosen_whatever_the_input(qtbot: QtBot, styled: QApplication) -> None:
    form = Form()
    qtbot.addWidget(form)
    form.open(Path("/data/own.npz"))
    for shape in (ImageShape(1, 28, 28), ImageShape(3, 9, 9)):
        form.suit(shape)
        assert form.offer == from_file(Path("/data/own.npz"))


def test_the_rate_steps_through_1_2_5(qtbot: QtBot, styled: QApplication) -> None:
    form = Form()
    qtbot.addWidget(form)
    form.rate.setValue(0.05)
    shown = []
    for steps in (1, 1, -3):
        form.rate.stepBy(steps)
        shown.append(form.rate.text())
    assert shown == ["0.1", "0.2", "0.02"]


def test_a_method_brings_its_rate(qtbot: QtBot, styled: QApplication) -> None:
    form = Form()
    qtbot.addWidget(form)
    for index, method in enumerate(METHODS):
        form.method.setCurrentIndex(index)
        form.method.activated.emit(index)
        assert form.rate.value() == pytest.approx(method.rate)
