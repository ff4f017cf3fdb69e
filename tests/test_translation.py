"""Foreign words have their common English meaning, and names, numbers and English stay as they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.training.lexicon import Choice, learn
from retrieval.training.parallel import Pair
from retrieval.translation import LEXICON_FILE, english_words, gloss, is_glossed, keyed_words

_MEANINGS = {
    "it": """
        soldati:soldiers truppe:troops ministro:minister accordo:agreement telefonata:phone
        armi:weapons guerra:war minaccia:threat vertice:summit difesa:defense governo:government
        elezioni:election pace:peace attacco:attack missili:missile sanzioni:sanctions
        confine:border esercito:army legge:law giudice:judge polizia:police prezzo:price
        crescita:growth banca:bank incendio:fire vittime:victims ospedale:hospital scuola:school
        petrolio:oil miliardi:billion annunciato:announced portavoce:spokesman venduto:sold
        marzo:march
    """,
    "sv": """
        soldater:soldiers varnade:warns träffade:met vapen:weapons toppmöte:summit hot:threat
        försvar:defense trupper:troops avtal:agreement krig:war regeringen:government val:election
        fred:peace gräns:border lag:law domare:judge rättegång:trial tillväxt:growth brand:fire
        offer:victims sjukhus:hospital skola:school olja:oil miljarder:billion köpte:bought
        meddelade:announced talesman:spokesman fredsplan:plan säkerhetsråd:security
    """,
    "es": """
        soldados:soldiers tropas:troops acuerdo:agreement armas:weapons guerra:war amenaza:threat
        cumbre:summit gobierno:government elecciones:election frontera:border ejército:army
        paz:peace ley:law
    """,
}
_CASES = [(code, *meaning.split(":")) for code, meanings in _MEANINGS.items() for meaning in meanings.split()]
_LANGUAGES = st.sampled_from(["en", "it", "sv", "es", "xx", None])


@pytest.mark.parametrize(("code", "word", "meaning"), _CASES)
def test_word_has_its_meaning(code: str, word: str, meaning: str) -> None:
    assert meaning in english_words(word, code)


@pytest.mark.parametrize(("code", "form", "other"), [("it", "soldati", "soldato"), ("sv", "krig", "krigets")])
def test_inflections_share_an_entry(code: str, form: str, other: str) -> None:
    assert english_words(form, code)[0] == english_words(other, code)[0]


def test_capital_makes_no_difference_at_the_start() -> None:
    assert english_words("Soldati", "it") == english_words("soldati", "it")


@pytest.mark.parametrize("word", ["", "2024", "12.000", "3,5", "Zelenskyj", "Szczęsny", "qwrtz"])
@pytest.mark.parametrize("code", ["it", "sv", "es"])
def test_number_and_unknown_word_have_none(word: str, code: str) -> None:
    assert english_words(word, code) == ()


def test_only_learned_languages_are_glossed() -> None:
    assert [code for code in ("en", "it", "sv", "es", "xx", None) if is_glossed(code)] == ["it", "sv", "es"]
    assert english_words("war", "en") == english_words("guerra", None) == ()


def test_gloss_keeps_order_names_and_numbers() -> None:
    assert gloss("Il ministro Rossi ha venduto 1.200 armi.", "it") == "minister Rossi sold 1.200 weapons"
    assert gloss("Pål Jonson varnade för ett krig.", "sv") == "Pål Jonson warns war"


def test_gloss_writes_both_parts_of_a_compound() -> None:
    assert gloss("en ny fredsplan", "sv") == "new peace plan"


def test_gloss_drops_function_words_when_no_list_of_them_is_known() -> None:
    assert gloss("El gobierno de la paz", "es") == "government peace"


@given(st.text())
@pytest.mark.parametrize("code", ["en", "xx", None])
def test_gloss_of_other_languages_is_the_text(code: str | None, text: str) -> None:
    assert gloss(text, code) == text


@given(st.text(), _LANGUAGES)
def test_any_text_is_taken(text: str, code: str | None) -> None:
    assert isinstance(gloss(text, code), str)
    assert all(word and word == word.strip() for word in english_words(text, code))


@given(st.text(alphabet="0123456789., %"), st.sampled_from(["it", "sv", "es"]))
def test_gloss_keeps_figures(text: str, code: str) -> None:
    assert [char for char in gloss(text, code) if char.isdigit()] == [char for char in text if char.isdigit()]


def test_lexicon_is_sorted_and_small() -> None:
    lexicon = json.loads(LEXICON_FILE.read_text("utf-8"))
    assert LEXICON_FILE.stat().st_size <= 700_000
    for lines in lexicon.values():
        keys = [line.partition(" ")[0] for line in lines]
        assert keys == sorted(set(keys))
        assert all(len(line.split()) <= 4 for line in lines)


def test_keys_tell_names_from_words() -> None:
    assert [key for _, key in keyed_words("Lega la lega. La Lega, 12%", "it")] == ["leg", "leg", "^lega"]


def _tiny_pairs() -> list[Pair]:
    nouns = {"cane": "dog", "gatto": "cat", "bambino": "child", "soldato": "soldier"}
    verbs = {"dorme": "sleeps", "corre": "runs", "mangia": "eats", "ride": "laughs"}
    pairs = [(f"il {noun} {verb}", f"the {nouns[noun]} {verbs[verb]}") for noun in nouns for verb in verbs]
    pairs += [(f"Vidi Rossi e il {noun}", f"I saw Rossi and the {nouns[noun]}") for noun in nouns]
    return [Pair(english, foreign, english) for foreign, english in pairs]


def test_learning_finds_the_words_of_a_tiny_parallel_text() -> None:
    entries = learn(_tiny_pairs(), "it", Choice(limit=1))
    assert [entries.get(key) for key in ("can", "gatt", "dorm", "corr")] == ["dog", "cat", "sleeps", "runs"]
    assert "^rossi" not in entries


def test_learning_gives_the_same_each_time() -> None:
    assert learn(_tiny_pairs(), "it", Choice()) == learn(_tiny_pairs(), "it", Choice())


def test_pairs_of_one_item_are_held_out_together() -> None:
    pairs = [Pair("Normans", foreign, "x") for foreign in ("a", "b")]
    assert len({pair.is_held_out for pair in pairs}) == 1
