"""Take quotation marks away from a sentence, or close them, where `parse.find_quotations` found them."""

from collections.abc import Sequence

from retrieval.passages import Span

# These stand for quotations alone; an apostrophe has other uses.
_NO_MARKS = dict.fromkeys(map(ord, '“”„«»"‹›'))
_CLOSING_MARKS = "“”»«\"›’‘'」＂"
_CLOSED_BY = {"“": "”", "„": "“", "«": "»", "‹": "›", "‘": "’", "‚": "‘", "「": "」"}


def outside(text: str, quotations: Sequence[Span]) -> str:
    """Leave out what is quoted."""
    kept, reached = "", 0
    for start, end in quotations:
        kept += text[reached:start]
        reached = end
    return kept + text[reached:]


def unwrapped(text: str, quotation: Span) -> str:
    """Take the marks of a quotation away."""
    start, end = quotation
    closing = text[end:].lstrip()
    behind = closing[1:] if closing[:1] and closing[0] in _CLOSING_MARKS else text[end:]
    return text[:start].rstrip()[:-1] + text[start:end] + behind


def without_strays(text: str, quotations: Sequence[Span]) -> tuple[str, list[Span]]:
    """Take away marks that belong to none of the quotations, and close one that was left open.

    Returns:
        The text, and the places of the quotations in it.
    """
    kept = ""
    moved: list[Span] = []
    reached = 0
    for start, end in quotations:
        opening = len(text[:start].rstrip()) - 1
        closing = text[end:].lstrip()[:1]
        is_closed = bool(closing) and closing in _CLOSING_MARKS
        kept += text[reached:opening].translate(_NO_MARKS) + text[opening]
        moved.append((len(kept), len(kept) + end - start))
        kept += text[start:end] + (closing if is_closed else _CLOSED_BY.get(text[opening], text[opening]))
        reached = len(text) - len(text[end:].lstrip()) + 1 if is_closed else end
    return kept + text[reached:].translate(_NO_MARKS), moved
