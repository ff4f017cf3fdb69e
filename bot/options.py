"""The options that commands share, and what a run of the program was given."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from retrieval.datatypes import Filter

if TYPE_CHECKING:
    from bot.commands import BuildEmbedder, Workplace
    from bot.settings import Settings
    from retrieval.embedding import Embedder

Index = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="Folder of the index; .footnote if not set otherwise."),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="Only articles of that day or later.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="Only articles of that day or earlier.")
]
Publishers = Annotated[
    list[str] | None, typer.Option("--publisher", metavar="NAME", help="Only articles of this outlet.")
]
Languages = Annotated[
    list[str] | None, typer.Option("--language", metavar="CODE", help="Only articles in this language.")
]
People = Annotated[
    list[str] | None,
    typer.Option("--person", metavar="NAME", help="Only articles that name this person, or office."),
]
Json = Annotated[bool, typer.Option("--json", help="Write receipts: one JSON object a question.")]


@dataclass(slots=True)
class Run:
    """One run of the program: what it was given, and which index it turned out to be about."""

    arguments: Sequence[str]
    build: "BuildEmbedder | None"
    stdin: BinaryIO | None
    folder: Path | None = None

    def workplace(self, index: Path | None) -> "Workplace":
        """Read the settings, and choose the index."""
        from bot.commands import Workplace
        from bot.settings import read_settings

        settings = read_settings()
        self.folder = index or settings.index
        # A program that is started without standard input has None there.
        stdin = self.stdin or (sys.stdin.buffer if sys.stdin else io.BytesIO())
        return Workplace(settings, self.folder, self.build or _build_embedder, stdin)


def _build_embedder(settings: "Settings") -> "Embedder":
    from bot.assembly import build_embedder

    return build_embedder(settings)


def filter_of(
    since: str | None,
    until: str | None,
    publishers: list[str] | None,
    languages: list[str] | None,
    people: list[str] | None,
) -> Filter:
    """Put the options that choose articles together."""
    return Filter(
        since=since,
        until=until,
        publishers=frozenset(publishers or ()),
        languages=frozenset(languages or ()),
        people=frozenset(people or ()),
    )


def run_of(context: typer.Context) -> Run:
    """Find what this run of the program was given."""
    found = context.find_object(Run)
    assert found is not None
    return found
