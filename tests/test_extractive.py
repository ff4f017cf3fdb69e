"""An extractive answer says a statement once, cites all who carry it, and keeps its limits."""

import re

import pytest

from bot.citations import require_all_stand
from bot.datatypes import AnswerStatus
from bot.extractive import Draft, quoted, refuse, write_answer
from retrieval.datatypes import Article
from retrieval.passages import split_sentences
from retrieval.query import understand
from retrieval.reading import Finding
from retrieval.sentences import read_article

FERRY = "Amara Okafor said that the old ferry to Chile is safe."
FERRY_AGAIN = "The old ferry to Chile is safe, Amara Okafor said on Monday."
FERRY_IT = "Amara Okafor ha detto che il vecchio traghetto per il Cile è sicuro."
TRAM = "Amara Okafor said that trams will stop at every new museum."


def finding(text: str, article_id: str, language: str = "en", lead: str = "") -> Finding:
    whole = f"{lead}\n\n{text}" if lead else text
    article = Article(id=article_id, title="", text=whole, language=language)
    return Finding(read_article(article, split_sentences(whole))[-1], 1.0)


def write(
    question: str, findings: list[Finding], language: str = "en", quotes: int = 5, characters: int = 900
) -> Draft:
    draft = write_answer(
        understand(question, language), findings, quotes=quotes, quoted_characters=characters
    )
    require_all_stand(draft.citations)
    numbers = list(range(1, len(draft.citations) + 1))
    assert [citation.number for citation in draft.citations] == numbers
    assert [int(number) for number in re.findall(r"\[(\d+)\]", draft.text)] == numbers
    return draft


def cited(draft: Draft) -> list[str]:
    return [citation.article.id for citation in draft.citations]


def test_write_answer_when_two_articles_say_the_same_says_it_once_and_cites_both() -> None:
    draft = write("What did Okafor say?", [finding(FERRY, "one"), finding(FERRY_AGAIN, "two")])
    assert draft.status is AnswerStatus.ANSWERED
    assert cited(draft) == ["one", "two"]
    assert draft.text.splitlines() == ["What Okafor said:", f"– “{FERRY}” [1][2]"]


def test_write_answer_when_one_article_says_it_twice_says_it_once() -> None:
    one = Article(id="one", title="", text=f"{FERRY} {FERRY_AGAIN}", language="en")
    sentences = read_article(one, split_sentences(one.text))
    draft = write("What did Okafor say?", [Finding(sentence, 1.0) for sentence in sentences])
    assert draft.text.splitlines()[1:] == [f"– “{FERRY}” [1]"]
    assert [citation.quote for citation in draft.citations] == [FERRY]


def test_write_answer_when_statements_differ_says_each() -> None:
    draft = write("What did Okafor say?", [finding(FERRY, "one"), finding(TRAM, "two")])
    assert draft.text.splitlines()[1:] == [f"– “{FERRY}” [1]", f"– “{TRAM}” [2]"]


def test_write_answer_when_sentence_is_not_the_first_cites_its_place() -> None:
    draft = write("What did Okafor say?", [finding(FERRY, "one", lead="It rained in Lima 🚢.")])
    assert [citation.quote for citation in draft.citations] == [FERRY]
    assert draft.citations[0].start > 0


@pytest.mark.parametrize(
    ("question", "language", "first"),
    [("What did Okafor say?", "en", FERRY), ("Cosa ha detto Okafor?", "it", FERRY_IT)],
)
def test_write_answer_when_languages_differ_quotes_that_of_the_question_first(
    question: str, language: str, first: str
) -> None:
    for findings in (
        [finding(FERRY, "one"), finding(FERRY_IT, "two", "it")],
        [finding(FERRY_IT, "two", "it"), finding(FERRY, "one")],
    ):
        draft = write(question, findings, language)
        assert draft.citations[0].quote == first
        assert set(cited(draft)) == {"one", "two"}
        assert draft.text.count("– ") == 1


@pytest.mark.parametrize(
    ("figures", "opening", "lines"),
    [
        (("12,000", "10,000"), "The articles give different figures:", 2),
        (("12,000", "12.000"), "The articles say:", 1),
    ],
)
def test_write_answer_when_figures_differ_or_not(figures: tuple[str, str], opening: str, lines: int) -> None:
    texts = [f"Up to {figure} old ferries sank off Chile." for figure in figures]
    findings = [finding(text, str(place)) for place, text in enumerate(texts)]
    draft = write("How many ferries sank?", findings)
    assert draft.text.splitlines()[0] == opening
    assert len(draft.text.splitlines()) == 1 + lines
    assert cited(draft) == ["0", "1"]


@pytest.mark.parametrize(("quotes", "kept"), [(1, 1), (3, 3), (5, 5), (20, 7)])
def test_write_answer_when_quotes_are_limited_keeps_to_it(quotes: int, kept: int) -> None:
    topics = ["ferry", "tram", "museum", "harbour", "poster", "bridge", "storm"]
    findings = [finding(f"The {topic} of {topic}ville is {topic}ly.", topic) for topic in topics]
    draft = write("What is old?", findings, quotes=quotes)
    assert cited(draft) == topics[:kept]


def test_write_answer_when_characters_are_limited_skips_what_is_too_long() -> None:
    findings = [finding(FERRY, "one"), finding(TRAM, "two"), finding("It rained.", "three")]
    draft = write("What did Okafor say?", findings, characters=len(FERRY) + 10)
    assert cited(draft) == ["one", "three"]
    assert sum(len(citation.quote) for citation in draft.citations) <= len(FERRY) + 10


def test_write_answer_when_limit_is_short_gives_each_statement_before_any_again() -> None:
    findings = [finding(FERRY, "one"), finding(FERRY_AGAIN, "two"), finding(TRAM, "three")]
    draft = write("What did Okafor say?", findings, quotes=2)
    assert cited(draft) == ["one", "three"]


def test_write_answer_when_a_sentence_is_too_long_cuts_it_between_words() -> None:
    (citation,) = write("What did Okafor say?", [finding(FERRY, "one")], characters=10).citations
    assert FERRY.startswith(citation.quote + " ")
    assert len(citation.quote) <= 10


def test_write_answer_when_nothing_is_found_refuses() -> None:
    draft = write("What did Okafor say about trams?", [], characters=10)
    assert draft == refuse(understand("What did Okafor say about trams?", "en"))
    assert draft.status is AnswerStatus.NOT_COVERED
    assert draft.citations == ()


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("What did Okafor say in Lima about trams?", "en",
         "The articles do not answer this. Looked for: Okafor Lima trams."),
        ("Cosa ha detto Okafor a Lima sui traghetti?", "it",
         "Gli articoli non rispondono a questa domanda. Cercato: Okafor Lima traghetti."),
        ("Vad sade Okafor i Lima om färjor?", "sv",
         "Artiklarna svarar inte på det. Sökte efter: Okafor Lima färjor."),
        ("What is it?", "en", "The articles do not answer this. Looked for: What is it?."),
    ],
)  # fmt: skip
def test_refuse_when_nothing_answers_names_what_was_looked_for(
    question: str, language: str, expected: str
) -> None:
    assert refuse(understand(question, language)).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained.", "“It rained.”"),
        ("“It rained,” she said.", "«“It rained,” she said.»"),
        ('He said "rain".', '«He said "rain".»'),
    ],
)
def test_quoted_when_text_has_marks_takes_others(text: str, expected: str) -> None:
    assert quoted(text) == expected
