"""A question says what kind of answer it wants, of whom, where, and about what."""

import pytest

from retrieval.query import Kind, Query, understand
from retrieval.wording import Word


def texts(some: tuple[Word, ...]) -> list[str]:
    return [word.text for word in some]


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("How many ferries sank in the storm?", "en", Kind.QUANTITY),
        ("What is the number of ferries in the harbour?", "en", Kind.QUANTITY),
        ("ferries in the harbour number", "en", Kind.QUANTITY),
        ("How long did the strike last?", "en", Kind.DURATION),
        ("How many days did the strike last?", "en", Kind.DURATION),
        ("When did the bridge open?", "en", Kind.TIME),
        ("Tell me when the ferry leaves", "en", Kind.TIME),
        ("Where does the tram end?", "en", Kind.PLACE),
        ("Which city hosts the festival?", "en", Kind.PLACE),
        ("Who designed the tram?", "en", Kind.PERSON),
        ("Why did the harbour close?", "en", Kind.REASON),
        ("What did Okafor say?", "en", Kind.STATEMENT),
        ("Is it true that the bridge opened when the ferry sank?", "en", Kind.OTHER),
        ("Did anybody count how many ferries sank?", "en", Kind.OTHER),
        ("harbour fees", "en", Kind.OTHER),
        ("Quanti traghetti sono affondati?", "it", Kind.QUANTITY),
        ("Per quanto tempo è durato lo sciopero?", "it", Kind.DURATION),
        ("Quando ha aperto il ponte?", "it", Kind.TIME),
        ("In quale città si tiene il festival?", "it", Kind.PLACE),
        ("Chi ha progettato il tram?", "it", Kind.PERSON),
        ("Perché il porto è chiuso?", "it", Kind.REASON),
        ("Perche il porto e chiuso?", "it", Kind.REASON),
        ("Cosa ha detto Bianchi?", "it", Kind.STATEMENT),
        ("Hur många färjor sjönk?", "sv", Kind.QUANTITY),
        ("Hur länge varade strejken?", "sv", Kind.DURATION),
        ("När öppnade bron?", "sv", Kind.TIME),
        ("Vilken stad har festivalen?", "sv", Kind.PLACE),
        ("Vem ritade spårvagnen?", "sv", Kind.PERSON),
        ("Varför stängde hamnen?", "sv", Kind.REASON),
        ("Vad sade Lindqvist?", "sv", Kind.STATEMENT),
        ("Mitä Virtanen sanoi?", "fi", Kind.OTHER),
    ],
)
def test_kind_when_question_is_asked(question: str, language: str, kind: Kind) -> None:
    assert understand(question, language).kind is kind


@pytest.mark.parametrize(
    ("question", "language", "speaker"),
    [
        ("What did Amara Okafor say about the harbour?", "en", ["Amara", "Okafor"]),
        ("What did the harbour master say about fees?", "en", ["harbour", "master"]),
        ("what did okafor say about the harbour", "en", ["okafor"]),
        ("According to Okafor, how many ferries sank?", "en", ["Okafor"]),
        ("What was said by Okafor about fees?", "en", ["Okafor"]),
        ("Cosa ha detto Bianchi del porto?", "it", ["Bianchi"]),
        ("Cosa ha detto il ministro dei trasporti sulle tariffe?", "it", ["ministro", "trasporti"]),
        ("Secondo Bianchi, quanti traghetti sono affondati?", "it", ["Bianchi"]),
        ("Vad sade Lindqvist om hamnen?", "sv", ["Lindqvist"]),
        ("Enligt Lindqvist, hur många färjor sjönk?", "sv", ["Lindqvist"]),
        ("Who said the harbour is safe?", "en", []),
        ("Which senator said the harbour is safe?", "en", []),
        ("Chi ha detto che il porto è sicuro?", "it", []),
        ("What did Okafor and Lind talk about?", "en", []),
        ("What do the articles say about ferry fees?", "en", []),
        ("How many ferries sank off Lima?", "en", []),
    ],
)
def test_speaker_when_question_asks_for_somebodys_words(
    question: str, language: str, speaker: list[str]
) -> None:
    assert texts(understand(question, language).speaker) == speaker


