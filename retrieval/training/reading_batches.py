"""Plan a training run of the reader: which examples, cut into tokens, go through together, in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import bundled_folder
from retrieval.errors import SettingError
from retrieval.onnx_session import FIRST, LAST
from retrieval.training.progress import Progress
from retrieval.training.reading_examples import Asked, Example, examples

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Tokens of a question and a window with what frames them, and of a question, as `TrainedReader` cuts them.
_LONGEST, _QUESTION = 256, 64
# So many examples are sorted by length at a time: the order stays by chance, and little is filling.
_POOL = 1024
_CUT_AT_ONCE = 512
_WARMING = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that decides which weights come out of a run: it is gone on with under the same plan only.

    `languages` are codes with the share of their questions, above 1 in other windows again. `limit` is of all
    examples, 0 is none. `tokens` are those of a batch, with its filling. `begin` is the checksum of the
    reader that is trained on, "" where there is none.
    """

    languages: tuple[tuple[str, float], ...]
    epochs: float
    limit: int
    begin: str
    rank: int
    learning_rate: float
    tokens: int
    seed: int

    def options(self) -> dict[str, str]:
        """Say it as the options of the command."""
        told = {f"--{name.replace('_', '-')}": str(value) for name, value in asdict(self).items() if value}
        return told | {"--languages": ",".join(f"{code}={share:g}" for code, share in self.languages)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An example in tokens: where its window begins, and the first and last token of the answer, or 0."""

    tokens: tuple[int, ...]
    window: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows side by side, filled up to the longest; all of shape (rows, tokens) but `spans`, (rows, 2)."""

    tokens: NDArray[np.int64]
    mask: NDArray[np.int64]
    types: NDArray[np.int64]
    spans: NDArray[np.int64]


def choose_examples(asked: Sequence[Asked], plan: Plan, progress: Progress) -> list[Example]:
    """Cut the examples of a plan out of the questions that teach, and put them in order.

    Raises:
        SettingError: Nothing teaches a language, or the shares are too small.
    """
    # Windows are cut with the number of the time that their question is gone through.
    chosen: list[tuple[Asked, int]] = []
    for language, share in plan.languages:
        pool = [one for one in asked if one.part == "teach" and one.language == language]
        if not pool:
            known = ", ".join(sorted({one.language for one in asked}))
            raise SettingError(f"No question teaches the language {language!r}. Name some of: {known}.")
        Random(plan.seed).shuffle(pool)
        wanted, seed = round(share * plan.epochs * len(pool)), plan.seed
        while wanted > 0:
            chosen += [(one, seed) for one in pool[:wanted]]
            wanted, seed = wanted - len(pool), seed + 1
    if not chosen:
        raise SettingError("The shares are so small that no example is left. Give greater ones.")
    Random(plan.seed).shuffle(chosen)
    chosen = chosen[: plan.limit or None]
    made: list[Example] = []
    for done, (one, seed) in enumerate(chosen, 1):
        made += examples([one], seed)
        progress("cutting windows", done, len(chosen))
    return made


def make_rows(chosen: Sequence[Example], progress: Progress) -> list[Row]:
    """Cut examples into tokens."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rows: list[Row] = []
    for first in range(0, len(chosen), _CUT_AT_ONCE):
        rows += _rows(chosen[first : first + _CUT_AT_ONCE], tokenizer)
        progress("cutting tokens", len(rows), len(chosen))
    return rows


def _rows(chosen: Sequence[Example], tokenizer: "Tokenizer") -> Iterator[Row]:
    questions = tokenizer.encode_batch([one.question for one in chosen], add_special_tokens=False)
    windows = tokenizer.encode_batch([one.window for one in chosen], add_special_tokens=False)
    for one, question, window in zip(chosen, questions, windows, strict=True):
        asked = question.ids[:_QUESTION]
        first = len(asked) + 2
        ids = window.ids[: _LONGEST - first - 1]
        low, high = one.span or (0, 0)
        # An answer that the reader would not get to see is none.
        inside = [
            first + place
            for place, (start, end) in enumerate(window.offsets[: len(ids)])
            if start < high and low < end
        ]
        start, end = (inside[0], inside[-1]) if inside else (0, 0)
        yield Row(tokens=(FIRST, *asked, LAST, *ids, LAST), window=first, start=start, end=end)


def group_rows(rows: Sequence[Row], plan: Plan) -> list[list[Row]]:
    """Put rows of similar length together, the groups in an order by chance."""
    chance = Random(plan.seed)
    groups: list[list[Row]] = []
    for first in range(0, len(rows), _POOL):
        own: list[list[Row]] = [[]]
        for row in sorted(rows[first : first + _POOL], key=lambda row: len(row.tokens)):
            if own[-1] and (len(own[-1]) + 1) * len(row.tokens) > plan.tokens:
                own.append([])
            own[-1].append(row)
        chance.shuffle(own)
        groups += own
    return groups


def fill(rows: Sequence[Row]) -> Batch:
    """Lay rows side by side."""
    shape = len(rows), max(len(row.tokens) for row in rows)
    tokens, mask, types = (np.zeros(shape, np.int64) for _ in range(3))
    for place, row in enumerate(rows):
        length = len(row.tokens)
        tokens[place, :length] = row.tokens
        mask[place, :length] = 1
        types[place, row.window : length - 1] = 1
    spans = np.array([(row.start, row.end) for row in rows], np.int64)
    return Batch(tokens=tokens, mask=mask, types=types, spans=spans)


def rate_at(done: int, batches: int, plan: Plan) -> float:
    """Give the learning rate of a batch: it rises over the first twentieth, then falls to nothing."""
    warming = max(1, batches // _WARMING)
    return plan.learning_rate * min((done + 1) / warming, (batches - done) / max(1, batches - warming))


def digest_of(groups: Sequence[Sequence[Row]]) -> str:
    """Tell batches from others: the checksum of what they teach, in their order."""
    checksum = sha256()
    for group in groups:
        for row in group:
            checksum.update(repr((row.tokens, row.window, row.start, row.end)).encode())
        checksum.update(b"\n")
    return checksum.hexdigest()
