"""Every test runs in a home of its own, and every window on a screen of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# Two busy cores make any deadline a coin toss, and a build server should judge the same examples every time.
hypothesis.settings.register_profile("netbuilder", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("netbuilder")

HOME = pytest.StashKey[Path]()
FOLDERS = {
    "HOME": ".",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "XDG_RUNTIME_DIR": "runtime",
    "WIN_PD_OVERRIDE_APPDATA": "roaming",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA": "local",
}


@pytest.hookimpl(trylast=True)  # after pytest-xvfb, which needs the real home
def pytest_configure(config: pytest.Config) -> None:
    """Lead everything that asks for the user's folders into a temporary one, subprocesses included."""
    home = config.stash[HOME] = Path(tempfile.mkdtemp(prefix="netbuilder-tests-"))
    for variable, folder in FOLDERS.items():
        (home / folder).mkdir(mode=0o700, exist_ok=True)
        os.environ[variable] = str(home / folder)
    os.environ["NETBUILDER_BLAS_KERNEL"] = "as-is"  # training processes shall compute the same bits as this one
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as shells start what runs in the background: what is tested
        signal.signal(signal.SIGINT, signal.default_int_handler)  # would inherit it, and never hear Ctrl+C
    if sys.platform.startswith("linux") and not config.getoption("no_xvfb", False):
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if shutil.which("Xvfb") else "offscreen")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(config.stash[HOME], ignore_errors=True)


@pytest.fixture(scope="session")
def window_manager(pytestconfig: pytest.Config, xvfb: object | None) -> Iterator[None]:
    """Openbox on the virtual screen, where installed: without one, focus never returns from a closed dialog."""
    if xvfb is None or not shutil.which("openbox"):
        yield
        return
    started = pytestconfig.stash[HOME] / "openbox-started"
    with subprocess.Popen(
        ["openbox", "--startup", f"touch {started}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(100):
            if started.exists():
                break
            time.sleep(0.05)
        yield
        process.terminate()


@pytest.fixture(scope="session")
def qapp_args(pytestconfig: pytest.Config, window_manager: None) -> list[str]:
    """The application's arguments; asked for before it starts, and so the moment to move its settings away."""
    from PySide6.QtCore import QSettings

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for scope in QSettings.Scope:
        QSettings.setPath(QSettings.Format.IniFormat, scope, str(pytestconfig.stash[HOME] / "config"))
    return ["netbuilder"]
