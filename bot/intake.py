"""How articles come in: the commands `footnote index` and `footnote watch`."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.assembly import build_gatherer, build_indexer
from bot.commands import Workplace
from bot.console import counted, note, progress_bar, say, warnings_as_notes
from bot.failures import EXIT_CHECK_FAILED
from bot.shown import shown_time
from retrieval.articles import Reading
from retrieval.errors import FootnoteError, LibraryMissing, SettingError
from retrieval.gathering import named_source
from retrieval.indexing import IndexReport
from retrieval.library import Library
from retrieval.sources import Source

_MOST_UNKNOWN = 10


@dataclass(slots=True)
class _Tally:
    """What was done so far, over all that was read."""

    added: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    unknown: Counter[str] = field(default_factory=Counter)
    problems: int = 0

    def take(self, reading: Reading, report: IndexReport) -> None:
        self.added.update(report.added)
        self.changed.update(report.changed)
        self.removed.update(report.removed)
        self.note(reading)

    def note(self, reading: Reading) -> None:
        self.problems += len(reading.problems)
        self.unknown.update(reading.unknown_fields)
        for sentence in (*reading.problems, *reading.warnings):
            note(f"footnote: {sentence}")

    @property
    def counts(self) -> str:
        return f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed"


def index_articles(place: Workplace, sources: Sequence[str], *, rebuild: bool) -> int:
    """Bring the index up to what the sources hold, or build it anew from what it holds."""
    if not sources and not rebuild:
        raise SettingError(
            "Nothing to index. Name a file, a folder, a pattern such as 'news/**/*.md', a page as "
            "https://…, a feed as feed:https://…, or - for standard input; --rebuild alone builds the index "
            "anew from the articles it holds."
        )
    tally = _Tally()
    with warnings_as_notes(), _interruptible(place.folder):
        exists = _take_in(place, sources, tally, rebuild=rebuild)
    _tell_of_unknown(tally.unknown)
    if not exists:
        note("footnote: No article could be read, so no index was made.")
        return EXIT_CHECK_FAILED
    with closing(Library.open_any(place.folder)) as library:
        articles, passages = len(library.ids()), library.passage_count()
    rest = articles - len(tally.added) - len(tally.changed)
    done = "rebuilt" if rebuild else "unchanged"
    say(f"{counted(articles, 'article')}: {tally.counts}, {rest} {done}, {counted(passages, 'passage')}")
    return EXIT_CHECK_FAILED if tally.problems else 0


def watch_sources(place: Workplace, names: Sequence[str], *, once: bool) -> int:
    """Keep sources fresh until it is stopped, or look once at those that are due."""
    from retrieval.watching import Watcher

    tally = _Tally()
    with warnings_as_notes(), _interruptible(place.folder):
        if names and not _take_in(place, names, tally, rebuild=False):
            note("footnote: No article could be read, so no index was made.")
            return EXIT_CHECK_FAILED
        indexer = build_indexer(place.settings, place.folder, place.build(place.settings))
        _check_index(place.folder, indexer.manifest)
        if names:
            _tell_of_round(tally)
        with closing(build_gatherer(place.settings, place.folder)) as gatherer:
            watcher = Watcher(place.folder, indexer, gatherer)
            for told in watcher.look() if once else watcher.rounds():
                if isinstance(told, str):
                    note(f"footnote: {told}")
                    continue
                seen = _Tally()
                seen.take(told.reading, told.report)
                tally.problems += seen.problems
                if seen.added or seen.changed or seen.removed:
                    _tell_of_round(seen)
    return EXIT_CHECK_FAILED if tally.problems else 0


def list_sources(place: Workplace) -> None:
    """Show what is watched, and how it fares."""
    with closing(Library.open_any(place.folder)) as library:
        sources = library.sources.watched()
    if not sources:
        say("Nothing is watched yet. Name a feed or a folder: footnote watch feed:https://…")
    for source in sources:
        say(f"{source.name}: {_state(source)}")


def forget_source(place: Workplace, name: str) -> None:
    """Watch a source no more; its articles stay.

    Raises:
        SettingError: It is not watched.
    """
    with closing(Library.open_any(place.folder)) as library:
        known = [source.name for source in library.sources.watched()]
        source = named_source(name)
        chosen = source.name if source else os.path.abspath(os.path.expanduser(name))
        if not library.sources.drop(chosen):
            every = ", ".join(known[:_MOST_UNKNOWN]) or "nothing"
            raise SettingError(f"{name!r} is not watched. Watched are: {every}.")
    say(f"{chosen} is watched no more; its articles stay.")


def _take_in(place: Workplace, names: Sequence[str], tally: _Tally, *, rebuild: bool) -> bool:
    """Read what is named into the index, a few articles at a time; tell whether there is an index now."""
    indexer = build_indexer(place.settings, place.folder, place.build(place.settings))
    with progress_bar() as progress:
        # Whatever is wrong with the index shows before a thousand files are read for it.
        exists = _check_index(place.folder, None if rebuild else indexer.manifest)
        if rebuild and not (names and not exists):
            indexer.rebuild(progress)
            exists = True
        if not names:
            return exists
        with closing(build_gatherer(place.settings, place.folder)) as gatherer:
            for reading in gatherer.gather(
                names, stdin=place.stdin, progress=lambda done, total: progress("reading", done, total)
            ):
                if reading.articles or exists:
                    tally.take(reading, indexer.update(reading, progress))
                    exists = True
                else:
                    tally.note(reading)
    return exists


def _state(source: Source) -> str:
    if source.failures:
        last = f", last read {shown_time(source.succeeded)}" if source.succeeded else ""
        return f"failing for {counted(source.failures, 'time')}{last}. {source.problem}"
    return f"read {shown_time(source.succeeded)}" if source.succeeded else "not read yet"


def _tell_of_round(tally: _Tally) -> None:
    say(f"{datetime.now():%Y-%m-%d %H:%M}  {tally.counts}")


@contextmanager
def _interruptible(folder: Path) -> Iterator[None]:
    """Tell what is kept when somebody has enough of waiting."""
    try:
        yield
    except KeyboardInterrupt:
        kept = 0
        with suppress(FootnoteError), closing(Library.open_any(folder)) as library:
            kept = len(library.ids())
        note(
            f"footnote: Interrupted with {counted(kept, 'article')} in the index. The same command goes on "
            "from there."
        )
        raise


def _check_index(folder: Path, manifest: dict[str, str] | None) -> bool:
    """Tell whether there is an index, and make sure that it was built as this manifest says."""
    try:
        library = (
            Library.open_any(folder, may_be_older=True)
            if manifest is None
            else Library.open(folder, manifest)
        )
    except LibraryMissing:
        return False
    library.close()
    return True


def _tell_of_unknown(fields: Counter[str]) -> None:
    unknown = sorted(fields.items(), key=lambda item: (-item[1], item[0]))
    if unknown:
        named = ", ".join(f"{name} ({count})" for name, count in unknown[:_MOST_UNKNOWN])
        more = f" and {len(unknown) - _MOST_UNKNOWN} more" if len(unknown) > _MOST_UNKNOWN else ""
        note(f"footnote: Fields that are not known were left out: {named}{more}.")
