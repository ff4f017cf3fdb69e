"""Ask the question before in another way, where a question has nothing of its own: "When?", "Who with?"."""

from collections.abc import Sequence

from retrieval.query import Kind, Query
from retrieval.wording import Language, Word, language_of, words


def is_fragment(question: str, query: Query, language: Language) -> bool:
    """Tell a question without a verb of its own: "By how many votes?"."""
    every = words(question)
    if not query.asking:
        return False
    led = [word for word in every if word.start < query.asking[0].start]
    behind = [word for word in every if word.start > query.asking[-1].start]
    if len(led) > 1 or len(behind) != 1 or behind[0].text.lower() in language.reporting | language.motion:
        return False
    # A noun in the plural, "How many votes?", not a verb, "How many died?".
    is_plural = language.code == "en" and query.kind is Kind.QUANTITY and behind[0].text.endswith("s")
    return is_plural or (bool(led) and led[0].text.lower() in language.function_words)


def take_over(question: str, query: Query, before: Query) -> str:
    """Ask the question before in another way: "When?" after "Where did he go?"."""
    language = language_of(before.language)
    asks, last = _asking(question, query, language)
    if not asks:
        # "Tell me more", "and then?": there is nothing to put in place of what was asked.
        return before.text
    asked = _asked(before, language)
    if asked is None:
        return _sentence(asks, before.text[:1].lower() + before.text[1:], last)
    if query.kind is Kind.PERSON and query.asks_for_words:
        # "Who says so?"
        return _sentence(asks, before.text[:1].lower() + before.text[1:], last)
    rest = before.text[asked[-1].end :].strip()
    noun = _noun(asked, language)
    if query.kind is Kind.QUANTITY or query.text.lower().split()[0] in language.asking_determiners:
        return _sentence(asks, f"{noun} {rest}", last)
    return _sentence(asks, rest if last else _with_what_was_asked(f"{noun} {rest}", before, language), last)


def _sentence(asks: str, rest: str, last: str) -> str:
    return f"{asks[:1].upper()}{asks[1:]} {rest.strip(' ?.!')}{last}?"


def _asking(question: str, query: Query, language: Language) -> tuple[str, str]:
    """Take what asks out of a question, and a word that has to stand at the end: "Who with?"."""
    every = words(question)
    if query.counted:
        # "By how many votes?"
        return question[: query.counted[-1].end], ""
    if not query.asking:
        is_which = bool(every) and every[0].text.lower() in language.asking_determiners
        return (question[: every[0].end], "") if is_which else ("", "")
    end = query.asking[-1].end
    final = every[-1].text.lower()
    if every[-1].start < end or query.asking[0].start > 0:
        return question.strip(" ?¿.!"), ""
    if final in language.kept or (query.asks_for_words and final not in language.kept):
        verbs = language.asking_words | language.reporting
        verb = next((word.end for word in every if word.text.lower() in verbs), every[-1].end)
        return question[: every[-1].end if final in language.kept else verb], ""
    return question[:end], f" {every[-1].text}" if final in language.stranded else ""


def _asked(before: Query, language: Language) -> Sequence[Word] | None:
    """Find the words by which the question before asks; None where it begins with a verb: "Did he go?"."""
    asked = [word for word in before.asking if word.text.lower() not in language.yes_or_no]
    if asked and asked[0].start == 0:
        return asked
    first = words(before.text)[:1]
    if first and first[0].text.lower() in language.asking_determiners:
        return first
    return None


def _noun(asked: Sequence[Word], language: Language) -> str:
    """Find what is asked for in the asking words: the leaders of "Which leaders"."""
    nouns = asked[1:] if asked[0].text.lower() in language.asking_determiners else []
    small = language.function_words | language.time_units
    return "" if any(word.text.lower() in small for word in nouns) else " ".join(word.text for word in nouns)


def _with_what_was_asked(rest: str, before: Query, language: Language) -> str:
    """Keep what the question before asked for: "When?" after "What did she say?" asks when she said that."""
    rest = rest.strip()
    every = words(rest)
    lowered = [word.text.lower() for word in every]
    if before.kind is Kind.STATEMENT and before.asks_for_words and language.that:
        said = language.asking_words | language.reporting
        verb = next((word.end for word in every if word.text.lower() in said), 0)
        moved = len(before.text.rstrip()) - len(rest)
        named = before.speaker[-1].end - moved if before.speaker else 0
        at = verb if language.drops_subject else max(verb, named)
        return f"{rest[:at]} {language.that}{rest[at:]}" if verb else rest
    at = next(
        (place for place, word in enumerate(lowered) if word in language.helping | language.auxiliaries), 0
    )
    if not at or any(word in language.function_words for word in lowered[:at]):
        return rest
    noun = rest[: every[at - 1].end]
    links = language.stranded | language.setting | language.towards | language.partitives
    end = next((place for place in range(at + 1, len(every)) if lowered[place] in links), len(every))
    subject = every[at + 1] if at + 1 < end else None
    # "Which weapons is Poland getting …", "Which schools does …": somebody else does it.
    is_object = subject is not None and (
        lowered[at] not in language.helping
        or subject.is_capitalised
        or subject.text.lower() in language.determiners
    )
    behind = every[end - 1].end if is_object else every[at].end
    return f"{rest[every[at].start : behind]} {noun}{rest[behind:]}"
