"""What interpreters found when they ran an exported file -> its figures, in sentences and as plain values."""

from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any

from netbuilder.interop.options import ExportOptions
from netbuilder.interop.verification import Verification

FORMAT = 1
NOTABLE_LOSS = 0.01
"""The share of labels, one in a hundred, from which on a loss of accuracy is said in so many words."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The same network written as float32: how many bytes that file has, and how long onnxruntime takes for a batch.

    The milliseconds `before` and `after` are for `batch` samples, of the float32 file and of this one; None where it is
    not installed.
    """

    size: int
    batch: int
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What interpreters found when they ran a written file on samples.

    `size` in bytes and `sha256` are the file's. `dataset` is the title of the data whose test part was used and
    `digest` its SHA-256, both None for random samples. `correct` counts the samples that the engine gives the true
    label. `written` is the time.
    """

    file: str
    size: int
    sha256: str
    options: ExportOptions
    samples: int
    findings: tuple[Verification, ...]
    netbuilder: str
    written: str
    dataset: str | None = None
    digest: str | None = None
    correct: int | None = None
    baseline: Baseline | None = None

    def matches(self, content: bytes) -> bool:
        """Whether it was made for exactly these bytes."""
        return len(content) == self.size and sha256(content).hexdigest() == self.sha256

    @property
    def passed(self) -> bool:
        """Whether every interpreter computed what the network computes, as far as the precision allows."""
        return bool(self.findings) and all(finding.passed for finding in self.findings)

    @property
    def accuracy(self) -> float | None:
        """The share of samples that the engine gives the true label."""
        return None if self.correct is None or not self.samples else self.correct / self.samples

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before using a file that has passed, in sentences."""
        found = self.findings[0] if self.findings else None
        if found is None or not found.samples:
            return ()
        precision = self.options.precision
        if self.correct is not None and found.correct is not None and found.samples == self.samples:
            lost = (self.correct - found.correct) / self.samples
            if lost > NOTABLE_LOSS:
                more = f"more than {100 * NOTABLE_LOSS:.0f}: consider float32"
                return (f"{precision} costs {100 * lost:.1f} points of accuracy, {more}.",)
        elif found.agreeing < (1 - NOTABLE_LOSS) * found.samples:
            other = found.samples - found.agreeing
            return (f"{precision} changes {100 * other / found.samples:.1f} % of the labels: consider float32.",)
        return ()

    def sentences(self) -> list[str]:
        """The figures for people: each interpreter's, accuracy, size and time where they differ, then warnings."""
        return [
            *(finding.sentence() for finding in self.findings),
            *self._accuracies(),
            *self._sizes(),
            *self.warnings,
        ]

    def _accuracies(self) -> list[str]:
        found = next((each for each in self.findings if each.samples == self.samples), None)
        if self.accuracy is None or found is None or found.correct is None:
            return []
        after = found.correct / found.samples
        where = f"of the test part of “{self.dataset}”" if self.dataset else "of the samples"
        return [f"Accuracy: {100 * self.accuracy:.2f} % {where} in the engine, {100 * after:.2f} % in the file."]

    def _sizes(self) -> list[str]:
        base = self.baseline
        if base is None:
            return []
        size = f"Size: {base.size:,} bytes as float32, {self.size:,} as {self.options.precision}"
        if base.before is None or base.after is None:
            return [f"{size}."]
        times = f"{base.before:.2f} ms as float32, {base.after:.2f} ms as {self.options.precision}"
        batch = f"{base.batch} sample{'' if base.batch == 1 else 's'}"
        return [f"{size}.", f"onnxruntime takes for {batch} {times}, on one thread."]

    def to_dict(self) -> dict[str, Any]:
        """What the file beside the model holds, and what `--json` prints."""
        base = self.baseline
        return {
            "format": FORMAT,
            "file": self.file,
            "bytes": self.size,
            "sha256": self.sha256,
            "written": self.written,
            "netbuilder": self.netbuilder,
            "options": self.options.to_dict(),
            "dataset": None if self.dataset is None else {"title": self.dataset, "sha256": self.digest},
            "samples": self.samples,
            "correct": self.correct,
            "passed": self.passed,
            "interpreters": [
                {
                    "name": each.backend,
                    "version": each.version,
                    "samples": each.samples,
                    "largest_difference": each.largest_difference if isfinite(each.largest_difference) else None,
                    "relative_difference": each.relative_difference if isfinite(each.relative_difference) else None,
                    "agreeing": each.agreeing,
                    "correct": each.correct,
                    "allowed": each.allowed,
                }
                for each in self.findings
            ],
            "float32": base and {"bytes": base.size, "batch": base.batch, "ms": base.before, "ms_here": base.after},
        }
