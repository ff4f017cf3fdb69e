"""Who says what in a sentence, by rules of grammar."""

import pytest

from retrieval.attribution import Attribution, attribute
from retrieval.passages import split_sentences


def attributions(text: str, language: str) -> list[Attribution | None]:
    return attribute(text, split_sentences(text), language)


def sources(text: str, language: str) -> list[set[str]]:
    """The words of each sentence's source; an empty set where nobody speaks."""
    return [set(found.source) if found else set() for found in attributions(text, language)]


OKAFOR, LIND = {"amara", "okafor"}, {"tomas", "lind"}


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Amara Okafor said the ferry is safe.", OKAFOR),
        ("Amara Okafor praised the crew, adding that the ferry is safe.", OKAFOR),
        ("“The ferry is safe,” said Amara Okafor.", OKAFOR),
        ("“The ferry is safe,” Amara Okafor told reporters in Lima.", OKAFOR),
        ("According to Amara Okafor, the ferry is safe.", OKAFOR),
        ("The ferry is safe, according to Amara Okafor.", OKAFOR),
        ("Amara Okafor: “The ferry is safe.”", OKAFOR),
        ("Amara Okafor warned that Tomas Lind is wrong.", OKAFOR),
        ("After a meeting with Tomas Lind, Amara Okafor said the ferry is safe.", OKAFOR),
        ("Amara Okafor, in a letter to Tomas Lind, said the ferry is safe.", OKAFOR),
        ("Tomas Lind, who met Amara Okafor on Friday, said the fees are fair.", LIND),
        ("The ministry announced new fees.", {"ministry"}),
        ("Tomas Lind was criticised by Amara Okafor.", OKAFOR),
        ("The ferry is safe when it floats, said Amara Okafor.", OKAFOR),
        ("Amara Okafor, 52, showed no reaction.", OKAFOR),
        ("The harbour master, Amara Okafor, had proposed a tax.", {"harbour", "master", *OKAFOR}),
        ("“It floats,” said the harbour master, Amara Okafor.", {"harbour", "master", *OKAFOR}),
        ("Amara Okafor, the harbour master: “The ferry is safe.”", {"harbour", "master", *OKAFOR}),
        ("Amara Okafor, a baker who had asked for a ferry, left.", {"baker", *OKAFOR}),
        ("Days after the storm the ministry said the ferry is safe.", {"ministry"}),
        ("Amara Okafor and Tomas Lind say the ferry is safe.", OKAFOR | LIND),
        ("A spokesman for Amara Okafor said the ferry is safe.", {"spokesman", *OKAFOR}),
        ("The ferry line (FL) said the ferry is safe.", {"ferry", "line", "fl"}),
    ],
)
def test_attribute_when_english_names_who_speaks(text: str, source: set[str]) -> None:
    assert sources(text, "en") == [source]


