"""Mend the markup of a feed, so that feedparser reads it as it is meant, in a time that can be foreseen."""

import html
import re

from retrieval.formats import Unreadable

_ENTRY = re.compile(r"<(?:[\w-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_FEED = re.compile(
    r"\s*+(?:<\?xml[^>]*>\s*+)?(?:<!--(?:(?!-->).){0,2000}+-->\s*+)*+<(?:rss|feed|rdf:rdf)\b",
    re.IGNORECASE | re.DOTALL,
)
_ROOT_END = re.compile(r"</(?:[\w-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_SIGN = re.compile(
    r"<!\[CDATA\[(?P<raw>.*?)(?:\]\]>|\Z)"
    r"|&(?:(?P<number>#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});)|(?P<name>[A-Za-z]\w{0,30};))?",
    re.DOTALL,
)
_REFERENCES = {"<": "&#60;", ">": "&#62;", "&": "&#38;"}
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DUBLIN_CORE_DATE = "{http://purl.org/dc/elements/1.1/}date"
_ISSUED = "{http://purl.org/dc/terms/}issued"
_MAX_ELEMENTS = 200_000
# They describe pictures and recordings, and feedparser takes that for the article's text.
_MEDIA = ("{http://search.yahoo.com/mrss/}*", "{http://www.itunes.com/dtds/podcast-1.0.dtd}*")
DAMAGED = "the feed is damaged or cut off, and no entry of it can be read"


def starts_feed(text: str) -> bool:
    """Tell whether a document is a feed, by how it begins."""
    return bool(_FEED.match(text))


def mended(text: str, max_entries: int) -> tuple[bytes, bool]:
    """Give well-formed XML without half an entry at its end, and whether anything had to be mended.

    Raises:
        Unreadable: Nothing in it can be read, or it is too large.
    """
    from lxml import etree

    is_cut = _ROOT_END.search(text) is None
    if is_cut:
        ends = [end.end() for end in _ENTRY_END.finditer(text)]
        start = _ENTRY.search(text)
        text = text[: ends[-1]] if ends else text[: start.start()] if start else text
    text = _SIGN.sub(_as_references, _UNSEEN.sub("", text))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        tree = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(DAMAGED) from error
    if tree is None:
        raise Unreadable(DAMAGED)
    entries = [element for element in tree.iter("{*}item", "{*}entry") if element.getparent() is not None]
    for element in [*entries[max_entries:], *tree.iter(*_MEDIA)]:
        if element.getparent() is not None:
            element.getparent().remove(element)
    if sum(1 for _ in tree.iter()) > _MAX_ELEMENTS:
        raise Unreadable(f"the feed has more than {_MAX_ELEMENTS:,} elements")
    for element in tree.iter("{*}guid"):
        # A guid counts as the link where the feed does not deny it, though many are mere numbers.
        if not (element.text or "").strip().lower().startswith(("http:", "https:")):
            element.set("isPermaLink", "false")
    # feedparser takes it for the date of the last change.
    for element in list(tree.iter(_DUBLIN_CORE_DATE)):
        parent = element.getparent()
        if any(_local_name(other) in ("pubdate", "published") for other in parent.iterchildren()):
            parent.remove(element)
        else:
            element.tag = _ISSUED
    return etree.tostring(tree), is_cut or bool(parser.error_log)


def _as_references(match: re.Match[str]) -> str:
    """Spell signs by number, as libxml2 drops every "&lt;" that follows what it has to mend."""
    if match["raw"] is not None:
        return "".join(_REFERENCES.get(sign, sign) for sign in match["raw"])
    if match["number"]:
        return match[0]
    character = html.unescape(match[0]) if match["name"] else match[0]
    return (
        "".join(f"&#{ord(sign)};" for sign in character) if character != match[0] else f"&#38;{match[0][1:]}"
    )


def _local_name(element: object) -> str:
    return str(getattr(element, "tag", "")).rpartition("}")[2].lower()
