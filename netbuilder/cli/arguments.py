"""The words each verb takes, declared without loading anything that would carry them out."""

from argparse import Action, ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from netbuilder.cli.code_words import Destination, declare_code
from netbuilder.cli.export_words import declare_models
from netbuilder.cli.training_words import declare_course, declare_method
from netbuilder.cli.values import file, path, whole
from netbuilder.version import __version__

EXAMPLES = """\
examples:
  netbuilder                                    open the window
  netbuilder new lenet-5 -o net.netb            start from a built-in design
  netbuilder summary net.netb                   its shapes, weights and cost
  netbuilder explain net.netb conv1 weights     the formula, with this layer's numbers in it
  netbuilder diff net.netb other.netb           what is different about the other one
  netbuilder train net.netb --data fashion-mnist --resize --epochs 3
  netbuilder export net.netb -o net.onnx --verify
  netbuilder verify net.onnx                    is it still the file that was verified?
  netbuilder export net.netb -o net.pdf         draw it for a paper: .svg, .png or .pdf
  netbuilder import resnet.onnx -o resnet.netb  make a design of a model from elsewhere
  netbuilder demo                               all of that in about a minute

Results go to stdout, messages to stderr. Exit code 0: done; 1: refused, with the reason; 2: wrong usage;
130: stopped by Ctrl+C.
"""


class _Formatter(RawDescriptionHelpFormatter):
    """Keeps the examples' lines, and counts the verbs' indentation when it makes room for their names."""

    def add_arguments(self, actions: Iterable[Action]) -> None:
        super().add_arguments(actions)
        self._action_max_length += self._indent_increment


