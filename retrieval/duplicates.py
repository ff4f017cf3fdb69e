"""Near-copies: which articles stand in nearly the same words, found by numbers that a database can index.

A text becomes the set of its shingles, each five words in a row as a 32-bit number. Its signature is the
smallest of them (a bottom-k sketch: Cohen and Kaplan, 2007), which tells, unlike MinHash by permutations,
also how much of a short text stands within a long one.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Shingles = NDArray[np.uint32]
_Figured = dict[int, set[int]]

SIZE = 128
# One key alone may be a common phrase.
SHARED_KEYS = 2
_WIDTH = 5
_KEY_SHARE = 16
_FEWEST_KEYS = 8
_COPIED = 0.5
# Half of a text, less what a signature may be off.
_MAY_BE_COPIED = 0.25
_AGREEING = 0.5
_FEWEST_SHINGLES = 20
_ODD = np.uint64(0x9E3779B97F4A7C15)
_FIGURE = crc32(b"0")
_WORD = re.compile(r"[^\W_]+")
# 12,000 is 12.000 in another country.
_MARK = re.compile(r"(?<=\d)[.,](?=\d)")
# Scripts without spaces between words are read by the character.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# Soft hyphens and signs without width stand within words.
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are, each from 0 to 1.

    `similarity` is the shared part of all their shingles (Jaccard), `containment` the part of the shorter
    one's that the longer one has, `agreement` the part of shared wording with figures that has the same.
    """

    similarity: float
    containment: float
    agreement: float


@dataclass(frozen=True, slots=True)
class _Wording:
    """All shingles of a text, and those with figures."""

    shingles: Shingles
    figured: _Figured


def digest(text: str) -> bytes:
    """Give 16 bytes that are equal for texts of the same words, whatever the case, spaces and typography."""
    return blake2b(" ".join(_words(text)).encode(), digest_size=16).digest()


def signature(text: str) -> Shingles:
    """Give the smallest shingles of a text, ascending: at most `SIZE`, all of them where there are fewer."""
    return shingles(text)[:SIZE].copy()


def shingles(text: str) -> Shingles:
    """Give every shingle of a text as a number, ascending; none for a text without words."""
    return np.unique(_mixed(_numbers(_words(text))))


def similarity(one: Shingles, other: Shingles) -> float:
    """Estimate the Jaccard similarity of two texts by their signatures; by all their shingles it is exact."""
    one, other = _comparable(one, other)
    shared = _shared(one, other)
    every = len(one) + len(other) - shared
    return shared / every if every else 0.0


def containment(part: Shingles, whole: Shingles) -> float:
    """Estimate how much of a text stands in another by signatures; by all their shingles it is exact."""
    part, whole = _comparable(part, whole)
    return _shared(part, whole) / len(part) if len(part) else 0.0


def keys(of: Shingles) -> list[int]:
    """Give the numbers of a signature by which near-copies are found: they have `SHARED_KEYS` in common.

    They are what falls below one limit for all texts, so that a part has them in common with its whole.
    """
    below = int(np.searchsorted(of, 2**32 // _KEY_SHARE))
    return [int(key) for key in of[: max(below, _FEWEST_KEYS)]]


def may_be_copy(one: Shingles, other: Shingles) -> bool:
    """Tell by signatures whether it is worth comparing two texts that share keys."""
    return max(containment(one, other), containment(other, one)) >= _MAY_BE_COPIED


def compare(one: str, other: str) -> Likeness:
    """Compare two texts, all their words; a line or two is not sought within a longer text."""
    part, whole = sorted((_read(one), _read(other)), key=lambda each: len(each.shingles))
    alike = similarity(part.shingles, whole.shingles)
    is_long = len(part.shingles) >= _FEWEST_SHINGLES
    within = containment(part.shingles, whole.shingles) if is_long else alike
    return Likeness(alike, within, _agreement(part.figured, whole.figured))


def is_copy(likeness: Likeness) -> bool:
    """Tell whether at least half of one text stands in the other, with its figures.

    A report that fills other figures into the same sentences, of the weather or of a stock market, is none.
    """
    return likeness.containment >= _COPIED and likeness.agreement >= _AGREEING


def _shared(one: Shingles, other: Shingles) -> int:
    return len(np.intersect1d(one, other, assume_unique=True))


def _comparable(one: Shingles, other: Shingles) -> tuple[Shingles, Shingles]:
    """Cut both to where both are complete: a full signature ends at its last number."""
    limit = min((each[-1] for each in (one, other) if len(each) == SIZE), default=np.uint32(2**32 - 1))
    cut_one, cut_other = (each[: int(np.searchsorted(each, limit, "right"))] for each in (one, other))
    return cut_one, cut_other


def _words(text: str) -> list[str]:
    """Find the words of a text in one form of letters, case and signs."""
    text = text.lower()
    if not text.isascii():
        folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
        text = _UNSPACED.sub(r" \g<0> ", unicodedata.normalize("NFKC", folded))
    return _WORD.findall(_MARK.sub("", text))


def _numbers(words: Sequence[str]) -> NDArray[np.uint64]:
    return np.array([crc32(word.encode()) for word in words], dtype=np.uint64)


def _mixed(words: NDArray[np.uint64]) -> Shingles:
    """Make a number of each few words in a row, in order; fewer words than that are one shingle."""
    width = min(_WIDTH, len(words))
    mixed = np.zeros(len(words) - width + 1 if width else 0, dtype=np.uint64)
    for place in range(width):
        mixed = (mixed + words[place : place + len(mixed)]) * _ODD
        mixed ^= mixed >> np.uint64(32)
    return (mixed * _ODD >> np.uint64(32)).astype(np.uint32)


@lru_cache(maxsize=64)
def _read(text: str) -> _Wording:
    """Read a text; what is stored is compared with the same few again and again."""
    words = _words(text)
    return _Wording(np.unique(_mixed(_numbers(words))), _figured(words))


def _agreement(one: _Figured, other: _Figured) -> float:
    """Tell how many shingles with figures that two texts share but for the figures they share with them."""
    alike = one.keys() & other.keys()
    agreeing = sum(not one[form].isdisjoint(other[form]) for form in alike)
    return agreeing / len(alike) if alike else 1.0


def _figured(words: Sequence[str]) -> _Figured:
    """Map each shingle with figures, written without them, to the shingles that it is with them."""
    if not words:
        return {}
    is_figure = np.array([word[0].isdigit() for word in words], dtype=bool)
    plain = _numbers(words)
    whole, blank = _mixed(plain), _mixed(np.where(is_figure, np.uint64(_FIGURE), plain))
    counted = np.convolve(is_figure, np.ones(min(_WIDTH, len(words)), dtype=int), "valid") > 0
    found: dict[int, set[int]] = {}
    for form, shingle in zip(blank[counted].tolist(), whole[counted].tolist(), strict=True):
        found.setdefault(form, set()).add(shingle)
    return found
