"""What turns a checkout into a running, installed or frozen netbuilder."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from netbuilder.resources import resource
from netbuilder.version import __version__

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPTS = ["environment.py", "run.py", "test.py"]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module behind the two commands, as if freshly started by them."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "packaging" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "environment", module)
    spec.loader.exec_module(module)
    return module


class TestResources:
    def test_are_found_in_a_checkout(self) -> None:
        assert resource("README.md") == ROOT / "resources" / "README.md"

    def test_are_found_in_a_frozen_app(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "resources").mkdir()
        (tmp_path / "resources" / "README.md").touch()
        monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
        assert resource("README.md") == tmp_path / "resources" / "README.md"

    def test_that_are_missing_are_named(self) -> None:
        with pytest.raises(FileNotFoundError, match=r"no\.such"):
            resource("no.such")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout, built as pip builds it but with no network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; hatchling.build.build_wheel({str(folder)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


class TestWheel:
    def test_carries_every_resource(self, wheel: zipfile.ZipFile) -> None:
        shipped = {name.removeprefix("netbuilder/_resources/") for name in wheel.namelist() if "/_resources/" in name}
        here = {file.relative_to(ROOT / "resources").as_posix() for file in resource(".").rglob("*") if file.is_file()}
        assert here <= shipped

    def test_carries_the_package_and_nothing_of_the_workshop(self, wheel: zipfile.ZipFile) -> None:
        assert "netbuilder/py.typed" in wheel.namelist()
        assert {name.split("/")[0] for name in wheel.namelist()} == {
            "netbuilder",
            f"netbuilder-{__version__}.dist-info",
        }

    def test_installs_both_commands(self, wheel: zipfile.ZipFile) -> None:
        entries = wheel.read(f"netbuilder-{__version__}.dist-info/entry_points.txt").decode()
        assert "[console_scripts]\nnetbuilder = netbuilder.cli:program" in entries
        assert "[gui_scripts]\nnetbuilder-gui = netbuilder.gui.app:main" in entries

    def test_has_the_version_of_the_package_and_the_licence(self, wheel: zipfile.ZipFile) -> None:
        metadata = wheel.read(f"netbuilder-{__version__}.dist-info/METADATA").decode()
        assert f"\nVersion: {__version__}\n" in metadata
        assert "\nLicense-Expression: MIT\n" in metadata

    def test_finds_its_resources_once_installed(self, wheel: zipfile.ZipFile, tmp_path: Path) -> None:
        wheel.extractall(tmp_path)
        ask = "from netbuilder.resources import resource; print(resource('README.md'))"
        elsewhere = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, env=elsewhere, capture_output=True, text=True)
        assert Path(done.stdout.strip()) == tmp_path / "netbuilder" / "_resources" / "README.md", done.stderr


class TestDeclarations:
    def test_constraints_are_names_and_versions_only(self) -> None:
        for line in (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines():
            assert re.fullmatch(r"#.*|[\w.-]+==\d[\w.]*", line)

    def test_every_dependency_is_constrained_to_a_version_it_allows(self) -> None:
        lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
        pinned = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
        extras = PROJECT["project"]["optional-dependencies"]
        for declared in [*PROJECT["project"]["dependencies"], *extras["verify"], *extras["dev"]]:
            requirement = Requirement(declared)
            assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), declared

    def test_every_room_but_the_window_is_typed_strictly(self) -> None:
        rooms = {f"netbuilder/{init.parent.name}" for init in (ROOT / "netbuilder").glob("*/__init__.py")}
        assert rooms - {"netbuilder/gui"} <= set(PROJECT["tool"]["pyright"]["strict"])

    def test_importing_netbuilder_loads_no_qt(self) -> None:
        ask = "import sys, netbuilder; print(sorted({'PySide6', 'shiboken6', 'pyqtgraph'} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True)
        assert done.stdout == "[]\n", done.stderr


class TestSystemPackages:
    @pytest.fixture(autouse=True)
    def complete_linux(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A Debian that has everything, whatever this machine is."""
        monkeypatch.setattr(environment.sys, "platform", "linux")
        monkeypatch.setattr(environment, "has_library", lambda name: True)
        monkeypatch.setattr(environment.shutil, "which", lambda program: f"/usr/bin/{program}")
        monkeypatch.setattr(environment.os, "geteuid", lambda: 1000, raising=False)

    def test_none_is_missing_from_a_complete_system(self, environment: Any) -> None:
        assert environment.missing_packages(tests=True) == []

    def test_a_missing_library_is_named_by_its_package(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environment, "has_library", lambda name: name != "libxcb-cursor.so.0")
        assert environment.missing_packages(tests=False) == ["libxcb-cursor0"]

    def test_a_virtual_screen_is_wanted_for_tests_only(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environment.shutil, "which", lambda program: None)
        assert environment.missing_packages(tests=False) == []
        assert environment.missing_packages(tests=True) == ["xvfb", "xauth", "xdotool", "openbox"]

    def test_none_is_wanted_elsewhere(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environment, "has_library", lambda name: False)
        for platform in ("darwin", "win32"):
            monkeypatch.setattr(environment.sys, "platform", platform)
            assert environment.missing_packages(tests=True) == []

    def test_who_may_not_install_reads_the_one_line_to_run(
        self, environment: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(environment, "has_library", lambda name: "GL" not in name)
        environment.provide_packages(tests=False)
        assert "\n    sudo apt-get install --no-install-recommends libgl1 libegl1\n" in capsys.readouterr().err

    def test_root_installs_them(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        installed: list[str] = []
        monkeypatch.setattr(environment.os, "geteuid", lambda: 0)
        monkeypatch.setattr(environment, "has_library", lambda name: "GL" not in name)
        monkeypatch.setattr(environment, "install_packages", lambda packages: installed.extend(packages) or True)
        environment.provide_packages(tests=False)
        assert installed == ["libgl1", "libegl1"]

    def test_a_python_without_venv_is_an_obstacle(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(environment.Refused, match="venv"):
            environment.provide_packages(tests=False)


class TestVirtualEnvironment:
    @pytest.fixture(autouse=True)
    def empty_checkout(self, environment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A checkout with no environment, where making one and installing into it only leave a note."""
        self.notes: list[str] = []
        monkeypatch.setattr(environment, "VENV", tmp_path)
        monkeypatch.setattr(environment, "works", lambda venv: "create" in self.notes)
        monkeypatch.setattr(environment, "create", lambda venv: self.notes.append("create"))
        monkeypatch.setattr(
            environment, "install", lambda venv, extras: self.notes.append(f"install {' '.join(extras)}")
        )

    def test_is_made_once_and_then_left_alone(self, environment: Any) -> None:
        for _ in range(3):
            environment.provide_venv(["verify"])
        assert self.notes == ["create", "install verify"]

    def test_grows_by_what_the_tests_need_and_keeps_it(self, environment: Any) -> None:
        environment.provide_venv(["verify"])
        environment.provide_venv(["dev"])
        environment.provide_venv(["verify"])
        assert self.notes == ["create", "install verify", "install dev verify"]

    def test_follows_the_declarations(self, environment: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        environment.provide_venv(["verify"])
        changed = tmp_path / "pyproject.toml"
        changed.write_text("[project]")
        monkeypatch.setattr(environment, "DECLARATIONS", [changed])
        environment.provide_venv(["verify"])
        assert self.notes == ["create", "install verify", "install verify"]

    def test_made_by_hand_is_completed_not_replaced(self, environment: Any) -> None:
        self.notes.append("create")
        environment.provide_venv(["verify"])
        assert self.notes == ["create", "install verify"]

    def test_left_half_installed_is_rebuilt(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def killed(venv: Path, extras: list[str]) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(environment, "install", killed)
            with pytest.raises(KeyboardInterrupt):
                environment.provide_venv(["verify"])
        environment.provide_venv(["verify"])
        assert self.notes == ["create", "create", "install verify"]

    def test_survives_an_update_without_a_network(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def offline(venv: Path, extras: list[str]) -> None:
            raise environment.Refused

        environment.provide_venv(["verify"])
        with monkeypatch.context() as patch:
            patch.setattr(environment, "install", offline)
            with pytest.raises(environment.Refused):
                environment.provide_venv(["dev", "verify"])
        environment.provide_venv(["verify"])
        assert self.notes == ["create", "install verify"]

    def test_with_a_damaged_stamp_is_completed(self, environment: Any, tmp_path: Path) -> None:
        self.notes.append("create")
        for damage in ("", "[]", "{}", '{"fingerprint": "f"}', '{"fingerprint": "f", "extras": 1}', "\0"):
            (tmp_path / "netbuilder.json").write_text(damage)
            environment.provide_venv(["verify"])
        assert self.notes == ["create", *["install verify"] * 6]

    def test_does_not_mind_which_line_ends_git_gave_the_files(self, environment: Any, tmp_path: Path) -> None:
        (tmp_path / "unix").write_bytes(b"a\nb\n")
        (tmp_path / "windows").write_bytes(b"a\r\nb\r\n")
        assert environment.fingerprint([tmp_path / "unix"]) == environment.fingerprint([tmp_path / "windows"])


class TestOldPython:
    @pytest.mark.parametrize("script", SCRIPTS)
    def test_understands_the_scripts(self, script: str) -> None:
        ast.parse((ROOT / "packaging" / script).read_text("utf-8"), feature_version=(3, 9))

    def test_is_told_what_is_needed(self, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environment, "OLDEST_PYTHON", (99, 1))
        with pytest.raises(environment.Refused, match=r"Python 99\.1 or newer is needed"):
            environment.provide(["verify"])


def test_a_command_s_exit_code_is_passed_on(environment: Any) -> None:
    assert environment.run([sys.executable, "-c", "raise SystemExit(5)"]) == 5


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_a_command_that_was_killed_has_the_shell_s_exit_code(environment: Any) -> None:
    assert environment.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137
