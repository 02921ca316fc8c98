"""Published architectures, written in PyTorch, exported by PyTorch, imported: equal weights, equal outputs?

`python -m tests.benchmarks.architectures [NAME…]` needs PyTorch, and onnxscript for its newer exporter. It prints a
table, and with `--json FILE` writes it. `--torchvision` takes the real models of that package in place of our own,
`--keras` those of Keras with its PyTorch backend. It ends with 1 where anything differs. A scale by itself, as ConvNeXt
has, becomes a batch norm, which has more weights than the file.
"""

import argparse
import io
import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn

import netbuilder as nb
from netbuilder.interop.importing import imported

SAMPLES, TOLERANCE = 3, 1e-5
LEGACY, NEWER = "TorchScript, opset", "torch.export"
EXPORTERS = (f"{LEGACY} 11", f"{LEGACY} 17", NEWER)
Maker = Callable[[], nn.Module]


@dataclass
class Row:
    """One architecture through one exporter. Differences are relative to the largest output."""

    name: str
    exporter: str
    model_parameters: int = 0
    file_weights: int = 0
    design_weights: int = 0
    nodes: int = 0
    layers: int = 0
    seconds: float = 0.0
    from_runtime: float = float("nan")
    from_model: float = float("nan")
    refused: str = ""

    @property
    def passed(self) -> bool:
        return not self.refused and self.from_runtime <= TOLERANCE and self.from_model <= 10 * TOLERANCE

    def line(self) -> str:
        if self.refused:
            return f"{self.name:38} {self.exporter:22} {self.refused[:400]}"
        counts = f"{self.model_parameters:11,} {self.file_weights:11,} {self.design_weights:11,}"
        sizes = f"{self.nodes:5} {self.layers:6} {self.seconds:7.3f}"
        differences = f"{self.from_runtime:9.1e} {self.from_model:9.1e}"
        extra = "" if self.file_weights == self.design_weights else "  weights of its own"
        return f"{self.name:38} {self.exporter:22} {counts} {sizes} {differences}{extra if self.passed else '  WRONG'}"


HEADINGS = (
    f"{'architecture':38} {'exporter':22} {'model':>11} {'file':>11} {'design':>11} {'nodes':>5} {'layers':>6} "
    f"{'seconds':>7} {'runtime':>9} {'PyTorch':>9}"
)


def main() -> int:
    """Every architecture through every exporter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="some architectures only")
    parser.add_argument("--torchvision", action="store_true", help="the models of that package")
    parser.add_argument("--keras", action="store_true", help="the models of Keras, on PyTorch")
    parser.add_argument("--exporter", choices=EXPORTERS, help="one exporter only")
    parser.add_argument("--json", type=Path, help="a file for the table")
    parser.add_argument("--keep", type=Path, help="a folder for the exported files")
    asked = parser.parse_args()
    rows: list[Row] = []
    print(HEADINGS)
    for name, make, shape in _networks(asked):
        if not asked.names or name in asked.names:
            for exporter in (asked.exporter,) if asked.exporter else EXPORTERS:
                rows.append(measured(name, make, shape, exporter, asked.keep))
                print(rows[-1].line(), flush=True)
    passed, names = [row for row in rows if row.passed], {row.name for row in rows}
    whole = names - {row.name for row in rows if not row.passed}
    print(f"{len(passed)} of {len(rows)} exports came in equal; {len(whole)} of {len(names)} architectures from each")
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) | {"passed": row.passed} for row in rows], indent=1))
    return 0 if len(passed) == len(rows) else 1


def _networks(asked: argparse.Namespace) -> Iterator[tuple[str, Maker, tuple[int, ...]]]:
    if asked.torchvision:
        from tests.benchmarks.pytorch_networks import packaged

        yield from packaged.torchvision_models()
    elif asked.keras:
        from tests.benchmarks.pytorch_networks import packaged

        yield from packaged.keras_models()
    else:
        from tests.benchmarks.pytorch_networks import NETWORKS

        for name, (make, shape) in NETWORKS.items():
            yield name, make, shape


def measured(name: str, make: Maker, shape: tuple[int, ...], exporter: str, keep: Path | None = None) -> Row:
    """Export a network with random weights, import it, and run it three ways on the same images."""
    torch.manual_seed(0)
    model = make()
    x = torch.randn(SAMPLES, *shape)
    with torch.no_grad():
        model(x)  # what is lazy is made
        _shaken(model)
        given = model.eval()(x)
        y = [each.numpy() for each in (given if isinstance(given, tuple) else (given,))]
    row = Row(
        name, exporter, model_parameters=sum(each.numel() for each in model.parameters() if each.is_floating_point())
    )
    with TemporaryDirectory() as folder:
        path = (keep or Path(folder)) / f"{name} {exporter}.onnx".replace("/", "-")
        try:
            exported(model, x[:1], path, exporter)
        except Exception as problem:  # whatever the exporter finds wrong with a model
            row.refused = f"PyTorch cannot export it: {str(problem).strip().partition(chr(10))[0]}"
            return row
        _compare(row, path.read_bytes(), x.numpy(), y)
    return row


def _shaken(model: nn.Module) -> None:
    """Random statistics, scales, shifts and slopes, so that nothing cancels and nothing is left out for being 0."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)  # pyright: ignore
            module.running_var.uniform_(0.5, 1.5)  # pyright: ignore
    for parameter in model.parameters():
        if parameter.ndim == 1 and parameter.is_floating_point():
            parameter += 0.1 * torch.randn_like(parameter)


