"""Grade what a sentence has to do with a question: who speaks in it, where, and whom it names."""

from collections.abc import Sequence

from retrieval.matching import FormMatches, has_to_stand, place_match
from retrieval.places import contains
from retrieval.query import Query
from retrieval.sentences import Sentence, read_title
from retrieval.wording import fold, words

# So many sentences after the one that states it, a setting still holds.
_CARRIES = 3
# A speaker described and not named, "the foreign policy chief", has to share so much of the description.
_ENOUGH_OF_A_DESCRIPTION = 0.66


def context_of(story: Sequence[Sentence], place: int) -> list[Sentence]:
    """Take the title and the two sentences before, which a pronoun can point to."""
    article = story[place].article
    before = [other for other in story[max(0, place - 2) : place] if other.article is article]
    return [read_title(article), *before]


def grade_names(query: Query, story: Sequence[Sentence], place: int, forms: FormMatches) -> float:
    """Grade the worst of the names and places asked about: in the sentence, or taken up from before it.

    A country that stands only before a sentence which names another one is not what that is about.
    """
    sentence, context = story[place], context_of(story, place)
    asked = {code for code, _ in query.places} | set(query.setting)
    others = [
        mention
        for mention in sentence.places
        if not (mention.code.isdigit() or mention.code == "EU")
        and not any(contains(code, mention.code) or contains(mention.code, code) for code in asked)
    ]
    text = fold(sentence.text)
    worst = float(all(fold(phrase) in text for phrase in query.phrases))
    source = sentence.attribution.source if sentence.attribution else frozenset()
    for code, word in query.places:
        own = max(place_match(code, sentence.places), float(fold(word.text) in source))
        worst = min(worst, max(own, 0.0 if others else _place_before(code, story, place)))
    placed = {word for _, word in query.places}
    for word in query.topic:
        if word not in placed and has_to_stand(word, query):
            own = forms.grade(word, sentence)
            before = max((forms.grade(word, other) for other in context), default=0.0)
            worst = min(worst, max(own, float(fold(word.text) in source), 0.8 * before))
    return worst


def _place_before(code: str, story: Sequence[Sentence], place: int) -> float:
    """Grade a place that stands before a sentence; what the title names, a sentence need not be about."""
    before = context_of(story, place)[1:]
    return 0.8 * max((place_match(code, other.places) for other in before), default=0.0)


def grade_speaker(query: Query, sentence: Sentence) -> float:
    """Tell whether the sentence reports the words of whom the question asks about.

    Of an outlet that is asked what it says of something, all of an article are its words.
    """
    if not query.speaker or (query.topic and _published_by(query, sentence)):
        return 1.0
    if sentence.attribution is None:
        return 0.0
    source = sentence.attribution.source
    hits = [fold(word.text) in source for word in query.speaker]
    asked = {code for code, word in query.named_places if word in query.speaker}
    if asked:
        only_places = all(word in {named for _, named in query.named_places} for word in query.speaker)
        return float(all(hits) or (only_places and _speaks_for(asked, sentence, source)))
    if query.speaker[-1].is_capitalised:
        return float(hits[-1])
    return float(sum(hits) / len(hits) >= _ENOUGH_OF_A_DESCRIPTION)


def _published_by(query: Query, sentence: Sentence) -> bool:
    outlet = {fold(word.text) for word in words(sentence.article.publisher or "")}
    return all(word.is_capitalised and fold(word.text) in outlet for word in query.speaker)


def grade_setting(query: Query, story: Sequence[Sentence], place: int) -> float:
    """Grade the worst of the settings asked about: stated, only named, or carried over from before."""
    return min((_one_setting(code, query, story, place) for code in query.setting), default=1.0)


def _one_setting(code: str, query: Query, story: Sequence[Sentence], place: int) -> float:
    sentence = story[place]
    if any(contains(code, own) for own in sentence.settings):
        return 1.0
    if not query.speaker and not query.moves:
        own = place_match(code, sentence.places)
        return 0.9 * max(own, 0.0 if sentence.places else _place_before(code, story, place))
    article = [other for other in story if other.article is sentence.article]
    named = any(mention.code == code for other in article for mention in other.places)
    if named and any(contains(own, code) for own in sentence.settings):
        return 0.7
    # What somebody goes on to say is said in the same place, until the text turns elsewhere.
    for other in reversed(story[max(0, place - _CARRIES) : place]):
        if other.article is not sentence.article or sentence.settings or sentence.has_own_time:
            return 0.0
        if any(contains(code, own) for own in other.settings):
            return 0.6 if _same_speaker(other, sentence) or other.line == sentence.line else 0.0
        if other.settings:
            return 0.0
    # An article that tells of one place only tells of that place throughout.
    dateline = [own for own in article[0].settings if article[0].text[:4].isupper()][:1]
    everywhere = dateline or [own for other in article for own in other.settings]
    return 0.6 if everywhere and all(contains(code, own) for own in everywhere) else 0.0


def _speaks_for(asked: set[str], sentence: Sentence, source: frozenset[str]) -> bool:
    """Tell whether the source is a country asked about under another name: "Moscow" is Russia."""
    countries = {code.partition("/")[0] for code in asked}
    return any(
        mention.code.partition("/")[0] in countries
        and all(fold(word.text) in source for word in words(sentence.text[mention.start : mention.end]))
        for mention in sentence.places
    )


def _same_speaker(one: Sentence, other: Sentence) -> bool:
    return bool(one.attribution and other.attribution and one.attribution.source & other.attribution.source)
