"""Learn the word lexicon from open parallel sentences: python -m retrieval.training.lexicon DATA_FOLDER.

DATA_FOLDER holds the open sets that `parallel` names, as JSON Lines. The SQuAD family is CC BY-SA 4.0
(English, Italian), Apache-2.0 (Swedish) and MIT (Spanish); MKQA CC BY-SA 3.0; Tatoeba CC BY 2.0 FR; the STS
benchmark and its translations CC BY-SA 4.0. With --held-out a tenth of the items is kept apart and measured.
"""

import argparse
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.training.parallel import Pair, read_pairs
from retrieval.translation import FORM_MARK, GLOSSED, LEXICON_FILE, NAME_MARK, keyed_words
from retrieval.wording import content_words, fold, known_languages, number, term, words

_ITERATIONS = 6
# How much a link loses when its words stand in different parts of their sentences.
_DIAGONAL = 4.0
_LONGEST = 40
_LEAST_COUNT = 0.3
_FORM_COUNT = 2.5
# The share of the empty word, and what a rare word's table loses.
_EMPTY = 0.5
_SMOOTHING = 2.0
_FUNCTION_MARK = "~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which English words an entry keeps."""

    limit: int = 3
    probability: float = 0.08
    of_best: float = 0.25
    count: float = 0.9
    name_count: float = 1.5
    entries: int = 10_500


@dataclass(frozen=True, slots=True)
class Bag:
    """The content words of a pair: the foreign ones by key and by form, the English ones by stem."""

    keys: list[str]
    forms: list[str]
    stems: list[str]


@dataclass(frozen=True, slots=True)
class Link:
    """An English stem a key was linked with: how often, and in which share of the key's uses."""

    stem: str
    count: float
    share: float


@dataclass(slots=True, kw_only=True)
class Cells:
    """All possible links of all pairs, one a row, and the pair of word types each stands for."""

    foreign: NDArray[np.int64]
    english: NDArray[np.int64]
    foreign_token: NDArray[np.int64]
    english_token: NDArray[np.int64]
    weight: NDArray[np.float64]


def learn(pairs: Iterable[Pair], code: str, choice: Choice) -> dict[str, str]:
    """Learn the entries of a language: key to English words, "" for a word that carries no content."""
    bags, surfaces = _tokenize(pairs, code)
    stems, forms = _links(bags)
    entries = _choose_all(stems, surfaces, choice)
    exact = {
        form: links
        for form, links in forms.items()
        if not form.startswith(NAME_MARK) and _most(links) >= _FORM_COUNT
    }
    for form, entry in _choose_all(exact, surfaces, choice).items():
        common = entries.get(term(form, code), "").split()
        if entry and common and entry.split()[0] != common[0]:
            entries[FORM_MARK + form] = entry
    return entries


def _links(bags: Sequence[Bag]) -> tuple[dict[str, list[Link]], dict[str, list[Link]]]:
    """Find the English stems that each key, and each form of a common word, was linked with."""
    stems, english_names, cells = _cells(bags)
    product = _align(cells)
    forms = [form for bag in bags for form in bag.forms]
    form_names = sorted(set(forms))
    numbers = {form: place for place, form in enumerate(form_names)}
    form_of_token = np.array([numbers[form] for form in forms])
    keys = Counter(key for bag in bags for key in bag.keys)
    form_column = form_of_token[cells.foreign_token]
    english = cells.english
    return (
        _count_links(cells.foreign, stems, keys, english, english_names, product),
        _count_links(form_column, form_names, Counter(forms), english, english_names, product),
    )


def _count_links(
    foreign_column: NDArray[np.int64],
    foreign_names: Sequence[str],
    totals: Mapping[str, int],
    english_column: NDArray[np.int64],
    english_names: Sequence[str],
    product: NDArray[np.float64],
) -> dict[str, list[Link]]:
    types, places = np.unique(foreign_column * len(english_names) + english_column, return_inverse=True)
    counts = np.bincount(places, weights=product)
    found: dict[str, list[Link]] = defaultdict(list)
    for cell in np.flatnonzero(counts >= _LEAST_COUNT):
        foreign, english = divmod(int(types[cell]), len(english_names))
        key, count = foreign_names[foreign], float(counts[cell])
        found[key].append(Link(english_names[english], count, count / totals[key]))
    return found


def _choose_all(
    links: Mapping[str, Sequence[Link]], surfaces: Mapping[str, Counter[str]], choice: Choice
) -> dict[str, str]:
    """Make the entries; a word that English writes the same needs none."""
    entries: dict[str, str] = {}
    for key, options in sorted(links.items()):
        content = [link for link in options if not link.stem.startswith(_FUNCTION_MARK)]
        if 2 * sum(link.share for link in content) < sum(link.share for link in options):
            entries[key] = ""
            continue
        least = choice.name_count if key.startswith(NAME_MARK) else choice.count
        entry = _choose([link for link in content if link.count >= least], surfaces, choice)
        is_name = key.startswith(NAME_MARK)
        is_same = fold(entry) == key.removeprefix(NAME_MARK) and (is_name or _most(content) < _FORM_COUNT)
        if entry and not is_same:
            entries[key] = entry
    frequent = heapq.nlargest(choice.entries, entries, key=lambda key: _most(links[key]))
    return {key: entries[key] for key in sorted(frequent)}


def _most(links: Sequence[Link]) -> float:
    return max((link.count for link in links), default=0.0)


def _choose(options: Sequence[Link], surfaces: Mapping[str, Counter[str]], choice: Choice) -> str:
    if not options:
        return ""
    ranked = sorted(options, key=lambda link: (-link.share, link.stem))
    floor = max(choice.probability, choice.of_best * ranked[0].share)
    kept = [link.stem for link in ranked if link.share >= floor]
    best = kept[: choice.limit]
    return " ".join(max(sorted(surfaces[stem]), key=surfaces[stem].__getitem__) for stem in best)


