"""A file, its certificate and a data set -> whether it still gives the labels that it was certified with."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netbuilder.data import Dataset, fit
from netbuilder.interop.certificate import Certificate
from netbuilder.interop.onnx_file import OnnxFile, OnnxFileError

SLACK = 1000
"""Of so many samples one may have another label than on the machine of the certificate: scores that all but tie."""


@dataclass(frozen=True, slots=True)
class Recount:
    """How many labels an interpreter gets right now, and how many it was certified with: None where the samples or the
    interpreter are others."""

    backend: str
    version: str
    samples: int
    correct: int
    certified: int | None

    @property
    def passed(self) -> bool:
        """Whether the file does what its certificate says, as far as that can be compared."""
        return self.certified is None or abs(self.correct - self.certified) <= 1 + self.samples // SLACK

    def sentence(self) -> str:
        """The count for people."""
        found = (
            f"{self.backend} {self.version} gets {self.correct:,} of {self.samples:,} labels right "
            f"({100 * self.correct / self.samples:.2f} %)"
        )
        if self.certified is None:
            return f"{found}; the certificate says nothing of these samples."
        return f"{found}; the certificate says {self.certified:,}."


def recount(file: OnnxFile, certificate: Certificate, stored: Dataset, *, resize: bool = False) -> list[Recount]:
    """Run a file on the test part of a data set with every interpreter at hand.

    The samples are made ready as the file says. Raises DataError where they do not suit it, OnnxFileError where it
    cannot be run or the data are not in classes.
    """
    if not stored.classes:
        raise OnnxFileError(f"“{stored.title}” is not in classes, so there are no labels to count.")
    inputs, labels = _inputs(file, certificate, stored, resize), stored.test.targets
    counts = {finding.backend: finding.samples for finding in certificate.findings}
    found: list[Recount] = []
    for backend in {each.name: each for each in (file.backend(), file.backend(reference=True))}.values():
        count = min(counts.get(backend.name, len(inputs)), len(inputs))
        scores = file.run(inputs[:count], backend=backend).reshape(count, -1)
        right = int((scores.argmax(1) == labels[:count]).sum())
        same = [each.correct for each in certificate.findings if (each.backend, each.samples) == (backend.name, count)]
        known = same[0] if same and certificate.digest == stored.digest else None
        found.append(Recount(backend.name, backend.version, count, right, known))
    return found


def _inputs(file: OnnxFile, certificate: Certificate, stored: Dataset, resize: bool) -> Any:
    """The test samples as the file takes them: raw where it prepares them, otherwise by the preprocessing it tells."""
    if certificate.options.prepares:
        raw = stored.test.inputs
        if raw.shape[1:] != file.shape.array:
            raise OnnxFileError(
                f"“{file.name}” takes raw samples of {file.shape.array}, just as they are stored, but those of "
                f"“{stored.title}” are {raw.shape[1:]}; they are not resized for it."
            )
        return np.asarray(raw)
    fitted = fit(stored, file.shape, resize=resize, layer=file.input.name)
    part = fitted.test if file.preprocessing is None else replace(fitted.test, preprocessing=file.preprocessing)
    return part.batch(slice(None))
