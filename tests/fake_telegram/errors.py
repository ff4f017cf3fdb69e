"""How Telegram says no."""

from collections.abc import Mapping

Json = dict[str, object]


class Refused(Exception):
    """A request that Telegram does not follow, with its code and sentence."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, object] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def to_json(self) -> Json:
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": dict(self.parameters)} if self.parameters else body


def bad(sentence: str) -> Refused:
    """Make the refusal of a request that asks for what cannot be."""
    return Refused(400, f"Bad Request: {sentence}")