def _tokenize(pairs: Iterable[Pair], code: str) -> tuple[list[Bag], dict[str, Counter[str]]]:
    """Cut the pairs into keys and English stems; names written alike on both sides are left out."""
    bags: list[Bag] = []
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in dict.fromkeys(pairs):
        theirs, ours = list(keyed_words(pair.foreign, code)), list(_english_stems(pair.english, code))
        names = {text for text, key in theirs if key.startswith(NAME_MARK)} & {text for text, _ in ours}
        theirs = [(text, key) for text, key in theirs if text not in names]
        forms = [key if key.startswith(NAME_MARK) else text.lower() for text, key in theirs]
        keys = [key for _, key in theirs]
        stems = [stem for text, stem in ours if text not in names]
        for text, stem in ours:
            surfaces[stem][text.lower()] += 1
        if keys and stems and len(keys) <= _LONGEST and len(stems) <= _LONGEST:
            bags.append(Bag(keys, forms, stems))
    return bags, surfaces


def _english_stems(text: str, code: str) -> Iterator[tuple[str, str]]:
    """Find the English words and stems; function words too where those of the language are unknown."""
    content = {word.start for word in content_words(text, "en")}
    for word in words(text):
        if number(word.text) is None and word.start in content and word.text != "%":
            yield word.text, term(word.text, "en")
        elif word.start not in content and code not in known_languages():
            yield word.text, _FUNCTION_MARK + word.text.lower()


def _cells(bags: Sequence[Bag]) -> tuple[list[str], list[str], Cells]:
    """Lay out every link of every pair."""
    foreign_ids: dict[str, int] = {}
    english_ids: dict[str, int] = {}
    columns: list[list[NDArray[Any]]] = [[], [], [], [], []]
    foreign_start = english_start = 0
    for bag in bags:
        keys, stems = bag.keys, bag.stems
        theirs = np.array([foreign_ids.setdefault(key, len(foreign_ids)) for key in keys])
        ours = np.array([english_ids.setdefault(stem, len(english_ids)) for stem in stems])
        rows, places = np.divmod(np.arange(len(keys) * len(stems)), len(stems))
        distance = np.abs((rows + 0.5) / len(keys) - (places + 0.5) / len(stems))
        values = (theirs[rows], ours[places], rows + foreign_start, places + english_start)
        for column, value in zip(columns, (*values, np.exp(-_DIAGONAL * distance)), strict=True):
            column.append(value)
        foreign_start, english_start = foreign_start + len(keys), english_start + len(stems)
    foreign, english, foreign_token, english_token, weight = (np.concatenate(each) for each in columns)
    cells = Cells(
        foreign=foreign,
        english=english,
        foreign_token=foreign_token,
        english_token=english_token,
        weight=weight,
    )
    return list(foreign_ids), list(english_ids), cells


def _align(cells: Cells) -> NDArray[np.float64]:
    """Give each link the product of its probabilities in the two directions of IBM Model 1."""
    return _model_one(cells.foreign, cells.english, cells.foreign_token, cells.weight) * _model_one(
        cells.english, cells.foreign, cells.english_token, cells.weight
    )


def _model_one(
    made: NDArray[np.int64], given: NDArray[np.int64], token: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Train IBM Model 1 with an empty word; return the probability of each link."""
    made_count = int(made.max()) + 1
    types, places = np.unique(given * made_count + made, return_inverse=True)
    type_given = types // made_count
    made_of_token = np.zeros(int(token.max()) + 1, dtype=np.int64)
    made_of_token[token] = made
    table = np.full(len(types), 1 / made_count)
    empty = np.bincount(made_of_token, minlength=made_count) / len(made_of_token)
    for _ in range(_ITERATIONS):
        score = table[places] * weight
        total = np.bincount(token, weights=score) + _EMPTY * empty[made_of_token]
        posterior = score / total[token]
        counts = np.bincount(places, weights=posterior, minlength=len(types))
        table = counts / (np.bincount(type_given, weights=counts) + _SMOOTHING)[type_given]
    return posterior


def measure(entries: Mapping[str, str], pairs: Iterable[Pair], code: str) -> tuple[int, int, int]:
    """Count the common words of the pairs, those with an entry, those whose English sentence holds it."""
    asked = known = held = 0
    for pair in pairs:
        stems = {term(word.text, "en") for word in words(pair.english)}
        for text, key in keyed_words(pair.foreign, code):
            if key.startswith(NAME_MARK) or entries.get(key) == "":
                continue
            asked += 1
            found = (entries.get(FORM_MARK + text.lower()) or entries.get(key, "")).split()
            known += bool(found)
            held += any(term(word, "en") in stems for word in found)
    return asked, known, held


def main() -> None:
    """Learn all languages and write them beside the code, or measure a held-out tenth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--held-out", action="store_true")
    options = parser.parse_args()
    lexicon: dict[str, dict[str, str]] = {}
    for code in GLOSSED:
        pairs = read_pairs(options.folder, code)
        kept = [pair for pair in pairs if pair.is_held_out] if options.held_out else []
        used = [pair for pair in pairs if not (options.held_out and pair.is_held_out)]
        lexicon[code] = learn(used, code, Choice())
        print(code, len(used), "pairs", len(lexicon[code]), "entries", measure(lexicon[code], kept, code))
    if not options.held_out:
        lines = {
            code: [f"{key} {entry}".strip() for key, entry in sorted(entries.items())]
            for code, entries in lexicon.items()
        }
        text = json.dumps(lines, ensure_ascii=False, indent=0, sort_keys=True)
        LEXICON_FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
