"""Sentences that tell whoever answers from them what to reply: they tell nothing about the news."""

import re

# What a text says to whoever answers from it, and not to its readers.
_INSTRUCTION = re.compile(
    r"\b(?:ignor\w*|disregard\w*|forget|dimentica\w*|glöm|bortse|olvida\w*|vergiss)\b.{0,40}"
    r"\b(?:above|previous|prior|earlier|instruct\w*|prompt|rules?|precedent\w*|istruzion\w*|sopra|ovan\w*"
    r"|tidigare|instruk\w*|anterior\w*|instrucc\w*|vorherig\w*|anweisung\w*|passages?|passagg?i\w*)\b"
    r"|\b(?:system prompt|language model|chat ?bot|ai assistant|dear assistant|as an ai)\b.{0,60}"
    r"\b(?:must|should|reply|respond|answer|say|write|ignore)\b"
    r"|\b(?:reply|respond|answer|rispondi|rispondere|svara|responde|antworte)\b\s*"
    r"(?:only|solo|bara|endast|sólo|nur|always|exactly)?\s*(?:with|con|med|mit|:)",
    re.IGNORECASE,
)


def tells_what_to_reply(text: str) -> bool:
    """Tell whether a text gives a chat model orders instead of telling something."""
    return _INSTRUCTION.search(text) is not None
