"""What the data room says when it cannot serve: sentences a person can act on."""


class DataError(ValueError):
    """Data that cannot be read or used; the message is a sentence for people."""


class DataMisfit(DataError):
    """Good data that does not suit the design; the sentence says which numbers disagree."""


def plural(count: int, noun: str) -> str:
    """'1 image', '1,797 images'."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def quoted(name: str, limit: int = 60) -> str:
    """A name from a foreign file, safe to print on one line."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:limit])
    return f"“{shown}…”" if len(name) > limit else f"“{shown}”"
