"""From what was trained and what the form asks for to what an export is made of, and the words for it."""

from datetime import datetime
from typing import TYPE_CHECKING

from netbuilder.graph import Graph
from netbuilder.gui.exporting import Source
from netbuilder.gui.training.asking import NO_DATA
from netbuilder.gui.training.choices import Choices
from netbuilder.gui.training.session import Trained

if TYPE_CHECKING:
    from netbuilder.engine import Job


def source_of(graph: Graph, title: str, trained: Trained | None, asked: Choices | None) -> Source:
    """The design with the weights of a run, or with initial ones for the data the form has chosen."""
    if trained is None:
        offer = asked.offer if asked else None
        metadata: dict[str, object] = {"seed": 0, "trained": False}
        return Source(
            graph,
            title,
            data=offer.source if offer else None,
            resize=bool(offer and offer.resized),
            metadata=metadata,
        )
    record, offer = trained.record, trained.choices.offer
    seed = int(record.settings.get("seed", 0))
    metadata = {"seed": seed, "trained": True, "dataset": record.data}
    if record.test_accuracy is not None:
        metadata["accuracy"] = record.test_accuracy
    return Source(graph, title, trained.weights, offer.source, offer.resized, seed, metadata)


def job_of(graph: Graph, trained: Trained | None, asked: Choices | None) -> "Job":
    """The training a project repeats: that of the run, or what the form asks for. Raises ValueError, a sentence."""
    from netbuilder.engine import Job

    if trained is not None and trained.record.settings:
        return Job.from_dict(graph, trained.record.settings)
    if asked is None:
        raise ValueError(NO_DATA)
    return asked.job(graph)


def learned_words(trained: Trained) -> str:
    """'Trained (run of 14:02, 91.3 % on test)'."""
    record = trained.record
    if record.folder is None and record.note:
        return f"Trained ({record.note})"
    when = (
        f"{record.began:%H:%M}" if record.began.date() == datetime.now().date() else f"{record.began:%Y-%m-%d, %H:%M}"
    )
    told = f"{record.test_accuracy * 100:.1f} % on test" if record.test_accuracy is not None else record.note.lower()
    return f"Trained (run of {when}, {told})"


def why_initial(trained: Trained | None, suits: bool, kind: str) -> str:
    """Why there are no trained weights; '' where there are."""
    if suits:
        return ""
    if trained is not None:
        return "The last run was of another design: its weights do not fit this one."
    so = {"onnx": "the file will hold random initial weights", "project": "the project starts from initial weights"}
    return f"Nothing has been trained yet, so {so.get(kind, 'the code comes without weights')}."
