"""Every seeded bug is noticed by the checks that must notice it, none of which says anything without one."""

from contextlib import nullcontext

import pytest

from tests.noticing import CHECKS, noticed
from tests.seeded import BUGS, Bug

SMALL = range(0, 48, 2)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.title)
def test_a_seeded_bug_is_noticed(bug: Bug):
    found = noticed(bug, bug.noticed_by, SMALL, 12)
    assert found
    assert all(each.failed for each in found.values()), found


def test_without_a_bug_no_check_fails():
    right = Bug("none", nullcontext, (), tuple({cls: None for bug in BUGS for cls in bug.layers}))
    found = noticed(right, CHECKS, SMALL[:6], 12)
    assert {name: each.failed for name, each in found.items()} == dict.fromkeys(CHECKS, 0)
    assert all(each.tried for each in found.values())
