"""Where a text says who says what: the places of source, cue and content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.passages import Span
from retrieval.speech import find_speech
from retrieval.wording import known_languages


def parts(text: str, language: str = "en") -> list[tuple[str, str, str]]:
    """The words of the source, the cue and the content of each attribution; pieces are parted by " | "."""

    def cut(spans: tuple[Span, ...]) -> str:
        return " | ".join(text[start:end] for start, end in spans)

    return [(cut(one.source), cut(one.cue), cut(one.content)) for one in find_speech(text, language)]


def test_find_speech_when_a_sentence_reports_has_places_of_the_text() -> None:
    (found,) = find_speech("It rained.\nAmara Okafor said the ferry is safe.", "en")
    assert found.source == ((11, 23),)
    assert found.cue == ((24, 28),)
    assert found.content == ((29, 46),)


def test_find_speech_when_the_cue_stands_in_the_middle_tears_content_in_two() -> None:
    text = "“The ferry,” Okafor told reporters in Lima, “is safe.”"
    (found,) = find_speech(text, "en")
    assert found.source == ((13, 19),)
    assert found.cue == ((20, 24),)
    assert found.content == ((0, 12), (44, 54))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "“The ferry is safe,” said Amara Okafor, the harbour master.",
            ("Amara Okafor, the harbour master", "said", "“The ferry is safe,”"),
        ),
        (
            '"The ferry is safe," Harbour Master Amara Okafor has also said.',
            ("Harbour Master Amara Okafor", "has also said", '"The ferry is safe,"'),
        ),
        (
            "“It rained,” said Amara Okafor, 52, a teacher from Lima who was on board.",
            ("Amara Okafor, 52, a teacher from Lima who was on board", "said", "“It rained,”"),
        ),
        ("The ferry, she said, is safe.", ("she", "said", "The ferry | is safe")),
        ("The ferry is safe, Okafor said.", ("Okafor", "said", "The ferry is safe")),
        ("The ferry is safe, said Okafor.", ("Okafor", "said", "The ferry is safe")),
        (
            "According to the harbour office, the ferry is safe.",
            ("the harbour office", "According to", "the ferry is safe"),
        ),
        (
            "The ferry is safe, according to the harbour office.",
            ("the harbour office", "according to", "The ferry is safe"),
        ),
        (
            "The mayor of Lima (Chile) said that it rained.",
            ("The mayor of Lima (Chile)", "said", "that it rained"),
        ),
        (
            "Amara Okafor, the harbour master, said on Monday that it rained.",
            ("Amara Okafor, the harbour master,", "said", "that it rained"),
        ),
        ("She told the BBC on Monday that Lind is wrong.", ("She", "told", "that Lind is wrong")),
        ("Okafor called for new fees.", ("Okafor", "called for", "new fees")),
        ("Okafor declined to say how it sank.", ("Okafor", "declined to say", "how it sank")),
        ("The crew was expected to leave.", ("", "was expected", "The crew | to leave")),
        ("“Is it safe?” Okafor asked.", ("Okafor", "asked", "“Is it safe?”")),
        ("Amara Okafor: “The ferry is safe.”", ("Amara Okafor", ":", "“The ferry is safe.”")),
        ("As the crowd left, “It is safe,” said Okafor.", ("Okafor", "said", "“It is safe,”")),
        ("''It is safe,'' Okafor said.", ("Okafor", "said", "''It is safe,''")),
        ("Okafor Says The Ferry Was Never Safe.", ("Okafor", "Says", "The Ferry Was Never Safe")),
    ],
)
def test_find_speech_when_english_gives_each_part_whole(text: str, expected: tuple[str, str, str]) -> None:
    assert parts(text) == [expected]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "Carla Bianchi ha detto che il traghetto è sicuro.",
            "it",
            ("Carla Bianchi", "ha detto", "che il traghetto è sicuro"),
        ),
        (
            "«Il traghetto è sicuro», dice la ministra Carla Bianchi.",
            "it",
            ("la ministra Carla Bianchi", "dice", "«Il traghetto è sicuro»"),
        ),
        (
            "Secondo Carla Bianchi, il traghetto è sicuro.",
            "it",
            ("Carla Bianchi", "Secondo", "il traghetto è sicuro"),
        ),
        (
            "Ha detto che il traghetto è sicuro.",
            "it",
            ("", "Ha detto", "che il traghetto è sicuro"),
        ),
        (
            "Maja Lindqvist sade att färjan är säker.",
            "sv",
            ("Maja Lindqvist", "sade", "att färjan är säker"),
        ),
        (
            "”Färjan är säker”, säger Maja Lindqvist.",
            "sv",
            ("Maja Lindqvist", "säger", "”Färjan är säker”"),
        ),
        (
            "Enligt Maja Lindqvist är färjan säker.",
            "sv",
            ("Maja Lindqvist", "Enligt", "är färjan säker"),
        ),
        (
            "På måndagen sade Maja Lindqvist att färjan är säker.",
            "sv",
            ("Maja Lindqvist", "sade", "att färjan är säker"),
        ),
        (
            "Il traghetto è sicuro, ha ammesso la ministra Carla Bianchi in aula.",
            "it",
            ("la ministra Carla Bianchi", "ha ammesso", "Il traghetto è sicuro"),
        ),
        (
            "Färjan är säker, sade Maja Lindqvist till reportrar.",
            "sv",
            ("Maja Lindqvist", "sade", "Färjan är säker"),
        ),
    ],
)
def test_find_speech_when_italian_or_swedish_gives_each_part_whole(
    text: str, language: str, expected: tuple[str, str, str]
) -> None:
    assert parts(text, language) == [expected]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "Amara Okafor praised the crew, adding that the ferry is safe.",
            "en",
            [("Amara Okafor", "praised", "the crew"), ("Amara Okafor", "adding", "that the ferry is safe")],
        ),
        (
            "Okafor said it rained, but Lind said it snowed.",
            "en",
            [("Okafor", "said", "it rained"), ("Lind", "said", "it snowed")],
        ),
        (
            "Okafor said Lind believes it rained.",
            "en",
            [("Okafor", "said", "Lind believes it rained"), ("Lind", "believes", "it rained")],
        ),
        (
            "Il sindaco ha annunciato nuove tariffe, aggiungendo che il porto è chiuso.",
            "it",
            [
                ("Il sindaco", "ha annunciato", "nuove tariffe"),
                ("Il sindaco", "aggiungendo", "che il porto è chiuso"),
            ],
        ),
    ],
)
def test_find_speech_when_a_sentence_has_two_cues_finds_both(
    text: str, language: str, expected: list[tuple[str, str, str]]
) -> None:
    assert parts(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "content"),
    [
        (
            "“It rained,” said Okafor. “It snowed. It was cold.”",
            "en",
            "“It rained,” | “It snowed. It was cold.”",
        ),
        ("“It rained. It was cold,” she said. It snowed too.", "en", "“It rained. It was cold,”"),
        ("Okafor said:\n\n“It rained.”", "en", "“It rained.”"),
        ("«È sicuro», ha detto Bianchi. «È controllato.»", "it", "«È sicuro» | «È controllato.»"),
        ("”Det regnade”, sade Lind. ”Det snöade.”", "sv", "”Det regnade” | ”Det snöade.”"),
    ],
)
def test_find_speech_when_a_quotation_goes_on_takes_it_in(text: str, language: str, content: str) -> None:
    assert [one[2] for one in parts(text, language)] == [content]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The report of Amara Okafor has ninety pages.", "en"),
        ("The claim is old, the reported loss small and the so-called report long.", "en"),
        ("The ferry sank off Lima on Monday.", "en"),
        ("Il secondo traghetto è affondato lunedì.", "it"),
        ("Färjan sjönk i måndags.", "sv"),
        ("Virtanen sanoi niin.", "fi"),
    ],
)
def test_find_speech_when_nobody_speaks_finds_nothing(text: str, language: str) -> None:
    assert parts(text, language) == []


_PIECES = [
    *[
        "said",
        "adding",
        "that",
        "according to",
        "was told",
        "by",
        "ha detto",
        "che",
        "enligt",
        "and",
        "Monday",
    ],
    *["Okafor", "he", "s", "’", "“", "”", '"', "''", ",", ".", ":", "?", "\n", "(", ")", "—", " "],
]


@given(st.lists(st.sampled_from(_PIECES), max_size=30), st.sampled_from(known_languages()))
def test_find_speech_when_text_is_broken_has_places_within_it(pieces: list[str], language: str) -> None:
    text = " ".join(pieces)
    for one in find_speech(text, language):
        assert len(one.cue) == 1
        assert one.content
        for start, end in (*one.source, *one.cue, *one.content):
            assert 0 <= start < end <= len(text)
            assert text[start:end].strip()
