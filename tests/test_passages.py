"""Sentences and passages cover an article in order, keep their place and their limits."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.articles import read_articles
from retrieval.datatypes import Article
from retrieval.passages import Limit, split_passages, split_sentences
from retrieval.tokens import count_tokens
from tests.invariants import every_passage_stands, every_span_stands

SEEDS = Path(__file__).parents[1] / "seeds"
# Words and marks that sentences are made of, and those that a segmenter trips over.
_PIECES = st.sampled_from(
    ["Mr.", "Rutte", "said", "“We", "are", "ready.”", "–", "No!", "(Riga,", "7", "Nov.)", "U.S.", "12.5",
     "it’s", "e.g.", "…", "»Ja«", "perché?", "\n", "\n\n", "Prof.", "Gov.", "kl.", "北京。", "x.org/a"]
)  # fmt: skip
_ARTICLE_TEXTS = st.lists(_PIECES, max_size=60).map(" ".join)
_TEXTS = st.one_of(st.text(max_size=300), _ARTICLE_TEXTS)


def article_of(text: str) -> Article:
    return Article(id="a", title="A title", text=text)


def count_words(text: str) -> int:
    return len(text.split())


def count_like_word_pieces(text: str) -> int:
    """Counts as MiniLM does: a word of more than a hundred characters is one unknown piece."""
    return sum(1 if len(word) > 100 else (len(word) + 3) // 4 for word in text.split())


@given(_TEXTS)
@example("He said: “We will go.” Then he left.")
@example("\u2028a. B\x85 c.\x1c d")
def test_split_sentences_when_text_is_anything(text: str) -> None:
    every_span_stands(text, split_sentences(text))


@given(_TEXTS, st.integers(6, 40), st.integers(1, 12))
def test_split_passages_when_text_is_anything(text: str, tokens: int, words: int) -> None:
    article = article_of(text)
    limits = [Limit(count_tokens, tokens), Limit(count_words, words)]
    every_passage_stands(article, split_passages(article, split_sentences(text), limits), limits)


@given(st.lists(st.integers(1, 250), min_size=1, max_size=40), st.integers(26, 60))
def test_split_passages_when_long_words_count_as_one(lengths: list[int], maximum: int) -> None:
    article = article_of(" ".join("x" * length for length in lengths))
    limits = [Limit(count_like_word_pieces, maximum)]
    passages = split_passages(article, split_sentences(article.text), limits)
    every_passage_stands(article, passages, limits)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(9, 40))
def test_split_passages_when_sentences_fit_keeps_them_whole(lengths: list[int], maximum: int) -> None:
    text = " ".join(" ".join(["Word", *["word"] * (length - 1)]) + "." for length in lengths)
    sentences = split_sentences(text)
    limits = [Limit(count_words, maximum)]
    passages = split_passages(article_of(text), sentences, limits)
    assert {passage.start for passage in passages} <= {start for start, _ in sentences}
    assert {passage.end for passage in passages} <= {end for _, end in sentences}
    # No two neighbours would have fitted into one passage.
    for one, other in pairwise(passages):
        first = next(text[start:end] for start, end in sentences if start == other.start)
        assert count_words(one.text) + count_words(first) > maximum


def test_split_passages_when_a_sentence_is_overlong_cuts_at_spaces() -> None:
    article = article_of("one two three four five six seven")
    passages = split_passages(article, split_sentences(article.text), [Limit(count_words, 3)])
    assert [passage.text for passage in passages] == ["one two three", "four five six", "seven"]


def test_split_passages_when_a_sentence_is_immense_counts_it_few_times() -> None:
    text = "word " * 40_000
    counted = 0

    def count(piece: str) -> int:
        nonlocal counted
        counted += len(piece)
        return len(piece.split())

    article = article_of(text.strip())
    limits = [Limit(count, 100)]
    assert len(split_passages(article, split_sentences(article.text), limits)) == 400
    assert counted < 60 * len(text)


@pytest.mark.parametrize("tokens", [32, 256])
def test_split_passages_when_articles_are_real(tokens: int) -> None:
    limits = [Limit(count_tokens, tokens), Limit(count_like_word_pieces, tokens)]
    articles = read_articles([SEEDS]).articles
    assert len(articles) >= 8
    for article in articles:
        sentences = split_sentences(article.text)
        every_span_stands(article.text, sentences)
        every_passage_stands(article, split_passages(article, sentences, limits), limits)


def test_split_passages_when_there_is_no_text() -> None:
    assert split_passages(article_of(" \n"), split_sentences(" \n"), [Limit(count_words, 3)]) == []


_SENTENCES = {
    "abbreviations": ["Mr. Rutte met Prof. Dr. Kim on 7 Nov. in Riga.", "They spoke, e.g. of Ukraine."],
    "titles": ["Gov. Ann Lee met Rep. Joe Poe and Lt. Gen. Kim.", "Sgt. Roe and Hon. Doe left."],
    "numbers": ["The train left at No. 10 on time.", "Tåget gick kl. 12.", "Kungl. Operan är öppen."],
    "initials": ["J. D. Vance and George W. Bush agreed.", "Others did not."],
    "figures": ["About 12.5 per cent of 12,000 left.", "The rest stayed until 9.30 p.m. on Monday."],
    "quotation": ["“This is a direct threat.”", "He did not say more."],
    "quotation goes on": ["“Is it over?” he asked in Seoul.", "Nobody answered."],
    "italian": ["Il sig. Rossi ha parlato a Roma.", "«Siamo pronti», ha detto il dott. Bianchi."],
    "swedish": ["Statsministern sade t.ex. att läget är allvarligt.", "”Vi är redo”, sade han."],
    "lines": ["A heading without a stop", "The first sentence."],
}  # fmt: skip


@pytest.mark.parametrize("name", _SENTENCES)
def test_split_sentences_when_text_is_news(name: str) -> None:
    text = ("\n" if name == "lines" else " ").join(_SENTENCES[name])
    assert [text[start:end] for start, end in split_sentences(text)] == _SENTENCES[name]
