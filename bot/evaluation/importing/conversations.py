"""Sets of conversations repeat a conversation for each of its questions; here it becomes one case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.evaluation.cases import Case, CaseTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A question as a set tells it: after the turns that went before it."""

    id: str
    conversation: str
    before: tuple[CaseTurn, ...]
    asked: CaseTurn


def join_conversations(told: Iterable[Told]) -> tuple[Case, ...]:
    """Make one case of all questions that a set tells of the same conversation.

    A question whose earlier turns read otherwise than in the longest telling starts a case of its own.
    """
    by_name: dict[str, list[Told]] = {}
    for one in told:
        by_name.setdefault(one.conversation, []).append(one)
    cases: list[Case] = []
    for name, tellings in by_name.items():
        strands: dict[str, list[CaseTurn]] = {}
        for one in sorted(tellings, key=lambda telling: -len(telling.before)):
            place = len(one.before)
            strand = next((turns for turns in strands.values() if _continues(one, turns)), None)
            if strand is None:
                strands[one.id if strands else name] = [*one.before, one.asked]
            else:
                strand[place] = replace(one.asked, answer=strand[place].answer)
        cases += [Case(id=key, turns=tuple(turns), language="en") for key, turns in strands.items()]
    return tuple(cases)


def _continues(one: Told, turns: Sequence[CaseTurn]) -> bool:
    """Whether a conversation holds what was said before a question, and the question, still unexpected."""
    place = len(one.before)
    return (
        place < len(turns)
        and all(
            (turn.question, turn.answer) == (said.question, said.answer)
            for turn, said in zip(turns[:place], one.before, strict=True)
        )
        and turns[place].question == one.asked.question
        and turns[place].rewrite is None
        and not turns[place].articles
    )


def kind_of(question: str, rewrite: str) -> str:
    """Tell whether a question stands alone as it was asked."""
    return "stands alone" if question.casefold() == rewrite.casefold() else "needs the conversation"
