"""Which commands make sense at the moment, and what they are called then."""

from PySide6.QtCore import QObject

from netbuilder.gui.actions import Actions, shown_plainly
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.gui.glyphs import glyph
from netbuilder.gui.theme import theme
from netbuilder.gui.training.session import Session, State

NEED_SELECTION = ("cut", "copy", "duplicate", "delete")
NEED_LAYERS = ("select_all", "fit", "arrange", "next_problem", "export", "figure", "train", "find_rate")
TRAIN = {
    State.IDLE: ("&Train", "Train", "Train the network (F5)"),
    State.STARTING: ("&Train", "Starting", "The data is being read"),
    State.RUNNING: ("&Pause", "Pause", "Wait after this batch (F5)"),
    State.PAUSED: ("&Resume", "Resume", "Go on with the training (F5)"),
    State.STOPPING: ("&Train", "Stopping", "The run ends after this batch"),
}


class Availability(QObject):
    """Keeps the actions in step with document, selection and training."""

    def __init__(self, actions: Actions, document: Document, canvas: CanvasView, session: Session):
        super().__init__(actions)
        self._actions, self._document, self._canvas, self._session = actions, document, canvas, session
        # Only what the signals carry is used: they come once more while the history is being taken down.
        history = document.history
        history.canUndoChanged.connect(self._actions["undo"].setEnabled)
        history.canRedoChanged.connect(self._actions["redo"].setEnabled)
        history.undoTextChanged.connect(lambda step: self._name_step("undo", "&Undo", step))
        history.redoTextChanged.connect(lambda step: self._name_step("redo", "&Redo", step))
        self._actions.enable(False, "undo", "redo")
        document.changed.connect(self._sync_selection)
        canvas.selection_changed.connect(lambda *_ids: self._sync_selection())
        session.changed.connect(self._sync_training)
        theme.changed.connect(self._sync_training)
        self._sync_selection()
        self._sync_training()

    def _name_step(self, name: str, word: str, step: str) -> None:
        action = self._actions[name]
        action.setText(f"{word} “{shown_plainly(step)}”" if step else word)
        action.setIconText(word.replace("&", ""))

    def _sync_selection(self) -> None:
        chosen = self._canvas.selected()
        self._actions.enable(bool(chosen), *NEED_SELECTION)
        groups = self._document.graph.groups.values()
        one = len(chosen) == 1 or any(group.members == set(chosen) for group in groups)
        self._actions.enable(one, "rename")
        self._actions.enable(len(chosen) > 1, "group")
        self._actions.enable(any(not group.members.isdisjoint(chosen) for group in groups), "ungroup")
        self._actions.enable(bool(self._document.graph.nodes), *NEED_LAYERS)
        self._sync_training()

    def _sync_training(self) -> None:
        state = self._session.state
        text, short, tip = TRAIN[state]
        train = self._actions["train"]
        train.setText(text)
        train.setIconText(short)
        train.setToolTip(tip)
        able = state in (State.RUNNING, State.PAUSED) or (state is State.IDLE and bool(self._document.graph.nodes))
        colour = theme.colours.on_accent if able else theme.colours.tertiary
        train.setIcon(glyph("pause" if state is State.RUNNING else "play", colour))
        train.setIconVisibleInMenu(False)
        train.setEnabled(able)
        self._actions["stop"].setEnabled(self._session.active and state is not State.STOPPING)
        self._actions["options"].setEnabled(not self._session.active)
        self._actions["restart"].setEnabled(self._session.active)
