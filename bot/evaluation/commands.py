"""What `footnote evaluate` and `footnote compare` do, once their options are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from bot.console import Block, note, progress_bar, show, stdout
from bot.evaluation.cases import PlacedCase, read_cases
from bot.evaluation.examiner import needs_articles
from bot.evaluation.options import Only, Replay, SystemName
from bot.evaluation.run import Plan, evaluate
from bot.failures import EXIT_CHECK_FAILED, explain
from retrieval.errors import CaseError, SettingError

if TYPE_CHECKING:
    from bot.commands import Workplace

RUNS, SETS = Path("runs"), Path("cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `footnote evaluate`."""

    articles: Path | None = None
    output: Path | None = None
    system: SystemName = SystemName.FOOTNOTE
    conversation: Replay | None = None
    only: Only | None = None
    limit: int | None = None
    slices: Sequence[str] = ()
    afresh: bool = False


def evaluate_cases(place: "Workplace", path: Path, options: Options, command: str) -> int:
    """Answer cases, or those that are left of them, and show what that amounts to."""
    from bot.evaluation.comparing.as_text import show_measures
    from bot.evaluation.report.page import write_report

    cases = _chosen(read_cases(path), path, options)
    output = options.output or RUNS / "-".join(_name(path, options))
    plan = Plan(
        cases=cases,
        path=path,
        settings=place.settings,
        index=place.folder,
        articles=options.articles,
        output=output,
        command=command,
        system=options.system,
        replay=options.conversation or _usual_replay(cases, options.only),
        only=options.only,
        afresh=options.afresh,
    )
    try:
        with progress_bar() as progress:
            evaluated = evaluate(
                plan,
                lambda: place.build(place.settings),
                lambda error: explain(error, output),
                progress,
            )
    except KeyboardInterrupt:
        note(
            f"footnote: Interrupted. What is answered is kept in {output}; the same command goes on "
            "from there."
        )
        raise
    if not evaluated.asked:
        note(f"footnote: All cases are answered in {output} already; --fresh answers them anew.")
    show_measures(evaluated.amounts["measures"], stdout())
    crashed = evaluated.amounts["cost"]["crashed"]
    if crashed:
        note(f"footnote: {crashed} turns crashed and count as wrong; the report shows them.")
    show([Block(), Block(Text(f"Report: {write_report(output)}"), unbroken=True)], stdout())
    return EXIT_CHECK_FAILED if crashed else 0


def import_cases(name: str, folder: Path, output: Path | None) -> None:
    """Make cases of a public data set, and tell how to go on."""
    from bot.evaluation.importing.sets import import_set

    imported = import_set(name, folder, output or SETS / name)
    counts = f"{imported.cases:,} cases with {imported.turns:,} turns"
    if imported.articles_path:
        show([Block(Text(f"{counts}, {imported.articles:,} articles"))], stdout())
        more = f" --articles {imported.articles_path}"
    else:
        show([Block(Text(counts))], stdout())
        more = ""
    for sentence in imported.notes:
        note(f"footnote: {sentence}")
    show([Block(Text(f"footnote evaluate {imported.cases_path}{more}"), unbroken=True)], stdout())


def _chosen(cases: Sequence[PlacedCase], path: Path, options: Options) -> list[PlacedCase]:
    """Take the cases of the slices that were named, or so many of them, evenly spread."""
    wanted = set(options.slices)
    chosen = [
        placed
        for placed in cases
        if not wanted
        or any(wanted & set(placed.case.slices(turn)) for turn in range(max(1, len(placed.case.turns))))
    ]
    if not chosen:
        known = sorted({name for placed in cases for turn in range(max(1, len(placed.case.turns)))
                        for name in placed.case.slices(turn)})  # fmt: skip
        raise CaseError(
            f"No case of {path} is in the slice {', '.join(sorted(wanted))}. There are: {', '.join(known)}."
        )
    if options.limit is not None and options.limit < 1:
        raise SettingError(f"--limit is {options.limit}. Give a number from 1.")
    # Public sets stand in order of their articles: the first ones would all be about one.
    count = min(options.limit or len(chosen), len(chosen))
    return [chosen[place * len(chosen) // count] for place in range(count)]


def _usual_replay(cases: Sequence[PlacedCase], only: Only | None) -> Replay:
    """Hold the conversation with the system itself, unless it answers nothing."""
    return Replay.OWN if any(needs_articles(placed.case, only) for placed in cases) else Replay.RECORDED


def _name(path: Path, options: Options) -> list[str]:
    """Name the folder of a run by what tells it from other runs of the same cases."""
    cases = path.parent.name if path.stem == "cases" and path.parent.name else path.stem
    parts = [cases, options.system.value]
    parts += [option.value for option in (options.only, options.conversation) if option]
    parts += ["".join(letter if letter.isalnum() else "_" for letter in name) for name in options.slices]
    return [*parts, *([f"{options.limit}"] if options.limit else [])]
