"""A conversation: on a terminal, line by line from a pipe, or in receipts for another program."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from bot.console import Block, note, show, waiting
from bot.datatypes import Answer, Conversation, Turn
from bot.receipts import json_line, receipt_of, receipt_of_failure
from bot.replies import show_answer, show_source

if TYPE_CHECKING:
    from bot.assistant import Assistant

HISTORY_NAME = "chat-history"
_PROMPT = "› "
_NUMBER = re.compile("[0-9]{1,4}")
# A pronoun does not point further back; a long conversation would only fill the memory.
_REMEMBERED_TURNS = 20
_HELP = (
    ("/new", "start a new conversation"),
    ("/sources N", "show the whole passage of footnote N of the last answer"),
    ("/help", "show this"),
    ("/quit", "leave; so does Ctrl-D"),
)
Explain = Callable[[Exception], str]


class Talk:
    """A conversation with the assistant, and what was said in it."""

    def __init__(self, assistant: "Assistant") -> None:
        self._assistant = assistant
        self._conversation: Conversation = ()

    @property
    def last(self) -> Answer | None:
        """The last answer, if there is one."""
        return self._conversation[-1].answer if self._conversation else None

    def ask(self, question: str) -> Answer:
        """Answer a question in this conversation."""
        answer = self._assistant.answer(question, self._conversation)
        self._conversation = (*self._conversation, Turn(question, answer))[-_REMEMBERED_TURNS:]
        return answer

    def restart(self) -> None:
        """Forget what was said."""
        self._conversation = ()


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
            with waiting("reading …"):
                answer = self.talk.ask(question)
        except Exception as error:  # the conversation goes on after a question that failed
            note(f"footnote: {self.explain(error)}")
            return
        show_answer(answer, self.console)

    def _show_source(self, number: str) -> None:
        last = self.talk.last
        cited = (last.citations or last.nearest) if last else ()
        if last is None or not cited:
            self._say("There is no answer with footnotes yet.")
        elif not (_NUMBER.fullmatch(number) and show_source(last, int(number), self.console)):
            self._say(f"Say which footnote, from 1 to {len(cited)}: /sources 1")

    def _say(self, text: str) -> None:
        show([Block(Text(text))], self.console)


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

    session: PromptSession[str] = PromptSession(history=FileHistory(str(folder / HISTORY_NAME)))
    show([Block(Text("Ask your articles. /help shows the commands, Ctrl-D ends.", "dim"))], chat.console)
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


def readable(text: str) -> str:
    """Replace half characters, which bytes that are no UTF-8 leave behind on a command line."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _questions(lines: Iterable[bytes]) -> Iterator[str]:
    for line in lines:
        question = line.decode("utf-8-sig", "replace").strip()
        if question:
            yield question
