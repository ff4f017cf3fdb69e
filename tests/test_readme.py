"""What the README tells a newcomer to type does what it says."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path

import pytest

from bot.database import Database
from bot.evaluation.cases import CaseTurn
from bot.feedback import Feedback
from bot.history import FILE_NAME, TurnKey
from tests.conftest import Footnote
from tests.fake_chat_server import FakeChatServer
from tests.fakes import FakeEmbedder
from tests.page_samples import ENGLISH, page
from tests.small_web import gives, serve

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)
LINES = [line for language, block in BLOCKS if language == "sh" for line in block.splitlines()]
# A command may stand at the end of a line that also sets Footnote up.
COMMANDS = [
    part.strip() for line in LINES for part in line.split("&&") if part.strip().startswith("footnote ")
]
INLINE = re.findall(r"`(footnote [^`]+)`", README)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A current folder that looks like a clone."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in ("seeds", "tests/fixtures/claims"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_readme_when_searched_has_commands() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_command_when_typed_in_a_clone_succeeds(
    clone: Path, footnote: Footnote, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command)[1:]
    if "example.org" in command or words[0] == "watch":
        with small_site(monkeypatch) as base:
            words = [word.replace("https://example.org", base) for word in words]
            if words[0] == "watch":
                assert footnote("index", f"feed:{base}/news.rss", "seeds/").code == 0
            outcome = footnote(*words)
            assert outcome.code == 0, outcome.err
            return
    if words[0] in {"verify", "articles", "export", "import"} or "--rebuild" in words:
        assert footnote("index", "seeds/").code == 0
    if words[0] == "conversations":
        assert footnote("chat", "--conversation", "missiles", stdin=b"what did Rutte say?").code == 0
    if words[0] == "feedback":
        give_feedback(clone, footnote)
    if words[0] == "compare":
        for before in (line for line in COMMANDS if line.startswith("footnote evaluate ")):
            assert footnote(*shlex.split(before)[1:], "--limit", "4", "--output", run_of(before)).code == 0
    if words[0] == "import":
        assert footnote("export", words[1]).code == 0
    if words[0] == "verify":
        receipt = footnote("ask", "--json", "what did Rutte say in Latvia?").out
        (clone / words[1]).write_text(receipt, "utf-8")
    outcome = footnote(*words, stdin=b"what did Rutte say in Latvia?\n")
    assert outcome.code == 0, outcome.err
    assert outcome.out.strip()


@contextmanager
def small_site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a page and a feed that names it, and let them be fetched."""
    monkeypatch.setenv("FOOTNOTE_FETCH_PRIVATE", "1")
    monkeypatch.setenv("FOOTNOTE_FETCH_PAUSE_SECONDS", "0")
    feed = b"""<rss version="2.0"><channel><title>News</title>
    <item><title>Bridge</title><link>/news/bridge.html</link></item></channel></rss>"""
    pages = {
        "/news/bridge.html": gives(page(ENGLISH), Content_Type="text/html"),
        "/news.rss": gives(feed, Content_Type="application/rss+xml"),
    }
    with serve(pages) as sites:
        yield f"http://127.0.0.1:{sites.port}"


def give_feedback(clone: Path, footnote: Footnote) -> None:
    """Let somebody like an answer."""
    assert footnote("chat", "--conversation", "missiles", stdin=b"what did Rutte say?").code == 0
    with closing(Database.open(clone / ".footnote" / FILE_NAME)) as database:
        assert Feedback(database).give(TurnKey("missiles", 1), "ann", is_good=True)


def test_readme_when_it_starts_the_telegram_bot_does_so_as_a_test_does() -> None:
    [line] = [line for line in LINES if line.endswith(" footnote telegram")]
    name, _, token = line.split()[0].partition("=")
    # tests/test_telegram_running.py runs it with a server that knows its token.
    assert (name, ":" in token) == ("FOOTNOTE_TELEGRAM_TOKEN", True)


def run_of(command: str) -> str:
    """Name the folder that an evaluation would choose for all its cases."""
    return f"runs/claims-{'naive' if 'naive' in command else 'footnote'}"


@pytest.mark.parametrize("command", INLINE)
def test_readme_option_when_named_in_the_text_exists(footnote: Footnote, command: str) -> None:
    option = shlex.split(command)[1]
    assert option in footnote("--help").out


def test_readme_ask_when_typed_in_a_clone_says_that_these_are_samples(
    clone: Path, footnote: Footnote
) -> None:
    outcome = footnote("ask", "what did Rutte say in Latvia?")
    assert "sample" in outcome.err
    assert (clone / ".footnote").is_dir()


@pytest.mark.parametrize("has_chat_model", [False, True])
def test_readme_python_when_run_answers(
    clone: Path, footnote: Footnote, monkeypatch: pytest.MonkeyPatch, has_chat_model: bool
) -> None:
    snippet = next(block for language, block in BLOCKS if language == "python")
    assert footnote("index", "seeds/").code == 0
    # The bundled model is slow to load: the example is run as it stands, with another embedder given.
    given = snippet.replace('Path(".footnote"))', 'Path(".footnote"), FakeEmbedder())')
    printed: list[str] = []
    names = {"FakeEmbedder": FakeEmbedder, "print": lambda text, **how: printed.append(text)}
    with FakeChatServer() as server:
        if has_chat_model:
            pytest.importorskip("langchain_openai", reason="needs pip install 'footnote-bot[openai]'")
            monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "openai:fake")
            monkeypatch.setenv("FOOTNOTE_CHAT_URL", server.url)
        exec(compile(given, "README.md", "exec"), names)
    assert len(printed) > 2 if has_chat_model else len(printed) == 2
    assert all(printed)


def test_readme_case_when_evaluated_expects_articles_that_are_there(clone: Path, footnote: Footnote) -> None:
    example = next(block for language, block in BLOCKS if language == "json")
    (clone / "mine.jsonl").write_text(example.replace("\n", " "), "utf-8")
    outcome = footnote("evaluate", "mine.jsonl", "--articles", "seeds")
    assert outcome.code == 0, outcome.err
    assert outcome.out.strip()


def test_readme_table_of_cases_names_every_field() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", README.split("field of a turn")[1], flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {field.name for field in fields(CaseTurn)} <= named


def test_readme_json_when_asked_is_a_receipt(clone: Path, footnote: Footnote) -> None:
    receipt = json.loads(footnote("ask", "--json", "what did Rutte say in Latvia?").out)
    assert receipt["schema"] == 1


def test_ci_when_read_runs_the_test_command_of_the_readme() -> None:
    command = next(line for line in LINES if line.endswith("python -m pytest"))
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
