"""What stands beside a name and says who bears it: an office, an age, "who", a verb of saying."""

import re

from retrieval.name_runs import Run, Text, listed, offices
from retrieval.passages import Span
from retrieval.wording import Word, fold

_PLAIN = re.compile(r"(?: ?['’]? ?|:|-)")
_ENDS = re.compile(r"[,.;:()\[\]–—“”„\"«»?!…\n]|\s-\s")
_APART = re.compile(r" ?, |\s[–—]\s| \(")
_AGE = re.compile(r" ?, (\d{1,2})(?= ?[,.])|\s\((\d{1,2})(?:\)|,)")
_CLOSES = re.compile(r" ?[,.)]")
_WHO = {"en": {"who", "whom", "whose"}, "sv": set[str](), "it": set[str]()}
# An office has so many words at the most, before a name and behind it.
_BEFORE, _BEHIND = 9, 14
_HEAD_WITHIN = 6
# The office stands right before the name in these languages.
_HEAD_LAST = {"en", "sv", "de"}


def is_office(word: Word, code: str) -> bool:
    """Tell whether a word names an office, a title or an occupation."""
    folded = fold(word.text)
    if folded in offices(code):
        return True
    return any(folded.endswith(end) and len(folded) > len(end) for end in listed("office_ends", code))


def office_before(text: Text, first: int) -> Span | None:
    """Find the words before a name that say what its bearer is: "NATO Secretary General"."""
    code = text.language.code
    low: int | None = None
    place = first - 1
    if place >= 0 and _is_tie(text.words[place], code):
        return None  # "The president of Peru": what the office is of
    while place >= max(0, first - _BEFORE) and _PLAIN.fullmatch(text.gap(place + 1)):
        word = text.words[place]
        if is_office(word, code):
            low = place
        elif low is None and code in _HEAD_LAST:
            return None
        elif not _belongs(text, place, is_behind_head=low is None):
            break
        elif low is not None and not _is_tie(word, code):
            low = place
        place -= 1
    if low is None:
        return None
    # "The company's president": the company is no part of it.
    low += text.words[low].text == "s"
    return text.words[low].start, text.words[first - 1].end


def office_behind(text: Text, last: int) -> Span | None:
    """Find the words beside a name that say what its bearer is: ", the secretary general of NATO,"."""
    first = last + 1
    if first >= len(text.words) or not _APART.fullmatch(text.gap(first)):
        return None
    language = text.language
    if text.words[first].text.lower() in language.determiners:
        first += 1
    head: int | None = None
    place = first
    while place < min(len(text.words), first + _BEHIND):
        if place > first and _ENDS.search(_without_colon(text.gap(place))):
            break
        word = text.words[place]
        lowered = word.text.lower()
        if lowered in language.helping | language.cues and not is_office(word, language.code):
            break
        if head is None and is_office(word, language.code):
            head = place
        elif head is None and (
            place - first >= _HEAD_WITHIN or not _belongs(text, place, is_behind_head=False)
        ):
            return None
        elif head == place - 1 and word.is_capitalised:
            return None  # "Rutte, President Biden and": somebody else's
        elif head is not None and lowered in language.function_words and not _is_tie(word, language.code):
            break
        place += 1
    if head is None:
        return None
    while place - 1 > head and _is_tie(text.words[place - 1], language.code):
        place -= 1
    return text.words[first].start, text.words[place - 1].end


def named_behind(text: Text, run: Run) -> Span | None:
    """Find the office that a name between commas belongs to: "the mayor of Lima, Amara Okafor,"."""
    first = run.first
    if first < 1 or text.gap(first) not in (", ", " , ") or not _CLOSES.match(text.text, run.end):
        return None
    head: int | None = None
    place = first - 1
    while place >= max(0, first - _BEFORE) and (place == first - 1 or _PLAIN.fullmatch(text.gap(place + 1))):
        word = text.words[place]
        if is_office(word, text.language.code):
            head = place
        elif head is not None and not _belongs(text, place, is_behind_head=False):
            break
        elif head is None and not _belongs(text, place, is_behind_head=True):
            return None
        elif head is not None:
            head = place
        place -= 1
    if head is None:
        return None
    head += text.words[head].text == "s"
    return text.words[head].start, text.words[first - 1].end


def has_age(text: Text, run: Run) -> bool:
    """Tell whether an age follows: "Okafor, 52,"."""
    return bool(_AGE.match(text.text, run.end))


def is_somebody(text: Text, run: Run) -> bool:
    """Tell whether "who" follows."""
    place = run.last + 1
    return (
        place < len(text.words)
        and bool(re.fullmatch(r" ?,? ", text.gap(place)))
        and text.words[place].text in _WHO.get(text.language.code, ())
    )


def says(text: Text, run: Run) -> bool:
    """Tell whether a verb of saying stands right before or behind."""
    cues = text.language.cues
    after, before = run.last + 1, run.first - 1
    is_said = after < len(text.words) and text.gap(after) == " " and text.words[after].text.lower() in cues
    return is_said or (before >= 0 and text.gap(run.first) == " " and text.words[before].text.lower() in cues)


def follows_article(text: Text, run: Run) -> bool:
    """Tell whether "the" stands before, which no name of a person has."""
    before = run.first - 1
    if before < 0 or not re.fullmatch(r" |['’]", text.gap(run.first)):
        return False
    return text.words[before].text.lower() in _ARTICLES.get(text.language.code, set())


_ARTICLES = {
    "en": {"the", "a", "an"},
    "it": {"il", "lo", "la", "l", "i", "gli", "le", "un", "una", "dell", "della", "del", "dello", "nella",
           "nel", "dal", "dalla", "dall", "al", "alla", "all", "nell", "sul", "sulla", "sull"},
    "sv": {"den", "det", "de", "en", "ett"},
    "de": {"der", "die", "das", "den", "dem", "des"},
    "fr": {"le", "la", "l", "les", "du", "au"},
    "es": {"el", "la", "los", "las", "del", "al"},
}  # fmt: skip


def _belongs(text: Text, place: int, *, is_behind_head: bool) -> bool:
    """Tell whether a word can belong to an office that is named beside it.

    Args:
        text: The text.
        place: Which of its words.
        is_behind_head: Whether the office's own word stands further left.
    """
    word, code = text.words[place], text.language.code
    if word.is_capitalised:
        return word.text.lower() not in text.language.function_words or word.text.isupper()
    if fold(word.text) in listed("beside", code) or word.text == "s":
        return True
    if _is_tie(word, code):
        return is_behind_head
    before = text.words[place - 1] if place else None
    return is_behind_head and before is not None and _is_tie(before, code)


def _is_tie(word: Word, code: str) -> bool:
    return fold(word.text) in listed("of", code)


def _without_colon(gap: str) -> str:
    """A colon inside a word is a genitive's: "NATO:s"."""
    return "" if gap == ":" else gap
