"""Judge what a program wrote into a file's metadata: it counts where the text says the same."""

import re

from retrieval.page_data import one_line

_SHOWN_CHARACTERS = 5_000


def confirmed(value: object, text: str) -> str | None:
    """Give a title or an author of the metadata when it stands in the first or last pages of the text.

    Programs fill these fields with the names of files, templates and owners of computers.
    """
    name = one_line(value)
    if not name or not 2 <= len(name) <= 300:
        return None
    shown = (
        text if len(text) <= 2 * _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + text[-_SHOWN_CHARACTERS:]
    )
    words = _words(name)
    return name if words and f" {words} " in f" {_words(shown)} " else None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
