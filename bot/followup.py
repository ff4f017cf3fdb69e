"""Make a follow-up question stand alone, from the questions and answers before it, by rules.

Pronouns take the name of who was last asked about or found; a question with nothing of its own, "When?",
takes over the question before; "And Borrell?" and "And in Japan?" put a new name into it.
"""

from collections.abc import Iterator, Sequence

from bot.datatypes import Conversation, Turn
from retrieval.places import find_places
from retrieval.query import Kind, Query, understand
from retrieval.wording import Language, Word, content_words, language_of, words

# How many turns back a pronoun can point.
_REACH = 4
_PERSONS = ("he", "she", "they")
# "How many of them?" asks on about things; these point to somebody or somewhere.
_POINTING = ("he", "she", "there")


def stand_alone(question: str, conversation: Conversation, language_code: str) -> str:
    """Write a question so that it can be understood without the conversation before it."""
    if not conversation:
        return question
    language = language_of(language_code)
    before = understand(conversation[-1].answer.understood_as, conversation[-1].answer.language)
    bare = _without_opener(question, language)
    query = understand(bare, language_code)
    if not _own_words(bare, query, language) and not _points_back(bare, language):
        return _take_over(bare, query, before)
    if bare != question.strip() and not query.asking and not query.asks_for_words:
        return _put_into(bare, query, before)
    resolved = _resolve_pronouns(bare, query, conversation, language)
    if resolved == bare and bare != question.strip():
        return _with_speaker(bare, query, conversation)
    return resolved if resolved != bare else question


def _without_opener(question: str, language: Language) -> str:
    """Drop the words that tie a question to the one before: "and", "what about"."""
    lowered = question.strip().lower()
    for opener in sorted(language.openers, key=len, reverse=True):
        if lowered.startswith((opener + " ", opener + ",")):
            return question.strip()[len(opener) :].lstrip(" ,")
    return question.strip()


def _own_words(question: str, query: Query, language: Language) -> list[Word]:
    """Find the words by which a question is about something: no pronouns, no asking phrase."""
    pronouns = {form for forms in language.pronouns.values() for form in forms}
    return [
        word
        for word in content_words(question, query.language)
        if word not in query.asking
        and word.text.lower() not in pronouns | language.asking_words | language.reporting
    ]


def _take_over(question: str, query: Query, before: Query) -> str:
    """Ask the question before in another way: "When?" after "Where did he go?"."""
    asks = question.strip(" ?¿.!")
    if query.asking:
        asks = question[: query.asking[-1].end] if query.asking[0].start == 0 else asks
    rest = before.text
    helping = language_of(before.language).yes_or_no
    asked = [word for word in before.asking if word.text.lower() not in helping]
    if asked and asked[0].start == 0:
        rest = before.text[asked[-1].end :]
    return f"{asks[:1].upper()}{asks[1:]} {rest.strip()}"


def _put_into(piece: str, query: Query, before: Query) -> str:
    """Put a new place, name or topic where the question before had one of that sort."""
    piece = piece.strip(" ?¿.!")
    new_places = {code for code, _ in query.places} | set(query.setting)
    mentions = find_places(before.text)
    language = language_of(query.language)
    first = words(piece)[0].text.lower() if words(piece) else ""
    is_about = first in language.function_words and first not in language.setting
    if mentions and is_about and before.setting:
        # "And about China?" leaves the place behind.
        start = max((word.start for word in words(before.text) if word.end < mentions[-1].start), default=0)
        return f"{before.text[:start].rstrip()} {piece}?"
    if new_places and mentions:
        old = mentions[-1]
        new = find_places(piece)[:1]
        name = piece[new[0].start : new[0].end] if new else piece
        return before.text[: old.start] + name + before.text[old.end :]
    names = _names(before)
    if names and piece[:1].isupper() and not new_places:
        return before.text[: names[0].start] + piece + before.text[names[-1].end :]
    added = piece if first in language.function_words else f"{language.about} {piece}"
    return f"{before.text.rstrip(' ?.!')} {added}?"


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


