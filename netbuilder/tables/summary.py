"""A report -> the table every textbook prints: one row a layer, and the sums."""

from dataclasses import dataclass

from netbuilder.analysis import LayerReport, Report
from netbuilder.analysis.memory import Memory
from netbuilder.layers import Order

UNKNOWN = "—"
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
        return f"{self.unknown:,} layer{'' if self.unknown == 1 else 's'} unknown" if self.unknown else ""

    def cells(self) -> list[tuple[str, ...]]:
        """The lines as words."""
        return [
            (
                row.name,
                row.type,
                row.shape or UNKNOWN,
                UNKNOWN if row.weights is None else f"{row.weights:,}",
                UNKNOWN if row.macs is None else f"{row.macs:,}",
            )
            for row in self.rows
        ]

    def sums(self) -> tuple[str, ...]:
        """The last line as words."""
        return ("Total", "", self.remark, f"{self.weights:,}", f"{self.macs:,}")


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
