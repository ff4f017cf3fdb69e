"""Turn the bytes of a web page into a draft of its article: what it says, and what it states about itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from retrieval.characters import mend
from retrieval.formats import Draft, Unreadable
from retrieval.page_data import one_line
from retrieval.page_dates import Clock
from retrieval.page_facts import Correction, Facts, read_facts
from retrieval.page_tree import Element, parse
from retrieval.wording import detect_language

_ENOUGH = 250  # characters; of less, another way of reading is tried
_LABEL_WORDS = 3
_FRONT_PATH = re.compile(r"https?://[^/?#]+(?:/(?:[a-z]{2}(?:-[a-z]{2})?|index\.\w{3,5}|home))?/?", re.I)
_COOKIES = re.compile(
    r"\b(?:cookies?|kakor\w*|consent|samtyck\w*|consenso|einwilligung|consentement|consentimiento|toestemming)\b",
    re.IGNORECASE,
)
_ACCEPT = re.compile(
    r"\b(?:accept|agree|accett|acconsent|godkänn|akzept|zustimm|acept|tillåt|toestaan)", re.I
)
_NEEDS_SCRIPT = re.compile(r"java\s?script", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A web page read as an article, with what `Draft.fields` has no name for.

    `canonical` is also the draft's url; `corrections` are those that the publisher states (schema.org).
    """

    draft: Draft
    kind: Literal["article", "live blog"]
    canonical: str | None
    corrections: tuple[Correction, ...]
    is_paywalled: bool


def read_page(
    data: bytes, *, address: str | None = None, charset: str | None = None, today: Clock | None = None
) -> Page:
    """Read the article of a web page. Nothing is fetched.

    Args:
        data: The page as it came.
        address: Where it came from, after redirects.
        charset: What the HTTP header states.
        today: What counts as the future; now, in UTC, where it is not given.

    Raises:
        Unreadable: It holds no article, or none that can be read; the message says why.
    """
    tree = parse(data, charset)
    facts = read_facts(tree, address, today or datetime.now(UTC).date())
    shown = _shown_words(tree)
    linked = _linked_headlines(tree)
    has_script = next(tree.iter("script"), None) is not None
    text = _article_text(tree, facts)
    if facts.is_listing or _lists_articles(text, linked, facts, address):
        raise Unreadable("it lists articles and is none itself; name one of them, or the feed of the site")
    if reason := _refusal(text, shown, facts, has_script=has_script):
        raise Unreadable(reason)
    fields = {
        "title": facts.title,
        "author": list(facts.authors) or None,
        "publisher": facts.publisher,
        "published": facts.published,
        "modified": facts.modified,
        "language": _language(text, facts.language),
        "url": facts.address,
    }
    return Page(
        draft=Draft(text, fields),
        kind="live blog" if facts.is_live else "article",
        canonical=facts.address,
        corrections=facts.corrections,
        is_paywalled=facts.is_paywalled,
    )


def _lists_articles(text: str, linked: int, facts: Facts, address: str | None) -> bool:
    """Whether this is the front page of a site or section: by its address and by headlines that are links."""
    if facts.is_article:
        return False
    if address and _FRONT_PATH.fullmatch(address.partition("?")[0].partition("#")[0]):
        return linked >= 5
    return linked >= 8 and max((len(line.split()) for line in text.split("\n")), default=0) < 40


def _linked_headlines(tree: Element) -> int:
    heads = ("h1", "h2", "h3", "h4", "article")
    links = tree.xpath(" | ".join(f"//body//{head}//a[@href]" for head in heads))
    return len({link.get("href") for link in links if len(link.text_content().split()) > _LABEL_WORDS})


def _shown_words(tree: Element) -> int:
    """How many words a browser without JavaScript shows, the notice that it is missing left out."""
    texts = tree.xpath(
        "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"
    )
    return sum(len(str(text).split()) for text in texts)


def _article_text(tree: Element, facts: Facts) -> str:
    """The text of the article: what the page shows, or what it states where it shows too little of that."""
    stated = _stated_text(facts.body)
    if facts.is_paywalled:
        for script in tree.xpath("//script"):  # trafilatura would take the whole text from there
            script.drop_tree()
    _drop_teasers(tree)
    text, fuller = _extracted(tree, is_precise=True), _extracted(tree, is_fast=True)
    # Being precise costs a line or two; where it costs half the text it has missed the article.
    if len(fuller) > 2 * len(text):
        text = fuller
    if len(text) < _ENOUGH:
        text = max(text, _extracted(tree), key=len)
    if len(text) < _ENOUGH and len(stated) > 2 * len(text) and not facts.is_paywalled:
        text = stated
    return _without_title(text, facts.headlines)


def _extracted(tree: Element, *, is_precise: bool = False, is_fast: bool = False) -> str:
    from trafilatura import bare_extraction

    found = bare_extraction(tree, include_comments=False, favor_precision=is_precise, fast=is_fast)
    text = getattr(found, "text", None)
    return mend(text) if isinstance(text, str) else ""


def _drop_teasers(tree: Element) -> None:
    """Take out the lines that only name another article: all of it a link but for a label of a few words."""
    for line in list(tree.iter("p")):
        linked = sum(len(link.text_content().split()) for link in line.iter("a") if link.get("href"))
        if linked > _LABEL_WORDS and len(line.text_content().split()) - linked <= _LABEL_WORDS:
            line.drop_tree()


def _stated_text(body: str) -> str:
    """The text that a page states for machines, with its paragraphs as lines."""
    text = re.sub(r"<(?:/p|br ?/?|/h\d|/li|/div)>", "\n", mend(body))
    return mend("\n".join(one_line(line) or "" for line in text.split("\n")))


def _without_title(text: str, headlines: Sequence[str]) -> str:
    """The text without the headline that stands over it."""
    known = {_letters(headline) for headline in headlines}
    lines = text.split("\n")
    for place, line in enumerate(lines[:3]):
        if line and _letters(line) in known:
            return "\n".join(lines[:place] + lines[place + 1 :]).strip()
    return text


def _letters(line: str) -> str:
    return re.sub(r"\W", "", line.casefold())


def _refusal(text: str, shown: int, facts: Facts, *, has_script: bool) -> str | None:
    words = text.split()
    if len(words) < 40 and (_NEEDS_SCRIPT.search(text) or (has_script and shown < 10 and len(words) < 10)):
        return "it holds no text without JavaScript"
    if not words:
        return "no article was found in it"
    if len(words) < 250 and len(_COOKIES.findall(text)) >= max(3, 0.03 * len(words)) and _ACCEPT.search(text):
        known = {word for line in facts.headlines for word in line.casefold().split() if len(word) > 4}
        if not facts.is_article or known.isdisjoint(text.casefold().split()):
            return "it shows only a question about cookies"
    return None


def _language(text: str, stated: str | None) -> str | None:
    """The stated language; that of the text where it is long enough to tell that the page is wrong."""
    detected = detect_language(text) if len(text) >= 200 or stated is None else None
    return detected or stated
