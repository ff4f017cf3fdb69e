"""Keep track of the people of an article: whom a surname, a description or a pronoun means."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class _Person:
    words: set[str]
    surname: str


class People:
    """The people of an article by all the words that name or describe them, the latest last.

    `last_speaker` is whom "he" means, `last_source` whom or what "they" and "it" mean.
    """

    def __init__(self) -> None:
        self._known: list[_Person] = []
        self.last_speaker: frozenset[str] = frozenset()
        self.last_source: frozenset[str] = frozenset()

    def introduce(self, names: Sequence[str]) -> _Person:
        """Take note of a name with its title, "NATO Secretary General Jens Stoltenberg"."""
        for person in self._known:
            if set(names) <= person.words:
                self._known.remove(person)
                self._known.append(person)
                return person
        self._known.append(_Person(set(names), names[-1]))
        return self._known[-1]

    def resolve(self, names: Sequence[str], description: set[str]) -> frozenset[str]:
        """Find who is meant: the one mentioned last who bears this name, or fits this description."""
        for person in reversed(self._known):
            described = bool(description) and set(names) <= person.words
            if (names and person.surname == names[-1]) or described:
                person.words |= {*names, *description}
                return frozenset(person.words)
        person = self.introduce(names)
        person.words |= description
        return frozenset(person.words)

    def speak(self, names: Sequence[str], description: set[str], places: set[str]) -> frozenset[str]:
        """Find whom words mean, and take note that they spoke."""
        if not names or set(names) <= places:
            # "Seoul", "the South Korean president": no "he" that follows can be trusted to mean them.
            self.last_source = frozenset({*names, *description})
        else:
            self.last_source = self.last_speaker = self.resolve(names, description)
        return self.last_source

    def turn_to(self, names: Sequence[str]) -> None:
        """Take note of who a sentence is about: the pronoun that follows means them."""
        for person in reversed(self._known):
            if names and person.surname == names[-1]:
                self.last_source = self.last_speaker = frozenset(person.words)
                return

    def only_one(self, source: frozenset[str]) -> frozenset[str]:
        """Complete a description that came before the name, where it fits one person alone."""
        fitting = [person for person in self._known if len(source & person.words) * 2 > len(source)]
        return source | fitting[0].words if len(fitting) == 1 else source
