"""SQuAD and its translations: questions about paragraphs of Wikipedia (Rajpurkar et al., 2016 and 2018)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

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
from retrieval.residue import clean_text
from retrieval.wording import detect_language

# Why a question has no answer, as SQuAD2-CR (Lee et al., 2020) marks it.
_REASONS = {
    "E": "entity swapped",
    "#": "number swapped",
    "N": "negation",
    "A": "antonym",
    "X": "mutual exclusion",
    "I": "no information",
}
_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class _Answer:
    text: str
    answer_start: int | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    id: Text
    question: Text
    answers: tuple[_Answer, ...] = ()
    is_impossible: bool | None = None


@dataclass(frozen=True, slots=True)
class _Context:
    context: Text
    qas: tuple[_Asked, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    title: str
    paragraphs: tuple[_Context, ...]


@dataclass(frozen=True, slots=True)
class _Published:
    data: tuple[_Page, ...]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    id: Text
    title: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    id: Text
    para: Text
    question: Text
    answers: tuple[str, ...] = ()
    why_unanswerable: str | None = None


def read_squad(folder: Path) -> Material:
    """Read SQuAD's own JSON (1.1 and 2.0), or paragraphs.jsonl and questions.jsonl.

    Each paragraph becomes an article. The evidence is the place of the first answer, or its words where
    no place is given or cleaning the article would move it.
    """
    paragraphs, questions = find(folder, "paragraphs.jsonl*"), find(folder, "questions.jsonl*")
    if paragraphs and questions:
        return _from_lines(paragraphs[0], questions[0])
    files = find(folder, "*.json")
    if not files:
        raise no_files(folder, "paragraphs.jsonl.gz with questions.jsonl.gz, or *.json in SQuAD's form")
    return _from_published(files)


def _from_lines(paragraphs: Path, questions: Path) -> Material:
    articles = _articles([(row.id, row.title, row.text) for row in read_lines(paragraphs, _Paragraph)])
    asked = [
        (
            article_id(row.para),
            _Asked(row.id, row.question, tuple(map(_Answer, row.answers)), not row.answers),
            row.why_unanswerable,
        )
        for row in read_lines(questions, _Question)
    ]
    return _material(articles, asked)


def _from_published(files: Sequence[Path]) -> Material:
    rows: list[tuple[str, str, str]] = []
    asked: list[tuple[str, _Asked, str | None]] = []
    counts: Counter[str] = Counter()
    for file in files:
        for page in read_json(file, _Published).data:
            for paragraph in page.paragraphs:
                counts[page.title] += 1
                name = f"{page.title}#{counts[page.title]}"
                rows.append((name, page.title, paragraph.context))
                asked += [(article_id(name), question, None) for question in paragraph.qas]
    return _material(_articles(rows), asked)


def _articles(rows: Sequence[tuple[str, str, str]]) -> dict[str, Article]:
    language = _language([text for _, _, text in rows])
    articles = [
        # The titles are names of Wikipedia's pages.
        Article(id=article_id(name), title=unquote(title).replace("_", " "), text=text, language=language)
        for name, title, text in rows
    ]
    return {article.id: article for article in articles}


def _language(texts: Sequence[str]) -> str | None:
    """Name the language that most of a sample of texts are in."""
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    languages = Counter(language for text in sample if (language := detect_language(text)))
    return languages.most_common(1)[0][0] if languages else None


def _material(articles: dict[str, Article], asked: Sequence[tuple[str, _Asked, str | None]]) -> Material:
    settled = {name for name, article in articles.items() if clean_text(article.text) == article.text}
    cases: list[Case] = []
    blank = homeless = 0
    for name, question, why in asked:
        answers = as_read(answer.text for answer in question.answers)
        is_answerable = (
            bool(question.answers) if question.is_impossible is None else not question.is_impossible
        )
        if name not in articles:
            homeless += 1
        elif is_answerable and not answers:
            blank += 1
        else:
            article = articles[name]
            turn = CaseTurn(
                question=question.question,
                answerable=is_answerable,
                answers=answers if is_answerable else (),
                evidence=(_evidence(article, question, name in settled),) if is_answerable else (),
            )
            reason = (f"why: {_REASONS.get(why, why)}",) if why else ()
            cases.append(
                Case(
                    id=question.id,
                    turns=(turn,),
                    language=article.language,
                    kind="answerable" if is_answerable else "unanswerable",
                    tags=(f"title: {article.title}", *reason),
                )
            )
    notes = [
        f"Questions left out, because {why}: {count}."
        for count, why in (
            (blank, "their answers are blank"),
            (homeless, "their paragraph is missing"),
        )
        if count
    ]
    return Material(tuple(cases), tuple(articles.values()), tuple(notes))


def _evidence(article: Article, question: _Asked, is_settled: bool) -> Evidence:
    answer = next(answer for answer in question.answers if mend(answer.text))
    start = answer.answer_start
    if start is not None and is_settled and start >= 0 and article.text.startswith(answer.text, start):
        return Evidence(article=article.id, start=start, end=start + len(answer.text))
    return Evidence(article=article.id, text=mend(answer.text))
