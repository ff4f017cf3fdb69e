"""Indexing does only what is needed, survives interruptions and never leaves half of anything."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import rmtree

import pytest

from retrieval.articles import read_articles
from retrieval.embedding import Embedder
from retrieval.errors import LibraryBusy, LibraryMismatch
from retrieval.indexing import Indexer, IndexReport
from retrieval.library import Library
from retrieval.locking import writer_lock
from retrieval.passages import Limit
from retrieval.tokens import count_tokens
from retrieval.vectors import Vectors
from tests.fakes import FakeEmbedder, RecordingEmbedder
from tests.first_form import write_first_form
from tests.invariants import (
    keyword_matches_library,
    library_stands,
    stored_passages,
    vectors_match_library,
)

TOKENS = 32
RUTTE = """---
title: Rutte warns in Riga
publisher: The Baltic Post
date: 2024-11-07
language: en
---
Mark Rutte said in Riga on Thursday that the deployment was a direct threat to everybody. He spoke after
a meeting with the ministers of the three Baltic states, who had asked for more help.

Nobody in the room contradicted him, and the ministers promised to come back in the spring.
"""
BORRELL = """---
title: Borrell in Tokyo
publisher: ANSA
date: 2024-11-01
language: en
---
Josep Borrell met the ministers of Japan in Tokyo on Friday and signed a partnership on security.
"""


class World:
    """A folder of articles and the folder of its index."""

    def __init__(self, folder: Path) -> None:
        self.news = folder / "news"
        self.index = folder / "index"
        self.news.mkdir()
        self.write("rutte.md", RUTTE)
        self.write("borrell.md", BORRELL)

    def write(self, name: str, text: str) -> None:
        (self.news / name).write_text(text, "utf-8")

    def update(self, embedder: Embedder | None = None) -> IndexReport:
        return self.indexer(embedder).update(read_articles([self.news]), ignore)

    def indexer(self, embedder: Embedder | None = None, tokens: int = TOKENS) -> Indexer:
        return Indexer(self.index, embedder or FakeEmbedder(), passage_tokens=tokens)

    def library(self) -> Library:
        return Library.open_any(self.index)

    def require_whole(self, embedder: Embedder | None = None, tokens: int = TOKENS) -> None:
        with closing(Library.open(self.index, self.indexer(embedder, tokens).manifest)) as library:
            library_stands(library, [Limit(count_tokens, tokens)])
            keyword_matches_library(library)
            vectors_match_library(library, embedder or FakeEmbedder())


def ignore(step: str, done: int, total: int) -> None:
    assert 0 < done <= total, step


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def long_text(count: int) -> str:
    return "\n\n".join(
        f"On day {day} of the talks the ministers of group {day} agreed to meet again after another week, "
        f"and they said nothing else about paragraph {day} of the treaty to anybody who was waiting."
        for day in range(count)
    )


def test_update_when_first_run_adds_everything(world: World) -> None:
    report = world.update()
    assert (sorted(report.added), report.changed, report.removed) == (["borrell", "rutte"], [], [])
    assert report.embedded >= 4
    world.require_whole()


def test_update_when_nothing_changed_does_nothing(world: World) -> None:
    world.update()
    stored = world.index / "library.sqlite3"
    before = stored.stat().st_mtime_ns
    folders = sorted(world.index.glob("vectors-*"))
    embedder = RecordingEmbedder(FakeEmbedder())
    report = world.update(embedder)
    assert report == IndexReport(unchanged=2)
    assert embedder.batches == []
    assert (stored.stat().st_mtime_ns, sorted(world.index.glob("vectors-*"))) == (before, folders)


def test_update_when_file_changed_replaces_its_passages(world: World) -> None:
    world.update()
    world.write("rutte.md", RUTTE.replace("in the spring", "in the autumn"))
    embedder = RecordingEmbedder(FakeEmbedder())
    report = world.update(embedder)
    assert (report.changed, report.added, report.removed, report.unchanged) == (["rutte"], [], [], 1)
    # Only the passage that says something else is embedded anew.
    assert report.embedded == 1
    assert "in the autumn" in embedder.batches[0][0]
    with closing(world.library()) as library:
        texts = " ".join(passage.text for passage in stored_passages(library).values())
    assert "in the autumn" in texts and "in the spring" not in texts
    world.require_whole()


def test_update_when_file_is_removed_forgets_it(world: World) -> None:
    world.update()
    (world.news / "rutte.md").unlink()
    report = world.update()
    assert (report.removed, report.unchanged, report.embedded) == (["rutte"], 1, 0)
    with closing(world.library()) as library:
        assert list(library.articles()) == ["borrell"]
    world.require_whole()


def test_update_when_publisher_is_renamed_embeds_again(world: World) -> None:
    first = world.update()
    world.write("rutte.md", RUTTE.replace("The Baltic Post", "The Riga Times"))
    world.write("borrell.md", BORRELL.replace("language: en", "language: en\nurl: https://x.org/b"))
    embedder = RecordingEmbedder(FakeEmbedder())
    report = world.update(embedder)
    assert sorted(report.changed) == ["borrell", "rutte"]
    assert 0 < report.embedded < first.embedded
    # An address is not embedded, so it costs nothing.
    assert all("The Riga Times" in text for batch in embedder.batches for text in batch)
    world.require_whole()


def test_update_when_file_cannot_be_read_now_keeps_its_earlier_version(world: World) -> None:
    world.update()
    (world.news / "rutte.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10)
    report = world.update()
    assert (report.removed, report.changed, report.unchanged) == ([], [], 1)
    with closing(world.library()) as library:
        assert set(library.articles()) == {"rutte", "borrell"}
    world.require_whole()


def test_update_when_another_folder_is_read_keeps_the_first(world: World, tmp_path: Path) -> None:
    world.update()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "other.txt").write_text("The ministers met in Oslo on Monday and agreed.")
    report = world.indexer().update(read_articles([tmp_path / "more"]), ignore)
    assert (report.added, report.removed) == (["other"], [])
    with closing(world.library()) as library:
        assert set(library.articles()) == {"rutte", "borrell", "other"}
    world.require_whole()


def test_update_when_interrupted_is_completed_by_the_next(world: World) -> None:
    for name in "ab":
        world.write(f"{name}.txt", f"Group {name}\n\n{long_text(140)}")
    with pytest.raises(RuntimeError, match="no power"):
        world.update(RecordingEmbedder(FakeEmbedder(), fails_after=1))
    with closing(Library.open(world.index, world.indexer().manifest)) as library:
        library_stands(library)
        keyword_matches_library(library)
        before = library.passage_count()
    assert before >= 128
    embedder = RecordingEmbedder(FakeEmbedder())
    report = world.update(embedder)
    assert (len(report.added), report.changed) == (4 - report.unchanged, [])
    assert report.unchanged >= 1
    with closing(world.library()) as library:
        count = library.passage_count()
    # What the interrupted run had embedded is not embedded again.
    assert report.embedded == sum(map(len, embedder.batches)) == count - before > 0
    world.require_whole()


def test_update_when_chroma_holds_nearly_all_leaves_it_alone(world: World) -> None:
    for name in "abc":
        world.write(f"{name}.txt", f"Group {name}\n\n{long_text(40)}")
    world.update()
    with closing(world.library()) as library:
        served, until = library.served(), max(library.numbers())
    assert served is not None and served.until == until == served.count
    world.write("borrell.md", BORRELL.replace("on security", "on defence"))
    assert world.update().embedded == 1
    with closing(world.library()) as library:
        assert library.served() == served
        with closing(Vectors(library, FakeEmbedder().name)) as vectors:
            ((number, cosine),) = vectors.nearest(FakeEmbedder().embed([f"ANSA {BORRELL} defence"])[0], 1)
        assert number == until + 1
        assert cosine > 0.3
    world.require_whole()
    # A chapter more, and Chroma's copy is brought up to date: two folders are left, the served and the last.
    world.write("d.txt", f"Group d\n\n{long_text(40)}")
    world.update()
    with closing(world.library()) as library:
        now = library.served()
        assert now and now.until == max(library.numbers()) and now.count == library.passage_count()
    assert {path.name for path in world.index.glob("vectors-*")} == {now.folder, served.folder}
    world.require_whole()


def test_update_when_window_is_short_keeps_prefix_and_passage_within_it(world: World) -> None:
    title = "A title that goes on " * 40
    world.write("rutte.md", RUTTE.replace("Rutte warns in Riga", title) + "\n" + long_text(20))
    embedder = RecordingEmbedder(FakeEmbedder())
    world.indexer(embedder, tokens=2048).update(read_articles([world.news]), ignore)
    texts = [text for batch in embedder.batches for text in batch]
    assert all(embedder.count(text) <= embedder.window for text in texts)
    # A long title does not push out who published when.
    assert sum("The Baltic Post, 2024-11-07\n" in text for text in texts) >= 3


def test_update_when_settings_differ_names_them_and_the_way_out(world: World) -> None:
    world.update()
    with pytest.raises(
        LibraryMismatch, match=r"passages 'at most 32 tokens .*', now 'at most 64 .*footnote index --rebuild"
    ):
        world.indexer(tokens=64).update(read_articles([world.news]), ignore)
    world.require_whole()


@pytest.mark.parametrize("damage", ["sqlite", "folder"])
def test_update_when_vectors_are_damaged_makes_them_anew_without_embedding(
    world: World, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.update()
    with closing(world.library()) as library:
        served = library.served()
        assert served
        folder = library.folder / served.folder
        if damage == "folder":
            rmtree(folder)
        else:
            (folder / "chroma.sqlite3").write_bytes(b"no database " * 100)
        # Whoever asks meanwhile is answered from the store.
        with closing(Vectors(library, FakeEmbedder().name)) as vectors:
            assert len(vectors.nearest(FakeEmbedder().embed(["threat"])[0], 3)) == 3
    (warning,) = caplog.messages
    assert "cannot be" in warning and "Make them anew with: footnote index --rebuild" in warning
    assert world.update() == IndexReport(unchanged=2)
    with closing(world.library()) as library:
        now = library.served()
    assert now and now.folder != served.folder
    world.require_whole()


def test_rebuild_when_passages_are_to_be_longer(world: World) -> None:
    first = world.update()
    count = world.indexer(tokens=128).rebuild(ignore)
    assert 0 < count < first.embedded
    world.require_whole(tokens=128)
    with pytest.raises(LibraryMismatch, match=r"now 'at most 32 tokens"):
        world.update()


def test_rebuild_when_done_again_and_again_leaves_two_sets_of_vectors_at_most(world: World) -> None:
    world.update()
    for tokens in (64, 32, 64):
        world.indexer(tokens=tokens).rebuild(ignore)
        world.require_whole(tokens=tokens)
        assert len(list(world.index.glob("vectors-*"))) <= 2


def test_rebuild_when_interrupted_leaves_the_index_as_it_was(world: World) -> None:
    world.write("long.txt", long_text(90))
    world.update()
    with pytest.raises(RuntimeError, match="no power"):
        world.indexer(RecordingEmbedder(FakeEmbedder(), fails_after=0), tokens=64).rebuild(ignore)
    world.require_whole()
    world.write("borrell.md", BORRELL.replace("Friday", "Monday"))
    assert world.update().embedded == 1
    world.require_whole()
    world.indexer(tokens=64).rebuild(ignore)
    world.require_whole(tokens=64)
    assert not list(world.index.glob("rebuilt-*"))


def test_rebuild_when_interrupted_is_gone_on_with(world: World) -> None:
    for name in "ab":
        world.write(f"{name}.txt", f"Group {name}\n\n{long_text(140)}")
    world.update()
    with pytest.raises(RuntimeError, match="no power"):
        world.indexer(RecordingEmbedder(FakeEmbedder(), fails_after=1), tokens=64).rebuild(ignore)
    embedder = RecordingEmbedder(FakeEmbedder())
    count = world.indexer(embedder, tokens=64).rebuild(ignore)
    assert 0 < sum(map(len, embedder.batches)) <= count - 128
    world.require_whole(tokens=64)
    # What was begun with other settings is not.
    with pytest.raises(RuntimeError, match="no power"):
        world.indexer(RecordingEmbedder(FakeEmbedder(), fails_after=1), tokens=64).rebuild(ignore)
    world.indexer(tokens=TOKENS).rebuild(ignore)
    world.require_whole()


def test_rebuild_when_tables_are_of_the_first_form_keeps_the_articles(world: World) -> None:
    articles = read_articles([world.news]).articles
    write_first_form(world.index, *articles)
    with pytest.raises(LibraryMismatch, match=r"Bring it up to date with: footnote index --rebuild"):
        world.update()
    world.indexer().rebuild(ignore)
    with closing(world.library()) as library:
        assert library.articles() == {article.id: article for article in articles}
    world.require_whole()
    assert world.update() == IndexReport(unchanged=2)


_WRITE_ELSEWHERE = """
import sys
from pathlib import Path
from retrieval.articles import read_articles
from retrieval.indexing import Indexer
from tests.fakes import FakeEmbedder, RecordingEmbedder
from tests.first_form import write_first_form
from tests.test_indexing import TOKENS, ignore
news, index = map(Path, sys.argv[1:])
Indexer(index, FakeEmbedder(), passage_tokens=TOKENS).update(read_articles([news]), ignore)
"""


def test_vectors_when_another_process_indexes_find_what_it_added(world: World) -> None:
    world.update()
    with closing(world.library()) as library, closing(Vectors(library, FakeEmbedder().name)) as vectors:
        question = FakeEmbedder().embed(["zeppelin over Oslo"])[0]
        assert vectors.nearest(question, 50)
        world.write("zeppelin.txt", "A zeppelin flew over Oslo, the zeppelin of the year for Oslo.")
        arguments = [sys.executable, "-c", _WRITE_ELSEWHERE, str(world.news), str(world.index)]
        subprocess.run(arguments, check=True, cwd=Path(__file__).parents[1])
        best, _ = vectors.nearest(question, 50)[0]
        assert library.passages([best])[best].article_id == "zeppelin"
        (world.news / "zeppelin.txt").unlink()
        world.update()
        assert best not in dict(vectors.nearest(question, 50))
    world.require_whole()


def test_vectors_when_library_is_rebuilt_with_another_model_refuse_each_time(world: World) -> None:
    world.update()
    with closing(world.library()) as library, closing(Vectors(library, FakeEmbedder().name)) as vectors:
        question = FakeEmbedder().embed(["threat"])[0]
        assert vectors.nearest(question, 1)
        world.indexer(FakeEmbedder("another")).rebuild(ignore)
        for _ in range(2):
            with pytest.raises(
                LibraryMismatch, match=r"rebuilt with 'another' meanwhile.*'fake@1'. Start it"
            ):
                vectors.nearest(question, 1)


_HOLD_ELSEWHERE = """
import sys
from pathlib import Path
from retrieval.locking import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_update_when_another_process_writes_says_who_and_since_when(world: World) -> None:
    world.update()
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_ELSEWHERE, str(world.index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(
            LibraryBusy, match=rf"process {holder.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\). Wait"
        ):
            world.update()
        holder.communicate()
    world.update()
    world.require_whole()


@pytest.mark.parametrize("action", ["update", "rebuild"])
def test_indexer_when_this_process_writes_already_refuses(world: World, action: str) -> None:
    world.update()
    with writer_lock(world.index), pytest.raises(LibraryBusy, match=r"Wait for it to end"):
        if action == "update":
            world.update()
        else:
            world.indexer().rebuild(ignore)
