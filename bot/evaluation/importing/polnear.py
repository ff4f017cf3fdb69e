"""PolNeAR: who said what in news of the campaigns of 2016 (Newell et al., 2018)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.evaluation.cases import Case, Parts, Place, Text
from bot.evaluation.importing.files import Material, find, no_files, numbered_lines, read_lines, read_text
from retrieval.errors import CaseError

_PUBLISHER = re.compile(r"([a-z-]+)_\d{4}-\d\d-\d\d_")
_PARTS = ("source", "cue", "content")


@dataclass(slots=True, kw_only=True)
class _Annotated:
    """A text and what each of its annotators marked in it."""

    id: str
    text: str
    split: str
    marked: dict[str, list[Parts]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An article as JSON Lines write it."""

    id: Text
    text: Text
    split: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attribution:
    """An attribution as JSON Lines write it."""

    article: Text
    annotator: str
    source: tuple[Place, ...] = ()
    cue: tuple[Place, ...] = ()
    content: tuple[Place, ...] = ()


def read_polnear(folder: Path) -> Material:
    """Read brat's files as published (*.ann, texts beside them or in text/), or articles and attributions.

    Of several annotators of an article the one counts who marked most attributions, of equals the first
    by name. An article in which nobody marked any was set aside, not found empty: it is left out.
    """
    articles, attributions = find(folder, "articles*.jsonl*"), find(folder, "attributions*.jsonl*")
    if articles and attributions:
        annotated = _from_lines(articles, attributions)
        notes: list[str] = []
    elif files := find(folder, "**/*.ann"):
        texts = {path: _text_of(path) for path in files}
        annotated = _from_brat({path: text for path, text in texts.items() if text})
        lone = sum(text is None for text in texts.values())
        notes = [f"Annotations left out, because their text is missing: {lone}."] if lone else []
    else:
        raise no_files(folder, "*.ann with its *.txt, or articles*.jsonl.gz with attributions*.jsonl.gz")
    cases = tuple(_case(one) for one in annotated if any(one.marked.values()))
    if len(cases) < len(annotated):
        notes.append(f"Articles left out, because nobody marked anything: {len(annotated) - len(cases)}.")
    return Material(cases, notes=tuple(notes))


def _case(one: _Annotated) -> Case:
    chosen = min(one.marked, key=lambda annotator: (-len(one.marked[annotator]), annotator))
    publisher = _PUBLISHER.match(one.id)
    return Case(
        id=one.id,
        text=one.text,
        attributions=tuple(sorted(one.marked[chosen], key=_places)),
        language="en",
        tags=(*([f"publisher: {publisher[1]}"] if publisher else []), f"split: {one.split}"),
    )


def _places(parts: Parts) -> list[tuple[int, int]]:
    return sorted([*parts.source, *parts.cue, *parts.content])


def _add(one: _Annotated, annotator: str, parts: Parts, where: str) -> None:
    """Keep an attribution of an annotator, unless nothing is marked in it."""
    marked = one.marked.setdefault(annotator, [])
    for start, end in _places(parts):
        if not start < end <= len(one.text):
            raise CaseError(
                f"{where}: the place {start}-{end} is not in the text of {one.id}, "
                f"which has {len(one.text)} characters."
            )
    if _places(parts):
        marked.append(parts)


def _from_lines(articles: list[Path], attributions: list[Path]) -> list[_Annotated]:
    annotated = {
        row.id: _Annotated(id=row.id, text=row.text, split=row.split)
        for path in articles
        for row in read_lines(path, _Row)
    }
    for path in attributions:
        for number, row in numbered_lines(path, _Attribution):
            where = f"{path}, line {number}"
            if row.article not in annotated:
                raise CaseError(f"{where}: the article {row.article!r} is not in {articles[0]}.")
            parts = Parts(source=row.source, cue=row.cue, content=row.content)
            _add(annotated[row.article], row.annotator, parts, where)
    return list(annotated.values())


def _text_of(annotations: Path) -> Path | None:
    """Find the text that an annotator's file is about; the file's name may end in the annotator's."""
    folders = (annotations.parent, annotations.parent.parent / "text")
    stems = (annotations.stem, annotations.stem.rpartition("_")[0])
    paths = (folder / f"{stem}.txt" for folder in folders for stem in stems if stem)
    return next((path for path in paths if path.is_file()), None)


def _from_brat(texts: Mapping[Path, Path]) -> list[_Annotated]:
    annotated: dict[Path, _Annotated] = {}
    for annotations, text in texts.items():
        if text not in annotated:
            folder = text.parent.parent if text.parent.name == "text" else text.parent
            annotated[text] = _Annotated(id=text.stem, text=read_text(text), split=folder.name)
        one = annotated[text]
        annotator = annotations.stem.removeprefix(text.stem).removeprefix("_")
        one.marked.setdefault(annotator, [])
        for number, parts in _events(annotations):
            _add(one, annotator, parts, f"{annotations}, line {number}")
    return list(annotated.values())


def _events(path: Path) -> list[tuple[int, Parts]]:
    """Read the attributions of a file in brat's standoff form, with the numbers of their lines."""
    lines = list(enumerate(read_text(path).split("\n"), start=1))
    spans = {
        line.split("\t")[0]: _span(line, f"{path}, line {number}")
        for number, line in lines
        if line[:1] == "T"
    }
    events: list[tuple[int, Parts]] = []
    for number, line in lines:
        if line[:1] != "E":
            continue
        places: dict[str, list[tuple[int, int]]] = {part: [] for part in _PARTS}
        for argument in line.rstrip("\r").partition("\t")[2].split(" "):
            role, _, span = argument.partition(":")
            part = role.rstrip("0123456789").lower()
            if part not in places:
                continue
            if span not in spans:
                raise CaseError(
                    f"{path}, line {number}: its {part} is {span!r}, which no line of the file marks."
                )
            places[part] += spans[span]
        events.append((number, Parts(**{part: tuple(sorted(found)) for part, found in places.items()})))
    return events


def _span(line: str, where: str) -> list[tuple[int, int]]:
    """Read the places of a line such as "T3 Content 10 15;17 20 its words", tabs between its three fields."""
    places = line.split("\t")[1].partition(" ")[2] if "\t" in line else ""
    if not re.fullmatch(r"\d+ \d+(?:;\d+ \d+)*", places):
        raise CaseError(
            f"{where}: it does not say where it stands, as in 'T3<tab>Content 10 15;17 20<tab>…'."
        )
    return [(int(start), int(end)) for start, end in (place.split(" ") for place in places.split(";"))]
