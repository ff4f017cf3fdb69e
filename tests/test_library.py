"""The library keeps articles, sentences, passages and keywords together, all or nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.characters import mend
from retrieval.datatypes import Article, Filter
from retrieval.errors import DiskError, LibraryBusy, LibraryDamaged, LibraryMismatch, LibraryMissing
from retrieval.library import Library
from retrieval.locking import writer_lock
from retrieval.passages import Limit, split_passages, split_sentences
from retrieval.rarity import rarity
from retrieval.stored import SplitArticle, fingerprint, passage_key
from retrieval.tokens import count_tokens
from retrieval.wording import terms
from tests.fakes import FakeEmbedder
from tests.first_form import write_first_form
from tests.invariants import keyword_matches_library, library_stands, stored_passages

MANIFEST = {"embedder": "fake", "passages": "at most 16 tokens"}
LIMITS = [Limit(count_tokens, 16)]
RIGA = Article(
    id="riga",
    title="Rutte in Riga",
    text="Rutte spoke in Riga on Thursday. He called it a direct threat. Nobody answered him in Latvia.",
    publisher="The Baltic Post",
    published="2024-11-07",
    language="en",
    path="/news/riga.md",
)
ROMA = Article(
    id="roma", title="Rutte a Roma", text="Rutte ha parlato a Roma di 12.000 soldati.", language="it"
)


def split(article: Article, limits: Sequence[Limit] = LIMITS) -> SplitArticle:
    sentences = split_sentences(article.text)
    passages = split_passages(article, sentences, limits)
    keys = [passage_key(article, passage) for passage in passages]
    rows = FakeEmbedder().embed([passage.text for passage in passages])
    return SplitArticle(
        article=article, sentences=sentences, passages=passages, vectors=dict(zip(keys, rows, strict=True))
    )


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library.create(tmp_path / "index", MANIFEST)) as made:
        made.update([split(RIGA), split(ROMA)])
        yield made


def everything(library: Library) -> tuple[object, ...]:
    return library.facts().manifest, library.articles(), stored_passages(library), library.sentences("riga")


def test_library_when_opened_again_holds_what_was_stored(library: Library) -> None:
    with closing(Library.open(library.folder, MANIFEST)) as again:
        assert again.articles() == {"riga": RIGA, "roma": ROMA}
        assert everything(again) == everything(library)
        library_stands(again, LIMITS)
        keyword_matches_library(again)


def test_articles_when_asked_by_id_leaves_out_what_is_not_there(library: Library) -> None:
    assert library.articles(["roma", "oslo", "roma"]) == {"roma": ROMA}


def test_update_when_article_changed_replaces_it(library: Library) -> None:
    shorter = replace(RIGA, text="Rutte left Riga.")
    library.update([split(shorter)])
    assert library.articles() == {"riga": shorter, "roma": ROMA}
    library_stands(library, LIMITS)
    keyword_matches_library(library)
    assert not library.keyword.find(["threat"], 10)


def test_update_when_article_is_removed_leaves_nothing_of_it(library: Library) -> None:
    library.update([], ["riga", "never there"])
    assert library.articles() == {"roma": ROMA}
    assert {passage.article_id for passage in stored_passages(library).values()} == {"roma"}
    assert library.sentences("riga") == []
    keyword_matches_library(library)


def failing(articles: list[Article]) -> Iterator[SplitArticle]:
    yield from map(split, articles)
    raise RuntimeError("the disk is on fire")


def test_update_when_interrupted_leaves_it_as_it_was(library: Library) -> None:
    before = everything(library)
    with pytest.raises(RuntimeError, match=r"on fire"):
        library.update(failing([replace(RIGA, text="Other words."), replace(ROMA, id="oslo")]), ["roma"])
    assert everything(library) == before
    keyword_matches_library(library)


def test_update_when_article_changes_keeps_the_passages_that_do_not(library: Library) -> None:
    before = {passage.text: number for number, passage in stored_passages(library).items()}
    library.update([split(replace(RIGA, text=RIGA.text.replace("Nobody answered", "Nobody spoke")))])
    after = {passage.text: number for number, passage in stored_passages(library).items()}
    assert {text: after[text] for text in before.keys() & after.keys()} == {
        text: before[text] for text in before.keys() & after.keys()
    }
    (new,) = after.keys() - before.keys()
    assert "Nobody spoke" in new and after[new] > max(before.values())
    keyword_matches_library(library)


def test_update_when_passages_are_removed_never_uses_their_numbers_again(library: Library) -> None:
    last = max(library.numbers())
    library.update([], ["riga", "roma"])
    library.update([split(ROMA)])
    assert min(library.numbers()) > last


def test_take_over_when_done_holds_what_the_other_held(library: Library) -> None:
    with closing(Library.create(library.folder, {"embedder": "another"}, file="other.sqlite3")) as other:
        other.update([split(ROMA)])
        library.take_over("other.sqlite3")
        assert everything(library) == everything(other)
    with closing(Library.open(library.folder, {"embedder": "another"})) as again:
        assert again.articles() == {"roma": ROMA}
        library_stands(again, LIMITS)
        keyword_matches_library(again)
        again.update([split(RIGA)], ["roma"])
        assert not again.keyword.find(terms("soldati", "it"), 10)


def test_take_over_when_another_connection_reads_shows_it_there(library: Library) -> None:
    with closing(Library.open_any(library.folder)) as reader:
        assert set(reader.languages()) == {"en", "it"}
        with closing(Library.create(library.folder, MANIFEST, file="other.sqlite3")) as other:
            other.update([split(ROMA)])
        library.take_over("other.sqlite3")
        assert reader.languages() == ["it"]
        assert reader.keyword.find(terms("soldati", "it"), 10)


def test_open_any_when_tables_are_of_the_first_form_says_how_to_bring_them_up_to_date(
    tmp_path: Path,
) -> None:
    write_first_form(tmp_path, RIGA)
    with pytest.raises(
        LibraryMismatch, match=r"has schema 1, this version reads 3.*footnote index --rebuild"
    ):
        Library.open_any(tmp_path)
    with closing(Library.open_any(tmp_path, may_be_older=True)) as older:
        assert older.articles() == {"riga": RIGA}


def test_articles_when_their_bytes_were_changed_on_the_disk(library: Library) -> None:
    place = library.folder / "library.sqlite3"
    library.close()
    content = place.read_bytes()
    assert content.count(b"a direct threat") == 1
    place.write_bytes(content.replace(b"a direct threat", b"a direct thrext"))
    with (
        closing(Library.open(library.folder, MANIFEST)) as again,
        pytest.raises(LibraryDamaged, match=r"the article riga is not what was stored\)\. Move it away"),
    ):
        again.articles(["riga"])


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        (Filter(since="2024-11-07"), {"riga"}),
        (Filter(since="2024-11-08"), set()),
        (Filter(until="2024-11-07"), {"riga"}),
        (Filter(until="2024-11-06"), set()),
        (Filter(publishers=frozenset({"The Baltic Post", "x"})), {"riga"}),
        (Filter(languages=frozenset({"it"})), {"roma"}),
        (Filter(languages=frozenset({"it", "en"}), since="2020-01-01"), {"riga"}),
        (Filter(), {"riga", "roma"}),
    ],
)
def test_filter_when_given_lets_in_the_passages_of_its_articles(
    library: Library, where: Filter, ids: set[str]
) -> None:
    passages = stored_passages(library)
    numbers = library.admitted(where)
    assert {passages[number].article_id for number in numbers} == ids
    assert numbers == [number for number, passage in passages.items() if passage.article_id in ids]
    hits = library.keyword.find(["rutt"], 10, where)
    assert {passages[hit.number].article_id for hit in hits} == ids


def test_filter_when_articles_state_a_time_counts_the_whole_day(library: Library) -> None:
    library.update([split(replace(RIGA, published="2024-11-07T23:59:00+01:00"))])
    for where in (Filter(until="2024-11-07"), Filter(since="2024-11-07")):
        assert library.admitted(where)
    assert not library.admitted(Filter(until="2024-11-06"))
    assert not library.admitted(Filter(since="2024-11-08"))


_ARTICLES = st.builds(
    Article,
    id=st.sampled_from(["a", "b", "c"]),
    title=st.text(max_size=20).map(mend),
    text=st.lists(st.text(max_size=60), max_size=4).map(lambda lines: mend("\n".join(lines))),
    publisher=st.none() | st.sampled_from(["Reuters", "ANSA"]),
    language=st.sampled_from([None, "en", "it", "sv", "zh"]),
)
_STEPS = st.lists(st.tuples(st.lists(_ARTICLES, max_size=3), st.sets(st.sampled_from("abc"))), max_size=4)


@settings(max_examples=40, deadline=None)
@given(_STEPS)
def test_update_when_done_in_any_order_keeps_the_library_whole(
    steps: list[tuple[list[Article], set[str]]],
) -> None:
    expected: dict[str, Article] = {}
    with TemporaryDirectory() as folder, closing(Library.create(Path(folder), MANIFEST)) as library:
        for changed, removed in steps:
            library.update(map(split, changed), sorted(removed))
            expected = {id_: article for id_, article in expected.items() if id_ not in removed}
            expected |= {article.id: article for article in changed}
            assert library.articles() == expected
            library_stands(library, LIMITS)
            keyword_matches_library(library)


def test_passages_when_asked_for_more_than_sqlite_takes_at_once(library: Library) -> None:
    long = replace(ROMA, text="\n".join(f"Sentence number {place} is here." for place in range(2000)))
    library.update([split(long, [Limit(len, 40)])])
    numbers = library.numbers()
    assert library.passages(numbers) == library.passages()
    assert library.vectors(numbers)[0] == numbers
    assert library.passage_count() == len(stored_passages(library)) > 2000
    library_stands(library)


def test_open_when_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match=r"No index at .*nowhere. Build it with: footnote index FOLDER"):
        Library.open(tmp_path / "nowhere", MANIFEST)


def test_open_when_its_making_was_interrupted(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")):
        pass
    (tmp_path / "library.sqlite3").touch()
    with pytest.raises(LibraryMissing, match=r"Build it with"):
        Library.open(tmp_path, MANIFEST)
    with closing(Library.create(tmp_path, MANIFEST)) as library:
        library.update([split(RIGA)])
        library_stands(library)


def test_open_when_settings_differ_names_them_and_the_way_out(library: Library) -> None:
    now = {"embedder": "other", "passages": MANIFEST["passages"], "terms": "9"}
    with pytest.raises(
        LibraryMismatch,
        match=r"embedder 'fake', now 'other'; terms 'unknown', now '9'.*footnote index --rebuild",
    ):
        Library.open(library.folder, now)


def test_open_when_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3").write_bytes(b"no database " * 100)
    with pytest.raises(LibraryDamaged, match=r"cannot be read .*Move it away"):
        Library.open(tmp_path, MANIFEST)


def test_open_when_schema_is_of_another_version(library: Library) -> None:
    with closing(sqlite3.connect(library.folder / "library.sqlite3")) as connection, connection:
        connection.execute("UPDATE manifest SET value = '99' WHERE name = 'schema'")
    with pytest.raises(LibraryMismatch, match=r"has schema 99, this version reads 3.*build it again"):
        Library.open(library.folder, MANIFEST)


@pytest.mark.parametrize(
    "field", ["title", "text", "publisher", "author", "published", "modified", "language", "url", "path"]
)
def test_fingerprint_when_a_field_changes(field: str) -> None:
    assert fingerprint(replace(RIGA, **{field: "another"})) != fingerprint(RIGA) == fingerprint(replace(RIGA))


def test_passage_key_when_what_is_embedded_changes() -> None:
    passage = split(RIGA).passages[0]
    key = passage_key(RIGA, passage)
    for field in ("title", "publisher", "published", "language"):
        assert passage_key(replace(RIGA, **{field: "x"}), passage) != key
    assert passage_key(replace(RIGA, url="x", author="x"), passage) == key
    assert passage_key(RIGA, split(RIGA).passages[1]) != key


def test_languages_when_several_puts_the_most_frequent_first(library: Library) -> None:
    library.update([split(replace(ROMA, id="milano"))])
    assert library.languages() == ["it", "en"]
    assert library.publishers() == ["The Baltic Post"]


def test_rarity_when_word_is_rarer_is_higher(library: Library) -> None:
    grades = rarity(library, ["Rutte", "threat", "zeppelin"])
    assert 0 < grades["Rutte"] < grades["threat"] < grades["zeppelin"] == 1


def test_writer_lock_when_held_names_the_holder(tmp_path: Path) -> None:
    with (
        writer_lock(tmp_path),
        pytest.raises(LibraryBusy, match=r"another footnote \(process \d+, since \d{4}-\d\d-\d\d \d\d:"),
        writer_lock(tmp_path),
    ):
        pass
    with writer_lock(tmp_path):
        assert (tmp_path / "writer").exists()
    assert not (tmp_path / "writer").exists()


def test_writer_lock_when_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("x")
    with (
        pytest.raises(DiskError, match=r"cannot be written to .*Name another folder with --index"),
        writer_lock(tmp_path / "index"),
    ):
        pass
