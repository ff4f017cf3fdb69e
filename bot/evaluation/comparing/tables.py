"""Figures in columns, for a terminal or a pipe."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from bot.console import Block, printable_line
from bot.evaluation.measures.measure import Measure

Row = Sequence[Text]
_GAP = 2
_SHORTEST_NAME = 12
# From here on a figure is shown with one digit after the point, else with two.
_LARGE = 10


def table(heads: Sequence[str], rows: Sequence[Row], console: Console) -> list[Block]:
    """Align rows under their heads: names to the left, figures to the right.

    A row of one cell is a heading within the table. On a terminal names are shortened to fit its width.
    """
    lines = [tuple(Text(head, "dim") for head in heads), *rows]
    columns = zip(*(line for line in lines if len(line) > 1), strict=True)
    widths = [max(cell.cell_len for cell in column) for column in columns]
    if console.is_terminal:
        others = sum(widths[1:]) + _GAP * (len(widths) - 1)
        widths[0] = min(widths[0], max(_SHORTEST_NAME, console.width - others))
    return [Block(_line(line, widths), unbroken=True) for line in lines]


def name_cell(name: str, *, indent: int = 0) -> Text:
    """Write the name of a measure or a slice."""
    return Text(" " * indent + printable_line(name))


def figure(value: float, measure: Measure, *, like: float | None = None) -> str:
    """Write a value: shares in per cent, others with as many digits as a value `like` it has."""
    return f"{value * _scale(measure):.{_digits(value if like is None else like, measure)}f}"


def signed(value: float, measure: Measure, *, like: float) -> str:
    """Write a difference: of shares in points, of others with as many digits as a value `like` it has."""
    digits = _digits(like, measure)
    scaled = round(value * _scale(measure), digits)
    return f"{scaled:+.{digits}f}" if scaled else f"{0:.{digits}f}"


def probability(p: float) -> str:
    """Write a p value as is usual, without the nought."""
    return "<.001" if p < 0.001 else "1" if p >= 0.9995 else f"{p:.3f}".lstrip("0")


def shortened(text: str, limit: int) -> str:
    """Cut a line that is too long."""
    return text if cell_len(text) <= limit else set_cell_size(text, limit - 1).rstrip() + "…"


def _line(cells: Row, widths: Sequence[int]) -> Text:
    if len(cells) == 1:
        return cells[0]
    first = Text(shortened(cells[0].plain, widths[0]), cells[0].style)
    line = Text.assemble(first, " " * (widths[0] - first.cell_len))
    for cell, width in zip(cells[1:], widths[1:], strict=True):
        line.append(" " * (_GAP + width - cell.cell_len))
        line.append_text(cell)
    return line


def _scale(measure: Measure) -> int:
    return 100 if measure.is_share else 1


def _digits(value: float, measure: Measure) -> int:
    return 1 if measure.is_share or abs(value) >= _LARGE else 2
