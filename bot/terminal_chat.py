"""A conversation: on a terminal, line by line from a pipe, or in receipts for another program."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from bot.console import Block, note, show
from bot.datatypes import Answer, Conversation, Turn
from bot.live_text import show_as_written
from bot.receipts import json_line, receipt_of, receipt_of_failure
from bot.replies import show_answer, show_source, show_turns
from retrieval.errors import HistoryError

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.keeping import Keeper

LINES_NAME = "chat-history"
_PROMPT = "› "
_NUMBER = re.compile("[0-9]{1,4}")
# A pronoun does not point further back; a long conversation would only fill the memory.
REMEMBERED_TURNS = 20
# So many turns show a person who comes back where they are.
_SHOWN_TURNS = 2
_HELP = (
    ("/new", "start a new conversation"),
    ("/sources N", "show the whole passage of footnote N of the last answer"),
    ("/help", "show this"),
    ("/quit", "leave; so does Ctrl-D"),
)
Explain = Callable[[Exception], str]


class Talk:
    """A conversation with the assistant, and what was said in it."""

    def __init__(
        self, assistant: "Assistant", conversation: Conversation = (), keeper: "Keeper | None" = None
    ) -> None:
        """Go on from what was said before, and keep what will be said where there is a keeper."""
        self._assistant = assistant
        self._conversation = conversation
        self._keeper = keeper
        self._trouble: str | None = None
        self._told: str | None = None

    @property
    def last(self) -> Answer | None:
        """The last answer, if there is one."""
        return self._conversation[-1].answer if self._conversation else None

    @property
    def conversation(self) -> Conversation:
        """What was said, as far back as it is remembered."""
        return self._conversation

    def ask(self, question: str) -> Answer:
        """Answer a question in this conversation."""
        *_, answer = self.stream(question)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: str) -> Iterator[str | Answer]:
        """Give what a chat model writes as it is written, and last the answer, which is remembered."""
        for part in self._assistant.stream(question, self._conversation):
            if isinstance(part, Answer):
                turn = Turn(question, part)
                self._conversation = (*self._conversation, turn)[-REMEMBERED_TURNS:]
                if self._keeper:
                    self._try(partial(self._keeper.keep, turn))
            yield part

    def restart(self) -> None:
        """Go on as if nothing had been said."""
        self._conversation = ()
        if self._keeper:
            self._try(self._keeper.restart)

    def finish(self) -> None:
        """Keep what could not be kept until now."""
        if self._keeper:
            self._try(self._keeper.finish)

    def take_trouble(self) -> str | None:
        """Say, once, why what was said is not kept; the conversation goes on all the same."""
        trouble, self._trouble = self._trouble, None
        return trouble

    def _try(self, keep: Callable[[], None]) -> None:
        try:
            keep()
        except HistoryError as error:
            if str(error) != self._told:
                self._trouble = self._told = str(error)


def chat_in_receipts(
    talk: Talk, lines: Iterable[bytes], write: Callable[[str], None], index: dict[str, str], explain: Explain
) -> None:
    """Write one receipt for each line that is a question; `/new` starts a new conversation."""
    for question in _questions(lines):
        if question == "/new":
            talk.restart()
            continue
        try:
            receipt = receipt_of(talk.ask(question), index)
        except Exception as error:  # one bad question must not end the stream of answers
            receipt = receipt_of_failure(question, explain(error))
        write(json_line(receipt))
        tell_trouble(talk)


@dataclass(slots=True)
class LineChat:
    """Takes questions and commands of a person, one line at a time."""

    talk: Talk
    console: Console
    explain: Explain
    ended: bool = False

    def take(self, line: str) -> None:
        """Answer a question or follow a command."""
        command, _, rest = line.partition(" ")
        if not line.startswith("/"):
            self._answer(line)
        elif command == "/new":
            self.talk.restart()
            self._say("A new conversation.")
            tell_trouble(self.talk)
        elif command == "/sources":
            self._show_source(rest.strip())
        elif command == "/help":
            width = max(len(name) for name, _ in _HELP) + 2
            show([Block(Text(about), Text(name.ljust(width), "bold")) for name, about in _HELP], self.console)
        elif command in {"/quit", "/exit"}:
            self.ended = True
        else:
            self._say(f"There is no {command}. The commands are: {', '.join(name for name, _ in _HELP)}.")

    def _answer(self, question: str) -> None:
        try:
            answer = show_as_written(self.talk.stream(question), self.console)
        except Exception as error:  # the conversation goes on after a question that failed
            note(f"footnote: {self.explain(error)}")
            return
        show_answer(answer, self.console)
        tell_trouble(self.talk)

    def _show_source(self, number: str) -> None:
        last = self.talk.last
        cited = (last.citations or last.nearest) if last else ()
        if last is None or not cited:
            self._say("There is no answer with footnotes yet.")
        elif not (_NUMBER.fullmatch(number) and show_source(last, int(number), self.console)):
            self._say(f"Say which footnote, from 1 to {len(cited)}: /sources 1")

    def _say(self, text: str) -> None:
        show([Block(Text(text))], self.console)


def tell_trouble(talk: Talk) -> None:
    """Say on standard error why what was said is not kept."""
    if trouble := talk.take_trouble():
        note(f"footnote: {trouble}")


def chat_in_lines(chat: LineChat, lines: Iterable[bytes]) -> None:
    """Take one question or command a line from a pipe."""
    for line in _questions(lines):
        chat.take(line)
        if chat.ended:
            return
        chat.console.print()


def chat_on_terminal(chat: LineChat, folder: Path) -> None:
    """Talk with a person at a terminal: lines can be edited, and earlier ones of any day brought back.

    Ctrl-C clears the line or stops the answer in hand; Ctrl-D ends the conversation.
    """
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    session: PromptSession[str] = PromptSession(history=FileHistory(str(folder / LINES_NAME)))
    show([Block(Text("Ask your articles. /help shows the commands, Ctrl-D ends.", "dim"))], chat.console)
    show_turns(chat.talk.conversation[-_SHOWN_TURNS:], chat.console)
    while not chat.ended:
        chat.console.print()
        try:
            line = readable(session.prompt(_PROMPT)).strip()
            if line:
                chat.console.print()
                chat.take(line)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def forget_lines(folder: Path, lines: Collection[str] | None = None) -> None:
    """Delete lines, or all of them, from those that a person at a terminal can bring back."""
    from prompt_toolkit.history import FileHistory

    path = folder / LINES_NAME
    kept: list[str] = []
    if lines is not None and path.exists():
        earlier = FileHistory(str(path)).load_history_strings()
        kept = [line for line in earlier if readable(line).strip() not in lines]
    path.unlink(missing_ok=True)
    for line in reversed(kept):
        FileHistory(str(path)).store_string(line)


def readable(text: str) -> str:
    """Replace half characters, which bytes that are no UTF-8 leave behind on a command line."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _questions(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        question = line.decode("utf-8-sig", "replace").strip()
        if question:
            yield question
