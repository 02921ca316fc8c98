"""From what the engine warns of, and how runs end, to sentences in the training panel with what can be done at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from netbuilder.analysis import training_problems
from netbuilder.gui.banner import Banner, Way
from netbuilder.gui.document import Document
from netbuilder.gui.training.form import Form
from netbuilder.gui.training.outcomes import Outcome
from netbuilder.gui.training.rate_test import RateTest
from netbuilder.gui.training.session import Session
from netbuilder.repairs import repairs

if TYPE_CHECKING:
    from netbuilder.engine import events

TEST, SET = "Test learning rates", "Set "


class Advice(QObject):
    """Speaks through a banner: warnings stay in it until they are closed, information only passes by as `said`."""

    said = Signal(str)

    def __init__(self, document: Document, session: Session, form: Form, banner: Banner):
        super().__init__(banner)
        self._document, self._session, self._form, self._banner = document, session, form, banner
        self._rates = RateTest(self)
        self._rates.found.connect(self._found)
        session.begun.connect(self._begin)
        session.noticed.connect(self._notice)

    def end(self) -> None:
        """Let go of the process that tries rates."""
        self._rates.end()

    def test_rates(self) -> None:
        """Try learning rates for the design as it is; a run that is on is stopped for it."""
        choices = self._form.choices()
        if choices is None or not self._document.report.valid:
            return
        self._session.stop()
        try:
            self._rates.start(self._document.graph, choices)
        except (ValueError, OSError) as error:
            self._banner.say(str(error), "error")
        else:
            self._banner.say("Learning rates are being tried, from 0.000001 to 10 …", "note", Way("Cancel", self.end))

    def ended(self, outcome: Outcome) -> None:
        """Say what went wrong with a run, and offer to go on with it."""
        record = self._session.record
        ways = [way for fix in outcome.fixes if (way := self._way(fix))]
        if not ways and record is not None and record.resumable:
            ways = [Way("Continue", lambda: self._session.take_up(record))]
        self._banner.say(outcome.sentence, "error", *ways)
        self.said.emit(outcome.sentence)

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _begin(self, started: "events.Started") -> None:
        """The loss is known now: what would keep this design from learning under it."""
        report = self._document.report
        for problem in training_problems(report, started.loss):
            if problem.severity == "information":
                self.said.emit(problem.message)
                continue
            found = repairs(self._document.graph, report, problem)[:1]
            ways = [Way(each.label, self._commit(each.label, each.graph)) for each in found]
            self._banner.say(problem.message, "warning", *ways)
            return

    def _commit(self, label: str, graph: object) -> Callable[[], object]:
        return lambda: self._document.commit(label, graph)  # pyright: ignore[reportArgumentType]

    def _notice(self, notice: "events.Notice") -> None:
        if notice.code == "learning-rate":
            ways = [way for fix in notice.fixes if (way := self._way(fix))]
            self._banner.say(notice.message, "warning", *ways)
        else:
            self._banner.say(notice.message, "note")

    def _way(self, fix: str) -> Way | None:
        """A fix by its words, where the window can make it."""
        if fix == TEST:
            return Way(fix, self.test_rates)
        if not fix.startswith(SET):
            return None
        rate, record = float(fix.split()[1]), self._session.record
        if "continue" in fix and record is not None:
            return Way(fix, lambda: self._go_on(rate))
        return Way(fix, lambda: self._form.rate.setValue(rate))

    def _go_on(self, rate: float) -> None:
        self._form.rate.setValue(rate)
        if self._session.record is not None:
            self._session.take_up(self._session.record, rate)

    def _found(self, sentence: str, rate: float | None) -> None:
        ways = [] if rate is None else [Way(f"{SET}{rate:g}", lambda: self._form.rate.setValue(rate))]
        self._banner.say(sentence, "note", *ways)
