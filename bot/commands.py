"""What each command does, once its options are read."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rich.text import Text

from bot.console import (
    Block,
    counted,
    note,
    print_json,
    printable_line,
    progress_bar,
    say,
    show,
    stdout,
    waiting,
    warnings_as_notes,
)
from bot.failures import EXIT_CHECK_FAILED, explain
from bot.filtering import checked_filter
from bot.samples import find_samples
from bot.settings import Settings
from retrieval.datatypes import Article, Filter
from retrieval.errors import LibraryMissing, ReceiptError, SettingError
from retrieval.library import Library

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from retrieval.embedding import Embedder

BuildEmbedder = Callable[[Settings], "Embedder"]


@dataclass(frozen=True, slots=True)
class Workplace:
    """The index that a command works on, with what, and its standard input."""

    settings: Settings
    folder: Path
    build: BuildEmbedder
    stdin: BinaryIO

    def __post_init__(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise SettingError(f"The index {self.folder} is a file. Name a folder with --index.")


@contextmanager
def opened_assistant(place: Workplace, *, may_build: bool) -> Iterator[tuple["Assistant", dict[str, str]]]:
    """Open the index for questions and describe it; in a fresh clone, build it from the samples first."""
    from bot.assembly import build_assistant, build_indexer
    from bot.receipts import describe_index

    embedder = place.build(place.settings)
    try:
        Library.open_any(place.folder).close()
    except LibraryMissing:
        samples = find_samples() if may_build else None
        if samples is None:
            raise
        note(
            f"There is no index yet, so one is built from the sample articles in {samples}{os.sep}. "
            "For your own articles: footnote index FOLDER"
        )
        from retrieval.articles import read_articles

        with progress_bar() as progress:
            reading = read_articles([samples])
            build_indexer(place.settings, place.folder, embedder).update(reading, progress)
    with waiting("opening the index …"):
        assistant = build_assistant(place.settings, place.folder, embedder)
    with closing(assistant):
        manifest = build_indexer(place.settings, place.folder, embedder).manifest
        yield assistant, describe_index(place.settings, manifest)


def ask_question(place: Workplace, question: str, asked: Filter, *, in_json: bool, may_build: bool) -> None:
    """Answer one question, from the articles that are asked."""
    from bot.live_text import show_as_written
    from bot.receipts import json_line, receipt_of
    from bot.replies import show_answer
    from bot.terminal_chat import readable

    with warnings_as_notes(), opened_assistant(place, may_build=may_build) as (assistant, index):
        where = checked_filter(asked, assistant.library)
        if in_json:
            with waiting("reading …"):
                answer = assistant.answer(readable(question), where=where)
            print_json(json_line(receipt_of(answer, index)))
        else:
            written = assistant.stream(readable(question), where=where)
            show_answer(show_as_written(written, stdout()), stdout())


def hold_chat(
    place: Workplace, *, in_json: bool, may_build: bool, name: str | None = None, goes_on: bool = False
) -> None:
    """Answer questions until there are no more, in the conversation of a name, the latest or a new one."""
    from bot.conversations import opened_talk
    from bot.terminal_chat import (
        LineChat,
        Talk,
        chat_in_lines,
        chat_in_receipts,
        chat_on_terminal,
        tell_trouble,
    )

    if goes_on and (name or in_json):
        raise SettingError("--continue goes with neither --conversation nor --json. Name one conversation.")

    def explained(error: Exception) -> str:
        return explain(error, place.folder)

    with warnings_as_notes(), ExitStack() as files:
        assistant, index = files.enter_context(opened_assistant(place, may_build=may_build))
        talk = Talk(assistant)
        if name is not None or not in_json:
            talk = files.enter_context(opened_talk(place, assistant, index, name, goes_on=goes_on))
        if in_json:
            chat_in_receipts(talk, place.stdin, print_json, index, explained)
        else:
            chat = LineChat(talk, stdout(), explained)
            if place.stdin.isatty() and sys.stdout.isatty():
                chat_on_terminal(chat, place.folder)
            else:
                chat_in_lines(chat, place.stdin)
        talk.finish()
        tell_trouble(talk)


def list_articles(place: Workplace, asked: Filter) -> None:
    """Show what the index holds of what is asked for, and how it was built."""
    with closing(Library.open_any(place.folder)) as library:
        where = checked_filter(asked, library)
        found = library.articles(library.ids(where)).values()
        manifest, passages, every = library.manifest(), library.passage_count(), len(library.ids())
    articles = sorted(found, key=lambda article: (article.published or "", article.id))
    size = sum(file.stat().st_size for file in place.folder.rglob("*") if file.is_file())
    languages = Counter(article.language or "unknown" for article in articles).most_common()
    publishers = len({article.publisher for article in articles if article.publisher})
    facts = [
        (
            "Articles",
            f"{len(articles)} of {every}" if where else f"{every} in {counted(passages, 'passage')}",
        ),
        ("Publishers", str(publishers)),
        ("Dates", _dates(articles)),
        ("Languages", ", ".join(f"{code} ({count})" for code, count in languages)),
        ("Index", f"{place.folder}, {size / 1_000_000:.1f} MB"),
        ("Model", manifest.get("embedder", "unknown")),
        ("Passages", manifest.get("passages", "unknown")),
    ]
    console = stdout()
    show([Block(Text(printable_line(value)), Text(name.ljust(12), "dim")) for name, value in facts], console)
    for article in reversed(articles):
        lead = Text(f"{(article.published or 'no date')[:10]:<12}", "dim")
        about = [article.publisher, article.language, article.id]
        details = printable_line(" · ".join(fact for fact in about if fact))
        title = Block(Text(printable_line(article.title)), lead)
        show([Block(), title, Block(Text(details, "dim"), Text(" " * 12))], console)


def verify_receipts(place: Workplace, name: str) -> int:
    """Check every citation of a file of receipts again."""
    from bot.receipts import read_receipts
    from bot.verifying import Standing, Verifier

    try:
        library = Library.open_any(place.folder)
    except LibraryMissing:
        library = None
    verifier = Verifier(library)
    receipts = corrected = 0
    fates = Counter[Standing]()
    shown = "standard input" if name == "-" else name
    try:
        with nullcontext(place.stdin) if name == "-" else open(name, "rb") as lines:
            for line, claims in read_receipts(lines, shown):
                receipts += 1
                for claim in claims:
                    check = verifier.check(claim)
                    fates[check.standing] += 1
                    corrected += check.is_corrected
                    for remark in check.remarks:
                        say(f"line {line}, citation {claim.number}, {claim.article_id}: {remark}")
    except OSError as error:
        raise ReceiptError(f"Cannot read {shown}: {(error.strerror or str(error)).lower()}.") from error
    finally:
        if library:
            library.close()
    if not receipts:
        raise ReceiptError(f"There is no receipt in {shown}. Give a file that `footnote ask --json` wrote.")
    citations, stand = fates.total(), fates[Standing.STANDS]
    all_stand = stand == citations
    found = [("all stand" if all_stand else f"{stand} stand") if citations else "nothing to check"]
    found += [f"{fates[one]} {one}" for one in Standing if one != Standing.STANDS and fates[one]]
    found += [f"{corrected} with a correction"] if corrected else []
    say(f"{counted(receipts, 'receipt')}, {counted(citations, 'citation')}: {', '.join(found)}")
    return 0 if all_stand else EXIT_CHECK_FAILED


def _dates(articles: Sequence[Article]) -> str:
    dates = sorted(article.published[:10] for article in articles if article.published)
    missing = len(articles) - len(dates)
    known = f"{dates[0]} to {dates[-1]}" if dates else "none"
    return f"{known}, {missing} without" if dates and missing else known
