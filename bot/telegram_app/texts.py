"""What Footnote itself says in Telegram, in the language of the person."""

from telegram import User

from prompts.phrases import FALLBACK, IN_TELEGRAM, phrase, phrases

LANGUAGES = tuple(phrases(IN_TELEGRAM))
OWN_NAMES = {"en": "English", "it": "Italiano", "sv": "Svenska"}


def say(name: str, language: str, **values: object) -> str:
    """Fill a phrase of the Telegram bot.

    Raises:
        KeyError: There is no such phrase, or a value is missing.
    """
    return phrase(name, language, IN_TELEGRAM, **{key: str(value) for key, value in values.items()})


def language_of(person: User | None, chosen: str | None) -> str:
    """Choose in which language to talk: the chosen one, else that of the person's Telegram."""
    own = ((person.language_code if person else None) or "").partition("-")[0].lower()
    return next((language for language in (chosen, own) if language in LANGUAGES), FALLBACK)


def counted(noun: str, count: int, language: str) -> str:
    """Say how many there are of `article` or `publisher`."""
    return say(f"one_{noun}", language) if count == 1 else say(f"many_{noun}s", language, count=f"{count:,}")
