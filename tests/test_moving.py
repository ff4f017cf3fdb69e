"""An index goes into one file and becomes an index elsewhere, whole or not at all."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.articles import read_articles
from retrieval.errors import ExportError
from retrieval.indexing import Indexer
from retrieval.library import FILE, Library
from retrieval.locking import writer_lock
from retrieval.moving import export_library, import_library
from retrieval.settling import Progress
from tests.conftest import Footnote
from tests.fakes import FakeEmbedder
from tests.first_form import write_first_form
from tests.invariants import keyword_matches_library, library_stands, vectors_match_library
from tests.small_index import RIGA

QUESTION = "what did Rutte say in Latvia?"
MANIFEST = Indexer(Path("nowhere"), FakeEmbedder(), passage_tokens=256).manifest
ELSEWHERE = ("--index", "elsewhere")


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@pytest.fixture
def exported(footnote: Footnote, index: Path, tmp_path: Path) -> Path:
    """The index as one file, with an earlier version of an article in it."""
    (tmp_path / "news" / "riga.md").write_text(RIGA.replace("12,000", "11,000"), "utf-8")
    assert footnote("index", "news").code == 0
    assert footnote("export", "all.sqlite3").out == "3 articles in all.sqlite3\n"
    return tmp_path / "all.sqlite3"


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read every table of a library but for what says where its vectors are."""
    with closing(sqlite3.connect(folder / FILE)) as connection:
        names = ("article", "passage", "sentence", "version", "source", "keyword")
        found = {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}
        found["manifest"] = connection.execute(
            "SELECT name, value FROM manifest WHERE name NOT IN ('vectors', 'made') ORDER BY name"
        ).fetchall()
    return found


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_index_is_the_same_when_it_was_moved(
    footnote: Footnote, exported: Path, index: Path, tmp_path: Path
) -> None:
    outcome = footnote("import", "all.sqlite3", *ELSEWHERE)
    assert (outcome.code, outcome.out, outcome.err) == (0, "3 articles, 3 passages in elsewhere\n", "")
    there = tmp_path / "elsewhere"
    assert content(there) == content(index)
    assert len(content(there)["version"]) == len(content(there)["source"]) == 1
    assert files_in(there) == [FILE, "vectors-1", "writer.lock"]
    with closing(Library.open(there, MANIFEST)) as library:
        library_stands(library)
        keyword_matches_library(library)
        vectors_match_library(library, FakeEmbedder())
        served = library.served()
        assert served is not None and served.folder == "vectors-1"


def test_moved_index_answers_and_verifies_when_the_files_stayed_behind(
    footnote: Footnote, index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = footnote("ask", "--json", QUESTION).out
    (tmp_path / "news" / "riga.md").write_text(RIGA.replace("a direct threat", "no threat"), "utf-8")
    assert footnote("index", "news").code == 0
    after = footnote("ask", "--json", QUESTION).out
    assert footnote("export", "all.sqlite3").code == 0
    machine = tmp_path / "another machine"
    machine.mkdir()
    shutil.move(tmp_path / "all.sqlite3", machine)
    shutil.rmtree(tmp_path / "news")
    shutil.rmtree(index)
    monkeypatch.chdir(machine)
    assert footnote("import", "all.sqlite3").code == 0
    assert "no threat" in footnote("ask", QUESTION).out
    assert footnote("verify", "-", stdin=after.encode()).out == "1 receipt, 1 citation: all stand\n"
    outcome = footnote("verify", "-", stdin=before.encode())
    assert outcome.code == 1 and outcome.out.endswith("0 stand, 1 changed since\n")
    # What is indexed later is added to what was moved.
    article = json.dumps({"id": "new", "text": "Rutte said in Oslo that nobody answered."}).encode()
    assert footnote("index", "-", stdin=article).out.startswith("4 articles: 1 added, 0 changed, 0 removed")


def test_moved_index_is_another_to_whoever_reads_it(
    footnote: Footnote, exported: Path, index: Path, tmp_path: Path
) -> None:
    assert footnote("import", "all.sqlite3", *ELSEWHERE).code == 0
    made = []
    for folder in (index, tmp_path / "elsewhere"):
        with closing(Library.open_any(folder)) as library:
            made.append(library.facts().manifest["made"])
    assert made[0] != made[1]
    with closing(sqlite3.connect(tmp_path / "elsewhere" / FILE)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_articles_are_the_same_when_they_are_moved_as_json_lines(
    footnote: Footnote, exported: Path, index: Path, tmp_path: Path
) -> None:
    assert footnote("export", "all.jsonl").out == "3 articles in all.jsonl\n"
    refusal = footnote("import", "all.jsonl", *ELSEWHERE)
    assert (refusal.code, refusal.err) == (
        2,
        "footnote: all.jsonl holds articles as JSON. Read them with: footnote index all.jsonl\n",
    )
    outcome = footnote("index", "all.jsonl", *ELSEWHERE)
    assert (outcome.code, outcome.err) == (0, "")
    found = []
    for folder in (index, tmp_path / "elsewhere"):
        with closing(Library.open_any(folder)) as library:
            facts = library.articles().values()
        found.append(
            [(one.id, one.title, one.digest, one.publisher, one.published, one.url) for one in facts]
        )
    assert found[0] == found[1]


def test_export_is_refused_when_the_file_exists(footnote: Footnote, index: Path, tmp_path: Path) -> None:
    (tmp_path / "all.sqlite3").write_text("mine", "utf-8")
    outcome = footnote("export", "all.sqlite3")
    assert (outcome.code, outcome.err) == (
        2,
        "footnote: all.sqlite3 exists. Name another file, or give --overwrite.\n",
    )
    assert (tmp_path / "all.sqlite3").read_text("utf-8") == "mine"
    assert footnote("export", "--overwrite", "all.sqlite3").code == 0
    assert footnote("import", "all.sqlite3", *ELSEWHERE).code == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("news", "news is a folder. Name a file in it."),
        ("nowhere/all.sqlite3", "There is no folder "),
        (".footnote/library.sqlite3", ".footnote/library.sqlite3 lies in the index itself. Name a file"),
        ("all.json", "all.json is a name for something else. Name a file that ends in .jsonl"),
        ("-", "- is a name for something else."),
        ("half \udcff.sqlite3", "The name half"),
        ("/dev/null", "/dev/null is no file that can be written over. Name another."),
    ],
)  # fmt: skip
def test_export_is_refused_when_its_name_cannot_be_used(
    footnote: Footnote, index: Path, name: str, why: str
) -> None:
    before = content(index)
    outcome = footnote("export", "--overwrite", name)
    assert outcome.code == 2
    assert outcome.err.startswith(f"footnote: {why}")
    assert content(index) == before


