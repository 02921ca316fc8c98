"""Start netbuilder from a checkout, installing first what this machine lacks. Arguments go to `netbuilder`.

With a screen this opens the window; without one it designs, trains and exports a network in the terminal.
"""

from __future__ import annotations

import os
import sys

import environment


def has_display() -> bool:
    """Whether a window would have somewhere to appear."""
    return not sys.platform.startswith("linux") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def main(arguments: list[str]) -> int:
    """Provide the environment, then run netbuilder in it and pass its exit code on."""
    try:
        python = environment.provide(["verify"])
    except environment.Refused as reason:
        environment.say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130
    if not arguments and not has_display():
        environment.say("there is no display here, so this is the demo; `netbuilder --help` says what else there is.")
        arguments = ["demo"]
    return environment.run([python, "-m", "netbuilder", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
