"""An answer in Telegram reads well, leads to the quotation, and nothing in an article breaks it."""

from dataclasses import replace
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citations import cite
from bot.datatypes import Answer, AnswerStatus
from bot.telegram_app.answer_messages import (
    answer_text,
    article_link,
    further_passages,
    more_text,
    nearest_text,
    passage_text,
    short_text,
)
from bot.telegram_app.splitting import split
from bot.telegram_app.styled import Style, StyledText, message_entities, plain
from prompts.phrases import IN_TELEGRAM, phrase
from retrieval.datatypes import Article, Passage, ScoredPassage
from tests.invariants import telegram_takes
from tests.test_styled import HOSTILE

SIGNS = {
    Style.BOLD: ("*", "*"),
    Style.ITALIC: ("_", "_"),
    Style.UNDERLINE: ("+", "+"),
    Style.QUOTATION: ("{", "}"),
    Style.LINK: ("<", ">"),
}
TEXT = (
    "Mark Rutte visited Riga on Thursday.\n\n"
    "He called the transfers a direct threat to everybody, and asked the allies for more. "
    "Nobody in the room contradicted him, and the ministers went home.\n\n"
    "The next meeting is in March."
)
QUOTE = "He called the transfers a direct threat to everybody, and asked the allies for more."
START = TEXT.index(QUOTE)
LAST = len(TEXT) - 29
ARTICLE = Article(
    id="riga",
    title="Rutte in *Riga*",
    text=TEXT,
    publisher="Baltic Courier",
    published="2024-11-14T16:20:00+02:00",
    language="en",
    url="https://example.org/riga",
)
OTHER = Article(id="roma", title="Rutte a Roma", text="La minaccia riguarda tutti. " * 20, language="it")
ANSWERED = Answer(
    question="what did he say?",
    understood_as="what did Rutte say in Riga?",
    status=AnswerStatus.ANSWERED,
    text=f"What Rutte said:\n– “{QUOTE}” [1]",
    language="en",
    citations=(cite(ARTICLE, START, START + len(QUOTE), 1),),
    evidence=(
        ScoredPassage(Passage(article_id="riga", start=0, end=LAST, text=TEXT[:LAST]), 2.0),
        ScoredPassage(Passage(article_id="roma", start=0, end=559, text=OTHER.text[:559]), 1.5),
        ScoredPassage(Passage(article_id="riga", start=LAST, end=len(TEXT), text=TEXT[LAST:]), 1.0),
    ),
    notices=("Left out: 1.",),
)
WORDS = START + QUOTE.index("a direct threat")
MARKED = replace(
    ANSWERED,
    citations=(cite(ARTICLE, START, START + len(QUOTE), 1, (WORDS, WORDS + len("a direct threat"))),),
)
NOT_COVERED = replace(
    ANSWERED,
    status=AnswerStatus.NOT_COVERED,
    text="The articles do not answer this. Looked for: won.",
    understood_as=ANSWERED.question,
    citations=(),
    nearest=(cite(ARTICLE, 0, LAST, 1), cite(OTHER, 0, 559, 2)),
    notices=(),
)
LINK = "https://example.org/riga#:~:text=He%20called%20the%20transfers,the%20allies%20for%20more"


def drawn(text: StyledText | None) -> str:
    """Draw the styles with signs, as a person would see them."""
    assert text is not None
    begins = {place: "" for place in range(len(text.text) + 1)}
    ends = dict(begins)
    for span in text.spans:
        begins[span.start] += SIGNS[span.style][0]
        ends[span.end] = SIGNS[span.style][1] + ends[span.end]
    return "".join(ends[place] + begins[place] + text.text[place : place + 1] for place in begins)


def links(text: StyledText | None) -> list[str | None]:
    assert text is not None
    return [span.url for span in text.spans if span.style is Style.LINK]


def legal_messages(text: StyledText | None) -> list[StyledText]:
    pieces = split(text) if text else []
    for piece in pieces:
        telegram_takes(piece.text, message_entities(piece))
    return pieces


