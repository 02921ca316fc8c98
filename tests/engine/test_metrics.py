"""Evaluation counts every sample once, whatever the chunks."""

import numpy as np
import pytest

from netbuilder.data import load
from netbuilder.engine import compile, cross_entropy, evaluate
from netbuilder.engine.metrics import Tally
from tests.engine.designs import lenet_like


def test_evaluation_in_chunks_equals_evaluation_at_once():
    program, part = compile(lenet_like(), "float64"), load("digits").training
    assert len(part) > 2 * program.chunk
    assert len(part) % program.chunk
    weights = program.init()
    tally = evaluate(program, weights, part)
    outputs = program.predict(weights, part.batch(slice(None)))
    assert tally.loss == pytest.approx(cross_entropy(outputs, part.targets)[0], rel=1e-12)
    assert tally.accuracy == (outputs.argmax(1) == part.targets).mean()


def test_the_confusion_table_has_a_row_for_what_is_and_a_column_for_what_was_guessed():
    tally = Tally(3, classes=True)
    assert tally.add(0.5, np.eye(3)[[0, 1, 1, 2]], np.array([0, 1, 2, 2])) == 3
    assert tally.confusion is not None
    assert tally.confusion.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert (tally.accuracy, tally.loss, tally.samples) == (0.75, 0.5, 4)


def test_values_have_a_loss_but_no_accuracy():
    tally = Tally(2, classes=False)
    assert tally.add(2.0, np.zeros((4, 2)), np.zeros((4, 2))) is None
    tally.add(5.0, np.zeros((2, 2)), np.zeros((2, 2)))
    assert (tally.accuracy, tally.confusion, tally.loss) == (None, None, 3.0)


def test_thousands_of_classes_need_no_table():
    tally = Tally(5000, classes=True)
    tally.add(1.0, np.zeros((1, 5000)), np.array([0]))
    assert tally.confusion is None
    assert tally.accuracy == 1.0
