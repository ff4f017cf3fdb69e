"""Read a book (EPUB) as one article for each chapter, in the order of the book."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from retrieval.formats import Draft, Unreadable
from retrieval.page_data import one_line
from retrieval.page_dates import pick_date
from retrieval.page_lines import text_lines
from retrieval.page_tree import decode_page, parse
from retrieval.zipped import open_archive, read_part

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_KIND = "an .epub file"
_ENOUGH = 200  # characters; with less it is a cover, a half-title or a page of ornaments
_MAX_CHAPTERS = 2_000
_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_TEXT_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
# HTML knows no such end, and takes all that follows for the title or the script.
_SELF_CLOSED = re.compile(
    rb"<(title|script|style|iframe|textarea|div|p|a|span|i|b|em)\b([^<>]*)/>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    title: str | None
    fields: dict[str, object]
    paths: tuple[str, ...]


def read_book(data: bytes, today: date) -> list[Draft | Unreadable]:
    """Read an EPUB: one draft for each chapter, titled "Book: Chapter".

    Args:
        data: The file as it came.
        today: A date of publication that lies more than a day after it is left out.

    Raises:
        Unreadable: It is damaged, protected, a zip bomb, or no chapter holds text.
    """
    with open_archive(data, _KIND) as archive:
        package = _read_package(archive, today)
        protected = _protected(archive)
        if package.paths and protected.issuperset(package.paths):
            raise Unreadable("it is protected against copying (DRM), so its text cannot be read")
        drafts = list(_chapters(archive, package))
    if not any(isinstance(draft, Draft) for draft in drafts):
        raise (
            drafts[0]
            if drafts and isinstance(drafts[0], Unreadable)
            else Unreadable("it is a book in which no chapter holds text")
        )
    return drafts


def _chapters(archive: ZipFile, package: _Package) -> Iterator[Draft | Unreadable]:
    for number, path in enumerate(package.paths[:_MAX_CHAPTERS], 1):
        place = f"chapter file {number}"
        try:
            page = decode_page(read_part(archive, path, _KIND)).encode()
            tree = parse(_SELF_CLOSED.sub(rb"<\1\2></\1>", page), "utf-8")
        except Unreadable as error:
            yield Unreadable(f"{place}: {error}")
            continue
        heads = (one_line(head.text_content()) for head in tree.xpath("//h1 | //h2 | //h3 | //head/title"))
        heading = next(
            (head for head in heads if head and head != package.title and not _is_file(head)), None
        )
        text = text_lines(tree)
        if len(text) >= _ENOUGH:
            title = ": ".join(part for part in (package.title, heading) if part) or None
            yield Draft(text, {**package.fields, "title": title}, place=place)


def _is_file(name: str) -> bool:
    return re.fullmatch(r"[\w-]+\.x?html?|\W*(?:unknown|untitled|cover)\W*", name, re.IGNORECASE) is not None


def _read_package(archive: ZipFile, today: date) -> _Package:
    container = _xml(read_part(archive, _CONTAINER, _KIND))
    path = next(
        (root.get("full-path") for root in container.iter("{*}rootfile") if root.get("full-path")), None
    )
    if path is None:
        raise Unreadable("it is damaged: it does not say what its chapters are")
    package = _xml(read_part(archive, path, _KIND))
    folder = posixpath.dirname(path)
    items = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        for item in package.iter("{*}item")
        if item.get("media-type") in _TEXT_TYPES and "nav" not in (item.get("properties") or "").split()
    }
    spine = (items.get(reference.get("idref")) for reference in package.iter("{*}itemref"))
    title = next(_values(package, "title"), None)
    dates = [
        one_line(found.text)
        for found in package.iter("{http://purl.org/dc/elements/1.1/}date")
        if found.get("{http://www.idpf.org/2007/opf}event") in (None, "publication")
    ]
    language = next(_values(package, "language"), None)
    fields: dict[str, object] = {
        "author": list(_values(package, "creator")) or None,
        "publisher": next(_values(package, "publisher"), None),
        "published": pick_date(dates, language, today),
        "language": language,
    }
    return _Package(title=title, fields=fields, paths=tuple(dict.fromkeys(path for path in spine if path)))


def _values(package: "Element", name: str) -> Iterator[str]:
    for found in package.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}"):
        if value := one_line(found.text):
            yield value


def _protected(archive: ZipFile) -> frozenset[str]:
    """The files that are encrypted; fonts often are, in books that can be read."""
    if _ENCRYPTION not in archive.namelist():
        return frozenset()
    tree = _xml(read_part(archive, _ENCRYPTION, _KIND))
    return frozenset(unquote(found.get("URI") or "") for found in tree.iter("{*}CipherReference"))


def _xml(data: bytes) -> "Element":
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("it is damaged: what lists its chapters cannot be read") from error
    if tree is None:
        raise Unreadable("it is damaged: what lists its chapters cannot be read")
    return tree
