"""ONNX's own operator cases: passed, or refused for a reason that is written down."""

import re

import pytest

from tests.interop.operator_cases import REASONS, cases, outcome, reason

PASSED = """
    averagepool_2d_precomputed_pads averagepool_2d_precomputed_pads_count_include_pad
    averagepool_2d_precomputed_strides averagepool_2d_precomputed_same_upper averagepool_2d_default
    averagepool_2d_same_upper averagepool_2d_same_lower averagepool_2d_pads
    averagepool_2d_pads_count_include_pad averagepool_2d_strides averagepool_2d_ceil
    averagepool_2d_ceil_last_window_starts_on_pad batchnorm_example batchnorm_epsilon basic_conv_with_padding
    basic_conv_without_padding conv_with_strides_padding conv_with_strides_no_padding
    conv_with_strides_and_asymmetric_padding conv_with_autopad_same convtranspose convtranspose_pad
    convtranspose_pads convtranspose_dilations convtranspose_autopad_same convtranspose_group_2
    convtranspose_group_2_image_3 dropout_default dropout_default_old dropout_random_old elu_example elu
    elu_default flatten_axis1 flatten_default_axis flatten_negative_axis3 gelu_tanh_1 gelu_tanh_2 gelu_default_1
    gelu_default_2 gemm_default_zero_bias gemm_default_no_bias gemm_default_scalar_bias
    gemm_default_single_elem_vector_bias gemm_default_vector_bias gemm_transposeB gemm_alpha gemm_beta
    globalaveragepool globalaveragepool_precomputed globalmaxpool globalmaxpool_precomputed leakyrelu_example
    leakyrelu leakyrelu_default lrn lrn_default matmul_2d maxpool_2d_precomputed_pads
    maxpool_2d_precomputed_strides maxpool_2d_precomputed_same_upper maxpool_2d_default maxpool_2d_same_upper
    maxpool_2d_same_lower maxpool_2d_pads maxpool_2d_strides maxpool_2d_ceil
    maxpool_2d_ceil_output_size_reduce_by_one relu resize_upsample_scales_nearest resize_upsample_scales_linear
    resize_upsample_scales_nearest_axes_2_3 resize_upsample_scales_nearest_axes_3_2 sigmoid_example sigmoid
    softmax_example softmax_large_number swish tanh_example tanh upsample_nearest converted/AvgPool2d
    converted/AvgPool2d_stride converted/BatchNorm2d_eval converted/BatchNorm2d_momentum_eval converted/Conv2d
    converted/Conv2d_depthwise converted/Conv2d_depthwise_padded converted/Conv2d_depthwise_strided
    converted/Conv2d_depthwise_with_multiplier converted/Conv2d_dilated converted/Conv2d_groups
    converted/Conv2d_groups_thnn converted/Conv2d_no_bias converted/Conv2d_padding converted/Conv2d_strided
    converted/ConvTranspose2d converted/ConvTranspose2d_no_bias converted/ELU converted/LeakyReLU
    converted/LeakyReLU_with_negval converted/Linear converted/Linear_no_bias converted/MaxPool2d
    converted/PReLU_2d converted/PReLU_2d_multiparam converted/ReLU converted/Sigmoid converted/Softmax
    converted/Tanh converted/ZeroPad2d converted/softmax_lastdim operator/conv operator/convtranspose
    operator/flatten operator/mm converted/LogSoftmax converted/Softplus converted/log_softmax_lastdim
    hardsigmoid_default hardswish logsoftmax_example_1 logsoftmax_large_number mish operator/clip softplus
    softplus_example
"""
"""Cases that must pass, without their common beginnings."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    return {case.name: outcome(case) for case in cases()}


def short(name: str) -> str:
    return re.sub(r"(pytorch-)?(converted|operator)/test_(operator_)?", r"\2/", name).removeprefix("test_")


def test_no_case_gives_other_numbers(outcomes: dict[str, str]):
    assert {name: found for name, found in outcomes.items() if found.startswith("wrong")} == {}


def test_what_does_not_pass_is_refused_for_a_known_reason(outcomes: dict[str, str]):
    refused = {name: found for name, found in outcomes.items() if found != "passed"}
    assert {name: found for name, found in refused.items() if reason(found) is None} == {}


def test_what_passed_once_passes(outcomes: dict[str, str]):
    passed = {short(name) for name, found in outcomes.items() if found == "passed"}
    known = {short(name) for name in outcomes}
    assert [name for name in PASSED.split() if name in known and name not in passed] == []
    assert len(passed) > 80


def test_a_reason_is_not_just_anything():
    """Negative control: an unexpected refusal would be seen."""
    assert reason("“net” cannot be imported: “a” (Conv) is given attributes or constants that do not fit it.") is None
    assert all(re.search(pattern, "cannot be imported") is None for pattern in REASONS)
