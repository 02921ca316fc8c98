"""The main job without a window: a design, its summary, a training, verified ONNX and a picture of the curves."""

import io
from argparse import Namespace
from pathlib import Path

from netbuilder.analysis import analyze
from netbuilder.cli.command import DONE, REFUSED, Refusal
from netbuilder.cli.progress import Display, History
from netbuilder.cli.summary import as_text
from netbuilder.cli.terminal import count, say
from netbuilder.data import Dataset, load
from netbuilder.engine import Adam, Diverged, Finished, Job, compile, train
from netbuilder.files import save, write_atomic
from netbuilder.graph import Graph
from netbuilder.interop.curves import Panel, Series, draw_curves
from netbuilder.interop.onnx_export import export_onnx
from netbuilder.interop.verification import Verification, verify
from netbuilder.layers import Conv2D, Dense, Dropout, Flatten, Input, Layer, MaxPool2D, ReLU

DATA = "digits"


def design() -> Graph:
    """LeNet's plan of convolutions and pooling, cut to the 8×8 images of the digits."""
    plan: dict[str, Layer] = {
        "input": Input(height=8, width=8, channels=1),
        "conv1": Conv2D(filters=16, kernel_size=3, padding="same"),
        "relu1": ReLU(),
        "conv2": Conv2D(filters=32, kernel_size=3, padding="same"),
        "relu2": ReLU(),
        "pool1": MaxPool2D(2),
        "conv3": Conv2D(filters=32, kernel_size=3, padding="same"),
        "relu3": ReLU(),
        "pool2": MaxPool2D(2),
        "flatten": Flatten(),
        "dropout": Dropout(rate=0.3),
        "scores": Dense(units=10),
    }
    return Graph.chain(*plan.values(), names=list(plan))


def demo(options: Namespace) -> int:
    """Do it all, into one folder."""
    folder: Path = options.output
    folder.mkdir(parents=True, exist_ok=True)
    graph = design()
    say(f"1. A design for handwritten digits, written to {save(graph, folder / 'digits.netb')}\n")
    say(as_text(graph, analyze(graph)))

    say(f"\n2. Training on the built-in data set “{DATA}”\n")
    data = load(DATA, seed=options.seed)
    rule = Adam(lr=2e-3)
    job = Job(graph, DATA, options.epochs, batch_size=32, optimizer=rule, seed=options.seed, threads=options.threads)
    with Display() as display:
        finished = _trained(job, display)
    right = f"{100 * (finished.test_accuracy or 0):.1f} %"
    images = count(len(data.test), "image")
    say(f"\nTest accuracy {right} on {images} never seen before, after {finished.seconds:.1f} s.")

    say("\n3. The trained network as ONNX\n")
    found = _exported(folder / "digits.onnx", job, finished, data)

    title = f"Digits · {count(finished.epoch, 'epoch')} · {right} of the test images right"
    write_picture(folder / "curves.png", title, display.history)
    say(f"\n4. The curves of loss and accuracy, drawn to {folder / 'curves.png'}")
    return DONE if found.passed else REFUSED


def _exported(path: Path, job: Job, finished: Finished, data: Dataset) -> Verification:
    """Write the file, and run it on every test image."""
    weights, test = dict(finished.weights), data.test
    facts = {"trained": True, "seed": job.seed, "accuracy": finished.test_accuracy, "dataset": data.title}
    export_onnx(job.graph, weights, path, class_names=data.classes, preprocessing=data.preprocessing, metadata=facts)
    found = verify(path, compile(job.graph), weights, test.batch(slice(None)), test.targets)
    say(f"Written to {path}\n{found.sentence()}")
    return found


def _trained(job: Job, display: Display) -> Finished:
    for event in train(job):
        display.show(event)
        if isinstance(event, Finished):
            return event
        if isinstance(event, Diverged):
            raise Refusal(event.message)
    raise Refusal("The training ended before its last epoch.")


def write_picture(path: Path, title: str, history: History) -> None:
    """Draw what was measured as a PNG file."""
    epochs = [float(event.epoch) for event in history.epochs]
    validation_losses = [event.validation_loss for event in history.epochs]
    panels = [
        Panel("Loss (logarithmic)", _pair(history.batches, history.losses, epochs, validation_losses), logarithmic=True)
    ]
    if history.accuracies:
        shares = [event.validation_accuracy or 0.0 for event in history.epochs]
        panels.append(Panel("Accuracy", _pair(history.batches, history.accuracies, epochs, shares), percent=True))
    buffer = io.BytesIO()
    draw_curves(title, panels).save(buffer, "PNG")
    write_atomic(path, buffer.getvalue())


def _pair(batches: list[float], training: list[float], epochs: list[float], validation: list[float]) -> list[Series]:
    return [Series("training", "training", batches, training), Series("validation", "validation", epochs, validation)]
