"""What people thought of answers is kept, listed, and made into cases that are evaluated."""

import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import Database
from bot.datatypes import Answer, AnswerStatus, Turn
from bot.evaluation.cases import Case, Evidence, read_cases
from bot.evaluation.feedback import cases_of
from bot.feedback import Feedback
from bot.history import FILE_NAME, History, TurnKey
from bot.receipts import receipt_of
from tests.conftest import Footnote
from tests.test_chat import QUESTION
from tests.test_history import add, place  # noqa: F401
from tests.test_telegram_chats import opened
from tests.test_turns import ANSWER, INDEX

FIRST, SECOND = TurnKey("talk", 1), TurnKey("talk", 2)
REFUSAL = replace(ANSWER, status=AnswerStatus.NOT_COVERED, text="", citations=(), confidence=0.0)
SMALL_TALK = replace(ANSWER, status=AnswerStatus.CONVERSATION, text="You are welcome.", citations=())


@pytest.fixture
def database(place: str) -> Iterator[Database]:  # noqa: F811
    """A database with a conversation `talk` of two turns."""
    with closing(opened(place)) as database:
        add(History(database), "talk", "one?", "two?")
        yield database


def given(database: Database) -> set[tuple[str, int, str, bool]]:
    return {
        (verdict.conversation, verdict.turn.number, verdict.person, verdict.is_good)
        for verdict in Feedback(database).verdicts()
    }


def test_verdicts_of_people_on_turns_are_kept_apart(database: Database) -> None:
    feedback = Feedback(database)
    assert feedback.give(FIRST, "7", is_good=True)
    assert feedback.give(FIRST, "8", is_good=False)
    assert feedback.give(SECOND, "7", is_good=False)
    assert given(database) == {("talk", 1, "7", True), ("talk", 1, "8", False), ("talk", 2, "7", False)}
    assert [feedback.given(FIRST, person) for person in ("7", "8", "9")] == [True, False, None]


def test_verdict_when_changed_replaces_the_one_before_and_stands_first(database: Database) -> None:
    feedback = Feedback(database)
    feedback.give(FIRST, "7", is_good=True)
    feedback.give(SECOND, "7", is_good=True)
    feedback.give(FIRST, "7", is_good=False)
    first, second = feedback.verdicts()
    assert (first.turn.question, first.is_good) == ("one?", False)
    assert (second.turn.question, second.is_good) == ("two?", True)
    assert first.given > second.given and first.given.tzinfo


def test_verdict_when_taken_back_is_gone(database: Database) -> None:
    feedback = Feedback(database)
    feedback.give(FIRST, "7", is_good=True)
    feedback.give(FIRST, "8", is_good=True)
    feedback.take_back(FIRST, "7")
    feedback.take_back(SECOND, "7")
    assert given(database) == {("talk", 1, "8", True)}


@pytest.mark.parametrize("turn", [TurnKey("talk", 3), TurnKey("nobody's", 1)])
def test_verdict_on_a_turn_that_there_is_not_is_not_kept(database: Database, turn: TurnKey) -> None:
    assert not Feedback(database).give(turn, "7", is_good=True)
    assert given(database) == set()


def test_verdicts_are_forgotten_with_their_conversation_and_no_other(database: Database) -> None:
    feedback = Feedback(database)
    add(History(database), "other", "three?")
    for turn in (FIRST, SECOND, TurnKey("other", 1)):
        feedback.give(turn, "7", is_good=True)
    History(database).forget("talk")
    assert given(database) == {("other", 1, "7", True)}
    add(History(database), "talk", "again?")
    assert given(database) == {("other", 1, "7", True)}


def cases(answers: list[Answer], *verdicts: tuple[int, str, bool]) -> list[Case]:
    """Make cases of verdicts on one conversation of these answers: turn, person, whether it is good."""
    with closing(Database.open("sqlite://")) as database:
        history, feedback = History(database), Feedback(database)
        for number, answer in enumerate(answers, start=1):
            history.append("talk", Turn(f"{number}?", answer), receipt_of(answer, INDEX))
        for number, person, is_good in verdicts:
            assert feedback.give(TurnKey("talk", number), person, is_good=is_good)
        return list(cases_of(feedback.verdicts(), history))


def test_case_of_a_good_answer_expects_its_citations() -> None:
    (case,) = cases([ANSWER], (1, "7", True))
    (turn,) = case.turns
    (cited,) = ANSWER.citations
    assert turn.evidence == (
        Evidence(text=cited.quote, article=cited.article.id, start=cited.start, end=cited.end),
    )
    assert (turn.question, turn.answer, turn.language, turn.tags) == ("1?", ANSWER.text, "en", ("liked",))
    assert turn.is_answerable and case.kind == "feedback"