@pytest.mark.parametrize(
    ("question", "language", "setting", "about"),
    [
        ("What did Okafor say in Athens?", "en", ("GR/athens",), []),
        ("what did okafor say in greece", "en", ("GR",), []),
        ("What did Okafor say in the Greek capital?", "en", ("GR",), []),
        ("What did Okafor say on his visit to Greece about fees?", "en", ("GR",), []),
        ("What did Okafor say in Peru and Chile?", "en", ("PE", "CL"), []),
        ("What did Okafor say about Greece?", "en", (), ["GR"]),
        ("What did Okafor say about Chile in Peru?", "en", ("PE",), ["CL"]),
        ("What did Okafor say about Greek ferries?", "en", (), ["GR"]),
        ("Cosa ha detto Bianchi in Grecia?", "it", ("GR",), []),
        ("Cosa ha detto Bianchi sulla Grecia?", "it", (), ["GR"]),
        ("Vad sade Lindqvist i Grekland?", "sv", ("GR",), []),
        ("Vad sade Lindqvist om Grekland?", "sv", (), ["GR"]),
        ("Did Okafor visit Greece?", "en", ("GR",), []),
        ("What did Okafor say in Greek?", "en", (), ["GR"]),
    ],
)
def test_setting_when_place_is_where_and_not_what_about(
    question: str, language: str, setting: tuple[str, ...], about: list[str]
) -> None:
    query = understand(question, language)
    assert query.setting == setting
    assert [code for code, _ in query.places] == about


@pytest.mark.parametrize(
    ("question", "language", "topic"),
    [
        ("What did Amara Okafor say in Lima about harbour fees?", "en", ["harbour", "fees"]),
        ("What did Okafor say on his visit to Greece about fees?", "en", ["fees"]),
        ("What do the articles say about ferry fees?", "en", ["ferry", "fees"]),
        ("Cosa ha detto Bianchi in Grecia sulle tariffe?", "it", ["tariffe"]),
        ("Vad sade Lindqvist i Grekland om avgifterna?", "sv", ["avgifterna"]),
        ("Which fees does the US levy on us?", "en", ["fees", "US", "levy"]),
    ],
)
def test_topic_when_speaker_and_setting_are_taken_out(question: str, language: str, topic: list[str]) -> None:
    assert texts(understand(question, language).topic) == topic


@pytest.mark.parametrize(
    ("question", "language", "counted"),
    [
        ("How many old ferries were lost off Greece?", "en", ["old", "ferries"]),
        ("What is the number of ferries in the harbour?", "en", ["ferries"]),
        ("Quanti traghetti sono affondati?", "it", ["traghetti"]),
        ("Hur många färjor har sjunkit?", "sv", ["färjor"]),
        ("When did ferries sink?", "en", []),
    ],
)
def test_counted_when_a_quantity_is_asked(question: str, language: str, counted: list[str]) -> None:
    assert texts(understand(question, language).counted) == counted


@pytest.mark.parametrize(
    "question",
    ['Who used the words "safe as houses"?', "Who said “safe as houses”?", "Chi disse «safe as houses»?"],
)
def test_phrases_when_quoted_are_kept_whole(question: str) -> None:
    assert understand(question, "en").phrases == ("safe as houses",)


def test_focus_when_asked_names_all_content_in_order() -> None:
    query = understand("What did the harbour master say in Lima about fees?", "en")
    assert query.focus == "harbour master Lima fees"


def test_understand_when_text_is_empty_finds_nothing() -> None:
    assert understand("", "en") == Query(text="", language="en", kind=Kind.OTHER)


@pytest.mark.parametrize(
    ("question", "language", "speaker"),
    [
        ("According to the Baltic Courier, what did Rutte say?", "en", ["Rutte"]),
        ("what did Rutte say according to AP?", "en", ["Rutte"]),
        ("secondo l'ANSA, che cosa ha detto Rutte?", "it", ["Rutte"]),
        ("Vad sade Rutte enligt SVT?", "sv", ["Rutte"]),
        ("According to Rutte, what will happen?", "en", ["Rutte"]),
    ],
    ids=["en first", "en last", "it", "sv", "speaker himself"],
)
def test_understand_when_an_outlet_tells_what_somebody_said_asks_for_their_words(
    question: str, language: str, speaker: list[str]
) -> None:
    query = understand(question, language, is_told_by_outlet=True)
    assert [word.text for word in query.speaker] == speaker
    assert not {"Courier", "AP", "SVT", "enligt"} & {word.text for word in query.topic}
