"""Let a chat model make a question stand alone and write an answer, which is checked before it counts."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.chat_connection import ChatConnection
from bot.checks import Checked, check_reply
from bot.datatypes import Conversation
from bot.echoes import without_echoes
from bot.rewrite_check import is_usable_rewrite
from bot.told_as_fact import without_quoted_facts
from prompts.parse import find_quotations, is_refusal
from prompts.render import (
    Exchange,
    NumberedPassage,
    Rendered,
    insist_on_language,
    render_answer,
    render_rewrite,
)
from retrieval.datatypes import Article, ScoredPassage
from retrieval.errors import ChatModelError
from retrieval.query import Query
from retrieval.support import Similarity
from retrieval.wording import detect_language, guess_language

# So much of a reply is held back, in characters outside of quotations, until its language is known.
_HELD_BACK = 100


class ChatModel:
    """A chat model that writes for the assistant."""

    def __init__(
        self, connection: ChatConnection, *, max_tokens: int, similarity: Similarity | None = None
    ) -> None:
        """Write through a connection.

        Args:
            connection: Reaches the chat model.
            max_tokens: The most that it is told at a time.
            similarity: Grades how near two sentences are in meaning, for the checks.
        """
        self._connection = connection
        self._max_tokens = max_tokens
        self._similarity = similarity

    @property
    def name(self) -> str:
        """What names the chat model to people: its provider and its own name."""
        return self._connection.name

    def rewrite(self, question: str, conversation: Conversation, language: str) -> str | None:
        """Make a question stand alone; None where what comes back is not that question.

        Raises:
            ChatModelError: There is no reply.
            BudgetError: The question is too long for the chat model.
        """
        told = render_rewrite(question, _exchanges(conversation), max_tokens=self._max_tokens)
        rewritten = "".join(self._connection.stream(told.system, told.user)).strip()
        return rewritten if is_usable_rewrite(rewritten, question, conversation, language) else None

    def write(
        self,
        query: Query,
        evidence: Sequence[ScoredPassage],
        articles: Mapping[str, Article],
        conversation: Conversation,
    ) -> Generator[str, None, Checked]:
        """Give an answer piece by piece as it is written, unchecked, and at the end what of it stands.

        A reply in another language than the question is asked for once more.

        Raises:
            ChatModelError: There is no reply, or none in this language.
            BudgetError: The question and its best passage are too long for the chat model.
        """
        numbered = list(_numbered(evidence, articles))
        exchanges = _exchanges(conversation)
        told = render_answer(query.text, query.language, numbered, exchanges, max_tokens=self._max_tokens)
        reply = yield from self._reply(told, query.language)
        if reply is None:
            reply = yield from self._reply(insist_on_language(told, query.language), query.language)
        if reply is None:
            raise ChatModelError(
                f"The chat model {self.name} replied twice in another language than the question's."
            )
        passages = {passage.number: evidence[passage.number - 1] for passage in told.passages}
        texts = [(articles[one.passage.article_id], one.passage.text) for one in passages.values()]
        reply, echoed = without_echoes(reply)
        reply, only_quoted = without_quoted_facts(reply, texts)
        checked = check_reply(reply, query, passages, articles, similarity=self._similarity)
        return replace(checked, dropped=(*echoed, *only_quoted, *checked.dropped))

    def _reply(self, told: Rendered, language: str) -> Generator[str, None, str | None]:
        """Pass a reply on from where its language is known; None where that is another one."""
        reply, is_held = "", True
        for piece in self._connection.stream(told.system, told.user):
            reply += piece
            if not is_held:
                yield piece
            elif len(_own_words(reply)) >= _HELD_BACK:
                if _is_in_another_language(reply, language):
                    return None
                is_held = False
                yield reply
        if is_held and _is_in_another_language(reply, language):
            return None
        if is_held and not is_refusal(reply):
            yield reply
        return reply


def _numbered(
    evidence: Sequence[ScoredPassage], articles: Mapping[str, Article]
) -> Iterator[NumberedPassage]:
    for number, scored in enumerate(evidence, start=1):
        article = articles.get(scored.passage.article_id)
        if article is None:  # a writer may have removed it since
            continue
        yield NumberedPassage(
            number=number,
            text=scored.passage.text,
            title=article.title,
            publisher=article.publisher,
            published=article.published,
        )


def _exchanges(conversation: Conversation) -> list[Exchange]:
    return [Exchange(turn.answer.understood_as, turn.answer.text) for turn in conversation]


def _own_words(reply: str) -> str:
    """Leave out quotations, whose language is their article's, and a reply that begins with its reasoning."""
    if reply.lstrip().startswith("<"):
        return ""
    kept, reached = "", 0
    for start, end in find_quotations(reply):
        kept += reply[reached:start]
        reached = end
    return kept + reply[reached:]


def _is_in_another_language(reply: str, language: str) -> bool:
    """Tell so only where small words and letters agree on another language."""
    own = _own_words(reply)
    detected = detect_language(own)
    return detected not in (None, language) and guess_language(own, [language], detect_language) == detected
