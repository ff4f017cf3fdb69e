"""Any file, folder, pattern or stream becomes articles, or a sentence that says why not."""

import io
import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import Reading, distinct_ids, read_articles
from retrieval.datatypes import Article
from retrieval.errors import ArticleError
from retrieval.wording import detect_language

SHARED = Path(__file__).parents[2] / "shared"
HEADLINE = "Ministers agree on a new budget for the coming year"
STORY = "The ministers met in Riga on Thursday and agreed on a new budget for the coming year."
MORE = "Opponents said that the plan was too costly, and that they would vote against it in May."
SWEDISH = "Statsministern sade på torsdagen att regeringen är överens om en ny budget för nästa år."


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def only(reading: Reading) -> Article:
    assert reading.problems == ()
    (article,) = reading.articles
    return article


def piped(text: str | bytes) -> Reading:
    return read_articles(["-"], stdin=io.BytesIO(text.encode() if isinstance(text, str) else text))


def test_read_articles_when_text_has_headline_and_dateline(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"budget.txt": f"{HEADLINE}\n\nPublished: 7 November 2024\n\n{STORY}\n\n{MORE}\n\nRead More"},
    )
    article = only(read_articles([tmp_path]))
    assert (article.id, article.title, article.published) == ("budget", HEADLINE, "2024-11-07")
    assert (article.language, article.publisher, article.path) == ("en", None, str(tmp_path / "budget.txt"))
    assert article.text == f"Published: 7 November 2024\n\n{STORY}\n\n{MORE}"


def test_read_articles_when_first_line_is_a_sentence() -> None:
    article = only(piped(f"{STORY[:-1]} and of the one after that.\n{MORE}"))
    assert article.title == f"{STORY[:-1]} and…"
    assert len(article.title) <= 90 and article.text.startswith("The ministers met")
    assert (article.id, article.path, article.published) == ("stdin", None, None)


def test_read_articles_when_first_line_goes_on_in_the_next() -> None:
    assert only(
        piped(f"The ministers met in Riga on Thursday and\nagreed on a budget.\n{MORE}")
    ).text.startswith("The")


def test_read_articles_when_markdown_has_front_matter(tmp_path: Path) -> None:
    front = "title: 'NATO: a budget'\nsource: Reuters\nauthors: [Jane Doe, John Roe]\nlang: en-GB\nmood: x"
    body = (
        f"# {HEADLINE}\n\n**Riga** [ministers](https://x.org/a_(b)) _met_.\n\n* one\n* two\n\n![x](y.png)\n"
    )
    dates = "date: 2024-11-07\nupdated: 2024-11-08 10:00:00+01:00"
    write(tmp_path, {"a.md": f"---\n{front}\n{dates}\n---\n{body}> {MORE}"})
    reading = read_articles([tmp_path / "a.md"])
    article = only(reading)
    assert (article.title, article.publisher, article.author) == (
        "NATO: a budget",
        "Reuters",
        "Jane Doe, John Roe",
    )
    assert (article.published, article.modified) == ("2024-11-07", "2024-11-08T10:00:00+01:00")
    assert (article.language, reading.unknown_fields) == ("en", {"mood": 1})
    assert article.text == f"{HEADLINE}\n\nRiga ministers met.\n\n- one\n- two\n\n{MORE}"


def test_read_articles_when_json_holds_objects(tmp_path: Path) -> None:
    objects = [
        {
            "id": 7,
            "title": HEADLINE,
            "body": STORY,
            "source": "AP",
            "published_at": "2023-11-27 08:45:59.000000000Z",
        },
        {
            "id": "7",
            "content": f"{HEADLINE}\n{STORY}",
            "date": 1730966400,
            "url": "https://x.org",
            "tags": [],
        },
        {"id": "x", "title": "No text"},
        "not an object",
    ]
    write(tmp_path, {"a.json": json.dumps(objects), "b.json": json.dumps({"text": MORE, "date": "some day"})})
    reading = read_articles([tmp_path])
    assert [article.id for article in reading.articles] == ["7", "7#2", "b"]
    assert [article.title for article in reading.articles] == [HEADLINE, HEADLINE, MORE]
    assert [article.published for article in reading.articles] == [
        "2023-11-27T08:45:59+00:00",
        "2024-11-07T08:00:00+00:00",
        None,
    ]
    assert len(reading.problems) == 2 and "object 3 has no text" in reading.problems[0]
    assert "object 4 is not an object" in reading.problems[1]
    assert len(reading.warnings) == 1 and "some day" in reading.warnings[0]
    assert reading.failed_paths == {str(tmp_path / "a.json")}


def test_read_articles_when_a_json_line_is_broken(tmp_path: Path) -> None:
    lines = [json.dumps({"id": "a", "text": STORY}), "{broken", "", json.dumps({"id": "b", "text": MORE})]
    write(tmp_path, {"a.jsonl": "\ufeff" + "\r\n".join(lines)})
    reading = read_articles([tmp_path])
    assert [article.id for article in reading.articles] == ["a", "b"]
    assert len(reading.problems) == 1 and "line 2 is not JSON" in reading.problems[0]


