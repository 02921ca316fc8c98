"""The notation reads what it writes, whatever the layer; refuses in sentences that help, and never in another way."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.analysis import analyze
from netbuilder.examples import EXAMPLES, example
from netbuilder.graph import STEP, Graph, GraphError
from netbuilder.layers import (
    ELU,
    GELU,
    PALETTE,
    Add,
    AveragePool2D,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2D,
    ConvTranspose2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    Input,
    Layer,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool2D,
    Multiply,
    Output,
    ReLU,
    Reshape,
    SelectChannels,
    SeparableConv2D,
    Setting,
    SettingError,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample2D,
    ZeroPad2D,
)
from netbuilder.layers.settings import (
    Choice,
    Flag,
    Integer,
    OptionalInteger,
    OptionalPair,
    PaddingRule,
    PairOf,
    Real,
)
from netbuilder.notation import NotationError, append_chain, complete, describe, parse, rank, write
from netbuilder.notation.vocabulary import HEADS, WORD_OF, plain


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("c3 64 s2", Conv2D(64, 3, stride=2)),
        ("C 3 64 S 2", Conv2D(64, 3, stride=2)),
        ("c3x5 6 same", Conv2D(6, (3, 5), padding="same")),
        ("c k3x5 6 valid", Conv2D(6, (3, 5))),
        ("c5 6 p=1 dil 2 g2 nobias", Conv2D(6, 5, padding=1, dilation=2, groups=2, bias=False)),
        ("c5 6 pad 1 s2x1", Conv2D(6, 5, padding=1, stride=(2, 1))),
        ("c5 6 pad=1x2", Conv2D(6, 5, padding=(1, 1, 2, 2))),
        ("c5 6 padding=(0, 1, 2, 3)", Conv2D(6, 5, padding=(0, 1, 2, 3))),
        ("conv2d filters=64 kernel_size=3", Conv2D(64, 3)),
        ("Conv2D kernel size 5", Conv2D(kernel_size=5)),
        ("MaxPool2D 2", MaxPool2D(2)),
        ("max pool 3 s2", MaxPool2D(3, 2)),
        ("p2", MaxPool2D(2)),
        ("p3 s2 ceil", MaxPool2D(3, 2, ceil_mode=True)),
        ("ap2", AveragePool2D(2)),
        ("gap", GlobalAveragePool2D()),
        ("gmp", GlobalMaxPool2D()),
        ("d 128", Dense(128)),
        ("d128", Dense(128)),
        ("d128 bias=off", Dense(128, bias=False)),
        ("in height=4 width=5 channels=none", Input(height=4, width=5)),
        ("f", Flatten()),
        ("r", ReLU()),
        ("lr 0.1", LeakyReLU(0.1)),
        ("elu", ELU()),
        ("gelu", GELU()),
        ("gelu tanh", GELU("tanh")),
        ("gelu approx tanh", GELU("tanh")),
        ("silu", SiLU()),
        ("sig", Sigmoid()),
        ("tanh", Tanh()),
        ("sm", Softmax()),
        ("bn", BatchNorm()),
        ("batch norm eps=1e-3", BatchNorm(1e-3)),
        ("lrn", LocalResponseNorm()),
        ("drop 0.5", Dropout(0.5)),
        ("drop 20%", Dropout(0.2)),
        ("dw3 s2", DepthwiseConv2D(3, 2)),
        ("sep3 64", SeparableConv2D(64, 3)),
        ("in 28x28x1", Input(height=28, width=28, channels=1)),
        ("in 28 × 28 × 1", Input(height=28, width=28, channels=1)),
        ("in 28 28", Input(height=28, width=28)),
        ("i 784", Input(features=784)),
        ("ct2 64 s2", ConvTranspose2D(64, 2, stride=2)),
        ("deconv 3x5 6 s2 p=1 op1", ConvTranspose2D(6, (3, 5), stride=2, padding=1, output_padding=1)),
        ("up2", Upsample2D()),
        ("up 2x3 bilinear", Upsample2D((2, 3), "bilinear")),
        ("zp1", ZeroPad2D(1)),
        ("zp 1x2", ZeroPad2D((1, 1, 2, 2))),
        ("zp p=0,1,0,1", ZeroPad2D((0, 1, 0, 1))),
        ("rs 7x7x32", Reshape(7, 7, 32)),
        ("reshape 7 7", Reshape(7, 7)),
        ("rs 1568", Reshape(features=1568)),
        ("rs -1x2x3", Reshape(-1, 2, 3)),
        ("cs2", ChannelShuffle(2)),
        ("sel 8", SelectChannels(8)),
        ("sel 8 16", SelectChannels(8, 16)),
        ("add", Add()),
        ("mul", Multiply()),
        ("cat", Concat()),
        ("out", Output()),
        ("out 0.3", Output(0.3)),
        ("out 0.3 mse", Output(0.3, "mse")),
        ("out cross-entropy", Output(loss="cross_entropy")),
        ("out loss=as_chosen", Output()),
    ],
)
def test_one_layer_is_read(text: str, layer: Layer):
    assert parse(text) == (layer,)


@pytest.mark.parametrize("separator", ["|", " | ", " → ", "->", ";", "\n"])
def test_a_chain_is_read(separator: str):
    text = separator.join(["c5 6", "r", "p2", "f", "d10"])
    assert parse(text) == (Conv2D(6, 5), ReLU(), MaxPool2D(2), Flatten(), Dense(10))
    assert parse(text + " | ") == parse(text)


@pytest.mark.parametrize(
    ("text", "wrong", "message"),
    [
        ("c", "c", "“c” needs a kernel size, like c3 64."),
        ("r | c s2", "c", "“c” needs a kernel size, like c3 64."),
        ("d", "d", "“d” needs a number of units, like d 128."),
        ("in", "in", "“in” needs a size, like in 28x28x1."),
        ("c3 64 r", "r", "“r” is a layer of its own (ReLU): put | before it."),
        ("c3 64 p2", "p", "“p” here could be padding or a layer: write pad 1 for padding, or | before a layer."),
        ("cnv 3", "cnv", "There is no layer “cnv”; did you mean Conv2D, like c3 64?"),
        ("xyzzy", "xyzzy", "There is no layer “xyzzy”; layers look like c3 64, p2, r, f or d 128."),
        ("s2", "s", "“s” sets something of a layer: write it behind one, like c3 64 s2."),
        ("3 64", "3", "A layer begins with a word, like c3 64 or d 128, not with “3”."),
        ("c3 64 strid=2", "strid", "Conv2D has no setting “strid”; did you mean stride?"),
        ("r big", "big", "ReLU has no setting “big”; it has none."),
        ("c3 64 5", "5", "“5” is more than Conv2D can use: it takes kernel size and filters, like c3 64."),
        ("c3 k5", "3", "The kernel size of this Conv2D is given twice."),
        ("f 3", "3", "“3” is more than Flatten can use: it takes no plain number: write f."),
        ("d 0", "0", "Dense: units must be from 1 to 1,000,000, not 0."),
        ("d 2.5", "2.5", "Dense: units must be a whole number, not 2.5."),
        ("p2 p=2", "p", "MaxPool2D: padding must be smaller than the 2×2 window"),
        ("c3 64 s", "s", "“s” needs a value, like s2."),
        ("c3 s=", "s", "“s=” needs a value."),
        ("c3 p=(1,2", "(", "This bracket is not closed."),
        ("Conv2D(64, 3)", "(", "Brackets only hold values behind “=”; write c3 64, or name=value."),
        ("r || r", "", "A layer is missing here; layers look like c3 64 or p2, with | between."),
        ("drop 1", "1", "Dropout: rate must be at least 0 and below 1, not 1."),
    ],
)
def test_a_refusal_points_and_suggests(text: str, wrong: str, message: str):
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)
    assert text[caught.value.at : caught.value.end] == wrong


def test_every_word_means_one_layer():
    names = [(plain(name), cls) for cls, w in WORD_OF.items() for name in (cls.__name__, w.short, *w.others)]
    for name, cls in names:
        assert HEADS[name].layer is cls, name


def test_every_example_of_a_word_is_that_layer():
    for cls, word in WORD_OF.items():
        assert type(parse(word.like)[0]) is cls


# ---- round trips -----------------------------------------------------------------------------------------------------


def values(setting: Setting) -> st.SearchStrategy[Any]:
    """Anything a setting can be, small values more often."""
    kind = setting.kind
    if isinstance(kind, (Integer, OptionalInteger)):
        return st.integers(kind.low, 9) | st.integers(kind.low, kind.high)
    if isinstance(kind, (PairOf, OptionalPair)):
        return st.tuples(*[st.integers(kind.low, 9) | st.integers(kind.low, kind.high)] * 2)
    if isinstance(kind, Real):
        return st.floats(kind.low, kind.high, exclude_min=kind.low_open, exclude_max=kind.high_open)
    if isinstance(kind, Flag):
        return st.booleans()
    if isinstance(kind, Choice):
        return st.sampled_from(kind.options)
    assert isinstance(kind, PaddingRule)
    sides = st.integers(0, 3) | st.integers(0, kind.high)
    return st.sampled_from(kind.rules or (1,)) | sides | st.tuples(sides, sides, sides, sides)


@st.composite
def layers(draw: st.DrawFn, cls: type[Layer]) -> Layer:
    """A layer with some settings of its own; contradictions are left to the layer."""
    chosen = {s.name: draw(values(s)) for s in cls.settings() if draw(st.booleans())}
    try:
        return cls(**chosen)
    except SettingError:
        return cls()


@pytest.mark.parametrize("cls", PALETTE)
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_written_reads_back_as_the_same_layers(cls: type[Layer], data: st.DataObject):
    chain = tuple(data.draw(st.lists(layers(cls), min_size=1, max_size=3)))
    assert parse(write(chain)) == chain
    assert parse(write(chain).upper().replace(" ", "  ")) == chain
    assert describe(chain).count(" → ") == len(chain) - 1


def test_a_writer_that_forgets_a_setting_is_caught():
    """Negative control: each setting of each layer shows in what is written, or the round trip would lose it."""
    for cls in PALETTE:
        for setting in cls.settings():
            if cls is Input:
                continue
            usual = cls() if cls is not ConvTranspose2D else ConvTranspose2D(stride=8)  # or nothing could be added
            changed = next(layer for layer in others(usual, setting) if layer != usual)
            assert write([changed]) != write([usual]), (cls, setting.name)
            assert parse(write([changed])) == (changed,)


def others(usual: Layer, setting: Setting) -> list[Layer]:
    found: list[Layer] = []
    for value in (7, (2, 3), 0.25, not setting.default, "same", "tanh", "bilinear", "mse"):
        try:
            found.append(usual.using(**{setting.name: value}))
        except SettingError:
            continue
    return found


@pytest.mark.parametrize("name", [known.name for known in EXAMPLES])
def test_every_example_is_written_short(name: str):
    graph = example(name)
    chain = tuple(graph.nodes[key].layer for key in graph.order)
    assert parse(write(chain)) == chain
    assert "=" not in write(chain).replace("p=", "")


def test_usual_settings_are_left_out():
    chain = parse(
        "Conv2D filters=6 kernel_size=5 stride=1 padding=valid | LeakyReLU slope=0.1 | p2 s2 | Dense 10 bias=on"
    )
    assert write(chain) == "c5 6 | lr 0.1 | p2 | d10"
    chain = (Input(), Conv2D(32, 3, padding=(0, 1, 0, 1)), Conv2D(8, 3, padding=(1, 1, 2, 2)), BatchNorm(1e-5, 0.3))
    assert write(chain) == "in 28x28x1 | c3 p=0,1,0,1 | c3 8 p=1x2 | bn mom=0.3"


def test_a_preview_says_what_was_given():
    assert describe(parse("c3 64 s2 | r")) == "Conv2D 3×3 · 64 filters · stride 2 → ReLU"
    text = describe(parse("in 28x28x1 | c5 1 g1 nobias p=1x2 | p3 s2 ceil | d10 | drop 20% | bn"))
    assert text == (
        "Input 28×28×1 → Conv2D 5×5 · 1 filter · padding 1×2 · no bias → MaxPool2D 3×3 · stride 2 · ceil mode"
        " → Dense 10 units → Dropout rate 0.2 → BatchNorm"
    )
    assert describe(parse("in 28x28")) == "Input 28×28 · no channels"


# ---- anything at all -------------------------------------------------------------------------------------------------

PIECES = [
    *HEADS,
    *"spkgmx=|()[],.%-+→",
    "same",
    "nobias",
    "1",
    "28",
    "1e999",
    "0" * 400,
    "padding",
    "__import__('os')",
    "\0",
]


def attempt(text: str) -> tuple[Layer, ...] | None:
    try:
        return parse(text)
    except NotationError as error:
        refused = error
    assert 0 <= refused.at <= refused.end <= len(text)
    assert str(refused).endswith((".", "?"))
    return None


@settings(max_examples=300)
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_whatever_is_typed_is_read_or_refused(text: str):
    found = attempt(text)
    assert found is None or parse(write(found)) == found
    for suggestion in complete(text):
        assert suggestion.text
        assert all(place < len(suggestion.label) for place in suggestion.at)


def test_random_pieces_are_sometimes_layers():
    """Negative control: the fuzz reaches both sides."""
    rng = random.Random(1)
    texts = ["".join(rng.choice(PIECES + [" "] * 20) for _ in range(rng.randrange(1, 7))) for _ in range(1500)]
    read = sum(attempt(text) is not None for text in texts)
    assert 50 < read < 1450


def test_a_text_without_end_is_refused():
    with pytest.raises(NotationError, match="at most 100,000 are read"):
        parse("r|" * 60_000)


# ---- ranking and completion ------------------------------------------------------------------------------------------

NAMES = [cls.__name__ for cls in PALETTE]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("mp", "MaxPool2D"),
        ("conv", "Conv2D"),
        ("gap", "GlobalAveragePool2D"),
        ("bn", "BatchNorm"),
        ("relu", "ReLU"),
        ("lrelu", "LeakyReLU"),
        ("pool max", "MaxPool2D"),
        ("DEPTH", "DepthwiseConv2D"),
        ("lrn", "LocalResponseNorm"),
    ],
)
def test_the_likeliest_candidate_comes_first(query: str, first: str):
    assert NAMES[rank(query, NAMES)[0].index] == first


@settings(max_examples=60)
@given(st.lists(st.text(max_size=12), max_size=6), st.text(alphabet="abcABC1 ", max_size=4))
def test_exactly_the_subsequences_match_and_say_where(candidates: list[str], query: str):
    found = rank(query, candidates)
    words = query.lower().split()
    folded = ["".join(letter.lower()[:1] for letter in text) for text in candidates]
    for index, text in enumerate(folded):
        assert any(m.index == index for m in found) == all(is_within(word, text) for word in words)
    for match in found:
        assert {folded[match.index][place] for place in match.at} == set("".join(words))
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True) or not words


def is_within(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)


def test_ranking_finds_the_best_way_and_not_the_first():
    (match,) = rank("ap", ["map AveragePool"])
    assert match.at == (4, 11)


def test_completion_offers_layers_for_a_word_and_settings_behind_one():
    assert [s.text for s in complete("maxp")] == ["p2", "gmp"]
    assert complete("r | d")[0].text == "r | d 128"
    assert complete("r|")[0].text == "r| in 28x28x1"
    assert complete("c")[0].label == "Conv2D"
    assert complete("c3 64 st")[0].text == "c3 64 s"
    offered = [s.text for s in complete("c3 64 s2 ")]
    assert "c3 64 s2 nobias" in offered
    assert "c3 64 s2 s" not in offered
    assert complete("sm")[0].label == "Softmax"  # a word typed whole, though Sigmoid has its letters nearer
    assert complete("c3 6") == ()
    assert complete("xyzzy") == ()
    assert complete("r|" * 60_000) == ()


# ---- into a design ---------------------------------------------------------------------------------------------------


def spaced(graph: Graph) -> bool:
    """Whether no two blocks of a column are nearer than a step."""
    places = sorted(node.position for node in graph.nodes.values())
    return all(a[0] != b[0] or b[1] - a[1] >= STEP for a, b in pairwise(places))


def test_a_chain_starts_a_design():
    graph, keys = append_chain(Graph(), parse("in 28x28x1 | c5 6 | r | p2 | f | d10"))
    assert analyze(graph).valid
    assert [graph[key].position for key in keys] == [(0, STEP * row) for row in range(6)]


def test_a_chain_goes_behind_the_end_or_into_the_wire_that_leads_on():
    start = Graph.chain(Input(), Conv2D(4), Flatten(), Dense(10))
    graph, keys = append_chain(start, parse("r | p2"), after=2)
    assert graph.inputs(keys[0]) == (2,)
    assert graph.inputs(keys[1]) == (keys[0],)
    assert graph.inputs("flatten_1") == (keys[1],)
    assert analyze(graph).valid
    assert spaced(graph)
    assert graph["flatten_1"].position == (0, 4 * STEP)
    graph, keys = append_chain(graph, parse("sm"))
    assert graph.inputs(keys[0]) == (4,)
    assert spaced(graph)


def test_a_chain_keeps_the_port_it_goes_into():
    start = Graph.chain(Input(), Conv2D(4, padding="same"), Conv2D(4, padding="same"), Add()).connect(2, 4, 1)
    graph, keys = append_chain(start, parse("bn | r"), after=3)
    assert graph.inputs(4) == (keys[1], 2)
    assert analyze(graph).valid


def test_nothing_appended_changes_nothing_and_an_input_goes_behind_nothing():
    graph = Graph.chain(Input(), ReLU())
    assert append_chain(graph, ()) == (graph, ())
    with pytest.raises(GraphError, match="is where data enters"):
        append_chain(graph, parse("in 784 | d10"), after=2)
    apart, keys = append_chain(graph, parse("in 784 | d10"))
    assert apart.inputs(keys[0]) == ()
    assert spaced(apart)
