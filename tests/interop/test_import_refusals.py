"""What is damaged or hostile is refused in a sentence, at once and in little memory; what has no block, by its name."""

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, helper, numpy_helper

import netbuilder as nb
from netbuilder.interop.importing import compare, converted, imported
from netbuilder.interop.importing import table as operators
from tests.interop.mutations import mutant, sound

MUTANTS = 2400
SECOND = 1.0


def model(*nodes: tuple, shape: tuple = ("N", 2, 4, 4), version: int = 17, **constants) -> ModelProto:
    """A model from (operator, inputs, output) or (…, attributes); it takes x and gives the last output."""
    made = [
        helper.make_node(kind, inputs.split(" "), [output], output, **(more[0] if more else {}))
        for kind, inputs, output, *more in nodes
    ]
    graph = helper.make_graph(
        made,
        "g",
        [helper.make_tensor_value_info("x", 1, list(shape))],
        [helper.make_tensor_value_info(nodes[-1][2], 1, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)


def refusal(model: ModelProto) -> str:
    began = time.perf_counter()
    with pytest.raises(nb.OnnxFileError) as caught:
        imported(model.SerializeToString(), "net.onnx").weighed()
    assert time.perf_counter() - began < 5 * SECOND, "with other tests beside it"
    return str(caught.value)


def attempted(data: bytes) -> str | None:
    """What the refusal of a model says; None where it became a design."""
    try:
        nb.analyze(imported(data, "net.onnx").graph)
    except nb.OnnxFileError as refused:
        return str(refused)
    return None


def test_thousands_of_damaged_models_end_in_a_design_or_in_a_sentence():
    assert [attempted(data) for data in sound()] == [None] * len(sound())
    sentences = [attempted(mutant(seed)) for seed in range(MUTANTS)]
    refusals = [sentence for sentence in sentences if sentence is not None]
    assert all(each.startswith("“net.onnx” ") and each.isprintable() for each in refusals)
    assert MUTANTS / 2 < len(refusals) < 0.98 * MUTANTS, "damage that nothing minds proves nothing, nor does rubble"


def test_an_unguarded_operator_would_be_found(monkeypatch: pytest.MonkeyPatch):
    """Negative control: a function that does not look at what it is given."""
    monkeypatch.setitem(operators.OPERATORS, "Relu", lambda t, op: {}["missing"])
    with pytest.raises(KeyError):
        _ = [attempted(mutant(seed)) for seed in range(200)]


def test_every_node_without_a_block_is_in_the_one_message():
    found = refusal(
        model(
            ("Selu", "x", "act/one"),
            ("Conv", "act/one w", "conv"),
            ("Clip", "conv low", "floor"),
            ("Einsum", "floor", "sum", {"equation": "nchw->nchw"}),
            ("Softsign", "sum", "last"),
            w=np.ones((3, 2, 1, 1), np.float32),
            low=np.float32(-2),
        )
    )
    for name in ("“act/one” (Selu)", "“floor” (Clip)", "“sum” (Einsum)", "“last” (Softsign)"):
        assert name in found
    assert "(Conv)" not in found


def test_operators_of_another_domain_are_named_with_it():
    found = model(("FusedConv", "x", "y", {"domain": "com.microsoft"}))
    found.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert "“y” (com.microsoft::FusedConv) has no block" in refusal(found)


ONE = np.ones((1, 2, 1, 1), np.float32)
HOSTILE: dict[str, tuple[list, dict, str]] = {
    "tebibytes": (
        [("ConstantOfShape", "s", "w"), ("Conv", "x w", "y")],
        {"s": [10**6, 10**6, 3, 3]},
        "asks for 1,000,000×1,000,000×3×3 numbers",
    ),
    "unused": ([("ConstantOfShape", "s", "w"), ("Relu", "x", "y")], {"s": [2**62, 2**62]}, "asks for"),
    "products": (
        [
            ("ConstantOfShape", "s", "w0"),
            *(("Mul", f"w{i} w{i}", f"w{i + 1}") for i in range(90)),
            ("Conv", "x w90", "y"),
        ],
        {"s": [2, 2, 1000, 1000]},
        "computes more constants than any weights need",
    ),
    "doublings": (
        [*(("Concat", f"w{i} w{i}", f"w{i + 1}", {"axis": 0}) for i in range(60)), ("Conv", "x w60", "y")],
        {"w0": np.ones((2, 2, 3, 3), np.float32)},
        "computes more constants than any weights need",
    ),
    "reshape": ([("Reshape", "x s", "y")], {"s": [0, 2**40, -1]}, "not a valid ONNX model|asks for a shape"),
    "padding": (
        [("Pad", "x s", "p"), ("Conv", "p w", "y")],
        {"s": [0, 0, 2**40, 0, 0, 0, 0, 0], "w": ONE},
        "padding must be from 0 to 10,000",
    ),
    "depth": (
        [("Relu", f"y{i}" if i else "x", f"y{i + 1}") for i in range(4100)],
        {},
        "has 4,100 layers, more than a design can show",
    ),
    "axes": (
        [("Unsqueeze", f"y{i} one" if i else "x one", f"y{i + 1}") for i in range(3000)],
        {"one": [1]},
        "piles up axes",
    ),
    "circle": ([("Relu", "b", "a"), ("Relu", "a", "b"), ("Add", "x b", "y")], {}, "topologically sorted"),
    "constant": ([("Relu", "x", "a"), ("Identity", "w", "y")], {"w": ONE}, "is the output, and does not depend on"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_small_file_cannot_ask_for_much(kind: str):
    nodes, constants, sentence = HOSTILE[kind]
    assert re.search(sentence, refusal(model(*nodes, **constants)))


@pytest.mark.parametrize("shape", [(2**40, 2, 4, 4), ("N", 1000, 1000, 1000), ("N", 2**40), ("N", "C", 4, 4), ("N", 0)])
def test_an_input_that_no_memory_holds_or_that_is_not_told_is_refused(shape: tuple):
    assert "of a fixed size become a design" in refusal(model(("Relu", "x", "y"), shape=shape))


def test_a_batch_below_zero_is_one_of_any_size():
    found = imported(model(("Conv", "x w", "y"), shape=(-1, 2, 4, 4), w=ONE).SerializeToString(), "net.onnx")
    assert found.batch is None


def test_a_design_too_large_for_memory_is_not_compared():
    scales = np.array([1, 1, 1000, 1000], np.float32)
    how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    data = model(("Resize", "x  scales", "y", how), scales=scales, shape=("N", 2, 40, 40)).SerializeToString()
    found = imported(data, "net.onnx")
    assert compare(data, found, found.weighed()) is None


def test_weights_of_more_than_a_file_can_hold_are_refused_before_they_take_memory():
    size = [16_383, 2, 128, 128]
    found = imported(
        model(
            ("ConstantOfShape", "s", "w"), ("Conv", "x w", "y"), shape=("N", 2, 128, 128), s=size
        ).SerializeToString(),
        "net.onnx",
    )
    with pytest.raises(nb.OnnxFileError, match=r"has weights of 2\.0 GB"):
        found.weighed()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_it_takes_little_memory():
    """In a process of its own, since the others' memory would count, too."""
    script = (
        "from tests.interop.test_import_refusals import HOSTILE, attempted, model, mutant\n"
        "for seed in range(300): attempted(mutant(seed))\n"
        "for nodes, constants, _ in HOSTILE.values(): attempted(model(*nodes, **constants).SerializeToString())\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert int(done.stdout) < 300 * 1024


def test_what_a_process_of_its_own_hands_back_is_the_same(tmp_path: Path):
    text, data = converted(sound()[0], "net.onnx")
    (tmp_path / "net.onnx").write_bytes(sound()[0])
    graph, weights = nb.import_onnx(tmp_path / "net.onnx")
    (tmp_path / "net.netb").write_text(text, encoding="utf-8")
    (tmp_path / "net.safetensors").write_bytes(data)
    from netbuilder.runs import load_weights

    assert nb.load(tmp_path / "net.netb") == graph
    stored, _ = load_weights(tmp_path / "net.safetensors")
    assert stored.keys() == weights.keys()
    assert all((stored[key] == weights[key]).all() for key in weights)