def exported(model: nn.Module, x: torch.Tensor, path: Path, exporter: str) -> None:
    """Write the file, quietly."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        if exporter == NEWER:
            one = torch.cat([x, x])  # a batch of one would be taken for fixed
            batch = ({0: torch.export.Dim.DYNAMIC},)
            torch.onnx.export(model, (one,), path, dynamo=True, dynamic_shapes=batch, external_data=False)  # pyright: ignore
            return
        names: Any = {"input_names": ["image"], "output_names": ["scores"]}
        axes = {"image": {0: "N"}, "scores": {0: "N"}}
        torch.onnx.export(
            model, (x,), path, dynamo=False, opset_version=int(exporter.split()[-1]), dynamic_axes=axes, **names
        )


def _compare(row: Row, data: bytes, x: np.ndarray, given: list[np.ndarray]) -> None:
    model = onnx.load_from_string(data)
    arrays = [numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    row.file_weights = sum(array.size for array in arrays if array.dtype.kind == "f" and array.ndim)
    row.nodes = len(model.graph.node)
    began = perf_counter()
    try:
        found = imported(data, row.name)
        weights = found.weighed()
    except nb.OnnxFileError as refusal:
        row.refused = str(refusal)
        return
    row.seconds = perf_counter() - began
    row.layers, row.design_weights = len(found.graph.nodes), sum(array.size for array in weights.values())
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        theirs = dict(
            zip((each.name for each in session.get_outputs()), session.run(None, {found.input: x}), strict=True)
        )
    except Exception as problem:  # whatever the runtime finds wrong with a model
        row.refused = f"onnxruntime cannot run it: {str(problem).strip().partition(chr(10))[0]}"
        return
    lying = x.reshape(len(x), -1)[:, np.argsort(found.view.places())]
    program = nb.compile(found.graph)
    images = lying.reshape(len(x), *program.input_shape.array)
    by_layer = dict(
        zip((step.name for step in program.steps), program.outputs(program.bind(weights), images), strict=True)
    )
    real = dict(zip(theirs, given, strict=True))
    pairs = [(by_layer[layer].reshape(len(x), -1), tensor) for layer, tensor in found.outputs.items()]
    row.from_runtime = max(_apart(ours, np.asarray(theirs[tensor]).reshape(ours.shape)) for ours, tensor in pairs)
    row.from_model = max(_apart(ours, real[tensor].reshape(ours.shape)) for ours, tensor in pairs)


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(b) == 0:
        return float("nan")  # outputs that are all alike prove nothing
    return float(np.abs(a - b).max() / np.abs(b).max())


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    raise SystemExit(main())
