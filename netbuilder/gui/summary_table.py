"""The network as the table every textbook prints: rows and sums of a report, as text, Markdown, LaTeX or CSV."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from netbuilder.analysis import LayerReport, Report
from netbuilder.analysis.memory import Memory
from netbuilder.gui.wording import UNKNOWN, counted, thousands
from netbuilder.layers import Order

HEADINGS = ("Layer", "Type", "Activation shape", "Weights", "Multiply-adds")


@dataclass(frozen=True)
class Row:
    """One layer's line; None where the design is broken before it. Memory in bytes is only for the screen: what is
    copied holds for any batch size."""

    id: int
    name: str
    type: str
    family: str
    shape: str | None
    weights: int | None
    macs: int | None
    memory: int | None = None


@dataclass(frozen=True)
class Table:
    """All lines in execution order, and the sums over those that are known."""

    rows: tuple[Row, ...]
    weights: int
    macs: int
    unknown: int
    memory: int = 0

    @property
    def remark(self) -> str:
        """'2 layers unknown', or nothing."""
        return f"{counted(self.unknown, 'layer')} unknown" if self.unknown else ""

    def cells(self) -> list[tuple[str, ...]]:
        """The lines as words."""
        return [
            (
                row.name,
                row.type,
                row.shape or UNKNOWN,
                UNKNOWN if row.weights is None else thousands(row.weights),
                UNKNOWN if row.macs is None else thousands(row.macs),
            )
            for row in self.rows
        ]

    def sums(self) -> tuple[str, ...]:
        """The last line as words."""
        return ("Total", "", self.remark, thousands(self.weights), thousands(self.macs))


Rows = dict[int, tuple[LayerReport, Row]]
"""Lines by layer id, each with the report it was made from."""


def table(report: Report, order: Order = "hwc", needs: Memory | None = None, rows: Rows | None = None) -> Table:
    """The table of a report, valid or not, with what its layers need in one pass forward where that is known.

    With the `rows` of an earlier table of the same order, lines of layers that are as they were are taken from there.
    """
    rows = {} if rows is None else rows
    found: list[Row] = []
    for key, layer in report.layers.items():
        need = needs.layers.get(key) if needs else None
        memory = need.forward.result if need else None
        known = rows.get(key)
        if known is None or known[0] is not layer or known[1].memory != memory:
            known = rows[key] = layer, _row(layer, order, memory)
        found.append(known[1])
    totals = report.totals
    whole = needs.forward if needs else 0  # layers take turns with some of it: less than the sum of the lines
    return Table(tuple(found), totals.parameters, totals.macs, totals.unknown, whole)


def _row(layer: LayerReport, order: Order, memory: int | None) -> Row:
    shape, kind = layer.shape.text(order) if layer.shape else None, type(layer.node.layer)
    node = layer.node
    return Row(node.id, node.name, kind.__name__, kind.family, shape, layer.parameters, layer.macs, memory)


def as_text(shown: Table) -> str:
    """Aligned columns for an e-mail or a terminal."""
    lines = [HEADINGS, *shown.cells(), shown.sums()]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    set_out = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
    rule = "─" * max(len(line) for line in set_out)
    return "\n".join([set_out[0], rule, *set_out[1:-1], rule, set_out[-1]]) + "\n"


def as_markdown(shown: Table) -> str:
    """A table for a README; what Markdown would read as its own is escaped."""
    lines = [HEADINGS, ("---", "---", "---", "---:", "---:"), *shown.cells()]
    sums = tuple(f"**{cell}**" if cell else "" for cell in shown.sums())
    return (
        "".join(f"| {' | '.join(_marked(cell) for cell in line)} |\n" for line in lines) + f"| {' | '.join(sums)} |\n"
    )


def as_latex(shown: Table) -> str:
    """A booktabs tabular."""
    body = [" & ".join(_tex(cell) for cell in line) + r" \\" for line in shown.cells()]
    head, foot = (" & ".join(_tex(cell) for cell in line) + r" \\" for line in (HEADINGS, shown.sums()))
    lines = [r"\begin{tabular}{lllrr}", r"\toprule", head, r"\midrule", *body, r"\midrule", foot, r"\bottomrule"]
    return "\n".join([*lines, r"\end{tabular}"]) + "\n"


def as_csv(shown: Table) -> str:
    """Plain numbers, a line for each layer; empty where unknown. No line begins a formula in a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    for row in shown.rows:
        name = f"'{row.name}" if row.name[:1] in "=+-@\t\r" else row.name
        writer.writerow([name, row.type, row.shape or "", *("" if n is None else n for n in (row.weights, row.macs))])
    return out.getvalue()


FORMATS = {"Text": as_text, "Markdown": as_markdown, "LaTeX": as_latex, "CSV": as_csv}


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if column > 2 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def _marked(cell: str) -> str:
    if set(cell) <= {"-", ":"}:
        return cell
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+!|~&" else c for c in cell)


def _tex(cell: str) -> str:
    special = {"\\": r"\textbackslash{}", "×": r"$\times$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {c: f"\\{c}" for c in "&%$#_{}"} | {UNKNOWN: "--"}
    special |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    return "".join(special.get(c, c) for c in cell)
