"""A follow-up is understood from the questions and answers before it; other questions stay as they are."""

import pytest

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus, Conversation, Turn
from bot.followup import stand_alone
from retrieval.datatypes import Article


def turn(question: str, language: str, quote: str = "") -> Turn:
    article = Article(id="news", title="", text=quote, language=language)
    answer = Answer(
        question=question,
        understood_as=question,
        status=AnswerStatus.ANSWERED if quote else AnswerStatus.NOT_COVERED,
        text=quote,
        language=language,
        citations=(cite(article, 0, len(quote), 1),) if quote else (),
    )
    return Turn(question, answer)


@pytest.mark.parametrize(
    ("before", "question", "language", "expected"),
    [
        ("What did Okafor say about Peru?", "And what did she say about Chile?", "en",
         "what did Okafor say about Chile?"),
        ("What did Okafor say about Peru?", "What did she say about Chile?", "en",
         "What did Okafor say about Chile?"),
        ("What did Okafor say about Peru?", "Where did she go?", "en", "Where did Okafor go?"),
        ("What did Okafor say about Peru?", "And Lind?", "en", "What did Lind say about Peru?"),
        ("What did Okafor say about Peru?", "What about Tomas Lind?", "en",
         "What did Tomas Lind say about Peru?"),
        ("What did Amara Okafor say about Peru?", "And Lind?", "en", "What did Lind say about Peru?"),
        ("What did Okafor say in Peru?", "And in Chile?", "en", "What did Okafor say in Chile?"),
        ("Where did Okafor open the bridge?", "When?", "en", "When did Okafor open the bridge?"),
        ("What did Okafor open in Peru?", "When?", "en", "When did Okafor open in Peru?"),
        ("What did Okafor say about Peru?", "When?", "en", "When did Okafor say that about Peru?"),
        ("What weapons is Peru getting from Chile?", "Why?", "en", "Why is Peru getting weapons from Chile?"),
        ("Which schools will close in Lima?", "When?", "en", "When will schools close in Lima?"),
        ("Which leaders were at the summit in Lima?", "How many of them were there?", "en",
         "How many leaders were at the summit in Lima?"),
        ("Where did Okafor travel?", "Who with?", "en", "Who did Okafor travel with?"),
        ("How long did Okafor and Lind talk?", "What about?", "en", "What did Okafor and Lind talk about?"),
        ("Who won the recount in Lima?", "By how many votes?", "en",
         "By how many votes won the recount in Lima?"),
        ("Who won the recount in Lima?", "How many died?", "en", "How many died?"),
        ("How many ferries sank in Peru?", "Who says so?", "en", "Who says how many ferries sank in Peru?"),
        ("How many ferries sank in Peru?", "Which ones?", "en", "Which ferries sank in Peru?"),
        ("How many ferries sank in Peru?", "What were they called?", "en", "What were the ferries called?"),
        ("What did Okafor say about Peru?", "What else?", "en", "What else did Okafor say about Peru?"),
        ("What did Okafor say about Peru?", "Tell me more", "en", "What did Okafor say about Peru?"),
        ("Does Okafor believe that Peru helps Chile?", "Do they admit it?", "en", "Do Peru admit it?"),
        ("Did Amara Okafor speak with Tomas Lind?", "How long did they talk?", "en",
         "How long did Amara Okafor and Tomas Lind talk?"),
        ("Har Okafor talat med Lind?", "Vad sa de?", "sv", "Vad sa Okafor och Lind?"),
        ("How long did Okafor and Lind talk?", "no, I mean Lind and Amara Berg", "en",
         "How long did Lind and Amara Berg talk?"),
        ("Vad sade Lindqvist i Peru?", "När var hon där?", "sv", "När var Lindqvist i Peru?"),
        ("How many ferries sank in Peru?", "and in Chile?", "en", "How many ferries sank in Chile?"),
        ("Cosa ha detto Bianchi del Perù?", "E Rossetti?", "it", "Cosa ha detto Rossetti del Perù?"),
        ("Cosa ha detto Bianchi in Perù?", "E in Cile?", "it", "Cosa ha detto Bianchi in Cile?"),
        ("Cosa ha detto Bianchi in Perù?", "Quando?", "it", "Quando ha detto questo Bianchi in Perù?"),
        ("Vad sade Lindqvist i Peru?", "Och i Chile?", "sv", "Vad sade Lindqvist i Chile?"),
        ("Vad sade Lindqvist i Peru?", "Och Berg?", "sv", "Vad sade Berg i Peru?"),
        ("Vad sade Lindqvist i Peru?", "När?", "sv", "När sade Lindqvist det i Peru?"),
        ("Vad sade Lindqvist i Peru?", "Och vad sade hon om Chile?", "sv",
         "vad sade Lindqvist om Chile?"),
    ],
)  # fmt: skip
def test_stand_alone_when_question_leans_on_the_one_before(
    before: str, question: str, language: str, expected: str
) -> None:
    assert stand_alone(question, (turn(before, language),), language) == expected


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many ferries sank in the storm?", "en"),
        ("Who is Tomas Lind and what does he want?", "en"),
        ("What did Tomas Lind say about Chile?", "en"),
        ("Quanti traghetti sono affondati?", "it"),
        ("Hur många färjor sjönk?", "sv"),
    ],
)
def test_stand_alone_when_question_needs_nothing_is_unchanged(question: str, language: str) -> None:
    conversation = (turn("What did Okafor say about Peru?", "en"),)
    assert stand_alone(question, conversation, language) == question


