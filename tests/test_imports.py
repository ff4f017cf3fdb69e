"""Importing any module of ours loads no heavy library, and no command one that it does not need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Footnote

ROOT = Path(__file__).parents[1]
HEAVY = {
    "torch", "transformers", "sentence_transformers", "chromadb", "telegram", "langchain", "langchain_core",
    "langchain_text_splitters", "ir_measures", "jinja2", "sacrebleu", "scipy", "sqlalchemy", "onnxruntime",
    "tokenizers", "onnx",
}  # fmt: skip
# What other libraries bring, or a command for a part of its work alone.
BROUGHT = {"aiohttp", "chromadb_rust_bindings", "httpx", "prompt_toolkit", "py3langid", "tiktoken", "tornado"}
ALLOWED = {"bot.chain": {"langchain_core"}, "retrieval.training.encoding": {"tokenizers"}}
# Loaded by `footnote telegram` alone.
TELEGRAM = "bot.telegram_app."
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in ("bot", "prompts", "retrieval")
    for path in (ROOT / package).rglob("*.py")
    if path.name != "__init__.py"
)
# One module after the other in one process, each with what it brings that was not there before.
_IMPORT_ALL = """
import importlib, json, sys
heavy, found = set(json.loads(sys.argv[1])), {}
for name in sys.argv[2:]:
    before = heavy & sys.modules.keys()
    importlib.import_module(name)
    found[name] = sorted(heavy & sys.modules.keys() - before)
print(json.dumps(found))
"""

# One command with an embedder that loads nothing, and what is loaded at its end.
_RUN = """
import json, sys
from bot.__main__ import run
from tests.fakes import FakeEmbedder
code = run(sys.argv[2:], lambda settings: FakeEmbedder())
print(json.dumps([code, sorted(set(json.loads(sys.argv[1])) & sys.modules.keys())]))
"""


def heavy_imports(modules: list[str]) -> dict[str, set[str]]:
    arguments = [sys.executable, "-c", _IMPORT_ALL, json.dumps(sorted(HEAVY)), *modules]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: set(found) for name, found in json.loads(done.stdout).items()}


def test_import_when_modules_are_imported_brings_nothing_heavy() -> None:
    light = [name for name in MODULES if name not in ALLOWED and not name.startswith(TELEGRAM)]
    assert {"bot.assembly", "retrieval.embedding", "prompts.phrases"} <= set(light)
    assert {name: found for name, found in heavy_imports(light).items() if found} == {}


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_import_when_module_may_be_heavy_brings_only_that(name: str) -> None:
    assert heavy_imports([name]) == {name: ALLOWED[name]}


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("--help", set()),
        ("--version", set()),
        ("articles", set()),
        ("verify receipts.jsonl", set()),
        ("conversations", {"sqlalchemy"}),
        ("feedback", {"sqlalchemy"}),
        ("ask Rutte?", {"chromadb_rust_bindings"}),
        ("ask --json Rutte?", {"chromadb_rust_bindings"}),
        ("chat", {"chromadb_rust_bindings", "sqlalchemy"}),
        ("index news", {"chromadb_rust_bindings", "py3langid"}),
        ("compare one one", {"scipy"}),
    ],
)
@pytest.mark.usefixtures("index")
def test_command_when_it_runs_loads_only_what_it_needs(
    footnote: Footnote, command: str, needed: set[str]
) -> None:
    Path("receipts.jsonl").write_text(footnote("ask", "--json", "Rutte?").out, "utf-8")
    if "one" in command:
        Path("mine.jsonl").write_text(
            '{"id": "a", "turns": [{"question": "Rutte?", "answerable": false}]}\n', "utf-8"
        )
        assert footnote("evaluate", "mine.jsonl", "--output", "one").code == 0
    arguments = [sys.executable, "-c", _RUN, json.dumps(sorted(HEAVY | BROUGHT)), *command.split()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        arguments, env=environment, input="Rutte?\n", capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, sorted(needed)], done.stderr


def test_import_when_modules_talk_with_telegram_brings_only_that() -> None:
    found = heavy_imports([name for name in MODULES if name.startswith(TELEGRAM)])
    assert set().union(*found.values()) == {"telegram"}
