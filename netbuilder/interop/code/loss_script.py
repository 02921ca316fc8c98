"""From what a training minimises to the functions of its script: sums over samples, which processes can share."""

from collections.abc import Sequence

from netbuilder.engine import Prepared
from netbuilder.engine.heads import Reading
from netbuilder.layers import ImageShape

from .layout import WIDTH, Call, flat, lines
from .plan import CodeError, Plan

TOTAL, PLAIN, OWN = "total_loss", "plain_loss", "main_loss"


def readings(ready: Prepared) -> tuple[Reading, ...]:
    """Every single loss that is summed, and the output it reads."""
    return ready.program.readings(ready.loss)


def weighs(ready: Prepared) -> bool:
    """Whether some classes count more than others."""
    return ready.objective is not None and bool(ready.objective.weights)


def reads_scores(ready: Prepared, plan: Plan) -> bool:
    """Whether the network is asked for the scores before its closing softmaxes. Raises CodeError where it cannot be."""
    heads = {head.name: head for head in plan.heads}
    by_class = [heads[each.head] for each in readings(ready) if each.loss == "cross_entropy"]
    for head in by_class:
        if head.softmax and head.index not in plan.closing:
            raise CodeError(
                f"Cross-entropy reads what enters the softmax of “{head.name}”, but other layers read that softmax, "
                "too; give the output a softmax of its own."
            )
    return bool(by_class) and bool(plan.closing)


def own_readings(ready: Prepared, plan: Plan) -> tuple[Reading, ...]:
    """The main output's part of the loss, where there are several outputs and it counts."""
    own = tuple(each for each in readings(ready) if each.head == plan.heads[0].name)
    return own if len(plan.heads) > 1 and any(each.factor for each in own) else ()


def losses(ready: Prepared, plan: Plan) -> list[str]:
    """The functions, the one that training minimises first."""
    every = readings(ready)
    found = [_function(ready, plan, TOTAL, "What training minimises, summed over the samples.", every, training=True)]
    if weighs(ready):
        found.append(SCALE)
    if ready.objective is not None:
        words = "The loss without smoothed labels or weights, summed over the samples."
        found.append(_function(ready, plan, PLAIN, words, every))
    if own := own_readings(ready, plan):
        found.append(_function(ready, plan, OWN, "The main output's part of the loss, summed over the samples.", own))
    return found


def measure(ready: Prepared) -> str:
    """The function that validation and test are measured by."""
    return PLAIN if ready.objective is not None else TOTAL


def _function(
    ready: Prepared, plan: Plan, name: str, words: str, terms: Sequence[Reading], *, training: bool = False
) -> str:
    several = len(plan.heads) > 1
    parameters = ["outputs: tuple[Tensor, ...]" if several else "scores: Tensor", "targets: Tensor"]
    parameters += ["scale: float"] if training and weighs(ready) else []
    found = [*lines(f"def {name}", Call("", tuple(parameters)), 0, " -> Tensor:"), f'    """{words}"""']
    names = list(plan.ends) if several else ["scores"]
    if several:
        used = {each.head for each in terms}
        given = [n if head.name in used else "_" for n, head in zip(names, plan.heads, strict=True)]
        found.append(f"    {', '.join(given)} = outputs")
    if ready.dataset.classes and any(each.loss == "mse" for each in terms):
        found.append(f"    wanted = F.one_hot(targets, {ready.dataset.outputs}).to({_first(plan, names, terms)})")
    for place, each in enumerate(terms):
        start = "return " if len(terms) == 1 else "loss = loss + " if place else "loss = "
        found += _statement(start, *_term(ready, plan, each, names, training=training))
    return "\n".join(found if len(terms) == 1 else [*found, "    return loss"])


def _statement(start: str, factor: str, value: Call) -> list[str]:
    """A product on one line where it fits; else what it is of comes first."""
    whole = f"    {start}{factor}{flat(value)}"
    if len(whole) <= WIDTH:
        return [whole]
    if not factor and "+" not in start:
        return lines(start, value, 4)
    return [*lines("value = ", value, 4), f"    {start}{factor}value"]


def _first(plan: Plan, names: Sequence[str], terms: Sequence[Reading]) -> str:
    return names[[head.name for head in plan.heads].index(terms[0].head)]


def _term(ready: Prepared, plan: Plan, reading: Reading, names: Sequence[str], *, training: bool) -> tuple[str, Call]:
    """What one loss of one output is multiplied by, and the loss."""
    index = [head.name for head in plan.heads].index(reading.head)
    head, scores = plan.heads[index], names[index]
    if len(plan.heads) > 1 and isinstance(head.shape, ImageShape):
        scores = f"{scores}.flatten(1)"
    if reading.loss == "mse":
        raw = reads_scores(ready, plan) and head.index in plan.closing
        outputs = f"{scores}.softmax(1)" if raw else scores
        targets = "wanted" if ready.dataset.classes else "targets"
        return f"{0.5 * reading.factor!r} * ", Call("F.mse_loss", (outputs, targets, 'reduction="sum"'))
    settings = [scores, "targets"]
    objective = ready.objective if training else None
    if objective is not None and objective.weights:
        settings.append(f"CLASS_WEIGHTS.to({names[index]})")
    settings.append('reduction="sum"')
    if objective is not None and objective.smoothing:
        settings.append("label_smoothing=LABEL_SMOOTHING")
    factor = "" if reading.factor == 1 else f"{reading.factor!r} * "
    scale = "scale * " if objective is not None and objective.weights else ""
    return f"{scale}{factor}", Call("F.cross_entropy", tuple(settings))


SCALE = '''\
def scale_of(targets: np.ndarray) -> float:
    """What makes up for the weights of these samples' classes: 1 by their mean."""
    return len(targets) / float(CLASS_WEIGHTS[torch.from_numpy(targets)].sum())'''
