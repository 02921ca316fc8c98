"""Numbers that remember how they were made."""

import random
from fractions import Fraction

import pytest

from netbuilder.layers.workings import Working, ceil, floor, maximum, number, product, total
from tests.layers.arithmetic import evaluate, skeleton


def test_a_number_names_itself_and_takes_no_arithmetic():
    filters = number("filters", 32)
    assert (filters.formula, filters.substituted, filters.result, filters.text) == ("filters", "32", 32, "32")


def test_formula_and_substituted_text_come_from_the_same_operations():
    out = floor((number("height", 28) + number("padding", 2) - 3) / number("stride", 2)) + 1
    assert out.to_dict() == {
        "formula": "⌊(height + padding − 3) / stride⌋ + 1",
        "substituted": "⌊(28 + 2 − 3) / 2⌋ + 1",
        "result": 14,
    }
    assert out.text == "⌊(28 + 2 − 3) / 2⌋ + 1 = 14"


def test_weights_of_a_convolution_read_as_in_a_textbook():
    window = product([number("channels", 1), number("kernel height", 5), number("kernel width", 5)])
    assert (number("filters", 32) * (window + 1)).text == "32 · (1 · 5 · 5 + 1) = 832"


@pytest.mark.parametrize(
    ("working", "text"),
    [
        (number("a", 7) - (number("b", 4) - number("c", 2)), "7 − (4 − 2)"),
        (number("a", 7) - (number("b", 4) + 2), "7 − (4 + 2)"),
        (number("a", 12) / (number("b", 3) * 2), "12 / (3 · 2)"),
        (number("a", 12) / (number("b", 6) / 2), "12 / (6 / 2)"),
        (number("a", 2) * (number("b", 6) / 3), "2 · 6 / 3"),
        (number("a", 2) + number("b", 3) * 4, "2 + 3 · 4"),
        (5 + number("a", 2), "5 + 2"),
        (5 * (number("a", 2) + 1), "5 · (2 + 1)"),
        (maximum(number("a", 2) - 3, 0), "max(2 − 3, 0)"),
        (ceil(number("a", 7) / 2), "⌈7 / 2⌉"),
        (total([number("a", 1), number("b", 2), number("c", 3)]), "1 + 2 + 3"),
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(working: Working, text: str):
    assert working.substituted == text
    assert evaluate(text) == working.value


def test_whatever_is_computed_the_text_evaluates_to_the_value():
    rng = random.Random(5)
    for _ in range(2000):
        working = grown(rng, depth=4)
        assert evaluate(working.substituted) == working.value, working.substituted
        assert skeleton(working.formula) == skeleton(working.substituted)


def test_a_result_that_is_not_whole_is_refused_with_its_arithmetic():
    with pytest.raises(ValueError, match="7 / 2 = 7/2 is not whole"):
        (number("a", 7) / 2).result  # noqa: B018


def test_no_digit_is_lost_in_huge_numbers():
    huge = product([number("a", 10**9)] * 4) / 3 * 3
    assert huge.result == 10**36


def test_the_evaluator_of_these_tests_knows_arithmetic_only():
    assert evaluate("max(⌈7 / 2⌉, 1) − 1") == 3
    assert evaluate("7 / 2") == Fraction(7, 2)
    for text in ("__import__('os')", "2 ** 9", "x + 1", "True", "'a'", "max(a=1)"):
        with pytest.raises(ValueError, match="more than arithmetic"):
            evaluate(text)


def grown(rng: random.Random, depth: int) -> Working:
    """A random working of up to 2^depth terms."""
    if depth == 0 or rng.random() < 0.2:
        return number(rng.choice("abcd"), rng.randint(0, 9))
    left, right = grown(rng, depth - 1), grown(rng, depth - 1)
    match rng.randrange(7):
        case 0:
            return left + right
        case 1:
            return left - right
        case 2 | 3:
            return left * right
        case 4:
            return left / (right if right.value else number("e", 3))
        case 5:
            return floor(left / 2) + ceil(right / 3)
        case _:
            return maximum(left, right)
