"""SQuAD and MultiHop-RAG become cases with articles, from either of their forms."""

from pathlib import Path

import pytest

from bot.evaluation.cases import Case, CaseTurn, Evidence
from bot.evaluation.importing.sets import Imported, import_set
from retrieval.articles import read_articles
from retrieval.errors import CaseError
from tests.sets import cases_of, write_json, write_lines


def texts_of(imported: Imported) -> dict[str, str]:
    """The articles as the index will hold them."""
    assert imported.articles_path is not None
    reading = read_articles([imported.articles_path])
    assert reading.problems == ()
    return {article.id: article.text for article in reading.articles}


RIGA = "Rutte spoke in Riga on Thursday. He will speak in Vilnius on Friday and fly home."
MESSY = "The harbour  closed at noon. Ships waited."


def squad_published(folder: Path) -> None:
    asked = [
        {"id": "q1", "question": "Where did Rutte speak?",
         "answers": [{"text": "Riga", "answer_start": 15}, {"text": "in Riga", "answer_start": 12}],
         "is_impossible": False},
        {"id": "q2", "question": "Where did Stoltenberg speak?", "answers": [], "is_impossible": True,
         "plausible_answers": [{"text": "Riga", "answer_start": 15}]},
    ]  # fmt: skip
    closed = {
        "id": "q3",
        "question": "What closed?",
        "answers": [{"text": "harbour  closed", "answer_start": 4}],
    }
    blank = {"id": "q4", "question": "When?", "answers": [{"text": " ", "answer_start": 0}]}
    paragraphs = [{"context": RIGA, "qas": asked}, {"context": MESSY, "qas": [closed, blank]}]
    write_json(
        folder / "dev-v2.0.json",
        {"version": "v2.0", "data": [{"title": "Riga_(city)", "paragraphs": paragraphs}]},
    )


def squad_lines(folder: Path) -> None:
    write_lines(folder / "paragraphs.jsonl.gz", [
        {"id": "Riga_(city)#1", "title": "Riga_(city)", "text": RIGA},
        {"id": "Riga_(city)#2", "title": "Riga_(city)", "text": MESSY},
    ])  # fmt: skip
    write_lines(folder / "questions.jsonl.gz", [
        {"id": "q1", "para": "Riga_(city)#1", "question": "Where did Rutte speak?",
         "answers": ["Riga", "in Riga"]},
        {"id": "q2", "para": "Riga_(city)#1", "question": "Where did Stoltenberg speak?", "answers": [],
         "why_unanswerable": "E"},
        {"id": "q3", "para": "Riga_(city)#2", "question": "What closed?", "answers": ["harbour  closed"]},
        {"id": "q4", "para": "Riga_(city)#2", "question": "When?", "answers": [" "]},
    ])  # fmt: skip


def squad_case(name: str, turn: CaseTurn, *tags: str) -> Case:
    kind = "answerable" if turn.answerable else "unanswerable"
    return Case(id=name, turns=(turn,), language="en", kind=kind, tags=("title: Riga (city)", *tags))


def test_squad_when_published_keeps_places_that_cleaning_does_not_move(tmp_path: Path) -> None:
    squad_published(tmp_path / "squad")
    imported = import_set("squad", tmp_path / "squad", tmp_path / "out")
    assert (imported.cases, imported.turns, imported.articles) == (3, 3, 2)
    assert imported.notes == ("Questions left out, because their answers are blank: 1.",)
    assert cases_of(imported) == [
        squad_case("q1", CaseTurn(
            question="Where did Rutte speak?", answerable=True, answers=("Riga", "in Riga"),
            evidence=(Evidence(article="Riga_(city)#1", start=15, end=19),),
        )),
        squad_case("q2", CaseTurn(question="Where did Stoltenberg speak?", answerable=False)),
        squad_case("q3", CaseTurn(
            question="What closed?", answerable=True, answers=("harbour closed",),
            evidence=(Evidence(article="Riga_(city)#2", text="harbour closed"),),
        )),
    ]  # fmt: skip
    assert texts_of(imported) == {"Riga_(city)#1": RIGA, "Riga_(city)#2": MESSY.replace("  ", " ")}


def test_squad_when_in_lines_points_at_the_words_and_says_why_there_is_no_answer(tmp_path: Path) -> None:
    squad_lines(tmp_path / "squad")
    imported = import_set("squad", tmp_path / "squad", tmp_path / "out")
    first, second, third = cases_of(imported)
    assert first.turns[0].evidence == (Evidence(article="Riga_(city)#1", text="Riga"),)
    assert (first.turns[0].answers, third.turns[0].answers) == (("Riga", "in Riga"), ("harbour closed",))
    assert second.tags == ("title: Riga (city)", "why: entity swapped")
    assert (second.kind, second.turns[0].answerable) == ("unanswerable", False)


