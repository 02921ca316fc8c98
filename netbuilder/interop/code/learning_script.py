"""The parts of a training script that learn and measure: one update, and what is printed of an epoch."""

from netbuilder.engine import Prepared
from netbuilder.layers import BatchNorm, Dropout, ImageShape

from .plan import Plan
from .template import filled

SHORT = """\
if len(rows) < 2 * place()[1]:  # BatchNorm cannot learn from a single value
    progress.step += 1
    continue"""


def normalises_alone(plan: Plan) -> bool:
    """Whether a BatchNorm sees but one value of a channel for each sample."""
    return any(
        isinstance(step.layer, BatchNorm)
        and (not isinstance(step.facts.shape, ImageShape) or step.facts.shape.height * step.facts.shape.width == 1)
        for step in plan.steps
    )


def _normalises(plan: Plan) -> bool:
    return any(isinstance(step.layer, BatchNorm) for step in plan.steps)


def parallel(plan: Plan) -> str:
    """The function that makes the network one of several."""
    head = (
        "def parallel(network: Net, device: torch.device) -> nn.Module:\n"
        '    """The network as one of several, whose gradients are averaged."""\n'
    )
    if not _normalises(plan):
        return (
            f'{head}    ids = [device.index] if device.type == "cuda" else None\n'
            "    return DistributedDataParallel(network, device_ids=ids)"
        )
    return (
        f'{head}    if device.type == "cuda":\n'
        "        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)\n"
        "        return DistributedDataParallel(network, device_ids=[device.index])\n"
        "    # On CPUs there is no SyncBatchNorm: mean and variance are those of each\n"
        "    # process's share of the batch, so more processes train a little differently.\n"
        "    return DistributedDataParallel(network)"
    )


def _scores(ready: Prepared, plan: Plan, model: str) -> str:
    """The network's outputs as rows, before a closing softmax where the loss is cross-entropy."""
    raw = plan.closing_softmax and ready.loss == "cross_entropy"
    call = f"{model}(x, softmax=False)" if raw else f"{model}(x)"
    return f"{call}.flatten(1)" if isinstance(ready.program.output_shape, ImageShape) else call


def _bounds(ready: Prepared) -> list[str]:
    job = ready.job
    found: list[str] = []
    if job.clip_value:
        found.append("nn.utils.clip_grad_value_(model.parameters(), CLIP_VALUE)")
    if job.clip_norm:
        found.append("nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)")
    return found


def weighs(ready: Prepared) -> bool:
    """Whether some classes count more than others."""
    return ready.objective is not None and bool(ready.objective.weights)


def drops(plan: Plan) -> bool:
    """Whether numbers are dropped at random."""
    return any(isinstance(step.layer, Dropout) and step.layer.rate > 0 for step in plan.steps)


def learning(ready: Prepared, plan: Plan) -> str:
    """The function of one update."""
    double = ", torch.float64" if ready.job.dtype == "float64" else ""
    target_type = double if ready.loss == "mse" and not ready.dataset.classes else ""
    marks = {
        "dtype": double,
        "target type": target_type,
        "scores": _scores(ready, plan, "model"),
        "bounds": "\n".join(_bounds(ready)),
        "epoch": "epoch: int," if ready.job.augment else "",
        ", epoch": ", epoch" if ready.job.augment else "",
        "worth": "worth(part.targets[rows])" if weighs(ready) else "len(rows)",
    }
    return filled(LEARN_BY_PARTS if ready.job.accumulate > 1 else LEARN, marks).rstrip()


LEARN = '''\
def learn(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: Part,
    rows: np.ndarray,
    «epoch»
    device: torch.device,
) -> Tensor:
    """One update by these samples, of which every process takes its share. Gives the
    loss: that of all samples is the mean over processes."""
    rank, world = place()
    mine, factor = rows[rank::world], world / «worth»
    if not len(mine):  # fewer samples than processes: one that counts nothing
        mine, factor = rows[:1], 0.0
    x = torch.from_numpy(part.batch(mine«, epoch»)).to(device«dtype»)
    targets = torch.from_numpy(part.targets[mine]).to(device«target type»)
    loss = total_loss(«scores», targets) * factor
    optimizer.zero_grad()
    loss.backward()
    «bounds»
    optimizer.step()
    return loss.detach()
'''

