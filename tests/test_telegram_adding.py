"""Articles that people send are read into the index, shown back, and answered from."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from retrieval.library import Library
from tests.page_samples import ENGLISH, page
from tests.small_index import make_index
from tests.small_web import gives, serve
from tests.telegram_world import Guest, World

ARTICLE = """---
title: "Kallas opens the bridge at Narva"
publisher: Tallinn Post
published: 2024-12-01
language: en
---
Kaja Kallas opened the new bridge at Narva on Sunday.

Kallas said in Narva that the bridge has cost eleven million euros. The mayor thanked her, and the ferry
that had carried people across the river for ninety years made its last journey in the evening. The town has
waited long for this day.
"""
QUESTION = "what did Kallas say in Narva?"
QUOTE = "Kallas said in Narva that the bridge has cost eleven million euros."
FORWARDED = f"Kallas opens the bridge at Narva\n\n{ARTICLE.partition('---')[2].partition('---')[2].strip()}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot to whose index Alice, the editor, may add."""
    with World(make_index(tmp_path_factory.mktemp("index"))) as world:
        editors = (world.alice.person.id,)
        with world.running(telegram_editors=editors, fetch_private=True, fetch_pause_seconds=0):
            yield world
        assert not world.refused()


@pytest.fixture
def editor(world: World) -> Guest:
    return world.alice


def send_file(guest: Guest, name: str, content: bytes | str) -> str:
    """Let somebody send a file, and give what the bot says to it."""
    data = content.encode() if isinstance(content, str) else content
    [told] = guest.replies_to(lambda: guest.chat.sends_file(guest.person, name, data))
    return told.text


def test_file_is_added_shown_back_and_answered_from(world: World, editor: Guest) -> None:
    sent = editor.chat.sends_file(editor.person, "narva.md", ARTICLE.encode())
    [told] = editor.chat.wait_for_replies()
    assert told.reply_to == sent.message_id
    assert told.text.startswith(
        "Added: Kallas opens the bridge at Narva\nTallinn Post, 2024-12-01, English, 294 characters\n"
    )
    assert told.parts("expandable_blockquote")[0].startswith("Kaja Kallas opened the new bridge")
    assert QUOTE in editor.ask(QUESTION).text
    assert QUOTE in world.guest("Bob").ask(QUESTION).text
    assert [path.name[:6] for path in (world.index / "added").iterdir()] == ["narva-"]


def test_same_file_twice_is_known(editor: Guest) -> None:
    send_file(editor, "lake.txt", "The lake\n\n" + "The lake froze early this year, said Mayor Berg. " * 9)
    again = send_file(
        editor, "lake.txt", "The lake\n\n" + "The lake froze early this year, said Mayor Berg. " * 9
    )
    assert again.startswith("I know this one already: The lake")


def test_forwarded_article_is_added(editor: Guest) -> None:
    text = FORWARDED.replace("Narva", "Paldiski")
    [told] = editor.replies_to(lambda: editor.chat.forwards(editor.person, text, from_name="Tallinn Post"))
    assert told.text.startswith("Added: Kallas opens the bridge at Paldiski\n")


def test_forwarded_question_is_answered(editor: Guest) -> None:
    asked = "what did Rutte say in Latvia?"
    [told] = editor.replies_to(lambda: editor.chat.forwards(editor.person, asked, from_name="Bob"))
    assert "a direct threat" in told.text


def test_add_in_reply_takes_the_message_that_it_answers(world: World, editor: Guest) -> None:
    group = world.group()
    alice, bob = Guest(editor.person, group), Guest(world.guest("Bob").person, group)
    article = bob.says(FORWARDED.replace("Narva", "Maardu"))
    assert alice.ask("/add", reply_to=article).text.startswith("Added: Kallas opens the bridge at Maardu\n")


def test_add_with_a_file_in_a_topic_takes_the_file(world: World, editor: Guest) -> None:
    forum = world.group(is_forum=True)
    topic = forum.opens_topic(editor.person, "Asia")
    text = ARTICLE.replace("Narva", "Keila")
    [told] = Guest(editor.person, forum).replies_to(
        lambda: forum.sends_file(editor.person, "keila.md", text.encode(), caption="/add", topic=topic)
    )
    assert told.text.startswith("Added: Kallas opens the bridge at Keila\n") and told.topic == topic


def test_add_with_the_text_behind_it_adds_that_text(editor: Guest) -> None:
    told = editor.ask(f"/add {FORWARDED.replace('Narva', 'Viljandi')}").text
    assert told.startswith("Added: Kallas opens the bridge at Viljandi\n")


def test_add_takes_no_answer_of_the_bot_for_an_article(editor: Guest) -> None:
    answer = editor.ask("/help")
    assert editor.ask("/add", reply_to=answer).text.startswith("Send me a file (.txt")


