"""Describe a trained reader: what it learned from, how, and what it reaches."""

import json
from importlib.metadata import version
from pathlib import Path

from retrieval.reader_weights import CARD
from retrieval.training.reading_batches import Plan
from retrieval.training.reading_examples import LICENCES, SETS, SPLIT
from retrieval.training.reading_measures import Assessment
from retrieval.training.reading_model import SCALE
from retrieval.training.reading_run import TrainingRun

# What is told of the reader that another was trained on.
_TOLD = ("checksum", "data", "command", "examples", "begun_with")


def describe(
    plan: Plan, training: TrainingRun, assessment: Assessment, begin: Path | None
) -> dict[str, object]:
    """Make the card of a reader, which was trained on that of a folder if there is one."""
    languages = dict(plan.languages)
    data = [
        {"set": name, "language": code, "licence": LICENCES[name]}
        for name, code in SETS.items()
        if code in languages
    ]
    begun_with = json.loads((begin / CARD).read_text("utf-8")) if begin else {}
    return {
        "name": "reader",
        "task": "find the span of a text that answers a question, or tell that none does",
        "method": "low-rank adapters on all layers of the bundled model, and a head for starts and ends",
        "rank": plan.rank,
        "scale": SCALE,
        "data": data,
        "begun_with": {name: begun_with[name] for name in _TOLD if begun_with.get(name)},
        "split": SPLIT,
        "seed": plan.seed,
        "command": " ".join(
            ["python -m retrieval.training.reading DATA_FOLDER"]
            + [f"{name} {value}" for name, value in plan.options().items()]
        ),
        "examples": training.state.examples,
        "batches": training.batches,
        "minutes": round(training.state.seconds / 60, 1),
        "hardware": training.model.runs_on,
        "libraries": {name: version(name) for name in ("torch", "transformers", "peft")},
        "figures": assessment.as_json(),
    }
