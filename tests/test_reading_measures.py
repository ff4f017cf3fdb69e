"""Readers are measured as SQuAD measures, and refuse by a threshold that others chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.training.reading_examples import Asked
from retrieval.training.reading_measures import (
    Figures,
    Found,
    assess,
    best_figures,
    choose_threshold,
    read_all,
    sample,
    token_f1,
)
from tests.fakes import FakeReader


def asked(
    number: int, answers: tuple[str, ...], *, part: str = "report", of: str = "squad_v20_dev", text: str = ""
) -> Asked:
    return Asked(
        id=str(number), set=of, part=part, language=of.split("_")[1][:2].replace("v2", "en"),
        question=f"Which, {number}?", text=text or f"Nobody knows of {' and '.join(answers) or 'it'}.",
        answers=answers,
    )  # fmt: skip


def found(margin: float, f1: float, *, has_answer: bool = True) -> Found:
    return Found(asked=asked(0, ("Riga",) if has_answer else ()), f1=f1, exact=float(f1 == 1), margin=margin)


def unheard(step: str, done: int, total: int, note: str = "") -> None:
    """Show no progress."""


@pytest.mark.parametrize(
    ("said", "expected", "f1"),
    [
        ("the Castle of Riga.", "castle, of Riga", 1.0),
        ("Riga", "Riga castle", 2 / 3),
        ("Riga Riga", "Riga castle", 1 / 2),
        ("Oslo", "Riga", 0.0),
        ("The", "", 1.0),
        ("Oslo", "the", 0.0),
    ],
)
def test_token_f1_when_words_are_shared_is_what_squad_gives(said: str, expected: str, f1: float) -> None:
    assert token_f1(said, expected) == pytest.approx(f1)


def test_assess_when_a_reader_finds_some_measures_answers_and_refusals() -> None:
    reader = FakeReader({"Riga": 4.0, "Oslo castle": 2.0, "it": 1.0, "Bari": -3.0})
    deciding = [("Riga",), ("Oslo castle",), (), ("Bari",), ()]
    questions = [asked(number, answers, part="threshold") for number, answers in enumerate(deciding)]
    questions += [
        asked(10, ("Riga",)),
        asked(11, ("Oslo", "Oslo castle hall"), text="Nobody knows of Oslo castle."),
        asked(12, ("Bari",)),
        asked(13, ()),
        asked(14, ("Riga",), of="squad_it_test"),
    ]
    assessed = assess(reader, questions, ["report"], 0, unheard)
    assert (assessed.threshold, assessed.chosen_on) == (1.5, 5)
    english, italian = assessed.parts["report"]
    assert english == Figures(
        set="squad_v20_dev", language="en", questions=4, f1=70.0, f1_unrefused=93.3, refused=100.0, exact=50.0
    )
    assert (italian.f1, italian.refused) == (100.0, None)
    points = assessed.refusals["report"]["squad_v20_dev"]
    told = [tuple(point.values()) for point in points]
    assert told[0] == (-3.0, 0.0, 0.0, 33.3, 45.0)
    assert told[-1] == (4.0, 25.0, 100.0, 100.0, 25.0)
    assert list(points[0]) == ["threshold", "precision", "recall", "wrongly_refused", "f1"]
    assert assessed.refusals["report"].keys() == {"squad_v20_dev"}
    assert (
        "squad_it_test     it                1   100.0         100.0        -   100.0" in assessed.as_text()
    )


@given(
    st.lists(
        st.tuples(st.sampled_from([-9.0, -1.0, 0.0, 0.5, 2.0]), st.floats(0, 1), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_choose_threshold_when_any_other_is_tried_is_none_better(
    told: list[tuple[float, float, bool]],
) -> None:
    read = [found(margin, f1 if has else 0.0, has_answer=has) for margin, f1, has in told]

    def score(threshold: float) -> float:
        return sum((0.0 if one.asked.answers else 1.0) if one.margin <= threshold else one.f1 for one in read)

    best = score(choose_threshold(read))
    assert all(score(one.margin) <= best + 1e-9 for one in read)
    assert score(-10.0) <= best + 1e-9


def test_read_all_when_a_text_is_long_reads_all_of_it_in_whole_sentences() -> None:
    reader = FakeReader({"Riga": 1.0, "Anna": 3.0})
    sentences = [f"Day {number} was long and nobody spoke of much else. " for number in range(40)]
    text = "".join([*sentences[:20], "Riga fell. ", *sentences[20:], "Anna won."])
    (read,) = read_all(reader, [asked(1, ("Anna",), text=text)], unheard, "reading")
    assert (read.margin, read.f1) == (3.0, 1.0)
    ((_, windows),) = reader.asked
    assert len(windows) > 3
    assert all(len(window) <= 600 and window in text and window.endswith(".") for window in windows)
    assert all(sentence.strip() in " ".join(windows) for sentence in sentences)


def test_read_all_when_a_sentence_is_long_or_missing_reads_it_all_the_same() -> None:
    reader = FakeReader({"Riga": 1.0})
    texts = ["so " * 300 + "Riga. It fell.", " "]
    read = read_all(reader, [asked(1, ("Riga",), text=text) for text in texts], unheard, "reading")
    assert [one.margin for one in read] == [1.0, -12.0]


def test_sample_when_a_part_is_large_takes_the_same_few_of_each_set() -> None:
    questions = [
        asked(number, (), part=part, of=of)
        for of in ("squad_v20_dev", "squad_it_test")
        for part in ("report", "teach")
        for number in range(20)
    ]
    few = sample(questions, "report", 5)
    assert few == sample(questions, "report", 5)
    assert [(one.set, one.part) for one in few] == [("squad_v20_dev", "report")] * 5 + [
        ("squad_it_test", "report")
    ] * 5
    assert len(sample(questions, "report", 0)) == 40


def test_best_figures_when_questions_are_few_gives_each_set() -> None:
    questions = [asked(1, ("Riga",)), asked(2, ("Oslo",), of="squad_it_test", text="Riga?")]
    english, italian = best_figures(FakeReader({"Riga": 1.0}), questions, unheard)
    assert (english.f1, italian.f1_unrefused) == (100.0, 0.0)
