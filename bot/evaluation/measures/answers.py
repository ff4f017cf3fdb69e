"""Measure answers: is what was expected quoted, is what the articles do not say refused.

An answer is what it quotes. What is expected has to stand in a quote, whoever wrote the answer: words of a
chat model that no quote holds are worth nothing here, and the measure "support" tells how many there are.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

from bot.datatypes import Answer, AnswerStatus
from bot.evaluation.cases import CaseTurn
from bot.evaluation.measures.citations import cited_claims
from bot.evaluation.measures.measure import Measure, Scores, Sums
from bot.evaluation.measures.places_of_evidence import covers
from bot.shown import footnotes

MOST_QUOTES, MOST_CHARACTERS = 5, 900

_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
    }
)
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")

MEASURES = (
    Measure(
        name="right",
        group="answers",
        meaning="Share of questions answered as expected, in at most five quotes, or rightly refused.",
    ),
    Measure(
        name="concise",
        group="answers",
        meaning=f"Share of answers of at most {MOST_QUOTES} quotes and {MOST_CHARACTERS} quoted characters.",
    ),
    Measure(
        name="exact match",
        group="answers",
        meaning="Share of answers whose quoted words are an expected answer (SQuAD 2.0).",
    ),
    Measure(
        name="token F1",
        group="answers",
        meaning="Words shared by the quotes and the nearest expected answer (SQuAD 2.0).",
    ),
    Measure(
        name="answer found", group="answers", meaning="Share of answers that quote an expected short answer."
    ),
    Measure(name="facts found", group="answers", meaning="Share of all expected facts that are quoted."),
    Measure(
        name="patterns matched", group="answers", meaning="Share of all expected patterns that match a quote."
    ),
    Measure(
        name="language kept",
        group="answers",
        meaning="Share of answers in the language of the question.",
    ),
    Measure(
        name="refusal precision",
        group="refusal",
        meaning="Share of the refused questions that the articles indeed do not answer.",
    ),
    Measure(
        name="refusal recall",
        group="refusal",
        meaning="Share of the questions that the articles do not answer that are refused.",
    ),
    Measure(
        name="false refusals",
        group="refusal",
        meaning="Share of the questions that the articles do answer that are refused.",
        higher_is_better=False,
    ),
)


def answer_scores(turn: CaseTurn, answer: Answer, language: str | None) -> Scores:
    """Score one answer by what was expected of it.

    Args:
        turn: What was asked and is expected.
        answer: What was answered.
        language: The language that the answer should have; None where that is open.
    """
    refused = answer.status is AnswerStatus.NOT_COVERED
    quotes = [] if refused else _quoted(answer)
    scores: dict[str, Sums] = {}
    if turn.is_answerable is not None:
        scores["right"] = _one(is_right(turn, answer))
        scores.update(_scores_of_refusal(turn.is_answerable, refused))
    if not refused:
        scores["concise"] = _one(_is_concise(quotes))
    if turn.is_answerable is False:
        scores["exact match"] = scores["token F1"] = _one(refused)
    elif turn.answers:
        said = _said(quotes)
        scores["exact match"] = _one(normalised(said) in map(normalised, turn.answers))
        scores["token F1"] = (max(token_f1(said, expected) for expected in turn.answers), 1.0)
        scores["answer found"] = _one(_holds_an_answer(quotes, turn.answers))
    if turn.facts:
        found = sum(_is_quoted(wordings, quotes) for wordings in turn.facts)
        scores["facts found"] = (float(found), float(len(turn.facts)))
    if turn.patterns:
        matched = sum(_matches(pattern, quotes) for pattern in turn.patterns)
        scores["patterns matched"] = (float(matched), float(len(turn.patterns)))
    if language is not None:
        scores["language kept"] = _one(_main_language(answer.language) == _main_language(language))
    return scores


def is_right(turn: CaseTurn, answer: Answer) -> bool:
    """Judge an answer as a whole.

    An answerable question is answered right when the quotes hold every fact in one of its wordings, match
    every pattern and hold one of the short answers; when of each group of articles one is cited; when
    nothing forbidden stands in a quote or a claim; and when the quotes are few and short. Where evidence
    is all that is expected, some of it must be cited. One that is not answerable must be refused.
    """
    answered = answer.status is AnswerStatus.ANSWERED
    if turn.is_answerable is False or not answered:
        return not answered and turn.is_answerable is False
    quotes = _quoted(answer)
    cited = {citation.article.id for citation in answer.citations}
    claimed = [*quotes, *(claim.text for claim in cited_claims(answer))]
    only_evidence = not (turn.answers or turn.facts or turn.patterns or turn.articles)
    return (
        bool(quotes)
        and _is_concise(quotes)
        and all(_is_quoted(wordings, quotes) for wordings in turn.facts)
        and all(_matches(pattern, quotes) for pattern in turn.patterns)
        and (not turn.answers or _holds_an_answer(quotes, turn.answers))
        and all(not cited.isdisjoint(group) for group in turn.articles)
        and not _is_quoted(turn.forbidden, claimed)
        and (
            not (only_evidence and turn.evidence)
            or any(covers(citation, evidence) for citation in answer.citations for evidence in turn.evidence)
        )
    )


def says_expected(turn: CaseTurn, article_id: str, sentence: str) -> bool:
    """Tell whether one sentence holds some of what is expected, and nothing that is forbidden."""
    return (
        turn.is_answerable is not False
        and (not turn.articles or any(article_id in group for group in turn.articles))
        and not _is_quoted(turn.forbidden, [sentence])
        and (
            any(_is_quoted(wordings, [sentence]) for wordings in turn.facts)
            or any(_matches(pattern, [sentence]) for pattern in turn.patterns)
            or _holds_an_answer([sentence], turn.answers)
            or any(_is_quoted([evidence.text], [sentence]) for evidence in turn.evidence if evidence.text)
        )
    )


def normalised(text: str) -> str:
    """Normalise as SQuAD's official script: lower case, no punctuation, no a/an/the, single spaces.

    Source: evaluate-v2.0.py (Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822). Typographic quotes
    and dashes, which the script does not know, are written as on a typewriter before.
    """
    lowered = text.translate(_TYPOGRAPHY).lower().translate(_NO_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def token_f1(said: str, expected: str) -> float:
    """Give the harmonic mean of precision and recall of words, as SQuAD's official script does."""
    ours, theirs = normalised(said).split(), normalised(expected).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def _quoted(answer: Answer) -> list[str]:
    """Give what a person reads: of the other articles of a story only the names are shown."""
    return [citation.quote for citation in footnotes(answer)]