def build_parser() -> ArgumentParser:
    """The parser of every command line but `netbuilder [FILE]`, which opens the window."""
    parser = ArgumentParser(
        prog="netbuilder",
        usage="netbuilder [FILE]\n       netbuilder VERB …",
        description="Design neural networks, train them and export verified ONNX. With no verb, the window opens.",
        epilog=EXAMPLES,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"netbuilder {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, title="verbs", prog="netbuilder")
    for name, verb in VERBS.items():
        verb.declare(verbs.add_parser(name, help=verb.help, description=f"{verb.help}.", allow_abbrev=False))
    return parser


# ---- verbs -----------------------------------------------------------------------------------------------------------


def _nothing(parser: ArgumentParser) -> None:
    del parser


def _layers(parser: ArgumentParser) -> None:
    parser.add_argument("layer", nargs="?", metavar="LAYER", help="one layer, with its settings and their limits")


def _new(parser: ArgumentParser) -> None:
    parser.add_argument("template", metavar="TEMPLATE", help="a name that `netbuilder templates` lists")
    parser.add_argument("-o", "--output", required=True, type=file, metavar="FILE", help="the .netb file to write")
    parser.add_argument("--force", action="store_true", help="replace the file if it is already there")


def _summary(parser: ArgumentParser) -> None:
    _design(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    form.add_argument(
        "--format", choices=("text", "markdown", "latex", "csv"), help="print only the table of layers, to be pasted"
    )
    parser.add_argument(
        "-o", "--output", type=file, metavar="OUT", help="write that table to a file: .txt, .md, .tex or .csv"
    )
    _order(parser)


def _explain(parser: ArgumentParser) -> None:
    _design(parser)
    parser.add_argument("layer", metavar="LAYER", help="the layer's name, or its number in `summary --json`")
    parser.add_argument(
        "topic",
        nargs="?",
        choices=("shape", "weights", "macs", "memory", "receptive-field"),
        help="only this number (default: all of them)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    _order(parser)


def _diff(parser: ArgumentParser) -> None:
    parser.description = (
        "What is different about the second design: layers added, removed, renamed, moved, exchanged and set, wires, "
        "what follows from that for others, totals, and weights where both have some. Layers are recognised by name, "
        "else by how they are wired. Positions, notes and groups do not count. Exit code 0, also where they differ."
    )
    kinds = "a .netb design, an .onnx model or a run folder"
    parser.add_argument("before", type=path, metavar="BEFORE", help=f"the first one: {kinds}")
    parser.add_argument("after", type=path, metavar="AFTER", help="the second one")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 where they differ")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    _order(parser)


def _train(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=path,
        nargs="?",
        metavar="FILE",
        help="a .netb design, or an .onnx model, which is trained from new weights; not needed with --resume",
    )
    _data(parser, required=False)
    declare_course(parser)
    declare_method(parser)
    parser.add_argument("--run", type=path, metavar="DIR", help="run folder to make (default: FILE's .runs/<time>)")
    parser.add_argument("--resume", type=path, metavar="DIR", help="go on with the run in this folder")
    parser.add_argument("--json", action="store_true", help="print one JSON event a line")
    _threads(parser)


def _rates(parser: ArgumentParser) -> None:
    _design(parser)
    _data(parser, required=True)
    declare_method(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    _threads(parser)


def _evaluate(parser: ArgumentParser) -> None:
    parser.add_argument("run", type=path, metavar="RUN", help="a run folder")
    _data(parser, required=False)
    parser.add_argument("--weights", choices=("best", "last"), default="best", help="which of the run's weights")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    _threads(parser)


def _predict(parser: ArgumentParser) -> None:
    parser.add_argument("model", type=path, metavar="RUN|FILE.onnx", help="a run folder or an exported model")
    parser.add_argument("images", type=path, nargs="+", metavar="IMAGE", help="PNG, JPEG, BMP, GIF or WebP pictures")
    parser.add_argument("--invert", action="store_true", help="exchange light and dark: for dark ink on white paper")
    parser.add_argument(
        "--top", type=whole(1, 1000), default=3, metavar="N", help="how many classes to name (default: 3)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _run(parser: ArgumentParser) -> None:
    _design(parser)
    parser.add_argument("--weights", required=True, type=path, metavar="W", help="a .safetensors file")
    parser.add_argument(
        "--input", required=True, type=path, metavar="X.npy", help="(N, channels, height, width) or (N, features)"
    )
    parser.add_argument("--output", required=True, type=file, metavar="Y.npy", help="where the outputs are written")
    parser.add_argument("--of", metavar="LAYER", help="which of several outputs (default: the main one)")
    _threads(parser)


def _export(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=path, metavar="FILE|RUN", help="a .netb design, an .onnx model or a run folder")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        action=Destination,
        metavar="OUT",
        help="what to write: .onnx is a model, .py is code, .svg, .png and .pdf are figures of the design; a name that "
        "ends in / is a PyTorch project",
    )
    declare_models(parser)
    figure = parser.add_argument_group("figures")
    figure.add_argument("--style", choices=("cards", "boxes"), help="as on the canvas (default), or 3-D boxes in a row")
    figure.add_argument("--dark", action="store_true", help="on a dark ground")
    figure.add_argument("--arrange", action="store_true", help="place the cards anew, to fit a page")
    figure.add_argument("--table", action="store_true", help="with the table of shapes, weights and MACs")
    figure.add_argument("--order", choices=("hwc", "chw"), help="shapes as height×width×channels, or channels first")
    declare_code(parser)


def _verify(parser: ArgumentParser) -> None:
    parser.add_argument("model", type=path, metavar="FILE.onnx", help="a file that was exported with --verify")
    _data(parser, required=False)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _import(parser: ArgumentParser) -> None:
    parser.add_argument("model", type=path, metavar="MODEL.onnx", help="a convolutional classifier, from anywhere")
    parser.add_argument(
        *("-o", "--output"),
        required=True,
        type=file,
        metavar="FILE",
        help="the .netb file to write; the weights go into a .safetensors file beside it",
    )
    parser.add_argument("--force", action="store_true", help="replace the files if they are already there")


def _demo(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", type=path, default=Path("netbuilder-demo"), metavar="FOLDER", help="default: netbuilder-demo"
    )
    parser.add_argument("--epochs", type=whole(1, 10_000), default=20, metavar="N", help="default: 20")
    parser.add_argument("--seed", type=whole(0), default=0, metavar="N", help="default: 0")
    _threads(parser)


def _design(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=path, metavar="FILE", help="a .netb design or an .onnx model")


def _order(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--order", choices=("hwc", "chw"), default="hwc", help="print shapes as height×width×channels or channels first"
    )


def _data(parser: ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--data", required=required, metavar="NAME|PATH", help="a built-in data set or a .npz file (images, labels)"
    )
    parser.add_argument(
        "--resize", action="store_true", help="bring the images to the design's height, width, channels"
    )


def _threads(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--threads", type=whole(1, 1024), metavar="N", help="threads to compute with (default: what suits this machine)"
    )


class Verb(NamedTuple):
    """A verb's one-line help, the module that carries it out, and its words.

    The module's function is called as the verb is, unless Python keeps that word for itself.
    """

    help: str
    module: str
    declare: Callable[[ArgumentParser], None]
    function: str = ""


VERBS = {
    "templates": Verb("List the built-in designs", "builtin", _nothing),
    "datasets": Verb("List the built-in data sets", "builtin", _nothing),
    "layers": Verb("List the layers a design is made of", "builtin", _layers),
    "new": Verb("Write a built-in design to a file", "builtin", _new),
    "summary": Verb("Shapes, weights, cost and problems of a design", "summary", _summary),
    "explain": Verb("Why a layer's numbers are what they are: formula and numbers", "explaining", _explain),
    "diff": Verb("What is different between two designs, models or runs", "comparing", _diff),
    "train": Verb("Train a design and keep a run folder", "training", _train),
    "rates": Verb("Try learning rates on a design, and say which one to train with", "rates", _rates),
    "evaluate": Verb("Measure a run on the test part of a data set", "running", _evaluate),
    "predict": Verb("Say what pictures show", "predicting", _predict),
    "run": Verb("Compute a design's outputs for an array of inputs", "running", _run),
    "export": Verb("Write a design or a run as ONNX or as code, or draw it as a figure", "exporting", _export),
    "verify": Verb("Hold an exported model against its certificate, and run it again on data", "verifying", _verify),
    "import": Verb("Make a design of an ONNX model", "importing", _import, "import_model"),
    "demo": Verb("Design, train and export a digit reader, in about a minute", "demo", _demo),
}
