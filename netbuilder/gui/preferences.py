"""What the window remembers between starts: recent files, layout, colour scheme and shape order, kept by QSettings."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from netbuilder.gui.theme import Scheme
from netbuilder.layers.shapes import Order

LONGEST_RECENT = 9
MOST_CHOSEN = 12


class Preferences:
    """Typed access to the stored settings. A value that does not make sense counts as absent."""

    def __init__(self, settings: QSettings | None = None):
        scope = QSettings.Scope.UserScope
        self._settings = settings or QSettings(QSettings.defaultFormat(), scope, "netbuilder", "netbuilder")

    # ---- recent files ------------------------------------------------------------------------------------------------

    @property
    def recent(self) -> list[Path]:
        """Files opened or saved lately that still exist, newest first."""
        stored: Any = self._settings.value("recent", [])
        texts = [stored] if isinstance(stored, str) else list(stored or [])
        return [path for text in texts if isinstance(text, str) and (path := Path(text)).is_file()]

    def remember(self, path: Path) -> None:
        """Put a file at the top of the recent ones."""
        path = path.absolute()
        others = [other for other in self.recent if other != path]
        self._settings.setValue("recent", [str(each) for each in [path, *others][:LONGEST_RECENT]])

    def forget(self) -> None:
        """Empty the list of recent files."""
        self._settings.remove("recent")

    @property
    def chosen(self) -> list[str]:
        """What was chosen in the command palette lately, by key, the newest first."""
        stored: Any = self._settings.value("chosen", [])
        return [key for key in ([stored] if isinstance(stored, str) else list(stored or [])) if isinstance(key, str)]

    def keep_chosen(self, key: str) -> None:
        """Put a choice at the top of the recent ones."""
        self._settings.setValue("chosen", [key, *(other for other in self.chosen if other != key)][:MOST_CHOSEN])

    # ---- appearance --------------------------------------------------------------------------------------------------

    @property
    def scheme(self) -> Scheme:
        """Light, dark, or as the desktop says."""
        stored = self._settings.value("theme", "system")
        return stored if stored in ("light", "dark") else "system"

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._settings.setValue("theme", scheme)

    @property
    def order(self) -> Order:
        """Whether shapes are shown height × width × channels or channels × height × width."""
        return "chw" if self._settings.value("order") == "chw" else "hwc"

    @order.setter
    def order(self, order: Order) -> None:
        self._settings.setValue("order", order)

    # ---- layout ------------------------------------------------------------------------------------------------------

    def layout(self, name: str) -> QByteArray | None:
        """The stored state of a window or splitter; None before it was first stored."""
        stored = self._settings.value(f"layout/{name}")
        return stored if isinstance(stored, QByteArray) else None

    def keep_layout(self, name: str, state: QByteArray) -> None:
        """Store the state of a window or splitter."""
        self._settings.setValue(f"layout/{name}", state)

    def shown(self, panel: str) -> bool:
        """Whether a panel was open when the window was last closed; open at first."""
        return self._settings.value(f"panels/{panel}", "true") in (True, "true")

    def keep_shown(self, panel: str, shown: bool) -> None:
        """Store whether a panel is open."""
        self._settings.setValue(f"panels/{panel}", "true" if shown else "false")

    def sync(self) -> None:
        """Write what is not yet on the disk."""
        self._settings.sync()
