"""Read what a web page states about its article: title, authors, publisher, language, corrections."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from retrieval.page_data import Object, Statements, has_type, objects_of, one_line, read_statements
from retrieval.page_dates import Clock, dates_of, pick_date
from retrieval.page_tree import Element

_LIVE = re.compile(r"LiveBlogPosting")
_SEPARATOR = r"\s+[|–—·»:•/-]\s+"
_BYLINE = re.compile(
    r"(?:\s*(?:written\s+by|by|di|av|von|par|por|door|text|af)\b\s*:?\s*)?(?P<name>[^\d|@:;()]{3,60}?)\s*",
    re.I,
)
_NO_NAME = re.compile(
    r"https?:|www\.|@|^\W*$|^(?:admin|administrator|editor|staff|user\d*|null|undefined|author)$", re.I
)
# What an address says of how a page is shown, not of what.
_EDITION = re.compile(r"amp|print|mobile|m")
_EDITION_ENDING = re.compile(r"(?:\.amp|[-_]amp)?(?:\.(?:html?|php|aspx?|amp))?$")
# Words or a number of its own tell an article apart without the parameters behind it.
_SLUG = re.compile(r"[^-_]+[-_][^-_]+[-_]|\d{4}")
_DEVICE = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=.+\..)")


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction that the page states; its date is ISO 8601."""

    text: str
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a page states about its article; `body` is the text as stated for machines.

    `headlines` are all forms of the title, and `is_article` says whether the page calls itself one.
    """

    title: str | None
    headlines: Sequence[str]
    authors: Sequence[str]
    publisher: str | None
    published: str | None
    modified: str | None
    language: str | None
    address: str | None
    corrections: tuple[Correction, ...]
    body: str
    is_article: bool
    is_live: bool
    is_listing: bool
    is_paywalled: bool


def read_facts(tree: Element, address: str | None, clock: Clock) -> Facts:
    """Read all that the page states; `address` is where it was fetched from."""
    stated = read_statements(tree)
    canonical = _canonical(tree, stated, address)
    article = _chosen(stated, [canonical, address], _headings(tree, stated, {}))
    headlines = _headings(tree, stated, article)
    language = _language(tree, stated, article)
    publisher = _publisher(stated, article, headlines, canonical)
    published, modified = dates_of(tree, stated, article, language=language, address=canonical, clock=clock)
    is_article = bool(article) or (stated.first("og:type") or "").lower().endswith("article")
    return Facts(
        title=_title(headlines, publisher, canonical),
        headlines=headlines,
        authors=_authors(tree, stated, article),
        publisher=publisher,
        published=published,
        modified=modified,
        language=language,
        address=canonical,
        corrections=tuple(_corrections(article, clock, language)),
        body=_body(article),
        is_article=is_article,
        is_live=has_type(article, _LIVE),
        is_listing=not is_article and (stated.is_listing or len(stated.articles) > 2),
        is_paywalled=_is_paywalled(stated, article),
    )


def _chosen(stated: Statements, addresses: Sequence[str | None], headlines: Sequence[str]) -> Object:
    """The object that describes this page's article: by its address or headline where there are several."""
    if len(stated.articles) <= 1:
        return next(iter(stated.articles), {})
    known = {_bare_address(address) for address in addresses if address}
    titles = {headline.casefold() for headline in headlines}
    for item in stated.articles:
        page = item.get("mainEntityOfPage")
        own = [item.get("url"), item.get("@id"), page, *(part.get("@id") for part in objects_of(page))]
        if any(_bare_address(value) in known for value in own if isinstance(value, str)):
            return item
    for item in stated.articles:
        if any(title.startswith((one_line(item.get("headline")) or "\0").casefold()) for title in titles):
            return item
    same = {one_line(item.get("headline")) for item in stated.articles}
    return stated.articles[0] if len(same) == 1 else {}


