"""Colours -> the window's style sheet, in parts of one kind each; later parts refine earlier ones.

Widgets opt in by object name or by the dynamic property `role`.
"""

from netbuilder.drawing.colours import DARK, Colours
from netbuilder.resources import resource

SMALL, BODY, LARGE = 12, 14, 20
"""Sizes of letters in pixels."""


def style_sheet(c: Colours) -> str:
    """The application's style sheet."""
    parts = (_bars, _text, _frames, _fields, _buttons, _tabs, _tables, _training)
    return "\n".join(part(c).strip("\n") for part in parts)


def _picture(name: str, c: Colours) -> str:
    """A small picture in the ink of a scheme, as a style sheet names it."""
    shade = "dark" if c is DARK else "light"
    return f'url("{resource(f"icons/{name}-{shade}.svg").as_posix()}")'


def _bars(c: Colours) -> str:
    """Window, menus, tool bar and status bar."""
    return f"""
QMainWindow, QDialog {{ background: {c.window}; }}
QMenuBar {{
  background: {c.window}; color: {c.text}; font-size: 13px; padding: 2px 6px; border-bottom: 1px solid {c.border}; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {c.accent_soft}; }}
QMenu {{
  background: {c.card}; color: {c.text}; border: 1px solid {c.border}; padding: 4px; font-size: 13px; }}
QMenu::item {{ padding: 6px 24px 6px 16px; border-radius: 4px; }}
QMenu::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QMenu::item:disabled {{ color: {c.tertiary}; }}
QMenu::separator {{ height: 1px; background: {c.border}; margin: 4px 8px; }}
QToolTip {{ background: {c.card}; color: {c.text}; border: 1px solid {c.border}; padding: 4px 6px; }}
QToolBar {{
  background: {c.surface}; border: none; border-bottom: 1px solid {c.border}; spacing: 4px; padding: 0; }}
QToolBar::separator {{ background: {c.border}; width: 1px; margin: 11px 6px; }}
QToolBar QToolButton {{
  color: {c.text}; background: transparent; border: none; border-radius: 6px; padding: 5px 8px; font-size: 13px; }}
QToolBar QPushButton {{ font-size: 13px; padding: 4px 12px; }}
QToolBar QToolButton:hover {{ background: {c.field}; }}
QToolBar QToolButton:pressed {{ background: {c.accent_soft}; }}
QToolBar QToolButton:disabled {{ color: {c.tertiary}; }}
QToolButton:focus {{ border: 2px solid {c.accent}; padding: 3px 6px; }}
QStatusBar {{ background: {c.window}; color: {c.secondary}; border-top: 1px solid {c.border}; font-size: {SMALL}px; }}
QStatusBar::item {{ border: none; }}
"""


def _text(c: Colours) -> str:
    """Grounds, and text by its role."""
    return f"""
QWidget[role="canvas"] {{ background: {c.canvas}; }}
QWidget[role="surface"] {{ background: {c.surface}; }}
QLabel {{ background: transparent; }}
QLabel[role="secondary"] {{ color: {c.secondary}; font-size: {SMALL}px; }}
QLabel[role="tertiary"] {{ color: {c.tertiary}; font-size: {SMALL}px; }}
QLabel[role="heading"] {{ color: {c.secondary}; font-size: 11px; font-weight: 600; letter-spacing: 1px; }}
QLabel[role="large"] {{ color: {c.text}; font-size: {LARGE}px; font-weight: 600; }}
QLabel[role="large"][changed="true"], QLabel[role="value"][changed="true"],
QLabel[role="secondary"][changed="true"] {{ color: {c.accent}; }}
QLabel[role="large"][pressable="true"]:hover, QLabel[role="large"][pressable="true"]:focus {{ color: {c.accent}; }}
QLabel[role="plain"] {{ color: {c.text}; font-size: {SMALL}px; }}
QLabel[role="severity-error"] {{ color: {c.error}; font-size: {SMALL}px; font-weight: 600; }}
QLabel[role="severity-warning"] {{ color: {c.warning}; font-size: {SMALL}px; font-weight: 600; }}
QLabel[role="severity-information"] {{ color: {c.secondary}; font-size: {SMALL}px; font-weight: 600; }}
QLabel[role="title"] {{ color: {c.text}; font-size: {BODY}px; font-weight: 600; }}
QLabel[role="name"] {{ color: {c.text}; font-size: 16px; font-weight: 600; }}
QLabel[role="value"] {{ color: {c.text}; font-size: {SMALL}px; font-weight: 500; }}
QLabel[role="accent"], QLabel[role="fix-sign"] {{ color: {c.accent}; font-size: {SMALL}px; font-weight: 500; }}
QLabel[role="fix-title"] {{ color: {c.text}; font-size: 13px; font-weight: 500; }}
QLabel[role="error"] {{ color: {c.error}; font-size: {SMALL}px; }}
QLabel[role="warning"] {{ color: {c.warning}; font-size: {SMALL}px; }}
QLabel[role="good"] {{ color: {c.good}; font-size: {SMALL}px; }}
"""


