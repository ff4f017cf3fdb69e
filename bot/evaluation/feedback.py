"""What `footnote feedback` does: list what people thought of answers, or make cases of it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bot.assembly import open_database
from bot.console import Block, note, print_json, printable_line, show, stdout
from bot.datatypes import AnswerStatus
from bot.evaluation.cases import Case, CaseTurn, Evidence, case_json
from bot.feedback import Feedback, Verdict
from bot.history import History, KeptTurn
from bot.terminal_chat import REMEMBERED_TURNS
from retrieval.errors import HistoryError

if TYPE_CHECKING:
    from bot.commands import Workplace


def show_feedback(place: "Workplace", *, as_cases: bool) -> None:
    """Show what people thought of answers, or write it as cases, one JSON object a line."""
    database = open_database(place.settings, place.folder)
    try:
        verdicts = Feedback(database).verdicts()
        if not verdicts:
            note("footnote: There is no feedback yet. People give it with the thumbs below an answer.")
        elif as_cases:
            for case in cases_of(verdicts, History(database)):
                print_json(case_json(case))
        else:
            _list(verdicts)
    finally:
        database.close()


def cases_of(verdicts: Iterable[Verdict], history: History) -> Iterator[Case]:
    """Make cases of turns that people judged, each after what stood before it in its conversation.

    Of a good answer its citations are expected, of a good refusal that there is none, of a bad refusal that
    there is one. A bad answer only says what is not expected, so it is tagged; so is what people disagree on.
    """
    opinions: dict[str, dict[int, set[bool]]] = defaultdict(lambda: defaultdict(set))
    for verdict in verdicts:
        opinions[verdict.conversation][verdict.turn.number].add(verdict.is_good)
    for name, judged in sorted(opinions.items()):
        turns = {turn.number: turn for turn in history.turns(name)}
        # The name tells whose chat it was, which is nobody's business who reads the cases.
        digest = sha256(name.encode()).hexdigest()[:10]
        for numbers in _stretches(judged):
            yield Case(
                id=f"feedback-{digest}-{numbers.start}",
                kind="feedback",
                turns=tuple(_case_turn(turns[number], judged.get(number, set())) for number in numbers),
            )


def _list(verdicts: Sequence[Verdict]) -> None:
    for place, verdict in enumerate(verdicts):
        status = str(json.loads(verdict.turn.receipt).get("status", "unknown")).replace("_", " ")
        about = (
            f"{_word({verdict.is_good})}, {status}, {verdict.given.astimezone():%Y-%m-%d %H:%M}, "
            f"turn {verdict.turn.number} of {verdict.conversation}"
        )
        question = Block(Text(printable_line(verdict.turn.question)))
        details = Block(Text(printable_line(about), "dim"), Text("  "))
        show([*([Block()] if place else []), question, details], stdout())


def _stretches(judged: Iterable[int]) -> list[range]:
    """Join judged turns and those before each that the assistant could remember."""
    stretches: list[range] = []
    for number in sorted(judged):
        start = max(1, number - REMEMBERED_TURNS)
        if stretches and start <= stretches[-1].stop:
            start = stretches.pop().start
        stretches.append(range(start, number + 1))
    return stretches


def _case_turn(turn: KeptTurn, opinions: set[bool]) -> CaseTurn:
    receipt = json.loads(turn.receipt)
    try:
        return CaseTurn(
            question=turn.question,
            answer=receipt["answer"] or None,
            language=receipt["language"] or None,
            tags=(_word(opinions),) if opinions else (),
            **_expected(receipt, opinions),
        )
    except (LookupError, TypeError) as error:
        raise HistoryError(
            f"The receipt of the question {turn.question[:80]!r} cannot be read. Forget its conversation "
            "with: footnote conversations --forget NAME"
        ) from error


def _expected(receipt: Mapping[str, Any], opinions: set[bool]) -> dict[str, Any]:
    """Say what is sure about the answer to a turn."""
    if receipt["status"] == AnswerStatus.NOT_COVERED and len(opinions) == 1:
        return {"answerable": False in opinions}
    if receipt["status"] != AnswerStatus.ANSWERED or opinions != {True}:
        return {}
    evidence = [
        Evidence(text=cited["quote"], article=cited["article_id"], start=cited["start"], end=cited["end"])
        for cited in receipt["citations"]
    ]
    return {"evidence": tuple(evidence)}


def _word(opinions: set[bool]) -> str:
    return "disputed" if len(opinions) > 1 else "liked" if True in opinions else "disliked"
