"""One writer at a time for the library of a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from retrieval.errors import DiskError, LibraryBusy


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the library of a folder for writing.

    Raises:
        LibraryBusy: Another process holds it.
        DiskError: The folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    holder = folder / "writer"
    lock = FileLock(folder / "writer.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        since = "who began just now"
        with suppress(OSError):
            since = holder.read_text("utf-8") or since
        raise LibraryBusy(
            f"The index at {folder} is being written by another footnote ({since}). Wait for it to end."
        ) from error
    except OSError as error:
        raise DiskError(
            f"The index cannot be written to {folder} ({error.strerror}). Name another folder with --index."
        ) from error
    try:
        # Without room on the disk nobody is told who writes, and that is all.
        with suppress(OSError):
            holder.write_text(f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}", "utf-8")
        yield
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()
