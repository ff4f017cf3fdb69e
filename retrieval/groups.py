"""Which articles tell one story: read when a question is answered, which counts them as one source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.database import Database
from retrieval.datatypes import Filter
from retrieval.schema import conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article of a story; `size` counts its different shingles."""

    id: str
    story: int
    size: int
    published: str | None

    @property
    def rank(self) -> tuple[int, str, str]:
        """By what articles of a story are put in order: the fullest first, of equals the oldest."""
        return -self.size, self.published or "~", self.id


class Groups:
    """The stories of a library that more than one article tells."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def members(self, ids: Iterable[str]) -> dict[str, Member]:
        """Read which stories articles tell that others tell too, by id."""
        wanted = sorted(set(ids))
        found = self._members(f"id IN ({', '.join('?' * len(wanted))})", wanted)
        return {member.id: member for member in found}

    def of_passages(self, numbers: Sequence[int]) -> dict[int, Member]:
        """Read the same by the numbers of passages."""
        listed = ", ".join(map(str, numbers))
        rows = self._database.rows(
            "SELECT passage.number, id FROM passage JOIN same_story ON same_story.article = passage.article"
            f" JOIN article ON article.number = passage.article WHERE passage.number IN ({listed})"
        )
        members = self.members(id_ for _, id_ in rows)
        return {number: members[id_] for number, id_ in rows}

    def others(self, member: Member, where: Filter | None, limit: int) -> list[str]:
        """Read the other articles of a story that a filter lets in, the fullest first."""
        condition, values = conditions(where or Filter())
        found = self._members(f"story = ? AND {condition}", [member.story, *values])
        ordered = sorted(found, key=lambda other: other.rank)
        return [other.id for other in ordered if other.id != member.id][:limit]

    def _members(self, condition: str, values: Sequence[str | int]) -> list[Member]:
        rows = self._database.rows(
            "SELECT id, story, size, published FROM same_story"
            " JOIN telling ON telling.article = same_story.article"
            f" JOIN article ON article.number = same_story.article WHERE {condition}",
            values,
        )
        return [Member(id=id_, story=story, size=size, published=day) for id_, story, size, day in rows]
