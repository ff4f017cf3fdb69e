"""How the bot runs: what it logs, what it tells its keeper, and how it is started and stopped."""

import json
import logging
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from bot.telegram_app.start import log_to_stderr
from retrieval.errors import SettingError
from tests.conftest import Footnote
from tests.small_index import make_index
from tests.telegram_world import ScriptedAnswers, World, launched

QUESTION = "what did Rutte say in Latvia?"


@dataclass(frozen=True, slots=True)
class Run:
    """What a process of `footnote telegram` left behind that answered, lost Telegram and was told to stop."""

    code: int
    out: str
    err: str
    token: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    with World(make_index(tmp_path_factory.mktemp("index"))) as world:
        with launched(world.telegram, world.index) as process:
            assert "a direct threat" in world.alice.ask(QUESTION).text
            with world.telegram.gone():
                world.alice.says("are you there?")
            world.alice.chat.wait_for_replies(2, timeout_seconds=30)
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=40)
        return Run(process.returncode, out, err, world.telegram.token)


def test_process_that_is_told_to_stop_ends_well(run: Run) -> None:
    assert run.code == 0 and run.out == ""
    assert "@footnote_bot answers; updates from before: 0" in run.err
    assert "stopping: answers in hand are finished" in run.err
    assert "Traceback" not in run.err


def test_process_logs_chat_outcome_and_seconds(run: Run) -> None:
    assert "chat 1000001: answered in 0." in run.err


def test_process_logs_no_question_and_no_token(run: Run) -> None:
    assert "Rutte" not in run.err and "are you there" not in run.err
    assert run.token not in run.err and "TEST" not in run.err


def test_questions_are_logged_when_the_setting_says_so(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "footnote.telegram")
    with World(index) as world, world.running(ScriptedAnswers(), telegram_log_questions=True):
        world.alice.ask("a secret question?")
    assert "'a secret question?'" in caplog.text


def test_error_inside_is_told_with_its_number_and_logged_without_the_question(
    index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers = ScriptedAnswers(raises={"secret": RuntimeError("out of order")})
    with caplog.at_level(logging.INFO), World(index) as world, world.running(answers):
        told = world.alice.ask("a secret question?")
        assert world.alice.ask("another?").text == "1: another?"
    assert told.text.startswith("That went wrong on my side and has been noted as error ")
    number = told.text.partition(" error ")[2][:8]
    assert f"error {number}" in caplog.text and "secret" not in caplog.text


def test_token_that_is_not_set_is_asked_for(index: Path, footnote: Footnote) -> None:
    outcome = footnote("telegram")
    assert outcome.code == 2
    assert outcome.err.replace("\n", " ").startswith("footnote: Telegram needs the token of a bot.")
    assert "FOOTNOTE_TELEGRAM_TOKEN" in outcome.err


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Undo what the command does to the logging of this process."""
    root, level = logging.getLogger(), logging.getLogger("telegram").level
    handlers, root_level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(root_level)
    logging.getLogger("telegram").setLevel(level)


def test_last_words_of_the_library_are_logged_without_the_messages_in_them(
    logging_as_before: None, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr("123456:TEST")
    try:
        raise ValueError("a secret question")
    except ValueError:
        logging.getLogger("telegram.ext").critical("Cannot read %r.", ["a secret question"], exc_info=True)
    logging.getLogger("footnote.telegram").info("the token is %s", "123456:TEST")
    told = capsys.readouterr().err
    assert "CRITICAL Cannot read %r." in told and "secret" not in told
    assert "the token is …" in told


@pytest.mark.parametrize("token", ["123456:WRONG", "nonsense"])
def test_token_that_telegram_does_not_know_is_told_without_showing_it(
    index: Path, footnote: Footnote, monkeypatch: pytest.MonkeyPatch, logging_as_before: None, token: str
) -> None:
    with World(index) as world:
        monkeypatch.setenv("FOOTNOTE_TELEGRAM_TOKEN", token)
        monkeypatch.setenv("FOOTNOTE_TELEGRAM_URL", world.telegram.url)
        outcome = footnote("telegram")
    assert outcome.code == 2 and token not in outcome.err
    [told] = outcome.err.splitlines()
    assert "Telegram does not know the token in FOOTNOTE_TELEGRAM_TOKEN." in told


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_webhook_is_delivered_to_and_refuses_who_does_not_know_the_secret(index: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    settings = {"telegram_webhook_url": url, "telegram_webhook_port": port}
    with World(index) as world, world.running(ScriptedAnswers(), **settings):
        assert world.alice.ask("one?").text == "1: one?"
        assert set(world.telegram.webhook_statuses) <= {0, 200}
        body = json.dumps({"update_id": 9, "message": {}}).encode()
        for secret in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
            with pytest.raises(HTTPError, match="403") as refused:
                urlopen(Request(url, body, {"Content-Type": "application/json", **secret}), timeout=5)
            refused.value.close()
        assert world.alice.ask("two?").text == "2: two?"


def test_webhook_and_polling_follow_each_other(index: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    with World(index) as world:
        with world.running(ScriptedAnswers(), telegram_webhook_url=url, telegram_webhook_port=port):
            world.alice.ask("one?")
        world.alice.says("two?")
        with world.running(ScriptedAnswers()):
            assert world.alice.chat.wait_for_replies(2)[1].text == "2: two?"


def test_health_and_metrics_tell_that_it_runs_and_nothing_of_what_is_asked(index: Path) -> None:
    port = free_port()
    with World(index) as world, world.running(telegram_monitor_port=port):
        world.alice.ask(QUESTION)
        world.alice.ask("what did Stoltenberg say about Brazil?")
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as reply:
            assert json.load(reply)["status"] == "ok"
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
            metrics = reply.read().decode()
    assert 'footnote_questions_total{outcome="answered"} 1.0' in metrics
    assert 'footnote_questions_total{outcome="not_covered"} 1.0' in metrics
    assert "footnote_telegram_messages_sent_total 2.0" in metrics
    assert "Rutte" not in metrics and "Stoltenberg" not in metrics


def test_port_that_is_taken_is_told_in_a_sentence(index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            World(index) as world,
            pytest.raises(SettingError, match="The monitor cannot listen on"),
            world.running(ScriptedAnswers(), telegram_monitor_port=port) as bot,
        ):
            bot.wait()
