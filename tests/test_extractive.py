"""An extractive answer says a statement once, cites all who carry it, and keeps its limits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def marked(text: str, article_id: str, language: str = "en", *, published: str | None = None) -> Finding:
    """A sentence in which the words between "*" answer, behind another one, from an outlet named Post."""
    before, words, after = text.split("*")
    whole = f"It rained.\n{before}{words}{after}"
    article = Article(
        id=article_id, title="", text=whole, language=language, publisher="Post", published=published
    )
    start = len("It rained.\n") + len(before)
    sentence = read_article(article, split_sentences(whole))[-1]
    return Finding(sentence, 1.0, (start, start + len(words)))


def marked_words(draft: Draft) -> list[str | None]:
    return [
        citation.marked and citation.article.text[slice(*citation.marked)] for citation in draft.citations
    ]


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


def test_write_answer_when_words_answer_marks_them() -> None:
    draft = write("What did Okafor call safe?", [marked("Okafor said that *the old ferry* is safe.", "one")])
    assert marked_words(draft) == ["the old ferry"]
    assert draft.text.splitlines()[1:] == ["– “Okafor said that the old ferry is safe.” [1]"]


def test_write_answer_when_different_sentences_give_one_answer_cites_it_once() -> None:
    texts = [
        ("*12,000* troops crossed the river, Kyiv estimates.", "en"),
        ("Secondo l'intelligence i soldati inviati sono *12.000*.", "it"),
        ("An army of *12 000 men*: so Seoul counts them.", "en"),
    ]
    findings = [marked(text, str(place), code) for place, (text, code) in enumerate(texts)]
    draft = write("How many soldiers are there?", findings)
    assert draft.text.splitlines() == [
        "The articles say:",
        "– “12,000 troops crossed the river, Kyiv estimates.” [1][2][3]",
    ]
    assert marked_words(draft) == ["12,000", "12 000 men", "12.000"]


@pytest.mark.parametrize(
    ("question", "one", "other", "opening"),
    [
        ("How many ferries sank?", "Up to *12,000* old ferries sank.", "Up to *10,000* old ferries sank.",
         "The articles give different figures:"),
        ("What did the storm cost?", "It cost *12 lives*.", "It cost *30 lives*.",
         "The articles give different figures:"),
        ("When did the ferry sink?", "The ferry sank on *14 November*.", "The ferry sank on *9 November*.",
         "The articles give different dates:"),
        ("Who leads the harbour?", "*Amara Okafor* leads the old harbour.", "*Tomas Lind* leads the harbour.",
         "The articles say:"),
    ],
    ids=["quantity", "other figure", "date", "name"],
)  # fmt: skip
def test_write_answer_when_articles_contradict_each_other_says_who_and_when(
    question: str, one: str, other: str, opening: str
) -> None:
    findings = [marked(one, "one", published="2024-11-14T08:00:00+01:00"), marked(other, "two")]
    lines = write(question, findings).text.splitlines()
    when = "Thursday, 14 November 2024: " if question.startswith("When") else ""
    assert lines == [
        opening,
        "– Post, 2024-11-14:",
        f"{when}“{one.replace('*', '')}” [1]",
        "– Post:",
        f"“{other.replace('*', '')}” [2]",
    ]


def test_write_answer_when_one_article_has_two_figures_does_not_call_them_different() -> None:
    text = "Some 40 ferries sank. Some 50 ferries sank."
    article = Article(id="one", title="", text=text, language="en", publisher="Post")
    first, second = read_article(article, split_sentences(text))
    draft = write("How many ferries sank?", [Finding(first, 1.0, (5, 7)), Finding(second, 1.0, (27, 29))])
    assert marked_words(draft) == ["40", "50"]
    assert draft.text.splitlines()[0] == "The articles say:"
    assert "Post" not in draft.text


def test_write_answer_when_answers_are_alike_in_part_keeps_those_that_contradict_apart() -> None:
    findings = [
        marked("The ferry sank on *14 November*.", "one"),
        marked("On *14 November 2023* it was lost.", "two"),
        marked("They saw it go down on *14 November 2024*.", "three"),
    ]
    draft = write("When did it sink?", findings)
    assert [line.count("[") for line in draft.text.splitlines()] == [0, 2, 1]
    assert marked_words(draft) == ["14 November", "14 November 2023", "14 November 2024"]


def test_write_answer_when_a_yes_or_a_no_is_asked_for_compares_sentences() -> None:
    findings = [
        marked("The ferry in *Lima* is open.", "one"),
        marked("A strange poster hangs in *Lima* today.", "two"),
        marked("In *Riga* the harbour was closed on Monday.", "three"),
    ]
    draft = write("Is the ferry open?", findings)
    assert [line.count("[") for line in draft.text.splitlines()] == [0, 1, 1, 1]
    assert marked_words(draft) == ["Lima", "Lima", "Riga"]


def test_write_answer_when_only_some_are_marked_compares_their_sentences() -> None:
    findings = [marked(f"*{FERRY[:-1]}*.", "one"), finding(FERRY_AGAIN, "two"), finding(TRAM, "three")]
    draft = write("What did Okafor say?", findings)
    assert draft.text.splitlines()[1:] == [f"– “{FERRY}” [1][2]", f"– “{TRAM}” [3]"]
    assert marked_words(draft) == [FERRY[:-1], None, None]


@given(
    st.lists(st.text("aé🚢 ", min_size=1, max_size=9), min_size=3, max_size=3),
    st.integers(1, 60),
    st.booleans(),
)
def test_write_answer_when_a_marked_sentence_is_too_long_quotes_around_the_mark(
    parts: list[str], characters: int, is_long: bool
) -> None:
    before, words, after = (f"x{part}x" for part in parts)
    text = f"{before * 4 if is_long else before} *{words}* {after * 4}."
    (citation,) = write("What is old?", [marked(text, "one")], characters=characters).citations
    assert len(citation.quote) <= characters
    assert citation.marked is not None
    said = citation.article.text[slice(*citation.marked)]
    assert said == words or (len(words) > characters and words.startswith(said))


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
