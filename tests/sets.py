"""Write small public sets, and read the cases that were made of them."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

from bot.evaluation.cases import Case, read_cases
from bot.evaluation.importing.sets import Imported


def write_lines(path: Path, rows: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")


def cases_of(imported: Imported) -> list[Case]:
    return [placed.case for placed in read_cases(imported.cases_path)]
