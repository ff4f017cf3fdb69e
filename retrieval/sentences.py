"""Read the sentences of an article: who speaks in them, where, and which places they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.attribution import Attribution, attribute
from retrieval.datatypes import Article
from retrieval.passages import Span
from retrieval.places import PlaceMention, find_places
from retrieval.query import is_setting
from retrieval.translation import gloss
from retrieval.wording import Language, Word, content_words, fold, language_of, names_time, term, words

_CLOSED = (".", "!", "?", "…", ":", ";")
_LIST_MARKS = ("- ", "• ", "* ", "– ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of an article with what reading it found; `[start:end]` is its place there.

    `line` counts paragraphs; `settings` are codes of the places where what it tells happens; `terms`
    are its content words as `wording.term` reduces them, `lowered` the same words in lower case;
    `english` is the sentence word by word in English where its language is glossed.
    """

    article: Article
    start: int
    end: int
    text: str
    line: int
    attribution: Attribution | None
    places: tuple[PlaceMention, ...]
    settings: tuple[str, ...]
    terms: frozenset[str]
    folded: frozenset[str]
    lowered: frozenset[str]
    has_own_time: bool
    english: str
    english_words: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """The capitalised words behind the first, folded."""
        return frozenset(
            fold(word.text) for word in words(self.text) if word.is_capitalised and word.start > 0
        )

    @property
    def is_whole(self) -> bool:
        """Whether it ends as a sentence ends or is an item of a list; a heading is neither."""
        is_listed = self.article.text.endswith(_LIST_MARKS, 0, self.start)
        return is_listed or self.text.rstrip('”"’»)]“ ').endswith(_CLOSED)


def read_article(article: Article, spans: Sequence[Span]) -> tuple[Sentence, ...]:
    """Read all sentences of an article, in order."""
    return _read(article.id, article.digest, article, tuple(spans))


@lru_cache(maxsize=256)
def _read(_id: str, _digest: str, article: Article, spans: tuple[Span, ...]) -> tuple[Sentence, ...]:
    language = language_of(article.language)
    read: list[Sentence] = []
    line = previous_end = 0
    attributions = attribute(article.text, spans, article.language)
    for (start, end), attribution in zip(spans, attributions, strict=True):
        line += "\n" in article.text[previous_end:start]
        previous_end = end
        text = article.text[start:end]
        every = words(text)
        places = find_places(text)
        content = list(content_words(text, article.language))
        english = gloss(text, article.language)
        lowered = frozenset(word.text.lower() for word in content)
        read.append(
            Sentence(
                article=article,
                start=start,
                end=end,
                text=text,
                line=line,
                attribution=attribution,
                places=places,
                settings=_settings(every, places, start, attribution, language),
                terms=frozenset(term(word.text, article.language) for word in content),
                folded=frozenset(fold(word.text) for word in every),
                lowered=lowered,
                english=english,
                english_words=lowered
                if article.language == "en"
                else frozenset(word.text.lower() for word in content_words(english, "en")),
                has_own_time=_has_own_time(every, start, attribution, language),
            )
        )
    return tuple(read)


def is_dateline_of(mention: PlaceMention, every: Sequence[Word]) -> bool:
    """Tell whether a place in capitals opens a sentence, "RIGA —": where an article was written."""
    inside = [word for word in every if word.start < mention.end]
    return (
        mention.start == 0
        and bool(inside)
        and all(word.text.isupper() and len(word.text) > 3 for word in inside)
    )


def _has_own_time(
    every: Sequence[Word], offset: int, attribution: Attribution | None, language: Language
) -> bool:
    """Tell whether reported speech states when it was said."""
    frame = attribution.frame if attribution else ()
    return bool(frame) and any(
        names_time(word, language)
        for word in every
        if any(low <= offset + word.start < high for low, high in frame)
    )


@lru_cache(maxsize=256)
def read_title(article: Article) -> Sentence:
    """Read the title as a sentence that stands before all others, and nowhere in the text."""
    titled = Article(id=article.id, title="", text=article.title, language=article.language)
    spans = ((0, len(article.title)),)
    return _read(article.id, titled.digest, titled, spans)[0]


def _settings(
    every: Sequence[Word],
    places: Sequence[PlaceMention],
    offset: int,
    attribution: Attribution | None,
    language: Language,
) -> tuple[str, ...]:
    """Find where what is told happens; of reported speech, where it was said."""
    settings = [mention.code for mention in places if is_dateline_of(mention, every)]
    named: list[tuple[str, Word]] = []
    for mention in places:
        named += [(mention.code, word) for word in every if mention.start <= word.start < mention.end]
        in_frame = attribution is None or any(
            low <= offset + mention.start < high for low, high in attribution.frame
        )
        if in_frame and is_setting(every, mention, language, settings, named):
            settings.append(mention.code)
    return tuple(settings)
