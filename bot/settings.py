"""Every setting, its one default and what it means; the only reader of the environment."""

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from retrieval.embedding import BUNDLED_MODEL
from retrieval.errors import SettingError

PREFIX = "FOOTNOTE_"
_ENV_FILE = ".env"
# Where the providers' own tools look for a key; a provider that is not named here may need none.
_KEY_VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


def _numbers(value: object) -> object:
    return re.split(r"[,;\s]+", value.strip(", ;")) if isinstance(value, str) else value


# Written as 12345, -100678.
Numbers = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_numbers)]


class Settings(BaseSettings):
    """What can be set through the environment or a file `.env` in the current folder."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    index: Path = Field(default=Path(".footnote"), description="Folder of the index; `--index` overrides it")
    history: SecretStr | None = Field(
        default=None,
        description="Database of the conversations, as a URL of SQLite or PostgreSQL; "
        "None is `conversations.sqlite3` in the folder of the index",
    )
    embedder: str = Field(
        default=BUNDLED_MODEL,
        min_length=1,
        description="Embedding model: the bundled one, or a sentence-transformers model by name or folder",
    )
    runtime: Literal["onnx", "torch"] = Field(
        default="onnx",
        description="What runs the bundled model: `onnx`, ready at once, or `torch`, the reference",
    )
    cache: Path | None = Field(
        default=None,
        description="Folder in which the bundled model is kept as prepared for ONNX Runtime; "
        "None is the system's folder for such files",
    )
    reader: Literal["trained", "rules"] = Field(
        default="trained",
        description="What looks for an answer where rules and similarity find none: `trained`, the model "
        "that was trained to read, or nothing but `rules`",
    )
    passage_tokens: int = Field(default=256, ge=32, le=2048, description="Longest passage, in tokens")
    question_characters: int = Field(
        default=2000, ge=100, le=20_000, description="Longest question that is taken, in characters"
    )
    evidence: int = Field(
        default=20, ge=10, le=100, description="Passages that are read to answer a question"
    )
    quotes: int = Field(default=5, ge=1, le=20, description="Most quotations in an answer")
    quoted_characters: int = Field(
        default=900,
        ge=200,
        le=10_000,
        description="Most characters quoted in an answer, all quotations together",
    )
    fetch_private: bool = Field(
        default=False,
        description="Whether pages and feeds on this machine and in private networks may be fetched",
    )
    fetch_contact: str | None = Field(
        default=None,
        pattern=r"^[\x21-\x7e]+$",
        max_length=200,
        description="Address or mailbox that sites are told, so that they can reach who runs this",
    )
    fetch_pause_seconds: float = Field(
        default=1,
        ge=0,
        le=600,
        description="Shortest pause between two requests to a site; its robots.txt may ask for more",
    )
    fetch_megabytes: int = Field(
        default=32, ge=1, le=500, description="Largest page, feed or file that is fetched, decompressed"
    )
    watch_minutes: float = Field(
        default=15,
        ge=0.1,
        le=10_080,
        description="Shortest pause between two readings of a feed, a page or a folder by `footnote watch`",
    )
    chat_model: str | None = Field(
        default=None,
        pattern="^[a-z0-9_]+:.+",
        description="Chat model that writes answers, as `openai:NAME`, `anthropic:NAME` or `ollama:NAME`; "
        "None quotes the articles only",
    )
    chat_url: str | None = Field(
        default=None, description="Address of a server that is used instead of the chat model's provider"
    )
    chat_key: SecretStr | None = Field(
        default=None, description="Key of the chat model; None takes its provider's variable"
    )
    chat_timeout_seconds: float = Field(
        default=60, ge=1, le=3600, description="Longest wait for a whole reply, second attempts included"
    )
    chat_max_tokens: int = Field(
        default=6000,
        ge=1000,
        le=1_000_000,
        description="Most tokens that the chat model is told at a time: its window less 500 for its reply",
    )
    telegram_token: SecretStr | None = Field(
        default=None, description="Token of the Telegram bot, from BotFather"
    )
    telegram_users: Numbers = Field(
        default=(),
        description="Numbers of the people who may ask in Telegram; with none here and in the next, all",
    )
    telegram_chats: Numbers = Field(default=(), description="Numbers of the chats in which everybody may ask")
    telegram_editors: Numbers = Field(
        default=(), description="Numbers of the people who may add articles in Telegram; none turns it off"
    )
    telegram_questions_a_minute: int = Field(
        default=10,
        ge=1,
        le=600,
        description="Questions that one person may ask at once in Telegram, and then a minute",
    )
    telegram_answers_at_once: int = Field(
        default=2, ge=1, le=64, description="Answers in Telegram that are worked on at a time; the rest wait"
    )
    telegram_waiting: int = Field(
        default=500,
        ge=1,
        le=100_000,
        description="Most questions in Telegram that wait; more are asked to come back",
    )
    telegram_age_hours: float = Field(
        default=24,
        ge=0,
        le=24 * 14,
        description="Oldest message that is answered after the bot was down, in hours",
    )
    telegram_url: str = Field(
        default="https://api.telegram.org", pattern="^https?://", description="Address of the Bot API server"
    )
    telegram_webhook_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Address at which Telegram delivers; None asks Telegram instead",
    )
    telegram_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Word that Telegram has to show at the webhook; None makes one at each start",
    )
    telegram_webhook_host: str = Field(default="127.0.0.1", description="Host that the webhook listens on")
    telegram_webhook_port: int = Field(
        default=8443, ge=1, le=65535, description="Port that the webhook listens on"
    )
    telegram_monitor_host: str = Field(
        default="127.0.0.1", description="Host of `/health` and `/metrics` of the Telegram bot"
    )
    telegram_monitor_port: int | None = Field(
        default=None, ge=1, le=65535, description="Port of `/health` and `/metrics`; None turns them off"
    )
    telegram_log_questions: bool = Field(
        default=False, description="Whether what people ask in Telegram is written to the log"
    )


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingError: A name is unknown or a value cannot be used.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    try:
        given = {*os.environ, *dotenv_values(_ENV_FILE)}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"The file {_ENV_FILE} cannot be read ({error}). Mend or remove it.") from error
    for name in sorted(given):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            bare = {setting.removeprefix(PREFIX) for setting in known}
            near = get_close_matches(name.upper().removeprefix(PREFIX), bare, n=1)
            every = ", ".join(sorted(known))
            hint = f"Did you mean {PREFIX}{near[0]}?" if near else f"The settings are: {every}."
            raise SettingError(f"There is no setting {name}. {hint}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise SettingError(f"{name} is {first['input']!r}: {first['msg'].lower()}. Change it.") from error


def key_of_chat_model(settings: Settings) -> SecretStr | None:
    """Find the key of the chat model: the setting, else its provider's variable.

    A server with an address of its own never gets the provider's key.

    Raises:
        SettingError: The provider wants a key and there is none.
    """
    provider = (settings.chat_model or "").partition(":")[0]
    variable = _KEY_VARIABLES.get(provider)
    if settings.chat_key or not variable:
        return settings.chat_key
    if settings.chat_url:
        return SecretStr("none")
    key = os.environ.get(variable) or dotenv_values(_ENV_FILE).get(variable)
    if not key:
        raise SettingError(
            f"The chat model {settings.chat_model} needs a key. Put it into FOOTNOTE_CHAT_KEY or {variable}."
        )
    return SecretStr(key)
