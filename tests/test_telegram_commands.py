"""What the commands do in a private chat."""

from collections.abc import Iterator

import pytest

from tests.small_index import make_index
from tests.telegram_world import Guest, World

QUESTION = "what did Rutte say in Latvia?"
QUOTE = "Rutte said in Latvia that the missiles are a direct threat to Europe and Japan."
MENU = ["ask", "new", "sources", "articles", "language", "forget", "help", "about", "start"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that answers from three articles; each test brings its own people."""
    with World(make_index(tmp_path_factory.mktemp("index"))) as world, world.running():
        yield world
        assert not [refusal for refusal in world.refused() if "message is not modified" not in refusal]


@pytest.fixture
def guest(world: World) -> Guest:
    return world.guest("Alice")


@pytest.mark.parametrize(
    ("language", "described"),
    [("", "Ask the articles"), ("en", "Ask the articles"),
     ("it", "Chiedi agli articoli"), ("sv", "Fråga artiklarna")],
    ids=["others", "en", "it", "sv"],
)  # fmt: skip
def test_menu_is_told_to_telegram_in_each_language(world: World, language: str, described: str) -> None:
    world.alice.ask("/about")
    menu = world.telegram.commands["default", language]
    assert [command["command"] for command in menu] == MENU
    assert menu[0]["description"] == described


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("en", "Hello. I answer questions about 3 articles from 2 publishers"),
        ("it", "Ciao. Rispondo alle domande su 3 articoli di 2 testate"),
        ("sv", "Hej. Jag svarar på frågor om 3 artiklar från 2 utgivare"),
        ("de", "Hello. I answer questions about"),
    ],
)
def test_start_says_what_there_is_in_the_language_of_the_person(
    world: World, language: str, begins: str
) -> None:
    told = world.guest("Gast", language).ask("/start")
    assert told.text.startswith(begins) and "Rutte a Roma: una minaccia diretta" in told.text


def test_help_lists_every_command(guest: Guest) -> None:
    lines = guest.ask("/help").text.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("/")] == [f"/{name}" for name in MENU]


def test_unknown_command_is_answered_with_help(guest: Guest) -> None:
    assert "The commands:" in guest.ask("/wether Rome").text


def test_about_says_the_version_and_that_it_is_no_person(guest: Guest) -> None:
    told = guest.ask("/about").text
    assert told.startswith("Footnote ") and "over 3 articles" in told and "I am not a person" in told


def test_ask_answers_what_stands_behind_it(guest: Guest) -> None:
    assert QUOTE in guest.ask(f"/ask {QUESTION}").text


def test_ask_without_a_question_says_how(guest: Guest) -> None:
    assert guest.ask("/ask").text.startswith("Write your question after /ask")


def test_new_carries_nothing_over(guest: Guest) -> None:
    guest.ask(QUESTION)
    assert guest.ask("/new").text.startswith("A new conversation")
    assert "Rutte" not in guest.ask("and what did he say about Brazil?").text
    assert guest.ask("/sources").text == "There is no answer with footnotes in this conversation yet."


def test_buttons_of_an_answer_work_after_new(guest: Guest) -> None:
    answer = guest.ask(QUESTION)
    guest.ask("/new")
    guest.ask("who owns the bakery?")
    assert QUOTE in guest.shown_by(answer, "1").text


def test_sources_shows_the_footnotes_of_the_last_answer(guest: Guest) -> None:
    guest.ask(QUESTION)
    told = guest.ask("/sources")
    assert told.text.startswith("The last answer rests on:\n[1] Rutte in Riga") and told.links


def test_sources_with_a_number_shows_that_passage_whole(guest: Guest) -> None:
    guest.ask("che cosa ha detto Rutte del Giappone?")
    told = guest.ask("/sources 2")
    assert told.text.startswith("[2] Rutte in Riga") and "12,000 soldiers" in told.text
    assert guest.ask("/sources 9").text.startswith("The last answer rests on:")


def test_articles_lists_the_newest_first(guest: Guest) -> None:
    first, *lines = guest.ask("/articles").text.splitlines()
    assert first == "3 articles in English, Italiano, from 2024-11-14 to 2024-11-15. The newest:"
    assert lines[0] == "– Rutte a Roma: una minaccia diretta, Il Meridiano, 2024-11-15"
    assert lines[-1] == "– The bakery on Mill Street"


def test_language_is_chosen_for_what_the_bot_says_itself(guest: Guest) -> None:
    asked = guest.ask("/language")
    assert [button.text for button in asked.buttons] == [
        "English",
        "Italiano",
        "Svenska",
        "As Telegram is set",
    ]
    guest.presses(asked, "Svenska")
    guest.chat.wait_for(lambda messages: messages[-1].text == "Från och med nu talar jag svenska här.")
    assert guest.ask("/new").text.startswith("Ett nytt samtal")
    guest.presses(guest.ask("/language"), "Som Telegram är inställt")
    assert guest.ask("/new").text.startswith("A new conversation")


def test_choosing_a_language_twice_at_once_is_no_error(
    guest: Guest, caplog: pytest.LogCaptureFixture
) -> None:
    asked = guest.ask("/language")
    first = guest.chat.presses(guest.person, asked, "Italiano")
    second = guest.chat.presses(guest.person, asked, "Italiano")
    first.wait()
    second.wait()
    assert guest.ask("/new").text.startswith("Una nuova conversazione")
    assert "error" not in caplog.text


def test_forget_asks_first_and_deletes_nothing_when_told_so(guest: Guest) -> None:
    answer = guest.ask(QUESTION)
    asked = guest.ask("/forget")
    assert [button.text for button in asked.buttons] == ["Delete", "Keep"]
    guest.presses(asked, "Keep")
    guest.chat.wait_for(lambda messages: messages[-1].text == "Nothing was deleted.")
    assert QUOTE in guest.shown_by(answer, "1").text


def test_forget_deletes_this_chat_and_no_other(world: World, guest: Guest) -> None:
    other = world.guest("Bob")
    kept, gone = other.ask(QUESTION), guest.ask(QUESTION)
    guest.ask("/new")
    guest.ask(QUESTION)
    guest.presses(guest.ask("/forget"), "Delete")
    told = "Deleted, questions with their answers: 2. Telegram itself keeps the messages"
    guest.chat.wait_for(lambda messages: messages[-1].text.startswith(told) and not messages[-1].buttons)
    assert guest.presses(gone, "1") == "I no longer have that answer."
    assert guest.presses(gone, "👍") == "I no longer have that answer."
    assert "Rutte" not in guest.ask("and what did he say about Brazil?").text
    assert QUOTE in other.shown_by(kept, "1").text


def test_forgotten_questions_stand_in_no_file(world: World, guest: Guest) -> None:
    guest.ask("who is Zyxwvut Qwertzuiop?")
    guest.presses(guest.ask("/forget"), "Delete")
    guest.chat.wait_for(lambda messages: messages[-1].text.startswith("Deleted"))
    files = [path for path in world.index.iterdir() if path.name.startswith("conversations")]
    assert files and not any(b"Zyxwvut" in path.read_bytes() for path in files)


def test_command_of_another_bot_is_no_command(guest: Guest) -> None:
    # In a private chat it is a question like any other text.
    assert guest.ask("/start@other_bot").text != guest.ask("/start").text
