"""Measures of attribution, with figures worked by hand in the comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.cases import Parts
from bot.evaluation.measures.attributions import MEASURES, attribution_scores
from bot.evaluation.measures.measure import Sums

TEXT = "“The talks failed,” Mark Rutte said in Riga. Officials hope that peace will come."
NAMES = {measure.name for measure in MEASURES}


def at(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


RUTTE = Parts(source=(at("Mark Rutte"),), cue=(at("said"),), content=(at("The talks failed"),))
HOPE = Parts(source=(at("Officials"),), cue=(at("hope"),), content=(at("that peace will come"),))


def test_attribution_when_everything_is_found() -> None:
    # Two sources, two cues, two contents; 3 words in sources, 2 in cues, 3 + 4 in contents; all twice.
    assert attribution_scores([RUTTE, HOPE], [RUTTE, HOPE], TEXT) == {
        "source exact F1": (4, 4), "cue exact F1": (4, 4), "content exact F1": (4, 4),
        "source overlap F1": (6, 6), "cue overlap F1": (4, 4), "content overlap F1": (14, 14),
    }  # fmt: skip


def test_attribution_when_a_source_is_cut_short_and_the_other_is_missed() -> None:
    found = Parts(source=(at("Rutte"),), cue=(at("said"),), content=(at("talks failed"),))
    assert attribution_scores([RUTTE, HOPE], [found], TEXT) == {
        # "Rutte" is not "Mark Rutte": nothing of 2 expected and 1 found; 1 word of 3 expected and 1 found.
        "source exact F1": (0, 3), "source overlap F1": (2, 4),
        # One cue of 2 expected and 1 found.
        "cue exact F1": (2, 3), "cue overlap F1": (2, 3),
        # "talks failed" are 2 words of 7 expected and 2 found.
        "content exact F1": (0, 3), "content overlap F1": (4, 9),
    }  # fmt: skip


def test_punctuation_around_a_span_does_not_matter() -> None:
    found = Parts(source=(at(" Mark Rutte "),), cue=(at("said "),), content=(at("“The talks failed,”"),))
    scores = attribution_scores([RUTTE], [found], TEXT)
    assert all(reached == possible for reached, possible in scores.values())


def test_a_torn_span_is_the_words_of_all_its_places() -> None:
    torn = Parts(content=(at("The talks"), at("failed")))
    assert attribution_scores([RUTTE], [torn], TEXT)["content exact F1"] == (2, 2)


def test_a_source_that_two_attributions_share_counts_once() -> None:
    other = Parts(source=RUTTE.source, cue=(at("hope"),))
    scores = attribution_scores([RUTTE, other], [RUTTE], TEXT)
    assert scores["source exact F1"] == (2, 2)
    assert scores["cue exact F1"] == (2, 3)


def test_a_part_is_left_out_when_it_is_neither_expected_nor_found() -> None:
    scores = attribution_scores([Parts(cue=RUTTE.cue)], [], TEXT)
    assert scores == {"cue exact F1": (0, 1), "cue overlap F1": (0, 1)}
    assert attribution_scores([], [], TEXT) == {}


def test_a_part_is_wrong_when_it_is_found_but_not_expected() -> None:
    assert attribution_scores([], [Parts(cue=RUTTE.cue)], TEXT)["cue exact F1"] == (0, 1)


def test_a_span_of_punctuation_alone_is_no_part() -> None:
    assert attribution_scores([Parts(cue=((0, 1),))], [], TEXT) == {}


PLACES = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 30)).map(lambda at: (at[0], at[0] + at[1]))
PARTS = st.builds(
    Parts, source=st.tuples(PLACES), cue=st.tuples(PLACES), content=st.lists(PLACES, max_size=2).map(tuple)
)


@given(st.lists(PARTS, max_size=4), st.lists(PARTS, max_size=4))
def test_attribution_is_always_a_share_and_the_same_both_ways(one: list[Parts], other: list[Parts]) -> None:
    scores: dict[str, Sums] = dict(attribution_scores(one, other, TEXT))
    assert set(scores) <= NAMES
    assert all(0 <= reached <= possible for reached, possible in scores.values())
    assert scores == attribution_scores(other, one, TEXT)
    assert all(
        reached == pytest.approx(possible)
        for reached, possible in attribution_scores(one, one, TEXT).values()
    )
