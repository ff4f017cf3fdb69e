"""A complete run as it is compared with another: how it was made, and what each turn is worth."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from bot.datatypes import AnswerStatus
from bot.evaluation.measures.measure import Sums
from bot.evaluation.run_folder import ANSWERS, read_measures
from retrieval.errors import RunError

Key = tuple[str, int]
_ABSENT = "absent"
_Shape = TypeVar("_Shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTurn:
    """What one turn is worth by each measure that applies to it."""

    case: str
    turn: Annotated[int, Field(ge=0)]
    question: str
    slices: tuple[str, ...]
    scores: Mapping[str, Sums]

    __pydantic_config__ = ConfigDict(allow_inf_nan=False)

    @property
    def key(self) -> Key:
        """What it is found again by in another run."""
        return self.case, self.turn


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCases:
    """Which cases a run is about."""

    path: str
    digest: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedIndex:
    """Which articles a run is about, and how they are indexed."""

    digest: str
    articles: int
    manifest: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """How a run was made."""

    cases: AskedCases
    index: AskedIndex | None
    system: str
    conversation: str | None
    only: str | None
    started: str
    complete: bool
    settings: Mapping[str, object]
    versions: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """A complete run; the path is what the person named."""

    path: Path
    about: Description
    turns: tuple[MeasuredTurn, ...]

    @property
    def measures(self) -> set[str]:
        """The measures that apply to any turn."""
        return {name for turn in self.turns for name in turn.scores}


@dataclass(frozen=True, slots=True)
class Setting:
    """Something about how the runs were made that is not the same."""

    name: str
    a: str
    b: str


def read_run(path: Path) -> MeasuredRun:
    """Read a run from its folder, or from its `measures.json` alone.

    Raises:
        RunError: There is none, it cannot be read, or it is incomplete.
    """
    content = read_measures(path)
    about = _checked(_descriptions(), content["run"], path, "run")
    if not about.complete:
        answered = len({record.get("case") for _, record in _records(path)})
        raise RunError(
            f"The run in {path} is incomplete: {answered} of {about.cases.cases} cases are answered. Go on "
            "with it by the same `footnote evaluate` command, and then compare."
        )
    turns = _checked(_lists_of_turns(), content.get("turns"), path, "turns")
    return MeasuredRun(path, about, turns)


def read_given(run: MeasuredRun, wanted: Collection[Key]) -> dict[Key, str]:
    """Say what was answered to some turns: the first quote, or why there is none.

    Nothing is said where a run consists of its `measures.json` alone.

    Raises:
        RunError: A line of the answers is not one.
    """
    given: dict[Key, str] = {}
    for number, record in _records(run.path):
        try:
            key = str(record["case"]), int(record["turn"])
            answer = _given(record) if key in wanted else ""
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise RunError(
                f"{run.path / ANSWERS}, line {number} is not an answer of this version. Make the run anew."
            ) from error
        if answer:
            given[key] = answer
    return given


def require_same_index(a: MeasuredRun, b: MeasuredRun) -> None:
    """Make sure that two runs are about the same articles, indexed in the same way.

    Raises:
        RunError: They are not.
    """
    one, other = a.about.index, b.about.index
    advice = "Make one of the runs anew on the other's index, or allow for it with --other-index."
    if (one and one.digest) != (other and other.digest):
        shown = [f"{index.articles} ({index.digest[:12]})" if index else "none" for index in (one, other)]
        raise RunError(
            f"The runs are about other articles: {a.path} has {shown[0]}, {b.path} {shown[1]}. {advice}"
        )
    if one and other and (differing := _differing("", one.manifest, other.manifest)):
        named = "; ".join(f"{setting.name} is {setting.a} and {setting.b}" for setting in differing)
        raise RunError(f"The indexes of {a.path} and {b.path} were built differently: {named}. {advice}")


def other_settings(a: MeasuredRun, b: MeasuredRun) -> list[Setting]:
    """Name what differs between the runs, the most telling first."""
    one, other = a.about, b.about
    plain: list[Mapping[str, object]] = [
        {
            "system": about.system,
            "conversation": about.conversation,
            "only": about.only or "everything",
            "articles": about.index.digest[:12] if about.index else "none",
            "cases": f"{about.cases.path} ({about.cases.digest[:12]})",
        }
        for about in (one, other)
    ]
    return [
        *_differing("", plain[0], plain[1]),
        *_differing("index: ", *(about.index.manifest if about.index else {} for about in (one, other))),
        *_differing("", one.settings, other.settings),
        *_differing("", one.versions, other.versions),
    ]


def _differing(prefix: str, one: Mapping[str, object], other: Mapping[str, object]) -> list[Setting]:
    return [
        Setting(f"{prefix}{name}", str(one.get(name, _ABSENT)), str(other.get(name, _ABSENT)))
        for name in {**one, **other}
        if one.get(name, _ABSENT) != other.get(name, _ABSENT)
    ]


def _given(record: Mapping[str, Any]) -> str:
    if "error" in record:
        return f"crashed: {record['error']}"
    if record["status"] == AnswerStatus.NOT_COVERED:
        return "refused"
    if record["citations"]:
        return f"«{record['citations'][0]['quote']}»"
    return str(record["answer"])


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read what was answered, with the number of its line."""
    answers = path / ANSWERS
    try:
        lines = answers.read_text("utf-8").split("\n") if answers.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"Cannot read {answers} ({error}). Make the run anew.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise RunError(f"{answers}, line {number} is not JSON ({error}). Make the run anew.") from error
        if not isinstance(record, dict):
            raise RunError(f"{answers}, line {number} is no answer. Make the run anew.")
        yield number, record


def _checked(adapter: TypeAdapter[_Shape], content: object, path: Path, name: str) -> _Shape:
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        fault = error.errors()[0]
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
        raise RunError(
            f"{path}: field {name}{field} is not as this version writes it: {fault['msg'].lower()}. Make the "
            "run anew."
        ) from error


@cache
def _descriptions() -> TypeAdapter[Description]:
    return TypeAdapter(Description)


@cache
def _lists_of_turns() -> TypeAdapter[tuple[MeasuredTurn, ...]]:
    return TypeAdapter(tuple[MeasuredTurn, ...])
