"""How a question grows with the library: python -m tests.benchmarks.scale [--folder FOLDER] [PASSAGES...].

Libraries of about 1,000, 10,000 and 100,000 passages are built once (tests/benchmarks/large_library.py) and
kept in the folder. Each is measured in a process of its own: 200 real questions, none twice,
the embedding of the question included; with filters; the whole answer; the vectors that are found against
all, compared one by one; memory, disk, and an update of 100 changed articles.
"""

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random
from shutil import copytree, rmtree
from tempfile import gettempdir

import numpy as np

from bot.assembly import build_assistant, build_searcher
from bot.settings import Settings
from retrieval.datatypes import Filter
from retrieval.indexing import Indexer
from retrieval.library import Library
from retrieval.named import key_of
from retrieval.query import understand
from retrieval.vectors import Vectors
from tests.benchmarks.large_library import DATA, PASSAGE_TOKENS, ScaleEmbedder, build, change, questions

SIZES = (1_000, 10_000, 100_000)
_QUESTIONS, _ANSWERS, _WARM_UP, _COMPARED, _NEAREST, _CHANGED, _PEOPLE = 200, 40, 10, 100, 10, 100, 100
_MEASURE = "--measure"


def memory() -> int:
    """Read how much memory this process holds, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def timed(some: Sequence[str], ask: Callable[[str], object]) -> dict[str, float]:
    """Ask each question, and give milliseconds: the median, the 95th percentile, and the CPU's median."""
    seconds, cpu = [], []
    for question in some:
        began, began_cpu = time.perf_counter(), time.process_time()
        ask(question)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return {"p50": float(p50), "p95": float(p95), "cpu": float(np.median(cpu)) * 1000}


def people(library: Library) -> list[str]:
    """Choose people by chance, the one whom most articles name first."""
    every = sorted(library.named.people())
    some = Random(_PEOPLE).sample(every, min(_PEOPLE, len(every)))
    return sorted(some, key=lambda name: -len(library.ids(naming(name))))


def naming(name: str) -> Filter:
    """Let in the articles that name a person."""
    return Filter(people=frozenset([key_of(name)]))


def filters(library: Library) -> dict[str, Filter]:
    """Choose filters of each kind from what the library holds."""
    articles = library.articles().values()
    publishers = Counter(article.publisher for article in articles if article.publisher)
    days = Counter(article.published[:10] for article in articles if article.published)
    languages = Counter(article.language for article in articles if article.language)
    busiest = date.fromisoformat(days.most_common(1)[0][0])
    since = sorted(days.elements())[days.total() // 2]
    largest = frozenset([publishers.most_common(1)[0][0]])
    week = Filter(since=str(busiest - timedelta(days=3)), until=str(busiest + timedelta(days=3)))
    return {
        "one publisher": Filter(publishers=largest),
        "one week": week,
        "a rare language": Filter(languages=frozenset([languages.most_common()[-1][0]])),
        "half the time, one publisher": Filter(since=since, publishers=largest),
        "one person": naming(people(library)[0]),
    }


def recall(library: Library, embedder: ScaleEmbedder, some: Sequence[str]) -> float:
    """Give the share of the nearest passages, compared one by one, that the index finds, too."""
    numbers, rows = library.vectors(library.numbers())
    shares = []
    with closing(Vectors(library, embedder.name)) as vectors:
        for vector in embedder.embed(some):
            exact = {numbers[place] for place in np.argsort(-(rows @ vector))[:_NEAREST]}
            found = {number for number, _ in vectors.nearest(vector, _NEAREST)}
            shares.append(len(exact & found) / len(exact))
    return float(np.mean(shares))


def update(folder: Path, embedder: ScaleEmbedder) -> dict[str, float]:
    """Index some changed articles in a copy of a library."""
    copy = folder.with_name(f"{folder.name}-changed")
    rmtree(copy, ignore_errors=True)
    copytree(folder, copy)
    reading = change(copy, _CHANGED)
    began = time.perf_counter()
    report = Indexer(copy, embedder, passage_tokens=PASSAGE_TOKENS).update(reading, lambda *step: None)
    seconds = time.perf_counter() - began
    rmtree(copy)
    return {"seconds": seconds, "changed": len(report.changed), "embedded": report.embedded}


def measure(folder: Path, count: int) -> dict[str, object]:
    """Measure one library with so many questions."""
    embedder = ScaleEmbedder(folder.parent)
    some = questions(count + _WARM_UP)
    first, some = some[:_WARM_UP], some[_WARM_UP:]
    embedder.bundled.embed(first)
    before = memory()
    settings = Settings()
    found: dict[str, object] = {}
    with closing(Library.open_any(folder)) as library:
        found["passages"] = library.passage_count()
        searcher = build_searcher(settings, library, embedder)
        timed(first, lambda question: searcher.search(understand(question, "en")))
        chosen = filters(library)
        found["share"] = {
            name: len(library.admitted(where)) / library.passage_count() for name, where in chosen.items()
        }
        found["embedding"] = timed(some, lambda question: embedder.embed([question]))
        found["search"] = {"no filter": timed(some, lambda one: searcher.search(understand(one, "en")))}
        held = memory()
        found |= {"memory": held, "memory growth": held - before}
        found["search"] |= {  # type: ignore[operator]
            name: timed(some, lambda one, where=where: searcher.search(understand(one, "en"), where=where))  # type: ignore[misc]
            for name, where in chosen.items()
        }
    with closing(build_assistant(settings, folder, embedder)) as assistant:
        timed(first, assistant.answer)
        found["answer"] = timed(some[:_ANSWERS], assistant.answer)
        asked = [f"What do you have on {name}?" for name in people(assistant.library)]
        found["holdings"] = timed(asked, assistant.answer)
    found["disk"] = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    with closing(Library.open_any(folder)) as library:
        found["recall"] = recall(library, embedder, some[:_COMPARED])
    found["update"] = update(folder, embedder)
    return found


def main() -> None:
    """Build what is not there, measure each library, and print a table."""
    if sys.argv[1:2] == [_MEASURE]:
        print(json.dumps(measure(Path(sys.argv[2]), int(sys.argv[3]))))
        return
    parser = ArgumentParser(prog="python -m tests.benchmarks.scale")
    parser.add_argument("passages", nargs="*", type=int, default=SIZES)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir(), "footnote-scale"))
    parser.add_argument("--questions", type=int, default=_QUESTIONS)
    options = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"There are no articles in {DATA}, so nothing is measured.")
    rows = []
    for passages in options.passages:
        folder = options.folder / str(passages)
        if not (folder / "built").exists():
            began = time.monotonic()
            rmtree(folder, ignore_errors=True)
            build(folder, passages)
            (folder / "built").write_text(f"{time.monotonic() - began:.0f} s")
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.scale",
            _MEASURE,
            str(folder),
            str(options.questions),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{rows[-1]['passages']:,} passages measured; built in {(folder / 'built').read_text()}")
    print(table(rows), f"\n{options.questions} questions, {os.cpu_count()} cores shared with others.")


