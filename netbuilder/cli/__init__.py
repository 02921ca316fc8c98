"""The headless twin of the app: one verb for everything the window can do, results on stdout, messages on stderr."""

from netbuilder.cli.command import main

__all__ = ["main"]
