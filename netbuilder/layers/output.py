"""Where a network with several ends says that one of them is meant."""

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import Array, Facts, Family, Layer, Pass, Pullback, layer, unchanged
from .captions import joined
from .settings import Choice, Real, setting
from .shapes import Shape

AS_CHOSEN = "as_chosen"


@layer
class Output(Layer):
    """An end of the network that is meant, where there are several. It changes nothing; every output is compared with
    the same labels, and the losses are summed. Predictions come from the deepest end."""

    family: ClassVar[Family] = "output"

    weight: float = setting(
        default=1.0, converter=Real(0, 1e6), help="How much this output's loss counts in the sum of all."
    )
    loss: str = setting(
        default=AS_CHOSEN,
        converter=Choice((AS_CHOSEN, "cross_entropy", "mse")),
        help="What this output is measured by: the loss chosen for the training, or one of its own.",
    )

    def caption(self) -> str:
        counts = "" if self.weight == 1 else f"counts {self.weight:g}"
        own = "" if self.loss == AS_CHOSEN else self.loss.replace("_", "-")
        return joined(counts, own) or "an end that is meant"

    def infer(self, *inputs: Shape) -> Facts:
        return unchanged(inputs[0])

    def forward(self, run: Pass, weights: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        return inputs[0], lambda dy: ((dy,), {})

    def onnx(self, graph: Any, weights: Mapping[str, Any], *inputs: Any) -> Any:
        return inputs[0]