def test_answer_is_statements_and_below_them_sources_that_can_be_unfolded() -> None:
    assert drawn(answer_text(ANSWERED)) == (
        "_(understood as: what did Rutte say in Riga?)_\n"
        "\n"
        "What Rutte said:\n"
        f"– “{QUOTE}” [1]\n"
        "\n"
        "{[1] <*Rutte in *Riga**>\n"
        "Baltic Courier, 2024-11-14\n"
        f"Mark Rutte visited Riga on Thursday. *{QUOTE}* Nobody in the room contradicted him, and the "
        "ministers went home. The next meeting is in March.}\n"
        "\n"
        "_Left out: 1._"
    )
    assert links(answer_text(ANSWERED)) == [LINK]


def test_words_that_answer_are_bold_in_the_statement_and_underlined_in_the_footnote() -> None:
    shown = drawn(answer_text(MARKED))
    assert (
        "– “He called the transfers *a direct threat* to everybody, and asked the allies for more.” [1]"
        in shown
    )
    assert (
        "*He called the transfers +a direct threat+ to everybody, and asked the allies for more.* Nob"
        in shown
    )
    assert drawn(passage_text(MARKED, 1)).count("*He called the transfers +a direct threat+ to every") == 1
    assert "– “He called the transfers *a direct threat* to" in drawn(short_text(MARKED))
    assert answer_text(MARKED).text == answer_text(ANSWERED).text
    legal_messages(answer_text(MARKED))


def test_words_that_answer_are_found_when_telegram_writes_them_otherwise() -> None:
    text = "He went\u2028to  Ska\u030ane\x00\n\n\nagain."
    start = text.index("to  ")
    article = replace(ARTICLE, text=text)
    citation = cite(article, 0, len(text), 1, (start, text.index("\x00") + 1))
    answer = replace(MARKED, text=f"– “{text}” [1]", citations=(citation,))
    assert "– “He went *to Skåne* again.” [1]" in drawn(answer_text(answer)).replace("\n", " ")
    assert "*He went +to Skåne+ again.*" in drawn(answer_text(answer))


def test_source_of_a_statement_stands_on_its_line_when_articles_differ() -> None:
    text = f"The articles give different figures:\n– Baltic Courier, 2024-11-14:\n“{QUOTE}” [1]"
    shown = drawn(answer_text(replace(MARKED, text=text)))
    assert "\n– Baltic Courier, 2024-11-14: “He called the transfers *a direct threat* to everybody" in shown


def test_answer_does_not_say_how_it_was_understood_when_that_was_asked() -> None:
    answer = replace(ANSWERED, question=ANSWERED.understood_as)
    assert answer_text(answer).text.startswith("What Rutte said:\n")


def test_language_is_named_when_it_differs_from_the_answer_s() -> None:
    assert "Baltic Courier, 2024-11-14, English\n" in answer_text(replace(ANSWERED, language="it")).text


def test_title_is_bold_without_a_link_when_the_article_is_not_on_the_web() -> None:
    citation = cite(replace(ARTICLE, url=None, publisher=None, published=None), START, START + 9, 1)
    shown = drawn(answer_text(replace(ANSWERED, citations=(citation,))))
    assert "{[1] *Rutte in *Riga**\nMark Rutte visited" in shown


def test_what_stands_around_a_quotation_is_cut_at_words_when_it_is_long() -> None:
    article = replace(ARTICLE, text="before " * 99 + "quoted words" + " after" * 99)
    citation = cite(article, 693, 705, 1)
    words = answer_text(replace(ANSWERED, citations=(citation,))).text.split("\n")[-3]
    assert words.startswith("… before before") and words.endswith("after after …")
    assert 390 < len(words) < 430


def test_refusal_says_what_was_looked_for_and_shows_nothing_else() -> None:
    assert answer_text(NOT_COVERED) == StyledText(NOT_COVERED.text)


def test_passage_is_whole_with_the_quotation_in_bold() -> None:
    assert drawn(passage_text(ANSWERED, 1)) == (
        "[1] <*Rutte in *Riga**>\n"
        "Baltic Courier, 2024-11-14\n"
        "\n"
        "Mark Rutte visited Riga on Thursday.\n"
        "\n"
        f"*{QUOTE}* Nobody in the room contradicted him, and the ministers went home."
    )


