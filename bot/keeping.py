"""Keep a conversation while it goes on: no turn is lost while its database fails for a time."""

from collections.abc import Mapping

from bot.datatypes import Turn
from bot.history import History
from bot.receipts import receipt_of
from retrieval.errors import HistoryError


class Keeper:
    """Keeps the turns of one conversation as they are answered."""

    def __init__(self, history: History, name: str | None, index: Mapping[str, str]) -> None:
        """Go on with the conversation of a name, or begin one that its first turn names by date and time."""
        self._history = history
        self._name = name
        self._index = index
        self._waiting: list[Turn] = []

    def keep(self, turn: Turn) -> None:
        """Keep a turn, after those before it that could not be kept.

        Raises:
            HistoryError: It cannot be kept now; the next turn, or `finish`, tries again.
        """
        self._waiting.append(turn)
        self._write()

    def restart(self) -> None:
        """Begin a new conversation with the next turn.

        Raises:
            HistoryError: Turns of the conversation before could not be kept.
        """
        try:
            self.finish()
        finally:
            self._name = None
            self._waiting.clear()

    def finish(self) -> None:
        """Try once more to keep the turns that could not be kept.

        Raises:
            HistoryError: They still cannot.
        """
        try:
            self._write()
        except HistoryError as error:
            lost = len(self._waiting)
            turns = "One turn" if lost == 1 else f"{lost} turns"
            raise HistoryError(f"{turns} of this conversation could not be kept. {error}") from error

    def _write(self) -> None:
        while self._waiting:
            turn = self._waiting[0]
            self._name = self._history.append(self._name, turn, receipt_of(turn.answer, self._index))
            del self._waiting[0]