def _points_back(question: str, language: Language) -> bool:
    """Tell whether a pronoun in a question stands for a person or a place."""
    forms = {form for kind in _POINTING for form in language.pronouns.get(kind, ())}
    return any(word.text.lower() in forms for word in words(question))


def _resolve_pronouns(question: str, query: Query, conversation: Conversation, language: Language) -> str:
    """Put the names and places that were last spoken of in the place of pronouns."""
    names = [name.start for name in _names(query) if name.is_capitalised]
    resolved = question
    for word in reversed(words(question)):
        lowered = word.text.lower()
        stands_for = ""
        if lowered in language.pronouns.get("there", ()):
            place = next(_places_before(conversation), "")
            stands_for = f"in {place}" if place else ""
        # A name before the pronoun is what the pronoun means.
        elif _is_person(lowered, language) and not any(start < word.start for start in names):
            stands_for = next(_people_before(conversation), "")
            if stands_for and lowered in language.possessives and _is_possessive(question, word, language):
                stands_for += "s" if language.code == "sv" else "’s"
        if stands_for:
            resolved = resolved[: word.start] + stands_for + resolved[word.end :]
    return resolved


def _is_possessive(question: str, word: Word, language: Language) -> bool:
    """Tell "her plan" from "met her in": a noun follows a possessive."""
    following = next((other for other in words(question) if other.start > word.start), None)
    return following is not None and following.text.lower() not in language.function_words


def _is_person(lowered: str, language: Language) -> bool:
    return any(lowered in language.pronouns.get(kind, ()) for kind in _PERSONS)


def _with_speaker(question: str, query: Query, conversation: Conversation) -> str:
    """Name the speaker where the language lets it be left out: "E cosa ha detto della Cina?"."""
    if query.asks_for_words and not query.speaker and query.kind is not Kind.PERSON:
        name = next(_people_before(conversation), None)
        verb = [
            word for word in words(question) if word.text.lower() in language_of(query.language).asking_words
        ]
        if name and verb:
            return f"{question[: verb[0].end]} {name}{question[verb[0].end :]}"
    return question


def _people_before(conversation: Conversation) -> Iterator[str]:
    """Name the people spoken of, the likeliest first: found for "who", asked about, quoted."""
    for turn in reversed(conversation[-_REACH:]):
        query = understand(turn.answer.understood_as, turn.answer.language)
        asked = " ".join(word.text for word in _names(query))
        found = [name for name in _people_in(turn) if name not in query.text]
        if query.kind is Kind.PERSON and found:
            yield from found
        if asked:
            yield asked[:1].upper() + asked[1:]
        yield from found


def _people_in(turn: Turn) -> Iterator[str]:
    """Find names of people in the quotations of an answer: two capitalised words or more, no place."""
    for citation in turn.answer.citations:
        language = language_of(citation.article.language)
        placed = [(mention.start, mention.end) for mention in find_places(citation.quote)]
        run: list[Word] = []
        for word in [*words(citation.quote), None]:
            fits = (
                word is not None
                and word.is_capitalised
                and not word.text.isupper()
                and word.text.lower() not in language.function_words | language.reporting
                and word.text.lower() not in language.calendar
                and not any(start <= word.start < end for start, end in placed)
            )
            if fits and word is not None and (not run or word.start == run[-1].end + 1):
                run.append(word)
                continue
            if len(run) > 1:
                yield " ".join(part.text for part in run[-2:])
            run = [word] if fits and word is not None else []


def _places_before(conversation: Sequence[Turn]) -> Iterator[str]:
    """Name the places spoken of, the last first: asked about, then quoted."""
    for turn in reversed(conversation[-_REACH:]):
        texts = [turn.answer.understood_as, *(citation.quote for citation in turn.answer.citations)]
        for text in texts:
            for mention in find_places(text):
                if not mention.demonym:
                    yield text[mention.start : mention.end]
