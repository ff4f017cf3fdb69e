"""Tell whether sentences of articles support a claim: its figures, names, speaker, negation and words."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from retrieval.attribution import attribute
from retrieval.figures import figures_of, figures_of_date
from retrieval.negation import denied
from retrieval.places import PlaceMention, contains, find_places
from retrieval.roles import turns_round
from retrieval.sentences import Sentence, read_title
from retrieval.telling import without_orders
from retrieval.translation import english_vocabulary, english_words, gloss, is_glossed
from retrieval.wording import Word, content_words, fold, language_of, term, words

# Grades from 0 to 1 how near two sentences are in meaning.
Similarity = Callable[[str, str], float]

# The share of a claim's words that the sentences have to hold. Chosen on one half of WiCE, split by article:
# python -m tests.benchmarks.wice. A higher one loses more supported claims and fewer partly supported ones.
ENOUGH = 0.4
# So many words of a claim in a row, none of which the sentences hold, tell something of their own.
_OWN_TALE = 4
# Sentences with a share this near to the best are read as closely.
_NEAR = 0.85
_OPPOSITE = "the passage says the opposite"
# A claim of few words may miss fewer of them: each makes up for this much.
_FOR_EACH_WORD = 0.15
# A share that is less than enough by so much is enough where the meaning of both sentences is so near.
_NEARLY, _SAME_MEANING = 0.15, 0.75
_COMPARED = 3
_SHARED_PREFIX = 5
# So many sentences before the one that supports a claim may hold its names.
_NAMES_REACH = 4
_MOST_SENTENCES = 400
# Writes all nouns with a capital.
_CAPITAL_NOUNS = {"de"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A claim, read: its content words, figures, names, the places it names, who is said to say it."""

    text: str
    language: str
    words: tuple[Word, ...]
    names: tuple[Word, ...]
    figures: frozenset[str]
    places: tuple[PlaceMention, ...]
    source: frozenset[str]
    denied: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Support:
    """The sentences that support a claim, the one that does most first, and the share of its words there.

    `why_not` says what is wrong where they do not.
    """

    sentences: tuple[Sentence, ...]
    share: float
    why_not: str | None = None

    @property
    def stands(self) -> bool:
        """Whether the claim is supported."""
        return self.why_not is None


_NOTHING = Support((), 0.0, "the passage says something else")


def read_statement(text: str, language: str) -> Statement:
    """Read a claim."""
    known = language_of(language)
    empty = known.reporting | known.light
    content = [word for word in content_words(text, language) if word.text.lower() not in empty]
    attribution = attribute(text, [(0, len(text))], language)[0]
    return Statement(
        text=text,
        language=language,
        words=tuple({fold(word.text): word for word in content if not _is_figure(word, language)}.values()),
        names=tuple(word for word in content if _is_name(word, text, language)),
        figures=figures_of(text, language),
        places=find_places(text),
        source=attribution.source if attribution else frozenset(),
        denied=denied(text, language),
    )


def find_support(
    statement: Statement, passage: Sequence[Sentence], similarity: Similarity | None = None
) -> Support:
    """Find the sentence of a passage that supports a claim, with the one before it.

    Args:
        statement: The claim.
        passage: Sentences of one article, in order; one that tells its reader what to reply says nothing.
        similarity: Grades from 0 to 1 how near two texts are in meaning: it makes up for words that differ.
    """
    passage = _telling(statement, passage)
    if not passage:
        return _NOTHING
    own = [_own_share(statement, one) for one in passage]
    # A sentence that says less than the one before it is not what the claim rests on.
    windows = [
        passage[max(0, place - 1) : place + 1][::-1]
        for place in range(len(passage))
        if not place or own[place] >= own[place - 1]
    ]
    graded = sorted((_grade(statement, one) for one in windows), key=lambda one: -one.share)
    if similarity is not None:
        graded[:_COMPARED] = [_raised(statement, one, similarity) for one in graded[:_COMPARED]]
    # What the nearest sentences deny or put otherwise, a farther one cannot support.
    near = [one for one in graded if one.share >= _NEAR * graded[0].share]
    judged = [_judge(statement, one, _around(passage, one)) for one in near]
    if opposed := [one for one in judged if one.why_not == _OPPOSITE]:
        return opposed[0]
    return next((one for one in judged if one.stands), judged[0])


