"""The sentences that Footnote itself says, in the language of the question."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template

# A question in a language without phrases is answered in this one.
FALLBACK = "en"
# What is said in every adapter, and what in Telegram alone.
EVERYWHERE, IN_TELEGRAM = "phrases", "telegram"


def phrase(name: str, language: str, where: str = EVERYWHERE, **values: str) -> str:
    """Fill a phrase in a language.

    Raises:
        KeyError: There is no such phrase, or a value is missing.
    """
    known = phrases(where)
    return Template(known.get(language, known[FALLBACK])[name]).substitute(values)


@cache
def phrases(where: str = EVERYWHERE) -> dict[str, dict[str, str]]:
    """Read all phrases of a place, by language and name."""
    return tomllib.loads(Path(__file__).with_name(f"{where}.toml").read_text("utf-8"))
