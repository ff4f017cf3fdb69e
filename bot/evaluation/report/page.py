"""The report of a run: one page that needs nothing but itself, made of what the run's folder holds."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.evaluation.cases import Case, read_cases
from bot.evaluation.measures.measure import Measure
from bot.evaluation.report import words
from bot.evaluation.report.attributions import ROLES
from bot.evaluation.report.cases import FAILED, OUTCOMES, CaseView, case_view, outcome_of
from bot.evaluation.report.plots import (
    HEIGHT,
    LEFT,
    SORTS,
    TOP,
    WIDTH,
    chart,
    curve,
    link_to,
    segments,
    sort_of,
    text_of,
)
from bot.evaluation.run_folder import ANSWERS, CASES, REPORT, read_measures, write_whole
from retrieval.errors import RunError

Record = dict[str, Any]

# More would make the page slow to open; the failed ones come first.
_MOST_CASES, _MOST_CHARACTERS = 500, 8_000_000


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice that narrows the cases shown: its name in the address, what it is called, what there is."""

    name: str
    label: str
    choices: tuple[str, ...]


def write_report(run: Path) -> Path:
    """Write the page of a run into its folder, whole or not at all.

    Raises:
        RunError: The folder holds no run, or one that cannot be read.
        CaseError: Its cases cannot be read.
    """
    from bot.evaluation.measures.scoring import MEASURES

    measured = read_measures(run)
    cases = {placed.case.id: placed.case for placed in read_cases(run / CASES)}
    page = render(measured, cases, read_answers(run / ANSWERS), MEASURES)
    write_whole(run / REPORT, page)
    return run / REPORT


def read_answers(path: Path) -> list[Record]:
    """Read what was given for each turn; none where nothing was answered yet.

    Raises:
        RunError: A line is not an answer of a run.
    """
    records: list[Record] = []
    lines = path.read_text("utf-8").split("\n") if path.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line) if line.strip() else None
        except ValueError as error:
            # An interruption may have torn the last line.
            if number == len(lines):
                continue
            raise RunError(f"{path}, line {number} is not JSON ({error}). Make the run anew.") from error
        if record is not None:
            records.append(record)
    return records


