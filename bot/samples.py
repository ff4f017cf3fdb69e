"""Find the sample articles that come with a clone of Footnote."""

import tomllib
from pathlib import Path

_FOLDER, _PROJECT, _NAME = "seeds", "pyproject.toml", "footnote-bot"


def find_samples() -> Path | None:
    """Find the samples in the current folder, where that is a clone; anybody else's `seeds` are not ours."""
    try:
        project = tomllib.loads(Path(_PROJECT).read_text("utf-8")).get("project", {})
    except (OSError, ValueError):
        return None
    is_ours = isinstance(project, dict) and project.get("name") == _NAME
    return Path(_FOLDER) if is_ours and Path(_FOLDER).is_dir() else None
