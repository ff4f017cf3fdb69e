"""A command on an index that something happened to: well, or one clear sentence that names what mends it."""

import re
import shutil
from contextlib import closing
from pathlib import Path

from retrieval.library import Library
from tests.conftest import Footnote, Outcome
from tests.fakes import FakeEmbedder
from tests.invariants import keyword_matches_library, library_stands, vectors_match_library

QUESTION, QUOTE = "what did Rutte say in Latvia?", "direct threat"
BAKER, BAKED = "What did Anna Lind say about the oven?", "never been cold"
COMMANDS: dict[str, list[str]] = {
    "ask": ["ask", QUESTION],
    "articles": ["articles"],
    "index": ["index", "news"],
    "rebuild": ["index", "--rebuild"],
}


def is_clear(outcome: Outcome) -> bool:
    """It failed and says why in one sentence that is no bug's."""
    lines = outcome.err.splitlines()
    return (
        outcome.code in (1, 2)
        and len(lines) == 1
        and re.fullmatch(r"footnote: \S.*[\w.?/]", lines[0]) is not None
        and "Traceback" not in outcome.err
        and "inside Footnote" not in outcome.err
    )


def is_well(outcome: Outcome, command: str) -> bool:
    """It did what it is for, as if nothing had happened."""
    shown = {"ask": QUOTE, "articles": "Rutte in Riga"}.get(command, "article")
    return outcome.code == 0 and shown in outcome.out and is_told(outcome)


def is_told(outcome: Outcome) -> bool:
    """Nothing, or one sentence that names what to do, stands beside what it did."""
    return re.fullmatch(r"([^\n]*footnote index [^\n]*\n)?", outcome.err) is not None


def follow(footnote: Footnote, outcome: Outcome, index: Path) -> None:
    """Do what a sentence says."""
    if "index --rebuild" in outcome.err:
        done = footnote("index", "--rebuild")
    else:
        assert "Move it away" in outcome.err and "footnote index FOLDER" in outcome.err, outcome.err
        index.rename(index.with_name("moved away"))
        done = footnote("index", "news")
        shutil.rmtree(index.with_name("moved away"))
    assert (done.code, done.err) == (0, "")


def require_whole(footnote: Footnote, index: Path) -> None:
    """All answers are right, and everything fits together."""
    assert is_well(footnote("ask", QUESTION, "--index", str(index)), "ask")
    assert BAKED in footnote("ask", BAKER, "--index", str(index)).out
    with closing(Library.open_any(index)) as library:
        library_stands(library)
        keyword_matches_library(library)
        vectors_match_library(library, FakeEmbedder())


def kept_well_or_mended(footnote: Footnote, index: Path, command: str) -> str:
    """Run a command on a damaged index; where it fails, do what it says. Gives what went wrong."""
    outcome = footnote(*COMMANDS[command])
    if is_well(outcome, command):
        return ""
    if not is_clear(outcome):
        return f"{command}: {outcome}"
    follow(footnote, outcome, index)
    require_whole(footnote, index)
    return ""
