"""The headless twin of the app: one verb for everything the window can do, results on stdout, messages on stderr."""

from collections.abc import Sequence

from netbuilder.cli.entry import program

__all__ = ["main", "program"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code. Raises nothing."""
    from netbuilder.cli import command  # late, so that `program` can answer Ctrl+C while the rest is loaded

    return command.main(arguments)
