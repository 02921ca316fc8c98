"""From the report before an edit and the one it would give to the words a preview shows: old → new, and by how much."""

from netbuilder.analysis import Problem, Report
from netbuilder.gui.wording import counted, signed, so_far, thousands


def arrow(before: str, after: str) -> str:
    """'61,706 → 60,498', or the one text where both are the same.

    What both end with after ' of ' is said once: '14 × 14 → 16 × 16 of 28 × 28'.
    """
    if before == after or not before or not after:
        return after
    head, of, whole = before.partition(" of ")
    if of and after.endswith(of + whole):
        return f"{head} → {after}"
    return f"{before} → {after}"


def weights(before: Report, after: Report) -> str:
    """'61,706 → 60,498 weights (−1,208)'; what is known, where one of the two is broken somewhere."""
    old, new = before.totals, after.totals
    if new.unknown:
        return so_far(after).replace(" so far", " weights so far")
    if old.unknown:
        return counted(new.parameters, "weight")
    if before is after:
        return counted(new.parameters, "weight")
    if old.parameters == new.parameters:
        return f"{counted(new.parameters, 'weight')} as before"
    change = signed(new.parameters - old.parameters)
    return f"{thousands(old.parameters)} → {counted(new.parameters, 'weight')} ({change})"


def new_problems(before: Report, after: Report) -> tuple[Problem, ...]:
    """The errors an edit would bring."""
    known = {(p.code, p.node) for p in before.problems}
    return tuple(p for p in after.problems if p.severity == "error" and (p.code, p.node) not in known)


def summary(before: Report, after: Report) -> str:
    """What an edit would mean for the whole design, in a sentence or two."""
    worse = new_problems(before, after)
    if worse:
        return f"This would break the design: {worse[0].message}"
    if after.valid and not before.valid:
        return f"This makes the design valid, with {counted(after.totals.parameters, 'weight')}."
    return f"In all {weights(before, after)}."
