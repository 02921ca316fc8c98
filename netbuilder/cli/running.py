"""Trained networks put to use: measured on test data, shown pictures, or fed an array."""

from argparse import Namespace
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netbuilder.cli.arrays import read_npy, write_npy
from netbuilder.cli.command import Refusal
from netbuilder.cli.summary import opened
from netbuilder.cli.terminal import Column, count, document, say, shares_text, table
from netbuilder.cli.trained import opened_run
from netbuilder.engine import compile
from netbuilder.engine import evaluate as measured
from netbuilder.runs import load_weights


def run(options: Namespace) -> None:
    """Compute a design's outputs for the inputs in a .npy file."""
    program = compile(opened(options.file), threads=options.threads)
    weights, _ = load_weights(options.weights)
    x = read_npy(options.input)
    if x.dtype.kind not in "fiub":
        raise Refusal(f"“{options.input.name}” holds {x.dtype}, but a network takes real numbers.")
    found = program.predict_outputs(weights, x.astype(np.float32))
    if options.of is not None and options.of not in found:
        has = " and ".join(f"“{name}”" for name in found)
        raise Refusal(f"“{options.of}” is no output of this design; it gives {has}.")
    y = found[options.of or program.output]
    path = write_npy(options.output, y)
    say(f"Written to {path}: {' × '.join(map(str, y.shape))} of float32")


def evaluate(options: Namespace) -> None:
    """Loss and accuracy of a run on a test part, and how often each class was recognised."""
    trained = opened_run(options.run, last=options.weights == "last", threads=options.threads)
    dataset = trained.on(options.data, resize=options.resize) if options.data else trained.dataset
    part = dataset.test
    tally = measured(trained.program, trained.weights, part, trained.loss)
    if options.json:
        document(
            {
                "format": 1,
                "dataset": dataset.title,
                "samples": len(part),
                "loss": tally.loss,
                "accuracy": tally.accuracy,
                **({"shares": tally.shares} if tally.shares else {}),
                "classes": list(dataset.classes),
                "confusion": None if tally.confusion is None else tally.confusion.tolist(),
            }
        )
        return
    share = "" if tally.accuracy is None else f"accuracy {100 * tally.accuracy:.2f} %, "
    loss = f"loss {tally.loss:.4f}{shares_text(tally.shares)}"
    say(f"{dataset.title}: {share}{loss} on {count(len(part), 'test sample')}.")
    if tally.confusion is not None and len(dataset.classes) <= 100:
        say("\n" + class_table(dataset.classes, tally.confusion))


def class_table(names: Sequence[str], confusion: NDArray[np.int64]) -> str:
    """One row a class: how many there were, how many were recognised, and what it was mistaken for most."""
    rows: list[list[str]] = []
    for index, name in enumerate(names):
        total, right = int(confusion[index].sum()), int(confusion[index, index])
        wrong = confusion[index].copy()
        wrong[index] = 0
        worst = int(wrong.argmax())
        mistaken = f"{names[worst]} ({wrong[worst]:,})" if wrong[worst] else "–"
        rows.append([name, f"{total:,}", f"{right:,}", f"{100 * right / total:.1f} %" if total else "–", mistaken])
    columns = [Column("Class"), *(Column(title, True) for title in ("Samples", "Right", "Share"))]
    return table([*columns, Column("Mostly mistaken for")], rows)
