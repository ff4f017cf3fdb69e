"""Show on a terminal what a chat model writes while it writes, and take it away once the answer is there."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from bot.console import WIDEST, printable, waiting
from bot.datatypes import Answer

_LEAD = "writing, not checked yet …"


def show_as_written(parts: Iterable[str | Answer], console: Console) -> Answer:
    """Show pieces of text dimly until the answer comes, which is given back; into a pipe, show nothing."""
    written = ""
    remaining = iter(parts)
    with waiting("reading …"):
        for part in remaining:
            if isinstance(part, Answer):
                return part
            written += part
            if console.is_terminal:
                break
    from rich.live import Live

    with Live(_page(written, console), console=console, transient=True, refresh_per_second=10) as live:
        for part in remaining:
            if isinstance(part, Answer):
                return part
            written += part
            live.update(_page(written, console))
    raise RuntimeError("A stream ended without an answer.")


def _page(written: str, console: Console) -> Text:
    """Take the last lines, as many as the terminal shows."""
    lines = Text(printable(written), "dim").wrap(console, min(console.width, WIDEST))
    room = max(console.height - 3, 1)
    return Text("\n").join([Text(_LEAD, "dim italic"), *lines[-room:]])
