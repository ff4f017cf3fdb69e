"""What the report says in words and figures: numbers as they are read, the sentences around the cases."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.evaluation.cases import Case
from bot.evaluation.measures.measure import Measure

Record = dict[str, Any]

HEADLINE = "right"
# What a run, or a turn, is told by: the first of these that it has.
_LEADS = (HEADLINE, "recall@10", "entities filled in", "rewrite exact match", "content overlap F1")
# No-break, narrow: a figure and its unit stay on one line.
_GAP = "\N{NARROW NO-BREAK SPACE}"
# From here on a tenth of a percent tells something.
_MANY_TURNS = 1_000
_SYSTEMS = {
    "footnote": "footnote",
    "naive": "the naive baseline, as the usual tutorial builds it: vectors alone, the nearest sentence",
    "keyword": "the keyword baseline: BM25 alone, the nearest sentence",
}
_STEPS = {
    "understand": "make the question stand alone, and see what it asks for",
    "search": "find passages",
    "read": "choose sentences in them",
    "write": "put the answer together and check its quotations",
    "total": "from the question to the answer",
}
_CONVERSATIONS = {
    "own": "own: each question follows on the system's own answers",
    "recorded": "recorded: each question follows on the answers of the recorded conversation",
    "none": "none: each question is asked alone, without what went before",
    "rewritten": "rewritten: each question is asked as a person wrote it to stand alone",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what stands for it, as in a table of how a run was made."""

    name: str
    text: str


def number(count: int) -> str:
    """Write a count with its thousands apart."""
    return f"{count:,}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun."""
    return f"{number(count)}\N{NO-BREAK SPACE}{noun if count == 1 else plural or f'{noun}s'}"


def share(value: float, turns: int = 0) -> str:
    """Write a share as a percentage, with a tenth where that many turns bear it."""
    return f"{_percent(value, turns)}{_GAP}%"


def figure(value: float, measure: Measure, turns: int = 0) -> str:
    """Write a measure's value: a share as a percentage, anything else as a number."""
    if measure.is_share:
        return share(value, turns)
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def interval(low: float, high: float, measure: Measure, turns: int = 0) -> str:
    """Write between which values a measure lies; too few cases all alike tell no width."""
    if low == high:
        return "too few"
    if measure.is_share:
        return f"{_percent(low, turns)}–{share(high, turns)}"
    return f"{figure(low, measure)}–{figure(high, measure)}"


def seconds(value: float) -> str:
    """Write a time in the unit in which it is read best."""
    if value < 0.001:
        return f"< 1{_GAP}ms"
    if value < 0.1:
        return f"{value * 1000:.0f}{_GAP}ms"
    return f"{value:.2f}{_GAP}s" if value < 10 else f"{value:,.0f}{_GAP}s"


def step_meaning(step: str) -> str:
    """Say what a step of answering does."""
    return _STEPS.get(step, "")


def title(run: Mapping[str, Any]) -> str:
    """Say what was asked of what."""
    cases, system = run["cases"], re.split("[,:]", _SYSTEMS.get(run["system"], run["system"]))[0]
    path, index = cases["path"], run.get("index")
    if not cases["turns"]:
        return f"Who says what in {counted(cases['cases'], 'text')} of {path}, found by {system}"
    questions = counted(cases["turns"], "question")
    if index is None:
        return f"{questions} of {path}, made to stand alone by {system}"
    over = f"{questions} of {path} over {counted(index['articles'], 'article')}"
    return f"Passages for {over}, found by {system}" if run.get("only") else f"{over}, answered by {system}"


