"""Windows hold a sentence that may answer and those beside it, and no more than can be read."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from retrieval.datatypes import Article
from retrieval.passages import split_sentences
from retrieval.sentences import Sentence, read_article
from retrieval.windows import windows_around

_MOST = 600


def story(*texts: str) -> list[Sentence]:
    articles = [Article(id=f"news-{n}", title="", text=text, language="en") for n, text in enumerate(texts)]
    return [one for article in articles for one in read_article(article, split_sentences(article.text))]


FIVE = "One ferry sank. Two ferries burned. Three ferries left. Four ferries came. Five ferries stayed."


def test_windows_around_when_a_sentence_stands_amid_others_takes_two_on_either_side() -> None:
    (window,) = windows_around(story(FIVE), [2])
    assert (window.window.text, window.start, window.places) == (FIVE, 0, range(5))


def test_windows_around_when_articles_meet_keeps_them_apart() -> None:
    two = story("One ferry sank.", "Two ferries burned.")
    assert [window.window.text for window in windows_around(two, [1, 0])] == [
        "Two ferries burned.",
        "One ferry sank.",
    ]


def test_windows_around_when_a_sentence_stands_in_a_window_already_cuts_no_other() -> None:
    assert len(windows_around(story(FIVE), [2, 1, 3, 0, 4])) == 1


def test_windows_around_when_sentences_are_long_leaves_out_those_beside() -> None:
    long = f"The ferry {'sailed on and ' * 35}stopped."
    (window,) = windows_around(story(f"{long} It sank. {long}"), [0])
    assert window.places == range(2)


def test_windows_around_when_there_is_too_much_to_read_takes_the_likeliest() -> None:
    long = f"The ferry {'sailed on and ' * 38}stopped."
    sentences = story(*[long] * 30)
    windows = windows_around(sentences, [7, *range(30)])
    assert windows[0].places == range(7, 8)
    assert sum(len(window.window.text) for window in windows) <= 6500


@given(
    lengths=st.lists(st.integers(1, 400), min_size=1, max_size=12),
    places=st.lists(st.integers(0, 11), max_size=12),
)
def test_windows_around_when_sentences_are_of_any_length_keeps_their_places(
    lengths: Sequence[int], places: Sequence[int]
) -> None:
    sentences = story(" ".join(f"A{'a' * length} sank." for length in lengths))
    windows = windows_around(sentences, [place for place in places if place < len(sentences)])
    for window in windows:
        text, article = window.window.text, sentences[window.places[0]].article
        assert article.text[window.start : window.start + len(text)] == text
        assert [text[start:end] for start, end in window.window.parts] == [
            sentences[place].text for place in window.places
        ]
        assert len(text) <= _MOST or len(window.places) == 1
    asked = {place for place in places if place < len(sentences)}
    assert asked <= {place for window in windows for place in window.places}
