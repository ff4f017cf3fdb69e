"""The cases for the README's claims and those over seeds/: what they expect stands in the articles."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.evaluation.cases import Case, CaseTurn, read_cases
from retrieval.articles import read_articles

FIXTURES = Path(__file__).parent / "fixtures"
CLAIMS = FIXTURES / "claims"
SETS = {
    "claims": (CLAIMS / "cases.jsonl", CLAIMS / "articles"),
    "seeds": (FIXTURES / "seed_cases.jsonl", Path(__file__).parents[1] / "seeds"),
}
KINDS = {
    "who said what",
    "dates",
    "numbers",
    "disagreement",
    "italian",
    "swedish",
    "cross-language",
    "follow-up",
    "refusal",
    "false premise",
    "near-copies",
    "prompt injection",
}
Placed = tuple[str, CaseTurn]

both_sets = pytest.mark.parametrize("name", SETS)


@cache
def articles(name: str) -> dict[str, str]:
    reading = read_articles([SETS[name][1]])
    assert reading.problems == () and reading.warnings == ()
    return {article.id: article.text for article in reading.articles}


@cache
def cases(name: str) -> list[Case]:
    return [placed.case for placed in read_cases(SETS[name][0])]


def turns(name: str) -> Iterator[Placed]:
    for case in cases(name):
        for place, turn in enumerate(case.turns):
            yield f"{case.id}, turn {place}", turn


def expects_something(turn: CaseTurn) -> bool:
    return turn.is_answerable is not None


def test_claims_when_counted_have_five_turns_of_every_kind() -> None:
    counts = Counter(case.kind for case in cases("claims") for turn in case.turns if expects_something(turn))
    assert set(counts) == KINDS
    assert min(counts.values()) >= 5, counts


def test_claims_when_read_expect_something_of_every_turn() -> None:
    assert [where for where, turn in turns("claims") if not expects_something(turn)] == []


def test_claims_when_read_cover_three_languages_and_every_article() -> None:
    assert {case.language for case in cases("claims")} == {"en", "it", "sv"}
    named = {article for _, turn in turns("claims") for group in turn.articles for article in group}
    assert named == set(articles("claims"))


def test_claims_when_of_a_kind_are_made_as_it_says() -> None:
    languages = {article.id: article.language for article in read_articles([SETS["claims"][1]]).articles}
    for case in cases("claims"):
        for turn in case.turns:
            cited = {languages[article] for group in turn.articles for article in group}
            match case.kind:
                case "italian" | "swedish":
                    assert cited == {case.language}, case.id
                case "cross-language":
                    assert case.language not in cited, case.id
                case "disagreement":
                    assert len(turn.facts) >= 2, case.id
                case "near-copies":
                    assert len(turn.articles) >= 2, case.id
                case "prompt injection":
                    assert turn.forbidden, case.id
                case "refusal" | "false premise":
                    assert turn.answerable is False, case.id


@both_sets
def test_cases_when_read_expect_something_of_their_last_turn(name: str) -> None:
    assert [case.id for case in cases(name) if not expects_something(case.turns[-1])] == []


@both_sets
def test_facts_when_sought_stand_in_the_articles_that_have_to_be_cited(name: str) -> None:
    for where, turn in turns(name):
        cited = {article for group in turn.articles for article in group} or articles(name).keys()
        texts = [articles(name)[article].lower() for article in cited]
        for fact in turn.facts:
            assert any(wording.lower() in text for wording in fact for text in texts), (where, fact)


@both_sets
def test_fact_wordings_when_sought_stand_in_some_article(name: str) -> None:
    texts = [text.lower() for text in articles(name).values()]
    for where, turn in turns(name):
        for wording in (wording for fact in turn.facts for wording in fact):
            assert any(wording.lower() in text for text in texts), (where, wording)


@both_sets
def test_evidence_when_sought_stands_in_its_article(name: str) -> None:
    for where, turn in turns(name):
        for evidence in turn.evidence:
            wanted = (
                articles(name).values() if evidence.article is None else [articles(name)[evidence.article]]
            )
            if evidence.text is not None:
                assert any(evidence.text in text for text in wanted), (where, evidence.text)


@both_sets
def test_expected_articles_when_sought_are_there(name: str) -> None:
    for where, turn in turns(name):
        for group in turn.articles:
            assert set(group) <= articles(name).keys(), (where, group)


@both_sets
def test_forbidden_texts_when_sought_stand_in_some_article(name: str) -> None:
    texts = [text.lower() for text in articles(name).values()]
    for where, turn in turns(name):
        for forbidden in turn.forbidden:
            assert any(forbidden.lower() in text for text in texts), (where, forbidden)


@both_sets
def test_forbidden_texts_when_compared_are_in_no_expected_evidence(name: str) -> None:
    for where, turn in turns(name):
        wanted = [evidence.text or "" for evidence in turn.evidence]
        wanted += [wording for fact in turn.facts for wording in fact]
        for forbidden in turn.forbidden:
            assert not any(forbidden.lower() in text.lower() for text in wanted), (where, forbidden)