def date(text: str) -> str:
    """Write a moment as a day and a time, or as it is where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    zone = " UTC" if moment.tzinfo and not moment.utcoffset() else moment.strftime(" %z").rstrip()
    return f"{moment.day} {moment:%B %Y, %H:%M}{zone}"


def outcome(
    figures: Mapping[str, Mapping[str, float]],
    measures: Mapping[str, Measure],
    records: Sequence[Record],
    cases: Mapping[str, Case],
) -> str:
    """Say in one sentence how the run came out."""
    if not figures:
        return "Nothing has been measured yet."
    parts = []
    name = lead(figures)
    found, measure = figures[name], measures[name]
    between = interval(found["low"], found["high"], measure, int(found["turns"]))
    value = figure(found["value"], measure, int(found["turns"]))
    if name == HEADLINE:
        right = sum(record["scores"][name][0] for record in records if name in record["scores"])
        judged = number(int(found["turns"]))
        parts.append(f"{number(round(right))} of {judged} right ({value}, 95{_GAP}% interval {between})")
        parts += _refusals(records, cases)
        parts += _quotations(records)
    else:
        noun = "turn" if any(case.turns for case in cases.values()) else "text"
        over = counted(int(found["turns"]), noun)
        label = measure.name[0].upper() + measure.name[1:]
        parts.append(f"{label}: {value} over {over} (95{_GAP}% interval {between})")
        parts[-1] += f". {measure.meaning.rstrip('.')}" if measure.meaning else ""
    return "; ".join(parts) + "." + _led_up(records)


def lead(names: Iterable[str]) -> str:
    """Choose the measure that a run or a turn is told by."""
    known = list(names)
    return next((name for name in _LEADS if name in known), known[0])


def macro_line(macro: Mapping[str, Mapping[str, float]], measure: Measure) -> str:
    """Say what a measure is when each slice of a sort counts alike, whatever its size."""
    said = [
        f"{figure(averages[measure.name], measure)} over the {sort}s"
        for sort, averages in macro.items()
        if measure.name in averages
    ]
    if not said:
        return ""
    return (
        f"Where each slice counts alike, however many turns it has, “{measure.name}” is {' and '.join(said)}."
    )


def warnings(run: Mapping[str, Any], crashed: int, answered: int) -> list[str]:
    """Say what a reader has to know before believing the figures."""
    said = []
    if not run.get("complete"):
        of = number(run["cases"]["cases"])
        said.append(
            f"This run is not complete: {number(answered)} of {of} cases are answered. "
            "The same command goes on from there; figures are worked out once all are."
        )
    if crashed:
        turns = "1 turn crashed and counts" if crashed == 1 else f"{number(crashed)} turns crashed and count"
        said.append(f"{turns} as wrong. They stand first among the cases.")
    return said


def shown(failed: int, cases: int) -> str:
    """Say which cases are shown, and in what order."""
    if not cases:
        return "No case is answered yet."
    of = f"of the {counted(cases, 'case')} shown here"
    if not failed:
        return f"None {of} failed. The least right stand first; a line opens by a click, or by the Enter key."
    if failed == cases:
        return f"{'The only case' if cases == 1 else f'All {number(cases)} cases'} shown here failed."
    return f"{number(failed)} {of} failed; {'it stands' if failed == 1 else 'they stand'} first, and open."


def left_out(failed: int, others: int) -> str:
    """Say how many cases the page does not show."""
    kinds = [counted(failed, "failed case")] if failed else []
    kinds += [counted(others, "other case")] if others else []
    if not kinds:
        return ""
    return f"So that this page opens fast, {' and '.join(kinds)} are left out; answers.jsonl has them all."


def how_it_was_run(run: Mapping[str, Any]) -> list[tuple[str, list[Fact]]]:
    """Name all that the figures depend on, in groups."""
    index, cases = run.get("index"), run["cases"]
    told = [
        Fact("System", _SYSTEMS.get(run["system"], run["system"])),
        *(
            [Fact("Conversation", _CONVERSATIONS.get(run["conversation"], run["conversation"]))]
            if cases["turns"]
            else []
        ),
        *([Fact("Limited to", run["only"])] if run.get("only") else []),
        Fact("Started", date(run.get("started") or "unknown")),
        Fact(
            "Cases", f"{cases['path']}, {counted(cases['cases'], 'case')}, {counted(cases['turns'], 'turn')}"
        ),
        Fact("Digest of the cases", cases["digest"]),
    ]
    groups = [("The run", told)]
    if index:
        content = f"{counted(index['articles'], 'article')}, {counted(index['passages'], 'passage')}"
        manifest = [Fact(name, _plain(value)) for name, value in index.get("manifest", {}).items()]
        groups.append(
            (
                "The index",
                [Fact("Content", content), Fact("Digest of the articles", index["digest"]), *manifest],
            )
        )
    for heading, name in (("Settings", "settings"), ("Versions", "versions")):
        groups.append((heading, [Fact(key, _plain(value)) for key, value in run.get(name, {}).items()]))
    return [(heading, facts) for heading, facts in groups if facts]


def _percent(value: float, turns: int) -> str:
    return f"{value * 100:.{1 if turns >= _MANY_TURNS else 0}f}"


def _led_up(records: Sequence[Record]) -> str:
    """Say how many questions were not judged, as they only led up to others."""
    count = sum(not record["scores"] for record in records)
    if not count:
        return ""
    return (
        f" {counted(count, 'question')} only led up to others and {'is' if count == 1 else 'are'} not judged."
    )


def _refusals(records: Sequence[Record], cases: Mapping[str, Case]) -> list[str]:
    """Say how many of the questions that the articles do not answer were refused."""
    statuses = [
        record.get("status")
        for record in records
        if (case := cases.get(record["case"])) is not None
        and record["turn"] < len(case.turns)
        and case.turns[record["turn"]].is_answerable is False
    ]
    if not statuses:
        return []
    refused = sum(status == "not_covered" for status in statuses)
    return [f"{number(refused)} of {counted(len(statuses), 'unanswerable question')} refused"]


def _quotations(records: Sequence[Record]) -> list[str]:
    """Say whether every quotation stands word for word where it is said to."""
    name = "quote fidelity"
    sums = [
        record["scores"][name] for record in records if name in record["scores"] and "error" not in record
    ]
    stand, quotes = (round(sum(column)) for column in zip(*sums, strict=True)) if sums else (0, 0)
    if not quotes:
        return []
    return [
        "every quotation stands"
        if stand == quotes
        else f"{number(stand)} of {number(quotes)} quotations stand"
    ]


def _plain(value: object) -> str:
    return "–" if value is None else str(value)
