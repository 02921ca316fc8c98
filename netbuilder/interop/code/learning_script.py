"""The parts of a training script that learn and measure: one update, and what is printed of an epoch."""

from textwrap import dedent

from netbuilder.engine import Prepared
from netbuilder.layers import BatchNorm, Dropout, ImageShape

from .layout import Call, flat, lines
from .loss_script import OWN, measure, own_readings, reads_scores, weighs
from .plan import Plan
from .template import filled

SHORT = """\
if len(rows) == 1:  # BatchNorm cannot learn from one sample alone
    progress.step += 1
    continue"""
SHORT_LAST = """
if len(rows) % BATCH_SIZE == 1:
    rows = rows[:-1]"""


def normalises_alone(plan: Plan) -> bool:
    """Whether a BatchNorm sees but one value of a channel for each sample."""
    return any(
        isinstance(step.layer, BatchNorm)
        and (not isinstance(step.facts.shape, ImageShape) or step.facts.shape.height * step.facts.shape.width == 1)
        for step in plan.steps
    )


def normalises(plan: Plan) -> bool:
    """Whether there is any BatchNorm."""
    return any(isinstance(step.layer, BatchNorm) for step in plan.steps)


def parallel(plan: Plan) -> str:
    """The function that makes the network one of several."""
    head = (
        "def parallel(network: Net, device: torch.device) -> nn.Module:\n"
        '    """The network as one of several, whose gradients are averaged."""\n'
    )
    if not normalises(plan):
        return (
            f'{head}    ids = [device.index] if device.type == "cuda" else None\n'
            "    return DistributedDataParallel(network, device_ids=ids)"
        )
    return WHOLE_BATCH_NORM + (
        f'{head}    if device.type == "cuda":\n'
        "        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)\n"
        "        return DistributedDataParallel(network, device_ids=[device.index])\n"
        "    for module in network.modules():  # SyncBatchNorm is for GPUs alone\n"
        "        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):\n"
        "            module.forward = partial(whole_batch_norm, module)\n"
        "    return DistributedDataParallel(network)"
    )


def _outputs(ready: Prepared, plan: Plan, model: str) -> str:
    """The network's outputs: of one, rows; before closing softmaxes where cross-entropy reads them."""
    call = f"{model}(x, softmax=False)" if reads_scores(ready, plan) else f"{model}(x)"
    rows = len(plan.heads) == 1 and isinstance(plan.heads[0].shape, ImageShape)
    return f"{call}.flatten(1)" if rows else call


def _bounds(ready: Prepared) -> list[str]:
    job = ready.job
    found: list[str] = []
    if job.clip_value:
        found.append("nn.utils.clip_grad_value_(model.parameters(), CLIP_VALUE)")
    if job.clip_norm:
        found.append("nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)")
    return found


def drops(plan: Plan) -> bool:
    """Whether numbers are dropped at random."""
    return any(isinstance(step.layer, Dropout) and step.layer.rate > 0 for step in plan.steps)