def test_passage_is_none_when_no_footnote_has_the_number() -> None:
    assert passage_text(ANSWERED, 2) is None


def test_nearest_passages_are_cut_and_numbered_when_nothing_answers() -> None:
    shown = drawn(nearest_text(NOT_COVERED))
    assert shown.startswith(
        f"{phrase('nearest', 'en')}\n\n{{1. <*Rutte in *Riga**>\nBaltic Courier, 2024-11-14\n"
    )
    assert "\n{2. *Rutte a Roma*\nitaliano\nLa minaccia" in shown and shown.endswith(" …}")
    assert len(shown.split("\n")[-1]) <= 203


def test_nearest_passages_are_none_when_there_are_none() -> None:
    assert nearest_text(ANSWERED) is None


def test_more_shows_what_was_considered_and_not_cited() -> None:
    shown = drawn(more_text(ANSWERED, {"roma": OTHER}))
    assert shown.startswith(f"{phrase('more_title', 'en', IN_TELEGRAM)}\n\n{{1. *Rutte a Roma*\nitaliano\n")
    assert "{2. <*Rutte in *Riga**>\nBaltic Courier, 2024-11-14\nThe next meeting is in March.}" in shown
    assert [scored.score for scored in further_passages(ANSWERED)] == [1.5, 1.0]


def test_more_names_an_article_by_its_id_when_it_is_not_known() -> None:
    assert "{1. *roma*\nLa minaccia" in drawn(more_text(ANSWERED))


def test_more_is_none_when_all_passages_are_shown() -> None:
    assert more_text(replace(ANSWERED, evidence=ANSWERED.evidence[:1])) is None


def test_more_is_at_most_five_passages() -> None:
    passages = [Passage(article_id="x", start=place, end=place + 1, text="x") for place in range(9)]
    answer = replace(ANSWERED, evidence=tuple(ScoredPassage(passage, 1.0) for passage in passages))
    assert len(further_passages(answer)) == 5


def test_short_answer_holds_the_question_and_only_sources_that_it_names() -> None:
    unnamed = cite(OTHER, 0, 27, 2)
    answer = replace(ANSWERED, citations=(*ANSWERED.citations, unnamed))
    assert drawn(short_text(answer)) == (
        "*what did Rutte say in Riga?*\n"
        "\n"
        "What Rutte said:\n"
        f"– “{QUOTE}” [1]\n"
        "\n"
        "[1] <*Rutte in *Riga**>\n"
        "Baltic Courier, 2024-11-14"
    )
    assert links(short_text(answer)) == [LINK]


def test_short_answer_is_one_message_when_everything_is_long() -> None:
    lines = "\n".join(f"– “{'many words ' * 300}” [{number}]" for number in range(1, 30))
    citations = tuple(replace(ANSWERED.citations[0], number=number) for number in range(1, 30))
    assert len(legal_messages(short_text(replace(ANSWERED, text=lines, citations=citations)))) == 1


def test_long_answer_is_several_messages_that_join_to_the_whole() -> None:
    article = replace(ARTICLE, text=TEXT * 40)
    citations = tuple(cite(article, START, START + 2000, number) for number in range(1, 9))
    text = answer_text(replace(ANSWERED, citations=citations))
    pieces = legal_messages(text)
    assert len(pieces) > 4
    assert "".join(piece.text for piece in pieces) == text.text


@pytest.mark.parametrize(
    ("url", "quote", "link"),
    [
        ("https://example.org/a", "a direct threat", "https://example.org/a#:~:text=a%20direct%20threat"),
        ("https://example.org/a#top", "a direct", "https://example.org/a#top:~:text=a%20direct"),
        ("https://example.org/#:~:text=old", "a direct", "https://example.org/#:~:text=a%20direct"),
        ("http://example.org/?q=1", "Riga, 9-14 & more.",
         "http://example.org/?q=1#:~:text=Riga%2C%209%2D14%20%26%20more"),
        ("https://example.org/é", "«…»", "https://example.org/é"),
    ],
    ids=["words", "fragment", "old", "signs", "no words"],
)  # fmt: skip
def test_link_opens_at_the_quotation(url: str, quote: str, link: str) -> None:
    assert article_link(replace(ARTICLE, url=url), quote) == link


