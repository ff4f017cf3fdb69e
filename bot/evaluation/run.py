"""One evaluation from its cases to its report: the whole story of `footnote evaluate`."""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bot.assembly import build_indexer, open_library
from bot.evaluation.cases import Case, PlacedCase, case_json
from bot.evaluation.examiner import Examiner, needs_articles
from bot.evaluation.measures.scoring import MEASURES, Judge
from bot.evaluation.options import Only, Replay, SystemName
from bot.evaluation.run_folder import BASELINE, INDEX, RunFolder, require_same_run
from bot.evaluation.summary import (
    cost,
    figures_by_slice,
    macro_averages,
    peak_memory_mb,
    refusal_curve,
)
from bot.evaluation.systems import System, build_system, rewriter
from bot.receipts import describe_index
from bot.settings import Settings
from retrieval.articles import read_articles
from retrieval.datatypes import Passage
from retrieval.embedding import Embedder
from retrieval.errors import ArticleError, CaseError
from retrieval.library import Library
from retrieval.settling import Progress

_VERSIONS = (
    "footnote-bot",
    "chromadb",
    "sentence-transformers",
    "torch",
    "numpy",
    "ir-measures",
    "sacrebleu",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be evaluated, on what, and how."""

    cases: Sequence[PlacedCase]
    path: Path
    settings: Settings
    index: Path
    articles: Path | None
    output: Path
    command: str
    system: SystemName = SystemName.FOOTNOTE
    replay: Replay = Replay.OWN
    only: Only | None = None
    afresh: bool = False

    @property
    def chosen(self) -> list[Case]:
        """The cases without their lines."""
        return [placed.case for placed in self.cases]

    @property
    def needs_articles(self) -> bool:
        """Whether any case asks about articles."""
        return any(needs_articles(case, self.only) for case in self.chosen)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a run amounts to, as `measures.json` holds it, and how many cases were asked just now."""

    amounts: Mapping[str, Any]
    asked: int


def evaluate(
    plan: Plan, build: Callable[[], Embedder], explain: Callable[[Exception], str], progress: Progress
) -> Evaluated:
    """Ask every case that is not answered yet, and store what all of them amount to.

    Args:
        plan: What to do.
        build: Makes the embedder, where articles are asked about.
        explain: Says what went wrong in one sentence, for a turn that crashes.
        progress: Is told how many cases are done.

    Raises:
        CaseError: A case expects an article that is not indexed.
        RunError: The folder holds something else, or another run.
        LibraryMissing: There is no index.
        LibraryMismatch: It was built with other settings.
    """
    if not plan.afresh:
        # Before anything is built in it: what the run would be about, but for the index.
        require_same_run(plan.output, _describe(plan))
    with ExitStack() as files:
        examiner, folder = _prepare(plan, build, explain, progress, files)
        left = [case for case in plan.chosen if case.id not in folder.done]
        for asked, case in enumerate(left):
            progress("answering", asked, len(left))
            folder.keep([{**record, "memory_mb": peak_memory_mb()} for record in examiner.examine(case)])
    amounts = _amounts(plan, folder)
    folder.finish(amounts)
    return Evaluated(amounts, len(left))


def _prepare(
    plan: Plan,
    build: Callable[[], Embedder],
    explain: Callable[[Exception], str],
    progress: Progress,
    files: ExitStack,
) -> tuple[Examiner, RunFolder]:
    """Open what the cases ask about, and the folder that takes the answers."""
    library = system = None
    description: dict[str, Any] = {}
    judge = Judge({}, {})
    if plan.needs_articles:
        embedder = build()
        library = files.enter_context(closing(_open(plan, embedder, progress)))
        judge_articles = library.articles()
        require_articles(plan, set(judge_articles))
        description = describe_index(plan.settings, library.manifest())
    run = {**_describe(plan), "index": library and _describe_library(library)}
    folder = RunFolder.begin(plan.output, run, plan.chosen, afresh=plan.afresh)
    if library is not None:
        system = build_system(
            plan.system, plan.settings, library, embedder, plan.output / BASELINE, progress, files
        )
        short = any(turn.answers for case in plan.chosen for turn in case.turns)
        judge = Judge(judge_articles, _by_article(system), short)
    examiner = Examiner(
        system=system, rewrite=rewriter(plan.system, plan.settings), judge=judge, replay=plan.replay,
        only=plan.only, index=description, explain=explain,
    )  # fmt: skip
    return examiner, folder


def require_articles(plan: Plan, indexed: set[str]) -> None:
    """Make sure that every article that a case expects is there.

    Raises:
        CaseError: One is not.
    """
    for placed in plan.cases:
        for number, turn in enumerate(placed.case.turns):
            named = [("articles", article) for group in turn.articles for article in group]
            named += [("evidence", item.article) for item in turn.evidence if item.article]
            for field, article in named:
                if article not in indexed:
                    raise CaseError(
                        f"{plan.path}, line {placed.line}, field turns[{number}].{field}: the article "
                        f"{article!r} is not indexed. Index it, or mend the case; `footnote articles` "
                        "lists what there is."
                    )


def _open(plan: Plan, embedder: Embedder, progress: Progress) -> Library:
    """Open the index, or bring the run's own up to the articles that were named."""
    if plan.articles is None:
        return open_library(plan.settings, plan.index, embedder)
    folder = plan.output / INDEX
    reading = read_articles(
        [str(plan.articles)], progress=lambda done, total: progress("reading", done, total)
    )
    if reading.problems:
        raise ArticleError(reading.problems[0])
    build_indexer(plan.settings, folder, embedder).update(reading, progress)
    return open_library(plan.settings, folder, embedder)


def _describe(plan: Plan) -> dict[str, Any]:
    """Say all that a run's figures depend on, but for the index."""
    cases = "\n".join(case_json(case) for case in plan.chosen)
    settings = plan.settings.model_dump(mode="json", exclude={"index", "history", "chat_key"})
    return {
        "command": plan.command,
        "cases": {
            "path": "/".join(plan.path.resolve().parts[-2:]),
            "digest": sha256(cases.encode()).hexdigest(),
            "cases": len(plan.cases),
            "turns": sum(len(case.turns) for case in plan.chosen),
        },
        "system": plan.system.value,
        "conversation": plan.replay.value,
        "only": plan.only.value if plan.only else None,
        "settings": settings,
        "versions": {"python": platform.python_version(), **_versions()},
    }


def _describe_library(library: Library) -> dict[str, Any]:
    """Name what is indexed by its texts, so that the same articles elsewhere are the same."""
    articles = library.articles()
    texts = json.dumps(sorted((article.id, article.digest) for article in articles.values()))
    return {
        "digest": sha256(texts.encode()).hexdigest(),
        "articles": len(articles),
        "passages": library.passage_count(),
        "manifest": library.manifest(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in _VERSIONS:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _by_article(system: System) -> dict[str, list[Passage]]:
    passages: dict[str, list[Passage]] = {}
    for passage in system.passages:
        passages.setdefault(passage.article_id, []).append(passage)
    return passages


def _amounts(plan: Plan, folder: RunFolder) -> dict[str, Any]:
    cases = {case.id: case for case in plan.chosen}
    figures = figures_by_slice(folder.records, cases, MEASURES)
    return {
        "measures": figures,
        "macro": macro_averages(figures),
        "cost": cost(folder.records),
        "curve": refusal_curve(folder.records),
        "turns": [_turn(record, cases[record["case"]]) for record in folder.records if record["scores"]],
    }


def _turn(record: Mapping[str, Any], case: Case) -> dict[str, Any]:
    return {
        "case": record["case"],
        "turn": record["turn"],
        # As the case has it: a run may have asked it in another wording.
        "question": case.turns[record["turn"]].question if case.turns else "",
        "slices": case.slices(record["turn"]),
        "scores": record["scores"],
    }
