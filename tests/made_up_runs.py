"""Runs of an evaluation, made up for what is compared."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.evaluation.comparing.comparison import Comparison, compare
from bot.evaluation.comparing.measured import read_run
from bot.evaluation.measures.scoring import MEASURES

YES, NO = [1.0, 1.0], [0.0, 1.0]
Turns = Sequence[Mapping[str, object]]


def turns_of(rights: Sequence[bool], **other: list[float]) -> list[dict[str, object]]:
    """Make a case with one turn for each answer, half of them about a date."""
    return [
        {
            "case": f"case {place}",
            "turn": 0,
            "question": f"Question {place} \x1b[31m?",
            "slices": ["kind: when" if place % 2 else "kind: who"],
            "scores": {"right": YES if right else NO, **other},
        }
        for place, right in enumerate(rights)
    ]


def write_run(
    folder: Path,
    turns: Turns,
    answers: Sequence[Mapping[str, object]] | None = None,
    **about: object,
) -> Path:
    run = {
        "cases": {"path": "claims.jsonl", "digest": "c1", "cases": len(turns), "turns": len(turns)},
        "system": "footnote",
        "conversation": "own",
        "only": None,
        "complete": True,
        "started": "2026-11-22T16:30:00+00:00",
        "settings": {"evidence": 20},
        "index": {"digest": "d1", "articles": 13, "passages": 24, "manifest": {"embedder": "MiniLM"}},
        "versions": {"python": "3.11.7"},
        **about,
    }
    folder.mkdir()
    (folder / "measures.json").write_text(json.dumps({"schema": 1, "run": run, "turns": turns}), "utf-8")
    if answers is not None:
        (folder / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in answers), "utf-8")
    return folder


def compared(a: Path, b: Path, **options: Sequence[str]) -> Comparison:
    return compare(read_run(a), read_run(b), MEASURES, **options)  # type: ignore[arg-type]


def write_before(folder: Path) -> Path:
    return write_run(folder, turns_of([True] * 10 + [False] * 10, **{"false refusals": [1.0, 1.0]}))


def write_after(folder: Path) -> Path:
    """Make eight right that were wrong, and one wrong that was right."""
    turns = turns_of([True] * 9 + [False] * 3 + [True] * 8, **{"false refusals": [0.0, 1.0]})
    return write_run(folder, turns)
