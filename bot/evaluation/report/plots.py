"""The geometry of the report's plots: numbers in, places on the page out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil, log10
from urllib.parse import urlencode

from bot.evaluation.measures.measure import Measure
from bot.evaluation.report import words

Figures = Mapping[str, Mapping[str, float]]
Point = tuple[float, float, float]

ALL = "all"
# The sorts of slices that have a filter of their own; all others are tags.
SORTS = ("kind", "language")
# The curve's drawing, in units that the page scales.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420.0, 290.0, 48.0, 14.0, 14.0, 46.0
_MOST_POINTS = 300
# Left of this there is room for a label beside a point.
_ROOM = 280.0
_TOLD_COVERAGES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A value with its interval, as percentages of the width, and as it is read."""

    name: str
    link: str
    width: float
    low: float
    high: float
    value: str
    interval: str
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars of one measure: over everything, then by sort of slice."""

    measure: Measure
    all: Bar
    groups: tuple[tuple[str, tuple[Bar, ...]], ...]
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A step's part of the time that a median question takes, as a percentage of the whole."""

    step: str
    meaning: str
    start: float
    width: float
    median: str
    p95: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis and what stands there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Told:
    """A point of the curve in words."""

    coverage: str
    accuracy: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The refusal curve, ready to be drawn."""

    line: str
    area: str
    end: tuple[float, float]
    label: tuple[float, float]
    anchor: str
    horizontal: tuple[Tick, ...]
    vertical: tuple[Tick, ...]
    overall: Told
    told: tuple[Told, ...] = field(default=())


def chart(figures: Mapping[str, Figures], measure: Measure) -> Chart:
    """Lay out one measure over all slices that have it, the best of each sort first."""
    held = {name: some[measure.name] for name, some in figures.items() if measure.name in some}
    top = 1.0 if measure.is_share else ceiling(max(found["high"] for found in held.values()))
    bars = {name: _bar(name, found, measure, top) for name, found in held.items()}
    slices = sorted((name for name in bars if name != ALL), key=lambda name: (_order(sort_of(name)), name))
    groups = []
    for sort, some in groupby(slices, key=sort_of):
        ranked = sorted(some, key=lambda name: held[name]["value"], reverse=measure.higher_is_better)
        # A single slice that holds everything says nothing that the whole does not.
        if len(ranked) > 1 or held[ranked[0]]["turns"] < held[ALL]["turns"]:
            groups.append((sort, tuple(bars[name] for name in ranked)))
    ends = words.share(1.0) if measure.is_share else f"{top:g}"
    return Chart(measure=measure, all=bars[ALL], groups=tuple(groups), ends=ends)


def sort_of(name: str) -> str:
    """Tell of which sort a slice is: what stands before its colon."""
    return name.partition(": ")[0] if ": " in name else "tag"


def link_to(name: str) -> str:
    """Write the address, within the page, of a slice's cases."""
    sort, value = sort_of(name), name.partition(": ")[2]
    return "#" + urlencode(
        {sort: value} if sort in SORTS else {"tag": name} if name != ALL else {"show": "all"}
    )


def ceiling(value: float) -> float:
    """Find the next round number from a value on: 1, 2 or 5 with zeros."""
    if value <= 1:
        return 1.0
    unit = 10.0 ** int(log10(value))
    return next(step * unit for step in (1.0, 2.0, 5.0, 10.0) if value <= step * unit)


def segments(steps: Mapping[str, Mapping[str, float]]) -> list[Segment]:
    """Stack the median seconds of the steps, the total left out, to fill the width."""
    parts = {step: times for step, times in steps.items() if step != "total"}
    whole = sum(times["median"] for times in parts.values())
    laid: list[Segment] = []
    start = 0.0
    for step, times in parts.items():
        width = 100 * times["median"] / whole if whole else 0.0
        laid.append(
            Segment(
                step=step,
                meaning=words.step_meaning(step),
                start=round(start, 3),
                width=round(width, 3),
                median=words.seconds(times["median"]),
                p95=words.seconds(times["p95"]),
            )
        )
        start += width
    return laid


def curve(points: Sequence[Point]) -> Curve | None:
    """Draw accuracy over coverage; None without any answer."""
    if not points:
        return None
    places = [place(coverage, accuracy) for coverage, accuracy, _ in thinned(points, _MOST_POINTS)]
    line = " L".join(f"{x:.1f},{y:.1f}" for x, y in places)
    bottom = HEIGHT - BOTTOM
    area = f"M{places[0][0]:.1f},{bottom:.1f} L{line} L{places[-1][0]:.1f},{bottom:.1f} Z"
    steps = [step / 4 for step in range(5)]
    told = [nearest(points, coverage * points[-1][0]) for coverage in _TOLD_COVERAGES]
    return Curve(
        line=f"M{line}",
        area=area,
        end=places[-1],
        label=_label(*places[-1]),
        anchor="start" if places[-1][0] < _ROOM else "end",
        horizontal=tuple(Tick(place(step, 0)[0], words.share(step)) for step in steps),
        vertical=tuple(Tick(place(0, step)[1], words.share(step)) for step in steps),
        overall=_told(points[-1]),
        told=tuple(_told(point) for point in dict.fromkeys(told)),
    )


def place(coverage: float, accuracy: float) -> tuple[float, float]:
    """Find where a point of the curve lies in the drawing, whose y grows downward."""
    x = LEFT + coverage * (WIDTH - LEFT - RIGHT)
    y = HEIGHT - BOTTOM - accuracy * (HEIGHT - TOP - BOTTOM)
    return round(x, 2), round(y, 2)


def thinned(points: Sequence[Point], limit: int) -> list[Point]:
    """Keep so many points at most, evenly spread, the first and the last among them."""
    if len(points) <= limit:
        return list(points)
    stride = (len(points) - 1) / (limit - 1)
    return [points[round(number * stride)] for number in range(limit)]


def nearest(points: Sequence[Point], coverage: float) -> Point:
    """Find the first point that covers at least so much, or else the last."""
    return next((point for point in points if point[0] >= coverage - 1e-9), points[-1])


def text_of(told: Curve) -> str:
    """Say in words what the curve shows."""
    quarter = told.told[0]
    return (
        f"Over all, {told.overall.coverage} of the questions are answered, and {told.overall.accuracy} of "
        f"these answers are right. Of the surest quarter of the answers, {quarter.accuracy} are right."
    )


def _label(x: float, y: float) -> tuple[float, float]:
    """Place the end's label right of it where there is room, else where the curve is not."""
    if x < _ROOM:
        return x + 11, y + 4
    return x, y + 26 if y < HEIGHT / 4 else y - 14


def _told(point: Point) -> Told:
    coverage, accuracy, confidence = point
    return Told(words.share(coverage), words.share(accuracy), f"{confidence:.2f}")


def _bar(name: str, found: Mapping[str, float], measure: Measure, top: float) -> Bar:
    def across(value: float) -> float:
        return round(100 * min(max(value / top, 0.0), 1.0), 2)

    turns = ceil(found["turns"])
    return Bar(
        name="everything" if name == ALL else name.partition(": ")[2] or name,
        link=link_to(name),
        width=across(found["value"]),
        low=across(found["low"]),
        high=across(found["high"]),
        value=words.figure(found["value"], measure, turns),
        interval=words.interval(found["low"], found["high"], measure, turns),
        turns=turns,
    )


def _order(sort: str) -> tuple[int, str]:
    """Put the sorts that everybody knows first, loose tags last."""
    known = [*SORTS, "turn"]
    return (known.index(sort) if sort in known else len(known) + (sort == "tag"), sort)