def table(rows: Sequence[dict[str, object]]) -> str:
    """Write a table for the README, with a column for each library, and the growth as bars."""
    columns = [json.loads(json.dumps(row)) for row in rows]
    lines: list[list[str]] = [["passages", *(f"{row['passages']:,}" for row in columns)]]
    for name in columns[0]["search"]:
        share = columns[-1].get("share", {}).get(name)
        label = f"search, {name}" + (f" ({share:.1%} of the largest)" if share is not None else "")
        lines.append([f"{label}: p50 / p95 / CPU", *(_times(row["search"][name]) for row in columns)])
    lines += [
        ["of it embedding the question", *(_times(row["embedding"]) for row in columns)],
        ["the whole answer", *(_times(row["answer"]) for row in columns)],
        ["what there is on a person", *(_times(row["holdings"]) for row in columns)],
        [f"recall@{_NEAREST} of the vectors", *(f"{row['recall']:.3f}" for row in columns)],
        ["memory, the model included", *(f"{row['memory'] / 1e6:.0f} MB" for row in columns)],
        ["memory of the library", *(f"{row['memory growth'] / 1e6:.0f} MB" for row in columns)],
        ["disk", *(f"{row['disk'] / 1e6:.0f} MB" for row in columns)],
        [f"update of {_CHANGED} changed articles", *(f"{row['update']['seconds']:.1f} s, "
         f"{row['update']['embedded']} embedded" for row in columns)],
    ]  # fmt: skip
    head, *rest = (f"| {' | '.join(line)} |" for line in lines)
    text = "\n".join([head, "|---" * len(lines[0]) + "|", *rest])
    longest = max(row["search"]["no filter"]["p50"] for row in columns)
    bars = [
        f"{row['passages']:>9,} {'█' * max(1, round(50 * row['search']['no filter']['p50'] / longest))} "
        f"{row['search']['no filter']['p50']:.1f} ms"
        for row in columns
    ]
    return "\n".join([text, "", "A warm search without a filter, p50:", "", *bars])


def _times(found: dict[str, float]) -> str:
    return f"{found['p50']:.1f} / {found['p95']:.1f} / {found['cpu']:.1f} ms"


if __name__ == "__main__":
    main()
