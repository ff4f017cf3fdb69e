"""The five real articles, with the bundled model, as a new user would ask about them."""

from pathlib import Path

import pytest

from bot.assembly import build_assistant, build_embedder, build_indexer
from bot.assistant import Assistant
from bot.citations import require_all_stand
from bot.datatypes import Answer, AnswerStatus, Conversation, Turn
from bot.evaluation.cases import Case, read_cases
from bot.evaluation.measures.answers import MOST_CHARACTERS, MOST_QUOTES, is_right
from bot.settings import Settings
from bot.shown import footnotes
from retrieval.articles import read_articles

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
CASES = Path(__file__).parent / "fixtures" / "real_cases.jsonl"
_NO_SEEDS = f"the five real articles are not at {SEEDS}"

# Two hundred questions take minutes on a slow machine.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not SEEDS.is_dir(), reason=_NO_SEEDS),
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("real")
    embedder = build_embedder(Settings())
    report = build_indexer(Settings(), folder, embedder).update(read_articles([SEEDS]), lambda *_: None)
    assert len(report.added) == 5
    return build_assistant(Settings(), folder, embedder)


@pytest.fixture(scope="module")
def answered(assistant: Assistant) -> list[tuple[Case, Answer]]:
    """The last question of every case, asked in its conversation."""
    return [(placed.case, ask(assistant, placed.case)) for placed in read_cases(CASES)]


def ask(assistant: Assistant, case: Case) -> Answer:
    conversation: Conversation = ()
    for turn in case.turns:
        answer = assistant.answer(turn.question, conversation)
        conversation = (*conversation, Turn(turn.question, answer))
    return conversation[-1].answer


def cited(answer: Answer) -> set[str]:
    return {citation.article.id.partition("_")[0] for citation in answer.citations}


@pytest.mark.parametrize("question", ["what did Rutte say in Latvia?", "Cosa ha detto Rutte in Lettonia?"])
def test_answer_when_asked_what_rutte_said_in_latvia_cites_both_articles(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.answer(question)
    assert answer.status is AnswerStatus.ANSWERED
    assert "direct threat" in answer.text or "minaccia diretta" in answer.text
    assert any("direct threat" in citation.quote for citation in answer.citations)
    assert cited(answer) >= {"000", "001"}
    require_all_stand(answer.citations)


@pytest.mark.parametrize(
    "question", ["What did Stoltenberg say in Riga?", "How many North Korean soldiers have been killed?"]
)
def test_answer_when_articles_do_not_say_is_not_covered(assistant: Assistant, question: str) -> None:
    answer = assistant.answer(question)
    assert answer.status is AnswerStatus.NOT_COVERED
    assert answer.citations == ()
    assert answer.nearest


def test_answer_when_follow_up_has_a_pronoun_is_about_rutte(assistant: Assistant) -> None:
    first = assistant.answer("what did Rutte say in Latvia?")
    answer = assistant.answer("and what did he say about China?", (Turn(first.question, first),))
    assert "Rutte" in answer.understood_as
    assert answer.status is AnswerStatus.ANSWERED
    assert any("China" in citation.quote or "Cina" in citation.quote for citation in answer.citations)


def test_answers_when_all_questions_are_asked_stand_and_are_short(
    answered: list[tuple[Case, Answer]],
) -> None:
    for _, answer in answered:
        require_all_stand(answer.citations)
        assert len(footnotes(answer)) <= MOST_QUOTES
        assert sum(len(citation.quote) for citation in footnotes(answer)) <= MOST_CHARACTERS
        assert (answer.status is AnswerStatus.ANSWERED) == bool(answer.citations)
    assert {case.tags[0] for case, _ in answered} == {"half: tune", "half: report"}


def test_answers_when_a_premise_is_false_refuse(answered: list[tuple[Case, Answer]]) -> None:
    refused = [
        answer.status is AnswerStatus.NOT_COVERED for case, answer in answered if case.kind == "false premise"
    ]
    assert len(refused) >= 20
    assert sum(refused) >= 0.85 * len(refused)


def test_answers_when_all_questions_are_asked_are_mostly_right(answered: list[tuple[Case, Answer]]) -> None:
    rights = [is_right(case.turns[-1], answer) for case, answer in answered]
    assert len(rights) >= 200
    assert sum(rights) >= 0.65 * len(rights)
