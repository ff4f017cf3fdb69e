"""Clean the text of an article: take out what a scraper dragged along.

A line goes when it is made of nothing but the words of page furniture (calls to action, share bars, menus,
notices, headings of link lists) or has the shape of it. A line that says something of its own stays.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from retrieval.characters import mend

_Classes = Mapping[str, frozenset[str]]


def _load_classes() -> dict[str, _Classes]:
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    classes = {
        language: {name: frozenset(words.split()) for name, words in table.items()}
        for language, table in tables.items()
    }
    for known in classes.values():
        known["any_call"] = known.get("calls", frozenset()).union(
            *(known.get(name, ()) for name in ("things", "linking")), classes["anywhere"]["networks"]
        )
    return {**classes}


# A line falls when all its words are of one language's classes, so no list of whole lines is needed.
_CLASSES = _load_classes()
_NETWORKS = _CLASSES["anywhere"]["networks"]
_LANGUAGES = [known for language, known in _CLASSES.items() if language != "anywhere"]
_SECTIONS = frozenset[str]().union(*(known["sections"] for known in _LANGUAGES))
_OPENERS = frozenset[str]().union(*(known["openers"] for known in _LANGUAGES))
_BUTTONS = frozenset[str]().union(*(known["buttons"] for known in _LANGUAGES))
_BAR = frozenset({"copy", "link", "on", "via", "x"})

_WORD = re.compile(r"[^\W\d_]+")
_DECORATION = " \t-–—*•·»«>›→▶►▸☞|:…"
_QUOTES = "\"'“”„«»‘’‹›"
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_LIST_ITEM = re.compile(r"(?:[-–*•·]|\(?\[?\d{1,3}[.)\]])\s*\S|.*https?://|.*www\.")
_HANDLE = re.compile(r"[—–-]+\s?[^—–]{1,60}\(@\w{1,20}\)[^.!?]{0,40}$")
_TWEET_LINK = re.compile(r"(?:\s*(?:https?://)?(?:pic\.twitter\.com|pic\.x\.com|t\.co)/\w+)+$")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright\b).{0,300}$"
    r"|.{0,160}\b(?:all rights reserved|tutti i diritti riservati|riproduzione riservata"
    r"|alla rättigheter|med ensamrätt|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados|alle rechten voorbehouden)\b.{0,200}$",
    re.IGNORECASE,
)
_COOKIES = re.compile(
    r"cookies?\b.*\b(?:accept|agree|consent|settings|policy|preferences|experience|accett|acconsent|godkänn|samtyck"
    r"|akzept|einverstanden|accepte|acept|accepteer|akkoord)|\b(?:we|site|website) use cookies",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s+[|/·•>»›]+\s+|\s*[>»›|]\s*")
_LABEL_END = re.compile(r"(\s*[:|»>]\s*|\s+[–—-]+\s+)")


def clean_text(raw: str) -> str:
    """Mend the characters and spaces of an article's text and take the scraper's residue out."""
    text = raw
    while True:
        cleaned = _without_residue(mend(text))
        if cleaned == text:
            return text
        text = cleaned


def is_headline(line: str) -> bool:
    """Whether the line reads like a headline: some words, no full stop at its end, no item of a list."""
    count = len(line.split())
    if not 1 <= count <= 30 or len(line) > 250 or not _WORD.search(line) or _LIST_ITEM.match(line):
        return False
    abbreviation = re.search(r"\b(?:[A-Z]\.){2,}$", line)
    return abbreviation is not None or not line.endswith(
        (".", "…", ":", ";", ",", ".”", '."', ".’", ".»", ".)")
    )


def _is_sentence(line: str) -> bool:
    count = len(line.split())
    return count > 25 or (count >= 8 and _SENTENCE_END.search(line) is not None)


def _without_residue(text: str) -> str:
    lines = _without_masthead(text.split("\n"))
    lines = _without_end_matter(_without_menus(lines))
    kept = [
        line if _continues(lines, place) else _shortened(line)
        for place, line in enumerate(lines)
        if not line or _continues(lines, place) or not _is_residue(line)
    ]
    return mend("\n".join(kept))


def _continues(lines: list[str], place: int) -> bool:
    """Whether the line goes on with a sentence of the line before, as in text of fixed width."""
    before, line = lines[place - 1] if place else "", lines[place]
    if not 40 <= len(before) <= 100 or not line or _SENTENCE_END.search(before):
        return False
    last = _WORD.findall(before.casefold())[-1:]
    return (
        line[0].islower()
        or before.endswith(",")
        or (bool(last) and any(last[0] in known["linking"] for known in _LANGUAGES))
    )


def _is_residue(line: str) -> bool:
    if not any(character.isalnum() for character in line):
        return "…" not in line and "..." not in line
    if _HANDLE.match(line):
        return True
    if tweet := _TWEET_LINK.search(line):
        credit = line[: tweet.start()]
        return len(credit.split()) <= 6 and not _SENTENCE_END.search(credit)
    if len(line) > 200 or line[0] in _QUOTES:
        return False
    return _is_furniture(line.strip(_DECORATION)) or _calls_to_something(line) or _is_menu(line)


def _is_furniture(bare: str) -> bool:
    """Whether every word, in one of the languages, is a word of page furniture."""
    words = _WORD.findall(bare.casefold())
    if not 1 <= len(words) <= 14:
        return False
    is_title = not re.search(r"[.,;!?]", bare)
    if any(character.isdigit() for character in bare):
        return _is_share_bar(words) or any(_is_counter(bare, words, known) for known in _LANGUAGES)
    return _is_share_bar(words) or any(
        _is_call(words, known) or _is_notice(words, known) or (is_title and _is_related_heading(words, known))
        for known in _LANGUAGES
    )


def _is_call(words: list[str], known: _Classes) -> bool:
    """ "Read more", "Click here to subscribe", "Sign up for our newsletter", "Läs artikel"."""
    if len(words) == 1:
        return words[0] in known["buttons"]
    telling = [word for word in words if word not in known["linking"] or word in known["calls"]]
    return (
        all(word in known["any_call"] for word in words)
        and any(word in known["calls"] for word in words)
        and (len(telling) >= 2 or {"sign", "up"}.issubset(words) or known["buttons"].issuperset(telling))
    )


def _is_notice(words: list[str], known: _Classes) -> bool:
    """ "Advertisement", "Story continues below", "L'articolo continua dopo la pubblicità"."""
    if not all(word in known["notices"] or word in known["notice_rest"] for word in words):
        return False
    is_continued = len(words) >= 3 and any(word in known["continuing"] for word in words)
    return is_continued or any(word in known["notices"] for word in words)


def _is_related_heading(words: list[str], known: _Classes) -> bool:
    """ "Related News", "You may also like", "Mest läst"."""
    telling = [word for word in words if word in known["related"] or word in known["news"]]
    return (
        2 <= len(telling) <= len(words) <= 8
        and any(word in known["related"] for word in telling)
        and all(word in telling or word in known["linking"] for word in words)
    )


def _is_counter(bare: str, words: list[str], known: _Classes) -> bool:
    """ "23 comments", "5 min read", "1.2K views"."""
    is_counted = re.match(r"[\d.,]+\s?[KkMm]?\s|\D+\(\d+\)$", bare) is not None and len(words) <= 4
    return is_counted and known["counted"].issuperset(words) and not known["durations"].issuperset(words)


def _is_share_bar(words: list[str]) -> bool:
    """ "Facebook Twitter WhatsApp", "Share Tweet 23 comments"."""
    networks = sum(word in _NETWORKS or word in _BUTTONS for word in words)
    return networks >= 2 and any(
        all(
            word in _NETWORKS or word in _BAR or word in known["buttons"] or word in known["counted"]
            for word in words
        )
        for known in _LANGUAGES
    )


def _calls_to_something(line: str) -> bool:
    """ "Read more about the war", "Leggi anche: Un titolo", "Follow Jane Doe on Twitter"."""
    count = len(line.split())
    words = _WORD.findall(line.casefold())
    label, colon, rest = [*_LABEL_END.split(line.strip(_DECORATION), maxsplit=1), "", ""][:3]
    label_words = _WORD.findall(label.casefold())
    if count > 30 or not words or words[0] not in _OPENERS:
        return False
    for known in _LANGUAGES:
        if words[0] not in known["openers"]:
            continue
        if colon and rest and label_words:
            is_title = not line.endswith(".")
            is_verb = len(label_words) == 1 and ":" in colon
            if _is_call(label_words, known) or (
                is_title and (is_verb or _is_related_heading(label_words, known))
            ):
                return True
        if count > 12 or line.endswith("."):
            continue
        end = next((place for place, word in enumerate(words) if word not in known["any_call"]), len(words))
        if any(word in known["towards"] for word in words[2:end]) and _is_call(words[:end], known):
            return True
        if words[0] in known["following"] and words[-1] in _NETWORKS and words[-2] in known["linking"]:
            return True
    return False


def _is_menu(line: str) -> bool:
    """ "Home > World > Europe", "News | Sport | Weather"."""
    items = [item for item in _SEPARATOR.split(line) if item]
    short = len(items) > 1 and "|" in line and all(len(item.split()) <= 4 for item in items)
    if short and any(_BUTTONS.intersection(_WORD.findall(item.casefold())[:1]) for item in items):
        return True
    if len(items) < 2 or any(character.isdigit() or character in ",;:!?" for character in line):
        return False
    if not all(
        len(item.split()) <= 3 and all(word[0].isupper() or word in "&and of" for word in item.split())
        for item in items
    ):
        return False
    # Slashes and dots also part the items of a story's own lists, so one item has to name a section.
    is_known = any(_is_section(item) for item in items)
    return is_known or (len(items) > 2 and not re.search(r" [/·•] ", line))


def _is_section(item: str) -> bool:
    words = _WORD.findall(item.casefold())
    return bool(words) and _SECTIONS.issuperset(words)


def _without_masthead(lines: list[str]) -> list[str]:
    """Drop the name of a site that stands alone over the headline."""
    filled = [place for place, line in enumerate(lines) if line][:3]
    if len(filled) < 3:
        return lines
    name, headline, after = (lines[place] for place in filled)
    is_name = len(name.split()) <= 3 and name[0].isupper() and not re.search(r"[\d,:;!?\"“”()#]|\.$", name)
    over_headline = len(headline.split()) >= 5 and is_headline(headline) and headline[0] not in "-•*"
    is_story_next = _is_sentence(after) or not _WORD.search(after)
    return lines[filled[1] :] if is_name and over_headline and is_story_next else lines


def _without_menus(lines: list[str]) -> list[str]:
    """Drop menus and share bars of one item a line; what they look like in a story's own list is spared."""
    sentences = [place for place, line in enumerate(lines) if _is_sentence(line)] or [0]
    dropped: set[int] = set()
    run: list[int] = []
    for place, line in [*enumerate(lines), (len(lines), ".")]:
        if line and _is_menu_item(line):
            run.append(place)
        if not line or run[-1:] == [place]:
            continue
        known = sum(_is_bar_item(lines[item]) for item in run)
        is_outside = run and (run[-1] < sentences[0] or run[0] > sentences[-1])
        if known >= 3 and (known == len(run) or known >= len(run) / (4 if is_outside else 1.5)):
            # The last short line before a sentence may be its heading.
            dropped.update(run if _is_bar_item(lines[run[-1]]) else run[:-1])
        run = []
    return [line for place, line in enumerate(lines) if place not in dropped]


