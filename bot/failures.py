"""Say what went wrong in one sentence; keep the details of what should not have gone wrong in a log."""

import os
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from retrieval.errors import FootnoteError

LOG_NAME = "footnote-errors.log"
# What a command ends with: a person can mend it, or it is a bug (EX_SOFTWARE of sysexits.h).
EXIT_CHECK_FAILED, EXIT_MENDABLE, EXIT_BUG = 1, 2, 70


def explain(error: Exception, folder: Path | None) -> str:
    """Say what went wrong and what to do; what is a bug is logged in the index's folder under a number."""
    if isinstance(error, FootnoteError):
        return str(error)
    if _is_mendable(error):
        assert isinstance(error, OSError)
        return f"Cannot use {os.fsdecode(error.filename)}: {(error.strerror or '').lower()}."
    number = token_hex(4)
    log = _log(error, number, folder)
    details = f"Its details are in {log}." if log else "Its details could not be written anywhere."
    return f"Something went wrong inside Footnote: error {number}. {details}"


def exit_code(error: Exception) -> int:
    """Choose what a command that failed ends with."""
    return EXIT_MENDABLE if isinstance(error, FootnoteError) or _is_mendable(error) else EXIT_BUG


def _is_mendable(error: Exception) -> bool:
    """Tell whether the system refused a file by name: a full disk, a folder that may not be written."""
    return isinstance(error, OSError) and isinstance(error.filename, str | bytes) and bool(error.strerror)


def _log(error: Exception, number: str, folder: Path | None) -> Path | None:
    details = "".join(traceback.format_exception(error))
    entry = f"error {number} at {datetime.now():%Y-%m-%d %H:%M:%S}\n{details}\n"
    folders = [folder] if folder and folder.is_dir() else []
    for path in (place / LOG_NAME for place in [*folders, Path(tempfile.gettempdir())]):
        try:
            # Another user may have put a link of this name into the system's folder for temporary files.
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(path, flags, 0o600), "a", encoding="utf-8", errors="replace") as log:
                log.write(entry)
        except OSError:
            continue
        return path
    return None
