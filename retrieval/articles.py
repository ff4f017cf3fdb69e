"""Read articles from files, folders, patterns and streams: cleaned, named apart, with what they state."""

import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path, PurePath
from typing import BinaryIO

from retrieval.characters import mend
from retrieval.datatypes import Article
from retrieval.dates import is_dateline, iso_date, read_stated
from retrieval.errors import ArticleError, FootnoteError
from retrieval.files import Scope, find_files, find_scope, irregular_reason
from retrieval.formats import (
    DOCUMENT_SUFFIXES,
    MAX_BYTES,
    Draft,
    Unreadable,
    read_drafts,
    read_piped,
)
from retrieval.residue import clean_text, is_headline
from retrieval.sources import Source
from retrieval.wording import detect_language

_LOG = logging.getLogger(__name__)
_MAX_ID, _MAX_TITLE, _MAX_PROBLEMS_A_FILE = 200, 90, 20
_EMPTY = "is empty once cleaned"


@dataclass(frozen=True, slots=True)
class Reading:
    """What files, folders and streams gave.

    `problems` and `warnings` are one sentence each: a problem kept out an article, a warning a field.
    `failed_paths` exist but could not be read whole, so what was read from them earlier should be kept;
    `sources` is what to remember of where they came from.
    """

    articles: tuple[Article, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown_fields: Mapping[str, int] = field(default_factory=dict)
    failed_paths: frozenset[str] = frozenset()
    scopes: tuple[Scope, ...] = ()
    sources: tuple[Source, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether this reading would have met an article file at the path, were it there."""
        return any(scope.holds(path) for scope in self.scopes) and not any(
            str(folder) in self.failed_paths for folder in PurePath(path).parents
        )


@dataclass(slots=True)
class Pile:
    """What has been read so far."""

    articles: list[Article] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    failed_paths: set[str] = field(default_factory=set)

    def add(
        self, drafts: Iterable[Draft | Unreadable], path: str | None, *, read: str | None = None
    ) -> list[Article]:
        """Put the articles of one place on the pile, and a sentence for each that cannot be read.

        Args:
            drafts: What was read.
            path: The file or the address that they stood in.
            read: When.
        """
        added: list[Article] = []
        failed = 0
        for draft in drafts:
            article = draft if isinstance(draft, Unreadable) else _article(draft, path, self)
            if isinstance(article, Article):
                added.append(replace(article, read=read))
                continue
            failed += 1
            if path is not None and not str(article).endswith(_EMPTY):
                self.failed_paths.add(path)
            if failed <= _MAX_PROBLEMS_A_FILE:
                self.problems.append(f"Cannot read {_shown(path)}: {article}.")
        if failed > _MAX_PROBLEMS_A_FILE:
            more = failed - _MAX_PROBLEMS_A_FILE
            self.problems.append(f"Cannot read {more} more articles of {_shown(path)}.")
        self.articles += added
        return added

    def reading(self, *, scopes: tuple[Scope, ...] = (), sources: tuple[Source, ...] = ()) -> Reading:
        """Give what was read, with names apart."""
        return Reading(
            articles=distinct_ids(self.articles, {}),
            problems=tuple(self.problems),
            warnings=tuple(self.warnings),
            unknown_fields=dict(self.unknown_fields),
            failed_paths=frozenset(self.failed_paths),
            scopes=scopes,
            sources=sources,
        )


def read_articles(
    what: Iterable[str | Path],
    *,
    stdin: BinaryIO | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read the articles of files, folders, glob patterns and, for "-", of a stream."""
    names = [os.fspath(name) for name in what]
    if not names:
        raise ArticleError("Nothing to read. Name a file, a folder or a pattern such as 'news/**/*.md'.")
    pile = Pile()
    scopes = tuple(find_scope(name) for name in names if name != "-")
    unreadable: dict[str, str] = {}
    paths: dict[str, str] = {}
    for scope in scopes:
        for found in find_files(scope, unreadable):
            paths.setdefault(os.path.realpath(found), found)
    for folder, why in unreadable.items():
        pile.failed_paths.add(folder)
        pile.problems.append(f"Cannot read the folder {_shown(folder)}: {why}.")
    steps: list[str | None] = [*paths.values(), *([None] if "-" in names else [])]
    for number, path in enumerate(steps, 1):
        if path is None:
            _read_stream(stdin or sys.stdin.buffer, pile)
        else:
            _read_file(path, pile)
        if progress:
            progress(number, len(steps))
    return pile.reading(scopes=scopes)


@contextmanager
def faults_are_unreadable(shown: str) -> Iterator[None]:
    """Take for unreadable whatever makes a library fail on a file or a page, which strangers have written.

    Args:
        shown: How it is called in the log, where the fault is told in full.

    Raises:
        Unreadable: Something failed.
    """
    try:
        yield
    except (FootnoteError, OSError, Unreadable):
        raise
    except Exception as error:
        _LOG.info("%s could not be read", shown, exc_info=True)
        raise Unreadable("it holds something that could not be read") from error


def drafts_in(stream: BinaryIO, suffix: str) -> Iterable[Draft | Unreadable]:
    """Read the articles of one file of any kind.

    Raises:
        Unreadable: Nothing in it can be read.
    """
    if suffix not in DOCUMENT_SUFFIXES:
        return read_drafts(stream, suffix)
    from retrieval.documents import read_document

    return read_document(stream.read(MAX_BYTES + 1), suffix)


def distinct_ids(articles: Iterable[Article], taken: Mapping[str, str]) -> tuple[Article, ...]:
    """Rename newcomers so that no two articles share an id; `taken` maps the ids in use to their paths.

    An article that is read again from its path keeps the id it has there.
    """
    newcomers = _numbered(articles)
    ids: dict[int, str] = {}
    used = set(taken)
    kept: set[str] = set()
    groups: dict[str, list[int]] = {}
    for place, article in enumerate(newcomers):
        own = article.path or ""
        known = [name for name in _earlier_names(article) if name in taken and taken[name] == own]
        if known and known[0] not in kept:
            ids[place] = known[0]
            kept.add(known[0])
        else:
            groups.setdefault(article.id, []).append(place)
    # The names nobody else wants are given first, so that a renamed article never takes one of them.
    for name, group in sorted(groups.items(), key=lambda item: len(item[1])):
        members = [newcomers[place] for place in group]
        if len(group) == 1 and name not in used:
            names = [name]
            used.add(name)
        else:
            names = _names_apart(members, used)
        ids.update(zip(group, names, strict=True))
    return tuple(
        article if ids[place] == article.id else replace(article, id=ids[place])
        for place, article in enumerate(newcomers)
    )


def _numbered(articles: Iterable[Article]) -> list[Article]:
    """Tell the articles of one file apart where they have the same id: the second becomes `id#2`."""
    numbered: list[Article] = []
    seen: set[tuple[str | None, str]] = set()
    last: dict[tuple[str | None, str], int] = {}
    for article in articles:
        name, number = article.id, last.get((article.path, article.id), 0) + 1
        if number > 1:
            name = _cut(article.id, f"#{number}")
        while (article.path, name) in seen:
            number += 1
            name = _cut(article.id, f"#{number}")
        seen.add((article.path, name))
        last[article.path, article.id] = number
        numbered.append(article if number == 1 else replace(article, id=name))
    return numbered


def _cut(name: str, ending: str = "") -> str:
    return name[: _MAX_ID - len(ending)] + ending


def _prefixed(name: str, path: str, level: int, *, with_file: bool = False) -> str:
    """The id with `level` folders in front, and with the file's suffix, or its name before another id."""
    file = PurePath(path)
    folders = [part for part in file.parent.parts if part != file.anchor][-level:] if level else []
    last = [name] if not with_file else [file.name] if name == _clean_id(file.stem) else [file.name, name]
    return _cut("/".join([*folders, *last]))


def _earlier_names(article: Article) -> Iterator[str]:
    """The ids that this article may have been given before, the plainest first after its own."""
    yield article.id
    if article.path:
        depth = len(PurePath(article.path).parts)
        stem = _clean_id(PurePath(article.path).stem)
        for level in range(depth):
            for with_file in (False, True):
                yield _prefixed(article.id, article.path, level, with_file=with_file)
                renamed = _prefixed(stem, article.path, level, with_file=with_file)
                if article.id.endswith((f"/{stem}", f"/{PurePath(article.path).name}")):
                    yield renamed


def _names_apart(articles: Sequence[Article], used: set[str]) -> list[str]:
    """New ids for articles that share one: folders in front, then the file's suffix, then a number.

    They are put among those in use.
    """
    paths = [PurePath(article.path or "") for article in articles]
    folders = Counter(path.parent for path in paths)
    depth = max(len(path.parts) for path in paths)
    level = 1
    while level < depth and len({folder.parts[-level:] for folder in folders}) < len(folders):
        level += 1
    names: list[str] = []
    numbers = (_cut(articles[0].id, f"#{number}") for number in count(2))
    for article, path in zip(articles, paths, strict=True):
        is_shared = folders[path.parent] > 1
        candidates = [
            _prefixed(article.id, str(path), higher, with_file=with_file)
            for higher in range(level, depth + 1)
            for with_file in ((True,) if is_shared else (False, True))
            if article.path
        ]
        names.append(next(name for name in chain(candidates, numbers) if name not in used))
        used.add(names[-1])
    return names


def _read_file(path: str, pile: Pile) -> None:
    try:
        if refusal := _refusal(path):
            raise Unreadable(refusal)
        with open(path, "rb") as stream, faults_are_unreadable(_shown(path)):
            pile.add(drafts_in(stream, PurePath(path).suffix.lower()), path)
    except (OSError, Unreadable) as error:
        reason = (
            (error.strerror or "it cannot be opened").lower() if isinstance(error, OSError) else str(error)
        )
        pile.failed_paths.add(path)
        pile.problems.append(f"Cannot read {_shown(path)}: {reason}.")


def _refusal(path: str) -> str | None:
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not valid UTF-8; rename it"
    return irregular_reason(path)


def _read_stream(stream: BinaryIO, pile: Pile) -> None:
    try:
        pile.add(read_piped(stream), None)
    except (OSError, Unreadable) as error:
        pile.problems.append(f"Cannot read standard input: {error}.")


def _article(draft: Draft, path: str | None, pile: Pile) -> Article | Unreadable:
    fields = draft.fields
    cleaned = clean_text(draft.text)
    if not cleaned:
        return Unreadable(f"{draft.place or 'it'} {_EMPTY}")
    pile.unknown_fields.update(draft.unknown)
    where = f"{_shown(path)}, {draft.place}" if draft.place else _shown(path)
    title, text = _split_title(cleaned, _said(fields.get("title")))
    language = _language(fields.get("language")) or detect_language(text)
    stated = read_stated(mend(draft.text).split("\n"), language)
    dates: dict[str, str | None] = {}
    for name, fallback in (("published", stated.published), ("modified", stated.modified)):
        given = fields.get(name)
        dates[name] = fallback if given is None else iso_date(given, language)
        if given is not None and dates[name] is None:
            pile.warnings.append(
                f"In {where} the date {str(given)[:60]!r} cannot be read, so it was left out."
            )
    stem = "stdin" if path is None else PurePath(path).stem
    return Article(
        id=_clean_id(_said(fields.get("id")) or stem),
        title=title,
        text=text,
        publisher=_said(fields.get("publisher")) or stated.publisher,
        author=_said(fields.get("author")),
        published=dates["published"],
        modified=dates["modified"],
        language=language,
        url=_said(fields.get("url")),
        correction=_said(fields.get("correction")),
        path=path,
    )


def _split_title(text: str, given: str | None) -> tuple[str, str]:
    """The title, and the text without it where it stands alone at the beginning."""
    lines = text.split("\n")
    first = next((place for place, line in enumerate(lines) if line and not is_dateline(line)), 0)
    line, rest = lines[first], "\n".join(lines[first + 1 :])
    without = mend("\n".join([*lines[:first], rest]))
    if given:
        return given, without if rest.strip() and line.casefold() == given.casefold() else text
    is_wrapped = rest[:1].islower()  # the next line goes on with the sentence
    if is_headline(line) and rest.strip() and not is_wrapped:
        return line, without
    if len(line) <= _MAX_TITLE:
        return line, text
    cut = line[:_MAX_TITLE].rpartition(" ")[0] or line[: _MAX_TITLE - 1]
    return cut.rstrip(" ,;:–—-") + "…", text


def _said(value: object) -> str | None:
    """A field as one line of text; a list is joined, an object gives its name."""
    if isinstance(value, list):
        return ", ".join(part for part in map(_said, value) if part) or None
    if isinstance(value, dict):
        return _said(value.get("name"))
    if value is None or isinstance(value, bool):
        return None
    return " ".join(mend(str(value)[:1000]).split()) or None


def _clean_id(name: str) -> str:
    return _cut(" ".join(mend(name).split())).strip() or "article"


def _language(value: object) -> str | None:
    match = re.fullmatch(r"([a-z]{2})(?:[-_].*)?", str(value).strip().lower())
    return match[1] if match else None


def _shown(path: str | None) -> str:
    """The path as it can be printed, whatever bytes its name holds."""
    return "standard input" if path is None else os.fsencode(path).decode(errors="replace")
