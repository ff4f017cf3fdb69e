"""MultiHop-RAG: queries whose answer needs facts of several news articles (arXiv 2401.15391)."""

from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field

from bot.evaluation.cases import Case, CaseTurn, Evidence, Text
from bot.evaluation.importing.files import (
    Material,
    article_id,
    as_read,
    find,
    no_files,
    read_json,
    read_lines,
)
from retrieval.characters import mend
from retrieval.datatypes import Article

_NULL = "null_query"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An article as the set writes it."""

    title: str
    body: Text
    source: str
    published_at: str
    url: str
    author: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact of an article: JSON Lines name the article by its id, the published file by its address."""

    fact: Text
    doc: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Query:
    """A query as the set writes it."""

    query: Text
    answer: Text
    type: Annotated[str, Field(validation_alias=AliasChoices("type", "question_type"))]
    evidence: Annotated[tuple[_Fact, ...], Field(validation_alias=AliasChoices("evidence", "evidence_list"))]
    id: str | None = None


def read_multihop_rag(folder: Path) -> Material:
    """Read corpus.json and MultiHopRAG.json, or corpus.jsonl and queries*.jsonl.

    Without ids of their own, articles are named d000, d001 … and queries q0000, q0001 … in their order.
    """
    lines = find(folder, "corpus.jsonl*"), find(folder, "queries*.jsonl*")
    whole = (
        find(folder, "corpus.json", "dataset/corpus.json"),
        find(folder, "MultiHopRAG.json", "dataset/MultiHopRAG.json"),
    )
    if all(lines):
        rows = read_lines(lines[0][0], _Row)
        queries = [query for path in lines[1] for query in read_lines(path, _Query)]
    elif all(whole):
        rows, queries = read_json(whole[0][0], list[_Row]), read_json(whole[1][0], list[_Query])
    else:
        raise no_files(folder, "corpus.json with MultiHopRAG.json, or corpus.jsonl.gz with queries*.jsonl.gz")
    articles = [_article(row, place) for place, row in enumerate(rows)]
    names = {row.url: article.id for row, article in zip(rows, articles, strict=True)}
    names |= {article.id: article.id for article in articles}
    cases = tuple(_case(query, place, names) for place, query in enumerate(queries))
    strays = sum(evidence.article is None for case in cases for evidence in case.turns[0].evidence)
    notes = (f"Facts whose article is missing, so that they may stand in any: {strays}.",) if strays else ()
    return Material(cases, tuple(articles), notes)


def _article(row: _Row, place: int) -> Article:
    return Article(
        id=article_id(row.id or f"d{place:03}"),
        title=row.title,
        text=row.body,
        publisher=row.source,
        author=row.author,
        published=row.published_at[:10] or None,
        language="en",
        url=row.url,
    )


def _case(query: _Query, place: int, names: dict[str, str]) -> Case:
    name = query.id or f"q{place:04}"
    is_answerable = query.type != _NULL
    turn = CaseTurn(
        question=query.query,
        answerable=is_answerable,
        answers=as_read([query.answer]) if is_answerable else (),
        evidence=tuple(
            Evidence(article=names.get(fact.doc or fact.url or ""), text=mend(fact.fact) or fact.fact)
            for fact in query.evidence
            if is_answerable
        ),
    )
    return Case(
        id=name,
        turns=(turn,),
        language="en",
        kind=query.type.removesuffix("_query"),
        tags=(f"half: {_half(name)}",),
    )


def _half(name: str) -> str:
    """Halve the queries by a hash of their ids: constants are chosen on "tune", figures are of "report"."""
    return "tune" if int(sha1(name.encode()).hexdigest()[0], 16) % 2 == 0 else "report"
