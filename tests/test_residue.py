"""Residue goes, the story stays; cleaning is idempotent and adds no word."""

import gzip
import json
import re
import unicodedata
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.characters import mend
from retrieval.residue import clean_text, is_headline

SHARED = Path(__file__).parents[2] / "shared"
STORY = "The ministers met in Riga on Thursday and agreed on a new budget for the coming year."
MORE = "Opponents said that the plan was too costly, and that they would vote against it in May."

RESIDUE = [
    "Read More",
    "READ MORE »",
    "Related News :",
    "Läs artikel",
    "Läs mer om kriget i Ukraina",
    "Leggi anche",
    "Leggi anche: Il governo prepara la manovra",
    "Leggi tutto l'articolo",
    "Click here to subscribe",
    "Share this on Facebook Twitter",
    "Sign up for our newsletter",
    "Sign up for our newsletter.",
    "Iscriviti alla nostra newsletter",
    "Prenumerera på vårt nyhetsbrev",
    "Jetzt den Newsletter abonnieren",
    "Lesen Sie auch: Was der Kanzler plant",
    "Lire aussi",
    "Lire la suite de l'article",
    "Lea también",
    "Lees ook: Kabinet valt over begroting",
    "Lees het hele artikel",
    "Suscríbete a nuestro boletín",
    "Abonnez-vous à notre newsletter",
    "Dela artikeln på Facebook",
    "Följ oss på Facebook",
    "Follow us on Twitter",
    "Follow Jane Doe on Twitter",
    "Download the app",
    "Continue reading",
    "Facebook Twitter WhatsApp",
    "Share Tweet Email 23 comments",
    "23 comments",
    "5 min read",
    "Home > World > Europe",
    "News | Sport | Weather",
    "-",
    "***",
    "•",
    "— — —",
    "Advertisement",
    "ADVERTISEMENT - Story continues below",
    "Story continues below",
    "Annons",
    "Pubblicità",
    "Anzeige",
    "L'articolo continua dopo la pubblicità",
    "You may also like",
    "Most read",
    "Mest läst",
    "Potrebbe interessarti anche",
    "WATCH: How the bridge fell",
    "— UNITED24 Media (@United24media) November 7, 2024",
    "📹: NATO News pic.twitter.com/GTu1O5fih5",
]

PROSE = [
    "Read the minister's letter and you will see why the talks failed.",
    "Share prices fell on Facebook and Twitter after the report.",
    "Facebook and Twitter",
    "Follow the money, prosecutors like to say.",
    "“Read more,” she told the pupils.",
    "Cookies are baked in Ghent every winter.",
    "Advertising",
    "Sources close to the minister confirmed the plan.",
    "At a Glance",
    "- 23 of 32 NATO members now meet the target",
    "Lies continue to echo",
    "“Un problema globale”",
    "Implications for US-NATO Relations and Future Cooperation",
    "Il segretario di Stato americano Antony Blinken. (Saul Loeb/Archivi Associated Press)",
    "Fireball / Enhanced Fireball / Greater Fireball",
    "Published: 7 November 2024",
    "[…]",
    "20 minutes",
    "Now, it may be.",
    "Also of interest: Who will come out in second or third.",
]


@pytest.mark.parametrize("line", RESIDUE)
@pytest.mark.parametrize("place", ["inside", "end"])
def test_clean_text_when_line_is_residue(line: str, place: str) -> None:
    text = f"{STORY}\n\n{line}\n\n{MORE}" if place == "inside" else f"{STORY}\n\n{MORE}\n\n{line}"
    assert clean_text(text) == f"{STORY}\n\n{MORE}"


@pytest.mark.parametrize("line", PROSE)
def test_clean_text_when_line_is_story(line: str) -> None:
    text = f"{STORY}\n\n{line}\n\n{MORE}"
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "call", ["Läs artikel", "Read More", "Leggi tutto", "Continue reading", "Share this on Facebook"]
)
def test_clean_text_when_call_is_glued_to_last_sentence(call: str) -> None:
    assert clean_text(f"{STORY}\n{MORE} {call}") == f"{STORY}\n{MORE}"
    assert clean_text(f"{STORY}\n{MORE[:-1]},” he added. {call}") == f"{STORY}\n{MORE[:-1]},” he added."


@pytest.mark.parametrize("heading", ["Sources", "References:", "Fonti", "Källor", "Quellen", "Bronnen"])
def test_clean_text_when_list_of_sources_ends_the_text(heading: str) -> None:
    text = f"{STORY}\n{heading}\n1. NATO chief says ties are a threat\n2. Rutte’s message to Trump"
    assert clean_text(text) == STORY


def test_clean_text_when_sources_head_a_paragraph() -> None:
    text = f"{STORY}\nSources\n{MORE}"
    assert clean_text(text) == text


def test_clean_text_when_copyright_and_related_titles_end_the_text() -> None:
    end = "Related articles\nBudget talks collapse\nOpposition grows\n© 2024 The Daily. All rights reserved."
    assert clean_text(f"{STORY}\n{MORE}\n{end}") == f"{STORY}\n{MORE}"


