"""The left part of the training panel: play and stop, the form, and how far the run is, in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from netbuilder.gui.glyphs import glyph
from netbuilder.gui.labels import tip
from netbuilder.gui.theme import theme
from netbuilder.gui.training.forecast import Forecast
from netbuilder.gui.training.form import Form
from netbuilder.gui.training.outcomes import Outcome
from netbuilder.gui.training.progress import Progress, about, duration, foreseen, moment
from netbuilder.gui.training.session import Session, State
from netbuilder.gui.wording import counted, memory

if TYPE_CHECKING:
    from netbuilder.engine import events

WIDTH, HEAD = 246, 34
PLAY = {State.RUNNING: "Pause", State.PAUSED: "Resume"}


class Column(QWidget):
    """Shows a session. `played` and `halted` tell of its two buttons."""

    played = Signal()
    halted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("training_column")
        self.setFixedWidth(WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._outcome: Outcome | None = None
        self.form, self.progress, self.forecast = Form(self), Progress(self), Forecast(self)
        self.play, self.halt = QToolButton(self), QToolButton(self)
        self._lay_out()
        self.play.clicked.connect(self.played)
        self.halt.clicked.connect(self.halted)
        self.form.changed.connect(self._form_changed)
        self.form.rate_changed.connect(lambda rate: session.change(lr=rate))
        self.form.epochs_changed.connect(lambda epochs: session.change(epochs=epochs))
        self.forecast.changed.connect(self.sync)
        session.changed.connect(self.sync)
        theme.changed.connect(self.sync)
        self.sync()

    def show_outcome(self, outcome: Outcome | None) -> None:
        """Show how the run ended; None when the next one begins."""
        self._outcome = outcome
        self.sync()

    def sync(self) -> None:
        """Show the session as it is now."""
        session = self._session
        state, c = session.state, theme.colours
        words = PLAY.get(state, "Train")
        self.play.setIcon(glyph("pause" if state is State.RUNNING else "play", c.secondary))
        self.play.setToolTip(f"{words} (F5)")
        self.play.setAccessibleName(words)
        self.play.setEnabled(state not in (State.STARTING, State.STOPPING))
        self.halt.setEnabled(session.active and state is not State.STOPPING)
        self.halt.setIcon(glyph("stop", c.secondary if self.halt.isEnabled() else c.border))
        self.form.rest(session.active)
        if session.active or self._outcome is not None:
            self._show_run()
        else:
            self._show_prospect()

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _show_run(self) -> None:
        session = self._session
        record, started, latest = session.record, session.started, session.latest
        if record is None or started is None:
            self.progress.show_state(0, self._outcome.short if self._outcome else "Reading the data …")
            return
        step = latest.step if latest else started.step
        epoch = min(record.epochs, max(1, -(-step // started.steps_per_epoch)))
        if self._outcome is not None:
            left = self._outcome.short
        elif session.state in (State.PAUSED, State.STOPPING):
            left = session.state.value
        else:
            left = f"{duration(latest.seconds_left)} left" if latest else ""
        part = step / max(1, record.epochs * started.steps_per_epoch)
        where = f"Epoch {epoch} of {record.epochs} · step {step:,}"
        pace = f"{latest.images_per_second:,.0f} images a second" if latest else ""
        took, hoped = record.took[0], record.expected[0]
        if took and hoped and not session.active:
            pace = f"{moment(took)} an epoch, predicted {moment(hoped)}"
        self.progress.show_state(part, where, left, pace)
        told = foreseen(record) if took and not session.active else health(record.health) if record.health else ""
        told = f"{outputs(record.shares)} {told}".strip()
        self.progress.setToolTip(tip(told) if told else "")

    def _show_prospect(self) -> None:
        """What a run would do."""
        self.progress.setToolTip("")
        offer = self.form.offer
        if offer is None:
            self.progress.show_state(0, "No built-in data suits this input.")
        elif offer.samples is None:
            self.progress.show_state(0, "Read when the training starts.")
        else:
            steps, found = -(-offer.samples // self.form.batch.value()), self.forecast.prediction
            where = f"{counted(offer.samples, 'image')} · {counted(steps, 'step')}"
            if found is not None:
                where = f"{about(found.seconds)} an epoch · {memory(found.memory)}"
            self.progress.show_state(0, where, pace=offer.note or f"{counted(steps, 'step')} an epoch")

    def _form_changed(self) -> None:
        if not self._session.active:
            self.show_outcome(None)

    def _lay_out(self) -> None:
        head = QWidget(self)
        head.setObjectName("training_head")
        head.setFixedHeight(HEAD)
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel("Training", head)
        title.setProperty("role", "title")
        across = QHBoxLayout(head)
        across.setContentsMargins(16, 0, 10, 0)
        across.setSpacing(4)
        across.addWidget(title, 1)
        for button, name in ((self.play, "training_play"), (self.halt, "training_stop")):
            button.setObjectName(name)
            button.setProperty("role", "quiet")
            across.addWidget(button)
        self.halt.setToolTip("Stop (Shift+F5)")
        self.halt.setAccessibleName("Stop")
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 7, 14, 4)
        inner.setSpacing(6)
        inner.addWidget(self.form)
        inner.addWidget(self.progress)
        inner.addStretch(1)
        down = QVBoxLayout(self)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(head)
        down.addLayout(inner, 1)


def outputs(shares: Mapping[str, float]) -> str:
    """'Of the validation loss have “main” 0.31, “aux” 0.12.', where there are several outputs."""
    if len(shares) < 2:
        return ""
    return f"Of the validation loss have {', '.join(f'“{name}” {share:.3g}' for name, share in shares.items())}."


def health(seen: "events.Health") -> str:
    """'The gradient is longest in “conv1”, 0.31, and shortest in “fc3”, 0.02. In “relu2”, 12 % of the channels are 0
    for a whole batch.'"""
    gradients = sorted((each.gradient, each.layer) for each in seen.layers if each.gradient is not None)
    dead = max(((each.dead, each.layer) for each in seen.layers if each.dead is not None), default=(0.0, ""))
    parts = [f"“{seen.not_finite}” gives numbers that are not finite."] if seen.not_finite else []
    if gradients:
        (short, least), (long, most) = gradients[0], gradients[-1]
        parts.append(f"The gradient is longest in “{most}”, {long:.2g}, and shortest in “{least}”, {short:.2g}.")
    if dead[1]:
        share = f"{dead[0] * 100:.0f} %" if dead[0] else "none"
        parts.append(f"Of the channels of “{dead[1]}”, {share} are 0 for a whole batch.")
    return " ".join(parts)
