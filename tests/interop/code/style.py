"""What ruff says of generated code, by its own defaults: style and layout as most people have them."""

import subprocess
import sys
from pathlib import Path


def ruff(*words: str | Path) -> str:
    """What ruff's default rules have to say; nothing where all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *map(str, words), "--isolated", "--no-cache"],
        capture_output=True,
        text=True,
        cwd=words[-1],
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""
