"""The designs that ship are what their definitions say, and the README's numbers are theirs."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from netbuilder.analysis import analyze
from netbuilder.data import describe
from netbuilder.examples import EXAMPLES, Example, example
from netbuilder.files import dumps

ROOT = Path(__file__).resolve().parent.parent


def definitions() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_examples", ROOT / "packaging" / "make_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DEFINITIONS = definitions()


def test_every_definition_ships_and_nothing_else() -> None:
    shipped = {path.stem for path in (ROOT / "resources" / "examples").glob("*.netb")}
    assert shipped == {known.name for known in EXAMPLES} == set(DEFINITIONS.BUILDERS)


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_what_ships_is_what_is_defined(name: str) -> None:
    built = DEFINITIONS.BUILDERS[name]()
    assert dumps(example(name)) == dumps(built.move(DEFINITIONS.arranged(built)))


@pytest.mark.parametrize("known", [known for known in EXAMPLES if known.data], ids=lambda known: known.name)
def test_an_example_fits_the_data_it_is_meant_for(known: Example) -> None:
    assert known.data is not None
    graph = example(known.name)
    data = describe(known.data)
    report = analyze(graph)
    assert report[next(iter(graph.nodes))].shape == data.shape
    last = report[graph.order[-1]].shape
    assert last is not None
    assert last.size == len(data.classes)


def test_an_unknown_example_is_no_file_name() -> None:
    with pytest.raises(KeyError):
        example("../../etc/passwd")
