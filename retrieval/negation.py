"""What a text denies: the words behind its negations, written so that languages compare."""

import re
from collections.abc import Iterator, Sequence

from retrieval.translation import gloss
from retrieval.wording import Word, content_words, term, words

# So many words behind a negation are what it denies.
_DENIED = 4
_NEGATIONS = {
    "en": "not never no none nobody nothing neither nor cannot deny denies denied denying",
    "it": "non mai nessuno nessuna nessun niente nulla né neppure nemmeno nega negano negato smentisce",
    "sv": "inte aldrig ingen inget inga icke ej varken förnekar förnekade förnekat dementerar dementerade",
    "de": "nicht nie niemals kein keine keinen keiner niemand nichts weder",
    "fr": "ne pas jamais aucun aucune personne rien ni",
    "es": "no nunca jamás ningún ninguna ninguno nadie nada ni tampoco",
}
_CONTRACTED = re.compile(r"n['’]t\b", re.IGNORECASE)
# "Not only … but also" denies nothing.
_ONLY = {"only", "just", "merely", "solo", "soltanto", "bara", "endast", "nur", "seulement", "sólo"}
_CLAUSE_END = re.compile(r"[,;:.!?–—()]")
_TURNS = {"but", "ma", "men", "aber", "mais", "pero", "while", "although", "mentre", "medan"}


def denied(text: str, code: str | None) -> tuple[frozenset[str], ...]:
    """Find what each negation of a text denies: the first content words behind it, in English, as stems."""
    scopes = [_scope(text, behind, code) for behind in _negated(text, code)]
    return tuple(scope for scope in scopes if scope)


def denies(text: str, code: str | None) -> bool:
    """Tell whether a text holds a negation."""
    return any(True for _ in _negated(text, code))


def _negated(text: str, code: str | None) -> Iterator[Sequence[Word]]:
    """Give the words behind each negation."""
    negations = set(_NEGATIONS.get(code or "", "").split())
    # "Didn't" is cut into "didn" and "t".
    contracted = {match.start() + 1 for match in _CONTRACTED.finditer(text)} if code == "en" else set()
    every = words(text)
    for place, word in enumerate(every):
        behind = every[place + 1 :]
        is_only = bool(behind) and behind[0].text.lower() in _ONLY
        if (word.text.lower() in negations or word.end in contracted) and not is_only:
            yield behind


def _scope(text: str, behind: Sequence[Word], code: str | None) -> frozenset[str]:
    scope: list[str] = []
    content = {word.start for word in content_words(text, code)}
    reached = behind[0].start if behind else 0
    for word in behind:
        if _CLAUSE_END.search(text[reached : word.start]) or word.text.lower() in _TURNS:
            break
        reached = word.end
        if word.start in content:
            scope += [term(part, "en") for part in gloss(word.text, code).split()] or [term(word.text, code)]
        if len(scope) >= _DENIED:
            break
    return frozenset(scope)
