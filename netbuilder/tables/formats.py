"""A table of layers -> text, Markdown, LaTeX or CSV, in which names are only text."""

import csv
import re
from collections.abc import Sequence
from io import StringIO

from .summary import HEADINGS, UNKNOWN, Table

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula."""


def as_text(shown: Table) -> str:
    """Aligned columns for an e-mail or a terminal."""
    lines = [HEADINGS, *shown.cells(), shown.sums()]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    set_out = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
    rule = "─" * max(len(line) for line in set_out)
    return "\n".join([set_out[0], rule, *set_out[1:-1], rule, set_out[-1]]) + "\n"


def as_markdown(shown: Table) -> str:
    """A table for a README; what Markdown would read as its own is escaped."""
    head, *body = ([_marked(cell) for cell in line] for line in (HEADINGS, *shown.cells()))
    sums = [f"**{cell}**" if cell else "" for cell in shown.sums()]
    lines = [head, ["---", "---", "---", "---:", "---:"], *body, sums]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


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
        name = f"'{row.name}" if row.name.startswith(FORMULAS) else row.name
        writer.writerow([name, row.type, row.shape or "", *("" if n is None else n for n in (row.weights, row.macs))])
    return out.getvalue()


FORMATS = {"Text": as_text, "Markdown": as_markdown, "LaTeX": as_latex, "CSV": as_csv}


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if column > 2 else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


def _marked(cell: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+!|~&" else c for c in cell)


def _tex(cell: str) -> str:
    if cell == UNKNOWN:
        return "--"
    special = {"\\": r"\textbackslash{}", "×": r"$\times$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {c: f"\\{c}" for c in "&%$#_{}"} | {"[": "{[}", "*": "{*}"}  # which a line's end before them would take
    special |= {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    text = "".join(special.get(c, c) for c in cell)
    return re.sub("-(?=-)", "-{}", text)  # two hyphens would be joined to a dash
