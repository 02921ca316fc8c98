"""A design, its report and how both are to look: what every drawing of cards asks."""

from dataclasses import dataclass

from netbuilder.analysis import Report
from netbuilder.arrangement import Folding
from netbuilder.drawing.colours import Colours
from netbuilder.drawing.faces import is_broken
from netbuilder.graph import Edge
from netbuilder.layers import Order, Shape


@dataclass(frozen=True)
class Scene:
    """The blocks that are seen, layers and collapsed groups, and the scheme they are drawn in."""

    folding: Folding
    report: Report
    colours: Colours
    order: Order

    def shape(self, block: int) -> Shape | None:
        """What leaves a block."""
        return self.report[self.folding.output(block)].shape

    def broken(self, wire: Edge) -> bool:
        """Whether what a wire carries does not fit where it ends."""
        return any(is_broken(self.folding.design, self.report, edge.target) for edge in self.folding.behind(wire))
