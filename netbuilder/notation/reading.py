"""Notation -> layers: words are looked up, numbers go to the settings they stand for, and refusals suggest."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from netbuilder.layers import Input, Layer, Reshape, Setting, SettingError
from netbuilder.layers.settings import Choice, Flag, OptionalInteger, OptionalPair, PaddingRule, PairOf

from .tokens import NotationError, Number, Token, segments
from .vocabulary import AMBIGUOUS, HEADS, WORD_OF, Word, plain, settings_of, spoken

__all__ = ["NotationError", "parse"]

Given = Number | str | bool | tuple[Number, ...] | None
YES, NO, NOTHING = frozenset({"true", "on", "yes"}), frozenset({"false", "off", "no"}), frozenset({"none", "auto"})
_AXES = {1: ("features",), 2: ("height", "width"), 3: ("height", "width", "channels")}
_LONGEST_NAME, _LEAST_PART = 4, 3


def parse(text: str) -> tuple[Layer, ...]:
    """The layers of a chain, separated by | (or →, ->, ; or a new line). Raises NotationError and nothing else.

    Each layer is a word with its plain numbers, `c3 64`, then modifiers in any order: `s2`, `s2x1`, `same`, `p=1`,
    `pad 1`, `dil 2`, `g2`, `nobias`, `k3x5`, or any setting as name=value. A separator at the end is overlooked.
    """
    found = list(segments(text))
    if len(found) > 1 and not found[-1][0]:
        found.pop()
    layers: list[Layer] = []
    for tokens, start, end in found:
        if not tokens:
            raise NotationError("A layer is missing here; layers look like c3 64 or p2, with | between.", start, end)
        layers.append(_Reader(tokens).layer())
    return tuple(layers)


def head(tokens: list[Token]) -> tuple[Word | None, int]:
    """The layer that tokens begin with, and how many of them name it: "max pool" is two."""
    words: list[str] = []
    for token in tokens[:_LONGEST_NAME]:
        if token.kind != "word" or (words and min(len(words[0]), len(token.text)) < _LEAST_PART):
            break
        words.append(token.text)
    for count in range(len(words), 0, -1):
        word = HEADS.get(plain("".join(words[:count])))
        if word is not None:
            return word, count
    return None, 0


class _Reader:
    """One layer being read: what was given so far, and by which token."""

    def __init__(self, tokens: list[Token]):
        self.tokens, self.next = tokens, 0
        self.given: dict[str, Any] = {}
        self.source: dict[str, Token] = {}

    def layer(self) -> Layer:
        first = self.tokens[0]
        word, self.next = head(self.tokens)
        called = plain("".join(token.text for token in self.tokens[: self.next])).removesuffix("2d")
        if word is None:
            raise _error(_no_layer(first), first)
        self.word, self.names, self.end = word, settings_of(word.layer), self.tokens[self.next - 1].end
        plain_numbers: list[tuple[Number | tuple[Number, ...], Token]] = []
        while self.next < len(self.tokens):
            token = self._take()
            if token.kind == "numbers":
                plain_numbers += [(value, token) for value in (token.values if token.listed else [_single(token)])]
            elif token.kind == "word":
                self._modifier(token)
            else:
                raise _error(_no_sign(token, word), token)
        self._place(plain_numbers)
        if word.needs and not self._has_size() and called != plain(word.name).removesuffix("2d"):
            raise _error(f"“{first.text}” needs {word.needs}, like {word.like}.", first)
        return self._made()

    def _has_size(self) -> bool:
        """Whether what a short word cannot do without is there."""
        return self.word.numbers[0] in self.given if self.word.numbers else bool(self.given)

    def _made(self) -> Layer:
        try:
            return self.word.layer(**self.given)
        except SettingError as error:
            raise _error(str(error), self.source.get(error.name, self.tokens[0])) from None

    def _take(self) -> Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def _follows(self, *kinds: str) -> bool:
        return self.next < len(self.tokens) and self.tokens[self.next].kind in kinds

    # ---- plain numbers -----------------------------------------------------------------------------------------------

    def _place(self, values: list[tuple[Number | tuple[Number, ...], Token]]) -> None:
        """Give plain numbers to the settings they stand for, in turn. One that is named already is passed over, but
        not by a number that touches the word: the 3 of c3 is always the kernel size."""
        if self.word.layer in (Input, Reshape):
            values = [(each, token) for value, token in values for each in _several(value)]
            numbers = _AXES.get(len(values), _AXES[3])
        else:
            touched = bool(values) and values[0][1].at == self.end
            numbers = tuple(n for i, n in enumerate(self.word.numbers) if n not in self.given or (touched and i == 0))
        places = list(numbers)
        for value, token in values:
            name = next((n for n in places if not isinstance(value, tuple) or self._takes_several(n)), None)
            if name is None:
                raise _error(self._too_many(token, numbers), token)
            places.remove(name)
            self._set(self.names[plain(name)], value, token)

    def _takes_several(self, name: str) -> bool:
        return isinstance(self.names[plain(name)].kind, (PairOf, OptionalPair, PaddingRule))

    def _too_many(self, token: Token, numbers: tuple[str, ...]) -> str:
        taken = " and ".join(name.replace("_", " ") for name in numbers)
        takes = f"takes {taken}, like {self.word.like}" if taken else f"takes no plain number: write {self.word.like}"
        return f"“{token.text}” is more than {self.word.name} can use: it {takes}."

    # ---- modifiers ---------------------------------------------------------------------------------------------------

    def _modifier(self, token: Token) -> None:
        name = plain(token.text)
        if self._follows("word") and (joined := name + plain(self.tokens[self.next].text)) in self.names:
            name = joined
            self._take()
        setting, choice, off = self.names.get(name), self._choice(name), self._off(name)
        if self._follows("equals"):
            if setting is None:
                raise _error(self._no_setting(token), token)
            self._take()
            self._set(setting, self._assigned(setting, token), token)
        elif choice is not None:
            self._set(*choice, token)
        elif off is not None:
            self._set(off, False, token)
        elif setting is None or name in AMBIGUOUS:
            raise _error(self._no_setting(token), token)
        elif isinstance(setting.kind, Flag):
            self._set(setting, True, token)
        elif self._follows("numbers") and not self.tokens[self.next].listed:
            self._set(setting, _single(self._take()), token)
        elif self._follows("word") and (found := self._choice(plain(self.tokens[self.next].text), setting)):
            self._take()
            self._set(*found, token)
        else:
            raise _error(f"“{token.text}” needs a value, like {name}{'=2' if len(name) > 1 else '2'}.", token)

    def _choice(self, name: str, *among: Setting) -> tuple[Setting, str] | None:
        """The setting one of whose words this is, and the word: `same` means padding."""
        for setting in among or self.names.values():
            for option in _options(setting):
                if plain(option) == name:
                    return setting, option
        return None

    def _off(self, name: str) -> Setting | None:
        """The switch that a word such as `nobias` turns off."""
        setting = self.names.get(name.removeprefix("no")) if name.startswith("no") else None
        return setting if setting and isinstance(setting.kind, Flag) else None

    def _assigned(self, setting: Setting, name: Token) -> Given:
        """The value behind an equals sign: a word, a number, or several, in brackets or not."""
        opened = self._follows("open") and self._take()
        if not self._follows("word", "numbers"):
            raise _error(f"“{name.text}=” needs a value.", name)
        token = self._take()
        value = _single(token) if token.kind == "numbers" else _meant(setting, plain(token.text))
        if token.kind == "word" and (found := self._choice(plain(token.text), setting)):
            value = found[1]
        if opened and not (self._follows("close") and self._take()):
            raise _error("This bracket is not closed.", opened)
        return value

    def _set(self, setting: Setting, value: Given, token: Token) -> None:
        if setting.name in self.given:
            raise _error(f"The {spoken(setting)} of this {self.word.name} is given twice.", token)
        if type(setting.kind) is PaddingRule and isinstance(value, tuple) and len(value) == 2:
            value = (value[0], value[0], value[1], value[1])
        try:
            self.given[setting.name] = setting.kind(value)
        except ValueError as reason:
            raise _error(f"{self.word.name}: {spoken(setting)} {reason}.", token) from None
        self.source[setting.name] = token

    def _no_setting(self, token: Token) -> str:
        name = plain(token.text)
        if name in AMBIGUOUS and name in self.names:
            return f"“{token.text}” here could be padding or a layer: write pad 1 for padding, or | before a layer."
        if name in HEADS:
            return f"“{token.text}” is a layer of its own ({HEADS[name].name}): put | before it."
        known = dict.fromkeys(spoken(setting) for setting in self.names.values())
        near = get_close_matches(name, self.names, 1, 0.6)
        if near:
            return f"{self.word.name} has no setting “{token.text}”; did you mean {spoken(self.names[near[0]])}?"
        has = f"it has {', '.join(known)}" if known else "it has none"
        return f"{self.word.name} has no setting “{token.text}”; {has}."


def _single(token: Token) -> Number | tuple[Number, ...]:
    values = token.values
    return values[0] if len(values) == 1 else values


def _several(value: Number | tuple[Number, ...]) -> tuple[Number, ...]:
    return value if isinstance(value, tuple) else (value,)


def _options(setting: Setting) -> tuple[str, ...]:
    """The words a setting may be given."""
    kind = setting.kind
    return kind.options if isinstance(kind, Choice) else kind.rules if isinstance(kind, PaddingRule) else ()


def _meant(setting: Setting, word: str) -> Given:
    """What a word says to a setting: true, false, nothing, or the word itself."""
    kind = setting.kind
    if isinstance(kind, Flag) and word in YES | NO:
        return word in YES
    if isinstance(kind, (OptionalInteger, OptionalPair)) and word in NOTHING:
        return None
    return word


def _no_layer(token: Token) -> str:
    name = plain(token.text)
    if token.kind != "word":
        return f"A layer begins with a word, like c3 64 or d 128, not with “{token.text}”."
    owner = _owner(name)
    if owner is not None:
        return f"“{token.text}” sets something of a layer: write it behind one, like {owner.like} {token.text}2."
    near = get_close_matches(name, HEADS, 1, 0.6)
    if near:
        word = HEADS[near[0]]
        return f"There is no layer “{token.text}”; did you mean {word.name}, like {word.like}?"
    return f"There is no layer “{token.text}”; layers look like c3 64, p2, r, f or d 128."


def _owner(name: str) -> Word | None:
    """A layer with a setting of this short name."""
    words: Mapping[type[Layer], Word] = WORD_OF
    return next((word for cls, word in words.items() if len(name) == 1 and name in settings_of(cls)), None)


def _no_sign(token: Token, word: Word) -> str:
    if token.kind in ("open", "close"):
        return f"Brackets only hold values behind “=”; write {word.like}, or name=value."
    return f"“{token.text}” has no meaning here; write {word.like}, or name=value."


def _error(message: str, token: Token) -> NotationError:
    return NotationError(message, token.at, token.end)