def test_read_articles_when_stream_is_json_lines() -> None:
    reading = piped("\n" + "\n".join(json.dumps({"id": str(number), "text": STORY}) for number in range(900)))
    assert [article.id for article in reading.articles] == [str(number) for number in range(900)]


@pytest.mark.parametrize(
    ("name", "content", "reason", "is_failure"),
    [
        ("empty.txt", b"", "empty", False),
        ("blank.txt", b" \n\n***\n", "empty", False),
        ("binary.txt", b"\x89PNG\r\n\x00\x01\x02" * 50, "binary", True),
        ("a.json", b"{oops", "line 1 is not JSON", True),
        ("a.md", b"---\ntitle: [x\n---\nText", "front matter is broken", True),
        ("b.md", b"---\ntitle: x\nText without end", "no closing ---", True),
        ("c.md", b"---\ndate: 2024-13-45\n---\nText", "front matter is broken", True),
        ("deep.json", b"[" * 100_000, "not JSON", True),
    ],
)
def test_read_articles_when_one_file_cannot_be_read(
    tmp_path: Path, name: str, content: bytes, reason: str, is_failure: bool
) -> None:
    write(tmp_path, {name: content, "good.txt": STORY})
    reading = read_articles([tmp_path])
    assert [article.id for article in reading.articles] == ["good"]
    assert len(reading.problems) == 1 and reason in reading.problems[0] and name in reading.problems[0]
    assert reading.failed_paths == ({str(tmp_path / name)} if is_failure else set())


def test_read_articles_when_files_cannot_be_opened(tmp_path: Path) -> None:
    write(tmp_path, {"good.txt": STORY})
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.txt")
    reading = read_articles([tmp_path])
    assert len(reading.articles) == 1 and len(reading.problems) == 2
    assert reading.failed_paths == {str(tmp_path / "gone.txt"), str(tmp_path / "pipe.txt")}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_read_articles_when_permission_is_missing(tmp_path: Path) -> None:
    write(tmp_path, {"good.txt": STORY, "shut.txt": STORY, "closed/a.txt": STORY})
    (tmp_path / "shut.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    reading = read_articles([tmp_path])
    (tmp_path / "closed").chmod(0o700)
    assert len(reading.articles) == 1 and len(reading.problems) == 2
    assert not reading.covers(str(tmp_path / "closed/a.txt"))


def test_read_articles_when_file_is_too_large(tmp_path: Path) -> None:
    with open(tmp_path / "big.txt", "wb") as stream:
        stream.truncate(200_000_000)
    assert "larger than 50 MB" in read_articles([tmp_path]).problems[0]


def test_read_articles_when_folders_are_linked_in_a_circle(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a/one.txt": STORY, "a/b/two.txt": MORE, ".git/no.txt": STORY, "a/.no.txt": STORY, "a/no.png": "x"},
    )
    (tmp_path / "a/b/loop").symlink_to(tmp_path / "a")
    (tmp_path / "a/again.txt").symlink_to(tmp_path / "a/one.txt")
    assert [article.id for article in read_articles([tmp_path]).articles] == ["two", "one"]


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("nothing.txt", "No file or folder"),
        ("empty", "No article in"),
        ("*.md", "Nothing matches"),
        ("a\0b", "No file"),
    ],
)
def test_read_articles_when_there_is_nothing(tmp_path: Path, name: str, match: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArticleError, match=match):
        read_articles([f"{tmp_path}/{name}"])
    with pytest.raises(ArticleError, match="Nothing to read"):
        read_articles([])


def test_read_articles_when_pattern_is_given(tmp_path: Path) -> None:
    write(tmp_path, {"news/a.md": STORY, "news/x/y/b.md": MORE, "news/c.txt": STORY, "news/d.log": STORY})
    deep = read_articles([f"{tmp_path}/news/**/*.md"])
    assert sorted(article.id for article in deep.articles) == ["a", "b"]
    assert deep.covers(f"{tmp_path}/news/z/new.md") and not deep.covers(f"{tmp_path}/news/c.txt")
    flat = read_articles([f"{tmp_path}/news/*"])
    assert sorted(article.id for article in flat.articles) == ["a", "c"]
    assert flat.covers(f"{tmp_path}/news/gone.txt") and not flat.covers(f"{tmp_path}/news/x/y/b.md")
    assert only(read_articles([f"{tmp_path}/news/*.log"])).id == "d"


def test_covers_when_files_and_folders_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.txt": STORY, "b.txt": STORY, "c.text": STORY})
    reading = read_articles([tmp_path / "a", tmp_path / "b.txt", tmp_path / "c.text"])
    assert len(reading.articles) == 3
    covered = ["a/gone/y.txt", "b.txt", "c.text"]
    assert all(reading.covers(str(tmp_path / name)) for name in covered)
    assert not any(
        reading.covers(str(tmp_path / name)) for name in ["ab/x.txt", "d.txt", "a/x.png", "a/.x.txt"]
    )


