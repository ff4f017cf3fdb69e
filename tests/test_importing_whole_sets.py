"""Whole public sets become as many cases as they tell of, and what they expect stands in their articles."""

from pathlib import Path

import pytest

from bot.evaluation.cases import Case, read_cases
from bot.evaluation.importing.sets import Imported, import_set
from retrieval.articles import read_articles

DATA = Path(__file__).parents[2] / "shared" / "data"


def imported_from(name: str, folder: str, output: Path) -> tuple[Imported, list[Case]]:
    if not (DATA / folder).is_dir():
        pytest.skip(f"the set {folder} is not in {DATA}")
    imported = import_set(name, DATA / folder, output)
    return imported, [placed.case for placed in read_cases(imported.cases_path)]


def astray(imported: Imported, cases: list[Case]) -> int:
    """Count the pieces of evidence whose words do not stand in their article as it is indexed."""
    assert imported.articles_path is not None
    reading = read_articles([imported.articles_path])
    assert reading.problems == ()
    texts = {article.id: "".join(article.text.split()) for article in reading.articles}
    assert len(texts) == imported.articles
    return sum(
        "".join((evidence.text or "").split()) not in texts[evidence.article or ""]
        for case in cases
        for turn in case.turns
        for evidence in turn.evidence
    )


@pytest.mark.parametrize(
    ("folder", "language", "counts", "unanswerable"),
    [
        ("squad_v20_dev", "en", (11_873, 1_204), 5_945),
        ("squad_v11_dev", "en", (10_570, 2_067), 0),
        ("squad_it_test", "it", (7_608, 2_010), 0),
        ("squad_sv_dev", "sv", (11_156, 1_204), 5_945),
        ("squad_es_v20_dev", "es", (7_134, 1_192), 3_256),
    ],
)
def test_squad_when_whole_has_its_questions_and_answers_that_stand(
    folder: str, language: str, counts: tuple[int, int], unanswerable: int, tmp_path: Path
) -> None:
    imported, cases = imported_from("squad", folder, tmp_path)
    assert (imported.cases, imported.articles) == counts
    assert sum(case.kind == "unanswerable" for case in cases) == unanswerable
    assert {case.language for case in cases} == {language}
    assert astray(imported, cases) == 0


def test_multihop_rag_when_whole_has_its_queries_and_facts_that_stand(tmp_path: Path) -> None:
    imported, cases = imported_from("multihop-rag", "multihop_rag", tmp_path)
    assert (imported.cases, imported.articles) == (1_278, 609)
    assert sum(len(case.turns[0].evidence) for case in cases) == 2_980
    assert sum(case.kind == "null" for case in cases) == 168
    assert astray(imported, cases) == 0


def test_mtrag_when_whole_has_its_tasks_and_passages(tmp_path: Path) -> None:
    imported, cases = imported_from("mtrag", "mtrag", tmp_path)
    assert (imported.cases, imported.turns, imported.articles) == (29, 222, 10_741)
    assert sum(bool(turn.articles and turn.rewrite) for case in cases for turn in case.turns) == 208


def test_canard_when_whole_has_its_questions_once(tmp_path: Path) -> None:
    imported, cases = imported_from("canard", "canard", tmp_path)
    assert (imported.cases, imported.turns) == (261, 1_828)
    assert all(turn.rewrite for case in cases for turn in case.turns)
    assert all(turn.answer for case in cases for turn in case.turns[:-1])


def test_polnear_when_whole_has_places_in_its_texts(tmp_path: Path) -> None:
    imported, cases = imported_from("polnear", "polnear", tmp_path)
    assert (imported.cases, sum(len(case.attributions) for case in cases)) == (838, 19_944)
    assert all(
        case.text[start:end].strip()
        for case in cases
        if case.text
        for parts in case.attributions
        for start, end in (*parts.source, *parts.cue, *parts.content)
    )
