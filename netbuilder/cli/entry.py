"""The process that a terminal starts -> the command line carried out, with Ctrl+C answered from the first line on."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from netbuilder.cli.interrupts import INTERRUPTED


def program() -> NoReturn:
    """The command as a process of its own; while it starts there is nothing to keep, and Ctrl+C ends it at once."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _leave)
    try:
        from netbuilder.cli.command import main

        code = main()
    except KeyboardInterrupt:  # a second one, while the first was being answered
        os._exit(INTERRUPTED)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; the interpreter shall clear up in peace
    sys.exit(code)


def _leave(number: int, frame: FrameType | None) -> None:
    del number, frame
    os._exit(INTERRUPTED)
