"""Grade how few passages of a library hold a word."""

import math
from collections.abc import Sequence

from retrieval.library import Library
from retrieval.wording import term


def rarity(library: Library, some: Sequence[str]) -> dict[str, float]:
    """Grade from 0 to 1 how few passages hold a word, in any language of the library.

    The grade is an inverse document frequency (Robertson and Spärck Jones, 1976), scaled so that a word that
    stands nowhere has 1.
    """
    count = library.passage_count()
    languages: list[str | None] = [*library.languages()] or [None]
    forms = {word: [term(word, language) for language in languages] for word in some}
    counts = library.keyword.counts([form for own in forms.values() for form in own])
    held = {word: max(counts[form] for form in own) for word, own in forms.items()}
    return {word: math.log(1 + count / (0.5 + held[word])) / math.log(1 + 2 * count) for word in some}