@pytest.mark.parametrize("question", ["And what did she say?", "When?", "E Rossetti?", "  why  "])
def test_stand_alone_when_nothing_was_said_before_is_unchanged(question: str) -> None:
    assert stand_alone(question, (), "en") == question


def test_stand_alone_when_somebody_was_found_means_them() -> None:
    conversation = (turn("Who opened the bridge?", "en", "Amara Okafor opened it in Lima on Monday."),)
    assert stand_alone("Where does she live?", conversation, "en") == "Where does Amara Okafor live?"
    assert stand_alone("What did she say?", conversation, "en") == "What did Amara Okafor say?"
    assert stand_alone("Which bridges are there?", conversation, "en") == "Which bridges are in Lima?"


def test_stand_alone_when_two_were_asked_about_means_the_last() -> None:
    conversation: Conversation = (
        turn("What did Okafor say about Peru?", "en"),
        turn("What did Lind say about Peru?", "en"),
    )
    assert stand_alone("Where did he go?", conversation, "en") == "Where did Lind go?"


def test_stand_alone_when_last_question_names_nobody_looks_further_back() -> None:
    conversation: Conversation = (
        turn("What did Okafor say about Peru?", "en"),
        turn("How many ferries sank?", "en"),
    )
    assert stand_alone("Where did she go?", conversation, "en") == "Where did Okafor go?"


def test_stand_alone_when_nobody_was_named_is_unchanged() -> None:
    assert (
        stand_alone("Where did she go?", (turn("How many ferries sank?", "en"),), "en") == "Where did she go?"
    )


