"""The network's table: its sums are the report's, and every format carries the same figures."""

import csv
from io import StringIO

import pytest

from netbuilder.analysis import analyze
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import Graph
from netbuilder.layers import Conv2D, Dense, Input, ReLU
from netbuilder.tables import FORMATS, as_csv, as_latex, as_markdown, as_text, table

NAMES = [known.name for known in EXAMPLES]


def broken() -> Graph:
    return Graph.chain(Input(), Conv2D(16, 5), Dense(10), ReLU(), names=["input", "conv", "fc", "relu"])


@pytest.mark.parametrize("name", NAMES)
def test_rows_add_up_to_the_totals(name: str) -> None:
    report = analyze(example(name))
    shown = table(report)
    assert sum(row.weights or 0 for row in shown.rows) == shown.weights == report.totals.parameters
    assert sum(row.macs or 0 for row in shown.rows) == shown.macs == report.totals.macs
    assert [row.id for row in shown.rows] == list(report.layers)


@pytest.mark.parametrize("name", NAMES)
def test_csv_reads_back_as_the_same_numbers(name: str) -> None:
    shown = table(analyze(example(name)))
    _head, *lines = csv.reader(StringIO(as_csv(shown)))
    assert [(n, k, s, int(w), int(m)) for n, k, s, w, m in lines] == [
        (row.name, row.type, row.shape, row.weights, row.macs) for row in shown.rows
    ]


def test_text_stands_in_columns() -> None:
    lines = as_text(table(analyze(example("lenet-5")))).splitlines()
    assert lines[0].split() == ["Layer", "Type", "Activation", "shape", "Weights", "Multiply-adds"]
    assert "61,706" in lines[-1]
    assert "416,520" in lines[-1]
    ends = {len(line) for line in lines}
    assert len(ends) == 1, "every figure ends in the same column"


def test_markdown_has_a_cell_for_each_column_and_escapes_names() -> None:
    graph = broken().rename("conv", "a|b*<i>")
    lines = as_markdown(table(analyze(graph))).splitlines()
    assert lines[1] == "| --- | --- | --- | ---: | ---: |"
    assert lines[3].startswith(r"| a\|b\*\<i\> | Conv2D |")
    assert lines[-1] == "| **Total** |  | **2 layers unknown** | **416** | **230,400** |"


def test_latex_is_a_booktabs_tabular_with_escaped_names() -> None:
    text = as_latex(table(analyze(broken().rename("conv", r"50%_\x"))))
    assert r"50\%\_\textbackslash{}x & Conv2D & 24$\times$24$\times$16 & 416 & 230,400 \\" in text
    assert text.count(r"\\") == 2 + 4
    assert text.startswith(r"\begin{tabular}{lllrr}")


def test_what_is_unknown_is_said_not_guessed() -> None:
    shown = table(analyze(broken()))
    assert shown.cells()[2] == ("fc", "Dense", "—", "—", "—")
    assert shown.sums() == ("Total", "", "2 layers unknown", "416", "230,400")
    assert as_csv(shown).splitlines()[-1] == "relu,ReLU,,,"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝"])
def test_a_name_never_becomes_a_spreadsheet_formula(begin: str) -> None:
    name = f'{begin}HYPERLINK("x", 1)'
    line = as_csv(table(analyze(broken().rename("conv", name)))).splitlines()[2]
    assert next(csv.reader([line]))[0] == f"'{name}"


@pytest.mark.parametrize(("name", "shown"), [("[3pt]x", "{[}3pt]x &"), ("*", "{*} &"), ("a--b---", "a-{}-b-{}-{}- &")])
def test_a_name_never_becomes_a_command_of_latex(name: str, shown: str) -> None:
    """Not even the rest of the line end before it, which may take a star or a length."""
    assert as_latex(table(analyze(broken().rename("conv", name)))).splitlines()[5].startswith(shown)


def test_shapes_follow_the_order_of_axes() -> None:
    report = analyze(example("lenet-5"))
    assert table(report, "chw").rows[1].shape == "6×28×28"
    assert table(report, "hwc").rows[1].shape == "28×28×6"


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_design_has_an_empty_table(name: str) -> None:
    assert FORMATS[name](table(analyze(Graph())))
