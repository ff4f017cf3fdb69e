"""The nouns of retrieval: what is read, what it is cut into, what a search gives back."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256


@dataclass(frozen=True, kw_only=True)
class Article:
    """A news item whose cleaned text never changes; another text is another version.

    `published` and `modified` are ISO 8601 strings as precise as the article states them
    ("2024-11-07" or "2024-11-07T09:30:00+01:00"); what an article does not state stays None. `correction` is
    what its publisher says was corrected, in one line; `read` is when this version was read, in UTC.
    """

    id: str
    title: str
    text: str
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    modified: str | None = None
    language: str | None = None
    url: str | None = None
    path: str | None = None
    correction: str | None = None
    read: str | None = field(default=None, compare=False)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the text, which names this version of the article."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of whole sentences that keeps its place: `article.text[start:end] == text`."""

    article_id: str
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """A name for the passage that follows from its article and place."""
        return f"{self.article_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and how well it fits the query: higher is better, lists are best first."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which articles are looked at: days as "2024-11-07", both included; what is empty leaves out nothing.

    An article that states no date lies outside any days, one that states no outlet is from none. `people` are
    named as `retrieval.named` looks them up: by name, surname or office.
    """

    since: str | None = None
    until: str | None = None
    publishers: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.publishers or self.languages or self.people)
