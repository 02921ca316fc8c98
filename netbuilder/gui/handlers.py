"""What every command of the window does, by name: calls of its parts, and nothing more."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from netbuilder.gui.comparison import choose_compared
from netbuilder.gui.help_dialogs import ShortcutsDialog, show_about

if TYPE_CHECKING:
    from netbuilder.gui.window import MainWindow

ZOOM = 1.25


def handlers(window: "MainWindow") -> Mapping[str, Callable[[], object]]:
    """What each command calls, by its name."""
    filing, canvas, training = window.filing, window.canvas, window.training
    panels = window.panels.panels
    return {
        "new": window.show_blank,
        "gallery": window.show_gallery,
        "open": filing.choose,
        "save": filing.save,
        "save_as": filing.save_as,
        "export": window.export,
        "figure": window.export_figure,
        "compare": lambda: choose_compared(window),
        "close": window.close_design,
        "quit": window.close,
        "undo": window.document.history.undo,
        "redo": window.document.history.redo,
        "cut": canvas.cut,
        "copy": canvas.copy,
        "paste": canvas.paste,
        "duplicate": canvas.duplicate,
        "delete": canvas.delete_selected,
        "select_all": canvas.select_all,
        "rename": canvas.rename_selected,
        "group": canvas.group,
        "ungroup": canvas.ungroup,
        "add_note": lambda: canvas.add_note(),
        "next_problem": canvas.next_problem,
        "legend": lambda: window.show_legend(not canvas.legend_wanted),
        "search": lambda: window.search.open(),
        "fit": window.fitting.fit,
        "zoom_in": lambda: canvas.zoom(ZOOM),
        "zoom_out": lambda: canvas.zoom(1 / ZOOM),
        "arrange": canvas.arrange,
        "theme_system": lambda: window.choose_scheme("system"),
        "theme_light": lambda: window.choose_scheme("light"),
        "theme_dark": lambda: window.choose_scheme("dark"),
        "order_hwc": lambda: window.choose_order("hwc"),
        "order_chw": lambda: window.choose_order("chw"),
        **{f"panel_{name}": lambda panel=panel: panel.setVisible(panel.isHidden()) for name, panel in panels.items()},
        "next_panel": lambda: window.walk.go(1),
        "previous_panel": lambda: window.walk.go(-1),
        "train": training.train,
        "stop": training.stop,
        "restart": training.start,
        "options": training.asking.ask,
        "find_rate": training.advice.test_rates,
        "shortcuts": lambda: ShortcutsDialog(window).open(),
        "about": lambda: show_about(window),
    }