def test_add_alone_says_how(editor: Guest) -> None:
    assert editor.ask("/add").text.startswith("Send me a file (.txt, .md, .pdf, .docx, …), a link or")


@pytest.mark.parametrize("before", ["/add ", ""], ids=["add", "bare"])
def test_link_is_read_shown_back_and_answered_from(editor: Guest, before: str) -> None:
    name = "sound" if before else "belt"
    text = ENGLISH.replace("Sound", name.capitalize()).replace("Anna Berg", f"Anna {name.capitalize()}berg")
    with serve({f"/{name}": gives(page(text), Content_Type="text/html")}) as sites:
        told = editor.ask(f"{before}http://127.0.0.1:{sites.port}/{name}").text
    assert told.startswith(f"Added: Bridge over the {name.capitalize()} opens in May\n")
    assert "We have waited long enough" in editor.ask(f"what did Anna {name.capitalize()}berg say?").text


def test_link_that_cannot_be_read_is_told_why(editor: Guest) -> None:
    with serve({}) as sites:
        told = editor.ask(f"/add http://127.0.0.1:{sites.port}/missing").text
    assert told.startswith("Nothing was added. http://127.0.0.1:") and "404 (Not Found)" in told


def test_file_of_another_kind_is_told_why_it_was_not_added(world: World, editor: Guest) -> None:
    told = send_file(editor, "paper.pdf", b"%PDF-1.4 \x00\x01")
    assert told.startswith("Nothing was added. Cannot read paper.pdf") and str(world.index) not in told


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.txt", ""), ("broken.json", "{not json"), ("no.jsonl", '{"title": "No text"}\n')],
    ids=["empty", "broken", "no-text"],
)
def test_file_that_cannot_be_read_is_told_why_and_not_kept(
    world: World, editor: Guest, name: str, content: str
) -> None:
    told = send_file(editor, name, content)
    assert told.startswith(f"Nothing was added. Cannot read {name}: ")
    assert not list((world.index / "added").glob(f"{name.partition('.')[0]}-*"))


def test_file_with_a_hostile_name_stays_in_its_folder(world: World, editor: Guest) -> None:
    text = ARTICLE.replace("Narva", "Tartu")
    assert send_file(editor, "../../../etc/passwd\u202e‮.md", text).startswith("Added:")
    assert not [path for path in world.index.parent.rglob("*passwd*") if path.parent.name != "added"]


def test_large_file_is_told_the_limit(world: World, editor: Guest) -> None:
    message = editor.chat.sends_file(editor.person, "small.md", b"x")
    document = {"file_id": "f", "file_unique_id": "u", "file_name": "large.md", "file_size": 25_000_000}
    told = editor.chat.message_json(message) | {"document": document}
    editor.chat.wait_for(lambda messages: messages[-1].reply_to == message.message_id)
    [refusal] = editor.replies_to(lambda: world.telegram.world.publish("message", told))
    assert refusal.text == "The file has 25.0 MB, I take at most 20 MB."


def test_add_of_somebody_else_is_refused_with_their_number(world: World) -> None:
    bob = world.guest("Bob")
    told = bob.ask("/add")
    assert told.text == f"You may not add articles here. Your number is {bob.person.id}."


def test_file_of_somebody_else_is_not_read(world: World) -> None:
    bob = world.guest("Bob")
    assert send_file(bob, "x.md", ARTICLE.replace("Narva", "Elva")).startswith("I read only text so far.")
    assert QUOTE.replace("Narva", "Elva") not in bob.ask("what did Kallas say in Elva?").text


def test_add_is_off_where_nobody_may(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    with World(make_index(tmp_path_factory.mktemp("off"))) as off, off.running():
        assert off.alice.ask("/add").text == "Adding articles is turned off here."


def test_file_that_was_sent_is_not_watched(world: World, editor: Guest) -> None:
    send_file(editor, "narrow.md", ARTICLE.replace("Narva", "Sillamäe"))
    send_file(editor, "broken.pdf", b"%PDF-1.4 nothing")
    with closing(Library.open_any(world.index)) as library:
        assert not [source.name for source in library.sources.watched() if source.kind == "files"]


def test_link_whose_name_is_taken_is_told_as_new(world: World, editor: Guest) -> None:
    send_file(editor, "quay.txt", "The quay\n\n" + "The quay was mended, said Mayor Berg. " * 9)
    with closing(Library.open_any(world.index)) as library:
        [name] = [id_ for id_ in library.ids() if id_.startswith("quay-")]
    with serve({f"/{name}": gives(page(ENGLISH), Content_Type="text/html")}) as sites:
        told = editor.ask(f"/add http://127.0.0.1:{sites.port}/{name}").text
    assert told.startswith("Added: Bridge over the Sound opens in May")
