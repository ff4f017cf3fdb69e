"""Train the bundled tiktoken encoding on open text: python -m retrieval.training.encoding DATA_FOLDER.

DATA_FOLDER holds the open sets named in `CORPORA`, as JSON Lines; each is licensed for sharing.
"""

import base64
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from retrieval.tokens import PATTERN, RANKS_FILE

VOCABULARY_SIZE = 16_000
# Wikinews (CC BY 2.5), the SQuAD family (CC BY-SA 4.0, Apache-2.0, MIT), Tatoeba (CC BY 2.0 FR).
CORPORA = (
    "meantime_en/articles.jsonl.gz",
    "kind_wikinews_it/sentences.jsonl.gz",
    "squad_v20_dev/paragraphs.jsonl.gz",
    "squad_it_test/paragraphs.jsonl.gz",
    "squad_sv_dev/paragraphs.jsonl.gz",
    "squad_es_v20_dev/paragraphs.jsonl.gz",
)


def read_text(folder: Path) -> Iterator[str]:
    """Read the paragraphs and sentences of the corpora."""
    for name in CORPORA:
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                item = json.loads(line)
                if "sentences" in item:
                    yield from item["sentences"]
                else:
                    yield item.get("text") or " ".join(item["tokens"])


def train_ranks(texts: Iterator[str]) -> dict[bytes, int]:
    """Train a byte-pair encoding; the ranks are the 256 bytes, then the merges in order."""
    tokenizer = Tokenizer(models.BPE())
    # The regex engine of tokenizers has no possessive counted repetition.
    split = pre_tokenizers.Split(Regex(PATTERN.replace("{1,3}+", "{1,3}")), behavior="isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    to_byte = _bytes_of_letters()
    ranks = {bytes([value]): value for value in range(256)}
    for merge in json.loads(tokenizer.to_str())["model"]["merges"]:
        left, right = merge if isinstance(merge, list) else merge.split(" ")
        token = bytes(to_byte[letter] for letter in left + right)
        ranks.setdefault(token, len(ranks))
    return ranks


def _bytes_of_letters() -> dict[str, int]:
    """Invert the letters that stand for bytes in a byte-level encoding (GPT-2's table)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [value for value in range(256) if value not in printable]
    letters = [chr(value) for value in printable] + [chr(256 + place) for place in range(len(others))]
    return dict(zip(letters, printable + others, strict=True))


def main() -> None:
    """Train on the folder named on the command line and write the ranks beside the code."""
    ranks = train_ranks(read_text(Path(sys.argv[1])))
    rows = sorted(ranks.items(), key=lambda item: item[1])
    lines = [base64.b64encode(token) + b" " + str(rank).encode() for token, rank in rows]
    RANKS_FILE.write_bytes(b"\n".join(lines) + b"\n")
    print(f"{len(ranks)} ranks written to {RANKS_FILE}")


if __name__ == "__main__":
    main()
