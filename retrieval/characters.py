"""Mend the characters of a text: what encodings, web pages and editors left in it."""

import html
import re
import unicodedata

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#[xX]0*26);)+")
_BREAK = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# A joiner shapes letters in Arabic and Indic scripts and emoji; elsewhere it is an accident.
_JOINED = r"\u0600-\u1fff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)
_STRAY_JOINER = re.compile(rf"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_SPACES = re.compile(r" *[^\S\n ][^\S\n]*| {2,}")


def mend(raw: str) -> str:
    """Unescape entities, compose accents, drop unseen characters, and even out spaces and line breaks."""
    text = raw
    if "&" in raw:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _AMPERSAND.sub("&", raw))
    text = _UNSEEN.sub("", _BREAK.sub("\n", text))
    if "\u200c" in text or "\u200d" in text:
        text = _STRAY_JOINER.sub("", text)
    text = unicodedata.normalize("NFC", text)
    lines = (line.strip(" ") for line in _SPACES.sub(" ", text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
