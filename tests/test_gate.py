"""The checks of the code itself: its form, its types, and who imports whom."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
_CHECKS = {
    "ruff-format": ["-m", "ruff", "format", "--check", "--diff"],
    "ruff-check": ["-m", "ruff", "check"],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", _LINT_IMPORTS],
}


@pytest.mark.parametrize("name", _CHECKS)
def test_gate_when_the_code_is_checked_finds_nothing(name: str) -> None:
    done = subprocess.run([sys.executable, *_CHECKS[name]], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"{name} found:\n{done.stdout}{done.stderr}", pytrace=False)
