"""What netbuilder exported it imports again: the same network, the same names, the same numbers."""

import pytest

import netbuilder as nb
from netbuilder.examples import EXAMPLES, example
from tests.interop.trips import deed, differing, travelled, trip


@pytest.mark.parametrize("seed", range(40))
def test_random_designs_come_back_as_they_went(seed: int):
    found = trip(seed)
    assert found.changed == ()
    assert found.difference < 1e-6
    assert found.again == 0


@pytest.mark.parametrize("name", [entry.name for entry in EXAMPLES if entry.name not in ("alexnet", "vgg-16")])
def test_built_in_designs_come_back_as_they_went(name: str):
    found = travelled(example(name))
    assert found.changed == ()
    assert found.difference < 1e-6


# ---- negative controls -----------------------------------------------------------------------------------------------


def chain(**changes) -> nb.Graph:
    layers = {
        "conv": nb.Conv2D(filters=4, padding="same"),
        "curve": nb.ReLU(),
        "pool": nb.MaxPool2D(2),
        "flat": nb.Flatten(),
        **changes,
    }
    return nb.Graph.chain(nb.Input(height=8, width=8, channels=3), *layers.values(), names=["input", *layers])


@pytest.mark.parametrize(
    "changes",
    [
        {"conv": nb.Conv2D(filters=5, padding="same")},
        {"conv": nb.Conv2D(filters=4, padding=(1, 1, 0, 2))},
        {"curve": nb.LeakyReLU()},
        {"pool": nb.AveragePool2D(2)},
        {"pool": nb.MaxPool2D(2, stride=1)},
    ],
)
def test_a_changed_layer_would_be_found(changes: dict):
    assert differing(chain(), chain()) == []
    assert differing(chain(), chain(**changes))


def test_a_missing_layer_or_another_wire_would_be_found():
    assert differing(chain(), chain().remove("pool"))
    assert differing(chain(), chain().connect("input", "curve"))


def test_ways_of_saying_the_same_are_no_difference():
    before, shape = nb.Conv2D(filters=4, padding="same"), nb.ImageShape(channels=3, height=8, width=8)
    assert deed(before, shape) == deed(nb.Conv2D(filters=4, padding=(1, 1, 1, 1)), shape)
    assert deed(nb.DepthwiseConv2D(), shape) == deed(nb.Conv2D(filters=3, groups=3), shape)
