"""Read what a page states for machines: schema.org objects in JSON-LD, and meta tags."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.characters import mend
from retrieval.page_tree import Element

Object = Mapping[str, object]
_MAX_SCRIPT, _MAX_OBJECTS = 3_000_000, 20_000
_WRAPPING = re.compile(r"<!--|-->|<!\[CDATA\[|\]\]>|//\s*(?=\n|$)")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ARTICLE = re.compile(r"(?:\w*Article|\w*BlogPosting|Report|SocialMediaPosting)")
_PAGE = re.compile(r"\w*(?:WebPage|ItemPage|AboutPage)")
_LISTING = re.compile(r"CollectionPage|ItemList|SearchResultsPage|ProfilePage")


@dataclass(frozen=True, slots=True)
class Statements:
    """What a page states: schema.org objects by their kind, and meta tags by their lower-case name.

    `named` gives the name of what has an id, for objects that refer to it by that.
    """

    articles: Sequence[Object] = ()
    pages: Sequence[Object] = ()
    is_listing: bool = False
    named: Mapping[str, object] = field(default_factory=dict)
    meta: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def first(self, *names: str) -> str | None:
        """Give the first meta tag of these names, in the order of the names."""
        return next(self.every(*names), None)

    def every(self, *names: str) -> Iterator[str]:
        """Give all meta tags of these names, in the order of the names."""
        return (content for name in names for content in self.meta.get(name, ()))

    def names(self, value: object) -> list[str]:
        """Read the names of people or organisations: text, objects, references to objects, lists of these."""
        if isinstance(value, list):
            return list(dict.fromkeys(name for item in value[:50] for name in self.names(item)))
        if isinstance(value, dict):
            named = value.get("name") or self.named.get(str(value.get("@id")))
            return [name for item in _as_list(named) if (name := one_line(item))]
        return [name] if (name := one_line(value)) else []


def read_statements(tree: Element) -> Statements:
    """Collect the JSON-LD and the meta tags of a page."""
    objects = [item for text in _scripts(tree) for item in _objects(_load(text))][:_MAX_OBJECTS]
    nested = [part for item in objects for value in item.values() for part in objects_of(value)]
    named = {
        str(item["@id"]): item["name"] for item in [*nested, *objects]
        if "@id" in item and "name" in item
    }  # fmt: skip
    return Statements(
        articles=[item for item in objects if has_type(item, _ARTICLE)],
        pages=[item for item in objects if has_type(item, _PAGE)],
        is_listing=any(has_type(item, _LISTING) for item in objects),
        named=named,
        meta=_meta(tree),
    )


def has_type(item: Object, kind: re.Pattern[str]) -> bool:
    """Whether one of the schema.org types of an object matches."""
    return any(kind.fullmatch(str(name).rpartition("/")[2]) for name in _as_list(item.get("@type")))


def one_line(value: object) -> str | None:
    """Give a stated text as one line without markup; None for anything but text."""
    if not isinstance(value, str):
        return None
    return " ".join(_MARKUP.sub(" ", mend(value[:5000])).split()) or None


def objects_of(value: object) -> list[Object]:
    """Give the objects in a value that may be one or a list of them."""
    return [item for item in _as_list(value) if isinstance(item, dict)]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _meta(tree: Element) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = one_line(element.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := element.get(attribute)):
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _scripts(tree: Element) -> Iterator[str]:
    for script in tree.iter("script"):
        kind = (script.get("type") or "").lower()
        if kind.startswith("application/ld+json") and script.text and len(script.text) <= _MAX_SCRIPT:
            yield script.text


def _load(text: str) -> list[object]:
    """Read JSON as pages hold it: several values in a row, stray commas, comments around, entities inside."""
    text = text.strip()
    if re.match(r"[{[]\s*&quot;", text):
        text = html.unescape(text)
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", _WRAPPING.sub("", text))):
        values: list[object] = []
        place = 0
        try:
            while start := re.compile(r"[{[]").search(candidate, place):
                value, place = json.JSONDecoder(strict=False).raw_decode(candidate, start.start())
                values.append(value)
        except (ValueError, RecursionError):
            if not values:
                continue
        return values
    return []


def _objects(values: object) -> Iterator[Object]:
    """The objects that describe the page, however they are wrapped; not those that they refer to."""
    pile: list[object] = [values]
    for _ in range(_MAX_OBJECTS):
        if not pile:
            return
        item = pile.pop()
        if isinstance(item, list):
            pile.extend(reversed(item))
        elif isinstance(item, dict):
            yield item
            pile.extend(
                item[key] for key in ("mainEntityOfPage", "mainEntity", "@graph")
                if isinstance(item.get(key), list | dict)
            )  # fmt: skip
