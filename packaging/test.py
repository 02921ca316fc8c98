"""Run the whole test suite from a checkout, installing first what this machine lacks. Arguments go to pytest.

Windows open on a virtual screen where Xvfb is installed, and on none elsewhere on Linux (tests/conftest.py).
"""

from __future__ import annotations

import sys

import environment

WHOLE_SUITE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]


def main(arguments: list[str]) -> int:
    """Provide the environment, then run pytest in it and pass its exit code on."""
    try:
        python = environment.provide(["dev", "verify"], tests=True)
    except environment.Refused as reason:
        environment.say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130
    return environment.run([python, "-m", "pytest", *(arguments or WHOLE_SUITE)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
