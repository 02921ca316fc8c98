"""From a prepared training to the README and the requirements of its project."""

from netbuilder.engine import Prepared
from netbuilder.layers import Dropout
from netbuilder.version import __version__

from .plan import Plan


def requirements(ready: Prepared) -> str:
    """Names and least versions of what the scripts import."""
    pillow = "Pillow>=10\n" if ready.dataset.training.pixels is not None else ""
    return f"numpy>=1.26\n{pillow}safetensors>=0.4\ntorch>=2.2\n"


def readme(ready: Prepared, plan: Plan, title: str, *, trained: bool) -> str:
    """What is in the folder, how it is run, and where its numbers may differ."""
    weights = (
        "| `weights.safetensors` | the trained weights; `train.py --weights weights.safetensors` goes on from them |\n"
        if trained
        else ""
    )
    return f"""\
# {_plain(title)}

A PyTorch project written by netbuilder {__version__}: {plan.parameters:,} parameters, trained on {_data(ready)}.

    pip install -r requirements.txt
    python train.py                          # one GPU, or the CPU
    torchrun --nproc-per-node=4 train.py     # several GPUs or processes of one machine
    torchrun --nnodes=2 --nproc-per-node=8 --rdzv-backend=c10d --rdzv-endpoint=HOST:29500 train.py

On several machines the last line is run on each, with this folder on all of them and HOST the name of one.

| file | |
|---|---|
| `model.py` | the network, `Net` |
| `train.py` | the training: `python train.py --help` |
| `data.py` | the samples in their order and batches |
| `data.safetensors` | the samples as stored: training, validation and test part |
| `initial.safetensors` | the weights that training starts from (seed {ready.job.seed}) |
{weights}
`output/` will hold `checkpoint.pt`, from which `--resume` goes on, and `best.safetensors`, the weights that validated
best: `Net().load_state_dict(safetensors.torch.load_file("output/best.safetensors"))`.

## What is the same, and what is not

The samples, their order, the batches{", the changes made to them" if ready.job.augment else ""}, the first weights, the
loss and every update are those of netbuilder, also when several processes share a batch. Losses agree to the rounding
of single precision, which grows from step to step.
{_differences(ready, plan)}"""


def _differences(ready: Prepared, plan: Plan) -> str:
    found: list[str] = []
    layers = [step.layer for step in plan.steps]
    if any(isinstance(layer, Dropout) and layer.rate for layer in layers):
        found.append("Dropout draws its random numbers from PyTorch's generator, so it drops others.")
    if ready.job.dtype == "float64":
        found.append("Everything is computed in double precision, as it was in netbuilder; GPUs are slow at that.")
    return "".join(f"\n* {each}" for each in found) + ("\n" if found else "")


def _data(ready: Prepared) -> str:
    dataset = ready.dataset
    sizes = [f"{len(part):,}" for part in dataset.parts.values()]
    return f"“{_plain(dataset.title)}” ({sizes[0]} samples, {sizes[1]} to validate, {sizes[2]} to test)"


def _plain(text: str) -> str:
    """Text from anywhere as plain text of Markdown."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text)
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|!&~" else letter for letter in shown)
