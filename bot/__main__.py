"""The command line: `footnote`, or `python -m bot`."""

import gc
import io
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from bot.evaluation.options import Only, Replay, SetName, SystemName
from retrieval.datatypes import Filter
from retrieval.errors import SettingError

if TYPE_CHECKING:
    from bot.commands import BuildEmbedder, Workplace
    from bot.settings import Settings
    from retrieval.embedding import Embedder

# Typer's own frames around help and errors do not fit a narrow terminal.
app = typer.Typer(name="footnote", rich_markup_mode=None, help=(
    "Ask your articles; every answer is made of words that stand in them, with footnotes."
))  # fmt: skip

_Index = Annotated[
    Path | None,
    typer.Option("--index", metavar="DIR", help="Folder of the index; .footnote if not set otherwise."),
]
_Since = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="Only articles of that day or later.")
]
_Until = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="Only articles of that day or earlier.")
]
_Publishers = Annotated[
    list[str] | None, typer.Option("--publisher", metavar="NAME", help="Only articles of this outlet.")
]
_Languages = Annotated[
    list[str] | None, typer.Option("--language", metavar="CODE", help="Only articles in this language.")
]
_Json = Annotated[bool, typer.Option("--json", help="Write receipts: one JSON object a question.")]


@dataclass(slots=True)
class _Run:
    """One run of the program: what it was given, and which index it turned out to be about."""

    arguments: Sequence[str]
    build: "BuildEmbedder | None"
    stdin: BinaryIO | None
    folder: Path | None = None

    def workplace(self, index: Path | None) -> "Workplace":
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


def _filter(
    since: str | None, until: str | None, publishers: list[str] | None, languages: list[str] | None
) -> Filter:
    return Filter(
        since=since,
        until=until,
        publishers=frozenset(publishers or ()),
        languages=frozenset(languages or ()),
    )


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"footnote {version('footnote-bot')}")
        except PackageNotFoundError:
            print("footnote, not installed")
        raise typer.Exit