def _bare_address(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|[?#].*$|/$", "", address)


def _headings(tree: Element, stated: Statements, article: Object) -> list[str]:
    h1 = [text for element in tree.iter("h1") if (text := one_line(element.text_content()))]
    titles = [text for element in tree.xpath("//head//title") if (text := one_line(element.text_content()))]
    found = [
        one_line(article.get("headline")) or one_line(article.get("name")), stated.first("og:title"),
        stated.first("dc.title", "dcterms.title", "twitter:title", "parsely-title", "headline"),
        *(h1 if len(h1) == 1 else []), *titles[:1], *h1[:1],
    ]  # fmt: skip
    return list(dict.fromkeys(text for text in found if text))


def _title(headlines: Sequence[str], publisher: str | None, address: str | None) -> str | None:
    """The first headline, whole where it was cut short, without the name of the site behind it."""
    title = next((line for line in headlines if line != publisher and not _names_site(line, address)), None)
    title = title or next(iter(headlines), None)
    if title is None:
        return None
    if title.endswith(("…", "...")):
        start = title.rstrip("….").strip()
        title = next((other for other in headlines if other.startswith(start) and other != title), title)
    parts = re.split(rf"({_SEPARATOR})", title)
    if len(parts) > 2 and (parts[-1] == publisher or _names_site(parts[-1], address)):
        return "".join(parts[:-2])
    return title


def _authors(tree: Element, stated: Statements, article: Object) -> list[str]:
    meta = ("author", "article:author", "og:article:author", "byl", "dc.creator", "dcterms.creator",
            "parsely-author", "sailthru.author", "citation_author", "article:author_name")  # fmt: skip
    groups: Iterable[Iterable[str]] = (
        stated.names(article.get("author")) or stated.names(article.get("creator")),
        *([*stated.every(name)] for name in meta),
        *(
            [element.text_content() for element in tree.xpath(path)[:3]]
            for path in (
                "//*[contains(@itemprop, 'author')]//*[@itemprop='name'] | //*[@itemprop='author'][not(*)]",
                "//a[@rel='author']",
                "//*[contains(concat(' ', @class, ' '), ' byline ') or contains(@class, 'author-name')"
                " or contains(@class, 'author_name') or contains(@class, 'byline__name')]",
            )
        ),
    )
    for group in groups:
        names = [name for text in group if (name := _person(text))]
        if names:
            return list(dict.fromkeys(names))[:20]
    return []


def _person(text: str) -> str | None:
    line = (one_line(text) or "").strip(" ,|·•-–—")
    match = _BYLINE.fullmatch(line)
    if match is None or _NO_NAME.search(match["name"]) or len(match["name"].split()) > 9:
        return None
    return match["name"].strip(" ,") or None


def _publisher(
    stated: Statements, article: Object, headlines: Sequence[str], address: str | None
) -> str | None:
    """The name of the site as stated, else of the article's publisher, else what stands behind its title."""
    site = [
        stated.first("og:site_name"), *stated.names(article.get("publisher")),
        *(name for page in stated.pages for name in stated.names(page.get("publisher"))),
        stated.first("publisher", "dc.publisher", "dcterms.publisher", "rbpubname", "citation_journal_title"),
        stated.first("application-name", "apple-mobile-web-app-title", "al:ios:app_name"),
    ]  # fmt: skip
    for name in site:
        if name and name not in headlines and not _NO_NAME.search(name):
            return re.split(_SEPARATOR, name)[0]
    for line in headlines:
        start, _, name = re.sub(_SEPARATOR, "\n", line).rpartition("\n")
        is_behind_title = any(line.startswith(f"{other} ") for other in headlines)
        if start and len(name.split()) <= 5 and (is_behind_title or _names_site(name, address)):
            return name
    return None


def _names_site(name: str, address: str | None) -> bool:
    """Whether the name stands, letter by letter, in the host: "The Hill" in thehill.com."""
    host = re.sub(r"[^a-z0-9.]", "", _host(address))
    squeezed = re.sub(r"\W|_|\.(?:com|org|net)$", "", name.casefold())
    labels = [label for label in host.split(".")[:-1] if len(label) > 2 and label != "www"]
    return len(squeezed) > 2 and (
        squeezed in host.replace(".", "") or any(label in squeezed for label in labels)
    )


def _language(tree: Element, stated: Statements, article: Object) -> str | None:
    given = [
        article.get("inLanguage"),
        *(html.get(name) for html in tree.iter("html") for name in ("lang", "xml:lang")),
        *(page.get("inLanguage") for page in stated.pages),
        stated.first("content-language", "dc.language", "dcterms.language", "inlanguage", "og:locale"),
    ]  # fmt: skip
    for value in given:
        for code in (
            [value] if isinstance(value, str) else [part.get("alternateName") for part in objects_of(value)]
        ):
            if match := re.fullmatch(r"([a-z]{2})(?:[-_].*)?", str(code).strip().lower()):
                return match[1]
    return None


def _canonical(tree: Element, stated: Statements, address: str | None) -> str | None:
    """The address that the page gives as its own, where it is of the same site; else the fetched one."""
    links = [
        link.get("href")
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    for given in (*links[:2], stated.first("og:url")):
        if given and (own := _same_site(given.strip(), address)):
            return own
    return address


def _same_site(given: str, address: str | None) -> str | None:
    try:
        whole = urljoin(address or "", given)
        parts = urlsplit(whole)
        if parts.scheme not in ("http", "https") or "@" in parts.netloc or not parts.hostname:
            return None
        if address is None:
            return parts._replace(fragment="").geturl()
        fetched = urlsplit(address)
        own, there = (_DEVICE.sub("", name.lower()) for name in (_host(address), parts.hostname))
        is_same = own == there and (parts.port == fetched.port or own != _host(address) or "." in own)
    except ValueError:
        return None
    return parts._replace(fragment="").geturl() if is_same and _names_the_same(parts, fetched) else None


def _names_the_same(given: SplitResult, fetched: SplitResult) -> bool:
    """Tell whether an address can be that of a page that was fetched, as it ends alike.

    Sites name their front page, or the section, on every page by mistake: two articles must not become one.
    """
    own, there = (
        [part for part in parts.path.lower().split("/") if part and not _EDITION.fullmatch(part)]
        for parts in (given, fetched)
    )
    last, its_last = (_EDITION_ENDING.sub("", parts[-1]) if parts else "" for parts in (own, there))
    is_told_apart = given.query or not fetched.query or bool(_SLUG.search(last))
    return last == its_last and bool(is_told_apart)


def _host(address: str | None) -> str:
    try:
        return (urlsplit(address or "").hostname or "").lower()
    except ValueError:
        return ""


def _corrections(article: Object, clock: Clock, language: str | None) -> Iterable[Correction]:
    given = article.get("correction")
    for item in (given if isinstance(given, list) else [given])[:50]:
        if isinstance(item, dict):
            text = next(
                (line for key in ("text", "description", "name") if (line := one_line(item.get(key)))), None
            )
            dates = [item.get(key) for key in ("datePublished", "dateCreated", "dateModified")]
        else:
            text, dates = one_line(item), []
        if text:
            yield Correction(text, pick_date(dates, language, clock))


def _body(article: Object) -> str:
    """The text that the page states for machines; of a live blog, its entries."""
    body = article.get("articleBody")
    if isinstance(body, str):
        return body
    entries = objects_of(article.get("liveBlogUpdate"))[:2000]
    texts = [
        text for entry in entries for key in ("headline", "articleBody")
        if isinstance(text := entry.get(key), str) and text.strip()
    ]  # fmt: skip
    return "\n\n".join(texts)


def _is_paywalled(stated: Statements, article: Object) -> bool:
    parts = [article, *objects_of(article.get("hasPart")), *stated.pages]
    is_closed = any(
        str(part.get("isAccessibleForFree")).rpartition("/")[2].lower() == "false" for part in parts
    )
    return is_closed or (stated.first("article:content_tier") or "").lower() == "locked"