@pytest.mark.parametrize(
    ("before", "question", "language", "expected"),
    [
        ("What did Okafor say in Peru?", "And Lind in Chile?", "en", "What did Lind say in Chile?"),
        ("What happened in Esbjerg?", "And in Norrviken?", "en", "What happened in Norrviken?"),
        ("When was the fire in Arden?", "who is the mayor there?", "en", "who is the mayor in Arden?"),
        ("What did Okafor say in Peru?", "What did she bring back from there?", "en",
         "What did Okafor bring back from Peru?"),
        ("Where did Okafor go?", "Are there any photos?", "en", "Are there any photos?"),
        ("Who is Amara Okafor?", "How old is he?", "en", "How old is he?"),
        ("Who is Amara Okafor?", "How old is she?", "en", "How old is Amara Okafor?"),
        ("Who is Amara Okafor?", "What is her plan?", "en", "What is Amara Okafor's plan?"),
        ("How long is Kestrel Bridge shut for?", "why did they not see it?", "en",
         "why did they not see Kestrel Bridge?"),
        ("When did China and Peru set up ties?", "How is their relationship described?", "en",
         "How is China and Peru's relationship described?"),
        ("How long was Lind's trip?", "Where did it start?", "en", "Where did Lind's trip start?"),
        ("What did Lind say about China?", "And the Japanese minister?", "en",
         "What did the Japanese minister say about China?"),
        ("How many ferries sank in 2014?", "And in 2015?", "en", "How many ferries sank in 2015?"),
        ("Chi è Lucia Ferrante?", "Cosa ha detto dello sciopero?", "it",
         "Cosa ha detto Lucia Ferrante dello sciopero?"),
        ("Cosa ha detto Ferrante dello sciopero?", "E Ivana Corsi?", "it",
         "Cosa ha detto Ivana Corsi dello sciopero?"),
        ("Vilka skolor läggs ner i Norrviken?", "Hur mycket sparar kommunen på det?", "sv",
         "Hur mycket sparar kommunen på det?"),
        ("Vem är Amara Okafor?", "Vad är hennes plan?", "sv", "Vad är Amara Okafors plan?"),
    ],
)  # fmt: skip
def test_stand_alone_when_a_word_points_back_names_what_it_fits(
    before: str, question: str, language: str, expected: str
) -> None:
    assert stand_alone(question, (turn(before, language),), language) == expected


@pytest.mark.parametrize(
    ("before", "question", "language", "expected"),
    [
        ("What did Okafor say in Peru?", "No, I mean Lind", "en", "What did Lind say in Peru?"),
        ("What did Okafor say in Peru?", "no, in Japan", "en", "What did Okafor say in Japan?"),
        ("What did Okafor say in Peru?", "I meant in Japan.", "en", "What did Okafor say in Japan?"),
        ("What did Okafor say in Peru?", "no, who is Tomas Lind?", "en", "who is Tomas Lind?"),
        ("Cosa ha detto Bianchi in Perù?", "No, intendo Rossetti", "it", "Cosa ha detto Rossetti in Perù?"),
        ("Vad sade Berg i Peru?", "Nej, jag menar i Chile", "sv", "Vad sade Berg i Chile?"),
    ],
)
def test_stand_alone_when_the_last_question_is_corrected_replaces_that_part(
    before: str, question: str, language: str, expected: str
) -> None:
    assert stand_alone(question, (turn(before, language),), language) == expected


def test_stand_alone_when_a_woman_was_found_passes_over_a_man() -> None:
    conversation = (
        turn("Who won the recount?", "en", "Grace Okoro will be the next mayor."),
        turn("By how many votes?", "en", "A recount put her 29 votes ahead of Daniel Petty."),
    )
    assert stand_alone("how old is she?", conversation, "en") == "how old is Grace Okoro?"
    assert stand_alone("how old is he?", conversation, "en") == "how old is Daniel Petty?"


def test_stand_alone_when_nobody_is_asked_about_means_who_the_answers_name_most() -> None:
    conversation = (
        turn("Where was she born?", "en", "Okafor was born in Lima."),
        turn("What did she study?", "en", "At twenty Okafor left Lind’s school for the University of Chile."),
    )
    assert stand_alone("When did she leave?", conversation, "en") == "When did Okafor leave?"


def test_stand_alone_when_a_place_only_says_where_is_not_they() -> None:
    conversation = (turn("How long is it shut?", "en", "Drivers must go round by Penmoor."),)
    assert (
        stand_alone("Why did they not see the crack?", conversation, "en")
        == "Why did they not see the crack?"
    )


def test_stand_alone_when_somebody_went_somewhere_means_there() -> None:
    conversation = (turn("Where did he travel?", "en", "The EU envoy Tomas Lind made a trip to Peru."),)
    asked = "What did he bring back from there?"
    assert stand_alone(asked, conversation, "en") == "What did Tomas Lind bring back from Peru?"
