"""Find the words that tell that somebody speaks: reporting verbs with their auxiliaries, "according to"."""

from retrieval.speech_grammar import Unit


def cues_of(unit: Unit) -> list[tuple[int, int]]:
    """Find the words of each cue: a reporting verb with its auxiliaries, or "according to"."""
    found: list[tuple[int, int]] = []
    for place, word in enumerate(unit.words):
        if word.text.lower() not in unit.grammar.telling:
            continue
        if phrase := names_speaker(unit, place):
            found.append((place + 1 - len(phrase.split()), place))
            continue
        has_particle = _has_particle(unit, place)
        if not has_particle and not _is_verb(unit, place):
            continue
        first = _with_auxiliaries(unit, place)
        if found and first <= found[-1][1]:
            found.pop()
        found.append((first, place + has_particle))
    return found


def names_speaker(unit: Unit, place: int) -> str:
    """Give the phrase that ends with a word and names a speaker without a verb, "according to"."""
    for phrase in unit.grammar.according.get(unit.words[place].text.lower(), ()):
        first = place + 1 - len(phrase.split())
        if unit.ends_phrase(place, phrase):
            # "il secondo anno"
            is_noun = not unit.begins_clause(first) and unit.grammar.has(
                unit.words[first - 1], "noun_follows"
            )
            return "" if is_noun else phrase
    return ""


def _has_particle(unit: Unit, place: int) -> bool:
    """Tell whether a verb and the small word behind it are one cue: "called for", "joked about"."""
    if place + 1 >= len(unit.words):
        return False
    lowered, after = unit.words[place].text.lower(), unit.words[place + 1].text.lower()
    is_pair = lowered in unit.grammar.cues and after in unit.grammar.lists.get("particles", ())
    if not is_pair and f"{lowered} {after}" not in unit.grammar.phrases:
        return False
    return not unit.begins_clause(place + 1) and _may_be_verb(unit, place)


def _may_be_verb(unit: Unit, place: int) -> bool:
    """Tell whether a word stands where a verb can: "the claim" and "so-called" are none."""
    grammar, word = unit.grammar, unit.words[place]
    if place and (
        (word.is_capitalised and not unit.is_headline) or "-" in unit.text[word.start - 1 : word.end + 1]
    ):
        return False
    if unit.begins_clause(place):
        return True
    before = unit.words[place - 1]
    if before.text == "s" and place > 1 and not grammar.has(unit.words[place - 2], "subjects"):
        # "the mayor's proposed wall", but "he's proposed a wall" and "the mayor's asking".
        return grammar.is_participle(word)
    return not grammar.has(before, "noun_follows")


def _is_verb(unit: Unit, place: int) -> bool:
    """Tell whether a word is a verb that reports."""
    grammar, word = unit.grammar, unit.words[place]
    is_seeming = grammar.has(word, "seeming")
    if not (is_seeming or word.text.lower() in grammar.cues) or not _may_be_verb(unit, place):
        return False
    if is_seeming:
        return place + 1 < len(unit.words)
    if not grammar.has(word, "nominal"):
        return True
    if unit.begins_clause(place):
        return False
    before = unit.words[place - 1]
    is_plural = before.text.endswith("s") and not word.text.endswith("s")
    return is_plural or before.is_capitalised or grammar.has(before, "subjects", "auxiliaries", "adverbs")


def _with_auxiliaries(unit: Unit, place: int) -> int:
    """Find the first word of a verb with what stands before it: "has also said", "declined to say"."""
    grammar = unit.grammar
    first = place
    while not unit.begins_clause(first):
        before = unit.words[first - 1]
        if before.is_capitalised and before.start != unit.start:
            break
        if grammar.is_adverb(before) or grammar.has(before, "auxiliaries"):
            first -= 1
        elif grammar.has(before, "infinitive") and not unit.begins_clause(first - 1):
            governing = unit.words[first - 2]
            if governing.text.lower() not in grammar.cues and not grammar.has(governing, "governing"):
                break
            first -= 2
        else:
            break
    return first
