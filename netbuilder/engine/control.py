"""What a person asks of a running training, from any thread; the trainer looks once for every batch."""

from dataclasses import dataclass
from math import isfinite
from queue import Empty, SimpleQueue


@dataclass(frozen=True)
class Pause:
    """Wait after the current batch."""


@dataclass(frozen=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True)
class Stop:
    """End after the current batch and keep what was learned."""


@dataclass(frozen=True)
class Change:
    """Another learning rate, number of epochs, or both, from the next batch on. Raises ValueError, a sentence."""

    lr: float | None = None
    epochs: int | None = None

    def __post_init__(self) -> None:
        if self.lr is not None and not (isfinite(self.lr) and self.lr > 0):
            raise ValueError(f"The learning rate must be above 0, not {self.lr:g}.")
        if self.epochs is not None and self.epochs < 1:
            raise ValueError(f"There must be at least 1 epoch, not {self.epochs}.")


Command = Pause | Resume | Stop | Change


class Control:
    """A queue of commands with a name for each."""

    def __init__(self) -> None:
        self._commands: SimpleQueue[Command] = SimpleQueue()

    def pause(self) -> None:
        self.send(Pause())

    def resume(self) -> None:
        self.send(Resume())

    def stop(self) -> None:
        self.send(Stop())

    def change(self, lr: float | None = None, epochs: int | None = None) -> None:
        self.send(Change(lr, epochs))

    def send(self, command: Command) -> None:
        self._commands.put(command)

    def next(self) -> Command | None:
        """The oldest command that waits, or None."""
        try:
            return self._commands.get_nowait()
        except Empty:
            return None

    def wait(self) -> Command:
        """The oldest command, as soon as there is one."""
        return self._commands.get()
