"""Read a mail as an article: who wrote what when, without what it quotes and signs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from typing import TypeVar

from retrieval.formats import Draft, Unreadable
from retrieval.page_data import one_line
from retrieval.page_dates import Clock, pick_date
from retrieval.page_lines import text_lines
from retrieval.page_tree import decode_page, parse

_Value = TypeVar("_Value")
_HEADERS = ("from", "to", "subject", "date", "received", "message-id", "content-type", "mime-version")
# The standard library needs seconds for a hundred kilobytes of them.
_MAX_HEADER_CHARACTERS, _MAX_PARTS = 5_000, 5_000
_PARSED_HEADER = re.compile(rb"^content-[\w-]+:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE | re.IGNORECASE)
_SIGNATURE = re.compile(r"^--[ \t]?$", re.MULTILINE)
_ORIGINAL = re.compile(
    r"^[ \t]*(?:-{2,}[ \t]*(?:original message|messaggio originale|ursprungligt meddelande"
    r"|ursprüngliche nachricht|message d'origine|mensaje original)[ \t]*-{2,}"
    r"|_{20,}[ \t]*\n(?=(?:from|da|från|von|de):))",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED = re.compile(r"[ \t]*>")
_WROTE = re.compile(
    r"\b(?:wrote|writes|ha scritto|scrive|skrev|schrieb|a écrit|escribió|schreef|escreveu|kirjoitti)\b"
    r"[^\n]*:\s*$",
    re.IGNORECASE,
)
_ON = re.compile(r"[ \t]*(?:on|il|den|am|le|el|op|em)\b", re.IGNORECASE)
_QUOTES = (
    "//blockquote[@type='cite'] | //*[contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    " | //*[contains(concat(' ', @class, ' '), ' gmail_signature ')] | //*[@id='divRplyFwdMsg']/following::*"
)


@dataclass(frozen=True, slots=True)
class _Part:
    content: bytes
    charset: str | None
    is_flowed: bool


def read_mail(data: bytes, today: Clock) -> Draft:
    """Read a mail; its attachments are left out.

    Args:
        data: The mail as it is stored (RFC 5322).
        today: A date that lies more than a day after it is left out.

    Raises:
        Unreadable: It is no mail, or holds no text of its own.
    """
    if any(len(header[0]) > _MAX_HEADER_CHARACTERS for header in _PARSED_HEADER.finditer(data)):
        raise Unreadable("it is a mail with too long headers")
    if data.count(b"\n--") > _MAX_PARTS:
        raise Unreadable("it is a mail of too many parts")
    mail = _tried(lambda: BytesParser(policy=policy.default).parsebytes(data))
    if mail is None or not any(mail.keys()) or not {name.lower() for name in mail} & set(_HEADERS):
        raise Unreadable("it is no mail that can be read")
    for name, value in list(mail.raw_items()):
        if len(str(value)) > _MAX_HEADER_CHARACTERS:
            del mail[name]
    text = _text(mail)
    if not text:
        raise Unreadable("it is a mail without text of its own")
    fields = {
        "title": _tried(lambda: one_line(str(mail["subject"] or ""))),
        "author": _tried(lambda: _author(mail)),
        "published": pick_date([_tried(lambda: _moment(mail))], None, today),
    }
    return Draft(text, fields)


def _tried(read: Callable[[], _Value]) -> _Value | None:
    # The standard library's parser of headers lets out errors of every kind on malformed ones.
    try:
        return read()
    except Exception:
        return None


def _author(mail: EmailMessage) -> str | None:
    names = [one_line(sender.display_name) for sender in mail["from"].addresses]
    return ", ".join(name for name in names if name and "@" not in name) or None


def _moment(mail: EmailMessage) -> datetime | None:
    moment = mail["date"].datetime
    return moment if isinstance(moment, datetime) else None


def _text(mail: EmailMessage) -> str | None:
    """The text of the plain part, else that of the HTML part."""
    for kind in ("plain", "html"):
        part = _tried(partial(_part, mail, kind))
        if part is None or not part.content.strip():
            continue
        if kind == "html":
            return _own_html(part)
        if text := _own_lines(part):
            return text
    return None


def _part(mail: EmailMessage, kind: str) -> _Part | None:
    part = mail.get_body(preferencelist=(kind,))
    content = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(content, bytes):
        return None
    is_flowed = str(part.get_param("format")).lower() == "flowed"
    return _Part(content, part.get_content_charset(), is_flowed)


def _own_lines(part: _Part) -> str:
    """Leave out the signature, quoted lines, and the line that says whose they are."""
    text = re.sub(r"\r\n?", "\n", decode_page(part.content, part.charset))
    text = _SIGNATURE.split(_ORIGINAL.split(text, maxsplit=1)[0], maxsplit=1)[0]
    lines: list[str] = []
    is_quoted = False
    for line in text.split("\n"):
        was_quoted, is_quoted = is_quoted, _QUOTED.match(line) is not None
        if not is_quoted:
            lines.append(line)
        if not is_quoted or was_quoted:
            continue
        while lines and not lines[-1].strip():
            lines.pop()
        if lines and _WROTE.search(lines[-1][-300:]):
            last = lines.pop()
            # It is often broken in two.
            if lines and _ON.match(lines[-1]) and not _ON.match(last):
                lines.pop()
    joined = re.sub(r"\n\s*\n", "\n\n", "\n".join(lines))
    # RFC 3676: a space before the end of a line says that the paragraph goes on.
    return (re.sub(r" \n(?=\S)", " ", joined) if part.is_flowed else joined).strip()


def _own_html(part: _Part) -> str:
    tree = parse(part.content, part.charset)
    for element in tree.xpath(_QUOTES):
        element.drop_tree()
    return text_lines(tree)
