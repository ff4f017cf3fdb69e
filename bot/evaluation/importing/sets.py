"""Turn public data sets into cases and articles: squad, multihop-rag, mtrag, canard and polnear.

Each is read from its published files, and from JSON Lines (gzip or plain) that were made of them.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.evaluation.cases import write_cases
from bot.evaluation.importing.canard import read_canard
from bot.evaluation.importing.files import Material
from bot.evaluation.importing.mtrag import read_mtrag
from bot.evaluation.importing.multihop_rag import read_multihop_rag
from bot.evaluation.importing.polnear import read_polnear
from bot.evaluation.importing.squad import read_squad
from retrieval.datatypes import Article
from retrieval.errors import CaseError

SETS: Mapping[str, Callable[[Path], Material]] = {
    "squad": read_squad,
    "multihop-rag": read_multihop_rag,
    "mtrag": read_mtrag,
    "canard": read_canard,
    "polnear": read_polnear,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was made of a set, and where it lies.

    A text with attributions counts as one turn; `notes` say in a sentence each what was left out and why.
    """

    cases: int
    turns: int
    articles: int
    cases_path: Path
    articles_path: Path | None
    notes: tuple[str, ...] = ()


def import_set(name: str, folder: Path, output: Path) -> Imported:
    """Read a public set and write its cases, and its articles where it has some, into a folder.

    Raises:
        CaseError: The set is unknown, its files are missing or malformed, or nothing can be written.
    """
    read = SETS.get(name)
    if read is None:
        raise CaseError(f"There is no set {name!r} to import. There are: {', '.join(SETS)}.")
    if not folder.exists():
        raise CaseError(f"There is nothing at {folder}. Name the folder that holds the files of {name}.")
    material = read(folder)
    _check_ids("case", (case.id for case in material.cases), folder)
    _check_ids("article", (article.id for article in material.articles), folder)
    if not material.cases:
        raise CaseError(f"The files in {folder} hold nothing to make a case of.")
    try:
        _write(material, output)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CaseError(f"Cannot write the cases into {output}: {reason}. Name another folder.") from error
    return Imported(
        cases=len(material.cases),
        turns=sum(max(1, len(case.turns)) for case in material.cases),
        articles=len(material.articles),
        cases_path=output / "cases.jsonl",
        articles_path=output / "articles.jsonl" if material.articles else None,
        notes=material.notes,
    )


def _check_ids(what: str, ids: Iterable[str], folder: Path) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            raise CaseError(
                f"In the files of {folder} two {what}s have the id {name!r}. Import one file at a time."
            )
        seen.add(name)


def _write(material: Material, output: Path) -> None:
    """Write beside and rename, so that an interruption leaves nothing half-written."""
    output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output, prefix=".importing-") as temporary:
        beside = Path(temporary)
        write_cases(material.cases, beside / "cases.jsonl")
        if material.articles:
            _write_articles(material.articles, beside / "articles.jsonl")
            os.replace(beside / "articles.jsonl", output / "articles.jsonl")
        else:
            # Those of an earlier import do not belong to these cases.
            (output / "articles.jsonl").unlink(missing_ok=True)
        os.replace(beside / "cases.jsonl", output / "cases.jsonl")


def _write_articles(articles: Sequence[Article], path: Path) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for article in articles:
            stated = {name: value for name, value in asdict(article).items() if value is not None}
            lines.write(json.dumps(stated, ensure_ascii=False) + "\n")