def render(
    measured: Mapping[str, Any],
    cases: Mapping[str, Case],
    records: Sequence[Record],
    registered: Mapping[str, Measure],
) -> str:
    """Write the page; what comes from cases, articles and answers is escaped wherever it stands.

    Args:
        measured: What `measures.json` holds.
        cases: The cases by their ids.
        records: What `answers.jsonl` holds.
        registered: The measures by their names.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    pages = Environment(
        loader=PackageLoader("bot.evaluation.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (Path(__file__).with_name(f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return pages.get_template("report.html").render(
        # Our own files, and nothing else, are trusted as they stand.
        style=Markup(style),
        script=Markup(script),
        script_digest=b64encode(sha256(script.encode()).digest()).decode(),
        words=words,
        **_top(measured, cases, records, registered),
        **_cases(cases, records, registered),
    )


def _top(
    measured: Mapping[str, Any],
    cases: Mapping[str, Case],
    records: Sequence[Record],
    registered: Mapping[str, Measure],
) -> dict[str, object]:
    """Gather what stands above and below the cases."""
    run, cost = measured["run"], measured.get("cost", {})
    figures = {name: some for name, some in measured.get("measures", {}).items() if some}
    overall = figures.get("all", {})
    measures = _known(overall, registered)
    charts = [chart(figures, measure) for measure in measures.values()]
    leading = words.lead(measures) if measures else ""
    charts.sort(key=lambda one: one.measure.name != leading)
    drawn = curve([tuple(point) for point in measured.get("curve", [])])
    steps = cost.get("seconds", {})
    crashed = cost.get("crashed", sum("error" in record for record in records))
    answered = len({record["case"] for record in records})
    return {
        "title": words.title(run),
        "date": words.date(run.get("started") or ""),
        "outcome": words.outcome(overall, measures, records, cases),
        "warnings": words.warnings(run, crashed, answered),
        "charts": charts,
        "groups": _by_group(measures.values()),
        "bars": {one.measure.name: one.all for one in charts},
        "macro_line": words.macro_line(measured.get("macro", {}), measures[leading]) if leading else "",
        "segments": segments(steps),
        "total": steps.get("total"),
        "memory": cost.get("peak_memory_mb"),
        "curve": drawn,
        "curve_text": text_of(drawn) if drawn else "",
        "frame": {"width": WIDTH, "height": HEIGHT, "left": LEFT, "top": TOP},
        "how": words.how_it_was_run(run),
        "command": run["command"],
    }  # fmt: skip


def _cases(
    cases: Mapping[str, Case], records: Sequence[Record], registered: Mapping[str, Measure]
) -> dict[str, object]:
    """Gather the cases that are shown, failed first, and what they can be filtered by."""
    by_case: dict[str, list[Record]] = {}
    for record in records:
        if record["case"] in cases:
            by_case.setdefault(record["case"], []).append(record)
    measures = _known({name for record in records for name in record["scores"]}, registered)
    judged = {name: outcome_of(some, measures) for name, some in by_case.items()}
    places = {name: number for number, name in enumerate(cases, start=1)}
    ordered = sorted(
        by_case, key=lambda name: (OUTCOMES.index(judged[name][0]), judged[name][1], places[name])
    )
    shown: list[CaseView] = []
    left = _MOST_CHARACTERS
    for name in ordered[:_MOST_CASES]:
        left -= sum(map(_size, by_case[name])) + len(cases[name].text or "")
        if left < 0 and shown:
            break
        shown.append(case_view(places[name], cases[name], by_case[name], measures))
    dropped = [judged[name][0] in FAILED for name in ordered[len(shown) :]]
    return {
        "cases": shown,
        "shown": words.shown(sum(case.is_failed for case in shown), len(shown)),
        "left_out": words.left_out(sum(dropped), len(dropped) - sum(dropped)),
        "filters": list(_filters(shown)),
        "roles": ROLES,
        "sort_of": sort_of,
        "link_to": link_to,
    }


def _filters(shown: Sequence[CaseView]) -> Iterator[Filter]:
    """Name the filters of which there is more than one choice."""
    outcomes = [outcome for outcome in OUTCOMES if any(case.outcome == outcome for case in shown)]
    yield Filter("show", "Outcome", ("all", *(["failed"] if FAILED & set(outcomes) else []), *outcomes))
    slices = Counter(name for case in shown for name in case.slices)
    for sort in SORTS:
        names = sorted(name.partition(": ")[2] for name in slices if sort_of(name) == sort)
        yield Filter(sort, sort.capitalize(), tuple(names))
    yield Filter("tag", "Tag", tuple(sorted(name for name in slices if sort_of(name) not in SORTS)))
    yield Filter("status", "Given", tuple(sorted({status for case in shown for status in case.statuses})))


def _known(names: Iterable[str], registered: Mapping[str, Measure]) -> dict[str, Measure]:
    """Put measures in the order of the registry; one that it does not know any more is shown as it is."""
    held = set(names)
    known = {name: measure for name, measure in registered.items() if name in held}
    unknown = sorted(held - known.keys())
    return known | {name: Measure(name=name, group="other", meaning="", value=_first) for name in unknown}


def _first(sums: tuple[float, ...]) -> float:
    return sums[0] / sums[1] if len(sums) == 2 and sums[1] else 0.0


def _by_group(measures: Iterable[Measure]) -> list[tuple[str, list[Measure]]]:
    """Put measures under their groups' names, groups in the order in which they first come."""
    groups: dict[str, list[Measure]] = {}
    for measure in measures:
        groups.setdefault(measure.group, []).append(measure)
    return list(groups.items())


def _size(record: Record) -> int:
    """Estimate how much of the page a turn takes, in characters."""
    quotes = sum(2 * len(citation["quote"]) + 900 for citation in record.get("citations", ()))
    return 3_000 + quotes + 500 * len(record.get("evidence", ())) + 2 * len(record.get("answer") or "")
