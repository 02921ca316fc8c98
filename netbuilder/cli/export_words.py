"""The words of `export` that are for models: how a file is written, and on what data it is verified."""

from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from typing import Any

from netbuilder.cli.values import whole

MODEL_WORDS = ("verify", "softmax", "seed", "opset", "preprocessing", "batch", "precision", "data", "resize", "json")
SYMBOLIC = "symbolic"


def declare_models(parser: ArgumentParser) -> None:
    """How a model is written. What is not said is left to `ExportOptions`."""
    model = parser.add_argument_group("models")
    model.add_argument(
        "--verify",
        action="store_true",
        help="run the file before it is written, compare it with the engine, certify it",
    )
    model.add_argument(
        "--softmax", action=BooleanOptionalAction, help="end with probabilities instead of scores (default: scores)"
    )
    model.add_argument("--opset", type=whole(13, 21), metavar="N", help="ONNX's operator set, 13 to 21 (default: 17)")
    model.add_argument(
        "--precision",
        choices=("float32", "float16", "int8"),
        help="of the weights; int8 is fitted to the training data and always verified (default: float32)",
    )
    model.add_argument(
        "--preprocessing",
        nargs="?",
        const="auto",
        choices=("auto", "uint8", "float32"),
        metavar="auto|uint8|float32",
        help="have the file take raw pixels of 0 to 255 and prepare them itself",
    )
    model.add_argument(
        "--batch", type=_batch, metavar=f"N|{SYMBOLIC}", help=f"samples at a time (default: {SYMBOLIC}, any number)"
    )
    model.add_argument(
        "--resize", action="store_true", help="bring the images of --data to the design's height, width, channels"
    )
    model.add_argument(
        "--seed", type=whole(0), metavar="N", help="initial weights of a design without a run (default: 0)"
    )
    model.add_argument("--json", action="store_true", help="print one JSON document, the certificate in it")


def wishes(options: Namespace) -> dict[str, Any]:
    """What was said of the file, as the arguments of `ExportOptions`."""
    said: dict[str, Any] = {
        name: getattr(options, name) for name in ("opset", "softmax", "preprocessing", "batch", "precision")
    }
    if said["batch"] == SYMBOLIC:
        said["batch"] = None
    return {name: value for name, value in said.items() if value is not None}


def _batch(text: str) -> int | str:
    if text == SYMBOLIC:
        return text
    try:
        return whole(1, 65_536)(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(f"must be a whole number from 1 to 65,536, or {SYMBOLIC}, not {text!r}") from None