@pytest.mark.parametrize(
    ("answer", "opinions", "answerable", "tags"),
    [
        (ANSWER, [False], None, ("disliked",)),
        (REFUSAL, [True], False, ("liked",)),
        (REFUSAL, [False], True, ("disliked",)),
        (ANSWER, [True, False], None, ("disputed",)),
        (REFUSAL, [False, True], None, ("disputed",)),
        (SMALL_TALK, [False], None, ("disliked",)),
        (SMALL_TALK, [True, True], None, ("liked",)),
    ],
)
def test_case_expects_only_what_is_sure(
    answer: Answer, opinions: list[bool], answerable: bool | None, tags: tuple[str, ...]
) -> None:
    (case,) = cases([answer], *((1, str(person), is_good) for person, is_good in enumerate(opinions)))
    (turn,) = case.turns
    assert (turn.is_answerable, turn.evidence, turn.tags) == (answerable, (), tags)


def test_case_has_what_was_said_before_without_expecting_anything_of_it() -> None:
    (case,) = cases([ANSWER] * 4, (3, "7", True))
    assert [turn.question for turn in case.turns] == ["1?", "2?", "3?"]
    assert [turn.is_answerable for turn in case.turns] == [None, None, True]


def test_cases_of_a_long_conversation_are_what_the_assistant_remembered() -> None:
    found = cases([ANSWER] * 80, (2, "7", True), (5, "7", True), (60, "7", False), (78, "7", True))
    asked = [[int(turn.question[:-1]) for turn in case.turns] for case in found]
    assert asked == [list(range(1, 6)), list(range(40, 79))]
    assert len({case.id for case in found}) == 2
    judged = [turn.question for case in found for turn in case.turns if turn.tags]
    assert judged == ["2?", "5?", "60?", "78?"]


def test_cases_name_nobody() -> None:
    with closing(Database.open("sqlite://")) as database:
        history, feedback = History(database), Feedback(database)
        name = f"telegram {random.Random(7).randrange(10**9, 10**10)} #1"
        history.append(name, Turn("1?", ANSWER), receipt_of(ANSWER, INDEX))
        feedback.give(TurnKey(name, 1), "4242424242", is_good=True)
        (case,) = cases_of(feedback.verdicts(), history)
    assert name.split()[1] not in repr(case) and "4242424242" not in repr(case)


@pytest.fixture
def judged(footnote: Footnote, index: Path) -> None:
    """A conversation whose answer is liked, whose refusal is disliked and whose follow-up is liked."""
    asked = (QUESTION, "who won the chess cup?", "And what did he say about Japan?")
    assert footnote("chat", "--conversation", "talk", stdin="\n".join(asked).encode()).code == 0
    with closing(Database.open(index / FILE_NAME)) as database:
        for number, is_good in ((1, True), (2, False), (3, True)):
            assert Feedback(database).give(TurnKey("talk", number), "7", is_good=is_good)


def test_feedback_command_lists_the_latest_first(footnote: Footnote, judged: None) -> None:
    outcome = footnote("feedback")
    assert outcome.code == 0 and outcome.err == ""
    lines = outcome.out.splitlines()
    assert lines[0] == "And what did he say about Japan?" and lines[-2] == QUESTION
    assert lines[-1].startswith("  liked, answered, 20") and lines[-1].endswith(", turn 1 of talk")
    assert lines[4].startswith("  disliked, not covered, 20")


def test_feedback_command_writes_cases_that_evaluate_reads(
    footnote: Footnote, judged: None, tmp_path: Path
) -> None:
    outcome = footnote("feedback", "--cases")
    assert outcome.code == 0 and outcome.err == ""
    (tmp_path / "mine.jsonl").write_text(outcome.out, "utf-8")
    (placed,) = read_cases(tmp_path / "mine.jsonl")
    assert [turn.is_answerable for turn in placed.case.turns] == [True, True, True]
    evaluated = footnote("evaluate", "mine.jsonl", "--output", "run")
    assert evaluated.code == 0, evaluated.err
    records = [
        json.loads(line) for line in (tmp_path / "run" / "answers.jsonl").read_text("utf-8").splitlines()
    ]
    assert [record["scores"]["right"][0] for record in records] == [1, 0, 1]
    assert "Rutte" in records[2]["understood_as"]


@pytest.mark.parametrize("options", [[], ["--cases"]])
def test_feedback_command_says_so_when_there_is_none(
    footnote: Footnote, index: Path, options: list[str]
) -> None:
    outcome = footnote("feedback", *options)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith("footnote: There is no feedback yet.")
    assert not (index / FILE_NAME).exists()
