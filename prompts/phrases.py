"""The sentences that Footnote itself says, in the language of the question."""

import tomllib
from functools import cache
from pathlib import Path
from string import Template

# A question in a language without phrases is answered in this one.
FALLBACK = "en"


def phrase(name: str, language: str, **values: str) -> str:
    """Fill a phrase in a language.

    Raises:
        KeyError: There is no such phrase, or a value is missing.
    """
    known = phrases()
    return Template(known.get(language, known[FALLBACK])[name]).substitute(values)


@cache
def phrases() -> dict[str, dict[str, str]]:
    """Read all phrases, by language and name."""
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))
