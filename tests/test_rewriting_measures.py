"""Measures of rewriting, with figures worked by hand in the comments."""

from math import exp, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from bot.evaluation.measures.measure import add
from bot.evaluation.measures.rewriting import MEASURES, corpus_bleu, rewriting_scores, rouge_l

WORDS = st.lists(st.sampled_from(["when", "did", "they", "disband", "the", "Mothers", "?"]), max_size=9)


def test_bleu_when_one_word_is_replaced() -> None:
    # Given "When did they disband ?", wanted "When did Zappa disband ?": 4 of 5 words agree,
    # of pairs "When did" and "disband ?" of 4, of triples none of 3, of fours none of 2.
    sums = rewriting_scores("", "When did Zappa disband?", "When did they disband?")["BLEU"]
    assert sums == (4, 2, 0, 0, 5, 4, 3, 2, 5, 5)
    # No match counts as a half, then a quarter (smoothing "exp"), as long as the reference: no penalty.
    assert corpus_bleu(sums) == pytest.approx(prod([4 / 5, 2 / 4, 0.5 / 3, 0.25 / 2]) ** 0.25, abs=1e-6)


def test_bleu_is_penalised_when_the_rewrite_is_shorter() -> None:
    # "a b c d e" of "a b c d e f g h i j": all n-grams agree, exp(1 - 10/5).
    sums = rewriting_scores("", "a b c d e f g h i j", "a b c d e")["BLEU"]
    assert corpus_bleu(sums) == pytest.approx(exp(-1), abs=1e-6)


def test_bleu_of_added_turns_is_the_bleu_of_their_corpus() -> None:
    given = ["When did they disband?", "What music did Zappa play", "", "Was it 12.5% of the sum?"]
    wanted = [
        "When did the Mothers disband?",
        "What music did Frank Zappa play?",
        "Why?",
        "Was it 12.5% of it?",
    ]
    total = add(rewriting_scores("", one, other)["BLEU"] for one, other in zip(wanted, given, strict=True))
    assert corpus_bleu(total) == pytest.approx(BLEU().corpus_score(given, [wanted]).score / 100)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5))
def test_bleu_of_added_turns_is_always_the_bleu_of_their_corpus(
    pairs: list[tuple[list[str], list[str]]],
) -> None:
    given = [" ".join(one) for one, _ in pairs]
    wanted = [" ".join(other) for _, other in pairs]
    total = add(rewriting_scores("", one, other)["BLEU"] for one, other in zip(wanted, given, strict=True))
    value = corpus_bleu(total)
    assert 0 <= value <= 1
    assert value == pytest.approx(min(BLEU().corpus_score(given, [wanted]).score / 100, 1))


def test_bleu_is_zero_when_nothing_is_written() -> None:
    assert corpus_bleu((0.0,) * 10) == 0
    assert corpus_bleu(rewriting_scores("", "Who is Zappa?", "")["BLEU"]) == 0


def test_rouge_l_when_a_word_stands_between() -> None:
    # The longest common run with gaps is "police the gunman", 3 words: P 3/4, R 3/4 (Lin 2004, 3.1).
    expected = ["police", "killed", "the", "gunman"]
    assert rouge_l(["police", "kill", "the", "gunman"], expected) == 0.75
    # "the gunman" of "the gunman kill police": 2 of 4 and 2 of 4.
    assert rouge_l(["the", "gunman", "kill", "police"], expected) == 0.5
    # 2 of 2 and 2 of 4: F1 2·1·0.5 / 1.5.
    assert rouge_l(["a", "c"], ["a", "b", "c", "d"]) == pytest.approx(2 / 3)
    assert rouge_l([], ["a"]) == 0


@given(WORDS, WORDS)
def test_rouge_l_is_always_a_share_and_the_same_both_ways(one: list[str], other: list[str]) -> None:
    assert 0 <= rouge_l(one, other) <= 1
    assert rouge_l(one, other) == rouge_l(other, one)
    assert rouge_l(one, one) == 1


def test_rewrite_matches_exactly_whatever_its_case_and_punctuation() -> None:
    assert rewriting_scores("why?", "Why, Frank Zappa?", "why Frank zappa")["rewrite exact match"] == (1, 1)
    assert rewriting_scores("why?", "Why, Frank Zappa?", "why Zappa")["rewrite exact match"] == (0, 1)


def test_entities_are_counted_when_the_rewrite_adds_them() -> None:
    # "frank", "zappa" and "1969" are added (in, the: function words); the system has two of the three.
    scores = rewriting_scores(
        "When did he disband the group?",
        "When did frank zappa disband the group in 1969?",
        "When did Zappa disband the group, in 1969?",
    )
    assert scores["entities filled in"] == (2, 3)


def test_entities_are_not_scored_when_none_is_added() -> None:
    assert "entities filled in" not in rewriting_scores("Who is Zappa?", "Who is Zappa?", "Who is Zappa?")


def test_a_question_that_stands_alone_is_scored_for_being_changed() -> None:
    assert rewriting_scores("Who is he?", "who is he", "Who is Zappa?")["stand-alone changed"] == (1, 1)
    assert rewriting_scores("Who is he?", "who is he", "Who is he")["stand-alone changed"] == (0, 1)
    assert "stand-alone changed" not in rewriting_scores("Who is he?", "Who is Zappa?", "Who is he?")


def test_every_rewriting_measure_is_registered_and_a_perfect_rewrite_reaches_its_best() -> None:
    scores = {
        **rewriting_scores("Who is it?", "Who is Frank Zappa?", "Who is Frank Zappa?"),
        **rewriting_scores("Who is Frank Zappa?", "Who is Frank Zappa?", "Who is Frank Zappa?"),
    }
    best = {measure.name: measure.value(scores[measure.name]) for measure in MEASURES}
    assert best == pytest.approx({m.name: float(m.higher_is_better) for m in MEASURES})
