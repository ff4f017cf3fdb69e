"""Take out of a reply what a weak model only echoes: tags of the passages, questions, its own sentences."""

import re

from bot.datatypes import Dropped
from prompts.parse import parse_reply

_TAG = re.compile(r"</?(?:passage|conversation|asked|answered)\b[^<>\n]*>?")
_WHY = "it asks, and tells nothing"


def without_echoes(reply: str) -> tuple[str, tuple[Dropped, ...]]:
    """Blank out tags, sentences that were said before, and those that ask and quote nothing.

    Only what asks is told of: of the others nothing is lost.
    """
    reply = _TAG.sub(lambda tag: " " * len(tag.group()), reply)
    said: set[str] = set()
    dropped: list[Dropped] = []
    for claim in parse_reply(reply):
        text = claim.text.casefold()
        asks = text.endswith("?") and not claim.quotations
        if asks:
            dropped.append(Dropped(claim.text, _WHY))
        if asks or text in said:
            blank = " " * (claim.end - claim.start)
            reply = reply[: claim.start] + blank + reply[claim.end :]
        said.add(text)
    return reply, tuple(dropped)