def test_export_is_refused_when_a_link_leads_into_the_index(
    footnote: Footnote, index: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.sqlite3").symlink_to(index / FILE)
    outcome = footnote("export", "--overwrite", "link.sqlite3")
    assert outcome.code == 2 and "lies in the index itself" in outcome.err


def test_export_is_refused_when_there_is_no_index(footnote: Footnote, tmp_path: Path) -> None:
    outcome = footnote("export", "all.sqlite3")
    assert (outcome.code, files_in(tmp_path)) == (2, [])
    assert outcome.err.startswith("footnote: No index at .footnote.")


@pytest.mark.parametrize("name", ["all.sqlite3", "all.jsonl"])
def test_export_leaves_nothing_when_an_article_is_damaged(
    footnote: Footnote, index: Path, tmp_path: Path, name: str
) -> None:
    change(index / FILE, "UPDATE article SET title = 'Forged' WHERE id = 'riga'")
    outcome = footnote("export", name)
    assert outcome.code == 2
    assert "the article riga is not what was stored" in outcome.err
    assert files_in(tmp_path) == [".footnote", "news"]


def test_export_leaves_what_was_there_when_it_is_interrupted(index: Path, tmp_path: Path) -> None:
    (tmp_path / "all.sqlite3").write_text("mine", "utf-8")
    with pytest.raises(KeyboardInterrupt, match="checking"):
        export_library(index, tmp_path / "all.sqlite3", interrupted_at("checking"))
    assert (tmp_path / "all.sqlite3").read_text("utf-8") == "mine"
    assert files_in(tmp_path) == [".footnote", "all.sqlite3", "news"]


def test_export_is_written_while_another_writes_the_index(
    footnote: Footnote, index: Path, tmp_path: Path
) -> None:
    with writer_lock(index), closing(sqlite3.connect(index / FILE)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM article")
        assert footnote("export", "all.sqlite3").out == "3 articles in all.sqlite3\n"
        writer.rollback()
    assert footnote("import", "all.sqlite3", *ELSEWHERE).code == 0


def test_import_is_refused_when_there_is_an_index(footnote: Footnote, exported: Path, index: Path) -> None:
    before = content(index)
    outcome = footnote("import", "all.sqlite3")
    assert (outcome.code, outcome.err) == (
        2,
        "footnote: There is an index at .footnote already, or a part of one. Name another folder with "
        "--index, or move that one away.\n",
    )
    assert content(index) == before


@pytest.mark.parametrize(
    ("name", "text"), [(FILE, b"SQLite format 3\0 and then nothing"), (f"{FILE}-wal", b"last words")]
)
def test_import_is_refused_when_a_part_of_an_index_is_there(
    footnote: Footnote, exported: Path, tmp_path: Path, name: str, text: bytes
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / name).write_bytes(text)
    outcome = footnote("import", "all.sqlite3", *ELSEWHERE)
    assert outcome.code == 2
    assert "There is an index at elsewhere already, or a part of one." in outcome.err
    assert (tmp_path / "elsewhere" / name).read_bytes() == text


def test_import_goes_into_a_folder_when_only_other_things_are_there(
    footnote: Footnote, exported: Path, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere"
    (there / "vectors-7").mkdir(parents=True)
    (there / "footnote-unfinished").mkdir()
    (there / "footnote-unfinished" / FILE).write_bytes(b"half")
    (there / "conversations.sqlite3").write_bytes(b"talks")
    (there / FILE).touch()
    assert footnote("import", "all.sqlite3", *ELSEWHERE).code == 0
    assert files_in(there) == ["conversations.sqlite3", FILE, "vectors-8", "writer.lock"]
    assert (there / "conversations.sqlite3").read_bytes() == b"talks"


def test_import_is_refused_when_the_index_was_built_otherwise(
    footnote: Footnote, exported: Path, tmp_path: Path
) -> None:
    outcome = footnote("import", "all.sqlite3", *ELSEWHERE, embedder=FakeEmbedder(name="fake@2"))
    assert (outcome.code, outcome.err) == (
        2,
        "footnote: all.sqlite3 was built with other settings: embedder 'fake@1', now 'fake@2'. Set them "
        "alike, or export the articles alone with: footnote export articles.jsonl\n",
    )
    assert files_in(tmp_path / "elsewhere") == ["writer.lock"]
    assert footnote("import", "all.sqlite3", *ELSEWHERE).code == 0


def test_import_takes_the_file_of_an_index_when_nobody_uses_it(
    footnote: Footnote, index: Path, tmp_path: Path
) -> None:
    shutil.move(index, tmp_path / "old")
    assert footnote("import", f"old/{FILE}").code == 0
    assert "direct threat" in footnote("ask", QUESTION).out
    with closing(sqlite3.connect(tmp_path / "old" / FILE)) as writer:
        writer.execute("PRAGMA user_version = 99")
        outcome = footnote("import", f"old/{FILE}", *ELSEWHERE)
    assert outcome.code == 2
    assert outcome.err == (
        f"footnote: old/{FILE} belongs to an index that is in use. Export it first: footnote export FILE "
        "--index old\n"
    )


def test_import_is_refused_when_another_writes_there(
    footnote: Footnote, exported: Path, tmp_path: Path
) -> None:
    with writer_lock(tmp_path / "elsewhere"):
        outcome = footnote("import", "all.sqlite3", *ELSEWHERE)
    assert outcome.code == 2
    assert "is being written by another footnote" in outcome.err


def interrupted_at(wanted: str) -> Progress:
    """Interrupt at a step as Ctrl-C would."""

    def tell(step: str, done: int, total: int) -> None:
        if step == wanted:
            raise KeyboardInterrupt(step)

    return tell


def test_import_leaves_nothing_when_it_is_interrupted(exported: Path, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere"
    with pytest.raises(KeyboardInterrupt, match="checking"):
        import_library(exported, there, MANIFEST, interrupted_at("checking"))
    assert files_in(there) == ["writer.lock"]
    import_library(exported, there, MANIFEST, silent)
    with pytest.raises(ExportError, match="There is an index at"):
        import_library(exported, there, MANIFEST, silent)


def test_import_is_there_when_it_is_interrupted_before_its_vectors_are_arranged(
    footnote: Footnote, exported: Path, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere"
    with pytest.raises(KeyboardInterrupt, match="arranging"):
        import_library(exported, there, MANIFEST, interrupted_at("arranging"))
    assert "direct threat" in footnote("ask", QUESTION, *ELSEWHERE).out
    assert footnote("index", "news", *ELSEWHERE).code == 0
    with closing(Library.open(there, MANIFEST)) as library:
        vectors_match_library(library, FakeEmbedder())
        assert library.served() is not None


def test_index_without_articles_is_moved_too(footnote: Footnote, tmp_path: Path) -> None:
    Library.create(tmp_path / ".footnote", MANIFEST).close()
    assert footnote("export", "none.sqlite3").out == "0 articles in none.sqlite3\n"
    assert footnote("export", "none.jsonl").out == "0 articles in none.jsonl\n"
    outcome = footnote("import", "none.sqlite3", *ELSEWHERE)
    assert (outcome.code, outcome.out) == (0, "0 articles, 0 passages in elsewhere\n")


def test_index_is_moved_when_it_was_rebuilt_from_an_earlier_form(
    footnote: Footnote, news: Path, tmp_path: Path
) -> None:
    write_first_form(tmp_path / ".footnote", *read_articles([news]).articles)
    outcome = footnote("export", "all.sqlite3")
    assert outcome.code == 2 and outcome.err.endswith("Bring it up to date with: footnote index --rebuild\n")
    assert footnote("index", "--rebuild").code == 0
    assert footnote("export", "all.sqlite3").code == 0
    assert footnote("import", "all.sqlite3", *ELSEWHERE).out == "3 articles, 3 passages in elsewhere\n"


def test_names_with_other_letters_are_taken(footnote: Footnote, index: Path, tmp_path: Path) -> None:
    (tmp_path / "mån 'ad; ?#%").mkdir()
    name = "mån 'ad; ?#%/artiklar «1».sqlite3"
    assert footnote("export", name).code == 0
    assert footnote("import", name, *ELSEWHERE).code == 0
