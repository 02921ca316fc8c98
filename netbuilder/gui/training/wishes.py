"""What the engine declares of a training, in the words of the options dialog: titles, one line of help, sections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netbuilder.engine import OPTIMIZERS, Job, compile
from netbuilder.graph import Graph
from netbuilder.gui.training.choices import Method
from netbuilder.layers.settings import OptionalInteger, Real, Setting

NEVER = "never"
DTYPES = {"float32": "float32, single precision", "float64": "float64, double"}
STARTS = {"he": "He, for ReLU", "glorot": "Glorot, for tanh and sigmoid"}


@dataclass(frozen=True, slots=True)
class Wish(Setting):
    """A setting of the optimizer or of the training. `words` are those of a choice, `blank` that of None, for which the
    engine has `unset`."""

    title: str = ""
    words: Mapping[Any, str] = field(default_factory=dict[Any, str])
    blank: str = ""
    unset: Any = None

    @property
    def label(self) -> str:
        return self.title

    def of_engine(self, value: Any) -> Any:
        """The engine's value as the form has it."""
        return None if self.blank and value == self.unset else value

    def to_engine(self, value: Any) -> Any:
        """The form's value as the engine has it."""
        return self.unset if self.blank and value is None else value


@dataclass(frozen=True)
class Section:
    """Wishes under one title. One that is `folded` opens by itself where something in it is not as usual."""

    name: str
    title: str
    wishes: tuple[Wish, ...]
    folded: bool = False


def automatic_threads(graph: Graph) -> int | None:
    """How many threads a training of this design takes by itself; None while it cannot be trained."""
    try:
        return compile(graph).threads
    except ValueError:
        return None


def sections(method: Method, threads: int | None) -> tuple[Section, ...]:
    """Everything that may be asked for beside schedule and augmentation, the common first."""
    own = _of_optimizer(method)
    overfitting = (
        own.pop("weight_decay"),
        _wish("patience", "Stop early after", "Epochs without a better one; the best weights are kept.", NEVER),
        _wish("label_smoothing", "Label smoothing", "The share of a label given to all classes; 0.1 is common."),
        _wish("class_weights", "Class weights", "Whether samples of rare classes count more."),
    )
    updates = (
        _wish("loss", "Loss", "What training makes small: cross-entropy for classes."),
        *own.values(),
        _wish("accumulate", "Batches an update", "Their gradients are averaged, as of one large batch."),
        _wish("clip_norm", "Clip by norm", "Longest gradient of all weights together; 0: any length."),
        _wish("clip_value", "Clip by value", "Largest gradient of a single weight; 0: any size."),
    )
    automatic = f"automatic ({threads})" if threads else "automatic"
    machine = (
        _wish("dtype", "Numbers", "Double takes twice the memory, and more time.", words=DTYPES),
        _wish("init", "First weights", "How they are drawn before the first step.", words=STARTS),
        _wish("seed", "Seed", "The same seed gives the same run again."),
        _wish("threads", "Threads", "Processor cores to compute with.", automatic),
    )
    return (
        Section("overfitting", "Against overfitting", overfitting),
        Section("updates", "Loss and updates", updates, folded=True),
        Section("machine", "Numbers and machine", machine, folded=True),
    )


def _wish(name: str, title: str, help_: str, blank: str = "", words: Mapping[Any, str] | None = None) -> Wish:
    known = next(each for each in Job.settings() if each.name == name)
    kind: Any = known.kind
    unset, default = (None if name == "threads" else 0, None) if blank else (None, known.default)
    limits = OptionalInteger(1, kind.high) if blank else kind
    return Wish(name, limits, default, known.unit, help_, title, words or {}, blank, unset)


def _of_optimizer(method: Method) -> dict[str, Wish]:
    """What the optimizer has beside its rate, where it has it."""
    kind = OPTIMIZERS[method.kind]
    usual = kind(**method.settings)
    told = {
        "weight_decay": ("Weight decay", "Draws weights towards 0 (L2); 0.0005 is common."),
        "momentum": ("Momentum", "The share of its speed that a step keeps."),
        "betas": ("Betas", "Shares of mean and mean square that are kept."),
        "alpha": ("Alpha", "The share of the mean square that is kept."),
        "epsilon": ("Epsilon", "Keeps steps finite where gradients are nearly 0."),
    }
    if method.kind == "AdamW":
        told["weight_decay"] = "Weight decay", "Draws weights towards 0, apart from the gradient; 0.01 is usual."
    found: dict[str, Wish] = {}
    for each in kind.settings():
        if each.name not in told or (each.name == "momentum" and method.name == "sgd"):
            continue
        limits: Any = each.kind
        if each.name == "momentum" and "momentum" in method.settings:
            limits = Real(0, 1, low_open=True, high_open=True)
        title, help_ = told[each.name]
        found[each.name] = Wish(each.name, limits, getattr(usual, each.name), "", help_, title)
    return found
