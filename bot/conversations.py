"""What the commands do with the conversations that are kept."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from bot.assembly import open_history
from bot.commands import Workplace
from bot.console import Block, note, print_json, printable_line, show, stdout
from bot.datatypes import Conversation
from bot.history import IN_TELEGRAM
from bot.keeping import Keeper
from bot.terminal_chat import REMEMBERED_TURNS, Talk, forget_lines
from retrieval.errors import HistoryError
from retrieval.library import Library

if TYPE_CHECKING:
    from bot.assistant import Assistant


@contextmanager
def opened_talk(
    place: Workplace, assistant: "Assistant", index: Mapping[str, str], name: str | None, *, goes_on: bool
) -> Iterator[Talk]:
    """Go on with the conversation of a name or with the latest one, or begin a new one.

    Raises:
        HistoryError: The conversation that was asked for cannot be read.
    """
    try:
        history = open_history(place.settings, place.folder)
    except HistoryError as error:
        if name is not None or goes_on:
            raise
        note(f"footnote: {error} Until then, this conversation is not kept.")
        yield Talk(assistant)
        return
    with closing(history):
        if goes_on:
            own = (one for one in history.conversations() if not one.name.startswith(IN_TELEGRAM))
            latest = next(own, None)
            if latest is None:
                note("footnote: There is no conversation to go on with yet, so a new one begins.")
            name = latest.name if latest else None
        conversation: Conversation = ()
        if name is not None:
            with closing(Library.open_any(place.folder)) as library:
                conversation = history.load(name, library.articles, REMEMBERED_TURNS)
        yield Talk(assistant, conversation, Keeper(history, name, index))


def list_conversations(place: Workplace) -> None:
    """Show which conversations are kept."""
    with closing(open_history(place.settings, place.folder)) as history:
        summaries = history.conversations()
    if not summaries:
        _say("There are no conversations yet. Begin one with: footnote chat")
    for number, summary in enumerate(summaries):
        used = f"{summary.updated.astimezone():%Y-%m-%d %H:%M}"
        title = Block(Text(printable_line(summary.name), "bold"))
        about = Block(Text(f"{_turns(summary.turns)}, last used {used}", "dim"), Text("  "))
        question = Block(Text(printable_line(summary.first_question)), Text("  "))
        show([*([Block()] if number else []), title, about, question], stdout())


def export_conversation(place: Workplace, name: str) -> None:
    """Write the receipts of a conversation."""
    with closing(open_history(place.settings, place.folder)) as history:
        for turn in history.turns(name):
            print_json(turn.receipt)


def forget_conversations(place: Workplace, name: str | None, *, is_sure: bool) -> None:
    """Delete the conversation of a name, or all; a person at a terminal is asked first."""
    with closing(open_history(place.settings, place.folder)) as history:
        names = [name] if name is not None else [summary.name for summary in history.conversations()]
        questions = {name: [turn.question for turn in history.turns(name)] for name in names}
        what = printable_line(name) if name is not None else "all conversations"
        must_ask = bool(names) and not is_sure and place.stdin.isatty()
        if must_ask and not typer.confirm(f"Delete {what} for good?", err=True):
            _say("Nothing was forgotten.")
            return
        for one, asked in questions.items():
            history.forget(one)
            forget_lines(place.folder, asked)
            _say(f"Forgotten: {one}, {_turns(len(asked))}")
        if name is None:
            forget_lines(place.folder)
    if not names:
        _say("There are no conversations.")


def _turns(number: int) -> str:
    return f"{number} turn{'' if number == 1 else 's'}"


def _say(text: str) -> None:
    show([Block(Text(printable_line(text)))], stdout())
