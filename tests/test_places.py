"""Places are one thing in every language, and words that only look like places are none."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.places import contains, find_places

_SHARED = Path(__file__).parents[2] / "shared" / "data"

_NAMES = {
    "LV": "Latvia Lettonia Lettland Letland Łotwa Lettonie Latvian Latvians lettone lettoni lettisk lettiska",
    "UA": "Ukraine Ucraina Ukraina Ucrania Ukrainian ucraino ucraine ukrainsk ukrainare ukrainisch ukrainien",
    "DE": "Germany Germania Tyskland Deutschland Allemagne Alemania Duitsland Saksa Niemcy German tedeschi",
    "HU": "Hungary Ungheria Ungern Ungarn Hongrie Hungría  ungherese ungersk ungrarna hongroise",
    "NL": "Netherlands Holland Olanda Nederländerna Dutch olandesi nederländska holländarna néerlandais",
    "CH": "Switzerland Svizzera Schweiz Suisse Suiza Zwitserland Szwajcaria Swiss svizzeri schweiziska suizo",
    "DK": "Denmark Danimarca Danmark Dänemark Danemark Dinamarca Tanska Danish Danes danese danska danois",
    "FI": "Finland Finlandia Finnland Finlande Suomi finlandesi finländska finska finländare finnisch",
    "GR": "Greece Grecia Grekland Griechenland Grèce Kreikka Greek Greeks greco greche grekiska griechische",
    "TR": "Turkey Türkiye Turchia Turkiet Türkei Turquie Turkish turco turchi turkiska türkische turque",
    "CN": "China Cina Kina Chine Chiny Kiina Chinese cinesi kinesiska kineserna chinesische chinois",
    "JP": "Japan Giappone Japon Japón Japani Japanese giapponesi japanska japanerna japonais",
    "EG": "Egypt Egitto Egypten Ägypten Égypte Egipto Egyptian egiziani egyptiska egyptierna égyptien",
    "US": "USA U.S. America statunitensi americane amerikanska amerikanerna amerikanisch estadounidense",
    "GB": "UK U.K. Britain Storbritannien Großbritannien British Britons britanniche brittiska britisch",
    "CZ": "Czechia Cechia Tjeckien Tschechien Tchéquie Chequia Czech ceco cechi tjeckiska tchèque",
    "IL": "Israel Israele Israël Israeli israeliani israeliska israelisch",
    "BR": "Brazil Brasile Brasilien Brésil Brazilian brasiliani brasilianska",
    "ZA": "Sudafrica Sydafrika Südafrika sudafricani sydafrikanska sydafrikanerna",
    "MK": "Macedonia Makedonien Nordmakedonien macedoni",
    "KP": "Nordkorea nordcoreano nordcoreani nordcoreane nordkoreansk nordkoreanska nordkoreanisch",
    "KR": "Sydkorea Südkorea sudcoreano sudcoreani sydkoreansk sydkoreaner",
    "SY": "Syria Siria Syrien Syrie Syrian siriani syriska syrier",
    "LV/riga": "Riga Rīga Ryga",
    "KR/seoul": "Seoul Seul Söul Séoul",
    "CN/beijing": "Beijing Pechino Peking Pékin Pekín",
    "UA/kyiv": "Kyiv Kiev Kiew",
    "PL/warsaw": "Warsaw Varsavia Warszawa Warschau Varsovie Varsovia",
    "DK/copenhagen": "Copenhagen Köpenhamn København Kopenhagen Copenaghen Copenhague",
    "RU/moscow": "Moscow Mosca Moskva Moskau Moscou Moscú",
    "CH/geneva": "Geneva Ginevra Genève Genf Ginebra",
    "NL/the-hague": "Haag",
}

_SENTENCES = [
    ("South Korea and North Korea", ["KR", "KP"]),
    ("a North Korea-Russia alliance", ["KP", "RU"]),
    ("the US-South Korea drills of South\nKorea", ["US", "KR", "KR"]),
    ("La Corea del nord e gli Stati uniti", ["KP", "US"]),
    ("North Koreans, South Korean and Sud-coreano", ["KP", "KR", "KR"]),
    ("Sydkoreas president och Nordkoreas", ["KR", "KP"]),
    ("the president of Korea", ["KP+KR"]),
    ("Latvia's, Lettlands och Deutschlands", ["LV", "LV", "DE"]),
    ("dell'Ucraina, l\u2019Italia e d'Europa", ["UA", "IT", "150"]),
    ("LATVIA WINS, RUSSIA LOSES", ["LV", "RU"]),
    ("all'Aia, L'Aia, The Hague, Den Haag, La Haye", ["NL/the-hague"] * 5),
    ("Citta del Capo, Città del Capo, Cape Town, Kapstaden", ["ZA/cape-town"] * 4),
    ("St. Petersburg, San Pietroburgo, Saint-Pétersbourg", ["RU/saint-petersburg"] * 3),
    ("Washington, D.C. and New York", ["US/washington", "US/new-york"]),
    ("New Delhi, Nuova Delhi, Ottawa", ["IN/new-delhi", "IN/new-delhi", "CA/ottawa"]),
    ("the Republic of the Congo, DR Congo, Congo", ["CG", "CD", "CD+CG"]),
    ("Repubblica Democratica del Congo, D.R.Congo", ["CD", "CD"]),
    ("Niger and Nigeria, Nigerien and Nigerian, nigerino", ["NE", "NG", "NE", "NG", "NE"]),
    ("Dominica and the Dominican Republic, Dominicans", ["DM", "DO", "DO"]),
    ("Guinea, Guinea-Bissau, Equatorial Guinea", ["GN", "GW", "GQ"]),
    ("Papua New Guinea", ["PG"]),
    ("Sudan and South Sudan, South African, African", ["SD", "SS", "ZA", "002"]),
    ("Latin American, South American and American", ["419", "005", "US"]),
    ("gli Usa e la Ue, the EU, l'Unione europea", ["US", "EU", "EU", "EU"]),
    ("Ivory Coast, Costa d'Avorio, Côte d\u2019Ivoire", ["CI"] * 3),
    ("Burma, Czech Republic, Emirati Arabi Uniti", ["MM", "CZ", "AE"]),
    ("New Mexico, New Jersey", ["US/new-mexico", "US/new-jersey"]),
    ("In Jordan and in Chad there is war.", ["JO", "TD"]),
    ("Georgia beat Florida in Atlanta", ["US/georgia", "US/florida", "US/atlanta"]),
    ("Georgia's capital is Tbilisi", ["GE", "GE/tbilisi"]),
    ("L'Argentina e la squadra argentina", ["AR", "AR"]),
    ("El Salvador y La Paz", ["SV", "BO/la-paz"]),
    ("la zona euro, euroområdet", ["EZ", "EZ"]),
    ("På Island", ["IS"]),
    ("They met in Nice", ["FR/nice"]),
]

_TRAPS = [
    "Tell us. Let us go.",
    "Us and them",
    "TELL US MORE",
    "It cost US$ 89.",
    "Usa il telefono.",
    "He will polish the floor.",
    "They served turkey.",
    "Michael Jordan met Chad Smith.",
    "Mr. Jordan spoke.",
    "Georgia Meloni",
    "Sofia Coppola and Whitney Houston",
    "Guinea pigs and a guinea pig",
    "En Cuba libre, tack: Cuba Libre",
    "The Washington Post",
    "the South China Sea",
    "i mali del mondo",
    "Man är inte klok.",
    "Finns det ris?",
    "Nice to meet you.",
    "Soul music in suede",
    "The male Reunion",
    "Letter from home, letter by letter",
    "Premio Nobel de la Paz",
    "Island life",
    "an est, est allé",
    "Maurice et Dominique",
    "The Prince of Wales",
    "new guinea, the china cabinet",
    "retailers faring well",
    "Chili powder",
]


def _codes(text: str) -> list[str]:
    """Return the codes of the places in a text, in order."""
    return [mention.code for mention in find_places(text)]


def _articles(path: Path) -> Iterator[dict[str, list[str]]]:
    """Read a set of real text, or skip the test where it is absent."""
    if not path.exists():
        pytest.skip(f"{path} is not here: real text stays outside the project")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.parametrize("code", _NAMES)
def test_find_places_whatever_the_language(code: str) -> None:
    """Find a country under each of its names and demonyms."""
    missed = [name for name in _NAMES[code].split() if _codes(f"x {name} x") != [code]]
    assert missed == []


@pytest.mark.parametrize(("text", "codes"), _SENTENCES)
def test_find_places_in_a_sentence(text: str, codes: list[str]) -> None:
    """Find the longest names, whatever stands around them."""
    assert _codes(text) == codes


@pytest.mark.parametrize("text", _TRAPS)
def test_find_places_when_a_word_only_looks_like_one(text: str) -> None:
    """Find nothing in pronouns, first names, papers and false friends."""
    assert _codes(text) == []


@pytest.mark.parametrize(
    ("text", "demonym"),
    [("Latvia", False), ("Latvian", True), ("lettiska", True), ("Italiens", False), ("Italians", True)],
)
def test_demonym_tells_adjectives_from_names(text: str, demonym: bool) -> None:
    """Tell adjectives and inhabitants from names, genitives among them."""
    (mention,) = find_places(text)
    assert mention.demonym is demonym


def test_find_places_when_accents_are_decomposed() -> None:
    """Read accents that are letters of their own."""
    text = "Citta\u0300 del Capo, So\u0308ul"
    assert _codes(text) == ["ZA/cape-town", "KR/seoul"]


def test_find_places_keeps_the_place_in_the_text() -> None:
    """Leave out elided articles."""
    text = "Ieri l\u2019Ucraina e la Corea del Sud."
    named = [text[mention.start : mention.end] for mention in find_places(text)]
    assert named == ["Ucraina", "Corea del Sud"]


def test_find_places_when_a_paragraph_ends_between_words() -> None:
    """Join no words over the end of a paragraph."""
    assert _codes("the South\n\nKorea") == ["KP+KR"]


@pytest.mark.parametrize(
    ("place", "other"),
    [
        ("LV", "LV"),
        ("LV", "LV/riga"),
        ("150", "LV"),
        ("150", "LV/riga"),
        ("EU", "LV/riga"),
        ("EU", "EZ"),
        ("019", "US/new-york"),
        ("419", "BR"),
        ("002", "CD+CG"),
        ("KP+KR", "KP"),
        ("KP+KR", "KR/seoul"),
        ("142", "KP+KR"),
        ("middle-east", "EG"),
        ("150", "154"),
        ("GB", "GB/scotland"),
    ],
)
def test_contains_when_it_does(place: str, other: str) -> None:
    """Cover oneself, cities, and the members of regions."""
    assert contains(place, other)


@pytest.mark.parametrize(
    ("place", "other"),
    [("LV/riga", "LV"), ("LV", "150"), ("EU", "GB"), ("EU", "RU"), ("KP", "KP+KR"), ("NE", "NG")],
)
def test_contains_when_it_does_not(place: str, other: str) -> None:
    """Cover neither what is larger nor what is elsewhere."""
    assert not contains(place, other)


_COUNTRIES = """
Italia, Stati Uniti, USA, Francia, Germania, Spagna, Regno Unito, Russia, Cina, Giappone, India, Iran, Iraq,
Siria, Israele, Libia, Egitto, Turchia, Grecia, Svizzera, Austria, Belgio, Polonia, Ucraina, Brasile,
Argentina, Messico, Canada, Cuba, Australia, Sudafrica, Nigeria, Kenya, Somalia, Sudan, Afghanistan,
Pakistan, Libano, Giordania, Cile, Georgia, Croazia, Serbia, Albania, Romania, Ungheria, Svezia, Norvegia,
Danimarca, Finlandia, Irlanda, Portogallo, Olanda, Paesi Bassi, Corea del Nord, Corea del Sud, Thailandia,
Vietnam, Indonesia, Filippine, Venezuela, Colombia, Haiti, Marocco, Tunisia, Algeria, Europa, Arabia
Saudita, Nuova Zelanda, Myanmar, Kosovo, Bulgaria, Per\u00f9
"""
_PIECES = [*" ".join(_NAMES.values()).split(), *(text for text, _ in _SENTENCES), *_TRAPS]


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=12)).map(" ".join) | st.text())
def test_mentions_stand_in_the_text_in_order(text: str) -> None:
    """Keep mentions within the text, not blank, ordered and apart."""
    last = 0
    for mention in find_places(text):
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end]
        assert contains(mention.code, mention.code)
        last = mention.end


def test_find_places_in_italian_news() -> None:
    """Find the countries that people marked in real Italian news."""
    countries = {" ".join(name.split()) for name in _COUNTRIES.split(",")}
    total = found = 0
    for sentence in _articles(_SHARED / "kind_wikinews_it" / "sentences.jsonl.gz"):
        text, spans = _located(sentence["tokens"], sentence["tags"])
        mentions = find_places(text)
        for start, end in spans:
            if text[start:end] in countries:
                total += 1
                found += any(mention.start < end and start < mention.end for mention in mentions)
    assert total > 200
    assert found / total > 0.98


def _located(words: list[str], tags: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Join the words of a tagged sentence and find its runs of LOC."""
    text = ""
    spans: list[tuple[int, int]] = []
    before = ""
    for word, tag in zip(words, tags, strict=True):
        if tag == "LOC":
            start = spans.pop()[0] if before == "LOC" else len(text)
            spans.append((start, len(text) + len(word)))
        text += word if word.endswith("'") else f"{word} "
        before = tag
    return text, spans


def test_find_places_in_english_news_without_lower_case() -> None:
    """Find no lower-case place in real English news."""
    names = []
    for article in _articles(_SHARED / "meantime_en" / "articles.jsonl.gz"):
        for sentence in article["sentences"]:
            names += [sentence[mention.start : mention.end] for mention in find_places(sentence)]
    assert len(names) > 500
    assert not [name for name in names if not re.match("[A-Z]", name)]
