"""Measure embedding, against SentenceTransformer in fp32: python -m tests.benchmarks.embedding [FOLDER].

FOLDER holds text files (*.jsonl, *.json, *.txt, *.md), else the samples in `seeds`. Passages of about 60 and
about 200 tokens are cut from them. Rounds alternate; figures are medians.
The baseline is given all texts at once, with its own batches of 32. Where the CPU has AMX, torch in bfloat16
is measured too, of which indexing in bulk takes the faster one.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from time import perf_counter
from typing import Protocol

import numpy as np

from retrieval.articles import read_articles
from retrieval.bulk_embedding import Embed, has_amx
from retrieval.embedding import SentenceTransformerEmbedder
from retrieval.onnx_embedding import OnnxEmbedder

ROOT = Path(__file__).parents[2]
_ROUNDS = 5
_COLD_ROUNDS = 3
# Tokens of a passage, and how many passages a round embeds.
_KINDS = ((60, 128), (200, 64))
_COLD = 'from {module} import {name}; {name}().embed(["What did Rutte say in Riga?"])'


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


def cold(embedder: type) -> list[float]:
    """Start a process that embeds one question: median seconds, CPU seconds and peak MB."""
    program = _COLD.format(module=embedder.__module__, name=embedder.__name__)
    costs = []
    for _ in range(_COLD_ROUNDS):
        begun = perf_counter()
        process = Popen([sys.executable, "-c", program], cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{embedder.__name__} ended with {process.returncode}.")
        costs.append((perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return [median(cost) for cost in zip(*costs, strict=True)]


def alternate(ways: Sequence[Embed], texts: list[str]) -> list[list[float]]:
    """Measure ways of embedding the same texts, one after the other, round by round: seconds by way."""
    for embed in ways:
        embed(texts[:32])
    seconds: list[list[float]] = [[] for _ in ways]
    for _ in range(_ROUNDS):
        for embed, taken in zip(ways, seconds, strict=True):
            begun = perf_counter()
            embed(texts)
            taken.append(perf_counter() - begun)
    return seconds


def main() -> None:
    """Print the start to the first vector, and passages a second."""
    # First, while this process is small: a child's peak memory counts from its parent's at the start.
    for embedder in (SentenceTransformerEmbedder, OnnxEmbedder):
        wall, cpu, peak = cold(embedder)
        print(
            f"first vector, {embedder.__name__}: {wall:.2f} s, CPU {cpu:.2f} s, peak {peak:.0f} MB",
            flush=True,
        )
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "seeds"
    ours, baseline = OnnxEmbedder(), SentenceTransformerEmbedder()
    ways = {"ONNX Runtime": ours.embed}
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and has_amx(cpuinfo.read_text()):
        ways["torch in bfloat16"] = SentenceTransformerEmbedder(half=True).embed
    for tokens, count in _KINDS:
        texts = list(islice(passages(folder, tokens, ours), count))
        base, *others = alternate([baseline.embed, *ways.values()], texts)
        expected = baseline.embed(texts)
        real = median(map(ours.count, texts))
        print(
            f"{real:.0f} tokens: SentenceTransformer {len(texts) / median(base):.1f} passages/s", flush=True
        )
        for (name, embed), taken in zip(ways.items(), others, strict=True):
            ratio = median(one / other for one, other in zip(base, taken, strict=True))
            agreement = np.sum(embed(texts) * expected, axis=1).min()
            print(
                f"  {name} {len(texts) / median(taken):.1f}, {ratio:.2f} times; least cosine {agreement:.6f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
