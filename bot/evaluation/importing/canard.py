"""CANARD: questions of conversations, rewritten by people to stand alone (Elgohary et al., 2019)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from bot.evaluation.cases import CaseTurn, Text
from bot.evaluation.importing.conversations import Told, join_conversations, kind_of
from bot.evaluation.importing.files import Material, find, no_files, read_json, read_lines
from retrieval.errors import CaseError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewritten:
    """A question of CANARD as JSON Lines write it; the history holds questions and answers by turns."""

    id: Annotated[str, Field(pattern=r"^.+#\d+$")]
    history: tuple[str, ...]
    question: Text
    rewrite: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Released:
    """A question of CANARD as it was published; its history starts with the page's title and section."""

    dialogue: Annotated[Text, Field(validation_alias="QuAC_dialog_id")]
    number: Annotated[int, Field(validation_alias="Question_no")]
    history: Annotated[tuple[str, ...], Field(validation_alias="History", min_length=2)]
    question: Annotated[Text, Field(validation_alias="Question")]
    rewrite: Annotated[Text, Field(validation_alias="Rewrite")]


def read_canard(folder: Path) -> Material:
    """Read dev.json (else test.json, train.json) as published, or dev*.jsonl.

    What the page and its section are called is left out: who asks in a conversation does not say it.
    """
    if lines := find(folder, "dev*.jsonl*"):
        rows = [row for path in lines for row in read_lines(path, _Rewritten)]
    elif files := find(folder, "dev.json", "test.json", "train.json"):
        rows = [
            _Rewritten(
                id=f"{row.dialogue}#{row.number}",
                history=row.history[2:],
                question=row.question,
                rewrite=row.rewrite,
            )
            for row in read_json(files[0], list[_Released])
        ]
    else:
        raise no_files(folder, "dev.json, test.json, train.json or dev*.jsonl.gz of CANARD")
    told = [
        Told(
            id=row.id,
            conversation=row.id.rpartition("#")[0],
            before=_recorded(row, folder),
            asked=CaseTurn(
                question=row.question, rewrite=row.rewrite, kind=kind_of(row.question, row.rewrite)
            ),
        )
        for row in rows
    ]
    return Material(join_conversations(told))


def _recorded(row: _Rewritten, folder: Path) -> tuple[CaseTurn, ...]:
    questions, answers = row.history[::2], row.history[1::2]
    if len(questions) != len(answers) or not all(questions):
        raise CaseError(
            f"In the files of {folder} the history of {row.id} is not questions and answers by turns."
        )
    return tuple(
        CaseTurn(question=question, answer=answer or None)
        for question, answer in zip(questions, answers, strict=True)
    )
