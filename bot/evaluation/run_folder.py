"""The folder of a run: what was asked and answered, kept as it comes, and what that amounts to."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.evaluation.cases import Case, write_cases
from bot.receipts import json_line
from retrieval.errors import RunError

SCHEMA = 1
CASES, ANSWERS, MEASURES, REPORT = "cases.jsonl", "answers.jsonl", "measures.json", "report.html"
INDEX, BASELINE = "index", "baseline"
OWN = {CASES, ANSWERS, MEASURES, REPORT, INDEX, BASELINE}
# What may differ between the beginning of a run and its going on.
_INCIDENTAL = {"command", "started", "complete", "versions"}
_A_LINE_EACH = {"turns", "curve"}
Record = dict[str, Any]


class RunFolder:
    """A run that is going on, or is complete."""

    def __init__(self, folder: Path, run: Mapping[str, Any], records: list[Record]) -> None:
        self.folder = folder
        self._run = dict(run)
        self.records = records

    @classmethod
    def begin(
        cls, folder: Path, run: Mapping[str, Any], cases: Sequence[Case], *, afresh: bool
    ) -> "RunFolder":
        """Begin a run in a folder, or go on with the one that is there.

        Raises:
            RunError: The folder holds something else, or another run.
        """
        if afresh:
            for name in (ANSWERS, MEASURES, REPORT):
                (folder / name).unlink(missing_ok=True)
        run = {**run, "started": datetime.now(UTC).isoformat(timespec="seconds"), "complete": False}
        if (folder / MEASURES).exists():
            run = {**require_same_run(folder, run), "versions": run["versions"]}
        folder.mkdir(parents=True, exist_ok=True)
        records = list(_whole_cases(folder / ANSWERS, cases))
        begun = cls(folder, run, records)
        write_cases(cases, folder / CASES)
        begun._rewrite_answers()
        if not run["complete"]:
            begun._write_measures({})
        return begun

    @property
    def done(self) -> set[str]:
        """The cases that are answered."""
        return {record["case"] for record in self.records}

    @property
    def is_complete(self) -> bool:
        """Whether all cases were answered when the run was last left."""
        return bool(self._run["complete"])

    def keep(self, records: Sequence[Record]) -> None:
        """Store what came of a case; from now on it survives an interruption."""
        with (self.folder / ANSWERS).open("a", encoding="utf-8") as answers:
            answers.write("".join(json_line(record) + "\n" for record in records))
        # What is read back is what a later look at the folder would find.
        self.records.extend(json.loads(json_line(record)) for record in records)

    def finish(self, amounts: Mapping[str, Any]) -> None:
        """Store what the run amounts to."""
        self._run["complete"] = True
        self._write_measures(amounts)

    def _write_measures(self, amounts: Mapping[str, Any]) -> None:
        write_whole(self.folder / MEASURES, _laid_out({"schema": SCHEMA, "run": self._run, **amounts}))

    def _rewrite_answers(self) -> None:
        write_whole(self.folder / ANSWERS, "".join(json_line(record) + "\n" for record in self.records))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_text(text, "utf-8")
    os.replace(unfinished, path)


def _laid_out(content: Mapping[str, Any]) -> str:
    """Write a JSON object for people and for version control: each field apart, each turn on a line."""
    fields = []
    for name, value in content.items():
        if name in _A_LINE_EACH:
            lines = [json.dumps(item, ensure_ascii=False) for item in value]
            written = "[\n" + ",\n".join(lines) + "\n]"
        else:
            written = json.dumps(value, ensure_ascii=False, indent=1)
        fields.append(f"{json.dumps(name)}: {written}")
    return "{\n" + ",\n".join(fields) + "\n}\n"


def read_measures(folder: Path) -> dict[str, Any]:
    """Read what a run amounts to, from its folder or from the file itself.

    Raises:
        RunError: There is none, or it cannot be read.
    """
    path = folder / MEASURES if folder.is_dir() else folder
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RunError(
            f"There is no run at {folder}. Make one with: footnote evaluate CASES.jsonl"
        ) from error
    except ValueError as error:
        raise RunError(f"{path} is not JSON ({error}). Name another run, or make this one anew.") from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or "run" not in content:
        raise RunError(f"{path} is not of a run that this version reads. Make the run anew.")
    return content


def require_same_run(folder: Path, run: Mapping[str, Any]) -> dict[str, Any]:
    """Read how the run in a folder was made, as far as there is one.

    Raises:
        RunError: The folder holds something else, or a run that was made in another way.
    """
    if not (folder / MEASURES).exists():
        foreign = not folder.is_dir() or any(path.name not in OWN for path in folder.iterdir())
        if folder.exists() and foreign:
            raise RunError(f"{folder} is no folder of a run. Name another with --output.")
        return {}
    found: dict[str, Any] = read_measures(folder)["run"]
    differing = [name for name in run if name not in _INCIDENTAL and found.get(name) != run[name]]
    if differing:
        was, now = _differences(found.get(differing[0]), run[differing[0]])
        raise RunError(
            f"{folder} holds another run: its {differing[0]} {was}, now {now}. Name another folder with "
            "--output, or begin anew with --fresh."
        )
    return found


def _differences(was: object, now: object) -> tuple[str, str]:
    """Name what differs, and not all that does not."""
    if isinstance(was, dict) and isinstance(now, dict):
        names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
        was, now = {name: was.get(name) for name in names}, {name: now.get(name) for name in names}
    return f"was {json.dumps(was, ensure_ascii=False)}", json.dumps(now, ensure_ascii=False)


def _whole_cases(path: Path, cases: Sequence[Case]) -> Iterator[Record]:
    """Read the answers of the cases that were answered whole; an interruption may have torn the last."""
    turns = {case.id: max(1, len(case.turns)) for case in cases}
    held: list[Record] = []
    for line in path.read_text("utf-8").split("\n") if path.exists() else []:
        try:
            record = json.loads(line)
        except ValueError:
            return
        if held and held[-1]["case"] != record["case"]:
            held = []
        held.append(record)
        if len(held) == turns.get(record["case"]):
            yield from held
            held = []
