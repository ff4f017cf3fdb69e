"""A filter leaves out the articles that it should, and says which of its words mean nothing."""

import json
from pathlib import Path

import pytest

from tests.conftest import Footnote

pytestmark = pytest.mark.usefixtures("index")


def publishers(footnote: Footnote, *options: str) -> set[str]:
    receipt = json.loads(footnote("ask", "--json", *options, "Rutte Giappone Latvia Japan").out)
    return {passage["article_id"] for passage in receipt["evidence"]}


def test_ask_when_filtered_looks_at_no_other_article(footnote: Footnote) -> None:
    every = publishers(footnote)
    assert len(every) >= 2
    assert publishers(footnote, "--language", "it") == publishers(footnote, "--publisher", "il meridiano")
    assert len(publishers(footnote, "--language", "it")) == 1
    assert publishers(footnote, "--since", "2024-11-15") == publishers(footnote, "--language", "IT")
    assert publishers(footnote, "--until", "2024-11-14") == publishers(
        footnote, "--publisher", "Baltic Courier"
    )
    assert publishers(footnote, "--since", "2024", "--until", "2024-11") < every


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--publisher", "Baltic Couriers"), "the publisher 'Baltic Couriers'. Did you mean Baltic Courier?"),
        (("--person", "Marc Rutte"), "names the person 'Marc Rutte'. Did you mean Mark Rutte?"),
        (("--publisher", "xyz"), "the publisher 'xyz'. It holds: Baltic Courier, Il Meridiano."),
        (("--language", "fr"), "No article in the index has the language 'fr'."),
        (("--since", "yesterday"), "--since is 'yesterday'. Give a day as 2024-11-07"),
        (("--until", "2024-02-30"), "--until is '2024-02-30'. Give a day as 2024-11-07"),
        (("--since", "2025", "--language", "it"), "holds no article since 2025 in it. Ask without a filter"),
    ],
)
@pytest.mark.parametrize("command", [("ask", "Rutte?"), ("articles",)], ids=" ".join)
def test_filter_when_it_means_nothing_says_what_would(
    footnote: Footnote, command: tuple[str, ...], options: tuple[str, ...], said: str
) -> None:
    outcome = footnote(*command, *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_articles_when_filtered_shows_those(footnote: Footnote) -> None:
    shown = footnote("articles", "--publisher", "baltic courier").out
    assert "1 of 3" in shown and "Rutte in Riga" in shown and "Rutte a Roma" not in shown
    assert Path(".footnote").is_dir()
