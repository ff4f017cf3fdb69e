"""Copies and retellings are one source, whatever the order in which they are stored, changed and removed."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.datatypes import Article, Filter
from retrieval.library import FILE, Library
from retrieval.passages import Limit
from retrieval.stored import SplitArticle
from retrieval.tokens import count_tokens
from tests.test_duplicates import CHANGED, ITALIAN, MARKETS, OTHER_REPORT, WIRE
from tests.test_library import MANIFEST, split

STEMS = (
    "alb",
    "bor",
    "cad",
    "dor",
    "eld",
    "fen",
    "gor",
    "hal",
    "isl",
    "jor",
    "kal",
    "lum",
    "mor",
    "nor",
    "oln",
)
TEMPLATE = " ".join(f"Partner {stem}ine of this page may {stem}ify what you read here." for stem in STEMS)


def article(id_: str, text: str, language: str = "en", published: str | None = "2024-11-07") -> Article:
    return Article(id=id_, title=id_, text=text, language=language, published=published, publisher=id_)


WIRES = [
    article("ledger", WIRE),
    article("courier", CHANGED),
    article("meridiano", ITALIAN, "it"),
    article("other", OTHER_REPORT),
    article("market-1", MARKETS[0]),
    article("market-2", MARKETS[1]),
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library.create(tmp_path / "index", MANIFEST)) as made:
        yield made


def stories(library: Library) -> set[frozenset[str]]:
    """The groups of all articles, as sets of their ids."""
    members = library.groups.members(library.ids()).values()
    numbers = {member.story for member in members}
    return {frozenset(one.id for one in members if one.story == number) for number in numbers}


def stored(one: Article) -> SplitArticle:
    return split(one, [Limit(count_tokens, 256)])


def store(library: Library, articles: Sequence[Article]) -> None:
    for one in articles:
        library.update([stored(one)])


@pytest.mark.parametrize(
    "order", [WIRES, WIRES[::-1], WIRES[2:] + WIRES[:2]], ids=["first", "last", "turned"]
)
def test_copies_and_retellings_are_grouped_whatever_the_order(library: Library, order: list[Article]) -> None:
    store(library, order)
    assert stories(library) == {frozenset({"ledger", "courier", "meridiano"})}


def test_articles_are_grouped_when_they_are_stored_at_once(library: Library) -> None:
    library.update(map(stored, WIRES))
    assert stories(library) == {frozenset({"ledger", "courier", "meridiano"})}


def test_articles_are_no_group_when_only_figures_differ(library: Library) -> None:
    store(library, [article("market-1", MARKETS[0]), article("market-2", MARKETS[1])])
    assert stories(library) == set()


def test_group_falls_apart_when_what_joins_it_is_removed(library: Library) -> None:
    store(library, WIRES)
    library.update([], ["meridiano"])
    assert stories(library) == {frozenset({"ledger", "courier"})}
    library.update([], ["courier"])
    assert stories(library) == set()


def test_rest_of_a_group_is_grouped_anew_when_a_round_up_leaves_it(library: Library) -> None:
    first, second = article("a", WIRE), article("b", MARKETS[0])
    store(library, [article("round-up", f"{WIRE}\n{MARKETS[0]}"), first, second])
    assert stories(library) == {frozenset({"a", "round-up"})}
    library.update([], ["a"])
    assert stories(library) == {frozenset({"b", "round-up"})}


def test_article_leaves_its_group_when_it_is_changed_and_comes_back(library: Library) -> None:
    store(library, WIRES)
    library.update([stored(replace(WIRES[1], text=OTHER_REPORT))])
    assert stories(library) == {frozenset({"ledger", "meridiano"}), frozenset({"courier", "other"})}
    library.update([stored(replace(WIRES[0], published="2023-01-01"))])
    assert stories(library) == {frozenset({"courier", "other"})}
    library.update([stored(WIRES[0]), stored(WIRES[1])])
    assert stories(library) == {frozenset({"ledger", "courier", "meridiano"})}


def test_nothing_is_left_of_a_group_when_all_its_articles_are_removed(library: Library) -> None:
    store(library, WIRES)
    library.update([], [one.id for one in WIRES])
    with closing(sqlite3.connect(library.folder / FILE)) as connection:
        for table in ("telling", "shared_key", "shared_figure", "relation", "same_story"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize("text", ["", "Fire.", "消防隊は夜通し働いた。", "Nobody was hurt in Visby."])
def test_short_article_is_stored_and_grouped_with_nothing_unlike_it(library: Library, text: str) -> None:
    store(library, [article("short", text or "…"), *WIRES[:2]])
    assert stories(library) == {frozenset({"ledger", "courier"})}


def test_wire_in_very_many_outlets_is_one_story(library: Library) -> None:
    copies = [
        article(f"outlet-{place:03}", f"By reporter {place:03} of this paper.\n{WIRE}")
        for place in range(110)
    ]
    library.update(map(stored, copies))
    assert stories(library) == {frozenset(copy.id for copy in copies)}


def test_what_stands_in_every_article_of_an_outlet_does_not_group_them(library: Library) -> None:
    told = [" ".join(f"{word}{place}ly" for word in TEMPLATE.split()) for place in range(30)]
    articles = [
        article(f"page-{place}", f"{text} {text[::-1]}\n{TEMPLATE}") for place, text in enumerate(told)
    ]
    library.update(map(stored, articles))
    assert stories(library) == set()
    store(library, [replace(articles[7], id="copy-of-7")])
    assert stories(library) == {frozenset({"page-7", "copy-of-7"})}


def test_others_are_the_fullest_first_within_the_filter_and_the_limit(library: Library) -> None:
    store(library, [*WIRES, article("short", WIRE[: WIRE.index("In 2016")])])
    member = library.groups.members(["ledger"])["ledger"]
    others = library.groups.others(member, None, 9)
    assert sorted(others) == ["courier", "meridiano", "short"]
    sizes = [library.groups.members([id_])[id_].size for id_ in others]
    assert sizes == sorted(sizes, reverse=True)
    assert library.groups.others(member, None, 1) == others[:1]
    assert library.groups.others(member, Filter(publishers=frozenset({"short"})), 9) == ["short"]


def test_groups_of_passages_are_those_of_their_articles(library: Library) -> None:
    store(library, WIRES)
    passages = library.passages()
    found = library.groups.of_passages(list(passages))
    assert {passages[number].article_id for number in found} == {"ledger", "courier", "meridiano"}
    assert all(passages[number].article_id == member.id for number, member in found.items())


SENTENCES = [line.strip() + "." for line in WIRE.replace("\n", " ").split(". ")]
TEXTS = st.lists(st.sampled_from([*SENTENCES, ITALIAN, *MARKETS]), min_size=1, max_size=4, unique=True).map(
    " ".join
)


@settings(deadline=None, max_examples=15)
@given(st.data(), st.lists(TEXTS, min_size=2, max_size=5))
def test_groups_are_the_same_whatever_was_stored_before(data: st.DataObject, texts: list[str]) -> None:
    articles = [stored(article(f"a{place}", text)) for place, text in enumerate(texts)]
    changed = data.draw(st.lists(st.sampled_from(articles), max_size=2))
    with TemporaryDirectory() as folder:
        found = []
        for name, steps in (("once", articles), ("often", data.draw(st.permutations(articles)))):
            with closing(Library.create(Path(folder) / name, MANIFEST)) as library:
                for step in steps:
                    library.update([step])
                if name == "often":
                    library.update([], [step.article.id for step in changed])
                    library.update(changed)
                found.append(stories(library))
    assert found[0] == found[1]
