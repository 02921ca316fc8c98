"""What is built in, listed: designs, data sets and layers; and a built-in design written to a file."""

from argparse import Namespace
from difflib import get_close_matches
from pathlib import Path

from netbuilder.cli.command import Refusal
from netbuilder.cli.terminal import Column, count, note, plain, quoted, say, table
from netbuilder.layers import BY_NAME, PALETTE, Layer
from netbuilder.layers.settings import Value


def templates(options: Namespace) -> None:
    """List the designs that ship."""
    del options
    from netbuilder.examples import EXAMPLES

    rows = [[entry.name, entry.title, entry.data or "–", entry.summary] for entry in EXAMPLES]
    say(table([Column("Name"), Column("Title"), Column("Data"), Column("What it is")], rows))
    note("\n`netbuilder new NAME -o FILE` writes one to a file.")


def new(options: Namespace) -> None:
    """Write a design that ships to a file."""
    from netbuilder.examples import EXAMPLES, example
    from netbuilder.files import SUFFIX, save

    name: str = options.template.lower()
    known = [entry.name for entry in EXAMPLES]
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"Did you mean “{near[0]}”?" if near else f"There are {', '.join(known)}."
        raise Refusal(f"There is no built-in design “{options.template}”. {hint}")
    path: Path = options.output
    if path.suffix != SUFFIX:
        path = path.with_name(path.name + SUFFIX)
    if path.exists() and not options.force:
        raise Refusal(f"“{path}” is already there; --force replaces it.")
    say(str(save(example(name), path)))
    chosen = EXAMPLES[known.index(name)]
    if chosen.recipe:
        note(f"Trains well with: netbuilder train {quoted(path)} --data {chosen.data} {chosen.recipe}")


def datasets(options: Namespace) -> None:
    """List the data sets that ship."""
    del options
    from netbuilder.data import catalogue

    columns = [
        *(Column("Name"), Column("Sample", True), Column("Classes", True), Column("Training", True)),
        *(Column("Validation", True), Column("Test", True), Column("Licence"), Column("What it is")),
    ]
    rows = [
        [
            *(entry.name, entry.shape.text(), f"{len(entry.classes):,}"),
            *(f"{number:,}" for number in (entry.training, entry.validation, entry.test)),
            *(entry.licence, entry.description),
        ]
        for entry in catalogue()
    ]
    say(table(columns, rows))
    note("\nYour own: --data FILE.npz with the arrays images and labels.")


def layers(options: Namespace) -> None:
    """List the layers, or the settings of one."""
    if options.layer is None:
        rows = [[cls.__name__, cls.family, _first_sentence(cls)] for cls in PALETTE]
        say(table([Column("Layer"), Column("Family"), Column("What it does")], rows))
        note("\n`netbuilder layers LAYER` lists the settings of one.")
        return
    cls = _layer(options.layer)
    lines = [f"{cls.__name__} ({cls.family})", "", *(line.strip() for line in (cls.__doc__ or "").strip().splitlines())]
    rows = [[s.name, _default(s.default), s.help] for s in cls.settings()]
    if rows:
        lines += ["", table([Column("Setting"), Column("Default"), Column("What it is")], rows)]
    else:
        lines += ["", f"It has {count(0, 'setting')}."]
    say("\n".join(lines))


def _layer(name: str) -> type[Layer]:
    lower = {known.lower(): cls for known, cls in BY_NAME.items()}
    if name.lower() not in lower:
        near = get_close_matches(name.lower(), lower, 1)
        hint = f"Did you mean “{lower[near[0]].__name__}”?" if near else "`netbuilder layers` lists all."
        raise Refusal(f"There is no layer “{plain(name)}”. {hint}")
    return lower[name.lower()]


def _first_sentence(cls: type[Layer]) -> str:
    """The first paragraph of the layer's own description, on one line."""
    return " ".join((cls.__doc__ or "").split("\n\n")[0].split())


def _default(value: Value) -> str:
    if value is None:
        return "–"
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