LEARN_BY_PARTS = '''\
def learn(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: Part,
    rows: np.ndarray,
    «epoch»
    device: torch.device,
) -> Tensor:
    """One update by these samples, a batch at a time, of which every process takes its
    share. Gives the loss: that of all samples is the mean over processes."""
    rank, world = place()
    whole, total = «worth», torch.zeros((), device=device)
    optimizer.zero_grad()
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        mine, factor = batch[rank::world], world / whole
        if not len(mine):  # fewer samples than processes: one that counts nothing
            mine, factor = batch[:1], 0.0
        x = torch.from_numpy(part.batch(mine«, epoch»)).to(device«dtype»)
        targets = torch.from_numpy(part.targets[mine]).to(device«target type»)
        last = start + BATCH_SIZE >= len(rows)
        with nullcontext() if last or world == 1 else model.no_sync():
            loss = total_loss(«scores», targets) * factor
            loss.backward()
        total += loss.detach()
    «bounds»
    optimizer.step()
    return total
'''


# ---- measuring -------------------------------------------------------------------------------------------------------


def measuring(ready: Prepared, plan: Plan) -> dict[str, str]:
    """What depends on whether there are classes, whose right answers are counted."""
    classes = bool(ready.dataset.classes)
    scored = _scores(ready, plan, "network")
    plain = (
        'F.cross_entropy(scores, targets, reduction="sum")'
        if ready.loss == "cross_entropy"
        else "total_loss(scores, targets)"
    )
    count = [f"loss += {plain}.item()"]
    count += ["right += (scores.argmax(1) == targets).sum().item()"] if classes else []
    double = ", torch.float64" if ready.job.dtype == "float64" and not classes else ""
    return {
        "measured": "tuple[float, float]" if classes else "float",
        "measures": "Mean loss and accuracy" if classes else "Mean loss",
        "target type": double,
        "scores of a part": f"scores = {scored}",
        "count": "\n".join(count),
        "shared statistics": SHARED if _normalises(plan) else "",
        "all": "loss, right = summed(device, loss, right)" if classes else "(loss,) = summed(device, loss)",
        "mean": "loss / len(part), right / len(part)" if classes else "loss / len(part)",
        ", right": ", right" if classes else "",
        ", 0": ", 0" if classes else "",
        "validate": VALIDATE_CLASSES if classes else VALIDATE_VALUES,
        "score": SCORE_CLASSES if classes else SCORE_VALUES,
        "told": TOLD_CLASSES if classes else TOLD_VALUES,
        "test": TEST_CLASSES if classes else TEST_VALUES,
    }


SHARED = """\
if world > 1:  # on CPUs each process has running statistics of its own
    for buffer in network.buffers():
        dist.broadcast(buffer, 0)"""
VALIDATE_VALUES = 'validation_loss = evaluate(network, parts["validation"], device)'
VALIDATE_CLASSES = 'validation_loss, accuracy = evaluate(network, parts["validation"], device)'
SCORE_VALUES = "score = (-validation_loss,)"
SCORE_CLASSES = "score = (accuracy, -validation_loss)"
TOLD_VALUES = 'f"validation loss {validation_loss:.4f} "'
TOLD_CLASSES = 'f"validation loss {validation_loss:.4f} accuracy {accuracy:.4f} "'
TEST_VALUES = """\
loss = evaluate(network, parts["test"], device)
say(f"test loss {loss:.4f} (weights of epoch {progress.best_epoch})")"""
TEST_CLASSES = """\
loss, accuracy = evaluate(network, parts["test"], device)
say(
    f"test loss {loss:.4f} accuracy {accuracy:.4f} "
    f"(weights of epoch {progress.best_epoch})"
)"""
