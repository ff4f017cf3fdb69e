"""Articles are found by who is named in them, and the people, places and groups of a text are told apart."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.datatypes import Article, Filter
from retrieval.entities import Entity, EntityKind, entities_in
from retrieval.library import Library
from retrieval.named import place_meant
from retrieval.passages import split_passages, split_sentences
from retrieval.stored import SplitArticle, passage_key
from tests.fakes import FakeEmbedder

THEN = Article(
    id="then",
    title="A visit",
    text="NATO Secretary General Jens Stoltenberg met Foreign Minister Park Jin in Seoul. Stoltenberg "
    "thanked him.",
    language="en",
    published="2023-01-31",
    publisher="Pacific Dispatch",
)
NOW = Article(
    id="now",
    title="Another visit",
    text="NATO Secretary General Mark Rutte spoke in Riga. The European Commission (EC) said nothing. Rutte "
    "left.",
    language="en",
    published="2024-11-14",
    publisher="Baltic Courier",
)
ITALIAN = Article(
    id="italiano",
    title="Una visita",
    text="Il segretario generale della NATO Mark Rutte ha parlato della Corea del Nord a Roma.",
    language="it",
)


def found(text: str, language: str, kind: EntityKind) -> list[Entity]:
    return [entity for entity in entities_in(text, language) if entity.kind is kind]


@pytest.mark.parametrize(
    ("text", "language", "name", "role"),
    [
        (NOW.text, "en", "Mark Rutte", "NATO Secretary General"),
        (ITALIAN.text, "it", "Mark Rutte", "segretario generale della NATO"),
        ("Amina Diallo, the mayor of Dunford, resigned on Monday.", "en", "Amina Diallo", None),
        ("På måndagen sade Karin Hedlund att fisket tar slut.", "sv", "Karin Hedlund", None),
    ],
    ids=["en", "it", "unknown person", "sv"],
)
def test_people_when_named_with_an_office_have_it(
    text: str, language: str, name: str, role: str | None
) -> None:
    (person,) = found(text, language, EntityKind.PERSON)
    assert person.name == name
    assert role is None or role in person.roles


def test_people_when_named_again_by_surname_are_one(tmp_path: Path) -> None:
    people = found(THEN.text, "en", EntityKind.PERSON)
    assert [person.name for person in people] == ["Jens Stoltenberg", "Park Jin"]
    assert people[0].aliases == ("Stoltenberg",)
    assert all(THEN.text[start:end] for person in people for start, end in person.spans)


def test_groups_and_places_are_no_people() -> None:
    text = "The European Commission met in North Korea. Manchester United lost to Real Madrid in the Baltic."
    assert not found(text, "en", EntityKind.PERSON)


def store(library: Library, *articles: Article, removed: tuple[str, ...] = ()) -> None:
    embedder = FakeEmbedder()
    split: list[SplitArticle] = []
    for article in articles:
        sentences = split_sentences(article.text)
        passages = split_passages(article, sentences, [])
        rows = embedder.embed([passage.text for passage in passages])
        vectors = {passage_key(article, one): row for one, row in zip(passages, rows, strict=True)}
        split.append(SplitArticle(article=article, sentences=sentences, passages=passages, vectors=vectors))
    library.update(split, removed)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library.create(tmp_path, {"embedder": "fake"})) as library:
        store(library, THEN, NOW, ITALIAN)
        yield library


@pytest.mark.parametrize(
    ("person", "ids"),
    [
        ("mark rutte", ["italiano", "now"]),
        ("rutte", ["italiano", "now"]),
        ("stoltenberg", ["then"]),
        ("nato secretary general", ["now", "then"]),
        ("european commission", []),
        ("nobody", []),
    ],
)
def test_filter_when_a_person_is_asked_for_lets_in_the_articles_that_name_them(
    library: Library, person: str, ids: list[str]
) -> None:
    where = Filter(people=frozenset({person}))
    assert sorted(library.ids(where)) == ids
    assert library.share(where) == pytest.approx(len(ids) / 3)
    assert {library.passages([n])[n].article_id for n in library.admitted(where)} == set(ids)


def test_filter_when_an_office_is_asked_for_in_its_time_lets_in_who_held_it_then(library: Library) -> None:
    assert library.ids(Filter(people=frozenset({"nato secretary general"}), until="2022")) == []
    assert library.ids(Filter(people=frozenset({"nato secretary general"}), until="2023-12")) == ["then"]


def test_names_when_an_article_changes_or_leaves_are_those_of_what_is_there(library: Library) -> None:
    store(library, replace(NOW, text="Kaja Kallas spoke in Riga. Kallas said nothing new."))
    assert library.ids(Filter(people=frozenset({"mark rutte"}))) == ["italiano"]
    assert library.ids(Filter(people=frozenset({"kallas"}))) == ["now"]
    store(library, removed=("italiano",))
    assert library.named.people() == ["Jens Stoltenberg", "Kaja Kallas", "Park Jin"]


@pytest.mark.parametrize(
    ("subject", "language", "articles"),
    [
        ("North Korea", "en", 1),
        ("Corea del Nord", "it", 1),
        ("Rutte", "en", 2),
        ("European Commission", "en", 1),
        ("EC", "en", 1),
        ("thanked", "en", 1),
        ("bridges", "en", 0),
        ("!?", "en", 0),
    ],
)
def test_holdings_when_asked_of_anything_count_the_articles_that_name_it(
    library: Library, subject: str, language: str, articles: int
) -> None:
    held = library.named.holdings(subject, language)
    assert held.articles == articles == len(held.newest)


def test_holdings_tell_outlets_languages_and_days(library: Library) -> None:
    held = library.named.holdings("NATO", "en")
    assert (held.articles, held.publishers, held.languages) == (3, 2, ("en", "it"))
    assert (held.first, held.last) == ("2023-01-31", "2024-11-14")
    assert held.newest == ("now", "then", "italiano")
    assert library.named.holdings("NATO", "en", Filter(until="2023-12")).newest == ("then",)


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("Latvia", "LV"),
        ("the Baltic Sea", None),
        ("Lettonia", "LV"),
        ("Latvian", None),
        ("bread in Latvia", None),
    ],
)
def test_place_meant_when_the_phrase_is_a_place(subject: str, code: str | None) -> None:
    assert place_meant(subject) == code


@pytest.mark.timeout(60)
def test_entities_when_the_text_is_very_long_take_no_more_for_each_sentence() -> None:
    """So long a text takes minutes where every name is held against every other."""
    line = "NATO Secretary General Mark Rutte met President Edgars Rinkēvičs in Riga, and left for Paris. "
    entities = entities_in(line * 8_000, "en")
    people = [one.name for one in entities if one.kind is EntityKind.PERSON]
    assert people == ["Mark Rutte", "Edgars Rinkēvičs"]
    assert {len(one.spans) for one in entities if one.kind is EntityKind.PLACE} == {8_000}
