"""Large weights are left where they lie in a file's bytes; what is unusual is left to the real parser."""

import random

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from onnx import ModelProto, TensorProto, helper, numpy_helper

from netbuilder.interop.importing import imported
from netbuilder.interop.importing.wire import LARGE, lightened

RANDOM = np.random.default_rng(0)
LARGEST = RANDOM.standard_normal((40, 50)).astype(np.float32)


def model(**arrays: np.ndarray) -> ModelProto:
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    nodes = [helper.make_node("MatMul", ["x", "large"], ["y"])]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size]) for name, size in (("x", 40), ("y", 50))
    ]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_the_rest_is_the_same_message_and_the_weights_are_in_place():
    whole = np.arange(1000)
    data = model(small=np.ones(3, np.float32), large=LARGEST, whole=whole, half=LARGEST.astype(np.float16))
    light, raw = lightened(data.SerializeToString())
    assert list(raw) == [1]
    assert np.array_equal(np.frombuffer(raw[1], "<f4").reshape(40, 50), LARGEST)
    parsed = ModelProto.FromString(light)
    assert len(light) < len(data.SerializeToString()) - LARGEST.nbytes + 20
    parsed.graph.initializer[1].raw_data = bytes(raw[1])
    assert parsed == data


def test_weights_are_not_copied_before_they_are_asked_for():
    data = model(large=LARGEST).SerializeToString()
    found = imported(data, "net.onnx")
    (weight,) = found.weights.values()
    (own,) = found.weighed().values()
    assert np.shares_memory(weight, np.frombuffer(data, np.uint8))
    assert not np.shares_memory(own, np.frombuffer(data, np.uint8))
    assert np.array_equal(own, LARGEST.T)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-5],
        lambda data: data + b"\xff",
        lambda data: data + data,
        lambda data: b"",
        lambda data: b"\x3a\xff\xff\xff\xff\x0f" + data,
        lambda data: b"\xff" * 200_000,
    ],
)
def test_what_is_unusual_is_left_as_it_is(change):
    data = change(model(large=LARGEST).SerializeToString())
    assert lightened(data) == (data, {})


def test_numbers_given_twice_are_left_to_the_parser():
    """The last one counts; a scanner that takes the first would read another network."""
    data = model(large=LARGEST)
    tensor = (
        data.graph.initializer[0].SerializeToString() + TensorProto(raw_data=bytes(LARGEST.nbytes)).SerializeToString()
    )
    del data.graph.initializer[:]
    length = len(tensor)
    header = bytes([0x2A, length & 127 | 128, length >> 7 & 127 | 128, length >> 14])
    inner = data.graph.SerializeToString() + header + tensor
    size = len(inner)
    data.ClearField("graph")
    whole = data.SerializeToString() + bytes([0x3A, size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + inner
    assert length > LARGE
    assert not np.frombuffer(ModelProto.FromString(whole).graph.initializer[0].raw_data, np.uint8).any()
    assert lightened(whole) == (whole, {})


def test_damage_reads_as_the_parser_reads_it():
    """Whatever byte is changed, both ways give the same numbers, or both give none."""
    sound, read = model(small=np.ones(3, np.float32), large=LARGEST).SerializeToString(), 0
    for seed in range(600):
        rng, data = random.Random(seed), bytearray(sound)
        data[rng.choice([rng.randrange(len(data)), rng.randrange(60), -1 - rng.randrange(80)])] = rng.randrange(256)
        light, raw = lightened(bytes(data))
        try:
            expected = ModelProto.FromString(bytes(data))
        except DecodeError:
            with pytest.raises(DecodeError):
                ModelProto.FromString(light)
            continue
        found = ModelProto.FromString(light)
        for index, numbers in raw.items():
            found.graph.initializer[index].raw_data = bytes(numbers)
        assert found.SerializeToString(deterministic=True) == expected.SerializeToString(deterministic=True), seed
        read += bool(raw)
    assert 100 < read < 600, "some are read in place, some are not"
