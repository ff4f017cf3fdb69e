"""Make a follow-up question stand alone, from the questions and answers before it."""

from bot.datatypes import Conversation


def stand_alone(question: str, conversation: Conversation, language: str) -> str:
    """Write a question so that it can be understood without the conversation."""
    if not conversation:
        return question
    return question
