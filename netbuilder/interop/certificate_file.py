"""A certificate <-> a small JSON file beside the model, which anybody can hold against the model again."""

import contextlib
import json
from dataclasses import replace
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Any, TypeGuard

from netbuilder.interop.certificate import FORMAT, Baseline, Certificate
from netbuilder.interop.options import ExportError, ExportOptions
from netbuilder.interop.verification import Verification
from netbuilder.layers.settings import shown
from netbuilder.storage import FileError, reason, write_atomic

SUFFIX = ".certificate.json"
LARGEST_FILE, LONGEST_TEXT, LARGEST_NUMBER = 100_000, 1_000, 2**53
HEX = frozenset("0123456789abcdef")


def beside(path: str | Path) -> Path:
    """Where the certificate of a model lies: NAME.onnx.certificate.json."""
    path = Path(path)
    return path.with_name(path.name + SUFFIX)


def save(certificate: Certificate, path: str | Path) -> Path:
    """Write it beside the model at `path` and return where. Raises FileError."""
    target = beside(path)
    text = json.dumps(certificate.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomic(target, text.encode())
    return target


def forget(path: str | Path) -> None:
    """Remove the certificate of a model that is no more; where that fails, its SHA-256 tells all the same."""
    with contextlib.suppress(OSError):
        beside(path).unlink()


def load(path: str | Path) -> Certificate:
    """Read the certificate beside the model at `path`. Raises FileError for all that is not one."""
    source = beside(path)
    try:
        if not source.is_file():
            raise FileError(f"There is no certificate “{source.name}” beside the file.")
        if source.stat().st_size > LARGEST_FILE:
            raise FileError(f"“{source.name}” is larger than any certificate ({LARGEST_FILE // 1000} KB).")
        text = source.read_bytes().decode()
    except UnicodeDecodeError:
        raise FileError(f"“{source.name}” is not a certificate: it is not text.") from None
    except OSError as error:
        raise FileError(f"“{source.name}” cannot be read: {reason(error)}.") from None
    return loads(text, source.name)


def loads(text: str, source: str = "the text") -> Certificate:
    """A certificate from its text. Raises FileError for anything but what `save` could have written."""
    try:
        return _certificate(_Entry(json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)))
    except RecursionError:
        raise FileError(f"“{source}” is not a certificate: it is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise FileError(f"“{source}” is not a certificate: line {error.lineno}, {error.msg.lower()}.") from None
    except ExportError as error:
        raise FileError(f"“{source}” is not a certificate. {error}") from None
    except (ValueError, OverflowError) as error:
        raise FileError(f"“{source}” is not a certificate: {error}.") from None


def _certificate(entry: "_Entry") -> Certificate:
    version = entry.whole("format", low=1)
    if version > FORMAT:
        raise ValueError(f"it was written by a newer netbuilder (format {version}; this one reads {FORMAT})")
    options, data, base = entry.entry("options"), entry.optional("dataset"), entry.optional("float32")
    samples = entry.whole("samples", low=1)
    found = Certificate(
        file=entry.text("file"),
        size=entry.whole("bytes", low=1),
        sha256=entry.digest("sha256"),
        options=ExportOptions(**options.only("opset", "softmax", "preprocessing", "batch", "precision")),
        samples=samples,
        findings=(),
        netbuilder=entry.text("netbuilder"),
        written=entry.time("written"),
        dataset=data and data.text("title"),
        digest=data and data.digest("sha256"),
        correct=entry.whole_or_none("correct", high=samples),
        baseline=base
        and Baseline(base.whole("bytes", low=1), base.whole("batch", low=1), base.real("ms"), base.real("ms_here")),
    )
    findings = tuple(_finding(each, found) for each in entry.entries("interpreters"))
    found = replace(found, findings=findings)
    if entry.truth("passed") != found.passed:
        raise ValueError("its verdict contradicts its figures")
    return found


def _finding(entry: "_Entry", of: Certificate) -> Verification:
    samples = entry.whole("samples", low=1, high=of.samples)
    differences = entry.real("largest_difference"), entry.real("relative_difference")
    largest, relative = (float("inf") if each is None else each for each in differences)
    return Verification(
        entry.text("name"),
        entry.text("version"),
        samples,
        largest,
        relative,
        entry.whole("agreeing", high=samples),
        entry.whole_or_none("correct", high=samples),
        of.options.precision,
        entry.real("allowed"),
    )


class _Entry:
    """One JSON object, whose values are asked for by name and kind. All raise ValueError with a clause for people."""

    def __init__(self, value: Any):
        if not _is_object(value):
            raise ValueError(f"an object was expected, not {shown(value)}")
        self._values = value

    def _get(self, name: str) -> Any:
        if name not in self._values:
            raise ValueError(f"it lacks {shown(name)}")
        return self._values[name]

    def entry(self, name: str) -> "_Entry":
        return _Entry(self._get(name))

    def optional(self, name: str) -> "_Entry | None":
        value = self._get(name)
        return None if value is None else _Entry(value)

    def entries(self, name: str) -> list["_Entry"]:
        values = self._get(name)
        if not _is_list(values) or not 1 <= len(values) <= 9:
            raise ValueError(f"{shown(name)} is not a short list")
        return [_Entry(value) for value in values]

    def only(self, *names: str) -> dict[str, Any]:
        """Exactly these values, which their taker checks."""
        for extra in self._values.keys() - set(names):
            raise ValueError(f"{shown(extra)} is no option of an export")
        return {name: self._get(name) for name in names}

    def whole(self, name: str, low: int = 0, high: int = LARGEST_NUMBER) -> int:
        value = self._get(name)
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"{shown(name)} must be a whole number from {low:,} to {high:,}, not {shown(value)}")
        return value

    def whole_or_none(self, name: str, high: int = LARGEST_NUMBER) -> int | None:
        return None if self._get(name) is None else self.whole(name, high=high)

    def real(self, name: str) -> float | None:
        value = self._get(name)
        if value is None:
            return None
        if type(value) not in (int, float) or not isfinite(value) or value < 0:
            raise ValueError(f"{shown(name)} must be a number from 0 on, not {shown(value)}")
        return float(value)

    def truth(self, name: str) -> bool:
        value = self._get(name)
        if type(value) is not bool:
            raise ValueError(f"{shown(name)} must be true or false, not {shown(value)}")
        return value

    def text(self, name: str) -> str:
        value = self._get(name)
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_TEXT:
            raise ValueError(f"{shown(name)} must be a short text, not {shown(value)}")
        return value

    def digest(self, name: str) -> str:
        value = self._get(name)
        if not isinstance(value, str) or len(value) != 64 or not HEX.issuperset(value):
            raise ValueError(f"{shown(name)} must be a SHA-256 in hexadecimal, not {shown(value)}")
        return value

    def time(self, name: str) -> str:
        text = self.text(name)
        try:
            zone = datetime.fromisoformat(text).tzinfo
        except ValueError:
            zone = None
        if zone is None:
            raise ValueError(f"{shown(name)} must be a time with its zone, not {shown(text)}")
        return text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{shown(next(key for key in keys if keys.count(key) > 1))} is given twice in one place")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number")


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
