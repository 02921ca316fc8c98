"""From the words of a command line to an exit code: 0 done, 1 refused with a reason, 2 wrong usage, 130 interrupted."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

from netbuilder.cli import terminal
from netbuilder.cli.arguments import VERBS, build_parser
from netbuilder.cli.interrupts import INTERRUPTED, handled, held

DONE, REFUSED, WRONG_USAGE = 0, 1, 2


class Refusal(Exception):
    """A command cannot be carried out; the sentence says why and what to do."""


class WrongUsage(Exception):
    """Words that each are right, but not together; the sentence says which would be."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code. Raises nothing."""
    terminal.prepare()
    with handled(signal.default_int_handler):
        try:
            code = _carried_out(list(sys.argv[1:] if arguments is None else arguments))
            print(end="", flush=True)  # what cannot be written is better known here than at exit
            return code
        except WrongUsage as usage:
            return _told(f"{usage} `netbuilder --help` and `netbuilder VERB --help` show how.", WRONG_USAGE)
        except KeyboardInterrupt:
            return _told("Stopped.", INTERRUPTED)
        except BrokenPipeError:  # `| head` has seen enough
            terminal.silence()
            return DONE
        except Exception as problem:
            return _told(_sentence(problem) or _logged(problem), REFUSED)


def _told(sentence: str, code: int) -> int:
    terminal.last_word(sentence)
    return code


def _carried_out(words: list[str]) -> int:
    try:
        return _window(words) if _for_the_window(words) else _verb(words)
    except SystemExit as stop:  # argparse: 0 after --help, 2 after wrong usage
        return stop.code if isinstance(stop.code, int) else DONE


def _for_the_window(words: list[str]) -> bool:
    return not words or (words[0] not in VERBS and not words[0].startswith("-"))


def _verb(words: list[str]) -> int:
    """Do what a verb says."""
    options = build_parser().parse_args(words)
    verb = VERBS[options.verb]
    with held():
        module = import_module(f"netbuilder.cli.{verb.module}")
    return getattr(module, verb.function or options.verb)(options) or DONE


def _window(words: list[str]) -> int:
    """Open the window, on a file if one is given."""
    path = Path(words[0]) if words else None
    if path is not None and not path.exists():
        if path.suffix or len(path.parts) > 1:
            raise Refusal(f"There is no file “{path}”.")
        near = get_close_matches(words[0], VERBS, 1)
        hint = f" Did you mean “{near[0]}”?" if near else " `netbuilder --help` lists all."
        build_parser().error(f"“{terminal.plain(words[0])}” is neither a command nor a file.{hint}")
    if len(words) > 1:
        build_parser().error(f"the window opens one file, but {len(words)} words are given.")
    shown = sys.platform != "linux" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    )
    if not shown:
        raise Refusal("There is no display to open a window on; `netbuilder demo` does the whole job without one.")
    try:
        from netbuilder.gui.app import run
    except ImportError as problem:
        raise Refusal(f"The window cannot start: {problem}. `netbuilder --help` lists what works without.") from None
    return run(path)


def _sentence(problem: Exception) -> str | None:
    """What a person should read of an expected failure; None where it is a fault of ours.

    Exceptions that netbuilder defines carry a sentence for people, always; of the rest only the system's are expected.
    """
    if any(cls.__module__.partition(".")[0] == "netbuilder" for cls in type(problem).__mro__):
        return str(problem)
    if isinstance(problem, MemoryError):
        return "There is not enough memory for this."
    if isinstance(problem, OSError):
        reason = problem.strerror or type(problem).__name__
        return f"“{problem.filename}”: {reason}." if problem.filename else f"{reason}."
    return None


def _logged(problem: Exception) -> str:
    """Write an unexpected failure where it can be attached to a report, and name that place in one sentence."""
    from platformdirs import user_log_path

    text = "".join(traceback.format_exception(problem))
    kind = type(problem).__name__
    try:
        folder = user_log_path("netbuilder", appauthor=False, ensure_exists=True)
        path = folder / f"fault-{datetime.now():%Y%m%d-%H%M%S-%f}.log"
        path.write_text(f"{' '.join(sys.argv)}\n\n{text}", encoding="utf-8", errors="backslashreplace")
    except OSError:
        return f"netbuilder met an unexpected fault ({kind}), and could not write its details to a log file."
    return f"netbuilder met an unexpected fault ({kind}); its details are in “{path}”."
