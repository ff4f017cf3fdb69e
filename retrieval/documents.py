"""Turn the bytes of a file of pages, mail or a book into drafts of articles, whatever made it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from retrieval.books import read_book
from retrieval.formats import MAX_BYTES, Draft, Unreadable
from retrieval.mails import read_mail
from retrieval.page_dates import Clock
from retrieval.pages import read_page
from retrieval.pdf_pages import read_pdf
from retrieval.word_files import read_word_file

Drafts = list[Draft | Unreadable]
_READERS: Mapping[str, Callable[[bytes, Clock], Drafts]] = {
    ".pdf": lambda data, _: [read_pdf(data)],
    ".docx": lambda data, _: [read_word_file(data)],
    ".eml": lambda data, today: [read_mail(data, today)],
    ".epub": read_book,
    ".html": lambda data, today: [read_page(data, today=today).draft],
    ".htm": lambda data, today: [read_page(data, today=today).draft],
    ".xhtml": lambda data, today: [read_page(data, today=today).draft],
}


def read_document(data: bytes, suffix: str, *, today: Clock | None = None) -> Drafts:
    """Read a file: one draft, or one for each chapter of a book.

    A chapter that cannot be read is given in its place, as `retrieval.formats.read_drafts` does.

    Args:
        data: The file as it came.
        suffix: Of its name, ".pdf".
        today: What counts as the future; now, in UTC, where it is not given.

    Raises:
        Unreadable: Nothing in it can be read; the message says why.
    """
    reader = _READERS.get(suffix.lower())
    if reader is None:
        raise Unreadable(f"it is of a kind that is not read ({suffix[:60]!r})")
    if not data.strip(b"\0\t\n\r "):
        raise Unreadable("it is empty")
    if len(data) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    return reader(data, today or datetime.now(UTC).date())
