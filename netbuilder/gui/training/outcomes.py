"""From the last event of a run to the sentence that says how it went."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from netbuilder.gui.training.progress import duration
from netbuilder.gui.training.record import Record

if TYPE_CHECKING:
    from netbuilder.engine import events

Kind = Literal["finished", "stopped", "diverged", "failed", "died"]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: `short` fits beside the progress bar, `sentence` says it all."""

    kind: Kind
    short: str
    sentence: str
    fixes: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether it ended as the user wanted."""
        return self.kind in ("finished", "stopped")


def outcome(record: Record, event: "events.Event") -> Outcome:
    """Note on the record what the last event says of it, and put it in words."""
    from netbuilder.engine import events

    match event:
        case events.Finished():
            record.test_accuracy, record.test_loss = event.test_accuracy, event.test_loss
            record.took = event.epoch_seconds, event.memory_bytes
            found = _finished(record, event)
        case events.Stopped():
            kept = f" Kept are the weights of epoch {event.best_epoch}, the best so far." if event.best_epoch else ""
            found = Outcome("stopped", "Stopped", f"Stopped after {event.epoch:.1f} epochs.{kept}")
        case events.Diverged():
            found = Outcome("diverged", "Diverged", event.message, event.fixes)
        case events.Failed():
            found = Outcome("failed", "Not trained", event.message)
        case events.Died():
            found = Outcome("died", "Ended unexpectedly", event.message)
        case _:
            raise ValueError(f"A run does not end with {type(event).__name__}.")
    record.note = found.short
    return found


def _finished(record: Record, event: "events.Finished") -> Outcome:
    time = duration(event.seconds)
    early = f" It ended early, as no epoch after {event.best_epoch} validated better." if event.early else ""
    if event.test_accuracy is None:
        return Outcome(
            "finished", "Finished", f"Trained in {time}: loss {event.test_loss:.4g} on the test part.{early}"
        )
    right = f"{event.test_accuracy * 100:.1f} %"
    best = "" if event.best_epoch == event.epoch else f", with the weights of epoch {event.best_epoch}, the best"
    told = f"Trained in {time}: {right} of the test images are right{best}.{early}"
    return Outcome("finished", f"{right} on test", told)
