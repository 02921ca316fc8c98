"""A design and data -> the loss at rising learning rates, and the rate to train with."""

from argparse import Namespace

from netbuilder.cli.command import DONE, REFUSED
from netbuilder.cli.interrupts import INTERRUPTED
from netbuilder.cli.terminal import Column, document, note, say, table
from netbuilder.cli.training import stopped_by_interrupt
from netbuilder.cli.wishes import job_of
from netbuilder.engine import Control, RateFound, find_rate

ROWS, WIDTH = 16, 30
"""Rates shown, and letters of the longest bar."""


def rates(options: Namespace) -> int:
    """Try learning rates, and print the curve and the suggestion."""
    control = Control()
    with stopped_by_interrupt(control):
        *_, found = find_rate(job_of(options), control)
    assert isinstance(found, RateFound), "that is always the last event"
    if options.json:
        document(found.to_dict())
    else:
        say(_curve(found))
        (say if found.suggestion else note)(f"\n{found.message}")
    if found.suggestion is not None:
        return DONE
    return INTERRUPTED if found.message.startswith("Stopped") else REFUSED


def _curve(found: RateFound) -> str:
    """Some of the rates, evenly spaced, with a bar as long as the loss."""
    highest = max(found.losses[0], min(found.losses)) if found.losses else 1.0
    step = max(1, -(-len(found.rates) // ROWS))
    pairs = list(zip(found.rates, found.losses, strict=True))[::step]
    rows = [[f"{rate:.2g}", f"{loss:.4f}", "█" * min(WIDTH, round(WIDTH * loss / highest))] for rate, loss in pairs]
    return table([Column("Rate", True), Column("Loss", True), Column("")], rows)