def _is_bar_item(line: str) -> bool:
    words = _WORD.findall(line.casefold())
    return _SECTIONS.issuperset(words) or all(word in _NETWORKS for word in words) or _is_furniture(line)


def _is_menu_item(line: str) -> bool:
    return len(line.split()) <= 4 and not re.search(r"[.,:;!?]$", line) and line[0] not in "-•*"


def _without_end_matter(lines: list[str]) -> list[str]:
    """Drop lists of sources and related articles, copyright lines and cookie notices at the ends."""
    dropped = _notices_at(range(len(lines)), lines, _is_cookie_notice)
    dropped |= _notices_at(range(len(lines) - 1, -1, -1), lines, _is_closing_line)
    kept = [line for place, line in enumerate(lines) if place not in dropped]
    end = len(kept)
    for place in range(len(kept) - 1, -1, -1):
        if _heads_list(kept[place]):
            end = place
        elif not _LIST_ITEM.match(kept[place]) and _is_sentence(kept[place]):
            break
    return kept[:end]


def _notices_at(places: Iterable[int], lines: list[str], is_notice: Callable[[str], bool]) -> set[int]:
    """The places of notices among the first five lines that are none."""
    found: set[int] = set()
    others = 0
    for place in places:
        if lines[place] and is_notice(lines[place]):
            found.add(place)
        elif lines[place] and (others := others + 1) == 5:
            break
    return found


