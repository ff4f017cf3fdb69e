"""Three small articles, and an index of them that loads no model."""

from collections.abc import Mapping
from pathlib import Path

from retrieval.articles import read_articles
from retrieval.indexing import Indexer
from tests.fakes import FakeEmbedder

RIGA = """---
title: "Rutte in Riga: a direct threat"
publisher: Baltic Courier
published: 2024-11-14
url: https://example.org/riga
language: en
---
Mark Rutte met the Latvian president in Riga on Thursday morning.

Rutte said in Latvia that the missiles are a direct threat to Europe and Japan. The ministers listened in
silence, and nobody contradicted him.

Up to 12,000 soldiers have arrived in Kursk, the ministry said.
"""
ROMA = """---
title: "Rutte a Roma: una minaccia diretta"
publisher: Il Meridiano
published: 2024-11-15
language: it
---
Mark Rutte ha incontrato a Roma il presidente del Consiglio.

La minaccia riguarda anche il Giappone, ha detto Rutte ai giornalisti. I ministri non hanno risposto.
"""
BAKERY = """The bakery on Mill Street

The bakery on Mill Street opened in 1921 and bakes forty kinds of bread every day of the week.

Its owner, Anna Lind, said that the oven has never been cold. Visitors come from three counties.
"""
ARTICLES = {"riga.md": RIGA, "roma.md": ROMA, "bakery.txt": BAKERY}


def write_news(folder: Path, articles: Mapping[str, str]) -> Path:
    """Write article files, by name, into the folder `news` of a folder."""
    news = folder / "news"
    for name, text in articles.items():
        (news / name).parent.mkdir(parents=True, exist_ok=True)
        (news / name).write_text(text, "utf-8")
    return news


def make_index(folder: Path) -> Path:
    """Make an index of the articles in a folder, where the command line looks for it."""
    index = folder / ".footnote"
    indexer = Indexer(index, FakeEmbedder(), passage_tokens=256)
    indexer.update(read_articles([write_news(folder, ARTICLES)]), lambda step, done, total: None)
    return index
