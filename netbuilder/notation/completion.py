"""Half-typed notation -> whole lines it could become: layers for a word begun, settings behind a layer."""

from dataclasses import dataclass

from netbuilder.layers import Setting
from netbuilder.layers.settings import Flag, PaddingRule

from .ranking import rank
from .reading import head
from .tokens import NotationError, Token, segments
from .vocabulary import AMBIGUOUS, HEADS, MODIFIERS, WORD_OF, Word, plain, spoken

MOST = 12


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the text could become: `text` is the whole line once taken, `label` what to show, `help` what it means, and
    `at` where the typed letters stand in the label."""

    text: str
    label: str
    help: str
    at: tuple[int, ...] = ()


def complete(text: str) -> tuple[Suggestion, ...]:
    """At most twelve ways to go on, the likeliest first; none where a number is being typed or nothing fits."""
    try:
        tokens, start, _ = list(segments(text))[-1]
    except NotationError:
        return ()
    word, count = head(tokens)
    unfinished = tokens[-1].text if tokens and tokens[-1].kind == "word" and not text[-1].isspace() else ""
    if not tokens or (unfinished and len(tokens) <= max(count, 1)):
        before, typed = (text[: tokens[0].at], text[tokens[0].at :]) if tokens else (text[:start], "")
        return _layers(before.rstrip() + " " if before.strip() else "", typed)
    if word is None or not (unfinished or text[-1].isspace()):
        return ()
    return _settings(text[: tokens[-1].at] if unfinished else text, unfinished, word, tokens[count:])


def _layers(before: str, typed: str) -> tuple[Suggestion, ...]:
    """Layers by class name or any of their words; a word typed whole comes first."""
    words = list(WORD_OF.values())
    best: dict[int, tuple[float, tuple[int, ...]]] = {}
    for match in rank(typed, [word.name for word in words]):
        best[match.index] = match.score, match.at
    for index, word in enumerate(words):
        for match in rank(typed, (word.short, *word.others)):
            if index not in best or match.score > best[index][0]:
                best[index] = match.score, best.get(index, (0, ()))[1]
    exact = HEADS.get(plain(typed.strip()))
    order = sorted(best, key=lambda index: (words[index] is not exact, -best[index][0]))
    return tuple(Suggestion(before + words[i].like, words[i].name, _usage(words[i]), best[i][1]) for i in order[:MOST])


def _usage(word: Word) -> str:
    """'c3 64: kernel size, filters'."""
    takes = ", ".join(name.replace("_", " ") for name in word.numbers)
    return f"{word.like}: {takes}" if takes else word.like


def _settings(before: str, typed: str, word: Word, behind: list[Token]) -> tuple[Suggestion, ...]:
    """The settings of a layer that are not written yet."""
    written = {plain(token.text) for token in behind[: -1 if typed else None] if token.kind == "word"}
    rest = [s for s in word.layer.settings() if not written & _names(s) and s.name not in word.numbers]
    labels = [f"{spoken(s)} ({_short(s)})" for s in rest]
    return tuple(
        Suggestion(before + _short(rest[m.index]), labels[m.index], rest[m.index].help, m.at)
        for m in rank(typed, labels)[:MOST]
    )


def _names(setting: Setting) -> set[str]:
    """Every word that sets this."""
    names = {plain(name) for name in (setting.name, *MODIFIERS.get(setting.name, ()))}
    words = set(setting.kind.rules) if isinstance(setting.kind, PaddingRule) else set[str]()
    return names | words | {f"no{name}" for name in names}


def _short(setting: Setting) -> str:
    """What to type for it: 's', 'p=', 'nobias'."""
    name = min((setting.name, *MODIFIERS.get(setting.name, ())), key=len)
    if isinstance(setting.kind, Flag):
        return f"no{name}" if setting.default else name
    return f"{name}=" if len(name) > 1 or name in AMBIGUOUS else name