def test_progress_counts_files(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": STORY, "b.txt": MORE})
    seen: list[tuple[int, int]] = []
    read_articles([tmp_path, "-"], stdin=io.BytesIO(STORY.encode()), progress=lambda *step: seen.append(step))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("files", "ids"),
    [
        (["world/budget.txt", "business/budget.txt"], {"world/budget", "business/budget"}),
        (["world/budget.txt", "world/budget.md"], {"world/budget.txt", "world/budget.md"}),
        (["a/x/budget.txt", "b/x/budget.txt"], {"a/x/budget", "b/x/budget"}),
        (
            ["a/budget.txt", "a/budget.md", "b/budget.md", "b/c.md"],
            {"a/budget.txt", "a/budget.md", "b/budget", "c"},
        ),
    ],
)
def test_ids_when_files_share_a_name(tmp_path: Path, files: list[str], ids: set[str]) -> None:
    write(tmp_path, dict.fromkeys(files, STORY))
    assert {article.id for article in read_articles([tmp_path]).articles} == ids


def article(identifier: str, path: str | None) -> Article:
    return Article(id=identifier, title="x", text="x", path=path)


def test_distinct_ids_when_ids_are_taken() -> None:
    taken = {"budget": "/n/world/budget.txt", "stdin": ""}
    newcomers = [article("budget", "/n/business/budget.txt"), article("budget", "/n/world/budget.txt")]
    assert [item.id for item in distinct_ids(newcomers, taken)] == ["business/budget", "budget"]
    renamed = [article("world/budget", "/n/world/budget.txt"), article("stdin", None)]
    assert [item.id for item in distinct_ids(renamed, taken)] == ["budget", "stdin"]
    objects = [article("1", "/n/a.json"), article("1", "/n/b.json"), article("1", "/n/b.json")]
    assert [item.id for item in distinct_ids(objects, {})] == ["n/a.json/1", "n/b.json/1", "1#2"]


@pytest.mark.timeout(60)
def test_distinct_ids_when_very_many_share_one() -> None:
    """So many take minutes where each is held against all others."""
    count = 20_000
    folders = [article("story", f"/news/{number}/story.txt") for number in range(count)]
    one_file = [article("all", "/news/all.jsonl") for _ in range(count)]
    named = distinct_ids([*folders, *one_file], {})
    assert [one.id for one in named[:2]] == ["0/story", "1/story"]
    assert [one.id for one in named[count : count + 2]] == ["all", "all#2"]
    taken = {one.id: one.path or "" for one in named}
    assert distinct_ids([*folders, *one_file], taken) == named


NAMES = st.sampled_from(["a", "b", "a/b", "a#2", "n/a", "x" * 200])
PATHS = st.sampled_from(["/n/a.txt", "/n/a.md", "/m/a.txt", "/n/m/a.json", "/a.txt", None])


@given(
    st.lists(st.builds(article, NAMES, PATHS), max_size=12),
    st.dictionaries(NAMES, PATHS.map(lambda path: path or "")),
)
def test_distinct_ids_are_distinct(articles: list[Article], taken: dict[str, str]) -> None:
    renamed = distinct_ids(articles, taken)
    assert len({item.id for item in renamed}) == len(articles)
    assert all(taken.get(item.id, item.path or "") == (item.path or "") for item in renamed)
    assert all(1 <= len(item.id) <= 200 for item in renamed)


@pytest.mark.parametrize(
    ("text", "code"), [(STORY, "en"), (SWEDISH, "sv"), ("NATO", None), ("", None), ("1 2 3 " * 30, None)]
)
def test_detect_language(text: str, code: str | None) -> None:
    assert detect_language(text) == code


def test_read_articles_when_markdown_has_only_a_heading(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": f"# {HEADLINE}\n\n{STORY}"})
    article = only(read_articles([tmp_path]))
    assert (article.title, article.text) == (HEADLINE, STORY)


def test_ids_are_cleaned() -> None:
    reading = piped(json.dumps({"id": "a\u0000\u200b\n b" + "x" * 300, "text": STORY}))
    assert only(reading).id == ("a b" + "x" * 300)[:200]
    assert only(piped(json.dumps({"id": "\u0007", "text": STORY}))).id == "stdin"


@given(st.binary(max_size=300))
def test_read_articles_of_any_bytes(data: bytes) -> None:
    for item in piped(data).articles:
        assert item.text.strip() and item.title.strip() and item.digest
        assert item.text == unicodedata.normalize("NFC", item.text)


def test_read_articles_of_the_seeds() -> None:
    folder = SHARED / "seeds"
    if not folder.exists():
        pytest.skip(f"{folder} is not here: the sample articles stay outside the project")
    reading = read_articles([folder])
    assert len(reading.articles) == 5 and not reading.problems
    assert [item.language for item in reading.articles] == ["en", "it", "en", "en", "en"]
    assert [item.published for item in reading.articles] == [None] * 5
    assert reading.articles[1].title == "Pressioni su Pechino per dissuadere Pyongyang dall’aiutare la Russia"
