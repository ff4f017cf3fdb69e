"""A quotation that does not stand word for word in its article never leaves."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citations import MisquoteError, cite, require_all_stand, stands
from bot.datatypes import Citation
from retrieval.datatypes import Article

ARTICLE = Article(id="riga", title="Rutte in Riga", text="He called it “a direct threat” on Thursday.")
QUOTE = cite(ARTICLE, 13, 30, 1)


def test_cite_when_made_stands() -> None:
    assert QUOTE.quote == "“a direct threat”"
    assert QUOTE.digest == sha256(ARTICLE.text.encode()).hexdigest()
    assert stands(QUOTE)
    require_all_stand([QUOTE, cite(ARTICLE, 0, len(ARTICLE.text), 2)])


@pytest.mark.parametrize(
    "misquote",
    [
        replace(QUOTE, quote="“a direct threats"),
        replace(QUOTE, quote='"a direct threat"'),
        replace(QUOTE, quote="“A direct threat”"),
        replace(QUOTE, start=12),
        replace(QUOTE, end=31),
        replace(QUOTE, quote="", start=5, end=5),
        replace(QUOTE, quote=" ", start=2, end=3),
        replace(QUOTE, article=replace(ARTICLE, text="Another version.")),
    ],
)
def test_require_all_stand_when_one_does_not_raises(misquote: Citation) -> None:
    with pytest.raises(MisquoteError, match=r"Quotation 1 does not stand in riga at \d+ to \d+"):
        require_all_stand([QUOTE, misquote])


@pytest.mark.parametrize(
    ("marked", "is_standing"),
    [
        (None, True),
        ((14, 29), True),
        ((13, 30), True),
        ((12, 29), False),
        ((14, 31), False),
        ((20, 20), False),
        ((29, 14), False),
        ((15, 16), False),
        ((-30, -15), False),
    ],
)
def test_stands_when_words_are_marked_needs_them_within_the_quote(
    marked: tuple[int, int] | None, is_standing: bool
) -> None:
    citation = cite(ARTICLE, 13, 30, 1, marked)
    assert stands(citation) is is_standing
    assert citation.marked == marked


@given(st.text(min_size=1), st.data())
def test_stands_when_quote_is_of_any_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    citation = cite(Article(id="a", title="A", text=text), start, end, 1)
    assert stands(citation) == bool(text[start:end].strip())
    assert not stands(replace(citation, quote=citation.quote + "x"))
