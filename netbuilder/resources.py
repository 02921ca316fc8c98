"""From a resource's name, as in `icons/app.svg`, to the file on this machine that holds it."""

import sys
from pathlib import Path


def resource(relative: str) -> Path:
    """The path of a file or folder below `resources/`, wherever netbuilder runs from.

    A frozen app unpacks them beside its modules, an installation carries them inside the package, and a checkout
    keeps them at its top. Raises `FileNotFoundError` if none of the three has it.
    """
    package = Path(__file__).resolve().parent
    places = [package / "_resources", package.parent / "resources"]
    if bundle := getattr(sys, "_MEIPASS", None):
        places.insert(0, Path(bundle) / "resources")
    for place in places:
        if (found := place / relative).exists():
            return found
    raise FileNotFoundError(f"netbuilder has no resource called {relative!r}: the installation is incomplete.")
