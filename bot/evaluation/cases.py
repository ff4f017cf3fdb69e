"""What an answer is held against: cases, read from JSON Lines and checked line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from retrieval.errors import CaseError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# A misspelt field would silently expect nothing.
_STRICT = ConfigDict(extra="forbid", strict=True)

Text = Annotated[str, Field(min_length=1)]
Place = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]]


def _as_tuple(value: object) -> object:
    """Let one text stand for a list of one."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


Alternatives = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple), Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an answer has to rest on: exact words of an article, or a place in it.

    Without an article the words may stand in any; without words the place is meant, half-open.
    """

    text: Text | None = None
    article: Text | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=1)] | None = None

    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One attribution as places in a text: who says it, the word that says so, what is said.

    The terms are PolNeAR's (Newell et al., 2018); each part may be torn into several places, or be absent.
    """

    source: tuple[Place, ...] = ()
    cue: tuple[Place, ...] = ()
    content: tuple[Place, ...] = ()

    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTurn:
    """A question of a conversation and what is expected of its answer.

    `answers` are short answers of which one is right; `facts` must all be quoted, each in one of its
    wordings; `patterns` are regular expressions that must all match a quote; of each of `articles` one
    must be cited. `answer` is what was answered when the conversation was recorded, `rewrite` the
    question that stands alone. A turn that expects nothing is only asked for the sake of those after it.
    """

    question: Text
    answerable: bool | None = None
    answers: tuple[Text, ...] = ()
    facts: tuple[Alternatives, ...] = ()
    patterns: tuple[Text, ...] = ()
    forbidden: tuple[Text, ...] = ()
    articles: tuple[Alternatives, ...] = ()
    evidence: tuple[Annotated[Evidence, BeforeValidator(lambda value: _evidence(value))], ...] = ()
    rewrite: Text | None = None
    answer: Text | None = None
    kind: Text | None = None
    tags: tuple[Text, ...] = ()
    language: Text | None = None

    __pydantic_config__ = _STRICT

    @property
    def is_answerable(self) -> bool | None:
        """Whether the articles answer it; None where nothing is said about that."""
        if self.answerable is None and (self.answers or self.facts or self.patterns or self.names_places):
            return True
        return self.answerable

    @property
    def names_places(self) -> bool:
        """Whether it says where the answer stands."""
        return bool(self.articles or self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A conversation with what is expected, or a text with the attributions in it.

    `kind` and `tags` name the slices that all its turns belong to.
    """

    id: Text
    turns: tuple[CaseTurn, ...] = ()
    text: Text | None = None
    attributions: tuple[Parts, ...] = ()
    language: Text | None = None
    kind: Text | None = None
    tags: tuple[Text, ...] = ()

    __pydantic_config__ = _STRICT

    def slices(self, turn: int) -> tuple[str, ...]:
        """Name the slices that a turn belongs to: what it is tagged with, its language, its place."""
        asked = self.turns[turn] if self.turns else CaseTurn(question=self.id)
        kind = asked.kind or self.kind
        language = asked.language or self.language
        found = [
            *([f"kind: {kind}"] if kind else []),
            *([f"language: {language}"] if language else []),
            *(["turn: follow-up" if turn else "turn: first"] if len(self.turns) > 1 else []),
            *self.tags,
            *asked.tags,
        ]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A case and the number of its line, for messages."""

    case: Case
    line: int


def read_cases(path: Path) -> list[PlacedCase]:
    """Read the cases of a file, one JSON object a line; blank lines are skipped.

    Raises:
        CaseError: The file cannot be read, a line is no case, or an id stands twice.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is not UTF-8"
        raise CaseError(f"Cannot read the cases in {path}: {reason}.") from error
    placed: list[PlacedCase] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        case = _read_case(line, f"{path}, line {number}")
        if case.id in seen:
            raise CaseError(
                f"{path}, line {number}: the id {case.id!r} stands in line {seen[case.id]} already. "
                "Give each case its own."
            )
        seen[case.id] = number
        placed.append(PlacedCase(case, number))
    if not placed:
        raise CaseError(f"There is no case in {path}. The README tells how one is written.")
    return placed


def write_cases(cases: Sequence[Case], path: Path) -> None:
    """Write cases, one JSON object a line, without what they do not say."""
    adapter = _adapter()
    path.write_text(
        "".join(adapter.dump_json(case, exclude_defaults=True).decode() + "\n" for case in cases), "utf-8"
    )


def case_json(case: Case) -> str:
    """Write a case as one line of JSON, without what it does not say."""
    return _adapter().dump_json(case, exclude_defaults=True).decode()


def _read_case(line: str, where: str) -> Case:
    try:
        case = _adapter().validate_json(line)
    except ValidationError as error:
        raise CaseError(f"{where}: {reason_of(error.errors()[0])}") from error
    for fault in _faults(case):
        raise CaseError(f"{where}: {fault}")
    return case


def _faults(case: Case) -> Iterator[str]:
    """Find what no field by itself is wrong about."""
    if bool(case.turns) == (case.text is not None):
        yield "a case has either 'turns', or a 'text' with 'attributions'. Give one of the two."
    for place, turn in enumerate(case.turns):
        field = f"field turns[{place}]"
        if turn.answerable is False and (turn.answers or turn.facts or turn.patterns or turn.names_places):
            yield f"{field} is not answerable, and yet expects an answer. Drop one of the two."
        for number, pattern in enumerate(turn.patterns):
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"{field}.patterns[{number}] is no regular expression ({error}): {pattern!r}."
        for number, evidence in enumerate(turn.evidence):
            name = f"{field}.evidence[{number}]"
            placed = evidence.article is not None and evidence.start is not None and evidence.end is not None
            if evidence.text is None and not placed:
                yield f"{name} has neither a 'text', nor an 'article' with 'start' and 'end'."
            if placed and (evidence.end or 0) <= (evidence.start or 0):
                yield f"{name} ends before it starts."
    for number, parts in enumerate(case.attributions):
        for part, places in (("source", parts.source), ("cue", parts.cue), ("content", parts.content)):
            for place, (start, end) in enumerate(places):
                if not start < end <= len(case.text or ""):
                    yield (
                        f"field attributions[{number}].{part}[{place}] is {start} to {end}, which is no "
                        f"place in a text of {len(case.text or '')} characters."
                    )


@cache
def _adapter() -> TypeAdapter[Case]:
    return TypeAdapter(Case)


def _evidence(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def reason_of(error: "ErrorDetails") -> str:
    """Say what is wrong with which field."""
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    if error["type"] == "json_invalid":
        return f"it is not JSON ({error['ctx']['error']})."
    if not error["loc"]:
        return f"a case is a JSON object, not {_shown(error['input'])}."
    if error["type"] == "missing":
        return f"the field {field!r} is missing."
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return f"there is no field {field!r}. The README names those there are."
    return f"field {field!r} is {_shown(error['input'])}: {error['msg'].lower()}."


def _shown(value: object) -> str:
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}…"
