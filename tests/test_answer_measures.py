"""Measures of answers and refusals, with figures worked by hand in the comments."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus
from bot.evaluation.cases import CaseTurn, Evidence
from bot.evaluation.measures.answers import MEASURES, answer_scores, is_right, normalised, token_f1
from retrieval.datatypes import Article

turn = partial(CaseTurn, question="?")
REFUSED = Answer(question="?", understood_as="?", status=AnswerStatus.NOT_COVERED, text="No.", language="en")


def quoting(*quotes: str, text: str | None = None, language: str = "en") -> Answer:
    """Quote each text from an article of its own: a0, a1 and so on."""
    citations = tuple(
        cite(Article(id=f"a{place}", title="", text=quote), 0, len(quote), place + 1)
        for place, quote in enumerate(quotes)
    )
    shown = "\n".join(f"– “{quote}” [{place}]" for place, quote in enumerate(quotes, start=1))
    return Answer(
        question="?", understood_as="?", status=AnswerStatus.ANSWERED, text=text or shown,
        language=language, citations=citations,
    )  # fmt: skip


ANSWER = quoting("Mark Rutte’s visit – to Riga –\nbegan on 14 November.", "He met 12,000 soldiers.")


@pytest.mark.parametrize(
    "expected",
    [
        turn(facts=(("Mark Rutte's visit - to riga", "no such"), ("he met",))),
        turn(patterns=(r"12[.,]000", r"Rutte’s", "Rutte's visit - to Riga - began")),
        turn(answers=("nobody", "the 14 November")),
        turn(articles=(("a1", "a7"), ("a0",))),
        turn(evidence=(Evidence(text="12,000 soldiers"), Evidence(text="no such"))),
        turn(answerable=True, forbidden=("Stoltenberg",)),
    ],
)
def test_an_answer_is_right_when_its_quotes_hold_what_is_expected(expected: CaseTurn) -> None:
    assert is_right(expected, ANSWER)
    assert not is_right(expected, REFUSED)


@pytest.mark.parametrize(
    "expected",
    [
        turn(facts=(("Mark Rutte's visit",), ("she met",))),
        turn(patterns=("12[.,]000", "13[.,]000")),
        turn(answers=("4 November", "12")),
        turn(articles=(("a1",), ("a7",))),
        turn(evidence=(Evidence(text="no such"), Evidence(text="12,000 soldiers", article="a0"))),
        turn(answerable=True, forbidden=("12,000 SOLDIERS",)),
        turn(answerable=False),
    ],
)
def test_an_answer_is_wrong_when_something_expected_is_missing(expected: CaseTurn) -> None:
    assert not is_right(expected, ANSWER)


def test_an_answer_is_wrong_when_a_claim_says_what_is_forbidden() -> None:
    answer = quoting("Rutte met him.", text="Stoltenberg is asked about:\nRutte met Stoltenberg [1]")
    assert not is_right(turn(facts=(("Rutte",),), forbidden=("met Stoltenberg",)), answer)
    # What introduces the claims may repeat the question.
    assert is_right(turn(facts=(("Rutte",),), forbidden=("asked about",)), answer)


def test_words_of_the_answer_count_only_when_they_are_quoted() -> None:
    assert not is_right(turn(facts=(("Riga",),)), quoting("Rutte spoke.", text="Rutte spoke in Riga [1]"))


def test_quoting_everything_is_not_right() -> None:
    six = quoting(*(f"Fact {number}." for number in range(6)))
    long = quoting("Fact 0. " + "x" * 893)
    for answer in (six, long):
        scores = answer_scores(turn(facts=(("Fact 0",),)), answer, None)
        assert scores["right"] == scores["concise"] == (0, 1)
        assert scores["facts found"] == (1, 1)
    # Exactly 900 characters are allowed.
    assert is_right(turn(facts=(("Fact 0",),)), quoting("Fact 0. " + "x" * 892))


def test_refusing_is_right_only_when_the_articles_do_not_answer() -> None:
    assert answer_scores(turn(answerable=False), REFUSED, None) == {
        "right": (1, 1), "exact match": (1, 1), "token F1": (1, 1),
        "refusal precision": (1, 1), "refusal recall": (1, 1),
    }  # fmt: skip
    assert answer_scores(turn(answers=("Riga",)), REFUSED, None) == {
        "right": (0, 1), "exact match": (0, 1), "token F1": (0, 1), "answer found": (0, 1),
        "refusal precision": (0, 1), "false refusals": (1, 1),
    }  # fmt: skip


def test_answering_what_the_articles_do_not_answer_is_wrong() -> None:
    assert answer_scores(turn(answerable=False), quoting("Rutte."), None) == {
        "right": (0, 1), "concise": (1, 1), "exact match": (0, 1), "token F1": (0, 1),
        "refusal recall": (0, 1),
    }  # fmt: skip


def test_the_other_articles_of_a_story_are_cited_without_being_quoted() -> None:
    lead, copy = quoting("He met 12,000 soldiers.", "Ha incontrato 12.000 soldati. " * 32).citations
    answer = replace(ANSWER, citations=(lead, replace(copy, same_story_as=lead.number)))
    assert is_right(turn(facts=(("He met",),), articles=(("a1",),)), answer)
    assert not is_right(turn(facts=(("Ha incontrato",),)), answer)
    assert not is_right(turn(facts=(("He met",),)), replace(answer, citations=(lead, copy)))


def test_only_language_and_length_are_scored_when_nothing_is_expected() -> None:
    assert answer_scores(turn(), ANSWER, None) == {"concise": (1, 1)}
    assert answer_scores(turn(), REFUSED, "en-GB") == {"language kept": (1, 1)}
    assert answer_scores(turn(), REFUSED, "it") == {"language kept": (0, 1)}


def test_facts_and_patterns_are_counted_one_by_one() -> None:
    expected = turn(facts=(("Riga",), ("Vilnius", "Tallinn"), ("soldiers",)), patterns=("^he", "she"))
    scores = answer_scores(expected, ANSWER, None)
    assert scores["facts found"] == (2, 3)
    assert scores["patterns matched"] == (1, 2)


def test_a_short_answer_is_found_only_as_whole_words() -> None:
    for answer, found in (
        ("the 14 november!", 1),
        ("4 November", 0),
        ("2,000", 0),
        ("12,000", 1),
        ("the", 0),
    ):
        assert answer_scores(turn(answers=(answer,)), ANSWER, None)["answer found"] == (found, 1), answer


def test_normalising_follows_the_script_of_squad() -> None:
    assert normalised("The  “Four-Day” visit,\nan end.") == "fourday visit end"


def test_token_f1_when_words_are_shared() -> None:
    # Ours "mark rutte visited riga", theirs "rutte visited vilnius": 2 shared, P 2/4, R 2/3, F1 4/7.
    assert token_f1("Mark Rutte visited Riga", "Rutte visited Vilnius") == pytest.approx(4 / 7)
    # A word counts as often as both have it: "riga riga" and "riga" share one, 2/3.
    assert token_f1("Riga, Riga", "Riga") == pytest.approx(2 / 3)
    assert token_f1("the", "a") == 1
    assert token_f1("the", "Riga") == 0


def test_all_that_is_quoted_is_held_against_the_nearest_answer_and_copies_count_once() -> None:
    # "talks failed" twice is said once; with "on monday" 4 words, of which "monday" is expected: 2 / 5.
    answer = quoting("Talks failed", "The talks failed.", "on Monday")
    scores = answer_scores(turn(answers=("Monday", "Tuesday evening")), answer, None)
    assert scores["token F1"] == pytest.approx((2 / 5, 1))
    assert scores["exact match"] == (0, 1)
    exact = answer_scores(turn(answers=("talks failed on Monday",)), answer, None)
    assert exact["exact match"] == exact["token F1"] == (1, 1)


WORDS = st.lists(st.sampled_from(["the", "Rutte", "Riga", "talks", "failed", "on"]), max_size=8).map(" ".join)


@given(WORDS, WORDS)
def test_token_f1_is_always_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= token_f1(one, other) <= 1
    assert token_f1(one, other) == token_f1(other, one)
    assert token_f1(one, one) == 1


@given(st.lists(WORDS.filter(bool), min_size=1, max_size=4), WORDS.filter(bool))
def test_scores_of_an_answer_are_always_registered_shares(quotes: list[str], answer: str) -> None:
    expected = turn(answers=(answer,), facts=((answer,),), patterns=(answer,))
    scores = answer_scores(expected, quoting(*quotes), "en")
    assert set(scores) <= {measure.name for measure in MEASURES}
    assert all(0 <= reached <= possible for reached, possible in scores.values())
    if scores["exact match"] == (1, 1):
        assert scores["token F1"] == (1, 1)