def _heads_list(line: str) -> bool:
    """ "Sources", "Fonti e riferimenti", "Related articles"."""
    words = _WORD.findall(line.casefold())
    if not 1 <= len(words) <= 4 or line.endswith("."):
        return False
    return any(
        known["sources"].issuperset(words) or _is_related_heading(words, known) for known in _LANGUAGES
    )


def _names_topics(line: str) -> bool:
    """ "Tags: NATO, Ukraine"."""
    label, colon, topics = line.partition(":")
    words = _WORD.findall(label.casefold())
    is_label = 1 <= len(words) <= 2 and any(known["labels"].issuperset(words) for known in _LANGUAGES)
    return bool(colon and topics) and is_label and not _SENTENCE_END.search(topics)


def _is_closing_line(line: str) -> bool:
    return _COPYRIGHT.match(line) is not None or _names_topics(line) or _is_cookie_notice(line)


def _is_cookie_notice(line: str) -> bool:
    return len(line) < 400 and _COOKIES.search(line) is not None


def _shortened(line: str) -> str:
    """The line without a call or the link of a tweet glued behind its last sentence."""
    if ("t.co/" in line or "pic." in line) and (tweet := _TWEET_LINK.search(line[-200:])):
        line = line[: len(line) - len(tweet[0])]
    if len(line.split(maxsplit=4)) < 4:
        return line
    end = line[-90:].rstrip(_DECORATION[:-1])
    glued = re.search(r"[.!?…][\"'”’»)\]]*\s+([^\W\d_a-z][^.!?…]{2,60})$", end)
    if glued is None:
        return line
    words = _WORD.findall(glued[1].casefold())
    if any(_is_call(words, known) or _is_related_heading(words, known) for known in _LANGUAGES):
        return line[: len(line) - len(line[-90:]) + glued.start(1)].rstrip()
    return line
