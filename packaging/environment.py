"""From a bare checkout to an environment that runs netbuilder: missing system packages, then `.venv`.

Standard library only, and no syntax beyond Python 3.9, so that an old Python can still say what it lacks.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
DECLARATIONS = (ROOT / "pyproject.toml", ROOT / "netbuilder" / "version.py", CONSTRAINTS)
OLDEST_PYTHON = (3, 11)

# What Qt opens at run time and a bare Linux lacks, with the Debian package that brings it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
# What the tests open windows with where there is no screen.
PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "xdotool": "xdotool", "openbox": "openbox"}


class Refused(Exception):
    """The environment cannot be made; the message says why and what to do about it."""


def say(message: str) -> None:
    """Tell the person at the terminal, apart from the program's own output."""
    print(f"netbuilder: {message}", file=sys.stderr, flush=True)


# ---- system packages ----


def has_library(name: str) -> bool:
    """Whether the dynamic loader finds this shared library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_packages(tests: bool) -> list[str]:
    """The Debian packages whose libraries or programs this Linux lacks; empty on any other system."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in LIBRARIES.items() if not has_library(library)]
    if tests:
        missing += [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if not importlib.util.find_spec("ensurepip"):
        missing.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    return missing


def apt_line(packages: Sequence[str]) -> str:
    """The one line that installs these packages, to be read and run by a person."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def install_packages(packages: Sequence[str]) -> bool:
    """Install Debian packages as root; False if apt-get could not."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    steps = (["apt-get", "update", "--quiet"], install)
    return all(subprocess.run(step, env=quiet, stdout=sys.stderr).returncode == 0 for step in steps)


def provide_packages(tests: bool) -> None:
    """Install what the system lacks where that is ours to do, else say how; only a missing `venv` is an obstacle."""
    packages = missing_packages(tests)
    if not packages:
        return
    if not shutil.which("apt-get"):
        say(f"this system seems to lack what Debian calls {' '.join(packages)}; please install their equivalents.")
    elif os.geteuid() != 0:
        say(f"this system lacks some packages. To install them:\n    {apt_line(packages)}")
    else:
        say(f"installing system packages: {' '.join(packages)}")
        if not install_packages(packages):
            say(f"that did not work. To try again by hand:\n    {apt_line(packages)}")
    if any(package.endswith("-venv") for package in packages) and not importlib.util.find_spec("ensurepip"):
        raise Refused("Python's venv module is incomplete here; once it is installed, run this again.")


# ---- the virtual environment ----


@dataclass(frozen=True)
class Stamp:
    """What was installed: a fingerprint of the declarations it came from (empty while pip is at work), and extras."""

    fingerprint: str
    extras: tuple[str, ...]

    def covers(self, wanted: Stamp) -> bool:
        """Whether an environment with this stamp has everything `wanted` asks for."""
        return self.fingerprint == wanted.fingerprint and set(wanted.extras) <= set(self.extras)


def fingerprint(files: Iterable[Path]) -> str:
    """One hash over the contents of the files, whichever line ends git gave them."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(b"\n".join(file.read_bytes().splitlines()) + b"\0")
    return digest.hexdigest()


def read_stamp(venv: Path) -> Stamp | None:
    """The stamp in this environment; None if it has none, or none that can be read."""
    try:
        fields = json.loads((venv / "netbuilder.json").read_text("utf-8"))
        return Stamp(fields["fingerprint"], tuple(fields["extras"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_stamp(venv: Path, stamp: Stamp | None) -> None:
    """Put the stamp into the environment, or take it away."""
    file = venv / "netbuilder.json"
    if stamp is None:
        file.unlink()
    else:
        file.write_text(json.dumps(asdict(stamp)) + "\n", "utf-8")


def interpreter(venv: Path) -> Path:
    """Where an environment keeps its Python."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(venv: Path) -> bool:
    """Whether the environment has a new enough Python, with pip: both are lost when the Python it came from goes."""
    check = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([interpreter(venv), "-c", check], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def next_step(usable: bool, found: Stamp | None, wanted: Stamp) -> str:
    """What to do with an environment: `keep` it, `update` it, or `rebuild` it if it is broken or half installed."""
    if not usable or (found is not None and not found.fingerprint):
        return "rebuild"
    return "keep" if found is not None and found.covers(wanted) else "update"


def create(venv: Path) -> None:
    """Make an empty environment, in the place of any other."""
    base = getattr(sys, "_base_executable", sys.executable)
    if subprocess.run([base, "-m", "venv", "--clear", venv]).returncode:
        raise Refused(f"Python could not make a virtual environment in {venv}.")


def install(venv: Path, extras: Sequence[str]) -> None:
    """Let pip install the build back-end, then the checkout itself with its dependencies."""
    pip = [interpreter(venv), "-m", "pip", "install", "--disable-pip-version-check", "--constraint", CONSTRAINTS]
    project = f"{ROOT}[{','.join(extras)}]"
    for what in (["hatchling"], ["--no-build-isolation", "--editable", project]):
        if subprocess.run([*pip, *what], stdout=sys.stderr).returncode:
            raise Refused("pip could not install what netbuilder needs; its reason is above. Is there a network?")


def provide_venv(extras: Sequence[str]) -> Path:
    """Make or update `.venv` if need be, and return its Python. A stamp says so only once pip has finished."""
    found = read_stamp(VENV)
    wanted = Stamp(fingerprint(DECLARATIONS), tuple(sorted(extras)))
    step = next_step(works(VENV), found, wanted)
    if step == "keep":
        return interpreter(VENV)
    if step == "rebuild":
        say("making the environment in .venv; the first time this takes some minutes")
        found = Stamp("", ())
        create(VENV)
    else:
        say("updating .venv")
    everything = tuple(sorted({*wanted.extras, *(found.extras if found else ())}))
    write_stamp(VENV, Stamp("", everything))
    try:
        install(VENV, everything)
    except Refused:
        write_stamp(VENV, found)  # pip puts back what it could not replace
        raise
    write_stamp(VENV, Stamp(wanted.fingerprint, everything))
    return interpreter(VENV)


def provide(extras: Sequence[str], tests: bool = False) -> Path:
    """Everything netbuilder needs on this machine; returns the Python to run it with, or raises `Refused`."""
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        raise Refused(f"Python {oldest} or newer is needed; this one is {sys.version.split()[0]}.")
    provide_packages(tests)
    return provide_venv(extras)


def run(command: Sequence[str | Path]) -> int:
    """Run a command in the checkout to its end and return an exit code for the shell."""
    try:
        code = subprocess.run(command, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 130
    return code if code >= 0 else 128 - code
