"""Read when a page says that its article was published and changed, as precisely as it says so."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from retrieval.dates import iso_date, read_stated
from retrieval.page_data import Object, Statements, one_line
from retrieval.page_tree import Element

Clock = date
_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "datepublished", "og:published_time",
    "published_time", "article.published", "pubdate", "publishdate", "publish_date", "publish-date",
    "published_date", "publication_date", "sailthru.date", "parsely-pub-date", "cxenseparse:recs:publishtime",
    "dc.date.issued", "dcterms.issued", "dc.date.created", "dcterms.created", "dc.date", "dcterms.date",
    "citation_publication_date", "og:pubdate", "originalpublicationdate", "datecreated", "date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time", "article.updated",
    "lastmod", "last-modified", "dc.date.modified", "dcterms.modified", "revision_date", "modified_date",
)  # fmt: skip
_OUTSIDE = "[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::a or ancestor::li)]"
_DATED = " or ".join(
    f"contains(@{attribute}, '{word}')"
    for attribute in ("class", "id", "itemprop", "data-testid")
    for word in ("date", "Date", "time", "Time", "publish", "posted", "updated", "byline")
)
_IN_ADDRESS = re.compile(
    r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>\d{1,2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"[/-](?P<day>\d{1,2})(?=[/_-]|$)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EARLIEST = 1800


def dates_of(
    tree: Element,
    stated: Statements,
    article: Object,
    *,
    language: str | None,
    address: str | None,
    clock: Clock,
) -> tuple[str | None, str | None]:
    """Read the dates of publication and of the last change, each ISO 8601 or None."""
    pages = [article, *stated.pages]
    times = list(_times(tree))
    visible = list(_visible(tree, language))
    published = pick_date(
        [
            *(page.get("datePublished") for page in pages), *stated.every(*_PUBLISHED_META),
            article.get("dateCreated"), *(value for kind, value in times if kind == "published"),
            *(first for first, _ in visible),
        ],
        language, clock,
    ) or next(
        (
            iso for value in [*(value for kind, value in times if kind == "any"), _in_address(address)]
            if (iso := pick_date([value], language, clock))
        ),
        None,
    )  # fmt: skip
    modified = pick_date(
        [
            *(page.get("dateModified") for page in pages), *stated.every(*_MODIFIED_META),
            *(value for kind, value in times if kind == "modified"), *(last for _, last in visible),
        ],
        language, clock,
    )  # fmt: skip
    is_before = published is not None and modified is not None and modified[:10] < published[:10]
    return published, None if is_before else modified


def pick_date(values: Iterable[object], language: str | None, clock: Clock) -> str | None:
    """Take the first date that can be, as precisely as any statement gives that day.

    Args:
        values: Dates as they are stated, the most trusted first.
        language: How 07/11/2024 is to be read.
        clock: Today; what lies more than a day after it is left out, as are years that nobody published in.
    """
    read = [iso for value in values if (iso := iso_date(value, language)) and _can_be(iso, clock)]
    if not read:
        return None
    same = [read[0], *(iso for iso in read if iso[:10] == read[0][:10] and _agrees(iso, read[0]))]
    return max(same, key=_precision)


def _agrees(finer: str, iso: str) -> bool:
    """Whether the finer statement can be the same moment: zones move a time by hours, not minutes."""
    return len(iso) == 10 or finer[14:16] == iso[14:16]


def _precision(iso: str) -> int:
    return (len(iso) > 10) + 2 * bool(re.search(r"[+-]\d\d:\d\d$", iso))


def _can_be(iso: str, clock: Clock) -> bool:
    try:
        day = datetime.fromisoformat(iso).date()
    except ValueError:
        return False
    # What was never filled in is often shown as the first day of 1970.
    return day.year >= _EARLIEST and day <= clock + timedelta(days=1) and day != date(1970, 1, 1)


def _times(tree: Element) -> Iterator[tuple[str, str]]:
    """The moments of <time> elements, with what their names say of them; of the plain ones, the first."""
    is_first = True
    for element in tree.xpath(
        f"//time[@datetime]{_OUTSIDE} | //*[@itemprop][@content or @datetime]{_OUTSIDE}"
    ):
        value = element.get("datetime") or element.get("content")
        names = " ".join(element.get(name) or "" for name in ("itemprop", "class", "id", "pubdate")).lower()
        kind = "any" if element.get("datetime") and is_first else None
        if re.search("modif|updat", names):
            kind = "modified"
        elif re.search("publi|pubdate", names):
            kind = "published"
        if value and kind:
            is_first = is_first and kind != "any"
            yield kind, value


def _visible(tree: Element, language: str | None) -> Iterator[tuple[str | None, str | None]]:
    """The dates that short labelled texts of the page show."""
    for element in tree.xpath(f"//body//*[{_DATED}][count(.//*) < 30]{_OUTSIDE}")[:60]:
        text = one_line(element.text_content()[:400])
        if text and len(text) <= 160:
            read = read_stated([text], language)
            yield read.published, read.modified


def _in_address(address: str | None) -> str | None:
    match = _IN_ADDRESS.search(address or "")
    if match is None:
        return None
    month = match["month"] if match["month"].isdigit() else str(_MONTHS.index(match["month"]) + 1)
    return f"{match['year']}-{int(month):02}-{int(match['day']):02}"
