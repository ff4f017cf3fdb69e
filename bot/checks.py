"""Check what a chat model replied: nothing leaves that the passages do not support."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.citations import cite
from bot.datatypes import AnswerStatus, Citation, Dropped
from bot.extractive import Draft
from prompts.parse import Claim, find_quotations, is_refusal, parse_reply
from prompts.quoting import outside, unwrapped, without_strays
from retrieval.datatypes import Article, ScoredPassage
from retrieval.figures import figures_of
from retrieval.negation import denies
from retrieval.passages import Span, split_sentences
from retrieval.query import Query
from retrieval.quotations import Found, find_quotation
from retrieval.sentences import Sentence, read_article
from retrieval.support import (
    Similarity,
    Statement,
    Support,
    find_joint_support,
    find_support,
    holds_words,
    names_another_speaker,
    read_statement,
)
from retrieval.telling import behind_impersonal
from retrieval.wording import detect_language, guess_language, language_of

_BULLET = "– "
# A sentence that quotes more often is not read: each quotation is looked for in every passage.
_MOST_QUOTATIONS = 20
_FULL_STOPS = ".!?…"
_UNMARKED = "it cites nothing, and no passage supports it"
_HANGS = "it goes on from a sentence that was dropped"
_SOMEBODY_ELSE = "somebody else said it"
_ALTERED = "it quotes words that no passage has"
_TOO_MANY = "it quotes more than can be checked"
_NO_PASSAGE = "there is no passage with this number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is left of a reply once it is checked.

    `draft` is None where nothing stands; `is_refusal` where the reply says that the passages do not answer;
    `language` is the reply's own, None where it is too short to tell.
    """

    draft: Draft | None
    dropped: tuple[Dropped, ...] = ()
    is_refusal: bool = False
    language: str | None = None


def check_reply(
    reply: str,
    query: Query,
    passages: Mapping[int, ScoredPassage],
    articles: Mapping[str, Article],
    *,
    similarity: Similarity | None = None,
) -> Checked:
    """Keep the claims of a reply that its passages support, with citations that stand.

    Args:
        reply: What the chat model wrote.
        query: The question that it answers.
        passages: What it was given, by the numbers that it cites.
        articles: The articles of the passages, by id.
        similarity: Grades from 0 to 1 how near two sentences are in meaning.
    """
    if is_refusal(reply):
        return Checked(draft=None, is_refusal=True)
    claims = parse_reply(reply)
    language = _language(" ".join(outside(claim.text, claim.quotations) for claim in claims), query)
    checker = _Checker(passages, articles, language or query.language, similarity)
    kept: list[_Kept] = []
    dropped: list[Dropped] = []
    is_dropped = False
    for claim in claims:
        dropped += [Dropped(f"[{one}]", _NO_PASSAGE) for one in claim.numbers if one not in passages]
        if is_dropped and checker.goes_on(claim):
            checked: _Kept | Dropped = Dropped(claim.text, _HANGS)
        else:
            checked = checker.check(claim)
        is_dropped = isinstance(checked, Dropped)
        if isinstance(checked, Dropped):
            dropped.append(checked)
        else:
            kept.append(checked)
    return Checked(draft=_write(kept) if kept else None, dropped=tuple(dropped), language=language)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A claim that stands: its text as it is shown, and the places that it rests on."""

    claim: Claim
    text: str
    places: tuple[tuple[Article, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A quotation that stands in a passage."""

    number: int
    found: Found


@dataclass(frozen=True, slots=True)
class _Quoting:
    """A claim whose quotations all stand, where they stand in it, and what it quoted otherwise."""

    text: str
    placed: list[tuple[Span, _Placed]]
    altered: list[str]


