"""The text of a project's train.py; «marks» are replaced by what a recipe asks for (see training_script)."""

TRAINING = '''\
"""Trains the network in model.py as «producer» would: the same samples in the same
batches, the same loss, the same updates.

    python train.py                           one GPU, or the CPU
    torchrun --nproc-per-node=4 train.py      several, each batch divided between them

Every epoch leaves output/checkpoint.pt, from which --resume goes on, and the weights
that validated best in output/best.safetensors.
"""

import argparse
import gc
«imports»

FOLDER = Path(__file__).resolve().parent

«constants»


@dataclass
class Progress:
    """How far training has come: updates, epochs, and what validation gave."""

    step: int = 0
    epoch: int = 0
    losses: list[float] = field(default_factory=list)
    best_epoch: int = 0
    best_score: tuple[float, ...] = ()


# ---- the recipe ----------------------------------------------------------------------


«recipe»


# ---- processes -----------------------------------------------------------------------


def connect() -> torch.device:
    """Join the other processes where there are any; the device this one computes on."""
    gpu = torch.cuda.is_available()
    if "WORLD_SIZE" not in os.environ:  # not under torchrun
        return torch.device("cuda" if gpu else "cpu")
    dist.init_process_group("nccl" if gpu else "gloo")
    if not gpu:
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(device)
    return device


def place() -> tuple[int, int]:
    """This process's rank, and how many there are."""
    if not dist.is_initialized():
        return 0, 1
    return dist.get_rank(), dist.get_world_size()


«parallel»


def summed(device: torch.device, *values: float) -> list[float]:
    """The sums of these numbers over all processes."""
    total = torch.tensor(values, dtype=torch.float64).to(device)
    if dist.is_initialized():
        dist.all_reduce(total)
    return total.tolist()


def say(text: str) -> None:
    """Print once, however many processes there are."""
    if place()[0] == 0:
        print(text, flush=True)


# ---- learning and measuring ----------------------------------------------------------


«learn»


@torch.no_grad()
«evaluate»
    """«measures» over a part that the processes share."""
    network.eval()
    rank, world = place()
    «sums»
    for start in range(rank, len(part), world * 256):
        rows = np.arange(start, min(start + world * 256, len(part)), world)
        x = torch.from_numpy(part.batch(rows)).to(device«dtype»)
        targets = torch.from_numpy(part.targets[rows]).to(device«target type»)
        «count»
    «all»
    network.train()
    return «mean»


def train_epoch(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: Part,
    progress: Progress,
    device: torch.device,
    options: argparse.Namespace,
) -> float:
    """One pass through the training samples; gives the mean loss of those seen."""
    «noise»
    total, seen = torch.zeros((), device=device), 0
    batches = epoch_batches(progress.epoch, len(part), «samples»)
    for rows in batches:
        «short»
        learning_rate = rate(«rate arguments»)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        loss = learn(model, optimizer, part, rows«progress.epoch», device)
        total += loss * len(rows)
        seen += len(rows)
        progress.step += 1
        if progress.step % options.log_every == 0 or progress.step == options.steps:
            value = summed(device, loss.item())[0] / place()[1]
            say(
                f"epoch {progress.epoch + 1} step {progress.step} "
                f"loss {value:.8f} rate {learning_rate:.6g}"
            )
            if not math.isfinite(value):
                raise SystemExit("The loss is no longer a finite number.")
        if progress.step == options.steps:
            break
    return summed(device, total.item())[0] / place()[1] / max(seen, 1)


# ---- files ---------------------------------------------------------------------------


def write(path: Path, save: Callable[[Path], None]) -> None:
    """Put a file in its place whole or not at all."""
    temporary = path.with_name(path.name + ".part")
    save(temporary)
    temporary.replace(path)


def keep(
    network: Net, optimizer: torch.optim.Optimizer, progress: Progress, output: Path
) -> None:
    """Write the checkpoint, and the weights where they are the best so far."""
    if place()[0] != 0:
        return
    output.mkdir(parents=True, exist_ok=True)
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "progress": asdict(progress),
    }
    write(output / "checkpoint.pt", lambda path: torch.save(state, path))
    if progress.best_epoch == progress.epoch:
        weights = {
            key: value.cpu().contiguous()
            for key, value in network.state_dict().items()
            if not key.endswith("num_batches_tracked")
        }
        metadata = {"format": "pt", "epoch": str(progress.epoch)}
        write(
            output / "best.safetensors", lambda path: save_file(weights, path, metadata)
        )


def restore(
    network: Net, optimizer: torch.optim.Optimizer, output: Path, device: torch.device
) -> Progress:
    """Go on from the last checkpoint."""
    path = output / "checkpoint.pt"
    state = torch.load(path, map_location=device, weights_only=True)
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return Progress(**state["progress"])


def load_best(network: Net, path: Path) -> None:
    """The first process reads the weights, and all others get them from it."""
    if place()[0] == 0:
        network.load_state_dict(load_file(path))
    if dist.is_initialized():
        for value in network.state_dict().values():
            dist.broadcast(value, 0)


# ---- all of it -----------------------------------------------------------------------


def arguments() -> argparse.Namespace:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description="Train the network in model.py.")
    parser.add_argument("--weights", type=Path, default=FOLDER / "initial.safetensors")
    parser.add_argument("--output", type=Path, default=FOLDER / "output")
    parser.add_argument("--resume", action="store_true", help="go on from --output")
    parser.add_argument("--log-every", type=int, default=10, metavar="STEPS")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many")
    return parser.parse_args()


def train(options: argparse.Namespace, device: torch.device) -> None:
    """All epochs, and at the end the best weights on the test part."""
    parts = load_parts(FOLDER / "data.safetensors")
    network = Net().to(device«dtype»)
    network.load_state_dict(load_file(options.weights))
    model = parallel(network, device) if dist.is_initialized() else network
    «optimizer»
    progress = Progress()
    if options.resume:
        progress = restore(network, optimizer, options.output, device)
    while progress.epoch < EPOCHS«patience»:
        begun = time.perf_counter()
        loss = train_epoch(
            model, optimizer, parts["training"], progress, device, options
        )
        if progress.step == options.steps:
            break
        «validate»
        progress.epoch += 1
        progress.losses.append(validation_loss)
        «score»
        if score > progress.best_score:
            progress.best_epoch, progress.best_score = progress.epoch, score
        keep(network, optimizer, progress, options.output)
        say(
            f"epoch {progress.epoch} training loss {loss:.4f} "
            «told»
            f"in {time.perf_counter() - begun:.1f} s"
        )
    if progress.best_epoch and progress.step != options.steps:
        load_best(network, options.output / "best.safetensors")
        «test»


def main() -> None:
    options = arguments()
    device = connect()
    train(options, device)
    if dist.is_initialized():
        dist.barrier()  # nobody leaves while others still talk
        gc.collect()  # frees the model, which else keeps the group's threads alive
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
'''
