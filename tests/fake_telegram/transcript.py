"""What a chat shows as one page that looks like Telegram, for eyes and for pictures."""

import html
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from tests.fake_telegram.keyboards import Keyboard
from tests.fake_telegram.people import Chat
from tests.fake_telegram.rooms import Message
from tests.fake_telegram.texts import Entity, part, units

_TAGS = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "expandable_blockquote": "blockquote",
}  # fmt: skip
_STYLE = """
body { margin: 0; background: #cfdcc8;
  font: 15px/1.4 "Noto Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif }
header { background: #fff; padding: 10px 18px; border-bottom: 1px solid #d5d5d5; font-weight: 600 }
header small { display: block; color: #8a949c; font-weight: 400 }
main { max-width: 640px; margin: 0 auto; padding: 14px; display: flex; flex-direction: column; gap: 8px }
.message { max-width: 86%; align-self: flex-start }
.own { align-self: flex-end }
.bubble { background: #fff; border-radius: 14px; padding: 7px 12px; box-shadow: 0 1px 1px #0002;
  white-space: pre-wrap; overflow-wrap: anywhere }
.own .bubble { background: #e7fdd2 }
.name { color: #2a84c7; font-weight: 600; display: block }
.reply { border-left: 3px solid #5ba7dd; background: #5ba7dd1a; border-radius: 5px; padding: 2px 8px;
  display: block; font-size: 13px; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; max-width: 460px }
.time { color: #8fa08c; font-size: 11px; float: right; margin: 8px 0 0 12px }
blockquote { margin: 3px 0; padding: 4px 10px; border-left: 3px solid #5ba7dd; background: #5ba7dd1a;
  border-radius: 5px; position: relative }
blockquote.expandable { max-height: 4.2em; overflow: hidden; padding: 0 22px 0 10px }
blockquote.expandable::after { content: "⌄"; position: absolute; right: 7px; bottom: 0; color: #5ba7dd }
blockquote.expandable.open, blockquote.expandable:hover { max-height: none }
a { color: #2481cc; text-decoration: none }
code, pre { font-family: "DejaVu Sans Mono", monospace; color: #b3453b; margin: 0 }
.row { display: flex; gap: 4px; margin-top: 4px }
.row span { flex: 1; text-align: center; background: #6f8d6acc; color: #fff; border-radius: 8px;
  padding: 6px 8px; font-size: 14px }
.service { align-self: center; background: #6f8d6a99; color: #fff; border-radius: 12px; padding: 2px 10px;
  font-size: 13px }
"""


def transcript(chat: Chat, *, is_open: bool = False) -> str:
    """Make a page of what a chat shows; `is_open` unfolds the quotations that fold."""
    kind = "bot" if chat.kind == "private" else f"{len(chat.people) + 1} members"
    title = chat.world.bot.name if chat.kind == "private" else chat.title
    messages = "\n".join(_message(chat, message) for message in chat.messages)
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{html.escape(title)}</title><style>{_STYLE}</style></head>
<body><header>{html.escape(title)}<small>{kind}</small></header><main>
{messages}
</main></body></html>
"""
    return page.replace('class="expandable"', 'class="expandable open"') if is_open else page


def write_transcript(chat: Chat, path: Path, *, is_open: bool = False) -> None:
    """Write the page to a file."""
    path.write_text(transcript(chat, is_open=is_open), "utf-8")


def _message(chat: Chat, message: Message) -> str:
    if not message.text and not message.more.get("document"):
        topic = chat.topics and chat.topics.get(message.topic or 0)
        return f'<div class="service">{html.escape(topic or "…")}</div>'
    name = f'<span class="name">{html.escape(message.sender.name)}</span>' if chat.kind != "private" else ""
    clock = time.strftime("%H:%M", time.gmtime(message.date))
    edited = "edited " if message.edited else ""
    own = "" if message.is_bots else " own"
    content = f"{_reply(chat, message)}{_file(message)}{_text(message.text, message.entities)}"
    return (
        f'<div class="message{own}"><div class="bubble">{name}{content}'
        f'<span class="time">{edited}{clock}</span></div>'
        f"{_buttons(message.keyboard)}</div>"
    )


def _reply(chat: Chat, message: Message) -> str:
    replied = chat.shown.get(message.reply_to or 0)
    if not replied:
        return ""
    name, text = html.escape(replied.sender.name), html.escape(replied.text[:120])
    return f'<span class="reply"><b>{name}</b> {text}</span>'


def _file(message: Message) -> str:
    document = message.more.get("document")
    return f"📄 <b>{html.escape(str(document['file_name']))}</b>\n" if isinstance(document, dict) else ""


def _buttons(keyboard: Keyboard) -> str:
    rows = ("".join(f"<span>{html.escape(button.text)}</span>" for button in row) for row in keyboard)
    return "".join(f'<div class="row">{row}</div>' for row in rows)


def _text(text: str, entities: Iterable[Entity]) -> str:
    """Mark a text up piece by piece between all borders, so that what crosses each other stands right."""
    quotes = [one for one in entities if one.type.endswith("blockquote")]
    others = [one for one in entities if not one.type.endswith("blockquote")]
    made, place = "", 0
    for quote in quotes:
        made += _pieces(text, place, quote.offset, others).rstrip("\n")
        kind = ' class="expandable"' if quote.type == "expandable_blockquote" else ""
        made += f"<blockquote{kind}>{_pieces(text, quote.offset, quote.end, others)}</blockquote>"
        place = quote.end
        # The line break after a quotation is that of its block.
        place += part(text, place, place + 1) == "\n"
    return made + _pieces(text, place, units(text), others)


def _pieces(text: str, start: int, end: int, entities: list[Entity]) -> str:
    borders = {
        start,
        end,
        *(place for one in entities for place in (one.offset, one.end) if start < place < end),
    }
    made = ""
    for left, right in pairwise(sorted(borders)):
        piece = html.escape(part(text, left, right))
        for entity in entities:
            if entity.offset <= left and right <= entity.end:
                piece = _marked(piece, entity)
        made += piece
    return made


def _marked(piece: str, entity: Entity) -> str:
    if entity.type == "text_link":
        return f'<a href="{html.escape(entity.url or "")}">{piece}</a>'
    tag = _TAGS.get(entity.type)
    return f"<{tag}>{piece}</{tag}>" if tag else f"<a>{piece}</a>"
