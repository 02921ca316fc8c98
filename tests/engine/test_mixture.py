"""A mixture of losses is text that a person types, a run file keeps, and the engine sums term by term."""

from typing import Any

import numpy as np
import pytest

from netbuilder.engine import LOSSES, Job, JobError, Misuse, compile, heads, loss_text, resolved
from netbuilder.engine.mixture import Term, terms, written
from netbuilder.graph import Graph
from netbuilder.layers import Dense, Input, Softmax, Tanh
from tests.engine.designs import lenet_like
from tests.engine.slopes import largest_error


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mse", (Term("mse", 1.0),)),
        ("0.5 mse", (Term("mse", 0.5),)),
        ("cross_entropy + 0.5 mse", (Term("cross_entropy", 1.0), Term("mse", 0.5))),
        ("2*mse+.25·cross_entropy", (Term("mse", 2.0), Term("cross_entropy", 0.25))),
        ("1e-3 mse", (Term("mse", 1e-3),)),
    ],
)
def test_a_mixture_is_read_and_written_back(text: str, found: tuple[Term, ...]):
    assert terms(text) == found
    assert terms(written(found)) == found


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("hinge", "must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not 'hinge'"),
        ("mse +", "must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not ''"),
        ("0.5", "must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not '0.5'"),
        ("auto + mse", "must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not 'auto'"),
        ("mse mse", "must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not 'mse mse'"),
        ("mse + 0.5 mse", "counts mse twice"),
        ("cross_entropy + 0 mse", "must count mse by a number above 0 and at most 1,000,000, not 0"),
        ("cross_entropy + -1 mse", "must count mse by a number above 0 and at most 1,000,000, not -1"),
        ("1.2.3 mse", "must count mse by a number above 0 and at most 1,000,000, not 1.2.3"),
        (None, "must be auto, cross_entropy, mse or a sum such as cross_entropy + 0.5 mse, not None"),
    ],
)
def test_what_is_no_loss_is_refused_in_a_sentence(typed: Any, sentence: str):
    for refusing in (lambda: Job(lenet_like(), "digits", loss=typed), lambda: loss_text(typed)):
        with pytest.raises(JobError) as refused:
            refusing()
        assert str(refused.value) == f"The loss {sentence}."


def test_a_job_keeps_its_mixture_in_one_spelling():
    job = Job(lenet_like(), "digits", loss="cross_entropy+0.50*mse")
    assert job.loss == "cross_entropy + 0.5 mse" == Job.from_dict(job.graph, job.to_dict()).loss
    assert resolved(job.loss, classes=True) == job.loss
    assert [resolved("auto", classes=classes) for classes in (True, False)] == ["cross_entropy", "mse"]


def test_a_program_takes_no_auto():
    program = compile(lenet_like())
    with pytest.raises(Misuse, match="not 'auto'"):
        program.loss_and_gradients(program.init(), np.zeros((1, 1, 8, 8)), np.array([0]), "auto")


def closed() -> Graph:
    return Graph.chain(Input(features=4), Dense(5), Tanh(), Dense(3), Softmax())


@pytest.mark.parametrize("graph", [closed(), closed().remove("softmax_1")], ids=["softmax", "scores"])
def test_a_mixture_is_the_sum_of_its_losses_and_so_is_its_gradient(graph: Graph):
    """Before a softmax cross-entropy reads the scores and mse the probabilities: gradients enter at two steps."""
    program, draw = compile(graph, "float64"), np.random.default_rng(0)
    weights, x, labels = program.init(1), draw.normal(size=(6, 4)), draw.integers(0, 3, 6)
    single = {name: program.loss_and_gradients(weights, x, labels, name) for name in LOSSES}
    loss, gradients = program.loss_and_gradients(weights, x, labels, "0.7 cross_entropy + 3 mse")
    assert loss == pytest.approx(0.7 * single["cross_entropy"][0] + 3 * single["mse"][0], rel=1e-12)
    for key, gradient in gradients.items():
        expected = 0.7 * single["cross_entropy"][1][key] + 3 * single["mse"][1][key]
        np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-13)
    assert len({reading.step for reading in program.readings("cross_entropy + mse")}) == 1 + program.heads[0].softmax
    assert largest_error(graph, 2, "0.7 cross_entropy + 3 mse") <= 1e-6


def test_a_mixture_that_reads_probabilities_twice_is_caught(monkeypatch: pytest.MonkeyPatch):
    """Negative control: cross-entropy of what a softmax gives is another number."""
    program = compile(closed(), "float64")
    weights, x, labels = program.init(1), np.random.default_rng(0).normal(size=(6, 4)), np.zeros(6, np.int64)
    right, _ = program.loss_and_gradients(weights, x, labels, "cross_entropy + mse")
    monkeypatch.setattr(heads.Head, "_read_by", lambda head, loss: head.index)
    wrong, _ = compile(closed(), "float64").loss_and_gradients(weights, x, labels, "cross_entropy + mse")
    assert abs(right - wrong) > 1e-3


def test_a_dropped_term_is_caught_by_central_differences(monkeypatch: pytest.MonkeyPatch):
    judge = heads.judge

    def forgetful(*arguments: Any) -> heads.Judged:
        found = judge(*arguments)
        return found._replace(gradients=dict(list(found.gradients.items())[:1]))

    monkeypatch.setattr("netbuilder.engine.program.judge", forgetful)
    assert largest_error(closed(), 2, "cross_entropy + mse") > 1e-3
