"""The organisations that a text names: by the words in their names, and as acronyms."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from retrieval.beside_names import follows_article
from retrieval.name_runs import Run, Text, listed, lists
from retrieval.names import is_of_group
from retrieval.passages import Span
from retrieval.wording import fold

_BRACKET = re.compile(r" ?\( ?([A-ZÅÄÖ][\w&.-]{1,9}) ?\)")
_OF = {
    "of",
    "for",
    "di",
    "d",
    "del",
    "della",
    "dell",
    "dei",
    "degli",
    "delle",
    "per",
    "de",
    "du",
    "des",
    "för",
}
_SHORTEST, _LONGEST = 2, 6
_MOST_LINKS = 2


@dataclass(slots=True)
class Organisation:
    """An organisation by its fullest name, with its other names and where they stand."""

    name: str
    spans: list[Span] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)


def is_of_organisation(text: Text, piece: Run) -> bool:
    """Tell whether a name is an organisation's, or begins one's."""
    if piece.key in listed("organisations", "known") or _is_acronym(piece):
        return True
    return any(_is_group(part.text, text.language.code) for part in piece.parts)


def find_organisations(text: Text, pieces: Iterable[Run]) -> list[Organisation]:
    """Find the organisations among the names of a text, in order."""
    found: dict[str, Organisation] = {}
    for name, start, end, acronym in _named(text, pieces):
        key = fold(name)
        one = found.setdefault(key, Organisation(name))
        one.spans.append((start, end))
        if acronym:
            short, low = acronym
            known = found.pop(fold(short), None)
            found[fold(short)] = one
            one.spans += [*(known.spans if known else ()), (low, low + len(short))]
            one.aliases += [short] if short not in one.aliases else []
        elif name != one.name and name not in one.aliases:
            one.aliases.append(name)
    unique = {id(one): one for one in found.values()}.values()
    for one in unique:
        one.spans = sorted(set(one.spans))
    return sorted(unique, key=lambda one: one.spans[0])


def _named(text: Text, pieces: Iterable[Run]) -> Iterator[tuple[str, int, int, tuple[str, int] | None]]:
    """Give each name with its place, and the acronym in brackets behind it."""
    pieces = list(pieces)
    starting = {piece.first: piece for piece in pieces}
    reached = 0
    for piece in pieces:
        if piece.start < reached:
            continue
        is_whole = piece.key in listed("organisations", "known")
        grouped = any(_is_group(part.text, text.language.code) for part in piece.parts)
        last, end = piece.last, piece.end
        if grouped and _is_group(piece.parts[-1].text, text.language.code) and not is_whole:
            last, end = _extended(text, piece, starting)
        is_full = last > piece.first or _is_compound(piece)
        if not (is_whole or _is_sure_acronym(text, piece) or (grouped and is_full)):
            continue
        reached = end
        name = " ".join(text.text[piece.start : end].split())
        bracket = _BRACKET.match(text.text, end)
        is_short = bracket is not None and sum(letter.isupper() for letter in bracket[1]) > 1
        yield name, piece.start, end, (bracket[1], bracket.start(1)) if bracket and is_short else None


def _extended(text: Text, piece: Run, starting: dict[int, Run]) -> tuple[int, int]:
    """Go on with what an organisation is of: "Bank of England"."""
    last, end = piece.last, piece.end
    while True:
        place = last + 1
        while (
            place < len(text.words)
            and place - last <= _MOST_LINKS
            and text.words[place].text in {*_OF, "the", "la"}
        ):
            place += 1
        following = starting.get(place)
        gaps = [text.gap(at) for at in range(last + 1, place + 1)]
        if place == last + 1 or following is None or not all(gap in (" ", "'", "’") for gap in gaps):
            return last, end
        last, end = following.last, following.end


def _is_group(word: str, code: str) -> bool:
    folded = fold(word)
    return word[0].isupper() and (
        is_of_group(folded)
        or folded in listed("organisations", "words")
        or (code == "sv" and _has_end(folded))
    )


def _has_end(folded: str) -> bool:
    return any(folded.endswith(end) for end in listed("organisations", "ends"))


def _is_compound(piece: Run) -> bool:
    folded = fold(piece.parts[-1].text)
    return _has_end(folded) and folded not in listed("organisations", "ends")


def _is_acronym(piece: Run) -> bool:
    word = piece.parts[0].text
    is_short = len(piece.parts) == 1 and _SHORTEST <= len(word) <= _LONGEST
    return is_short and word.isupper() and word.isalpha()


def _is_sure_acronym(text: Text, piece: Run) -> bool:
    word = piece.parts[0].text
    if not _is_acronym(piece) or len(word) <= _SHORTEST or word in lists()["organisations"]["never"].split():
        return False
    return follows_article(text, piece)
