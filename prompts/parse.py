"""Read a chat model's reply: what it claims, which passages each claim cites, and what it quotes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.passages import Span, split_sentences

# What a chat model replies when the passages do not answer.
REFUSAL = "NOT_COVERED"
# What a reply holds beyond this is not read; an answer has a few hundred characters.
MAX_CHARACTERS = 20_000
# "[1-3]" cites three; a range of more is no citation.
_LONGEST_RANGE = 20

_NUMBERS = r"\d{1,3}(?:\s*[,;，、&–-]\s*\^?\d{1,3})*"
# [1], [1, 2], [1-3], [^1], 【1】, 【1†source】, [passage 1], [1](https://…)
_MARK = re.compile(
    rf"(?<![ \t])[ \t]*[\[［【]\s*(?:\^|passages?\s+|#)?({_NUMBERS})\s*(?:†[^\]】\n]{{0,60}})?[\]］】]"
    r"(?:\(https?:[^)\s]{0,300}\))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
_REASONING = re.compile(r"<(think|thinking|reasoning|thought)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_REASONING_END = re.compile(r"</(?:think|thinking|reasoning|thought)>", re.IGNORECASE)
_REFUSED = re.compile(r"\W*not[\s_\\-]*covered\W*", re.IGNORECASE)
_REFUSED_FIRST = re.compile(rf"\W*{REFUSAL}\b", re.IGNORECASE)
_LINE_START = re.compile(r"\s*(?:>\s*)*(?:(#{1,6})\s+|([-*+•–—]\s+|\d{1,2}[.)]\s+))?\s*")
_SOURCES = re.compile(
    r"\W*(?:sources?|references?|citations?|footnotes?|works cited|fonti|riferimenti|källor|referenser"
    r"|fotnoter|quellen|fuentes|referencias|références|kilder)\W*(?::.*)?",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"\s*[\[［【]\^?\d{1,3}[\]］】]\s*:.*")
_RULE = re.compile(r"\s*(?:[-*_=]\s*){3,}|\s*`{3,}\w*\s*")
_MARKDOWN = re.compile(
    r"\*+(?=\S)|(?<=\S)\*+|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`+"
    r"|\[(?=[^\[\]\n]{1,200}\]\(https?:)|\]\(https?:[^)\s]{0,300}\)"
)

# The signs that may end a quotation, by the sign that opens it; English, German, Swedish, French usage.
_CLOSINGS = {
    "“": "”\"“", "”": "”", "„": "“”\"", "«": "»", "»": "«»", "\"": "\"”", "‹": "›", "「": "」", "＂": "＂",
    "‘": "’‘'", "‚": "‘’", "'": "'’",
}  # fmt: skip
_APOSTROPHES = "'’‘"
# Between apostrophes stand words or a sentence; farther away they have nothing to do with each other.
_BETWEEN_APOSTROPHES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of a reply or a line of a list, with the numbers of the passages it cites.

    `text` is without marks and Markdown; `[start:end]` is the claim's place in the reply; `quotations` are
    the places in `text` of what stands between quotation marks; `line` counts the lines of the reply, and
    `is_listed` where the claim begins an item of a list.
    """

    text: str
    start: int
    end: int
    numbers: tuple[int, ...]
    quotations: tuple[Span, ...]
    line: int = 0
    is_listed: bool = False


def parse_reply(reply: str) -> list[Claim]:
    """Find what a reply claims, in order.

    Reasoning, headings and a list of sources at the end are no claims. A mark behind the full stop belongs
    to the sentence before it; one that follows no words at all belongs to the claim before it.
    """
    claims: list[Claim] = []
    for number, (start, line) in enumerate(_lines(reply)):
        lead = _LINE_START.match(line)
        if lead is None or lead[1]:
            continue
        body = line[lead.end() :]
        for claim in _claims(body, start + lead.end(), number):
            if any(letter.isalnum() for letter in claim.text):
                is_listed = lead[2] is not None and claim.start == start + lead.end()
                claims.append(_with(claim, claim.numbers, is_listed=is_listed))
            elif claims and claim.numbers:
                claims[-1] = _with(
                    claims[-1], (*claims[-1].numbers, *claim.numbers), is_listed=claims[-1].is_listed
                )
    return claims


def is_refusal(reply: str) -> bool:
    """Tell whether a reply says, in the agreed way, that the passages do not answer."""
    told = _MARKDOWN.sub("", without_marks(_told(reply))).strip()
    return bool(_REFUSED.fullmatch(told) or _REFUSED_FIRST.match(told))


def without_marks(text: str) -> str:
    """Leave out all marks that cite a passage."""
    return _MARK.sub("", text)


def find_quotations(text: str) -> list[Span]:
    """Find what stands between quotation marks, the outermost ones; one left open runs to the end.

    Returns:
        Half-open places without the marks, in order.
    """
    found: list[Span] = []
    place = 0
    while place < len(text):
        if text[place] not in _CLOSINGS or not _opens(text, place):
            place += 1
            continue
        end = _closing(text, place)
        if end is None and text[place] in _APOSTROPHES:
            place += 1
            continue
        stop = len(text) if end is None else end
        inner = text[place + 1 : stop]
        if any(letter.isalnum() for letter in inner):
            start = place + 1 + len(inner) - len(inner.lstrip())
            found.append((start, start + len(inner.strip())))
        place = stop + 1
    return found