class _Checker:
    """Checks claims against the passages of one reply."""

    def __init__(
        self,
        passages: Mapping[int, ScoredPassage],
        articles: Mapping[str, Article],
        language: str,
        similarity: Similarity | None,
    ) -> None:
        self._passages = {number: scored.passage for number, scored in passages.items()}
        self._articles = articles
        self._language = language
        self._similarity = similarity
        self._read: dict[int, list[Sentence]] = {}

    def goes_on(self, claim: Claim) -> bool:
        """Tell whether a claim says of whom it speaks by a pronoun alone."""
        opening = behind_impersonal(claim.text, self._language)[:2]
        statement = read_statement(claim.text, self._language)
        pronouns = language_of(self._language).every_pronoun
        return not statement.names and any(word.text.lower() in pronouns for word in opening)

    def check(self, claim: Claim) -> _Kept | Dropped:
        """Check one claim: its quotations first, then what it says."""
        cited = [number for number in claim.numbers if number in self._passages]
        order = [*cited, *(number for number in self._passages if number not in cited)]
        quoting = self._quotations(claim.text, order)
        if isinstance(quoting, str):
            return Dropped(claim.text, quoting)
        text, placed = quoting.text, [one for _, one in quoting.placed]
        statement = self._statement(text, [span for span, _ in quoting.placed])
        if placed:
            checked = self._check_quoting(claim, text, statement, placed)
        else:
            # What was altered is not looked for elsewhere.
            reach = cited if quoting.altered else order
            checked = self._check_telling(claim, text, statement, reach)
        if isinstance(checked, _Kept) and not self._tells(quoting.altered, checked):
            return Dropped(claim.text, _ALTERED)
        return checked

    def _tells(self, altered: Sequence[str], kept: _Kept) -> bool:
        """Tell whether what is no quotation any more is at least told with words of the passages."""
        told = [one for sentences in self._read.values() for one in sentences if _is_at(one, kept.places)]
        return all(holds_words(text, self._language, told) for text in altered)

    def _check_telling(
        self, claim: Claim, text: str, statement: Statement, order: Sequence[int]
    ) -> _Kept | Dropped:
        """Check a claim that quotes nothing: against the passages it cites, else against all others."""
        cited = [number for number in claim.numbers if number in self._passages]
        supports = {number: self._support(statement, number) for number in cited}
        standing = [number for number in cited if supports[number].stands]
        if not standing and len(cited) > 1:
            joint = find_joint_support(statement, [self._sentences(number) for number in cited])
            standing = [number for number in cited if supports[number].sentences] if joint.stands else []
        if not standing:
            others = {number: self._support(statement, number) for number in order[len(cited) :]}
            standing = [number for number in others if others[number].stands]
            standing = sorted(standing, key=lambda number: -others[number].share)[:1]
            supports |= others
        if not standing:
            best = max((supports[number] for number in cited), key=lambda one: one.share, default=None)
            return Dropped(claim.text, (best.why_not if best else None) or _UNMARKED)
        places = [_place(statement, supports[number]) for number in standing]
        return _Kept(claim, text, tuple(dict.fromkeys(places)))

    def _check_quoting(
        self, claim: Claim, text: str, statement: Statement, placed: Sequence[_Placed]
    ) -> _Kept | Dropped:
        """Check what stands around quotations against the passages that hold them."""
        numbers = list(dict.fromkeys(one.number for one in placed))
        supports = [self._support(statement, number) for number in numbers]
        if len(numbers) > 1 and not any(one.stands for one in supports):
            supports.append(find_joint_support(statement, [self._sentences(number) for number in numbers]))
        # A sentence that is one quotation and who said it has nothing else to support.
        if not any(one.stands for one in supports):
            return Dropped(claim.text, supports[-1].why_not or _UNMARKED)
        places = []
        for one in placed:
            passage = self._passages[one.number]
            article = self._articles[passage.article_id]
            places.append((article, passage.start + one.found.start, passage.start + one.found.end))
        return _Kept(claim, text, tuple(dict.fromkeys(places)))

    def _quotations(self, text: str, order: Sequence[int]) -> "_Quoting | str":
        """Find every quotation of a claim in a passage; one that stands in none loses its marks.

        Where the claim cannot stand for its quotations, the reason why.
        """
        altered: list[str] = []
        # Each turn takes at least one mark away.
        for _ in range(_MOST_QUOTATIONS):
            placed: list[tuple[Span, _Placed]] = []
            quotations = find_quotations(text)
            if len(quotations) > _MOST_QUOTATIONS:
                return _TOO_MANY
            for span in quotations:
                found = [one for number in order if (one := self._find(text[slice(*span)], number))]
                if not found:
                    altered.append(text[slice(*span)])
                    text = unwrapped(text, span)
                    break
                statement = self._statement(text, [span])
                right = [one for one in found if not self._is_another_mouth(statement, one)]
                if not right:
                    return _SOMEBODY_ELSE
                placed.append((span, right[0]))
            else:
                text, spans = without_strays(text, [span for span, _ in placed])
                return _Quoting(text, list(zip(spans, (one for _, one in placed), strict=True)), altered)
        return _TOO_MANY

    def _find(self, quotation: str, number: int) -> _Placed | None:
        """Find a quotation in a passage; what it leaves out must deny nothing."""
        passage = self._passages[number]
        # Only signs can be written in fewer characters than they have there.
        is_too_long = len(quotation) > 2 * len(passage.text)
        found = None if is_too_long else find_quotation(quotation, passage.text)
        if found is None:
            return None
        article = self._articles[passage.article_id]
        gaps = zip(found.parts, found.parts[1:], strict=False)
        if any(denies(passage.text[one[1] : other[0]], article.language) for one, other in gaps):
            return None
        return _Placed(number, found)

    def _is_another_mouth(self, statement: Statement, placed: _Placed) -> bool:
        place = self._passages[placed.number].start + placed.found.start
        sentences = self._sentences(placed.number)
        return any(
            names_another_speaker(statement, one, is_quoted=True)
            for one in sentences
            if one.start <= place < one.end
        )

    def _statement(self, text: str, quotations: Sequence[Span]) -> Statement:
        """Read a claim; the names and figures within its quotations stand where these do."""
        statement = read_statement(text, self._language)
        return replace(
            statement,
            names=tuple(
                word
                for word in statement.names
                if not any(start <= word.start < end for start, end in quotations)
            ),
            figures=figures_of(outside(text, quotations), self._language),
        )

    def _support(self, statement: Statement, number: int) -> Support:
        return find_support(statement, self._sentences(number), self._similarity)

    def _sentences(self, number: int) -> list[Sentence]:
        """Read the sentences of a passage."""
        if number not in self._read:
            passage = self._passages[number]
            article = self._articles[passage.article_id]
            story = read_article(article, split_sentences(article.text))
            self._read[number] = [one for one in story if one.start < passage.end and passage.start < one.end]
        return self._read[number]


