"""How far training has come is shown as a bar on a terminal, and as lines now and then elsewhere."""

import sys
from pathlib import Path

import pexpect
import pytest

from retrieval.training.progress import shown_progress

ROOT = Path(__file__).parents[1]
_PROGRAM = """
import time
from retrieval.training.progress import shown_progress
with shown_progress() as tell:
    tell("cutting", 9, 9)
    for done in (1, 2, 3):
        tell("training", done, 200, f"loss {done}.5")
        time.sleep(0.5)
"""


def test_progress_when_there_is_no_terminal_is_lines_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(line_seconds=0.0) as tell:
        tell("cutting", 5, 9)
        tell("training", 1, 9, "loss 1.5")
        tell("training", 2, 9, "loss 1.4")
    assert capsys.readouterr().err.splitlines() == [
        "cutting: 5 of 9",
        "training: 1 of 9, loss 1.5",
        "training: 2 of 9, 1 min left, loss 1.4",
    ]
    with shown_progress() as tell:
        tell("training", 1, 9, "loss 1.5")
    assert capsys.readouterr().err == ""


def test_progress_when_there_is_a_terminal_is_a_bar_that_goes_away() -> None:
    child = pexpect.spawn(sys.executable, ["-c", _PROGRAM], cwd=ROOT, encoding="utf-8", dimensions=(24, 80))
    child.expect(r"training.* 3/200\S* \d min left, loss 3\.5")
    child.expect(pexpect.EOF)
    assert child.before is not None and child.before.endswith("\x1b[2K")
    child.close()
    assert child.exitstatus == 0
