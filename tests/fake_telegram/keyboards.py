"""Buttons under a message, and what Telegram takes of them."""

import json
from dataclasses import dataclass

from tests.fake_telegram.errors import Json, bad
from tests.fake_telegram.texts import Mended, check_url

_MOST_BUTTONS, _MOST_IN_A_ROW, _MOST_BYTES = 100, 8, 64
# Reported by people who met it.
_LONGEST_MARKUP = 10_000


@dataclass(frozen=True, slots=True)
class Button:
    """A button with what pressing it sends or opens."""

    text: str
    data: str | None = None
    url: str | None = None
    other: str | None = None

    def to_json(self) -> Json:
        fields: Json = {"text": self.text}
        if self.data is not None:
            fields["callback_data"] = self.data
        if self.url is not None:
            fields["url"] = self.url
        return fields | (json.loads(self.other) if self.other else {})


Keyboard = tuple[tuple[Button, ...], ...]


def read_keyboard(markup: object, mended: Mended) -> Keyboard:
    """Read the inline keyboard of a request.

    Raises:
        Refused: Telegram would not show it.
    """
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return ()
    keyboard = tuple(tuple(_button(one) for one in row) for row in rows if row)
    is_long = len(json.dumps(markup)) > _LONGEST_MARKUP
    if is_long or sum(len(row) for row in keyboard) > _MOST_BUTTONS:
        raise bad("reply markup is too long")
    for row in keyboard:
        if len(row) > _MOST_IN_A_ROW:
            mended(f"only {_MOST_IN_A_ROW} of {len(row)} buttons of a row are shown")
    return tuple(row[:_MOST_IN_A_ROW] for row in keyboard)


def _button(given: Json) -> Button:
    text, data, url = (given.get(name) for name in ("text", "callback_data", "url"))
    if not isinstance(text, str) or not text.strip():
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if isinstance(data, str):
        if not 1 <= len(data.encode()) <= _MOST_BYTES:
            raise bad("BUTTON_DATA_INVALID")
        return Button(text, data=data)
    if isinstance(url, str):
        check_url(url, "inline keyboard button")
        return Button(text, url=url)
    other = {name: value for name, value in given.items() if name != "text"}
    if not other:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return Button(text, other=json.dumps(other))


def keyboard_json(keyboard: Keyboard) -> Json:
    return {"inline_keyboard": [[button.to_json() for button in row] for row in keyboard]}
