"""Measure embedding, against SentenceTransformer in fp32: python -m tests.benchmarks.embedding [FOLDER].

FOLDER holds text files (*.jsonl, *.json, *.txt, *.md), else the samples in `seeds`. Passages of about 60 and
about 200 tokens are cut from them. Rounds alternate; figures are medians. The baseline is given all texts
at once, with its own batches of 32.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.articles import read_articles
from retrieval.embedding import SentenceTransformerEmbedder
from retrieval.onnx_embedding import OnnxEmbedder

ROOT = Path(__file__).parents[2]
_ROUNDS = 5
_COLD_ROUNDS = 5
# Tokens of a passage, and how many passages a round embeds.
_KINDS = ((60, 256), (200, 96))
# Prints seconds from the first line to the vector, and the peak memory in MB.
_COLD = """
import time; begun = time.perf_counter()
from {module} import {name}
{name}().embed(["What did Rutte say in Riga?"])
status = open("/proc/self/status").read()
print(time.perf_counter() - begun, int(status.split("VmHWM:")[1].split()[0]) / 1024)
"""


class _Counting(Protocol):
    def count(self, text: str) -> int: ...


def passages(folder: Path, tokens: int, counting: _Counting) -> Iterator[str]:
    """Cut texts into passages of about so many tokens, each time round from another word on."""
    texts = [article.text for article in read_articles([folder]).articles]
    words = " ".join(texts[:400]).split()
    per_word = counting.count(" ".join(words[:2000])) / len(words[:2000])
    size = round(tokens / per_word)
    for first in range(0, size, 7):
        for start in range(first, len(words) - size, size):
            yield " ".join(words[start : start + size])


def cold(embedder: type) -> tuple[float, float]:
    """Start a process that embeds one question: median seconds, interpreter included, and median peak MB."""
    program = _COLD.format(module=embedder.__module__, name=embedder.__name__)
    seconds, peaks = [], []
    for _ in range(_COLD_ROUNDS):
        begun = perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        )
        seconds.append(perf_counter() - begun)
        peaks.append(float(done.stdout.split()[1]))
    return median(seconds), median(peaks)


def alternate(
    ways: Sequence[Callable[[list[str]], NDArray[np.float32]]], texts: list[str]
) -> list[list[float]]:
    """Measure ways of embedding the same texts, one after the other, round by round: seconds by way."""
    for embed in ways:
        embed(texts[:64])
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(_ROUNDS):
        for embed, taken in zip(ways, seconds, strict=True):
            begun = perf_counter()
            embed(texts)
            taken.append(perf_counter() - begun)
    return seconds


def main() -> None:
    """Print passages a second, and the start to the first vector."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "seeds"
    ours, baseline = OnnxEmbedder(), SentenceTransformerEmbedder()
    for tokens, count in _KINDS:
        texts = list(islice(passages(folder, tokens, ours), count))
        real = median(map(ours.count, texts))
        base, own = alternate([baseline.embed, ours.embed], texts)
        ratio = median(one / other for one, other in zip(base, own, strict=True))
        agreement = np.sum(ours.embed(texts) * baseline.embed(texts), axis=1).min()
        print(
            f"{real:.0f} tokens: SentenceTransformer {count / median(base):.1f} passages/s, "
            f"ours {count / median(own):.1f}, {ratio:.2f} times; least cosine {agreement:.6f}",
            flush=True,
        )
    for embedder in (SentenceTransformerEmbedder, OnnxEmbedder):
        taken, peak = cold(embedder)
        print(f"first vector, {embedder.__name__}: {taken:.2f} s, peak {peak:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
