"""Read a Word file (.docx) as an article: paragraphs and tables, in order, as they stand after changes."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from retrieval.formats import Draft, Unreadable
from retrieval.metadata import confirmed
from retrieval.page_data import one_line
from retrieval.zipped import open_archive

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph

_KIND = "a .docx file"
# Text that was struck out, and the second copy of a text box, for older programs.
_LEFT_OUT = frozenset({"del", "moveFrom", "Fallback", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr"})

_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_word_file(data: bytes) -> Draft:
    """Read a .docx file. When it was made is not when its article was published, so that stays unknown.

    Raises:
        Unreadable: It is damaged, protected, a zip bomb, or holds no text.
    """
    open_archive(data, _KIND).close()
    try:
        found = _opened(data)
        lines = [line for line in _blocks(found.element.body) if line.strip()]
        titles = (
            line.text for line in found.paragraphs[:50] if _style(line) == "title" and line.text.strip()
        )
        title = next(titles, None)
        properties = found.core_properties
        stated_title, stated_author = properties.title, properties.author
    except Unreadable:
        raise
    except Exception as error:  # python-docx lets out whatever it meets in XML that is not as it should be
        raise Unreadable(f"it is damaged, or not {_KIND}") from error
    text = "\n".join(lines)
    if not text:
        raise Unreadable("it holds no text")
    fields = {
        "title": one_line(title) or confirmed(stated_title, text),
        "author": confirmed(stated_author, text),
    }
    return Draft(text, fields)


def _opened(data: bytes) -> "Document":
    from docx import Document

    return Document(BytesIO(data))


def _style(paragraph: "Paragraph") -> str:
    return (paragraph.style.name or "").casefold() if paragraph.style is not None else ""


def _blocks(parent: "BaseOxmlElement") -> Iterator[str]:
    """The lines of paragraphs and of the rows of tables."""
    for element in parent:
        name = _name(element)
        if name == "p":
            yield _inline(element)
        elif name == "tr":
            cells = ("\n".join(filter(None, map(str.strip, _blocks(cell)))) for cell in _cells(element))
            yield " | ".join(cell.replace("\n", " ") for cell in cells if cell)
        elif name not in _LEFT_OUT:
            yield from _blocks(element)


def _cells(row: "BaseOxmlElement") -> Iterator["BaseOxmlElement"]:
    for element in row:
        if _name(element) == "tc":
            yield element
        elif _name(element) not in _LEFT_OUT:
            yield from _cells(element)


def _inline(parent: "BaseOxmlElement") -> str:
    pieces: list[str] = []
    for element in parent:
        name = _name(element)
        if name == "t":
            pieces.append(element.text or "")
        elif name in _SIGNS:
            pieces.append(_SIGNS[name])
        elif name == "txbxContent":
            pieces.append("\n" + "\n".join(_blocks(element)) + "\n")
        elif name not in _LEFT_OUT:
            pieces.append(_inline(element))
    return "".join(pieces)


def _name(element: "BaseOxmlElement") -> str:
    # Comments of XML have no name.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "del"
