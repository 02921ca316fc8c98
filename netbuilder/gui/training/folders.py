"""Where the runs of a design are kept: beside its file, or with the application's data while it has none."""

from pathlib import Path

import platformdirs

from netbuilder.gui.filing import file_name


def runs_folder(path: Path | None, title: str) -> Path:
    """`NAME.runs` beside NAME.netb; for a design without a file the same below the user's data folder."""
    if path is not None:
        return path.with_name(f"{path.stem}.runs")
    return Path(platformdirs.user_data_dir("netbuilder", appauthor=False)) / "runs" / f"{file_name(title)}.runs"
