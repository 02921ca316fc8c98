"""Which entry a few letters mean, and in which order groups stand."""

from netbuilder.gui.commands.entries import Entry, Group
from netbuilder.gui.commands.search import everything, grouped, searched

ENTRIES = [
    Entry("a", Group.EXAMPLES, "AlexNet", "Two groups, three dense layers."),
    Entry(
        "b", Group.ACTIONS, "Save as…", "Save the design under another name", words="Save the design under another name"
    ),
    Entry("c", Group.LAYERS, "MaxPool2D", words="pooling the largest number of every window"),
    Entry("d", Group.LAYERS, "Dense", words="dense a flat list of numbers"),
    Entry("e", Group.GO_TO, "dense_1"),
]


def titles(query: str) -> list[str]:
    return [entry.title for entry, _at in searched(query, ENTRIES)]


def test_letters_in_order_match_and_others_do_not() -> None:
    assert titles("mp2") == ["MaxPool2D"]
    assert titles("pm") == []
    assert titles("zz") == []


def test_a_layer_comes_before_its_namesakes_in_the_design() -> None:
    assert titles("dense") == ["Dense", "dense_1"]
    assert titles("dense_1")[0] == "dense_1"


def test_letters_strewn_over_a_title_are_no_match() -> None:
    assert titles("asgn") == []


def test_what_only_the_detail_mentions_comes_last() -> None:
    assert titles("largest") == ["MaxPool2D"]
    assert titles("save the") == ["Save as…"]


def test_the_places_of_the_letters_are_told() -> None:
    ((entry, at),) = searched("mp2", ENTRIES)
    assert [entry.title[place] for place in at] == ["M", "P", "2"]


def test_groups_stand_in_the_order_of_their_best() -> None:
    rows = grouped([(ENTRIES[4], ()), (ENTRIES[2], ()), (ENTRIES[3], ())])
    assert [row.heading or (row.entry and row.entry.title) for row in rows] == [
        "Go to", "dense_1", "Layers", "MaxPool2D", "Dense",
    ]  # fmt: skip


def test_everything_begins_with_what_was_chosen_lately() -> None:
    rows = everything(ENTRIES, [ENTRIES[1]])
    assert [row.heading for row in rows if row.entry is None] == ["Recent", "Layers", "Go to", "Actions", "Examples"]
    assert rows[1].entry is ENTRIES[1]
