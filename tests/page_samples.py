"""Pages as outlets write them, and the reading of them on a day that does not change."""

import json
from collections.abc import Mapping
from datetime import date

from retrieval.pages import Page, read_page

TODAY = date(2024, 11, 20)
ADDRESS = "https://www.example-news.com/europe/bridge-opens"
ENGLISH = """
<h1>Bridge over the Sound opens in May</h1>
<p>The bridge between the two towns will open in May, the minister of transport said on Thursday in Riga.</p>
<h2>Two years late</h2>
<p>Work began in 2019 and was stopped twice, once by a strike and once by a storm that sank a crane ship.</p>
<ul><li>It is 1,200 metres long.</li><li>It carries four lanes and a railway.</li></ul>
<p>“We have waited long enough,” said Anna Berg, who runs the ferry company that will close in June.</p>
"""
ITALIAN = """
<h1>Il ponte apre a maggio</h1>
<p>Il ponte tra le due città aprirà a maggio, ha detto giovedì il ministro dei trasporti a Roma.</p>
<p>«Abbiamo aspettato abbastanza», ha aggiunto, ricordando che i lavori erano cominciati nel 2019.</p>
<p>Secondo la società che gestisce i traghetti, perché il servizio continui servono altri due milioni.</p>
"""
SWEDISH = """
<h1>Bron öppnar i maj</h1>
<p>Bron mellan de två städerna öppnar i maj, sade trafikministern på torsdagen i Göteborg.</p>
<p>”Vi har väntat länge nog”, sade hon och påminde om att arbetet började redan år 2019.</p>
<p>Färjebolaget som nu lägger ner trafiken räknar med att trettio personer förlorar sina jobb.</p>
"""


def page(body: str, head: str = "", language: str = "en") -> bytes:
    return f"""<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">
    <title>Bridge | Example News</title>{head}</head><body><nav><a href="/">Home</a>
    <a href="/sport">Sport</a></nav><main><article>{body}</article></main>
    <footer><p>Copyright Example News</p></footer></body></html>""".encode()


def json_ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def news(**fields: object) -> Mapping[str, object]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", **fields}


def read(data: bytes, address: str | None = ADDRESS, charset: str | None = None) -> Page:
    return read_page(data, address=address, charset=charset, today=TODAY)


def fields(body: str = ENGLISH, head: str = "", language: str = "en") -> Mapping[str, object]:
    return read(page(body, head, language)).draft.fields
