"""A claim that gives two names each other's part is not supported; one that says the same otherwise is."""

import pytest

from retrieval.datatypes import Article
from retrieval.roles import turns_round
from retrieval.sentences import read_article

PAIRS = [
    (
        "en",
        "North Korea gave Russia shells.",
        "Russia was given shells by North Korea.",
        "Russia gave North Korea shells.",
    ),
    ("en", "Iran was bombed by Israel in October.", "Israel bombed Iran.", "Iran bombed Israel."),
    ("en", "Rutte met Meloni in Rome.", "Meloni met Rutte in Rome.", None),
    (
        "en",
        "Rutte said that Putin attacked Ukraine.",
        "Putin attacked Ukraine, Rutte said.",
        "Ukraine attacked Putin.",
    ),
    (
        "it",
        "Israele ha attaccato il Libano.",
        "Il Libano è stato attaccato da Israele.",
        "Il Libano ha attaccato Israele.",
    ),
    ("sv", "Okafor besegrade Lind.", "Lind blev besegrad av Okafor.", "Lind besegrade Okafor."),
    (
        "sv",
        "Tyskland köpte tanks av Polen i maj.",
        "I maj köpte Tyskland tanks av Polen.",
        "Polen köpte tanks av Tyskland.",
    ),
]


@pytest.mark.parametrize(("language", "told", "same", "other"), PAIRS)
def test_turns_round_when_names_change_parts_tells_so(
    language: str, told: str, same: str, other: str | None
) -> None:
    article = Article(id="a", title="", text=told, language=language)
    (sentence,) = read_article(article, [(0, len(told))])
    assert not turns_round(same, language, sentence)
    assert other is None or turns_round(other, language, sentence)
