"""Count the articles of one story as one source: the fullest is quoted, the others are cited behind it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.agreement import Statement
from bot.citations import cite
from bot.datatypes import Citation
from retrieval.datatypes import Article, Filter
from retrieval.groups import Member
from retrieval.library import Library

# So many other articles are cited behind a quotation, of so many in which it is looked for.
_MOST, _LOOKED_AT = 5, 40
_OPENS = re.compile(r"(?:^|[.!?:;…\n])[\s\"'“”„«»‘’()\[\]–—•*-]*$")
_BEFORE = 40
_PARTS = ("before", "marked", "after")


def one_a_source(group: Sequence[Statement], members: Mapping[str, Member], language: str) -> list[Statement]:
    """Put behind the fullest of each source what the others of it say alike, in the order of the sources.

    Where the articles of a source word it differently, the fullest is sought among those that word it as the
    best does: what was edited can have lost whom it is about.

    Args:
        group: What several articles say alike, best first.
        members: The stories of those articles that others tell too, by their ids.
        language: The language of the question; what the person can read comes before what is fuller.
    """
    sources: dict[str, list[Statement]] = {}
    for statement in group:
        sources.setdefault(statement.source, []).append(statement)

    def rank(statement: Statement) -> tuple[object, ...]:
        article = statement.sentence.article
        member = members.get(article.id)
        is_other = statement.sentence.terms != best[statement.source].sentence.terms
        return article.language != language, is_other, statement.span is None, member.rank if member else ()

    best = {
        source: min(own, key=lambda one: one.sentence.article.language != language)
        for source, own in sources.items()
    }
    ordered = (sorted(own, key=rank) for own in sources.values())
    return [replace(first, copies=tuple(copies)) for first, *copies in ordered]


def cite_copies(
    citations: Sequence[Citation], library: Library, where: Filter | None
) -> tuple[Citation, ...]:
    """Cite behind each quotation the other articles of its story that have the same words, the fullest first.

    Args:
        citations: What an answer quotes.
        library: Where the articles are from.
        where: Which articles were asked for.
    """
    cited = list(citations)
    leads = [place for place, one in enumerate(cited) if one.same_story_as is None]
    members = library.groups.members(cited[place].article.id for place in leads)
    for place in leads:
        lead = cited[place]
        if member := members.get(lead.article.id):
            with library.snapshot():
                ids = library.groups.others(member, where, _LOOKED_AT)
                articles = library.articles(ids)
            found = [copy for id_ in ids if (copy := _cite_again(lead, articles[id_]))]
            found = [copy for copy in found if not any(_overlap(copy, one) for one in cited)]
            room = max(0, _MOST - sum(one.same_story_as == lead.number for one in cited))
            for copy in found[:room]:
                cited.append(replace(copy, number=len(cited) + 1, same_story_as=lead.number))
            cited[place] = replace(lead, more_copies=len(found[room:]))
    return tuple(cited)


def _cite_again(citation: Citation, article: Article) -> Citation | None:
    """Find a quotation in another article, whatever the white space, at the beginning of a sentence too."""
    low, high = citation.marked or (citation.end, citation.end)
    text = citation.article.text
    parts = (text[citation.start : low], text[low:high], text[high : citation.end])
    kept = (
        f"(?P<{name}>{words})"
        for name, part in zip(_PARTS, parts, strict=True)
        if (words := _in_any_space(part))
    )
    pattern = r"\s*".join(kept)
    for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", article.text):
        if _opens(article.text, match.start()) or not _opens(text, citation.start):
            marked = match.span("marked") if citation.marked else None
            return cite(article, *match.span(), citation.number, marked)
    return None


def _opens(text: str, start: int) -> bool:
    """Tell whether a sentence begins at a place."""
    return bool(_OPENS.search(text[max(0, start - _BEFORE) : start])) or start == 0


def _overlap(one: Citation, other: Citation) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _in_any_space(text: str) -> str:
    return r"\s+".join(map(re.escape, text.split()))
