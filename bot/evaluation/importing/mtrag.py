"""MTRAG: conversations with the passages that each question needs (Katsis et al., 2025)."""

import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field

from bot.evaluation.cases import CaseTurn, Text
from bot.evaluation.importing.conversations import Told, join_conversations, kind_of
from bot.evaluation.importing.files import Material, article_id, find, no_files, read_lines, read_text
from retrieval.datatypes import Article
from retrieval.errors import CaseError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passage:
    """A passage of MTRAG."""

    id: Annotated[Text, Field(validation_alias=AliasChoices("_id", "id"))]
    text: Text
    title: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A question of MTRAG with those before it, the same words standing alone, and the passages it needs."""

    id: Text
    domain: str
    user_questions: Annotated[tuple[Text, ...], Field(min_length=1)]
    relevant: tuple[Text, ...]
    rewrite: Text | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    """A line of a BEIR file of queries."""

    id: Annotated[Text, Field(validation_alias="_id")]
    text: Text


def read_mtrag(folder: Path) -> Material:
    """Read retrieval tasks and passage-level corpora as published, or *_tasks.jsonl with *_passages.jsonl.

    Each passage becomes an article, and each relevant one has to be found.
    """
    if (lines := find(folder, "*_tasks.jsonl*")) and (passages := find(folder, "*_passages.jsonl*")):
        tasks = [task for path in lines for task in read_lines(path, _Task)]
    elif files := find(folder, "*_questions.jsonl", "**/*_questions.jsonl"):
        tasks = [task for path in files for task in _published_tasks(path)]
        passages = [_corpus(folder, path.name.removesuffix("_questions.jsonl")) for path in files]
    else:
        raise no_files(folder, "*_questions.jsonl of MTRAG's retrieval tasks or *_tasks.jsonl.gz")
    articles = tuple(
        Article(id=article_id(row.id), title=row.title, text=row.text, language="en", url=row.url)
        for path in passages
        for row in read_lines(path, _Passage)
    )
    known = {article.id for article in articles}
    return Material(join_conversations(_told(task, known, folder) for task in tasks), articles)


def _told(task: _Task, known: Set[str], folder: Path) -> Told:
    relevant = tuple(map(article_id, task.relevant))
    for name in relevant:
        if name not in known:
            raise CaseError(
                f"The passage {name!r} that the question {task.id} needs is in no file of {folder}. "
                "Put all files of the set there."
            )
    *before, last = task.user_questions
    return Told(
        id=task.id,
        conversation=task.id.partition("<::>")[0],
        before=tuple(CaseTurn(question=question) for question in before),
        asked=CaseTurn(
            question=last,
            articles=tuple((name,) for name in relevant),
            rewrite=task.rewrite,
            kind=kind_of(last, task.rewrite) if task.rewrite else None,
            tags=(f"domain: {task.domain}",),
        ),
    )


def _published_tasks(path: Path) -> list[_Task]:
    domain = path.name.removesuffix("_questions.jsonl")
    rewritten = path.with_name(f"{domain}_rewrite.jsonl")
    rewrites = {row.id: row.text for row in read_lines(rewritten, _Text)} if rewritten.exists() else {}
    relevant = _judged(path.parent / "qrels" / "dev.tsv")
    return [
        _Task(
            id=row.id,
            domain=domain,
            user_questions=_spoken(row.text),
            relevant=relevant[row.id],
            rewrite=_spoken(rewrites[row.id])[-1] if row.id in rewrites else None,
        )
        for row in read_lines(path, _Text)
        if row.id in relevant
    ]


def _spoken(text: str) -> tuple[str, ...]:
    """Take the questions out of a text in which each begins with the sign of its speaker."""
    questions = (part.strip() for part in re.split(r"\|user\|:", text))
    return tuple(question for question in questions if question) or (text,)


def _judged(path: Path) -> dict[str, tuple[str, ...]]:
    """Read which passages are relevant to which question (BEIR's table, a heading first)."""
    relevant: dict[str, list[str]] = {}
    for number, line in enumerate(read_text(path).splitlines()[1:], start=2):
        fields = line.split("\t")
        if len(fields) != 3 or not fields[2].strip().isdecimal():
            raise CaseError(
                f"{path}, line {number}: it is not a question, a passage and a score with tabs between."
            )
        if int(fields[2]):
            relevant.setdefault(fields[0], []).append(fields[1])
    return {question: tuple(passages) for question, passages in relevant.items()}


def _corpus(folder: Path, domain: str) -> Path:
    name = f"{domain}.jsonl"
    found = find(folder, f"**/passage_level/{name}", f"**/{name}")
    if not found:
        raise no_files(folder, f"{name} of MTRAG's passage-level corpora (unzipped)")
    return found[0]
