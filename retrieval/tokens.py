"""Count text in tokens, offline, with an encoding of our own."""

import base64
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ENCODING_NAME = "news16k"
# The pattern of tiktoken's cl100k_base, so that words split as chat models split them.
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
RANKS_FILE = Path(__file__).with_name("news16k.tiktoken")
_BLANKS = re.compile(r"\s+")
# tiktoken walks back through blanks and runs out of stack somewhere above 200,000 of them.
_MOST_BLANKS = 10_000


def count_tokens(text: str) -> int:
    """Count the tokens of a text in the bundled encoding; special tokens count as plain text.

    A text of more blanks in a row than tiktoken can walk back through is cut within them: each blank is a
    token of its own there, so that the count stays the same.
    """
    if len(text) <= _MOST_BLANKS:
        return len(encoding().encode_ordinary(text))
    cuts = [
        place
        for blanks in _BLANKS.finditer(text)
        for place in range(blanks.start() + _MOST_BLANKS, blanks.end() - 1, _MOST_BLANKS)
    ]
    pieces = pairwise([0, *cuts, len(text)])
    return sum(len(encoding().encode_ordinary(text[start:end])) for start, end in pieces)


@cache
def encoding() -> "tiktoken.Encoding":
    """Load the encoding that ships with Footnote.

    tiktoken's own encodings are downloaded on first use, and its loader keeps local files in a
    temporary folder by path, so the ranks are read here.
    """
    import tiktoken

    rows = (line.split() for line in RANKS_FILE.read_bytes().splitlines())
    ranks = {base64.b64decode(token): int(rank) for token, rank in rows}
    return tiktoken.Encoding(
        ENCODING_NAME,
        pat_str=PATTERN,
        mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": len(ranks)},
        explicit_n_vocab=len(ranks) + 1,
    )
