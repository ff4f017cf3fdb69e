"""Settings come from the environment or `.env`; a wrong name or value is named."""

from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings, read_settings
from retrieval.errors import SettingError

README = Path(__file__).parents[1] / "README.md"


def test_settings_when_nothing_is_set_have_their_defaults() -> None:
    settings = read_settings()
    assert (settings.index, settings.passage_tokens, settings.quotes) == (Path(".footnote"), 256, 5)


def test_settings_when_described_say_what_each_means() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


def test_settings_when_in_the_environment_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_QUOTES", "3")
    monkeypatch.setenv("FOOTNOTE_INDEX", "/tmp/elsewhere")
    monkeypatch.setenv("OTHER_QUOTES", "7")
    assert (read_settings().quotes, read_settings().index) == (3, Path("/tmp/elsewhere"))


def test_settings_when_in_a_file_yield_to_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("FOOTNOTE_QUOTES=3\nFOOTNOTE_EVIDENCE=30\nOTHER_TOKEN=x\n")
    monkeypatch.setenv("FOOTNOTE_QUOTES", "4")
    assert (read_settings().quotes, read_settings().evidence) == (4, 30)


def test_settings_when_empty_keep_their_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_INDEX", "")
    assert read_settings().index == Path(".footnote")


def test_settings_when_changed_refuse() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().quotes = 7


def test_settings_when_name_is_unknown_suggests_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_QOUTES", "3")
    with pytest.raises(SettingError, match=r"no setting FOOTNOTE_QOUTES. Did you mean FOOTNOTE_QUOTES\?"):
        read_settings()


def test_settings_when_name_is_like_no_other_lists_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FOOTNOTE_ZZZZZZZZZZZZZZZZZZZZZ=3\n")
    with pytest.raises(SettingError, match=r"The settings are: .*FOOTNOTE_EMBEDDER, .*FOOTNOTE_QUOTES"):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PASSAGE_TOKENS", "5", "greater than or equal to 32"),
        ("PASSAGE_TOKENS", "many", "valid integer"),
        ("QUOTES", "0", "greater than or equal to 1"),
        ("EVIDENCE", "1000", "less than or equal to 100"),
    ],
)
def test_settings_when_value_is_bad_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingError, match=f"FOOTNOTE_{name} is '{value}': .*{reason}"):
        read_settings()


def test_settings_when_file_is_not_text_names_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"FOOTNOTE_QUOTES=\xff\xfe\n")
    with pytest.raises(SettingError, match=r"The file \.env cannot be read"):
        read_settings()


def test_settings_when_described_in_the_readme_are_the_ones_there_are() -> None:
    expected = [
        f"| `{PREFIX}{name.upper()}` | `{field.default}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    lines = README.read_text("utf-8").splitlines()
    found = [line for line in lines if line.startswith(f"| `{PREFIX}")]
    assert found == expected, "README.md needs this table:\n" + "\n".join(expected)