def _told(reply: str) -> str:
    """Blank out reasoning, place by place, and what is beyond the longest reply that is read."""
    text = _REASONING.sub(lambda match: " " * len(match.group()), reply)
    ends = [match.end() for match in _REASONING_END.finditer(text)]
    # A server that opens the reasoning itself leaves only its end in the reply.
    begins = max(ends, default=0)
    begins += len(text) - begins - len(text[begins:].lstrip())
    return " " * begins + text[begins : begins + MAX_CHARACTERS]


def _lines(reply: str) -> Iterator[tuple[int, str]]:
    """Give the lines that can claim something, each with its place."""
    start = 0
    for line in _told(reply).split("\n"):
        bare = _MARKDOWN.sub("", line.lstrip("# \t"))
        if _SOURCES.fullmatch(bare):
            return
        if not (_DEFINITION.fullmatch(line) or _RULE.fullmatch(line)):
            yield start, line
        start += len(line) + 1


def _claims(body: str, offset: int, line: int) -> Iterator[Claim]:
    """Cut a line into sentences, its marks taken out."""
    plain, places, marks = _taken_out(body)
    spans = _sentences(plain)
    starts = [start for start, _ in spans]
    cited: list[list[int]] = [[] for _ in spans]
    for place, numbers in marks:
        before = [at for at, start in enumerate(starts) if start < place]
        if spans:
            cited[before[-1] if before else 0] += numbers
        else:
            yield Claim(text="", start=offset, end=offset + len(body), numbers=tuple(numbers), quotations=())
    for at, ((start, end), numbers) in enumerate(zip(spans, cited, strict=True)):
        text = " ".join(plain[start:end].split())
        stop = places[spans[at + 1][0]] if at + 1 < len(spans) else len(body)
        yield Claim(
            text=text,
            start=offset + (places[start] if at else 0),
            end=offset + stop,
            numbers=tuple(dict.fromkeys(numbers)),
            quotations=tuple(find_quotations(text)),
            line=line,
        )


def _taken_out(body: str) -> tuple[str, list[int], list[tuple[int, list[int]]]]:
    """Take marks and Markdown out of a line.

    Returns:
        The text that is left, the place in the line of each of its characters, and the marks, each with
        its place in the text that is left and the numbers it cites.
    """
    kept: list[str] = []
    places: list[int] = []
    marks: list[tuple[int, list[int]]] = []

    def keep(start: int, end: int) -> None:
        for match in [*_MARKDOWN.finditer(body, start, end), None]:
            stop = match.start() if match else end
            kept.append(body[start:stop])
            places.extend(range(start, stop))
            start = match.end() if match else end

    reached = 0
    for match in _MARK.finditer(body):
        keep(reached, match.start())
        marks.append((len(places), _numbers(match.group(1))))
        reached = match.end()
    keep(reached, len(body))
    return "".join(kept), places, marks


def _sentences(text: str) -> list[Span]:
    """Find the sentences of a line; none ends within a quotation."""
    quotations = find_quotations(text)
    spans: list[Span] = []
    for start, end in split_sentences(text):
        is_inside = any(low < start < high for low, high in quotations)
        if spans and (is_inside or not any(letter.isalnum() for letter in text[start:end])):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _numbers(text: str) -> list[int]:
    found: list[int] = []
    for first, last in _RANGE.findall(text):
        low, high = int(first), int(last or first)
        found += range(low, high + 1) if 0 <= high - low <= _LONGEST_RANGE else [low, high]
    return found


def _opens(text: str, place: int) -> bool:
    """Tell whether a quotation mark can open: an apostrophe only before a word and not within one."""
    before, after = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    if text[place] in _APOSTROPHES:
        return not before.isalnum() and after.isalnum()
    # 5" is a measure.
    return not (text[place] == '"' and before.isdigit())


def _closing(text: str, place: int) -> int | None:
    """Find the sign that ends a quotation: no apostrophe within a word, and no sign that opens another."""
    closings = _CLOSINGS[text[place]]
    is_apostrophe = text[place] in _APOSTROPHES
    limit = place + _BETWEEN_APOSTROPHES if is_apostrophe else len(text)
    for end in range(place + 1, min(limit, len(text))):
        if text[end] not in closings:
            continue
        is_ambiguous = is_apostrophe or text[end] == "“"
        if is_ambiguous and (text[end + 1 : end + 2].isalnum() or text[end - 1].isspace()):
            continue
        return end
    return None


def _with(claim: Claim, numbers: Sequence[int], *, is_listed: bool) -> Claim:
    return Claim(
        text=claim.text,
        start=claim.start,
        end=claim.end,
        numbers=tuple(dict.fromkeys(numbers)),
        quotations=claim.quotations,
        line=claim.line,
        is_listed=is_listed,
    )
