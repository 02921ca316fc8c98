"""The words that ask for code, declared without loading what writes it."""

import os
from argparse import Action, ArgumentError, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import Any

from netbuilder.cli.values import path

FRAMEWORKS = ("pytorch", "keras")


class Destination(Action):
    """Where to write, and whether it was meant as a folder, which a path no longer says: with a slash at its end."""

    def __call__(
        self,
        parser: ArgumentParser,
        namespace: Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        text = str(values)
        try:
            namespace.output = path(text)
        except ArgumentTypeError as problem:
            raise ArgumentError(self, str(problem)) from None
        namespace.folder = text.endswith(("/", os.sep))


def declare_code(parser: ArgumentParser) -> None:
    """What to write code for, and over what."""
    code = parser.add_argument_group("code", "A name that ends in .py is a module, one that ends in / a project.")
    code.add_argument("--framework", choices=FRAMEWORKS, help="what the code is for (default: pytorch)")
    code.add_argument(
        "--data",
        metavar="NAME|PATH",
        help="what a project without a run trains on (default: what suits the design's input); for a model, what it is "
        "verified on and int8 is fitted to (default: the run's own)",
    )
    code.add_argument("--force", action="store_true", help="replace files that netbuilder did not write")
    parser.set_defaults(folder=False)