def test_squad_when_one_file_is_named_reads_that_file(tmp_path: Path) -> None:
    squad_published(tmp_path)
    assert import_set("squad", tmp_path / "dev-v2.0.json", tmp_path / "out").cases == 3


def test_squad_when_two_files_share_questions_is_refused(tmp_path: Path) -> None:
    squad_published(tmp_path)
    (tmp_path / "again.json").write_bytes((tmp_path / "dev-v2.0.json").read_bytes())
    with pytest.raises(CaseError, match=r"two cases have the id 'q1'\. Import one file at a time\."):
        import_set("squad", tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Rutte ha parlato ieri a Riga e oggi parlerà a Vilnius con il presidente.", "it"),
        ("Rutte talade i går i Riga och ska i dag tala i Vilnius med Litauens president om kriget.", "sv"),
        ("Rutte habló ayer en Riga y hoy hablará en Vilna con el presidente del país.", "es"),
    ],
)  # fmt: skip
def test_squad_when_translated_tells_the_language(text: str, language: str, tmp_path: Path) -> None:
    paragraph = {
        "context": text,
        "qas": [{"id": "q", "question": "Riga?", "answers": [{"text": "Riga", "answer_start": 0}]}],
    }
    write_json(tmp_path / "set.json", {"data": [{"title": "Riga", "paragraphs": [paragraph]}]})
    assert cases_of(import_set("squad", tmp_path, tmp_path / "out"))[0].language == language


BODIES = ("The trial of Ann Lee opened on Tuesday. She pleads not guilty.", "Ann Lee ran\ufeff the exchange.")


def multihop(folder: Path, *, is_published: bool) -> None:
    articles = [
        {"title": f"Title {place}", "author": None, "source": "The Verge", "category": "business",
         "published_at": "2023-11-27T08:45:59+00:00", "url": f"https://example.org/{place}", "body": body}
        for place, body in enumerate(BODIES)
    ]  # fmt: skip
    facts = [
        {"fact": "Ann Lee ran\ufeff the exchange.", "url": "https://example.org/1", "doc": "d001"},
        {"fact": "The trial of Ann Lee opened on Tuesday.", "url": "https://example.org/0", "doc": "d000"},
    ]
    queries = [("Who ran it?", "Ann Lee", "inference_query", facts),
               ("Who is Bo?", "Insufficient information.", "null_query", [])]  # fmt: skip
    if is_published:
        write_json(folder / "dataset/corpus.json", articles)
        write_json(folder / "dataset/MultiHopRAG.json", [
            {"query": query, "answer": answer, "question_type": kind,
             "evidence_list": [{"title": "?", "fact": fact["fact"], "url": fact["url"]} for fact in facts]}
            for query, answer, kind, facts in queries
        ])  # fmt: skip
    else:
        write_lines(folder / "corpus.jsonl.gz", [
            {"id": f"d{place:03}", **article} for place, article in enumerate(articles)
        ])  # fmt: skip
        write_lines(folder / "queries.dev.jsonl.gz", [
            {"id": f"q{place:04}", "query": query, "answer": answer, "type": kind,
             "evidence": [{"fact": fact["fact"], "doc": fact["doc"]} for fact in facts]}
            for place, (query, answer, kind, facts) in enumerate(queries)
        ])  # fmt: skip


@pytest.mark.parametrize("is_published", [True, False])
def test_multihop_rag_when_read_has_facts_of_articles(is_published: bool, tmp_path: Path) -> None:
    multihop(tmp_path / "set", is_published=is_published)
    imported = import_set("multihop-rag", tmp_path / "set", tmp_path / "out")
    assert (imported.cases, imported.turns, imported.articles, imported.notes) == (2, 2, 2, ())
    ran = CaseTurn(
        question="Who ran it?", answerable=True, answers=("Ann Lee",),
        evidence=(Evidence(article="d001", text="Ann Lee ran the exchange."),
                  Evidence(article="d000", text="The trial of Ann Lee opened on Tuesday.")),
    )  # fmt: skip
    unknown = CaseTurn(question="Who is Bo?", answerable=False)
    assert cases_of(imported) == [
        Case(id="q0000", turns=(ran,), language="en", kind="inference", tags=("half: report",)),
        Case(id="q0001", turns=(unknown,), language="en", kind="null", tags=("half: report",)),
    ]
    assert imported.articles_path is not None
    first = read_articles([imported.articles_path]).articles[0]
    assert (first.publisher, first.published, first.language) == ("The Verge", "2023-11-27", "en")
