"""Every measure: its name, what it means, how it is averaged.

A turn gives each measure that applies to it some sums, such as (1.0, 1.0) for a question whose first
passage is right. Sums are added over turns, and the measure's value is read off the total: a mean, a micro
F1, a corpus BLEU. What does not apply to a turn is absent there; a turn that crashed has zeros.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Sums = tuple[float, ...]
Scores = Mapping[str, Sums]


def ratio(total: Sums) -> float:
    """Divide what was reached by what could be: sums are (reached, possible)."""
    reached, possible = total
    return reached / possible if possible else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How one figure is made of the turns' sums."""

    name: str
    group: str
    meaning: str
    value: Callable[[Sums], float] = ratio
    higher_is_better: bool = True
    is_share: bool = True


def add(some: Iterable[Sums]) -> Sums:
    """Add sums place by place."""
    return tuple(sum(column) for column in zip(*some, strict=True))