def _frames(c: Colours) -> str:
    """Lines, notes and cards."""
    return f"""
QFrame[role="line"] {{ background: {c.border}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[role="note"] {{ background: {c.field}; border: 1px solid {c.border}; border-radius: 8px; }}
QFrame[role="card"]:focus {{ border: 2px solid {c.accent}; }}
QLineEdit[role="size"] {{ font-size: {LARGE}px; font-weight: 600; padding: 0 6px; min-height: 28px; }}
QFrame[role="card"] {{ background: {c.card}; border: 1px solid {c.border}; border-radius: 8px; }}
"""


def _fields(c: Colours) -> str:
    """What is typed or chosen in: lines, numbers, lists, ticks."""
    arrow, tick, up, down = (_picture(name, c) for name in ("chevron", "tick", "up", "down"))
    return f"""
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{
  background: {c.field}; color: {c.text}; border: 1px solid {c.border}; border-radius: 6px; padding: 3px 8px;
  min-height: 18px; font-size: 13px; selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{
  border: 2px solid {c.accent}; padding: 2px 7px; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {c.tertiary}; }}
QLineEdit[role="name"] {{ font-size: 16px; font-weight: 600; padding: 0 4px; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{
  background: transparent; border: none; border-radius: 0; padding: 0; min-height: 0; }}
QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit:focus {{ border: none; padding: 0; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ background: transparent; border: none; }}
QAbstractSpinBox::up-arrow {{ image: {up}; width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: {down}; width: 10px; height: 10px; }}
QAbstractSpinBox[role="plain"]::up-button, QAbstractSpinBox[role="plain"]::down-button {{ width: 0; }}
QAbstractSpinBox[role="plain"]::up-arrow, QAbstractSpinBox[role="plain"]::down-arrow {{ image: none; width: 0; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: {arrow}; width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{ background: {c.card}; color: {c.text}; border: 1px solid {c.border};
  selection-background-color: {c.accent_soft}; selection-color: {c.text}; outline: none; }}
QCheckBox {{ color: {c.text}; spacing: 8px; background: transparent; font-size: 13px; }}
QCheckBox, QRadioButton {{ border: 1px solid transparent; border-radius: 4px; padding: 0 3px 0 1px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {c.accent}; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {c.tertiary}; border-radius: 4px;
  background: {c.field}; }}
QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: {tick}; }}
"""


def _buttons(c: Colours) -> str:
    """Buttons by their role."""
    return f"""
QPushButton {{ background: {c.surface}; color: {c.text}; border: 1px solid {c.border}; border-radius: 6px;
  padding: 5px 12px; }}
QPushButton:hover {{ background: {c.field}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: 4px 11px; }}
QToolBar QPushButton:focus {{ padding: 3px 11px; }}
QPushButton:disabled {{ color: {c.tertiary}; }}
QPushButton[role="primary"] {{
  background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: 600; }}
QPushButton[role="primary"]:focus {{ border-color: {c.text}; }}
QPushButton[role="primary"]:disabled {{ background: {c.border}; border-color: {c.border}; color: {c.tertiary}; }}
QPushButton[role="search"] {{
  background: {c.accent_soft}; color: {c.secondary}; border-color: {c.accent_soft}; font-size: {SMALL}px; }}
QPushButton[role="search"]:hover, QPushButton[role="search"]:focus {{ border-color: {c.accent}; }}
QPushButton[role="link"] {{
  background: transparent; border: 1px solid transparent; border-radius: 4px; color: {c.accent}; padding: 0 2px;
  font-size: {SMALL}px; }}
QPushButton[role="link"]:focus {{ border: 1px solid {c.accent}; padding: 0 2px; }}
QPushButton[role="quiet"] {{
  background: transparent; border: 1px solid transparent; border-radius: 4px; color: {c.secondary}; padding: 0 5px;
  font-size: {SMALL}px; }}
QPushButton[role="quiet"]:hover {{ color: {c.accent}; }}
QPushButton[role="quiet"]:focus {{ border: 1px solid {c.accent}; padding: 0 5px; }}
QPushButton[role="fix"], QPushButton[role="fix-best"] {{ border-radius: 8px; padding: 0; text-align: left; }}
QPushButton[role="fix"] {{ background: {c.field}; border: 1px solid {c.border}; }}
QPushButton[role="fix-best"], QPushButton[role="fix"]:hover {{
  background: {c.accent_soft}; border: 1px solid {c.accent}; }}
QPushButton[role="fix"]:focus, QPushButton[role="fix-best"]:focus {{ border: 2px solid {c.accent}; }}
"""


def _tabs(c: Colours) -> str:
    """Tabs, scroll bars and progress."""
    return f"""
QTabBar {{ background: transparent; }}
QTabBar, QPushButton, QToolButton, QCheckBox, QRadioButton {{ outline: none; }}
QTabBar::tab {{ background: transparent; color: {c.secondary}; padding: 7px 2px 6px 2px; margin: 0 9px;
  border: 1px solid transparent; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.accent}; border-bottom: 2px solid {c.accent}; font-weight: 600; }}
QTabBar::tab:selected:focus {{ border: 1px solid {c.accent}; border-bottom: 2px solid {c.accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {c.border}; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {c.border}; border-radius: 4px; min-height: 24px; min-width: 24px; margin: 1px; }}
QScrollBar::handle:hover {{ background: {c.tertiary}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {c.border}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
"""


