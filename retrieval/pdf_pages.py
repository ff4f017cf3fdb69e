"""Read the text layer of a PDF as an article, within limits on time and on what it unpacks to."""

import logging
import time
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from retrieval.formats import Draft, Unreadable
from retrieval.metadata import confirmed
from retrieval.pdf_lines import join_pages

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_PAGES = 2_000
_MAX_SECONDS = 120
_MAX_STREAM, _MAX_UNPACKED = 20_000_000, 200_000_000
_MAX_OPERATIONS = 500_000  # on a page
_FEW_LETTERS = 25  # on a page: a stamp or a number, where the rest is a picture


def read_pdf(data: bytes) -> Draft:
    """Read a PDF. When it was made is not when its article was published, so that stays unknown.

    Raises:
        Unreadable: It is damaged, protected, too large, a scan, or holds no text.
    """
    from pypdf import apply_configuration
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    # It warns of every flaw in a file that it then reads all the same.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with apply_configuration(
            array_based_stream_maximum_output_length=_MAX_STREAM,
            brotli_maximum_output_length=_MAX_STREAM,
            lzw_maximum_output_length=_MAX_STREAM,
            stream_parsing_work_maximum_count=_MAX_OPERATIONS,
            run_length_maximum_output_length=_MAX_STREAM,
            zlib_maximum_output_length=_MAX_STREAM,
        ):
            return _read(data)
    except Unreadable:
        raise
    except (DependencyError, FileNotDecryptedError, NotImplementedError) as error:
        raise Unreadable("it is protected in a way that is not read; save it without protection") from error
    except LimitReachedError as error:
        raise Unreadable("it unpacks to more than may be read") from error
    except Exception as error:  # pypdf lets out errors of every kind on damaged files
        raise Unreadable("it is a damaged PDF") from error


def _read(data: bytes) -> Draft:
    from pypdf import PdfReader

    if b"%PDF-" not in data[:1024]:
        raise Unreadable("it is no PDF")
    file = PdfReader(BytesIO(data), strict=False)
    if file.is_encrypted and not file.decrypt(""):
        raise Unreadable("it is protected with a password; save it without one")
    if len(file.pages) > MAX_PAGES:
        raise Unreadable(f"it has more than {MAX_PAGES:,} pages; split it")
    pages = list(_pages(file))
    text = join_pages(pages)
    letters = sum(sign.isalnum() for sign in text)
    if letters < _FEW_LETTERS * len(pages) and sum(map(_has_picture, file.pages)) >= len(pages) / 2:
        raise Unreadable(
            "it is a scan: its pages hold pictures and no text; run text recognition (OCR) over it first"
        )
    if not letters:
        raise Unreadable("it is a PDF that holds no text")
    if letters < 0.5 * len("".join(text.split())):
        raise Unreadable("its letters cannot be read, as its fonts do not say which they are")
    about = file.metadata
    return Draft(
        text,
        {
            "title": confirmed(about.title if about else None, text),
            "author": confirmed(about.author if about else None, text),
        },
    )


def _pages(file: "PdfReader") -> Iterator[str]:
    end, unpacked = time.monotonic() + _MAX_SECONDS, 0

    def watch(*_: object) -> None:
        if time.monotonic() > end:
            raise Unreadable(f"its pages take longer than {_MAX_SECONDS} seconds to read; split it")

    for page in file.pages:
        contents = page.get_contents()
        unpacked += len(contents.get_data()) if contents is not None else 0
        if unpacked > _MAX_UNPACKED:
            raise Unreadable("it unpacks to more than may be read")
    for page in file.pages:
        watch()
        # A single page can hold millions of operations.
        yield page.extract_text(visitor_operand_before=watch)


def _has_picture(page: "PageObject") -> bool:
    resources = page.get("/Resources")
    pictures = resources.get_object().get("/XObject") if resources is not None else None
    found = pictures.get_object().values() if pictures is not None else ()
    return any(item.get_object().get("/Subtype") == "/Image" for item in found)
