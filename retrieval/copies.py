"""Leave out passages that add nothing to those of a fuller article of the same story."""

from collections.abc import Mapping, Sequence, Set

from retrieval.groups import Member
from retrieval.ranking import Candidate

# So much of a passage stands elsewhere, by length: a copy has its own first line or last.
_SAME = 0.8


def without_copies(
    candidates: Sequence[Candidate], members: Mapping[int, Member], asked: Set[str]
) -> list[Candidate]:
    """Leave out a passage whose sentences stand in passages of another article of the same story.

    A sentence of its own has to hold a term of the question to count. A date that the question names goes
    before the fullest article, and what an outlet that it names says is not left out.

    Args:
        candidates: Passages in any order.
        members: The article of each passage, by number, where others tell its story too.
        asked: The terms of the question.
    """
    stories: dict[int, list[Candidate]] = {}
    for one in candidates:
        if one.number in members:
            stories.setdefault(members[one.number].story, []).append(one)
    left_out: set[int] = set()
    for story in stories.values():
        said: dict[str, set[str]] = {}
        ordered = sorted(
            story, key=lambda one: (not one.is_named, -one.dated, members[one.number].rank, one.number)
        )
        for one in ordered:
            own = members[one.number].id
            lines = one.body.split("\n")
            new = [line for line in lines if not said.get(line, set()) - {own}]
            is_said = sum(map(len, new)) <= (1 - _SAME) * sum(map(len, lines))
            if is_said and not one.is_named and asked.isdisjoint(" ".join(new).split()):
                left_out.add(one.number)
            else:
                for line in lines:
                    said.setdefault(line, set()).add(own)
    return [one for one in candidates if one.number not in left_out]
