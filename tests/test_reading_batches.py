"""What the reader is taught: which questions, in which windows, cut into which tokens, in which order."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from retrieval.embedding import bundled_folder
from retrieval.training.reading_batches import (
    Plan,
    Row,
    choose_examples,
    digest_of,
    fill,
    group_rows,
    make_rows,
    rate_at,
)
from retrieval.training.reading_examples import SETS, Asked, Example, read_squads
from tests.small_sets import titles, write_set

TEXT = "The castle of Riga was built in 1330. It has six doors. Nobody lives in it. " * 4


PLAN = Plan(
    languages=(("en", 1.0),), epochs=1.0, limit=0, begin="", rank=8, learning_rate=1e-3, tokens=256,
    seed=7,
)  # fmt: skip


def asked(number: int, language: str = "en", part: str = "teach") -> Asked:
    start = TEXT.index("1330")
    return Asked(
        id=str(number), set="squad_v20_dev", part=part, language=language, question=f"When, {number}?",
        text=TEXT, spans=((start, start + 4),), answers=("1330",),
    )  # fmt: skip


def unheard(step: str, done: int, total: int, note: str = "") -> None:
    """Show no progress."""


ASKED = [
    *(asked(number) for number in range(20)),
    *(asked(number, "it") for number in range(10)),
    *(asked(number, "en", "report") for number in range(20, 25)),
]


def chosen(of: Plan) -> list[Example]:
    return choose_examples(ASKED, of, unheard)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (PLAN, 20),
        (replace(PLAN, languages=(("en", 0.5), ("it", 1.0))), 20),
        (replace(PLAN, languages=(("it", 2.5),)), 25),
        (replace(PLAN, limit=7), 7),
    ],
    ids=["one language", "shares", "again", "limit"],
)
def test_choose_examples_when_shares_are_told_gives_so_many(of: Plan, expected: int) -> None:
    assert len(chosen(of)) == expected


def test_choose_examples_when_chosen_again_are_the_same_and_in_other_windows_the_second_time() -> None:
    of = replace(PLAN, languages=(("it", 2.0),))
    assert chosen(of) == chosen(of)
    windows = Counter(one.question for one in chosen(of))
    assert set(windows.values()) == {2}
    assert len({(one.question, one.window) for one in chosen(of)}) > 10


def test_choose_examples_when_questions_are_for_reporting_teaches_none_of_them() -> None:
    reported = {one.question for one in ASKED if one.part == "report"}
    assert not reported & {one.question for one in chosen(replace(PLAN, languages=(("en", 3.0),)))}


@pytest.mark.slow
def test_make_rows_when_texts_are_of_all_lengths_frames_them_and_marks_the_answer() -> None:
    tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    long = "Nobody lives there. " * 100
    start = TEXT.index("1330")
    made = make_rows(
        [
            Example("When was it built?", TEXT, (start, start + 4)),
            Example("When was it built? " * 30, TEXT, (start, start + 4)),
            Example("Who?", TEXT, None),
            Example("Who?", f"{long}Anna does.", (len(long), len(long) + 4)),
        ],
        unheard,
    )
    for row in made[:2]:
        assert tokenizer.decode(list(row.tokens[row.start : row.end + 1])) == "1330"
    assert [row.window for row in made] == [7, 66, 4, 4]
    assert [(row.start, row.end) for row in made[2:]] == [(0, 0), (0, 0)]
    assert [len(row.tokens) for row in made[1:]] == [66 + len(made[2].tokens) - 4, len(made[2].tokens), 256]
    for row in made:
        assert (row.tokens[0], row.tokens[row.window - 1], row.tokens[-1]) == (101, 102, 102)


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    lengths = draw(st.lists(st.integers(5, 256), min_size=1, max_size=60))
    return [Row(tokens=tuple(range(length)), window=3, start=0, end=0) for length in lengths]


@given(rows(), st.integers(64, 2048))
def test_group_rows_when_put_together_keeps_each_once_within_the_tokens(made: list[Row], tokens: int) -> None:
    groups = group_rows(made, replace(PLAN, tokens=tokens))
    assert Counter(row for group in groups for row in group) == Counter(made)
    for group in groups:
        assert len(group) == 1 or fill(group).tokens.size <= tokens
    assert digest_of(groups) == digest_of(group_rows(made, replace(PLAN, tokens=tokens)))


def test_fill_when_rows_differ_in_length_masks_what_is_filling() -> None:
    short = Row(tokens=(101, 7, 102, 8, 102), window=3, start=3, end=3)
    long = Row(tokens=(101, 7, 102, 8, 9, 5, 102), window=3, start=0, end=0)
    batch = fill([short, long])
    assert batch.tokens.tolist() == [[101, 7, 102, 8, 102, 0, 0], [101, 7, 102, 8, 9, 5, 102]]
    assert batch.mask.tolist() == [[1] * 5 + [0] * 2, [1] * 7]
    assert batch.types.tolist() == [[0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1, 0]]
    assert batch.spans.tolist() == [[3, 3], [0, 0]]


@given(st.integers(1, 3000))
def test_rate_at_when_training_goes_on_rises_then_falls_and_stays_above_nothing(batches: int) -> None:
    rates = [rate_at(done, batches, PLAN) for done in range(batches)]
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert min(rates) > 0 and max(rates) <= PLAN.learning_rate


@pytest.fixture
def translated(tmp_path: Path) -> Path:
    """Sets in which translations ask what the English ones do not, of a page that teaches nobody."""
    for name, language in SETS.items():
        (title,) = titles("report" if language == "en" else "teach", 1)
        asked = ["a"] if language == "en" else ["a", "b"]
        write_set(
            tmp_path / name,
            [{"id": "p", "title": title, "text": "Gli abitanti di Riga."}],
            [{"id": one, "para": "p", "question": "Di?", "answers": ["abitant"]} for one in asked],
        )
    return tmp_path


def test_read_squads_when_a_translation_asks_more_keeps_it_out_of_what_is_taught(translated: Path) -> None:
    found = read_squads(translated)
    assert sorted(one.language for one in found if one.id == "b") == ["es", "it", "sv"]
    assert {one.part for one in found} == {"report"}
    assert {one.set for one in found if one.language == "en"} == {"squad_v20_dev"}


def test_read_squads_when_an_answer_is_part_of_a_word_measures_it_and_does_not_teach_it(
    translated: Path,
) -> None:
    (one, *_) = read_squads(translated)
    assert (one.answers, one.spans) == (("abitant",), ())
    taught = choose_examples([asked(1), replace(one, part="teach")], PLAN, unheard)
    assert [each.question for each in taught] == ["When, 1?"]
