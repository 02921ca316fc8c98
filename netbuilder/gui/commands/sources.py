"""The window as it stands -> everything the palette offers: layers, settings, places, commands, examples, notation."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtGui import QKeySequence

from netbuilder.examples import EXAMPLES
from netbuilder.graph import Node
from netbuilder.gui.actions import COMMANDS, Actions
from netbuilder.gui.canvas import CanvasView
from netbuilder.gui.document import Document
from netbuilder.gui.form import shared_settings
from netbuilder.gui.palette_entries import first_sentence
from netbuilder.layers import PALETTE, Dense, Input, Layer, Setting
from netbuilder.layers.base import Misfit
from netbuilder.notation import NotationError, complete, describe, parse, write

from .entries import Entry, Group
from .proposals import Place, Proposal, chain, change, said
from .values import Wish, options, read, wished

ITSELF = "search"
"""The command that opens the palette, which it need not offer."""
BEGINNINGS = {"theme": "Colours: ", "order": "Shapes: ", "panel": "Panel: "}
"""What a command's text leaves to the menu it stands in."""
IMAGE, LIST = "in 28x28x1", "in 784"
NOTATION = "notation:"
MOST_COMPLETIONS = 6


class Sources:
    """Builds entries. `place` is where new layers go at the moment."""

    def __init__(self, document: Document, canvas: CanvasView, actions: Actions, example: Callable[[str], object]):
        self.document, self.canvas, self._actions, self._example = document, canvas, actions, example
        self.place = Place(None, (0.0, 0.0))

    # ---- what is always there ----------------------------------------------------------------------------------------

    def layers(self) -> Iterator[Entry]:
        """Every layer; at a wire's end those that fit what it carries come first, and an Input makes no sense."""
        wired = [cls for cls in PALETTE if cls.most_inputs != 0]
        for cls in sorted(wired, key=self._misfits) if self.place.loose else PALETTE:
            yield Entry(
                f"layer:{cls.__name__}",
                Group.LAYERS,
                cls.__name__,
                said_of(cls),
                cls,
                words=f"{cls.family} {said_of(cls)}",
                propose=lambda cls=cls: self._chain((cls(),)),
            )

    def _misfits(self, cls: type[Layer]) -> bool:
        source = self.document.report.layers.get(-1 if self.place.after is None else self.place.after)
        if source is None or source.shape is None:
            return False
        try:
            cls().infer(*[source.shape] * cls.least_inputs)
        except Misfit:
            return True
        return False

    def examples(self) -> Iterator[Entry]:
        """The designs that ship."""
        for known in EXAMPLES:
            yield Entry(
                f"example:{known.name}",
                Group.EXAMPLES,
                known.title,
                known.summary,
                words=f"{known.name} open",
                do=lambda name=known.name: self._example(name),
            )

    def actions(self) -> Iterator[Entry]:
        """The window's commands that make sense now."""
        native = QKeySequence.SequenceFormat.NativeText
        for name, command in COMMANDS.items():
            action = self._actions[name]
            if name == ITSELF or not action.isEnabled():
                continue
            text = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
            yield Entry(
                f"action:{name}",
                Group.ACTIONS,
                BEGINNINGS.get(command.choice or name.partition("_")[0], "") + text,
                command.help,
                shortcut=action.shortcut().toString(native),
                words=command.help,
                do=action.trigger,
            )

    def places(self) -> Iterator[Entry]:
        """The layers of this design, to go to."""
        report = self.document.report
        for key in self.document.graph.order:
            node, shape = self.document.graph[key], report.layers[key].shape
            detail = f"{describe((node.layer,))}{f' → {shape.text(self.canvas.canvas.order)}' if shape else ''}"
            yield Entry(
                "", Group.GO_TO, node.name, detail, type(node.layer), words=detail, do=lambda key=key: self._go_to(key)
            )

    def settings(self) -> Iterator[Entry]:
        """What the selected layers have in common to be set."""
        nodes, shared = self._selected()
        for setting in shared:
            values = {said(node.layer.values()[setting.name]) for node in nodes}
            now = values.pop() if len(values) == 1 else "several values"
            begin = setting.label.lower()
            yield Entry(
                f"setting:{setting.name}",
                Group.SETTINGS,
                f"{setting.label}…",
                f"{now} in {nodes[0].name if len(nodes) == 1 else f'{len(nodes)} layers'}. {setting.help}",
                type(nodes[0].layer),
                words=setting.help,
                fill=f"{begin} " if options(setting) else f"{begin} {now if now != 'several values' else ''}",
            )

    # ---- what was typed ----------------------------------------------------------------------------------------------

    def notation(self, query: str) -> tuple[list[Entry], str]:
        """What a line of notation adds, and ways to go on; besides, why it is none where it looks like some."""
        try:
            layers = parse(query)
        except NotationError as error:
            entries = list(self._completions(query)) if _is_notation(query) else []
            return entries, str(error) if _is_notation(query) and not entries else ""
        if not layers or (len(layers) == 1 and layers[0] == type(layers[0])() and not _is_notation(query)):
            return [], ""  # a bare name: the layer itself is offered anyway
        return [self.typed(layers), *(self._completions(query) if query[-1:].isspace() else [])], ""

    def typed(self, layers: Sequence[Layer]) -> Entry:
        """The entry that adds these layers; on an empty canvas an Input goes first."""
        chained = tuple(layers)
        if not self.document.graph.nodes and not isinstance(layers[0], Input):
            chained = (*parse(LIST if isinstance(layers[0], Dense) else IMAGE), *chained)
        text = write(chained)
        return Entry(
            NOTATION + write(layers),
            Group.NOTATION,
            describe(chained),
            text,
            type(layers[0]),
            propose=lambda: self._chain(chained),
        )

    def remembered(self, key: str) -> Entry | None:
        """The entry of a line of notation that was chosen before."""
        try:
            layers = parse(key.removeprefix(NOTATION)) if key.startswith(NOTATION) else ()
        except NotationError:
            return None
        return self.typed(layers) if layers else None

    def values(self, query: str) -> tuple[list[Entry], str]:
        """The settings a line gives to the selected layers, or why its value cannot be."""
        nodes, shared = self._selected()
        wish = wished(query, type(nodes[0].layer), shared) if nodes else None
        if wish is None:
            return [], ""
        listed = [value for value in options(wish.setting) if said(value).startswith(wish.typed.lower())]
        if listed:
            return [self._value(nodes, wish.setting, value) for value in listed], ""
        return self._one_value(nodes, wish)

    def _one_value(self, nodes: Sequence[Node], wish: Wish) -> tuple[list[Entry], str]:
        if not wish.typed:
            return [], ""
        try:
            value = read(wish.setting, wish.typed)
        except ValueError as reason:
            return [], f"{wish.setting.label} {reason}."
        entry = self._value(nodes, wish.setting, value)
        refused = entry.propose().problem if entry.propose and entry.propose().graph is None else ""
        return ([], refused) if refused else ([entry], "")

    def _value(self, nodes: Sequence[Node], setting: Setting, value: object) -> Entry:
        keys = [node.id for node in nodes]
        before = {said(node.layer.values()[setting.name]) for node in nodes}
        return Entry(
            "",
            Group.SETTINGS,
            f"{setting.label} {' or '.join(sorted(before)) if len(before) < 3 else '…'} → {said(value)}",
            setting.help,
            type(nodes[0].layer),
            propose=lambda: change(self.document, keys, setting, value, self.canvas.canvas.order),
        )

    def _completions(self, query: str) -> Iterator[Entry]:
        """Ways to go on; taken they are only written, but what they would add is shown already."""
        for suggestion in complete(query)[:MOST_COMPLETIONS]:
            try:
                layers = parse(suggestion.text)
            except NotationError:
                layers = ()
            yield Entry(
                "",
                Group.NOTATION,
                suggestion.label,
                suggestion.help,
                type(layers[-1]) if layers else None,
                fill=suggestion.text,
                propose=self.typed(layers).propose if layers else None,
            )

    # ---- parts -------------------------------------------------------------------------------------------------------

    def _chain(self, layers: Sequence[Layer]) -> Proposal:
        canvas = self.canvas.canvas
        return chain(self.document, canvas.ways, layers, self.place, canvas.order)

    def _selected(self) -> tuple[list[Node], tuple[Setting, ...]]:
        nodes = [self.document.graph[key] for key in self.canvas.selected()]
        return (nodes, shared_settings([node.layer for node in nodes])) if nodes and not self.place.loose else ([], ())

    def _go_to(self, key: int) -> None:
        self.canvas.select([key])
        self.canvas.reveal(key)


def said_of(cls: type[Layer]) -> str:
    """What a layer class says of itself, in one sentence for people."""
    return first_sentence(cls).replace("`", "").replace("_", " ")


def _is_notation(query: str) -> bool:
    """Whether a line can hardly be meant as a search."""
    return "|" in query or any(sign.isdigit() for sign in query)
