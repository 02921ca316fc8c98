"""What a person chooses about an ONNX file -> one value, checked, for Python, the command line and the window."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

Precision = Literal["float32", "float16", "int8"]
Pixels = Literal["none", "auto", "uint8", "float32"]

OPSETS = range(13, 22)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
PIXELS: tuple[Pixels, ...] = get_args(Pixels)
LARGEST_BATCH = 65_536


class ExportError(ValueError):
    """A design that cannot be written as ONNX; the sentence says why."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a design is written as ONNX. Raises ExportError for a value that is not among the choices.

    `opset` is the version of ONNX's operators, 13 to 21. `softmax` ends with probabilities instead of scores.
    `preprocessing` other than "none" makes the file take raw samples as the data set stores them and prepare them
    itself: images as "uint8" or as "float32" of 0…255, and "auto" takes bytes where the data are bytes. `batch` is how
    many samples the file takes at a time, any number where None. `precision` is that of the weights: "float16" halves
    the file, "int8" quarters it and computes in whole numbers.
    """

    opset: int = 17
    softmax: bool = False
    preprocessing: Pixels = "none"
    batch: int | None = None
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        if not _whole(self.opset) or self.opset not in OPSETS:
            raise ExportError(f"The opset must be from {OPSETS[0]} to {OPSETS[-1]}, not {self.opset!r}.")
        if self.batch is not None and not (_whole(self.batch) and 1 <= self.batch <= LARGEST_BATCH):
            raise ExportError(f"A batch must be from 1 to {LARGEST_BATCH:,} samples, not {self.batch!r}.")
        for name, choices in (("preprocessing", PIXELS), ("precision", PRECISIONS)):
            if getattr(self, name) not in choices:
                raise ExportError(f"The {name} must be one of {', '.join(choices)}, not {getattr(self, name)!r}.")
        if not isinstance(self.softmax, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ExportError(f"The softmax is wanted or not, but not {self.softmax!r}.")

    @property
    def prepares(self) -> bool:
        """Whether the file takes raw samples and makes them ready itself."""
        return self.preprocessing != "none"

    def words(self) -> str:
        """'opset 17, float32, any batch', for a line below a file's name."""
        parts = [f"opset {self.opset}", self.precision, f"batches of {self.batch}" if self.batch else "any batch"]
        return ", ".join([*parts, *(["with softmax"] if self.softmax else []), *(["raw input"] * self.prepares)])

    def to_dict(self) -> dict[str, Any]:
        """Every choice by name, as the certificate keeps it."""
        return {
            "opset": self.opset,
            "softmax": self.softmax,
            "preprocessing": self.preprocessing,
            "batch": self.batch,
            "precision": self.precision,
        }


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