def _said(quotes: Sequence[str]) -> str:
    """Join all that is quoted, the same words once.

    To choose the best quote by the expected answer would flatter a system that quotes much.
    """
    return " ".join({normalised(quote): quote for quote in quotes}.values())


def _is_concise(quotes: Sequence[str]) -> bool:
    return len(quotes) <= MOST_QUOTES and sum(map(len, quotes)) <= MOST_CHARACTERS


def _is_quoted(wordings: Sequence[str], quotes: Sequence[str]) -> bool:
    """Tell whether some wording stands in some quote, whatever its case, white space and typography."""
    return any(_plain(wording) in _plain(quote) for wording in wordings for quote in quotes)


def _matches(pattern: str, quotes: Sequence[str]) -> bool:
    """Tell whether a pattern matches a quote as it stands, or with plain white space and typography."""
    forms = [form for quote in quotes for form in (quote, _even(quote))]
    return any(re.search(pattern, form, re.IGNORECASE) for form in forms)


def _holds_an_answer(quotes: Sequence[str], answers: Sequence[str]) -> bool:
    """Tell whether a short answer stands in a quote as whole words."""
    held = [f" {normalised(quote)} " for quote in quotes]
    wanted = [words for answer in answers if (words := normalised(answer))]
    return any(f" {words} " in quote for words in wanted for quote in held)


def _even(text: str) -> str:
    return " ".join(text.translate(_TYPOGRAPHY).split())


def _plain(text: str) -> str:
    return _even(text).casefold()


def _scores_of_refusal(is_answerable: bool, refused: bool) -> Scores:
    precision = {"refusal precision": _one(not is_answerable)} if refused else {}
    name = "false refusals" if is_answerable else "refusal recall"
    return {**precision, name: _one(refused)}


def _main_language(code: str) -> str:
    """Drop the region: "en-GB" is "en"."""
    return re.split("[-_]", code)[0].lower()


def _one(reached: bool) -> Sums:
    return (float(reached), 1.0)
