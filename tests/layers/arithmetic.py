"""A working's substituted text -> its exact value, by the grammar that is promised: · + − / ⌊ ⌋ ⌈ ⌉ ( ) max."""

import ast
import operator
import re
from fractions import Fraction
from math import ceil, floor

_PYTHON = str.maketrans({"·": "*", "−": "-", "⌋": ")", "⌉": ")"})
_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_FUNCTIONS = {"floor": floor, "ceil": ceil, "max": max}


def evaluate(text: str) -> Fraction:
    """Raises ValueError for anything but whole numbers and the promised signs."""
    python = text.replace("⌊", "floor(").replace("⌈", "ceil(").translate(_PYTHON)
    return _value(ast.parse(python, mode="eval").body, text)


def _value(node: ast.expr, text: str) -> Fraction:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return Fraction(number)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left, text), _value(right, text))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return Fraction(_FUNCTIONS[name](*(_value(argument, text) for argument in arguments)))
        case _:
            raise ValueError(f"{text!r} holds more than arithmetic")


def skeleton(text: str) -> str:
    """A formula or its substituted text with every term blotted out, so that both can be compared."""
    return re.sub(r"[^·+−/⌊⌋⌈⌉(),]+", lambda term: " max" if term[0].strip() == "max" else "x", text)