def _tables(c: Colours) -> str:
    """Tables and lists."""
    return f"""
QTableView, QTreeView, QListView {{
  background: {c.surface}; color: {c.text}; border: 1px solid transparent; outline: none;
  gridline-color: {c.grid}; selection-background-color: {c.accent_soft}; selection-color: {c.text}; }}
QTableView:focus, QTreeView:focus, QListView:focus {{ border-color: {c.accent}; }}
QComboBox QAbstractItemView:focus {{ border-color: {c.border}; }}
QWidget#layer_name, QWidget#verdict {{ border: 1px solid transparent; border-radius: 4px; }}
QWidget#layer_name:focus, QWidget#verdict:focus {{ border-color: {c.accent}; }}
QHeaderView::section {{ background: {c.surface}; color: {c.secondary}; border: none;
  border-bottom: 1px solid {c.border}; padding: 4px 6px; font-size: {SMALL}px; }}
QSplitter::handle {{ background: {c.border}; }}
"""


def _training(c: Colours) -> str:
    """The training dock, banners and dialogs, which refine what is above."""
    tick = _picture("tick", c)
    return f"""
QLabel[role="strong"] {{ color: {c.text}; font-size: {SMALL}px; font-weight: 600; }}
QLabel[role="readout"] {{ background: {c.card}; color: {c.secondary}; border: 1px solid {c.border};
  border-radius: 6px; padding: 4px 8px; font-size: 11px; }}
QWidget#training_column {{ border-right: 1px solid {c.border}; }}
QWidget#training_head {{ border-bottom: 1px solid {c.border}; }}
QToolButton[role="quiet"] {{ color: {c.secondary}; background: transparent; border: none; border-radius: 6px;
  padding: 3px; font-size: {SMALL}px; }}
QToolButton[role="quiet"]:hover {{ background: {c.field}; color: {c.text}; }}
QToolButton[role="quiet"]:checked {{ background: {c.accent_soft}; color: {c.accent}; }}
QToolButton[role="quiet"]:focus {{ border: 1px solid {c.accent}; padding: 2px; }}
QPushButton[role="fold"] {{ color: {c.text}; background: transparent; border: 1px solid transparent;
  border-radius: 4px; padding: 2px 4px 2px 0; text-align: left; font-weight: 600; }}
QDialog QPushButton[role="fold"] {{ font-size: {BODY}px; }}
QPushButton[role="fold"]:hover {{ color: {c.accent}; }}
QPushButton[role="fold"]:focus {{ border-color: {c.accent}; }}
QFrame[role="banner"] {{ background: {c.accent_soft}; border: none; border-bottom: 1px solid {c.border}; }}
QFrame[role="banner"] QLabel {{ font-size: {SMALL}px; color: {c.text}; }}
QFrame[role="banner"][tone="error"] QLabel {{ color: {c.error}; }}
QFrame[role="banner"][tone="error"] {{ background: {c.field}; }}
QSpinBox[compact="true"], QDoubleSpinBox[compact="true"], QComboBox[compact="true"] {{
  min-height: 16px; padding: 2px 8px; font-size: {SMALL}px; }}
QSpinBox[compact="true"] QLineEdit, QDoubleSpinBox[compact="true"] QLineEdit {{ font-size: {SMALL}px; }}
QTableView#class_weights {{ font-size: {SMALL}px; border-color: {c.border}; border-radius: 6px; }}
QTableView#class_weights:focus {{ border-color: {c.accent}; }}
QTableView#class_weights QLineEdit {{ min-height: 0; padding: 0 4px; border-radius: 3px; font-size: {SMALL}px; }}
QTreeView#runs_list {{ font-size: {SMALL}px; }}
QTreeView#runs_list::item {{ padding: 3px 6px; }}
QTreeView#runs_list QHeaderView::section {{ padding: 6px 6px; }}
QTreeView#compare_list {{ font-size: {SMALL}px; border-color: {c.border}; border-radius: 6px; }}
QTreeView#compare_list::item {{ padding: 3px 6px; }}
QTreeView#compare_list QHeaderView::section {{ padding: 6px 6px; }}
QTreeView#compare_list:focus {{ border-color: {c.accent}; }}
QTreeView::indicator {{ width: 12px; height: 12px; border: 1px solid {c.tertiary}; border-radius: 3px;
  background: {c.field}; }}
QTreeView::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: {tick}; }}
QRadioButton {{ color: {c.text}; spacing: 8px; background: transparent; }}
QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {c.tertiary}; border-radius: 8px;
  background: {c.field}; }}
QRadioButton::indicator:checked {{ width: 8px; height: 8px; border: 4px solid {c.accent}; border-radius: 8px;
  background: {c.on_accent}; }}
QDialog QCheckBox, QDialog QRadioButton, QDialog QPushButton {{ font-size: 13px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
"""
