"""From a prepared training to its samples as a file, and the script that gives them out in the same batches."""

import json
from typing import Any

import numpy as np
from safetensors.numpy import save

from netbuilder.engine import Prepared
from netbuilder.kernels.scratch import Array
from netbuilder.layers import VectorShape
from netbuilder.version import __version__

from .augmentation_source import functions
from .layout import Call, lines
from .learning_script import drops
from .plan import Plan
from .template import filled

MOST_CHANNELS = 16
"""Means and deviations of more than these are in a file of their own."""
STATISTICS = "standardisation.safetensors"
CHANGES_HEAD = "# ---- changes of training samples, new in every epoch ---------------------------------"
MOST_CLASSES = 1000
"""Of more classes than this the names are kept in the data file alone."""


def data_file(ready: Prepared) -> bytes:
    """All parts as one safetensors file: "training.inputs", "training.targets", and so on."""
    arrays: dict[str, Array] = {}
    for name, part in ready.dataset.parts.items():
        arrays[f"{name}.inputs"] = np.ascontiguousarray(part.inputs)
        arrays[f"{name}.targets"] = np.ascontiguousarray(part.targets)
    metadata = {"title": ready.dataset.title, "classes": json.dumps(ready.dataset.classes, ensure_ascii=False)}
    found: Any = arrays
    return save(found, metadata)


def statistics_file(ready: Prepared) -> bytes | None:
    """Means and standard deviations, where they are too many to be read in the script."""
    made = ready.dataset.preprocessing
    if len(made.mean) <= MOST_CHANNELS:
        return None
    found: Any = {"mean": np.array(made.mean), "std": np.array(made.std)}
    return save(found)


def data_script(ready: Prepared, plan: Plan) -> str:
    """The source of data.py, which needs NumPy alone."""
    part, augment = ready.dataset.training, ready.job.augment
    resizes = part.pixels is not None
    changes = f"\n\n{CHANGES_HEAD}\n\n\n{functions(augment)}" if augment else ""
    marks = {
        "producer": f"netbuilder {__version__}",
        "lru_cache": "from functools import lru_cache, partial" if augment else "",
        "pillow": "from PIL import Image" if resizes else "",
        "constants": _constants(ready),
        "changes": changes,
        "stored": "stored = resized(self.inputs[rows])" if resizes else "stored = self.inputs[rows]",
        "augmented": AUGMENTED if augment else "",
        "x": "x" if augment else "stored",
        "flat": ".reshape(len(rows), -1)" if isinstance(part.shape, VectorShape) and part.inputs.ndim > 2 else "",
        "resized": RESIZED if resizes else "",
        "axes": ", ".join(["-1", *["1"] * (part.inputs.ndim - 2)]),
        "epoch": EPOCH if augment else NO_EPOCH,
        ", epoch": ", epoch: int | None = None" if augment else "",
        "noise": NOISE if drops(plan) else "",
    }
    return filled(DATA, marks)


def _constants(ready: Prepared) -> str:
    made, part = ready.dataset.preprocessing, ready.dataset.training
    found = [f"SEED = {ready.job.seed}"]
    if ready.dataset.classes and len(ready.dataset.classes) <= MOST_CLASSES:
        names = tuple(_text(name) for name in ready.dataset.classes)
        found += lines("CLASSES = ", Call("", names), 0)
    unit = "1 / 255" if abs(made.scale - 1 / 255) < 1e-15 else repr(made.scale)
    found.append(f"SCALE = {unit}  # of stored values, before they are standardised")
    if len(made.mean) <= MOST_CHANNELS:
        for name, values in (("MEAN", made.mean), ("STD", made.std)):
            numbers = Call("", tuple(map(repr, values)), brackets="[]")
            found += lines(f"{name} = ", Call("np.array", (numbers,)), 0)
    else:
        found.append(f'STATISTICS = load_file(Path(__file__).with_name("{STATISTICS}"))')
        found.append('MEAN, STD = STATISTICS["mean"], STATISTICS["std"]')
    if part.pixels is not None:
        found.append(f"SIZE = ({part.pixels[0]}, {part.pixels[1]})  # height and width the network reads")
    return "\n".join(found)


def _text(text: str) -> str:
    """A name as a string of Python, in the quotes that take fewer escapes."""
    if not text.isprintable():
        return repr(text)
    quote = '"' if text.count('"') <= text.count("'") else "'"
    inner = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{inner}{quote}"


RESIZED = '''\


def resized(images: np.ndarray) -> np.ndarray:
    """(N, C, height, width) by Pillow's bilinear filter, a channel at a time."""
    result = np.empty((*images.shape[:2], *SIZE), images.dtype)
    for image, target in zip(images, result, strict=True):
        for plane, into in zip(image, target, strict=True):
            picture = Image.fromarray(plane)
            into[...] = picture.resize(SIZE[::-1], Image.Resampling.BILINEAR)
    return result
'''
AUGMENTED = """\
x = stored.astype(np.float32)
if epoch is not None:
    for index, (_, _, change) in enumerate(CHANGES):
        x = change(x, draws(index, epoch, len(self))[rows])"""
EPOCH = '''\
"""The chosen samples, ready for the network; with an epoch, changed as training
samples are in it."""'''
NO_EPOCH = '"""The chosen samples, ready for the network."""'
NOISE = '''\


def noise_seed(epoch: int, rank: int) -> int:
    """A seed for dropout, which PyTorch draws itself, for every epoch and process."""
    return int(stream("noise", epoch, rank).integers(2**63))'''

DATA = '''\
"""The samples of data.safetensors in the order and the batches of «producer»."""

import hashlib
«lru_cache»
from pathlib import Path

import numpy as np
«pillow»
from safetensors.numpy import load_file

«constants»


class Part:
    """Samples of one kind: stored values (N, …) and what the network should say."""

    def __init__(self, inputs: np.ndarray, targets: np.ndarray) -> None:
        self.inputs, self.targets = inputs, targets

    def __len__(self) -> int:
        return len(self.inputs)

    def batch(self, rows: np.ndarray«, epoch») -> np.ndarray:
        «epoch»
        «stored»
        «augmented»
        return standardised(«x»)«flat»


def standardised(values: np.ndarray) -> np.ndarray:
    """(values * SCALE - MEAN) / STD, as one product and one difference."""
    x = np.array(values, np.float32, order="C")
    x *= (SCALE / STD).astype(np.float32).reshape(«axes»)
    x -= (MEAN / STD).astype(np.float32).reshape(«axes»)
    return x
«resized»


def load_parts(path: Path) -> dict[str, Part]:
    """The training, validation and test parts."""
    arrays = load_file(path)
    return {
        name: Part(arrays[f"{name}.inputs"], arrays[f"{name}.targets"])
        for name in ("training", "validation", "test")
    }


def stream(*purpose: int | str) -> np.random.Generator:
    """The random numbers of this seed for one purpose."""
    digest = hashlib.sha256(repr((SEED, *purpose)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def epoch_batches(epoch: int, count: int, size: int) -> list[np.ndarray]:
    """The rows of every batch of an epoch, which is shuffled anew."""
    order = stream("shuffle", epoch).permutation(count)
    return [order[start : start + size] for start in range(0, count, size)]
«noise»
«changes»
'''
