"""An exported model and its certificate -> whether it is still the file that was verified, and does what it did."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from netbuilder.cli.command import DONE, REFUSED, Refusal
from netbuilder.cli.terminal import document, note, say
from netbuilder.cli.trained import located
from netbuilder.data import load
from netbuilder.interop import certificate_file
from netbuilder.interop.certificate import Certificate
from netbuilder.interop.onnx_file import OnnxFile, file_bytes
from netbuilder.interop.recount import Recount, recount


def verify(options: Namespace) -> int:
    """Compare the file's bytes with the certificate; with data, run it once more."""
    path: Path = options.model
    content, certificate = file_bytes(path), certificate_file.load(path)
    if not certificate.matches(content):
        raise Refusal(
            f"“{path.name}” is not the file that was verified on {certificate.written[:10]}: it has been changed or "
            "exported anew since, and the certificate beside it is of another one."
        )
    counts: list[Recount] = []
    if options.data:
        file = OnnxFile.of(content, path.name)
        stored = load(located(options.data), seed=_seed(file))
        counts = recount(file, certificate, stored, resize=options.resize)
    if options.json:
        document(_document(path, certificate, counts))
    else:
        say("\n".join(_lines(path, certificate, counts)))
    failed = [each for each in counts if not each.passed]
    if failed:
        note(f"“{path.name}” no longer does here what its certificate says: do not trust its labels.")
    return REFUSED if failed else DONE


def _seed(file: OnnxFile) -> int:
    """The seed that divided the data when the network was trained, as the file tells."""
    told = file.metadata.get("seed", "")
    return int(told) if told.isdecimal() and len(told) < 19 else 0


def _lines(path: Path, certificate: Certificate, counts: list[Recount]) -> list[str]:
    written, words = certificate.written[:19].replace("T", " "), certificate.options.words()
    return [
        f"“{path.name}” is byte for byte the file that was verified on {written} UTC ({words}).",
        *certificate.sentences(),
        *(["Run again:"] if counts else []),
        *(each.sentence() for each in counts),
    ]


def _document(path: Path, certificate: Certificate, counts: list[Recount]) -> dict[str, Any]:
    again = [
        {
            "name": each.backend,
            "version": each.version,
            "samples": each.samples,
            "correct": each.correct,
            "certified": each.certified,
            "passed": each.passed,
        }
        for each in counts
    ]
    return {"format": 1, "file": str(path), "matches": True, "certificate": certificate.to_dict(), "again": again}