def learning(ready: Prepared, plan: Plan) -> str:
    """The function of one update."""
    double = ", torch.float64" if ready.job.dtype == "float64" else ""
    target_type = "" if ready.dataset.classes else double
    marks = {
        "dtype": double,
        "target type": target_type,
        "outputs": _outputs(ready, plan, "model"),
        "bounds": "\n".join(_bounds(ready)),
        "epoch": "epoch: int," if ready.job.augment else "",
        ", epoch": ", epoch" if ready.job.augment else "",
        "scale": ", scale" if weighs(ready) else "",
        "several": "outputs" if len(plan.heads) > 1 else "scores",
        "weights": "scale = scale_of(part.targets[rows])" if weighs(ready) else "",
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
    «weights»
    mine, factor = rows[rank::world], world / len(rows)
    if not len(mine):  # fewer samples than processes: one that counts nothing
        mine, factor = rows[:1], 0.0
    x = torch.from_numpy(part.batch(mine«, epoch»)).to(device«dtype»)
    targets = torch.from_numpy(part.targets[mine]).to(device«target type»)
    «several» = «outputs»
    loss = total_loss(«several», targets«scale») * factor
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
    «weights»
    total = torch.zeros((), device=device)
    optimizer.zero_grad()
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        mine, factor = batch[rank::world], world / len(rows)
        if not len(mine):  # fewer samples than processes: one that counts nothing
            mine, factor = batch[:1], 0.0
        x = torch.from_numpy(part.batch(mine«, epoch»)).to(device«dtype»)
        targets = torch.from_numpy(part.targets[mine]).to(device«target type»)
        last = start + BATCH_SIZE >= len(rows)
        with nullcontext() if last or world == 1 else model.no_sync():
            «several» = «outputs»
            loss = total_loss(«several», targets«scale») * factor
            loss.backward()
        total += loss.detach()
    «bounds»
    optimizer.step()
    return total
'''


# ---- measuring -------------------------------------------------------------------------------------------------------


def measuring(ready: Prepared, plan: Plan) -> dict[str, str]:
    """What depends on what is measured: the loss always, right answers where there are classes, and of several outputs
    the main one's own loss, which tells the best epoch."""
    classes, own = bool(ready.dataset.classes), bool(own_readings(ready, plan))
    sums = ["loss", *(["own"] if own else []), *(["right"] if classes else [])]
    several = len(plan.heads) > 1
    outputs = "outputs" if several else "scores"
    count = [f"{outputs} = {_outputs(ready, plan, 'network')}"]
    count.append(f"loss += {measure(ready)}({outputs}, targets).item()")
    count += [f"own += {OWN}({outputs}, targets).item()"] if own else []
    main = _main(plan) if several else outputs
    count += [f"right += ({main}.argmax(1) == targets).sum().item()"] if classes else []
    means = [f"{name} / len(part)" for name in sums]
    names = ["validation_loss", *(["own_loss"] if own else []), *(["accuracy"] if classes else [])]
    tested = ["loss", *(["_"] if own else []), *(["accuracy"] if classes else [])]
    lesser = "own_loss" if own else "validation_loss"
    score = f"(accuracy, -{lesser})" if classes else f"(-{lesser},)"
    double = ", torch.float64" if ready.job.dtype == "float64" and not classes else ""
    gives = f"tuple[{', '.join(['float'] * len(sums))}]" if len(sums) > 1 else "float"
    return {
        "evaluate": "\n".join(lines("def evaluate", EVALUATE, 0, f" -> {gives}:")),
        "measures": _told(own, classes),
        "target type": double,
        "sums": f"{', '.join(sums)} = {', '.join('0' if name == 'right' else '0.0' for name in sums)}",
        "count": "\n".join(count),
        "all": f"{', '.join(sums)} = summed(device, {', '.join(sums)})" if len(sums) > 1 else ALL,
        "mean": ", ".join(means),
        "validate": dedent("\n".join(lines(f"{', '.join(names)} = ", _evaluated("validation"), 8))),
        "score": f"score = {score}",
        "told": TOLD_CLASSES if classes else TOLD_VALUES,
        "test": f"{', '.join(tested)} = {flat(_evaluated('test'))}\n{TEST_CLASSES if classes else TEST_VALUES}",
    }


EVALUATE = Call("", ("network: Net", "part: Part", "device: torch.device"))


def _evaluated(part: str) -> Call:
    return Call("evaluate", ("network", f'parts["{part}"]', "device"))


def _main(plan: Plan) -> str:
    return "outputs[0].flatten(1)" if isinstance(plan.heads[0].shape, ImageShape) else "outputs[0]"


def _told(own: bool, classes: bool) -> str:
    if own:
        return "Mean loss, the main output's, and accuracy" if classes else "Mean loss, and the main output's,"
    return "Mean loss and accuracy" if classes else "Mean loss"


WHOLE_BATCH_NORM = '''\
class Summed(torch.autograd.Function):
    """The sum over all processes, whose gradient is summed as well."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


def whole_batch_norm(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    """What `norm` does, with mean and variance over all processes' samples."""
    if not norm.training:
        return type(norm).forward(norm, x)
    axes, shape = [0, *range(2, x.dim())], [1, -1, *[1] * (x.dim() - 2)]
    count = Summed.apply(torch.tensor(float(x.numel() // x.shape[1])))
    mean = Summed.apply(x.sum(axes)) / count
    deviation = x - mean.reshape(shape)
    variance = Summed.apply(deviation.square().sum(axes)) / count
    with torch.no_grad():
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * count / (count - 1), norm.momentum)
    scale = norm.weight * (variance + norm.eps).rsqrt()
    return deviation * scale.reshape(shape) + norm.bias.reshape(shape)


'''
ALL = "(loss,) = summed(device, loss)"
TOLD_VALUES = 'f"validation loss {validation_loss:.4f} "'
TOLD_CLASSES = 'f"validation loss {validation_loss:.4f} accuracy {accuracy:.4f} "'
TEST_VALUES = """\
say(f"test loss {loss:.4f} (weights of epoch {progress.best_epoch})")"""
TEST_CLASSES = """\
say(
    f"test loss {loss:.4f} accuracy {accuracy:.4f} "
    f"(weights of epoch {progress.best_epoch})"
)"""
