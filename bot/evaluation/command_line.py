"""The commands that score answers: their options, and where they are done."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from bot.evaluation.options import Only, Replay, SetName, SystemName
from bot.options import Index, run_of


def feedback(
    context: typer.Context,
    cases: Annotated[bool, typer.Option("--cases", help="Write cases that `evaluate` reads.")] = False,
    index_folder: Index = None,
) -> None:
    """Show what people thought of answers, or make cases of it."""
    from bot.evaluation.feedback import show_feedback

    show_feedback(run_of(context).workplace(index_folder), as_cases=cases)


def evaluate(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="CASES", help="A file of cases; with --import the folder of a set.")
    ],
    articles_folder: Annotated[
        Path | None,
        typer.Option("--articles", metavar="DIR", help="Answer from these articles, not from the index."),
    ] = None,
    system: Annotated[SystemName, typer.Option(help="What answers.")] = SystemName.FOOTNOTE,
    conversation: Annotated[
        Replay | None,
        typer.Option(help="What stands before a follow-up: its own answers, the recorded ones, nothing; "
                          "or the rewritten question alone."),
    ] = None,
    only: Annotated[Only | None, typer.Option(help="Leave out the rest.")] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", metavar="NAME", help="Only cases of it, as 'kind: who'.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", help="Only so many cases, evenly spread.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run; in runs/ if not named.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Answer anew what is answered already.")] = False,
    import_name: Annotated[
        SetName | None, typer.Option("--import", help="Make cases of a public data set instead.")
    ] = None,
    index_folder: Index = None,
) -> None:  # fmt: skip
    """Score answers against cases, and write a report."""
    from bot.evaluation.commands import Options, evaluate_cases, import_cases

    if import_name:
        import_cases(import_name.value, source, output)
        return
    options = Options(
        articles=articles_folder, output=output, system=system, conversation=conversation, only=only,
        limit=limit, slices=slices or (), afresh=fresh,
    )  # fmt: skip
    this_run = run_of(context)
    place = this_run.workplace(index_folder)
    raise typer.Exit(evaluate_cases(place, source, options, shlex.join(["footnote", *this_run.arguments])))


def compare(
    one: Annotated[
        Path, typer.Argument(metavar="RUN_A", help="A run of `footnote evaluate`, or its measures.json.")
    ],
    other: Annotated[Path, typer.Argument(metavar="RUN_B", help="Another, over the same cases.")],
    measures: Annotated[
        list[str] | None, typer.Option("--measure", metavar="NAME", help="Measures to show, instead of all.")
    ] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", metavar="NAME", help="Slices to show.")
    ] = None,
    fail_below: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=DIFFERENCE", help="End with 1 where RUN_B is worse by more, as right=-0.02."
        ),
    ] = None,
    other_index: Annotated[
        bool, typer.Option("--other-index", help="Compare though the indexes differ.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Show how two runs differ, what was fixed and what broke."""
    from bot.evaluation.comparing.as_text import compare_runs

    raise typer.Exit(
        compare_runs(
            one, other, measures=measures or (), slices=slices or (), fail_below=fail_below or (),
            other_index=other_index, in_json=json,
        )
    )  # fmt: skip
