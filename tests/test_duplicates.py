"""Near-copies, stories told again in other words, and the groups that they make."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.duplicates import (
    SIZE,
    compare,
    containment,
    digest,
    is_copy,
    keys,
    may_be_copy,
    shingles,
    signature,
    similarity,
)
from retrieval.passages import split_sentences
from retrieval.stories import Relation, Telling, group, read_telling, retelling

WIRE = """\
A fire broke out on Monday aboard the ferry Aurelia, forcing 212 passengers and 31 crew into lifeboats 14
kilometres off the coast of Gotland, the Swedish coast guard said. Nobody was seriously hurt, but nine
people were treated for smoke in Visby, where the first boats landed shortly after 6 a.m. The fire began in
a lorry on the lower car deck, said coast guard spokesman Erik Lindqvist. "We had every passenger off the
ship within 40 minutes," Lindqvist said. The Aurelia, built in 1998, sails twice a day between Nynashamn and
Visby for the company Baltic Lines, which said that it had passed its yearly inspection in March. Sweden's
accident board has opened an investigation and will send three inspectors on Tuesday. In 2016 a fire aboard
her sister ship, the Aurora, killed two people near the Estonian island of Saaremaa and cost the company 4.2
million euros.
"""
_FIRST = WIRE.index("Nobody")
CHANGED = (
    "Hundreds of holidaymakers had to leave a burning ferry in the Baltic Sea this week in what one of them"
    " called a night nobody on board would forget. " + WIRE[_FIRST:]
)
OTHER_REPORT = """\
Passengers of the Swedish ferry Aurelia described on Tuesday how they climbed into lifeboats as smoke filled
the stairs. "I held on to my daughter and we counted to a hundred," Karin Holm told this newspaper in Visby
hospital. Unions have asked for years that lorries be parked apart from cars. Baltic Lines did not answer
our questions. Lindqvist of the coast guard praised the crew. The Aurelia is being towed to Oskarshamn,
where she will stay for weeks, said the harbour master, Per Akesson, while tickets for 1,900 travellers are
paid back.
"""
ITALIAN = """\
Un incendio è scoppiato lunedì a bordo del traghetto Aurelia, costringendo 212 passeggeri e 31 membri
dell'equipaggio a salire sulle scialuppe a 14 chilometri dalla costa di Gotland, ha detto la guardia
costiera svedese. Nessuno è rimasto ferito gravemente, ma nove persone sono state curate per il fumo a
Visby, dove le prime barche sono arrivate poco dopo le 6. Le fiamme sono partite da un camion sul ponte
inferiore, ha detto il portavoce della guardia costiera Erik Lindqvist. «Abbiamo fatto scendere tutti i
passeggeri in 40 minuti», ha detto Lindqvist. L'Aurelia, costruita nel 1998, naviga due volte al giorno tra
Nynashamn e Visby per la compagnia Baltic Lines, che ha superato l'ispezione annuale a marzo. La Svezia ha
aperto un'inchiesta e invierà tre ispettori martedì. Nel 2016 un incendio a bordo della nave gemella, la
Aurora, uccise due persone vicino all'isola estone di Saaremaa e costò alla compagnia 4,2 milioni di euro.
"""
_MARKET = """\
Shares in London closed {way} on {day}, with the FTSE 100 index of leading companies ending the session
{points} points {way} at {index}. The pound was worth {dollars} dollars and {euros} euros at the end of
trading. Brent crude was trading at {oil} dollars a barrel, and gold stood at {gold} dollars an ounce. In
New York, the Dow Jones was {dow} points {way} when markets in London closed. Prices are delayed by at least
fifteen minutes and are given for information alone; nothing here is advice to buy or to sell, and past
performance is no guide to the future. The value of investments may fall as well as rise, and you may not
get back the amount that you put in.
"""
MARKETS = [
    _MARKET.format(
        way="up",
        day="Monday",
        points=41,
        index="7,402.14",
        dollars=1.21,
        euros=1.14,
        oil=91.2,
        gold=1934,
        dow=120,
    ),
    _MARKET.format(
        way="down",
        day="Tuesday",
        points=12,
        index="7,390.02",
        dollars=1.22,
        euros=1.15,
        oil=88.7,
        gold=1921,
        dow=64,
    ),
]
WORDS = st.lists(
    st.sampled_from(["ferry", "fire", "Visby", "crew", "212", "4.2", "été", "Straße", "ﬁre", "«we»", "消防"]),
    max_size=60,
)
TEXTS = WORDS.map(" ".join)
SOME_TEXTS = TEXTS.filter(bool)
RELATIONS = st.lists(
    st.builds(
        Relation, st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.sampled_from([0.5, 0.7, 1.0])
    ),
    max_size=14,
)


def telling(name: str, text: str, code: str, published: str | None = "2024-11-07") -> Telling:
    return read_telling(name, text, code, published, split_sentences(text))


@settings(deadline=None)
@given(SOME_TEXTS)
def test_text_and_itself_are_the_same(text: str) -> None:
    assert similarity(signature(text), signature(text)) == 1.0
    assert compare(text, text).similarity == 1.0
    assert is_copy(compare(text, text))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_likeness_is_symmetric(one: str, other: str) -> None:
    assert compare(one, other) == compare(other, one)
    assert similarity(signature(one), signature(other)) == similarity(signature(other), signature(one))


@settings(deadline=None)
@given(WORDS, st.sampled_from([" ", "\n", "  \u00a0", ", "]))
def test_case_space_and_typography_do_not_matter(words: list[str], space: str) -> None:
    plain, written = " ".join(words), space.join(words).upper().replace("-", "–").replace('"', "”")
    assert digest(plain) == digest(written)
    assert signature(plain).tolist() == signature(written).tolist()


@settings(deadline=None)
@given(TEXTS)
def test_signature_fits_into_512_bytes(text: str) -> None:
    assert len(signature(text).tobytes()) <= 512
    assert set(keys(signature(text))) <= set(shingles(text).tolist())


def test_signature_is_the_same_on_every_machine() -> None:
    assert signature("Nobody was seriously hurt in Visby.").tolist() == [394628205, 2071497882]


def test_text_without_words_is_like_nothing() -> None:
    assert not signature(" … ").size
    assert compare(" … ", "").similarity == 0.0
    assert not is_copy(compare("", WIRE))


def test_typographic_copy_has_the_same_digest() -> None:
    written = (
        WIRE.replace('"', "”").replace("'", "’").replace("fire", "ﬁre").replace("Gotland", "Got\u00adland")
    )
    assert digest(written) == digest(WIRE)
    assert digest(WIRE.replace("212", "213")) != digest(WIRE)


def test_figure_with_another_mark_is_the_same() -> None:
    assert digest("12.000 soldiers") == digest("12,000 soldiers") != digest("12,500 soldiers")


def test_wire_story_with_another_first_paragraph_is_a_copy() -> None:
    one, other = signature(WIRE), signature(CHANGED)
    assert len({*keys(one)} & {*keys(other)}) >= 2
    assert may_be_copy(one, other)
    assert is_copy(compare(WIRE, CHANGED))


def test_short_copy_within_a_long_article_is_a_copy() -> None:
    long = "\n".join([OTHER_REPORT, ITALIAN, *MARKETS, WIRE])
    one, other = signature(WIRE), signature(long)
    assert similarity(one, other) < 0.5
    assert containment(one, other) == 1.0
    assert len({*keys(one)} & {*keys(other)}) >= 2
    assert is_copy(compare(WIRE, long))


def test_line_that_stands_in_a_long_article_is_no_copy() -> None:
    assert not is_copy(compare("The Swedish coast guard said.", WIRE))


def test_templates_with_other_figures_are_no_copies() -> None:
    likeness = compare(*MARKETS)
    assert likeness.containment > 0.5
    assert likeness.agreement < 0.2
    assert not is_copy(likeness)


def test_later_version_with_one_figure_changed_is_a_copy() -> None:
    assert is_copy(compare(WIRE, WIRE.replace("212", "219")))


def test_another_report_of_the_same_event_is_a_source_of_its_own() -> None:
    assert not is_copy(compare(WIRE, OTHER_REPORT))
    assert not retelling(telling("a", WIRE, "en"), telling("b", OTHER_REPORT, "en"))


def test_translated_story_is_a_retelling() -> None:
    one, other = telling("a", WIRE, "en"), telling("b", ITALIAN, "it", "2024-11-08")
    assert not is_copy(compare(WIRE, ITALIAN))
    assert retelling(one, other) == retelling(other, one) > 0.5
    assert retelling(one, other, cosine=0.8)
    assert not retelling(one, other, cosine=0.1)


def test_story_of_another_year_is_no_retelling() -> None:
    assert not retelling(telling("a", WIRE, "en"), telling("b", ITALIAN, "it", "2023-11-07"))


@pytest.mark.parametrize("published", [None, "", "2024", "soon"])
def test_unknown_day_does_not_speak_against_a_retelling(published: str | None) -> None:
    assert retelling(telling("a", WIRE, "en"), telling("b", ITALIAN, "it", published))


def test_story_without_figures_is_no_retelling() -> None:
    one, other = (telling(name, "Erik Lindqvist met Karin Holm in Visby.", "en") for name in "ab")
    assert not retelling(one, other)


@settings(deadline=None)
@given(st.data(), RELATIONS)
def test_order_of_relations_does_not_change_groups(data: st.DataObject, relations: list[Relation]) -> None:
    turned = [Relation(each.other, each.one, each.strength) for each in data.draw(st.permutations(relations))]
    assert group(relations) == group(turned)


@settings(deadline=None)
@given(RELATIONS)
def test_article_stands_in_one_group_at_most(relations: list[Relation]) -> None:
    members = [member for each in group(relations) for member in each]
    assert len(members) == len(set(members))


def test_chain_of_unlike_ends_is_cut_at_its_weakest() -> None:
    chain = [Relation("a", "b", 0.9), Relation("b", "c", 0.6)]
    assert all(group(order) == [("a", "b")] for order in permutations(chain))
    assert group([*chain, Relation("a", "c", 0.5)]) == [("a", "b", "c")]


def test_two_wires_within_one_long_article_are_no_group() -> None:
    assert group([Relation("wire 1", "round-up", 1.0), Relation("wire 2", "round-up", 0.9)]) == [
        ("round-up", "wire 1")
    ]


def test_group_with_one_relation_missing_holds_together() -> None:
    pairs = [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]
    assert group([Relation(*pair, 0.8) for pair in pairs]) == [("a", "b", "c", "d")]


def test_full_signature_has_its_size() -> None:
    assert len(signature(" ".join(map(str, range(1000))))) == SIZE