def _place(statement: Statement, support: Support) -> tuple[Article, int, int]:
    """Cite the sentence that supports best, with the one before it where its figures stand there."""
    main, *before = support.sentences
    article = main.article
    start = main.start
    missing = statement.figures - figures_of(main.text, article.language)
    for one in before:
        if one.article is article and missing & figures_of(one.text, article.language):
            start = min(start, one.start)
    return article, start, main.end


def _language(text: str, query: Query) -> str | None:
    """Tell the language of a reply where its small words and its letters agree."""
    detected = detect_language(text)
    return detected if guess_language(text, [query.language], detect_language) == detected else None


def _is_at(sentence: Sentence, places: Sequence[tuple[Article, int, int]]) -> bool:
    return any(
        sentence.article is article and sentence.start < end and start < sentence.end
        for article, start, end in places
    )


def _write(kept: Sequence[_Kept]) -> Draft:
    """Write the claims that stand line by line, each with the marks of what it rests on."""
    citations: dict[tuple[str, int, int], Citation] = {}
    lines: dict[int, str] = {}
    for one in kept:
        marks = []
        for article, start, end in one.places:
            key = (article.id, start, end)
            citations.setdefault(key, cite(article, start, end, len(citations) + 1))
            marks.append(f"[{citations[key].number}]")
        written = _marked(one.text, "".join(marks))
        line = one.claim.line
        lead = _BULLET if one.claim.is_listed else ""
        lines[line] = f"{lines[line]} {written}" if line in lines else lead + written
    return Draft(AnswerStatus.ANSWERED, "\n".join(lines.values()), tuple(citations.values()))


def _marked(text: str, marks: str) -> str:
    """Put marks before the full stop; a sentence without one gets it behind its own."""
    bare = text.rstrip()
    if bare[-1] in _FULL_STOPS and bare[-2:-1] not in _FULL_STOPS:
        return f"{bare[:-1].rstrip()} {marks}{bare[-1]}"
    return f"{bare} {marks}"
