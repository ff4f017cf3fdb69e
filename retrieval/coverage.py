"""Grade how much of a question's words a sentence and what stands before it hold."""

from collections.abc import Callable, Mapping, Sequence

from retrieval.matching import FormMatches, WordMeaning, match
from retrieval.query import Query
from retrieval.sentences import Sentence
from retrieval.signals import context_of
from retrieval.wording import language_of

Rarity = Callable[[Sequence[str]], Mapping[str, float]]
# A word that stands before the sentence counts this much of one that stands in it.
_CONTEXT = 0.7
# A verb of saying or travelling carries little: any other stands for it.
_LIGHT = 0.4


class Coverage:
    """The words of a question, each with its weight."""

    def __init__(self, query: Query, rarity: Rarity) -> None:
        """Take a question, and what tells how rare words are among the articles."""
        language = language_of(query.language)
        light = language.reporting | language.motion | language.light
        rare = rarity([word.text for word in query.topic])
        self._query = query
        self._weights = {
            word: rare[word.text] * (_LIGHT if word.text.lower() in light else 1.0) for word in query.topic
        }
        self.forms = FormMatches(query)

    def grade(
        self, story: Sequence[Sentence], place: int, meaning: WordMeaning | None = None
    ) -> tuple[float, float]:
        """Grade the share of the words that the sentence and its context hold, and its weakest word.

        Without `meaning`, words are compared by their forms alone.
        """
        total = sum(self._weights.values())
        if not total:
            return 1.0, 1.0
        context = context_of(story, place)
        grades = {
            word: max(
                match(word, self._query, story[place], meaning)
                if meaning
                else self.forms.grade(word, story[place]),
                *(_CONTEXT * self.forms.grade(word, other) for other in context),
                0.0,
            )
            for word in self._weights
        }
        share = sum(weight * grades[word] for word, weight in self._weights.items()) / total
        heaviest = max(self._weights.values())
        weakest = min(
            1.0 - (1.0 - grades[word]) * weight / heaviest for word, weight in self._weights.items()
        )
        return share, weakest