def find_joint_support(statement: Statement, passages: Sequence[Sequence[Sentence]]) -> Support:
    """Tell whether the best sentences of several passages support a claim together."""
    best = [one for passage in passages if (one := find_support(statement, passage)).sentences]
    if not best:
        return _NOTHING
    best.sort(key=lambda one: -one.share)
    every = [sentence for passage in passages for sentence in _telling(statement, passage)]
    held = _Held.of([*every, *(read_title(one.sentences[0].article) for one in best)])
    joined = tuple(dict.fromkeys(sentence for one in best for sentence in one.sentences))
    return _judge(statement, _grade(statement, joined), held)


def holds_words(text: str, language: str, sentences: Sequence[Sentence]) -> bool:
    """Tell whether sentences hold every content word of a text; of another language, nobody can tell."""
    if not sentences or any(one.article.language != language for one in sentences):
        return True
    held = _Held.of(sentences)
    statement = read_statement(text, language)
    return all(_holds(held, word, statement) for word in statement.words)


def names_another_speaker(statement: Statement, sentence: Sentence, *, is_quoted: bool = False) -> bool:
    """Tell whether a claim puts the words of a sentence into another mouth.

    Args:
        statement: The claim.
        sentence: What it rests on.
        is_quoted: Whether the claim quotes the sentence: then whoever it names is taken for the speaker.
    """
    if sentence.attribution is None:
        return False
    source = sentence.attribution.source
    same = sentence.article.language == statement.language
    named = statement.source & {fold(word.text) for word in statement.names}
    if statement.source and (named or same):
        return not (statement.source & source or _same_place(statement, sentence, source))
    people = [word for word in statement.names if not _in_place(word, statement.places)]
    return is_quoted and bool(people) and not source & {fold(word.text) for word in words(statement.text)}


@dataclass(frozen=True, slots=True)
class _Held:
    """What sentences hold, of all of them together."""

    code: str | None
    terms: frozenset[str]
    folded: frozenset[str]
    english: frozenset[str]
    places: tuple[PlaceMention, ...]

    @classmethod
    def of(cls, sentences: Sequence[Sentence]) -> "_Held":
        code = sentences[0].article.language
        publisher = sentences[0].article.publisher or ""
        english = {term(word, "en") for one in sentences for word in one.english_words}
        return cls(
            code=code,
            terms=frozenset(held for one in sentences for held in one.terms),
            folded=frozenset().union(*(one.folded for one in sentences))
            | {fold(word.text) for word in words(publisher)},
            english=frozenset(english),
            places=tuple(mention for one in sentences for mention in one.places),
        )


def _grade(statement: Statement, window: Sequence[Sentence]) -> Support:
    held = _Held.of(window)
    here = sum(_holds(held, word, statement) for word in statement.words)
    return Support(tuple(window), here / len(statement.words) if statement.words else 0.0)


def _enough(statement: Statement) -> float:
    return max(ENOUGH, 1 - _FOR_EACH_WORD * len(statement.words))


def _own_share(statement: Statement, sentence: Sentence) -> int:
    held = _Held.of([sentence])
    return sum(_holds(held, word, statement) for word in statement.words)


def _around(passage: Sequence[Sentence], support: Support) -> _Held:
    """Take the sentences whose names a pronoun may stand for: the last few, and the title."""
    main = passage.index(support.sentences[0])
    return _Held.of([*passage[max(0, main - _NAMES_REACH) : main + 1], read_title(passage[0].article)])


def _telling(statement: Statement, passage: Sequence[Sentence]) -> Sequence[Sentence]:
    return without_orders(passage[:_MOST_SENTENCES], statement.text, statement.language)


def _judge(statement: Statement, support: Support, held: _Held) -> Support:
    return Support(support.sentences, support.share, _why_not(statement, support, held))


def _why_not(statement: Statement, support: Support, held: _Held) -> str | None:
    """Say what keeps sentences from supporting a claim."""
    main = support.sentences[0]
    if support.share < _enough(statement) or _tells_its_own(statement, support, held):
        return "the passage says something else"
    told: set[str] = set()
    for sentence in support.sentences:
        article = sentence.article
        told |= figures_of(sentence.text, article.language) | figures_of(article.title, article.language)
        told |= figures_of_date(article.published)
    if missing := sorted(statement.figures - told):
        return f"the passage does not have the figure {missing[0]}"
    if name := _missing_name(statement, held):
        return f"the passage does not name {name} there"
    if names_another_speaker(statement, main):
        return "somebody else said it"
    if any(turns_round(statement.text, statement.language, one) for one in support.sentences):
        return "the passage has it the other way round"
    if _is_denied(statement, support.sentences):
        return _OPPOSITE
    return None