def test_link_names_both_ends_when_the_quotation_runs_over_paragraphs() -> None:
    link = article_link(ARTICLE, "visited Riga on Thursday.\n\nHe called the transfers a direct threat")
    assert link == f"{ARTICLE.url}#:~:text=visited%20Riga%20on%20Thursday,transfers%20a%20direct%20threat"


def test_link_takes_more_words_when_the_first_stand_elsewhere_too() -> None:
    text = "He said on Monday that it rained. He said on Monday that it was over, at last, for all of them."
    link = article_link(replace(ARTICLE, text=text), text[34:])
    assert link is not None and "text=He%20said%20on%20Monday%20that%20it%20was,for%20all%20of%20them" in link


def test_link_names_both_ends_by_characters_when_a_language_has_no_spaces() -> None:
    quote = "".join(chr(0x4E00 + place) for place in range(100))
    link = article_link(replace(ARTICLE, text=quote), quote)
    assert link is not None and len(link) == len(f"{ARTICLE.url}#:~:text=,") + 80 * 9


@pytest.mark.parametrize(
    "url",
    [None, "", "riga.md", "javascript:alert(1)", "tg://resolve?domain=x", "ftp://example.org", "https://",
     "https://[", "https://example.org/a b", "https://x.org/\u202e", "https://x.org/" + "a" * 3000],
    ids=["none", "empty", "file", "script", "tg", "ftp", "no host", "broken", "space", "steering", "long"],
)  # fmt: skip
def test_link_is_none_when_the_address_is_not_one_of_the_web(url: str | None) -> None:
    assert article_link(replace(ARTICLE, url=url), QUOTE) is None


def test_link_is_the_address_alone_when_the_words_make_it_too_long() -> None:
    url = "https://example.org/" + "a" * 2000
    assert article_link(replace(ARTICLE, url=url), QUOTE) == url


@given(
    st.lists(HOSTILE.filter(str.strip), min_size=1, max_size=5),
    HOSTILE,
    st.sampled_from(list(AnswerStatus)),
)
def test_messages_are_legal_whatever_an_article_holds(
    texts: list[str], title: str, status: AnswerStatus
) -> None:
    article = replace(
        ARTICLE, text="".join(texts), title=title, publisher=title, url=f"https://x.org/{title}"
    )
    places = list(accumulate(map(len, texts), initial=0))
    cited = tuple(
        cite(article, start, end, number, (start, start + (end - start) // 2 or end))
        for number, (start, end) in enumerate(pairwise(places), start=1)
    )
    lines = "\n".join(f"– “{citation.quote}” [{citation.number}]" for citation in cited)
    is_covered = status is not AnswerStatus.NOT_COVERED
    answer = replace(ANSWERED, status=status, text=lines, notices=(title,), understood_as=title,
                     citations=cited if is_covered else (), nearest=() if is_covered else cited)  # fmt: skip
    assert legal_messages(answer_text(answer))
    assert len(legal_messages(short_text(answer))) == 1
    legal_messages(nearest_text(answer))
    legal_messages(more_text(answer))
    for citation in cited:
        shown = passage_text(answer, citation.number)
        assert shown is not None and plain(citation.quote).text in shown.text
        legal_messages(shown)


def test_footnote_says_what_the_publisher_corrected() -> None:
    corrected = replace(ARTICLE, correction="It was *Wednesday*.\nNot in Riga.")
    answer = replace(ANSWERED, citations=(cite(corrected, START, START + len(QUOTE), 1),))
    text = answer_text(answer).text
    assert "Baltic Courier, 2024-11-14\nCorrected: It was *Wednesday*. Not in Riga.\n" in text
    assert "Corrected" not in answer_text(ANSWERED).text
