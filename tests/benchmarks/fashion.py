"""Fashion-MNIST, the built-in 10,000, by the recipe of the example: test accuracy and time, beside PyTorch's.

    python -m tests.benchmarks.fashion [--processor] [JSON]

Where PyTorch is installed, it trains the same design from the same weights, on the same augmented batches in the same
order, with the same optimizer, rates and smoothed labels; only dropout draws other numbers. Both use one thread, one
after the other.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from netbuilder.cli.arguments import build_parser
from netbuilder.cli.wishes import job_of
from netbuilder.engine import EpochEnd, Finished, Job, Place, Prepared, evaluate, prepare, train
from netbuilder.engine.randomness import stream
from netbuilder.examples import EXAMPLES, example
from netbuilder.files import save

NAME = "fashion-cnn"


def recipe(folder: Path) -> Job:
    """The job of `netbuilder train` with the example's own words."""
    known = next(each for each in EXAMPLES if each.name == NAME)
    path = save(example(NAME), folder / f"{NAME}.netb")
    words = ["train", str(path), "--data", str(known.data), *known.recipe.split(), "--threads", "1"]
    return job_of(build_parser().parse_args(words))


def ours(job: Job, clock: Callable[[], float]) -> dict[str, Any]:
    begun = clock()
    for event in train(job):
        if isinstance(event, EpochEnd):
            told = f"validation {event.validation_accuracy:.4f}  {clock() - begun:6.1f} s"
            print(f"netbuilder  epoch {event.epoch:2}  {told}", flush=True)
        if isinstance(event, Finished):
            return {"accuracy": event.test_accuracy, "epoch": event.best_epoch, "seconds": clock() - begun}
    raise RuntimeError("the training did not finish")


def theirs(job: Job, clock: Callable[[], float]) -> dict[str, Any] | None:
    """The same in PyTorch; None where it is not installed."""
    try:
        import torch

        from tests import torch_peer
    except ImportError:
        return None
    functional = torch.nn.functional
    torch_peer.RUNS["Dropout"] = lambda peer, _name, layer, x, _image: functional.dropout(
        x[0], layer.rate, peer.training
    )  # the peer of the tests drops nothing
    torch.set_num_threads(1)
    torch.manual_seed(job.seed)
    ready = prepare(job)
    peer = torch_peer.Peer(job.graph, ready.program.init(job.seed))
    rule = torch.optim.Adam(peer.parameters(), job.optimizer.lr)
    loss = torch.nn.CrossEntropyLoss(label_smoothing=job.label_smoothing)
    data, best, begun = ready.dataset, (-1.0, 0, {}), clock()
    per_epoch = -(-len(data.training) // job.batch_size)
    for epoch in range(job.epochs):
        peer.train()
        order = stream(job.seed, "shuffle", epoch).permutation(len(data.training))
        for batch in range(per_epoch):
            rows = order[batch * job.batch_size : (batch + 1) * job.batch_size]
            place = Place(epoch * per_epoch + batch, per_epoch, job.epochs * per_epoch)
            rule.param_groups[0]["lr"] = job.optimizer.lr * job.schedule.factor(place)
            rule.zero_grad()
            x = torch.from_numpy(ready.samples.batch(rows, epoch))
            loss(peer(x), torch.from_numpy(data.training.targets[rows])).backward()
            rule.step()
        peer.eval()
        right = validated(torch, peer, ready)
        if right > best[0]:
            best = right, epoch + 1, {key: p.detach().numpy().copy() for key, p in peer.learned.items()}
        print(f"PyTorch     epoch {epoch + 1:2}  validation {right:.4f}  {clock() - begun:6.1f} s", flush=True)
    seconds = clock() - begun
    tally = evaluate(ready.program, best[2], data.test)
    return {"accuracy": tally.accuracy, "epoch": best[1], "seconds": seconds}


def validated(torch: Any, peer: Any, ready: Prepared) -> float:
    part = ready.dataset.validation
    with torch.no_grad():
        guesses = peer(torch.from_numpy(part.batch(slice(None)))).argmax(1).numpy()
    return float(np.mean(guesses == part.targets))


def main(clock: Callable[[], float], out: Path | None = None) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        job = recipe(Path(folder))
    found = {"netbuilder": ours(job, clock), "PyTorch": theirs(job, clock)}
    for name, each in found.items():
        if each is None:
            print(f"{name:11} is not installed")
        else:
            print(f"{name:11} test {each['accuracy']:.4f} with epoch {each['epoch']}, {each['seconds']:.1f} s")
    if out is not None:
        out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    words = sys.argv[1:]
    chosen = process_time if "--processor" in words else perf_counter
    files = [word for word in words if word != "--processor"]
    main(chosen, Path(files[0]) if files else None)