@pytest.mark.parametrize(
    ("text", "language", "source"),
    [
        ("Carla Bianchi ha detto che il traghetto è sicuro.", "it", {"carla", "bianchi"}),
        ("«Il traghetto è sicuro» dice Carla Bianchi.", "it", {"carla", "bianchi"}),
        ("Il traghetto, ha detto Carla Bianchi, è sicuro.", "it", {"carla", "bianchi"}),
        ("Il traghetto è sicuro, come ha detto Carla Bianchi.", "it", {"carla", "bianchi"}),
        ("Secondo Carla Bianchi, il traghetto è sicuro.", "it", {"carla", "bianchi"}),
        ("Maja Lindqvist sade att färjan är säker.", "sv", {"maja", "lindqvist"}),
        ("”Färjan är säker”, säger Maja Lindqvist.", "sv", {"maja", "lindqvist"}),
        ("Enligt Maja Lindqvist är färjan säker.", "sv", {"maja", "lindqvist"}),
        ("Maja Lindqvist uppmanar Lima att köpa färjan.", "sv", {"maja", "lindqvist"}),
        ("I Lima sade Maja Lindqvist att färjan är säker.", "sv", {"maja", "lindqvist"}),
        ("Färjan är säker, menade Maja Lindqvist.", "sv", {"maja", "lindqvist"}),
        ("Enligt den senaste rapporten är färjan säker.", "sv", {"senaste", "rapporten"}),
    ],
)
def test_attribute_when_italian_or_swedish_names_who_speaks(
    text: str, language: str, source: set[str]
) -> None:
    assert sources(text, language) == [source]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ferry was described as safe.", "en"),
        ("The crew were told to stay on board.", "en"),
        ("Amara Okafor was told to stay on board.", "en"),
        ("The ferry is expected to sail on Monday.", "en"),
        ("Others say the ferry is safe.", "en"),
        ("The ferry sank off Lima on Monday.", "en"),
        ("The report of Amara Okafor has ninety pages.", "en"),
        ("The report is long and the claim is old.", "en"),
        ("Il traghetto è stato descritto da molti come sicuro.", "it"),
        ("Il traghetto è affondato lunedì.", "it"),
        ("Färjan sjönk i måndags.", "sv"),
    ],
)
def test_attribute_when_nobody_speaks_finds_no_source(text: str, language: str) -> None:
    assert sources(text, language) == [set()]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Amara Okafor met Tomas Lind in Lima. She said the ferry is safe.", "en", [set(), OKAFOR]),
        ("Amara Okafor said it rained. Tomas Lind said it snowed. He said it was cold.", "en",
         [OKAFOR, LIND, LIND]),
        ("Amara Okafor said it rained. It was cold. She added that it snowed.", "en",
         [OKAFOR, set(), OKAFOR]),
        ("“It rained,” said Amara Okafor. “It snowed too.”", "en", [OKAFOR, OKAFOR]),
        ("“It rained,” said Amara Okafor. It snowed too.", "en", [OKAFOR, set()]),
        ("“It rained. It snowed,” said Amara Okafor.", "en", [OKAFOR, OKAFOR]),
        ("Amara Okafor left. The ministers said it rained. They said it snowed. She said it was cold.", "en",
         [set(), {"ministers"}, {"ministers"}, OKAFOR]),
        ("Amara Okafor came by tram. Okafor said the ferry is safe.", "en", [set(), OKAFOR]),
        ("Carla Bianchi è arrivata a Lima. Ha detto che il traghetto è sicuro.", "it",
         [set(), {"carla", "bianchi"}]),
        ("Maja Lindqvist kom till Lima. Hon sade att färjan är säker.", "sv",
         [set(), {"maja", "lindqvist"}]),
    ],
)  # fmt: skip
def test_attribute_when_sentences_follow_each_other(
    text: str, language: str, expected: list[set[str]]
) -> None:
    assert sources(text, language) == expected


def test_attribute_when_surname_is_shared_by_title_completes_the_name() -> None:
    text = "Harbour Master Amara Okafor arrived. Then Okafor said the ferry is safe."
    assert sources(text, "en")[1] == {"harbour", "master", "amara", "okafor"}


@pytest.mark.parametrize(
    ("text", "framed", "said"),
    [
        ("Amara Okafor said in Lima that the ferry to Chile is safe.", "Lima", "Chile"),
        ("“The ferry to Chile is safe,” Amara Okafor told reporters in Lima.", "Lima", "Chile"),
        ("Amara Okafor said Chile is near.", "Okafor", "Chile"),
        ("In Lima, Amara Okafor warned that Chile is near.", "Lima", "Chile"),
        ("Chile is near, said Amara Okafor in Lima.", "Lima", "Chile"),
        ("In Lima Amara Okafor said it rains, adding that Chile is near.", "Lima", "Chile"),
    ],
)
def test_frame_when_words_are_reported_leaves_them_out(text: str, framed: str, said: str) -> None:
    (found,) = attributions(text, "en")
    assert found is not None
    frame = " ".join(text[start:end] for start, end in found.frame)
    assert framed in frame
    assert said not in frame


def test_frame_when_a_quotation_goes_on_is_empty() -> None:
    text = "“It rained,” said Amara Okafor. “It snowed in Chile.”"
    assert [found and found.frame for found in attributions(text, "en")][1] == ()


def test_frame_when_sentence_is_not_the_first_has_places_of_the_article() -> None:
    text = "It rained. Amara Okafor said that it snowed."
    found = attributions(text, "en")[1]
    assert found is not None
    assert [text[start:end] for start, end in found.frame] == ["Amara Okafor said "]


def test_attribute_when_language_is_unknown_finds_nobody_but_gives_every_sentence() -> None:
    assert sources("Virtanen sanoi niin. Satoi lunta.", "fi") == [set(), set()]
