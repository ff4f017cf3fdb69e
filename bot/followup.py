"""Make a follow-up question stand alone, from the questions and answers before it, by rules.

Pronouns take the name of who was last asked about or found; a question with nothing of its own, "When?",
takes over the question before; "And Borrell?" and "And in Japan?" put a new name into it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.datatypes import AnswerStatus, Conversation, Turn
from bot.spoken_of import Spoken, spoken_of
from bot.taken_over import is_fragment, take_over
from retrieval.names import Sort, is_office, names_in
from retrieval.places import find_places
from retrieval.query import Kind, Query, understand
from retrieval.wording import Language, Word, content_words, is_year, language_of, words

# How many turns back "there" can point.
_REACH = 4


def stand_alone(question: str, conversation: Conversation, language_code: str) -> str:
    """Write a question so that it can be understood without the conversation before it."""
    conversation = tuple(turn for turn in conversation if turn.answer.status is not AnswerStatus.CONVERSATION)
    if not conversation:
        return question
    language = language_of(language_code)
    before = understand(conversation[-1].answer.understood_as, conversation[-1].answer.language)
    if (meant := _correction(question, language)) is not None:
        if understand(meant, language_code).asking:
            return stand_alone(meant, conversation[:-1], language_code)
        return _put_into(meant, before)
    bare = _without_opener(question, language)
    is_opened = bare != question.strip()
    query = understand(bare, language_code)
    if not _own_words(bare, query, language) and not _points_back(bare, conversation, language):
        return take_over(bare, query, before)
    if is_fragment(bare, query, language):
        return take_over(bare, query, before)
    if (
        is_opened
        and not query.asking
        and not query.asks_for_words
        and not _points_back(bare, conversation, language)
    ):
        return _put_into(bare, before)
    resolved = _resolve_pronouns(bare, conversation, language)
    if resolved == bare and language.drops_subject:
        resolved = _with_speaker(bare, query, conversation)
    return resolved if resolved != bare or is_opened else question


def _correction(question: str, language: Language) -> str | None:
    """Take what is meant out of a correction, "no, I mean in Japan"; None where nothing is corrected."""
    lowered = question.strip().lower()
    for opener in sorted(language.corrections, key=len, reverse=True):
        if lowered.startswith(opener) and lowered[len(opener) : len(opener) + 1] in (" ", ","):
            meant = question.strip()[len(opener) :].lstrip(" ,:")
            return meant if words(meant) else None
    return None


def _without_opener(question: str, language: Language) -> str:
    """Drop the words that tie a question to the one before: "and", "ok, and what about"."""
    bare = question.strip()
    openers = sorted(language.openers, key=len, reverse=True)
    while opener := next((one for one in openers if bare.lower().startswith((f"{one} ", f"{one},"))), None):
        bare = bare[len(opener) :].lstrip(" ,")
    return bare


def _own_words(question: str, query: Query, language: Language) -> list[Word]:
    """Find the words by which a question is about something: no pronouns, no asking phrase."""
    pronouns = language.every_pronoun
    return [
        word
        for word in content_words(question, query.language)
        if word not in query.asking
        and word.text.lower() not in pronouns | language.asking_words | language.reporting
    ]


def _put_into(piece: str, before: Query) -> str:
    """Put a new place, name, year or topic where the question before had one of that sort."""
    piece = piece.strip(" ?¿.!")
    language = language_of(before.language)
    every = words(piece)
    at = next((word.start for word in every[1:] if word.text.lower() in language.setting), None)
    if at is not None and names_in(piece[:at], language.code) and _placed(piece[at:], language):
        # "And Hallard in Hamburg?"
        named = _put_into(piece[:at], before)
        return _put_into(piece[at:], understand(named, language.code))
    first = every[0].text.lower() if every else ""
    old, new = _placed(before.text, language), _placed(piece, language)
    if find_places(before.text) and before.setting and first in language.function_words - language.setting:
        # "And about China?" leaves the place behind.
        start = max((word.start for word in words(before.text) if word.end < old[-1][0]), default=0)
        return f"{before.text[:start].rstrip()} {piece}?"
    names = _names(before)
    if names and any(word.text.lower() in language.openers for word in _names_together(every, 0, language)):
        # "Rutte and Trump" takes the place of "Yoon and Trump", not of "Yoon".
        names = _names_together(words(before.text), names[0].start, language)
    if new and old and (not names or first in language.setting or find_places(piece)):
        start, end = old[-1]
        return before.text[:start] + piece[new[0][0] : new[0][1]] + before.text[end:]
    if names and not new and (piece[:1].isupper() or any(is_office(word.text) for word in every)):
        return before.text[: names[0].start] + piece + before.text[names[-1].end :]
    years = [[word for word in words(text) if is_year(word.text)] for text in (before.text, piece)]
    if all(years) and len(every) < 3:
        return before.text[: years[0][0].start] + years[1][0].text + before.text[years[0][0].end :]
    added = piece if first in language.function_words else f"{language.about} {piece}"
    return f"{before.text.rstrip(' ?.!')} {added}?"


def _placed(text: str, language: Language) -> list[tuple[int, int]]:
    """Find the places that a text names; a name is one behind "in", whether it is known or not."""
    known = [(mention.start, mention.end) for mention in find_places(text) if not mention.demonym]
    named = [(name.start, name.end) for name in names_in(text, language.code) if name.sort is Sort.PLACE]
    return sorted(
        {
            *known,
            *(span for span in named if not any(span[0] < end and start < span[1] for start, end in known)),
        }
    )


def _names(query: Query) -> list[Word]:
    """Find the first name in a question that is no place, all its words."""
    placed = {word for _, word in query.places}
    some = [word for word in (*query.speaker, *query.topic) if word.is_capitalised and word not in placed]
    some.sort(key=lambda word: word.start)
    run: list[Word] = []
    for word in some:
        if run and word.start != run[-1].end + 1:
            break
        run.append(word)
    return run or [word for word in query.speaker if word not in placed]


def _names_together(every: Sequence[Word], start: int, language: Language) -> list[Word]:
    """Find names from a place on that are told in one breath: "Yoon and Trump"."""
    run: list[Word] = []
    later = [word for word in every if word.start >= start]
    for word, following in zip(later, [*later[1:], None], strict=True):
        joins = word.text.lower() in language.openers and following is not None and following.is_capitalised
        if not word.is_capitalised and not (run and joins):
            break
        run.append(word)
    return run


def _points_back(question: str, conversation: Conversation, language: Language) -> bool:
    """Tell whether a word in a question stands for a place, or for somebody or something with a name."""
    every = [word.text.lower() for word in words(question)]
    there = [at for at, word in enumerate(every) if word in language.pronouns.get("there", ())]
    if not all(_is_filler(words(question), at, language) for at in there):
        return True
    counted = {word for before, word in pairwise(every) if before in language.partitives}
    kinds = {_kind_of(word, language) for word in every if word not in counted} - {""}
    return bool(kinds & {"he", "she"}) or any(spoken_of(conversation, kind) for kind in kinds)


def _resolve_pronouns(question: str, conversation: Conversation, language: Language) -> str:
    """Put what was last spoken of in the place of the first pronoun, and of "there"."""
    every = words(question)
    named = min(
        (name.start for name in names_in(question, language.code) if name.start > 0), default=len(question)
    )
    changes: list[tuple[Word, str]] = []
    is_open = True
    for at, word in enumerate(every):
        lowered, before = word.text.lower(), every[at - 1].text.lower() if at else ""
        if lowered in language.pronouns.get("there", ()) and not _is_filler(every, at, language):
            if place := next(_places_before(conversation), ""):
                changes.append((word, place if before in language.towards else f"{language.inside} {place}"))
        # A name before the pronoun is what the pronoun means; "how many of them" goes on about things.
        elif is_open and word.start < named and before not in language.partitives:
            found = spoken_of(conversation, _kind_of(lowered, language))
            if found:
                is_open = False
                name = _in_a_sentence(found[0], question[: word.start])
                changes.append(
                    (word, _genitive(name, language) if _is_possessive(every, at, language) else name)
                )
    for word, instead in reversed(changes):
        question = question[: word.start] + instead + question[word.end :]
    return question


def _is_filler(every: Sequence[Word], at: int, language: Language) -> bool:
    """Tell "are there any?" and "how many are there?" from "who is there?": there it names no place."""
    beside = [every[near].text.lower() for near in (at - 1, at + 1) if 0 <= near < len(every)]
    if not language.helping.intersection(beside):
        return False
    counts = {word.text.lower() for word in every[:2]} & language.determiners
    return at + 1 < len(every) or bool(counts)


def _in_a_sentence(spoken: Spoken, before: str) -> str:
    if not spoken.after_the or before.rstrip().lower().endswith(" the"):
        return spoken.name
    return f"the {spoken.name}"


def _genitive(name: str, language: Language) -> str:
    if language.code == "sv":
        return name if name.endswith(("s", "x", "z")) else f"{name}s"
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _is_possessive(every: Sequence[Word], at: int, language: Language) -> bool:
    """Tell "her plan" from "met her in": a noun follows a possessive."""
    lowered = every[at].text.lower()
    following = every[at + 1].text.lower() if at + 1 < len(every) else ""
    if lowered in language.pronouns.get("object", ()) and following in language.function_words:
        return False
    return lowered in language.possessives and following != ""


def _kind_of(lowered: str, language: Language) -> str:
    """Tell which group of pronouns a word belongs to, of those that stand for one name; else nothing."""
    if lowered in language.left_alone:
        return ""
    kinds = (kind for kind in ("he", "she", "they", "it") if lowered in language.pronouns.get(kind, ()))
    return next(kinds, "")


def _with_speaker(question: str, query: Query, conversation: Conversation) -> str:
    """Name the speaker where the language lets it be left out: "E cosa ha detto della Cina?"."""
    if query.asks_for_words and not query.speaker and query.kind is not Kind.PERSON:
        asking = language_of(query.language).asking_words
        verb = next((word for word in words(question) if word.text.lower() in asking), None)
        found = spoken_of(conversation, "person")
        if found and verb:
            return f"{question[: verb.end]} {found[0].name}{question[verb.end :]}"
    return question


def _places_before(conversation: Sequence[Turn]) -> Iterator[str]:
    """Name the places spoken of, the last first: asked about, then quoted, first where something happens."""
    for turn in reversed(conversation[-_REACH:]):
        language = language_of(turn.answer.language)
        for start, end in _placed(turn.answer.understood_as, language):
            yield turn.answer.understood_as[start:end]
        for citation in turn.answer.citations:
            spoken = language_of(citation.article.language)
            spans = _placed(citation.quote, spoken)
            leading = spoken.setting | spoken.towards
            for start, end in sorted(spans, key=lambda span: not _is_led(citation.quote, span[0], leading)):
                yield citation.quote[start:end]


def _is_led(text: str, start: int, leading: frozenset[str]) -> bool:
    before = words(text[max(0, start - 12) : start])
    return bool(before) and before[-1].text.lower() in leading
