"""From a schedule to the function of a training script that gives the learning rate of every update."""

from functools import singledispatch

from netbuilder.engine import Constant, Cosine, Exponential, OneCycle, Plateau, Schedule, StepDecay

from .plan import CodeError


def rate_source(schedule: Schedule) -> str:
    """The source of `rate`, whose steps count from 0."""
    values = "step: int, losses: list[float]" if isinstance(schedule, Plateau) else "step: int"
    head = f'def rate({values}) -> float:\n    """{_words(schedule)}"""\n'
    if not schedule.warmup:
        return head + _indented(_after(schedule, "step", "STEPS"))
    warm = "if step < WARM_UP:\n    return LEARNING_RATE * (step + 1) / WARM_UP\n"
    if isinstance(schedule, Constant | Plateau):
        return head + _indented(warm + _after(schedule, "step", "STEPS"))
    rest = "step -= WARM_UP\n"
    if isinstance(schedule, Cosine | OneCycle):
        rest = "step, steps = step - WARM_UP, max(1, STEPS - WARM_UP)\n"
    return head + _indented(warm + rest + _after(schedule, "step", "steps"))


@singledispatch
def _after(schedule: Schedule, step: str, steps: str) -> str:
    """The lines that return the rate once the warm-up is over."""
    raise CodeError(f"A training script cannot be written for the schedule {type(schedule).__name__} yet.")


@_after.register
def _(schedule: Constant, step: str, steps: str) -> str:
    return "return LEARNING_RATE"


@_after.register
def _(schedule: StepDecay, step: str, steps: str) -> str:
    drops = f"step // STEPS_PER_EPOCH // {schedule.every}"
    return f"return LEARNING_RATE * {schedule.gamma!r} ** ({drops})"


@_after.register
def _(schedule: Exponential, step: str, steps: str) -> str:
    return f"return LEARNING_RATE * {schedule.gamma!r} ** (step // STEPS_PER_EPOCH)"


@_after.register
def _(schedule: Cosine, step: str, steps: str) -> str:
    share = f"0.5 * (1 + math.cos(math.pi * min(step / {steps}, 1)))"
    if not schedule.floor:
        return f"return LEARNING_RATE * {share}"
    return f"share = {share}\nreturn LEARNING_RATE * ({schedule.floor!r} + {1 - schedule.floor!r} * share)"


@_after.register
def _(schedule: OneCycle, step: str, steps: str) -> str:
    first = f"LEARNING_RATE / {schedule.start!r}"
    return f"""\
first, last = {first}, {first} / {schedule.end!r}
top = {schedule.rise!r} * {steps} - 1  # the step of the full rate
if step <= top:
    start, end, share = first, LEARNING_RATE, step / top if top > 0 else 1.0
else:
    start, end = LEARNING_RATE, last
    share = (step - top) / max({steps} - 1 - top, 1e-9)
return end + (start - end) * 0.5 * (1 + math.cos(math.pi * min(share, 1)))"""


@_after.register
def _(schedule: Plateau, step: str, steps: str) -> str:
    cooling = bool(schedule.cooldown)
    found = [
        "factor, best, bad, rest = 1.0, math.inf, 0, 0" if cooling else "factor, best, bad = 1.0, math.inf, 0",
        "for loss in losses:  # of validation, epoch by epoch",
        f"    better = loss < best * (1 - {schedule.threshold!r})",
        "    best, bad = (loss, 0) if better else (best, bad + 1)",
        *(["    if rest:", "        rest, bad = rest - 1, 0"] if cooling else []),
        f"    if bad > {schedule.patience}:",
        f"        factor, bad = max(factor * {schedule.gamma!r}, {schedule.floor!r}), 0",
        *([f"        rest = {schedule.cooldown}"] if cooling else []),
        "return LEARNING_RATE * factor",
    ]
    return "\n".join(found)


def _words(schedule: Schedule) -> str:
    known: dict[type[Schedule], str] = {
        Constant: "The same rate throughout",
        StepDecay: "A rate that drops every few epochs",
        Exponential: "A rate that falls with every epoch",
        Cosine: "Half a cosine from the full rate down",
        OneCycle: "Up to the full rate and far down again",
        Plateau: "A rate that drops where validation gets no better",
    }
    return f"{known[type(schedule)]}{', after a warm-up' if schedule.warmup else ''}."


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