@app.callback()
def footnote(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Hold what all commands share."""


@app.command()
def index(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="FOLDER...", help="Files, folders, patterns such as 'news/**/*.md', or -."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the index anew from the articles it holds.")
    ] = False,
    index_folder: _Index = None,
) -> None:
    """Read articles into the index: new ones, changed ones, and leave out those that are gone."""
    from bot.commands import index_articles

    place = _run_of(context).workplace(index_folder)
    raise typer.Exit(index_articles(place, sources or [], rebuild=rebuild))


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="What you want to know.")],
    since: _Since = None,
    until: _Until = None,
    publishers: _Publishers = None,
    languages: _Languages = None,
    json: _Json = False,
    index_folder: _Index = None,
) -> None:
    """Answer a question with quotations from the articles."""
    from bot.commands import ask_question

    place = _run_of(context).workplace(index_folder)
    asked = _filter(since, until, publishers, languages)
    ask_question(place, " ".join(question), asked, in_json=json, may_build=index_folder is None)


@app.command()
def chat(
    context: typer.Context,
    goes_on: Annotated[bool, typer.Option("--continue", help="Go on with the latest conversation.")] = False,
    name: Annotated[
        str | None,
        typer.Option("--conversation", metavar="NAME", help="Go on with this one, or begin it."),
    ] = None,
    json: _Json = False,
    index_folder: _Index = None,
) -> None:
    """Hold a conversation, which is kept; /help shows its commands."""
    from bot.commands import hold_chat

    place = _run_of(context).workplace(index_folder)
    hold_chat(place, in_json=json, may_build=index_folder is None, name=name, goes_on=goes_on)


@app.command()
def conversations(
    context: typer.Context,
    export: Annotated[
        str | None, typer.Option("--export", metavar="NAME", help="Write the receipts of one.")
    ] = None,
    forget: Annotated[str | None, typer.Option("--forget", metavar="NAME", help="Delete one.")] = None,
    forget_all: Annotated[bool, typer.Option("--forget-all", help="Delete all.")] = False,
    is_sure: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    index_folder: _Index = None,
) -> None:
    """List the conversations that are kept, export or delete them."""
    from bot.conversations import export_conversation, forget_conversations, list_conversations

    place = _run_of(context).workplace(index_folder)
    if (export is not None) + (forget is not None) + forget_all > 1:
        raise SettingError("Give one of --export, --forget and --forget-all.")
    if export is not None:
        export_conversation(place, export)
    elif forget is not None or forget_all:
        forget_conversations(place, forget, is_sure=is_sure)
    else:
        list_conversations(place)


@app.command()
def telegram(context: typer.Context, index_folder: _Index = None) -> None:
    """Answer in Telegram until it is stopped."""
    from bot.telegram_app.start import run_telegram

    run_telegram(_run_of(context).workplace(index_folder), may_build=index_folder is None)


@app.command()
def feedback(
    context: typer.Context,
    cases: Annotated[bool, typer.Option("--cases", help="Write cases that `evaluate` reads.")] = False,
    index_folder: _Index = None,
) -> None:
    """Show what people thought of answers, or make cases of it."""
    from bot.evaluation.feedback import show_feedback

    show_feedback(_run_of(context).workplace(index_folder), as_cases=cases)


@app.command()
def articles(
    context: typer.Context,
    since: _Since = None,
    until: _Until = None,
    publishers: _Publishers = None,
    languages: _Languages = None,
    index_folder: _Index = None,
) -> None:
    """Show which articles are indexed, and how."""
    from bot.commands import list_articles

    place = _run_of(context).workplace(index_folder)
    list_articles(place, _filter(since, until, publishers, languages))


@app.command()
def verify(
    context: typer.Context,
    receipts: Annotated[str, typer.Argument(metavar="RECEIPTS", help="A file of receipts, or -.")],
    index_folder: _Index = None,
) -> None:
    """Check every citation of receipts against the index or the files."""
    from bot.commands import verify_receipts

    raise typer.Exit(verify_receipts(_run_of(context).workplace(index_folder), receipts))


@app.command()
def evaluate(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="CASES", help="A file of cases; with --import the folder of a set.")
    ],
    articles_folder: Annotated[
        Path | None,
        typer.Option("--articles", metavar="DIR", help="Answer from these articles, not from the index."),
    ] = None,
    system: Annotated[SystemName, typer.Option(help="What answers.")] = SystemName.FOOTNOTE,
    conversation: Annotated[
        Replay | None,
        typer.Option(help="What stands before a follow-up: its own answers, the recorded ones, nothing; "
                          "or the rewritten question alone."),
    ] = None,
    only: Annotated[Only | None, typer.Option(help="Leave out the rest.")] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", metavar="NAME", help="Only cases of it, as 'kind: who'.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only so many cases, evenly spread.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run; in runs/ if not named.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Answer anew what is answered already.")] = False,
    import_name: Annotated[
        SetName | None, typer.Option("--import", help="Make cases of a public data set instead.")
    ] = None,
    index_folder: _Index = None,
) -> None:  # fmt: skip
    """Score answers against cases, and write a report."""
    from bot.evaluation.commands import Options, evaluate_cases, import_cases

    if import_name:
        import_cases(import_name.value, source, output)
        return
    options = Options(
        articles=articles_folder, output=output, system=system, conversation=conversation, only=only,
        limit=limit, slices=slices or (), afresh=fresh,
    )  # fmt: skip
    this_run = _run_of(context)
    place = this_run.workplace(index_folder)
    raise typer.Exit(evaluate_cases(place, source, options, shlex.join(["footnote", *this_run.arguments])))


@app.command()
def compare(
    one: Annotated[
        Path, typer.Argument(metavar="RUN_A", help="A run of `footnote evaluate`, or its measures.json.")
    ],
    other: Annotated[Path, typer.Argument(metavar="RUN_B", help="Another, over the same cases.")],
    measures: Annotated[
        list[str] | None, typer.Option("--measure", metavar="NAME", help="Measures to show, instead of all.")
    ] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", metavar="NAME", help="Slices to show.")
    ] = None,
    fail_below: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=DIFFERENCE", help="End with 1 where RUN_B is worse by more, as right=-0.02."
        ),
    ] = None,
    other_index: Annotated[
        bool, typer.Option("--other-index", help="Compare though the indexes differ.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Show how two runs differ, what was fixed and what broke."""
    from bot.evaluation.comparing.as_text import compare_runs

    raise typer.Exit(
        compare_runs(
            one, other, measures=measures or (), slices=slices or (), fail_below=fail_below or (),
            other_index=other_index, in_json=json,
        )
    )  # fmt: skip


def run(arguments: Sequence[str], build: "BuildEmbedder | None" = None, stdin: BinaryIO | None = None) -> int:
    """Run a command and give back the code it ends with.

    Args:
        arguments: The words of the command line, without the program's name.
        build: Makes the embedder from the settings, in place of `assembly.build_embedder`.
        stdin: Is read in place of standard input.
    """
    this_run = _Run(arguments, build, stdin)
    try:
        typer.main.get_command(app).main(list(arguments) or ["--help"], prog_name="footnote", obj=this_run)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from bot.console import note
        from bot.failures import exit_code, explain

        note(f"footnote: {explain(error, this_run.folder)}")
        return exit_code(error)
    return 0


def main() -> None:
    """Run the command that the person gave."""
    # What a start makes is there to stay: to look through it again and again costs a twentieth of a second.
    gc.set_threshold(50_000)
    # No character that an encoding lacks stops the program.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def _run_of(context: typer.Context) -> _Run:
    found = context.find_object(_Run)
    assert found is not None
    return found


if __name__ == "__main__":
    main()