def test_clean_text_when_menu_stands_one_item_a_line() -> None:
    menu = "Home\nNews\nSport\nWeather\nMore"
    headline = "Ministers agree on a new budget for the coming year"
    assert clean_text(f"{menu}\n{headline}\n{STORY}") == f"{headline}\n{STORY}"
    assert clean_text(f"{STORY}\n{MORE}\nFacebook\nTwitter\nWhatsApp") == f"{STORY}\n{MORE}"


def test_clean_text_when_masthead_stands_over_headline() -> None:
    headline = "Pressioni su Pechino per dissuadere Pyongyang dall’aiutare la Russia"
    assert clean_text(f"DayFR Italian\n\n{headline}\n\n-\n\n{STORY}") == f"{headline}\n\n{STORY}"
    assert clean_text(f"Stocks tumble\n\n{STORY}\n{MORE}") == f"Stocks tumble\n\n{STORY}\n{MORE}"


def test_clean_text_when_lines_have_fixed_width() -> None:
    text = "He said that he had first seen the pictures of the flood on\nFacebook Twitter\nand in the papers."
    assert clean_text(text) == text


def test_mend_when_characters_are_odd() -> None:
    raw = "a\u00a0b\u2009c\u2003d  e\t f \r\ng\rso\u00adft ze\u200bro \ufeffcafe\u0301 "
    raw += "\x00\x07\ud800end\n\n\n\n“x” – y"
    assert mend(raw) == "a b c d e f\ng\nsoft zero café end\n\n“x” – y"


def test_mend_when_entities_stand_in_text() -> None:
    assert (
        mend("Marks &amp; Spencer&nbsp;&#8217;s &quot;plan&quot; AT&T &unknown;")
        == 'Marks & Spencer ’s "plan" AT&T &unknown;'
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NATO and the EU are persuading China", True),
        ("Will it rain in Riga?", True),
        ("Talks fail in the U.S.", True),
        ("The talks failed on Monday.", False),
        ("- an item", False),
        ("1. an item", False),
        ("word " * 31, False),
    ],
)
def test_is_headline(line: str, expected: bool) -> None:
    assert is_headline(line) is expected


def test_clean_text_when_residue_is_endless() -> None:
    for line in ("© 2024 The Daily", "Sources", "Related articles", "Read more", "Home", "Tags: a"):
        assert len(clean_text(f"{STORY}\n" + f"{line}\n" * 20_000)) < 100
    assert mend("&" + "amp;" * 50_000 + "lt;") == "<"


LINES = st.sampled_from(
    [*RESIDUE, *PROSE, STORY, MORE, f"{STORY} Read more", "", "Sources", "1. One", "Home", "News", "Tags"]
)


def assert_is_stable(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert not re.search(r"\n{3}|  | \n|[\r\t\u00a0\u00ad\u200b\ufeff]", cleaned)


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\n\n", " ", "\r\n"]))
def test_clean_text_is_idempotent_on_realistic_lines(lines: list[str], joint: str) -> None:
    assert_is_stable(joint.join(lines))


@given(st.text())
def test_clean_text_is_idempotent_on_any_text(text: str) -> None:
    assert_is_stable(text)


@given(st.lists(LINES, max_size=12))
def test_clean_text_adds_no_word(lines: list[str]) -> None:
    original = set("\n".join(lines).split())
    assert set(clean_text("\n".join(lines)).split()) <= original


@given(st.text().filter(lambda text: "&" not in text))
def test_clean_text_keeps_characters_in_order(text: str) -> None:
    remaining = iter(unicodedata.normalize("NFC", unescape(mend(text))))
    assert all(character in remaining for character in clean_text(text) if not character.isspace())


def rows(name: str) -> list[dict[str, str]]:
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip(f"{path} is not here: the data sets stay outside the project")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "key", "limit"),
    [
        ("squad_sv_dev/paragraphs.jsonl.gz", "text", 0.0),
        ("squad_it_test/paragraphs.jsonl.gz", "text", 0.0),
        ("squad_es_v20_dev/paragraphs.jsonl.gz", "text", 0.0),
        ("bbc_2004/articles.jsonl.gz", "text", 0.00001),
        ("polnear/articles.train.jsonl.gz", "text", 0.002),
        ("multihop_rag/corpus.jsonl.gz", "body", 0.005),
    ],
)
def test_clean_text_when_text_is_clean_prose(name: str, key: str, limit: float) -> None:
    before = after = 0
    for row in rows(name)[:300]:
        before += len(mend(row[key]))
        after += len(clean_text(row[key]))
    assert before - after <= limit * before


def test_clean_text_of_the_seeds() -> None:
    folder = SHARED / "seeds"
    if not folder.exists():
        pytest.skip(f"{folder} is not here: the sample articles stay outside the project")
    text = {
        path.stem[:3]: clean_text(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.txt"))
    }
    assert text["001"].startswith("Pressioni su Pechino") and text["001"].endswith("negoziati di pace.")
    assert text["002"].endswith("the ministers said in a statement.")
    assert text["003"].endswith("influence in Asia,” he added.")
    assert "- 23 of 32 NATO members" in text["004"] and "At a Glance" in text["004"]
    assert (
        "pic.twitter" not in text["004"]
        and "@United24media" not in text["004"]
        and "Sources" not in text["004"]
    )
