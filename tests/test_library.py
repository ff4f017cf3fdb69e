"""The library keeps articles, sentences, passages and keywords together, all or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.characters import mend
from retrieval.datatypes import Article
from retrieval.errors import LibraryBusy, LibraryMismatch, LibraryMissing, SettingError
from retrieval.library import Library, SplitArticle, fingerprint, passage_key, writer_lock
from retrieval.passages import Limit, split_passages, split_sentences
from retrieval.tokens import count_tokens
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


def split(article: Article) -> SplitArticle:
    sentences = split_sentences(article.text)
    return SplitArticle(article, sentences, split_passages(article, sentences, LIMITS))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(Library.create(tmp_path / "index", MANIFEST)) as made:
        made.update([split(RIGA), split(ROMA)])
        yield made


def everything(library: Library) -> tuple[object, ...]:
    return library.manifest(), library.articles(), stored_passages(library), library.passage_keys()


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


def test_replace_all_when_interrupted_leaves_it_as_it_was(library: Library) -> None:
    before = everything(library)
    with pytest.raises(RuntimeError, match=r"on fire"):
        library.replace_all(failing([ROMA]), {"embedder": "another"})
    assert everything(library) == before
    keyword_matches_library(library)


def test_replace_all_when_done_is_under_the_new_manifest(library: Library) -> None:
    library.replace_all([split(ROMA)], {**MANIFEST, "embedder": "another"})
    assert library.articles() == {"roma": ROMA}
    with closing(Library.open(library.folder, {"embedder": "another"})) as again:
        library_stands(again, LIMITS)
        keyword_matches_library(again)


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
    sentences = split_sentences(long.text)
    library.update([SplitArticle(long, sentences, split_passages(long, sentences, [Limit(len, 40)]))])
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
    with pytest.raises(LibraryMismatch, match=r"cannot be read .*Move it away"):
        Library.open(tmp_path, MANIFEST)


def test_open_when_schema_is_of_another_version(library: Library) -> None:
    with closing(sqlite3.connect(library.folder / "library.sqlite3")) as connection, connection:
        connection.execute("UPDATE manifest SET value = '99' WHERE name = 'schema'")
    with pytest.raises(LibraryMismatch, match=r"has schema 99, this version reads 1.*build it again"):
        Library.open(library.folder, MANIFEST)


@pytest.mark.parametrize(
    "field", ["title", "text", "publisher", "author", "published", "modified", "language", "url", "path"]
)
def test_fingerprint_when_a_field_changes(field: str) -> None:
    assert fingerprint(replace(RIGA, **{field: "another"})) != fingerprint(RIGA) == fingerprint(replace(RIGA))


def test_passage_key_when_what_is_embedded_changes() -> None:
    passage = split(RIGA).passages[0]
    key = passage_key(RIGA, passage)
    for changed in (replace(RIGA, title="x"), replace(RIGA, publisher="x"), replace(RIGA, published="x")):
        assert passage_key(changed, passage) != key
    assert passage_key(replace(RIGA, url="x", author="x"), passage) == key
    assert passage_key(RIGA, split(RIGA).passages[1]) != key


def test_languages_when_several_puts_the_most_frequent_first(library: Library) -> None:
    library.update([split(replace(ROMA, id="milano"))])
    assert library.languages() == ["it", "en"]
    assert library.publishers() == ["The Baltic Post"]


def test_rarity_when_word_is_rarer_is_higher(library: Library) -> None:
    grades = library.rarity(["Rutte", "threat", "zeppelin"])
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
        pytest.raises(SettingError, match=r"cannot be written to .*Name another folder with --index"),
        writer_lock(tmp_path / "index"),
    ):
        pass
