"""The command line: `footnote`, or `python -m bot`."""

import gc
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from bot.evaluation.command_line import compare, evaluate, feedback
from bot.options import Index, Json, Languages, People, Publishers, Run, Since, Until, filter_of, run_of
from retrieval.errors import SettingError

if TYPE_CHECKING:
    from bot.commands import BuildEmbedder

# Typer's own frames around help and errors do not fit a narrow terminal.
app = typer.Typer(name="footnote", rich_markup_mode=None, help=(
    "Ask your articles; every answer is made of words that stand in them, with footnotes."
))  # fmt: skip


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
        typer.Argument(
            metavar="SOURCE...",
            help="Files, folders, patterns such as 'news/**/*.md', https:// pages, feed: addresses, or -.",
        ),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the index anew from the articles it holds.")
    ] = False,
    index_folder: Index = None,
) -> None:
    """Read articles into the index: new ones, changed ones, and leave out those that are gone."""
    from bot.intake import index_articles

    place = run_of(context).workplace(index_folder)
    raise typer.Exit(index_articles(place, sources or [], rebuild=rebuild))


@app.command()
def watch(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE...", help="Feeds, pages or folders to add.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once at what is due, for cron.")] = False,
    in_list: Annotated[bool, typer.Option("--list", help="Show what is watched, and how it fares.")] = False,
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="SOURCE", help="Watch it no more; its articles stay.")
    ] = None,
    index_folder: Index = None,
) -> None:
    """Keep feeds, pages and folders that were indexed fresh, until it is stopped."""
    from bot.intake import forget_source, list_sources, watch_sources

    place = run_of(context).workplace(index_folder)
    if (forget is not None) + in_list + bool(sources or once) > 1:
        raise SettingError("Give --list or --forget alone.")
    if forget is not None:
        forget_source(place, forget)
    elif in_list:
        list_sources(place)
    else:
        raise typer.Exit(watch_sources(place, sources or [], once=once))


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[list[str], typer.Argument(metavar="QUESTION", help="What you want to know.")],
    since: Since = None,
    until: Until = None,
    publishers: Publishers = None,
    languages: Languages = None,
    people: People = None,
    json: Json = False,
    index_folder: Index = None,
) -> None:
    """Answer a question with quotations from the articles."""
    from bot.commands import ask_question

    place = run_of(context).workplace(index_folder)
    asked = filter_of(since, until, publishers, languages, people)
    ask_question(place, " ".join(question), asked, in_json=json, may_build=index_folder is None)


@app.command()
def chat(
    context: typer.Context,
    goes_on: Annotated[bool, typer.Option("--continue", help="Go on with the latest conversation.")] = False,
    name: Annotated[
        str | None,
        typer.Option("--conversation", metavar="NAME", help="Go on with this one, or begin it."),
    ] = None,
    json: Json = False,
    index_folder: Index = None,
) -> None:
    """Hold a conversation, which is kept; /help shows its commands."""
    from bot.commands import hold_chat

    place = run_of(context).workplace(index_folder)
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
    index_folder: Index = None,
) -> None:
    """List the conversations that are kept, export or delete them."""
    from bot.conversations import export_conversation, forget_conversations, list_conversations

    place = run_of(context).workplace(index_folder)
    if (export is not None) + (forget is not None) + forget_all > 1:
        raise SettingError("Give one of --export, --forget and --forget-all.")
    if export is not None:
        export_conversation(place, export)
    elif forget is not None or forget_all:
        forget_conversations(place, forget, is_sure=is_sure)
    else:
        list_conversations(place)


@app.command()
def telegram(context: typer.Context, index_folder: Index = None) -> None:
    """Answer in Telegram until it is stopped."""
    from bot.telegram_app.start import run_telegram

    run_telegram(run_of(context).workplace(index_folder), may_build=index_folder is None)


@app.command()
def articles(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    publishers: Publishers = None,
    languages: Languages = None,
    people: People = None,
    index_folder: Index = None,
) -> None:
    """Show which articles are indexed, and how."""
    from bot.commands import list_articles

    place = run_of(context).workplace(index_folder)
    list_articles(place, filter_of(since, until, publishers, languages, people))


@app.command()
def verify(
    context: typer.Context,
    receipts: Annotated[str, typer.Argument(metavar="RECEIPTS", help="A file of receipts, or -.")],
    index_folder: Index = None,
) -> None:
    """Check every citation of receipts against the index or the files."""
    from bot.commands import verify_receipts

    raise typer.Exit(verify_receipts(run_of(context).workplace(index_folder), receipts))


@app.command("export")
def export_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A new file; one that ends in .jsonl gets the articles alone."),
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a file that exists.")] = False,
    index_folder: Index = None,
) -> None:
    """Write articles and index into one file, to move to another machine; conversations are not in it."""
    from bot.moving import export_articles

    export_articles(run_of(context).workplace(index_folder), file, overwrite=overwrite)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `footnote export` wrote.")],
    index_folder: Index = None,
) -> None:
    """Make an index of an exported file, where there is none yet."""
    from bot.moving import import_articles

    import_articles(run_of(context).workplace(index_folder), file)


for command in (feedback, evaluate, compare):
    app.command()(command)


def run(arguments: Sequence[str], build: "BuildEmbedder | None" = None, stdin: BinaryIO | None = None) -> int:
    """Run a command and give back the code it ends with.

    Args:
        arguments: The words of the command line, without the program's name.
        build: Makes the embedder from the settings, in place of `assembly.build_embedder`.
        stdin: Is read in place of standard input.
    """
    this_run = Run(arguments, build, stdin)
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


if __name__ == "__main__":
    main()
