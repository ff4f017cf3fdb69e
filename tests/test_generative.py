"""With a chat model the answer is fluent, and nothing that the articles do not hold gets through."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.assembly import build_assistant
from bot.assistant import Assistant
from bot.citations import require_all_stand
from bot.datatypes import Answer, AnswerStatus, Turn
from bot.receipts import json_line, receipt_of
from bot.settings import Settings, key_of_chat_model
from retrieval.errors import SettingError
from tests.conftest import Footnote
from tests.fake_chat_server import (
    MALFORMED,
    NOT_COVERED,
    Asked,
    Behaviour,
    FakeChatServer,
    Reply,
    fails,
    honest,
    says,
)
from tests.fakes import FakeEmbedder, RecordingEmbedder

pytest.importorskip("langchain_openai", reason="needs pip install 'footnote-bot[openai]'")

KEY = "sk-very-secret-0123456789"
QUESTION = "What did Rutte say in Latvia?"
QUOTE = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."
FAITHFUL = "In Latvia, Rutte said that the missiles are a direct threat to Europe and Japan [1]."
SWEDISH = (
    "Rutte sade i Lettland att robotarna är ett direkt hot mot Europa och mot Japan, och att ministrarna "
    "lyssnade under tystnad medan ingen sade emot honom [1]."
)


@pytest.fixture
def server() -> Iterator[FakeChatServer]:
    with FakeChatServer() as fake:
        yield fake


@pytest.fixture
def assistant(index: Path, server: FakeChatServer) -> Assistant:
    return assistant_with(server.url, index)


def settings_with(url: str, seconds: float = 5) -> Settings:
    return Settings(
        chat_model="openai:fake", chat_url=url, chat_key=SecretStr(KEY), chat_timeout_seconds=seconds
    )


def assistant_with(url: str, folder: Path) -> Assistant:
    return build_assistant(settings_with(url), folder, FakeEmbedder())


def is_same(one: Answer, other: Answer) -> bool:
    return (one.text, one.status, one.citations) == (other.text, other.status, other.citations)


def quoting(text: str) -> Behaviour:
    """Reply with a text whose [1] is the number of the passage that the quote stands in."""

    def reply(asked: Asked) -> Reply:
        number = next((number for number, passage in asked.passages if QUOTE in passage), 0)
        return Reply(text=text.replace("[1]", f"[{number}]"))

    return reply


def test_answer_when_the_chat_model_is_faithful_is_its_words(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [quoting(FAITHFUL)]
    answer = assistant.answer(QUESTION)
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.text == FAITHFUL
    assert [citation.quote for citation in answer.citations] == [QUOTE]
    require_all_stand(answer.citations)
    assert (answer.written_by, answer.dropped, answer.notices) == ("openai:fake", (), ())
    assert list(answer.seconds) == ["understand", "search", "chat_model", "write", "total"]
    assert answer.confidence == 1


def test_answer_when_the_chat_model_quotes_is_checked_to_the_letter(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [honest]
    answer = assistant.answer(QUESTION)
    assert answer.written_by
    assert answer.citations[0].quote in answer.text


def test_answer_when_a_number_is_invented_drops_the_number(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [quoting(FAITHFUL.replace("[1]", "[1][77]"))]
    answer = assistant.answer(QUESTION)
    assert answer.text == FAITHFUL
    assert "[77]" in {dropped.text for dropped in answer.dropped}
    assert answer.notices == ()


def test_answer_when_a_claim_is_invented_drops_it_and_says_so(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [quoting(f"{FAITHFUL} He resigned on Friday after 3 scandals [1].")]
    answer = assistant.answer(QUESTION)
    assert answer.text == FAITHFUL
    assert [dropped.text for dropped in answer.dropped] == ["He resigned on Friday after 3 scandals."]
    assert answer.notices == ("Sentences of the chat model that the articles do not support, left out: 1.",)
    receipt = json.loads(json_line(receipt_of(answer, {})))
    assert receipt["dropped"][0]["why"]
    assert (receipt["written_by"], receipt["notices"]) == ("openai:fake", [*answer.notices])


def test_answer_when_a_quotation_is_altered_is_not_shown_as_one(
    assistant: Assistant, server: FakeChatServer
) -> None:
    altered = "Rutte said in Latvia that the missiles are no threat at all to Europe."
    server.script = [quoting(f"“{altered}” [1]")]
    answer = assistant.answer(QUESTION)
    assert altered not in answer.text
    assert answer.written_by is None
    assert answer.notices == (
        "Nothing that the chat model wrote stands in the articles, so it was left out.",
    )


def test_answer_when_the_passages_do_not_answer_shows_the_nearest(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [NOT_COVERED]
    parts = list(assistant.stream("Who won the chess cup?"))
    (answer,) = parts  # the agreed word is for us, not for a person
    assert isinstance(answer, Answer)
    assert answer.status is AnswerStatus.NOT_COVERED
    assert answer.text.startswith("The articles do not answer this")
    assert answer.nearest
    assert answer.confidence == 0


DOWN: list[tuple[Behaviour, str]] = [
    (fails(401, KEY), "refused the key"),
    (fails(404), "There is no chat model"),
    (fails(429, Retry_After="3600"), "Try again later"),
    (MALFORMED, "replied nothing"),
    (says(FAITHFUL, cut_after=30), "connection broke"),
    (says("word " * 200_000), "was stopped"),
    (says(SWEDISH), "replied twice in another language"),
]


@pytest.mark.parametrize(("behaviour", "why"), DOWN)
def test_answer_when_the_chat_model_is_down_quotes_and_says_why(
    index: Path, server: FakeChatServer, behaviour: Behaviour, why: str
) -> None:
    server.script = [behaviour]
    embedder = RecordingEmbedder(FakeEmbedder())
    answer = build_assistant(settings_with(server.url), index, embedder).answer(QUESTION)
    asked_for = [text for batch in embedder.batches for text in batch].count(QUESTION)
    alone = RecordingEmbedder(FakeEmbedder())
    expected = build_assistant(Settings(), index, alone).answer(QUESTION)
    assert is_same(answer, expected)
    assert asked_for == [text for batch in alone.batches for text in batch].count(QUESTION)
    assert answer.written_by is None
    (notice,) = answer.notices
    assert notice.startswith("Quoted from the articles, without the chat model: ")
    assert why in notice
    assert KEY not in json_line(receipt_of(answer, {}))


def test_answer_when_the_language_is_wrong_asks_once_more(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [says(SWEDISH), quoting(FAITHFUL)]
    parts = list(assistant.stream(QUESTION))
    assert (
        "".join(part for part in parts if isinstance(part, str))
        == FAITHFUL.replace("[1]", f"[{server.asked[1].passages[0][0]}]")
        or parts[:-1]
    )
    assert isinstance(parts[-1], Answer)
    assert parts[-1].text == FAITHFUL
    assert "Write in English" in server.asked[1].told


def test_stream_when_the_chat_model_writes_gives_its_words_first(
    assistant: Assistant, server: FakeChatServer
) -> None:
    long = f"{FAITHFUL} The ministers listened in silence, and nobody contradicted him [1]."
    server.script = [quoting(long)]
    *pieces, answer = assistant.stream(QUESTION)
    assert len(pieces) > 2
    assert "".join(str(piece) for piece in pieces).startswith("In Latvia, Rutte said")
    assert isinstance(answer, Answer)
    assert answer.written_by


def test_stream_when_the_reply_begins_with_reasoning_does_not_show_it(
    assistant: Assistant, server: FakeChatServer
) -> None:
    server.script = [quoting(f"<think>The person asks about Rutte.</think>{FAITHFUL}")]
    answer = assistant.answer(QUESTION)
    assert answer.text == FAITHFUL


def rewriting(rewritten: str) -> Behaviour:
    return lambda asked: Reply(text=rewritten) if asked.is_rewrite else honest(asked)


@pytest.fixture
def first(assistant: Assistant, server: FakeChatServer) -> Turn:
    server.script = [honest]
    return Turn(QUESTION, assistant.answer(QUESTION))


def test_follow_up_when_the_chat_model_rewrites_it_is_understood_so(
    assistant: Assistant, server: FakeChatServer, first: Turn
) -> None:
    server.script = [rewriting("And what did Rutte say in Rome?")]
    answer = assistant.answer("And what did he say in Rome?", (first,))
    assert answer.understood_as == "And what did Rutte say in Rome?"
    assert assistant.find("And what did he say in Rome?", (first,)).query.text == answer.understood_as


@pytest.mark.parametrize(
    "rewritten",
    [
        "",
        "NOT_COVERED",
        "Sure! Here is the question:\nWhat did Rutte say in Rome?",
        "The question that was asked last: And what did Rutte say in Rome?",
        "Rutte said in Rome that the missiles are a threat [1].",
        "Rutte spoke in Rome.",
        "What did Berlusconi say in Rome?",
        "Which bank is the best of all?",
        "What did Rutte say in Rome? " + "And why? " * 100,
    ],
)
def test_follow_up_when_the_rewrite_is_unusable_is_understood_the_embedded_way(
    index: Path, assistant: Assistant, server: FakeChatServer, first: Turn, rewritten: str
) -> None:
    server.script = [rewriting(rewritten)]
    answer = assistant.answer("And what did he say in Rome?", (first,))
    alone = build_assistant(Settings(), index, FakeEmbedder())
    assert answer.understood_as == alone.answer("And what did he say in Rome?", (first,)).understood_as
    assert answer.notices == ()


def test_follow_up_when_the_chat_model_is_down_asks_it_once(
    assistant: Assistant, server: FakeChatServer, first: Turn
) -> None:
    server.script = [fails(401)]
    before = len(server.asked)
    answer = assistant.answer("And what did he say in Rome?", (first,))
    assert len(server.asked) == before + 1
    assert len(answer.notices) == 1
    assert "Rutte" in answer.understood_as


def test_follow_up_when_only_a_greeting_went_before_is_not_rewritten(
    assistant: Assistant, server: FakeChatServer
) -> None:
    hello = Turn("hello", assistant.answer("hello"))
    server.script = [honest]
    answer = assistant.answer(QUESTION, (hello,))
    assert answer.understood_as == QUESTION
    assert [asked.is_rewrite for asked in server.asked] == [False]
    assert hello.answer.text not in server.asked[0].told


def test_ask_when_the_chat_model_is_set_prints_only_what_stands(
    footnote: Footnote, index: Path, server: FakeChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "openai:fake")
    monkeypatch.setenv("FOOTNOTE_CHAT_URL", server.url)
    monkeypatch.setenv("FOOTNOTE_CHAT_KEY", KEY)
    server.script = [quoting(f"{FAITHFUL} He resigned on Friday [1].")]
    outcome = footnote("ask", QUESTION)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith(FAITHFUL)
    assert "resigned" not in outcome.out
    assert "left out: 1." in outcome.out
    receipt = json.loads(footnote("ask", "--json", QUESTION).out)
    assert receipt["written_by"] == "openai:fake"
    assert KEY not in outcome.out + outcome.err + json.dumps(receipt)


def test_ask_when_the_key_is_missing_names_the_variable(
    footnote: Footnote, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "openai:gpt-5")
    outcome = footnote("ask", QUESTION)
    assert outcome.code == 2
    assert "Put it into FOOTNOTE_CHAT_KEY or OPENAI_API_KEY." in outcome.err


def test_key_when_only_the_providers_variable_is_set_is_taken_from_it_or_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    settings = Settings(chat_model="anthropic:claude")
    with pytest.raises(SettingError, match="FOOTNOTE_CHAT_KEY or ANTHROPIC_API_KEY"):
        key_of_chat_model(settings)
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=from-the-file\n")
    assert key_of_chat_model(settings) == SecretStr("from-the-file")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "from-the-environment")
    assert key_of_chat_model(settings) == SecretStr("from-the-environment")


def test_key_when_the_server_is_another_is_not_the_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    key = key_of_chat_model(Settings(chat_model="openai:fake", chat_url="http://127.0.0.1:9/v1"))
    assert key is not None
    assert key.get_secret_value() != KEY
    assert key_of_chat_model(Settings(chat_model="ollama:llama3")) is None


def test_evaluate_when_a_chat_model_is_set_records_it_without_its_key(
    footnote: Footnote,
    index: Path,
    server: FakeChatServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "openai:fake")
    monkeypatch.setenv("FOOTNOTE_CHAT_URL", server.url)
    monkeypatch.setenv("FOOTNOTE_CHAT_KEY", KEY)
    server.script = [quoting(FAITHFUL)]
    case = {"id": "riga", "kind": "said", "language": "en", "turns": [
        {"question": QUESTION, "facts": ["direct threat to Europe"], "articles": ["riga"]}]}  # fmt: skip
    (tmp_path / "mine.jsonl").write_text(json.dumps(case) + "\n", "utf-8")
    outcome = footnote("evaluate", "mine.jsonl", "--output", "run")
    assert outcome.code == 0, outcome.err
    measures = json.loads(Path("run", "measures.json").read_text("utf-8"))
    assert measures["run"]["settings"]["chat_model"] == "openai:fake"
    assert "chat_key" not in measures["run"]["settings"]
    assert measures["measures"]["all"]["right"]["value"] == 1.0
    for path in Path("run").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    assert footnote("verify", "run/answers.jsonl").code == 0
