"""Tell how new what an answer is drawn from is, where articles come from feeds and pages."""

from datetime import date, timedelta

from bot.shown import shown_time
from prompts.phrases import phrase
from retrieval.addresses import shown_address
from retrieval.datatypes import Filter
from retrieval.library import Library
from retrieval.sources import Source

# One failure can be a moment's; a feed that failed so often in a row is told of.
_FAILURES = 3
_MOST_NAMED = 3


def tell_freshness(library: Library, where: Filter | None, language: str) -> tuple[str, ...]:
    """Tell of the newest article that was considered, the last update, and the feeds and pages that fail.

    Args:
        library: Holds the articles.
        where: Which of them were considered.
        language: That of the question.

    Returns:
        A line each; none where no feed and no page is watched.
    """
    sources = [source for source in library.sources.watched() if source.kind != "files"]
    updated = max((source.succeeded for source in sources if source.succeeded), default=None)
    if not updated:
        return ()
    # No clock is trusted beyond tomorrow: somewhere it is that day already.
    newest = library.newest(where, (date.today() + timedelta(days=1)).isoformat())
    when = phrase("newest", language, newest=newest[:10]) if newest else phrase("newest_unknown", language)
    failing = [source for source in sources if source.failures >= _FAILURES]
    return (
        f"{when} {phrase('updated', language, updated=shown_time(updated))}",
        *(_failing(source, language) for source in failing[:_MOST_NAMED]),
    )


def _failing(source: Source, language: str) -> str:
    name = shown_address(source.name.removeprefix("feed:"))
    if not source.succeeded:
        return phrase("never_read", language, source=name)
    return phrase("not_read_since", language, source=name, since=shown_time(source.succeeded))
