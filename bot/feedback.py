"""What people thought of answers: a verdict of a person on a turn, kept with its conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.database import Collision, Database, now
from bot.history import KeptTurn, TurnKey

_OF_ONE = "WHERE conversation = :conversation AND number = :number AND person = :person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one person thought of one answer."""

    conversation: str
    turn: KeptTurn
    person: str
    is_good: bool
    given: datetime


class Feedback:
    """All verdicts of a database; whoever forgets a conversation forgets them too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, turn: TurnKey, person: str, *, is_good: bool) -> bool:
        """Keep what a person thinks of a turn now; false where the turn was forgotten."""
        statement = (
            "INSERT INTO feedback SELECT conversation, number, :person, :is_good, :now FROM turn "
            "WHERE conversation = :conversation AND number = :number "
            "ON CONFLICT (conversation, number, person) "
            "DO UPDATE SET is_good = excluded.is_good, given = excluded.given"
        )
        try:
            with self._database.writing() as transaction:
                return (
                    transaction.change(
                        statement, **turn._asdict(), person=person, is_good=int(is_good), now=now()
                    )
                    > 0
                )
        except Collision:  # it was forgotten at this moment
            return False

    def take_back(self, turn: TurnKey, person: str) -> None:
        """Delete what a person thought of a turn."""
        if self._database.has("feedback"):
            with self._database.transaction() as transaction:
                transaction.change(f"DELETE FROM feedback {_OF_ONE}", **turn._asdict(), person=person)

    def given(self, turn: TurnKey, person: str) -> bool | None:
        """Tell whether a person found a turn good; None where they did not say."""
        if not self._database.has("feedback"):
            return None
        with self._database.transaction() as transaction:
            row = transaction.row(f"SELECT is_good FROM feedback {_OF_ONE}", **turn._asdict(), person=person)
        return None if row is None else bool(row[0])

    def verdicts(self) -> Sequence[Verdict]:
        """Read all verdicts, the latest first."""
        if not self._database.has("feedback"):
            return ()
        statement = (
            "SELECT f.conversation, t.number, t.question, t.receipt, f.person, f.is_good, f.given "
            "FROM feedback f JOIN turn t ON t.conversation = f.conversation AND t.number = f.number "
            "ORDER BY f.given DESC, f.conversation, t.number, f.person"
        )
        with self._database.transaction() as transaction:
            return [
                Verdict(
                    conversation=conversation,
                    turn=KeptTurn(*turn),
                    person=person,
                    is_good=bool(is_good),
                    given=datetime.fromisoformat(given),
                )
                for conversation, *turn, person, is_good, given in transaction.rows(statement)
            ]
