"""Text with styles, free of what Telegram would refuse or take out."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.console import printable

if TYPE_CHECKING:
    from telegram import MessageEntity

# What shows nothing: a message of it alone is refused. Written as Telegram's clients know it, and wider.
_NOTHING = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufffc\U000e0000-\U000e0fff"
)
# The flag of Wales ends with six of them; no other sign has more in a row.
_LONGEST_NOTHING = 6
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]{2,}")
_BLANK_LINES = re.compile(r"\n\s*\n")
_MUCH_OF_NOTHING = re.compile(f"([{_NOTHING}]{{{_LONGEST_NOTHING}}})[{_NOTHING}]+")
_AT_END = re.compile(f"[{_NOTHING}]+$")


class Style(StrEnum):
    """How a part of a text looks, by Telegram's names."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    QUOTATION = "expandable_blockquote"
    LINK = "text_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of a text with a style: half-open places in code points, and where a link leads."""

    style: Style
    start: int
    end: int
    url: str | None = None


@dataclass(frozen=True, slots=True)
class StyledText:
    """A text and its styles, one within the other or apart, the outer first."""

    text: str
    spans: tuple[Span, ...] = ()

    def __add__(self, other: "StyledText") -> "StyledText":
        return joined((self, other), "")

    def part(self, start: int, end: int) -> "StyledText":
        """Cut out a part; of a style that reaches beyond it stays what is inside."""
        inside = (
            replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
            for span in self.spans
            if span.start < end and start < span.end
        )
        return StyledText(self.text[start:end], tuple(inside))


def plain(text: str) -> StyledText:
    """Take a text from anywhere without style, cleaned of what Telegram refuses or takes out by itself."""
    return StyledText(_cleaned(text))


def styled(text: str | StyledText, style: Style, *, url: str | None = None) -> StyledText:
    """Put a style on a whole text, around the styles that it has."""
    inner = plain(text) if isinstance(text, str) else text
    span = Span(style=style, start=0, end=len(inner.text), url=url)
    return StyledText(inner.text, (span, *inner.spans)) if inner.text else inner


def with_style(text: StyledText, style: Style, place: tuple[int, int] | None) -> StyledText:
    """Put a style on a place in a text that has none there; on none, leave it as it is."""
    if place is None:
        return text
    return StyledText(text.text, (*text.spans, Span(style=style, start=place[0], end=place[1])))


def joined(texts: Iterable[StyledText], separator: str) -> StyledText:
    """Put texts one behind the other, with this between two of them."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for text in texts:
        if pieces:
            pieces.append(separator)
            length += len(separator)
        spans += (replace(span, start=span.start + length, end=span.end + length) for span in text.spans)
        pieces.append(text.text)
        length += len(text.text)
    return StyledText("".join(pieces), tuple(spans))


def without_end(text: str) -> str:
    """Drop what shows nothing at the end of a text; nothing is left where all of it shows nothing."""
    return _AT_END.sub("", text)


def message_entities(text: StyledText) -> list["MessageEntity"]:
    """Write the styles as Telegram wants them, which begin and end at what can be seen."""
    from telegram import MessageEntity

    entities = [
        MessageEntity(type=span.style.value, offset=start, length=end - start, url=span.url)
        for span in text.spans
        for start, end in [_within_white_space(text.text, span)]
        if start < end
    ]
    if max(text.text, default="") <= "\uffff":  # then a character is a unit
        return entities
    return list(MessageEntity.adjust_message_entities_to_utf_16(text.text, entities))


def _cleaned(text: str) -> str:
    # Telegram takes the ring of an "å" in two characters for an ornament, and takes it out.
    text = unicodedata.normalize("NFC", printable(_LINE_END.sub("\n", text)))
    text = _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", text))
    return _MUCH_OF_NOTHING.sub(r"\1", text)


def _within_white_space(text: str, span: Span) -> tuple[int, int]:
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip())
    return start, max(start, span.end - len(inside) + len(inside.rstrip()))
