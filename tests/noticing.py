"""A planted bug -> which checks notice it, and in how many of their cases."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.engine.slopes import largest_error, smooth_design
from tests.layers import contract, rows, test_normalisation, test_sliding
from tests.layers.rows import Case
from tests.seeded import LAWS, LAYERS, LOOPS, NETWORKS, ONNX, Bug
from tests.test_layers import MULTIPLYING

TOLERANCE = 1e-6
MEANT = (
    test_sliding.test_output_sizes_are_what_counting_windows_gives,
    test_sliding.test_same_padding_is_as_little_as_it_takes_with_the_odd_one_at_the_end,
    test_normalisation.test_dropout_drops_its_share_and_keeps_the_mean,
    test_normalisation.test_spatial_dropout_drops_whole_channels_and_keeps_the_mean,
)
"""Tests of what a layer is meant to be, which none of its own numbers tell."""


@dataclass(frozen=True)
class Noticed:
    """Cases in which a check failed, of those it looked at."""

    failed: int
    tried: int

    def __str__(self) -> str:
        return f"{self.failed}/{self.tried}" if self.failed else "–"


Findings = dict[str, Noticed]


def noticed(
    bug: Bug, checks: Iterable[str] | None = None, seeds: Sequence[int] = range(24), cases: int = 24
) -> Findings:
    """What the checks say while the bug is planted, on the networks of these seeds and so many cases of a layer."""
    with bug.planted():
        return {name: CHECKS[name](bug, seeds, cases) for name in checks or CHECKS}


def _networks(bug: Bug, seeds: Sequence[int], count: int) -> Noticed:
    def differs(seed: int) -> bool:
        return not largest_error(smooth_design(seed), seed, training=seed % 4 > 1) <= TOLERANCE

    return Noticed(sum(_fails(lambda seed=seed: differs(seed)) for seed in seeds), len(seeds))


def _differences(bug: Bug, seeds: Sequence[int], count: int) -> Noticed:
    def check(case: Case) -> None:
        contract.check_gradients(case, training=False)
        contract.check_gradients(case, training=True)

    return _over(bug, count, check)


def _onnx(bug: Bug, seeds: Sequence[int], count: int) -> Noticed:
    return _over(bug, count, contract.check_onnx)


def _loops(bug: Bug, seeds: Sequence[int], count: int) -> Noticed:
    def check(case: Case) -> None:
        if type(case.layer) in MULTIPLYING:
            contract.check_products(case, MULTIPLYING[type(case.layer)])

    return _over(bug, count, check)


def _laws(bug: Bug, seeds: Sequence[int], count: int) -> Noticed:
    return Noticed(sum(_fails(law) for law in MEANT), len(MEANT))


CHECKS: dict[str, Callable[[Bug, Sequence[int], int], Noticed]] = {
    NETWORKS: _networks,
    LAYERS: _differences,
    ONNX: _onnx,
    LOOPS: _loops,
    LAWS: _laws,
}


def _over(bug: Bug, count: int, check: Callable[[Case], None]) -> Noticed:
    every = list(_cases(bug, count))
    return Noticed(sum(_fails(lambda case=case: check(case)) for case in every), len(every))


def _cases(bug: Bug, count: int) -> Iterator[Case]:
    for cls in bug.layers:
        yield from rows.cases(cls, count)


def _fails(check: Callable[[], object]) -> bool:
    """Whether a check says no: returns True, or raises anything, since a bug may also break what a check builds on."""
    try:
        return check() is True
    except Exception:
        return True
