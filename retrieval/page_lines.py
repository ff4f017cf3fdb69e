"""Give the text of a tree of elements as lines, one for each paragraph, heading and item."""

import re
from typing import cast

from retrieval.characters import mend
from retrieval.page_tree import Element

_BLOCKS = (
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol",
    "p", "pre", "section", "table", "tr", "ul", "br",
)  # fmt: skip
_UNSEEN = ("head", "script", "style", "noscript", "template", "nav", "svg", "math", "object", "rt", "rp")
_BREAK = "\u2029"  # Unicode's paragraph separator: no space of the source is one


class _Part(Element):
    tail: str | None


def text_lines(tree: Element) -> str:
    """Give all text that is shown, a line for each block. The tree is changed."""
    hidden = " | ".join((*(f"//{name}" for name in _UNSEEN), "//*[@hidden]"))
    # The mark of a note in an e-book would be glued to the word before it.
    for element in tree.xpath(f"{hidden} | //*[@*[name()='epub:type']='noteref']"):
        element.drop_tree()
    for element in tree.iter(*_BLOCKS, "td", "th"):
        part = cast(_Part, element)
        mark = " " if getattr(element, "tag", "") in ("td", "th") else _BREAK
        bullet = "- " if getattr(element, "tag", "") == "li" else ""
        part.text = f"{mark}{bullet}{part.text or ''}"
        part.tail = f"{mark}{part.tail or ''}"
    text = re.sub(r"[ \t\r\n\f]+", " ", tree.text_content())
    lines = (line.strip() for line in mend(text.replace(_BREAK, "\n")).split("\n"))
    return "\n".join(line for line in lines if line and line != "-")
