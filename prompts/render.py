"""Fill the templates for a chat model within its budget; passages are numbered, fenced and escaped."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from prompts.parse import REFUSAL, without_marks
from retrieval.errors import BudgetError
from retrieval.tokens import count_tokens

# We count in our own encoding; a chat model that learned English only needs up to 1.35 times the tokens for
# Swedish (SmolLM2, measured on whole templates with 30 passages), its own wrapping included.
MARGIN = 1.4
# The most that what was said before may take of what the question leaves.
_CONVERSATION_SHARE = 0.25
# Stands alone on a line between what a template tells the system and what it tells as the user.
_PARTS = "\n---\n"
_SPACES = re.compile(r"\s+")
# Blank lines and indents cost tokens and say nothing.
_BLANKS = re.compile(r"(?P<space>[^\S\n]{2,})|(?:[^\S\n]*\n[^\S\n]*)+")
# A text with more characters than this for each token there is does not fit, and is not worth counting.
_LONGEST_TOKEN = 64
_LANGUAGES = {
    "ar": "Arabic", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fi": "Finnish", "fr": "French", "it": "Italian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
}  # fmt: skip
_OTHER_LANGUAGE = "the language of the question"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedPassage:
    """A passage under the number by which a reply cites it."""

    number: int
    text: str
    title: str
    publisher: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked before, and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a chat model is told, and the passages that fitted its budget."""

    system: str
    user: str
    passages: tuple[NumberedPassage, ...] = ()


def render_answer(
    question: str,
    language: str,
    passages: Sequence[NumberedPassage],
    conversation: Sequence[Exchange],
    *,
    max_tokens: int,
    count: Callable[[str], int] = count_tokens,
) -> Rendered:
    """Ask for an answer from passages, best first, in a conversation, oldest first.

    Whole passages are left out, the last first, and whole exchanges, the oldest first; the question and
    the first passage always stay.

    Args:
        question: The question, as it stands alone.
        language: The language to answer in (ISO 639-1).
        passages: What the answer may rest on; at least one.
        conversation: What was said before.
        max_tokens: The tokens that the chat model may be told, as it counts them itself.
        count: Counts the tokens of a text.

    Raises:
        BudgetError: Not even the question and the first passage fit.
    """
    if not passages:
        raise ValueError("There is no passage to answer from.")
    fenced = [_passage(passage) for passage in passages]
    values = {"language_name": _LANGUAGES.get(language, _OTHER_LANGUAGE), "refusal": REFUSAL}
    return _fit("answer", question, values, passages, fenced, conversation, _Budget(max_tokens, count))


def insist_on_language(rendered: Rendered, language: str) -> Rendered:
    """Ask again for an answer that came in another language."""
    name = _LANGUAGES.get(language, _OTHER_LANGUAGE)
    user = f"{rendered.user}\n\n(The last reply was in another language. Write in {name}.)"
    return Rendered(rendered.system, user, rendered.passages)


def render_rewrite(
    question: str,
    conversation: Sequence[Exchange],
    *,
    max_tokens: int,
    count: Callable[[str], int] = count_tokens,
) -> Rendered:
    """Ask for a question that stands alone; exchanges that do not fit are left out, the oldest first.

    Raises:
        BudgetError: Not even the question fits.
    """
    return _fit("rewrite", question, {}, (), (), conversation, _Budget(max_tokens, count))


@dataclass(frozen=True, slots=True)
class _Budget:
    """How many tokens may be told, by a count that differs from the chat model's."""

    max_tokens: int
    count: Callable[[str], int]

    @property
    def tokens(self) -> int:
        return int(self.max_tokens / MARGIN)

    def needed(self, text: str) -> int:
        return len(text) if len(text) > _LONGEST_TOKEN * self.tokens else self.count(text)

    def of(self, rendered: Rendered) -> int:
        return self.needed(rendered.system) + self.needed(rendered.user)


def _fit(
    name: str,
    question: str,
    values: dict[str, str],
    passages: Sequence[NumberedPassage],
    fenced: Sequence[str],
    conversation: Sequence[Exchange],
    budget: _Budget,
) -> Rendered:
    """Leave out what does not fit, by the count of each part and at last by the count of the whole."""

    def render(kept: int, turns: Sequence[str]) -> Rendered:
        # Spaces and lines of the question's own cannot make it look like two.
        told = {**values, "question": _SPACES.sub(" ", question).strip()}
        told |= {"conversation": _fence(turns), "passages": "\n".join(fenced[:kept])}
        system, user = (Template(part).substitute(told).strip() for part in _template(name))
        return Rendered(system, user, tuple(passages[:kept]))

    least = min(len(fenced), 1)
    bare = render(0, ())
    room = budget.tokens - budget.of(bare)
    share = _CONVERSATION_SHARE if fenced else 1.0
    exchanges = [_exchange(exchange) for exchange in conversation]
    turns = exchanges[len(exchanges) - _fitting(exchanges[::-1], room * share, budget) :]
    room -= sum(budget.needed(turn) for turn in turns)
    kept = max(_fitting(fenced, room, budget), least)
    while budget.of(rendered := render(kept, turns)) > budget.tokens:
        if kept > least:
            kept -= 1
        elif turns:
            turns = turns[1:]
        else:
            raise BudgetError(_too_long(rendered, budget))
    return rendered


def _fitting(parts: Sequence[str], room: float, budget: _Budget) -> int:
    """Count how many parts fit, from the first on."""
    for place, part in enumerate(parts):
        room -= budget.needed(part)
        if room < 0:
            return place
    return len(parts)


def _too_long(rendered: Rendered, budget: _Budget) -> str:
    needed = int(budget.of(rendered) * MARGIN) + 1
    what = "The question and its best passage need" if rendered.passages else "The question needs"
    return (
        f"{what} about {needed:,} tokens of the chat model; it is given {budget.max_tokens:,}. Ask a shorter "
        "question, or give the chat model more tokens."
    )


def _passage(passage: NumberedPassage) -> str:
    facts = {"title": passage.title, "publisher": passage.publisher, "date": (passage.published or "")[:10]}
    attributes = "".join(f' {name}="{_attribute(fact)}"' for name, fact in facts.items() if fact)
    return f'<passage number="{passage.number}"{attributes}>\n{_escape(passage.text)}\n</passage>'


def _exchange(exchange: Exchange) -> str:
    return f"<asked>{_escape(exchange.question)}</asked>\n<answered>{_escape(exchange.answer)}</answered>"


def _fence(turns: Sequence[str]) -> str:
    return "\n".join(["<conversation>", *turns, "</conversation>", "", ""]) if turns else ""


def _attribute(text: str) -> str:
    return _SPACES.sub(" ", _escape(text)).replace('"', "&quot;")


def _escape(text: str) -> str:
    """Leave no tag in a text, and no mark that could be taken for the number of a passage."""
    told = _BLANKS.sub(lambda match: " " if match["space"] else "\n", without_marks(text))
    return told.strip().replace("<", "&lt;").replace(">", "&gt;")


@cache
def _template(name: str) -> tuple[str, str]:
    system, user = Path(__file__).with_name(f"{name}.md").read_text("utf-8").split(_PARTS)
    return system, user
