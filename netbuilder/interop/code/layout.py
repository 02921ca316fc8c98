"""Expressions and statements as lines of Python, broken as ruff and black break them."""

from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 88
"""Columns of a line, black's default."""


@dataclass(frozen=True, slots=True)
class Call:
    """head(items…)tail; without a head, a tuple, or a list with other brackets."""

    head: str
    items: "tuple[Expression, ...]" = ()
    tail: str = ""
    brackets: str = "()"


@dataclass(frozen=True, slots=True)
class Applied:
    """function(…)(argument): a layer that was made and is called at once."""

    function: Call
    argument: "Expression"


@dataclass(frozen=True, slots=True)
class Named:
    """A keyword argument."""

    name: str
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Joined:
    """Operands with the same sign between them."""

    sign: str
    items: "tuple[Expression, ...]"


Expression = str | Call | Applied | Named | Joined


def flat(expression: Expression) -> str:
    """The expression on one line."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, Named):
        return f"{expression.name}={flat(expression.value)}"
    if isinstance(expression, Joined):
        return f" {expression.sign} ".join(map(flat, expression.items))
    if isinstance(expression, Applied):
        return f"{flat(expression.function)}({flat(expression.argument)})"
    opening, closing = expression.brackets
    inner = ", ".join(map(flat, expression.items)) + ("," if _alone(expression) else "")
    return f"{expression.head}{opening}{inner}{closing}{expression.tail}"


def lines(start: str, expression: Expression, indent: int, end: str = "") -> list[str]:
    """`start` and the expression on one line where it fits; else the content of its brackets on a line of its own; else
    every item on one."""
    margin = " " * indent
    whole = f"{margin}{start}{flat(expression)}{end}"
    if len(whole) <= WIDTH or isinstance(expression, str):
        return [whole]
    if isinstance(expression, Named):
        return lines(f"{start}{expression.name}=", expression.value, indent, end)
    if isinstance(expression, Joined):
        return [f"{margin}{start}(", *_operands(expression, indent + 4), f"{margin}){end}"]
    if isinstance(expression, Applied):
        return _applied(start, expression, indent, end)
    if not expression.items:
        return [whole]
    opening, closing = expression.brackets
    return [
        f"{margin}{start}{expression.head}{opening}",
        *_items(expression, indent + 4),
        f"{margin}{closing}{expression.tail}{end}",
    ]


def comment(text: str) -> str:
    """Text that may come from anywhere as one comment: what cannot be printed is a question mark."""
    return "# " + "".join(letter if letter.isprintable() else "?" for letter in text)


def comments(text: str, indent: int = 0) -> Iterator[str]:
    """A sentence as comment lines within the width."""
    line = ""
    for word in text.split():
        if line and indent + 2 + len(line) + 1 + len(word) > WIDTH:
            yield " " * indent + comment(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield " " * indent + comment(line)


def _applied(start: str, applied: Applied, indent: int, end: str) -> list[str]:
    """The argument on lines of its own where what comes before it fits; else the function's arguments are."""
    margin, made = " " * indent, applied.function
    opened = f"{margin}{start}{flat(made)}("
    if len(opened) <= WIDTH:
        return [opened, *lines("", applied.argument, indent + 4), f"{margin}){end}"]
    return lines(start, Call(made.head, made.items, f"({flat(applied.argument)})", made.brackets), indent, end)


def _alone(call: Call) -> bool:
    """Whether this is a tuple of one, which a comma makes it."""
    return not call.head and call.brackets == "()" and len(call.items) == 1


def _items(call: Call, indent: int) -> list[str]:
    inner = " " * indent + ", ".join(map(flat, call.items))
    if len(inner) <= WIDTH and not _alone(call):
        return [inner]
    if len(call.items) == 1:
        return lines("", call.items[0], indent, "," if _alone(call) else "")
    return [line for item in call.items for line in lines("", item, indent, ",")]


def _operands(joined: Joined, indent: int) -> list[str]:
    inner = " " * indent + flat(joined)
    if len(inner) <= WIDTH:
        return [inner]
    first, *rest = joined.items
    return [
        *lines("", first, indent),
        *(line for item in rest for line in lines(f"{joined.sign} ", item, indent)),
    ]


def assigned(indent: int, variable: str, value: Expression, shape: str) -> Iterator[str]:
    """One assignment, the shape behind it where there is room, else above."""
    found = lines(f"{variable} = ", value, indent)
    if not shape:
        yield from found
    elif len(found) == 1 and len(found[0]) + len(shape) + 4 <= WIDTH:
        yield f"{found[0]}  # {shape}"
    else:
        yield f"{' ' * indent}# {shape}"
        yield from found