def _tells_its_own(statement: Statement, support: Support, held: _Held) -> bool:
    """Tell whether a part of a claim, many words in a row, stands nowhere near: most of it may be copied."""
    window = _Held.of(support.sentences)
    is_there = (_holds(window, word, statement) or _holds(held, word, statement) for word in statement.words)
    return any(not stands and len(list(run)) >= _OWN_TALE for stands, run in groupby(is_there))


def _raised(statement: Statement, support: Support, similarity: Similarity) -> Support:
    """Count a share that is nearly enough as enough where the meaning is the same."""
    main = support.sentences[0]
    enough = _enough(statement)
    if not enough - _NEARLY <= support.share < enough:
        return support
    same = similarity(gloss(statement.text, statement.language), main.english)
    return Support(support.sentences, enough) if same >= _SAME_MEANING else support


def _missing_name(statement: Statement, held: _Held) -> str | None:
    for word in statement.names:
        if not _holds(held, word, statement):
            return word.text
    return None


def _holds(held: _Held, word: Word, statement: Statement) -> bool:
    """Tell whether sentences hold a word: as it stands, by its stem, in translation, as a place."""
    codes = [mention.code for mention in statement.places if mention.start <= word.start < mention.end]
    if codes:
        return any(contains(code, other.code) for code in codes for other in held.places)
    folded = fold(word.text)
    forms = {folded, folded.removesuffix("s"), folded + "s"}
    if forms & held.folded or term(word.text, held.code) in held.terms:
        return True
    if _begins_alike(folded, held.folded):
        return True
    if held.code == statement.language:
        return False
    translated = {
        term(part, "en")
        for form in english_words(word.text, statement.language) or (word.text,)
        for part in form.split()
    }
    return bool(translated & held.english)


def _begins_alike(word: str, others: Iterable[str]) -> bool:
    if len(word) < _SHARED_PREFIX or not word.isalpha():
        return False
    stem = word[: max(_SHARED_PREFIX, math.ceil(len(word) * 0.7))]
    return any(other.startswith(stem) and abs(len(other) - len(word)) <= 3 for other in others)


def _is_figure(word: Word, language: str) -> bool:
    return bool(figures_of(word.text, language))


def _is_name(word: Word, text: str, language: str) -> bool:
    """Tell whether a word is a name; at the start of a claim, unless the dictionary has it as a word."""
    if not word.is_capitalised or language in _CAPITAL_NOUNS or _is_figure(word, language):
        return False
    if word.text.isupper() and len(word.text) > 1 and not text.isupper():
        return True
    opens = not any(letter.isalnum() for letter in text[: word.start])
    opens = opens or text[: word.start].rstrip("\"'“”‘’„«» ").endswith((".", "!", "?", ":"))
    if not opens:
        return True
    following = words(text[word.end : word.end + 40])
    is_run = bool(following) and following[0].is_capitalised and following[0].start <= 1
    return is_run or not _is_ordinary(word.text, language)


def _is_ordinary(word: str, language: str) -> bool:
    if language == "en":
        return term(word, "en") in _english_stems()
    return not is_glossed(language) or bool(english_words(word.lower(), language))


@cache
def _english_stems() -> frozenset[str]:
    return frozenset(term(word, "en") for word in english_vocabulary())


def _in_place(word: Word, places: Sequence[PlaceMention]) -> bool:
    return any(mention.start <= word.start < mention.end for mention in places)


def _same_place(statement: Statement, sentence: Sentence, source: frozenset[str]) -> bool:
    """Tell whether both sources are one country: "Mosca" and "Russia"."""
    said = {
        mention.code.partition("/")[0]
        for mention in statement.places
        if any(fold(word.text) in statement.source for word in words(_cut(statement.text, mention)))
    }
    return any(
        mention.code.partition("/")[0] in said
        and any(fold(word.text) in source for word in words(_cut(sentence.text, mention)))
        for mention in sentence.places
    )


def _cut(text: str, mention: PlaceMention) -> str:
    return text[mention.start : mention.end]


def _is_denied(statement: Statement, sentences: Sequence[Sentence]) -> bool:
    """Tell whether a claim denies what sentences say, or says what they deny."""
    claimed = {term(word, "en") for word in gloss(statement.text, statement.language).split()}
    denials = [scope for one in sentences for scope in denied(one.text, one.article.language)]
    if statement.denied:
        return not any(mine & theirs for mine in statement.denied for theirs in denials)
    return any(len(scope & claimed) * 2 >= len(scope) for scope in denials)
