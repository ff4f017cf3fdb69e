"""What is asked for each sort of turn, in which conversation, and what is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.assistant import Found
from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Conversation
from bot.evaluation.cases import Case, CaseTurn, Parts
from bot.evaluation.examiner import Examiner, Work, needs_articles, work_for
from bot.evaluation.measures.scoring import Judge
from bot.evaluation.options import Only, Replay
from retrieval.datatypes import Article, Passage, ScoredPassage
from retrieval.query import understand

RIGA = Article(id="riga", title="Riga", text="Rutte spoke of a direct threat. He left.", language="en")
WHOLE = Passage(article_id="riga", start=0, end=len(RIGA.text), text=RIGA.text)


@dataclass(slots=True)
class ScriptedSystem:
    """Quotes the first sentence, notes what it was asked in which conversation, crashes when told to."""

    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def passages(self) -> Sequence[Passage]:
        return [WHOLE]

    def find(self, question: str, conversation: Conversation = ()) -> Found:
        self.asked.append((question, tuple(turn.answer.understood_as for turn in conversation)))
        if "crash" in question:
            raise RuntimeError("no power")
        return Found(understand(question, "en"), [ScoredPassage(WHOLE, 1.0)], {"search": 0.5})

    def answer(self, question: str, conversation: Conversation = ()) -> Answer:
        found = self.find(question, conversation)
        return Answer(
            question=question,
            understood_as=question.replace("he", "Rutte"),
            status=AnswerStatus.ANSWERED,
            text="“Rutte spoke of a direct threat.” [1]",
            language="en",
            citations=(cite(RIGA, 0, 31, 1),),
            evidence=tuple(found.evidence),
            seconds={"search": 0.5, "total": 1.0},
            confidence=0.5,
        )


@pytest.fixture
def system() -> ScriptedSystem:
    return ScriptedSystem()


def examiner(
    system: ScriptedSystem | None, replay: Replay = Replay.OWN, only: Only | None = None
) -> Examiner:
    return Examiner(
        system=system,
        rewrite=lambda question, conversation, language: question.replace("he", "Mark"),
        judge=Judge({"riga": RIGA}, {"riga": [WHOLE]}),
        replay=replay,
        only=only,
        index={"embedder": "fake"},
        explain=lambda error: f"It failed: {error}.",
    )


CONTEXT = CaseTurn(question="Who is Rutte?", answer="Mark Rutte leads NATO.")
ASKS = CaseTurn(
    question="What did he say?", facts=(("a direct threat",),), articles=(("riga",),),
    rewrite="What did Rutte say?",
)  # fmt: skip
CASE = Case(id="a", turns=(CONTEXT, ASKS), language="en")


@pytest.mark.parametrize(
    ("turn", "only", "work"),
    [
        (CONTEXT, None, Work.NOTHING),
        (ASKS, None, Work.ANSWER),
        (ASKS, Only.RETRIEVAL, Work.FIND),
        (CaseTurn(question="q", answerable=False), None, Work.ANSWER),
        (CaseTurn(question="q", answerable=False), Only.RETRIEVAL, Work.NOTHING),
        (CaseTurn(question="q", rewrite="r"), None, Work.REWRITE),
        (CaseTurn(question="q", rewrite="r"), Only.RETRIEVAL, Work.REWRITE),
    ],
)
def test_work_is_the_least_that_shows_what_is_expected(turn: CaseTurn, only: Only | None, work: Work) -> None:
    assert work_for(turn, only) is work
    assert needs_articles(Case(id="a", turns=(turn,)), only) == (work in {Work.ANSWER, Work.FIND})


def test_examiner_when_the_conversation_is_its_own_follows_on_its_own_answers(system: ScriptedSystem) -> None:
    records = examiner(system).examine(CASE)
    assert system.asked == [("Who is Rutte?", ()), ("What did he say?", ("Who is Rutte?",))]
    assert [(record["case"], record["turn"], record["status"]) for record in records] == [
        ("a", 0, "answered"), ("a", 1, "answered")]  # fmt: skip
    assert records[0]["scores"] == {}
    scores = records[1]["scores"]
    assert isinstance(scores, dict)
    assert scores["right"] == (1.0, 1.0)
    assert scores["MRR@10"] == (1.0, 1.0)
    assert scores["quote fidelity"] == (1, 1)
    assert scores["rewrite exact match"] == (1.0, 1.0)


def test_examiner_when_the_conversation_is_recorded_asks_only_what_is_scored(system: ScriptedSystem) -> None:
    records = examiner(system, Replay.RECORDED).examine(CASE)
    assert system.asked == [("What did he say?", ("Who is Rutte?",))]
    assert [record["status"] for record in records] == [None, "answered"]


def test_examiner_when_there_is_no_conversation_asks_each_question_alone(system: ScriptedSystem) -> None:
    examiner(system, Replay.NONE).examine(CASE)
    assert system.asked == [("What did he say?", ())]


def test_examiner_when_rewritten_asks_the_question_that_stands_alone(system: ScriptedSystem) -> None:
    examiner(system, Replay.REWRITTEN).examine(CASE)
    assert system.asked == [("What did Rutte say?", ())]


def test_examiner_when_only_retrieval_counts_answers_nothing(system: ScriptedSystem) -> None:
    records = examiner(system, Replay.NONE, Only.RETRIEVAL).examine(CASE)
    assert records[1]["status"] is None
    assert records[1]["citations"] == []
    scores = records[1]["scores"]
    assert isinstance(scores, dict)
    assert scores["MRR@10"] == (1.0, 1.0)
    assert "right" not in scores


def test_examiner_when_only_rewriting_is_expected_needs_no_system() -> None:
    case = replace(CASE, turns=(CONTEXT, CaseTurn(question="Did he go?", rewrite="Did Mark go?")))
    records = examiner(None, Replay.RECORDED).examine(case)
    assert records[1]["understood_as"] == "Did Mark go?"
    scores = records[1]["scores"]
    assert isinstance(scores, dict)
    assert scores["rewrite exact match"] == (1.0, 1.0)


def test_examiner_when_a_turn_crashes_counts_it_as_wrong_and_goes_on(system: ScriptedSystem) -> None:
    crash = replace(ASKS, question="Does it crash?")
    records = examiner(system).examine(replace(CASE, turns=(crash, ASKS)))
    assert records[0]["error"] == "It failed: no power."
    scores = records[0]["scores"]
    assert isinstance(scores, dict)
    assert scores["right"] == (0.0, 1.0)
    assert scores["MRR@10"] == (0.0, 1.0)
    assert scores["false refusals"] == (1.0, 1.0)
    assert system.asked[1] == ("What did he say?", ())
    assert records[1]["status"] == "answered"


def test_examiner_when_a_crash_hides_in_an_unanswerable_turn_is_no_right_refusal(
    system: ScriptedSystem,
) -> None:
    case = Case(id="a", turns=(CaseTurn(question="Will it crash?", answerable=False),))
    scores = examiner(system).examine(case)[0]["scores"]
    assert isinstance(scores, dict)
    assert scores["right"] == (0.0, 1.0)
    assert scores["refusal recall"] == (0.0, 1.0)


def test_examiner_when_a_text_is_attributed_needs_no_system() -> None:
    text = "Mark Rutte said that the missiles are a threat."
    expected = Parts(source=((0, 10),), cue=((11, 15),), content=((16, 46),))
    record = examiner(None).examine(Case(id="a", text=text, attributions=(expected,), language="en"))[0]
    scores = record["scores"]
    assert isinstance(scores, dict)
    assert scores["source exact F1"] == (2.0, 2.0)
    assert scores["cue exact F1"] == (2.0, 2.0)
