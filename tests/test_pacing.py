import asyncio
import tracemalloc
from collections.abc import Callable, Coroutine
from itertools import pairwise
from time import monotonic

import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram_app.pacing import FOR_SHOW, RealTime, Reply, Skipped
from tests.paced_world import World, most_within, run

# The library warns, wherever it makes this error, that the type of its attribute will change.
pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after.*")

ALICE, BOB, GROUP = 11, 12, -100


async def send_all(world: World, chat: int, number: int) -> None:
    await asyncio.gather(*(world.bot.send_message(chat, str(text)) for text in range(number)))


def test_private_chat_gets_three_messages_at_once_and_then_one_a_second() -> None:
    world = run(lambda world: send_all(world, ALICE, 6))
    assert world.server.times() == [0, 0, 0, 1, 2, 3]
    assert world.server.texts(ALICE) == ["0", "1", "2", "3", "4", "5"]
    assert world.counted("messages_sent_total") == 6


@pytest.mark.parametrize("latency", [0.0, 0.3, 7.0])
def test_group_gets_at_most_twenty_messages_in_any_minute_and_all_in_order(latency: float) -> None:
    world = run(lambda world: send_all(world, GROUP, 50), latency=latency)
    assert most_within(world.server.times(), 60) <= 20
    assert world.server.texts(GROUP) == [str(number) for number in range(50)]
    assert world.server.times()[-1] < max(2 * 60, 50 * latency) + 30


def test_all_chats_together_get_at_most_thirty_messages_in_any_second() -> None:
    async def work(world: World) -> None:
        await asyncio.gather(*(world.bot.send_message(chat, "Hello") for chat in range(1, 201)))

    times = run(work).server.times()
    assert most_within(times, 1) <= 30
    assert times[-1] == pytest.approx((200 - 5) / 25, abs=0.05)


def test_edits_of_a_chat_are_a_second_and_a_half_apart() -> None:
    async def work(world: World) -> None:
        await asyncio.gather(*(world.bot.edit_message_text(str(text), ALICE, 1) for text in range(4)))

    world = run(work)
    assert world.server.times() == [0, 1.5, 3, 4.5]
    assert world.counted("messages_sent_total") == 0


def test_draft_is_skipped_within_a_second_of_the_one_before() -> None:
    async def work(world: World) -> None:
        for wait, text in enumerate(["one", "two", "three"]):
            await world.time.sleep(0.6 * wait)
            try:
                await world.bot.send_message_draft(ALICE, 7, text)
            except Skipped:
                assert text == "two"

    world = run(work)
    assert world.server.texts(ALICE) == ["one", "three"]


@pytest.mark.parametrize("endpoint", ["draft", "typing", "edit", "message"])
def test_show_is_skipped_while_a_message_of_its_chat_waits(endpoint: str) -> None:
    async def work(world: World) -> None:
        shows: dict[str, Callable[[], Coroutine[object, object, object]]] = {
            "draft": lambda: world.bot.send_message_draft(ALICE, 7, "show"),
            "typing": lambda: world.bot.send_chat_action(ALICE, "typing"),
            "edit": lambda: world.bot.edit_message_text("show", ALICE, 1, rate_limit_args=FOR_SHOW),
            "message": lambda: world.bot.send_message(ALICE, "show", rate_limit_args=FOR_SHOW),
        }
        sending = asyncio.create_task(send_all(world, ALICE, 5))
        await world.time.sleep(0.5)
        with pytest.raises(Skipped, match="have had to wait"):
            await shows[endpoint]()
        await sending
        await world.time.sleep(5)
        await shows[endpoint]()

    world = run(work)
    assert len(world.server.seen) == 6


def test_show_leaves_room_for_messages_of_other_chats() -> None:
    async def work(world: World) -> None:
        shows = [world.bot.send_chat_action(chat, "typing") for chat in range(1, 101)]
        told = await asyncio.gather(*shows, return_exceptions=True)
        assert sum(isinstance(one, Skipped) for one in told) == 97
        await world.bot.send_message(ALICE, "Hello")

    assert run(work).server.times(endpoint="sendMessage") == [0]


def test_chat_that_is_told_to_wait_waits_alone_and_nothing_is_lost() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [(429, 40), (429, 5)]
        await asyncio.gather(send_all(world, ALICE, 3), send_all(world, BOB, 3))

    world = run(work)
    assert world.server.times(BOB) == [0, 0, 0]
    assert world.server.texts(ALICE) == ["0", "0", "0", "1", "2"]
    first, second, third, *_ = world.server.times(ALICE)
    assert first == 0
    assert 40 < second <= 41
    assert 5 < third - second <= 6
    assert world.counted("retry_after_total") == 2
    assert world.counted("messages_sent_total") == 6


def test_time_that_passes_faster_is_waited_for_as_long_as_telegram_told() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [(429, 4)]
        await world.bot.send_message(ALICE, "Hello")

    assert 4 * 10 < run(work, speed=10).server.times()[-1] <= 4 * 10 + 1


def test_typing_that_is_told_to_wait_is_given_up_and_holds_its_chat() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [(429, 30)]
        with pytest.raises(RetryAfter, match=r"Retry in (30 seconds|0:00:30)"):
            await world.bot.send_chat_action(ALICE, "typing")
        with pytest.raises(Skipped, match="have had to wait"):
            await world.bot.send_chat_action(ALICE, "typing")
        await world.bot.send_message(ALICE, "Hello")

    typing, message = run(work).server.times()
    assert typing == 0
    assert 30 < message <= 31


@pytest.mark.parametrize("error", [500, 502, NetworkError("refused")], ids=["500", "502", "refused"])
def test_message_that_does_not_get_through_is_sent_again_in_order(error: int | Exception) -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [error] * 8
        await asyncio.gather(send_all(world, ALICE, 2), send_all(world, BOB, 2))

    world = run(work)
    assert world.server.texts(ALICE) == ["0"] * 9 + ["1"]
    assert world.server.times(BOB) == [0, 0]
    times = world.server.times(ALICE)[:9]
    pauses = [later - sooner for sooner, later in pairwise(times)]
    assert max(pauses) <= 15
    assert pauses[-1] >= 7.5
    assert world.counted("network_errors_total") == 8


def test_message_is_given_up_after_ten_minutes_without_telegram() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [NetworkError("refused")] * 1000
        with pytest.raises(NetworkError, match="refused"):
            await world.bot.send_message(ALICE, "Hello")

    assert 570 <= run(work).server.times()[-1] <= 600


def test_time_that_telegram_told_to_wait_does_not_count_as_time_without_it() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [500, (429, 3600), 500]
        await world.bot.send_message(ALICE, "Hello")

    assert len(run(work).server.seen) == 4


def test_show_that_does_not_get_through_is_given_up() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [500]
        with pytest.raises(NetworkError, match="Told so"):
            await world.bot.send_message_draft(ALICE, 7, "Hello")

    assert len(run(work).server.seen) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(400, BadRequest), (403, Forbidden), (401, InvalidToken), (404, InvalidToken)]
)
def test_refused_message_is_not_sent_again(status: int, error: type[TelegramError]) -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [status]
        with pytest.raises(error, match="Told so"):
            await world.bot.send_message(ALICE, "Hello")
        await world.bot.send_message(ALICE, "Hello again")

    world = run(work)
    assert world.server.times() == [0, 0]
    assert world.counted("network_errors_total") == 0


@pytest.mark.parametrize("between", [[], [(429, 3)]], ids=["at once", "after a wait"])
def test_edit_whose_reply_was_lost_counts_as_made(between: list[tuple[int, int]]) -> None:
    async def work(world: World) -> None:
        unchanged = BadRequest("Message is not modified: specified new message content is the same")
        world.server.script[ALICE] = [NetworkError("reply lost"), *between, unchanged, unchanged]
        assert await world.bot.edit_message_text("Hello", ALICE, 1) is True
        with pytest.raises(BadRequest, match="not modified"):
            await world.bot.edit_message_text("Hello", ALICE, 1)

    run(work)


def test_cancelled_message_lets_the_next_one_pass() -> None:
    async def work(world: World) -> None:
        world.server.script[ALICE] = [(429, 30)]
        first = asyncio.create_task(world.bot.send_message(ALICE, "first"))
        second = asyncio.create_task(world.bot.send_message(ALICE, "second"))
        await world.time.sleep(1)
        first.cancel()
        await second

    world = run(work)
    assert world.server.texts(ALICE) == ["first", "second"]
    assert world.counted("requests_waiting") == 0


def test_request_that_concerns_no_chat_is_never_held_nor_repeated() -> None:
    async def work(world: World) -> None:
        waiting = asyncio.create_task(send_all(world, ALICE, 10))
        await asyncio.gather(*(world.bot.delete_my_commands() for _ in range(100)))
        world.server.script[0] = [500]
        with pytest.raises(NetworkError, match="Told so"):
            await world.bot.delete_my_commands()
        assert len(world.server.times(endpoint="deleteMyCommands")) == 101
        assert world.time.now() == 1000
        await waiting

    run(work)


def test_answer_to_a_button_is_repeated_only_while_somebody_waits_for_it() -> None:
    async def work(world: World) -> None:
        world.server.script[0] = [500, (429, 3)]
        assert await world.bot.answer_callback_query("1")
        world.server.script[0] = [(429, 60)]
        with pytest.raises(RetryAfter, match=r"Retry in (60 seconds|0:01:00)"):
            await world.bot.answer_callback_query("1")
        world.server.script[0] = [500] * 100
        started = world.time.now()
        with pytest.raises(NetworkError, match="Told so"):
            await world.bot.answer_callback_query("1")
        assert world.time.now() - started <= 15

    run(work)


def test_chats_that_rest_are_forgotten() -> None:
    async def work(world: World) -> None:
        pacing = world.bot.rate_limiter
        assert pacing is not None

        async def sent() -> Reply:
            return True

        async def serve(first: int, last: int) -> int:
            for chat in range(first, last):
                await pacing.process_request(sent, (), {}, "sendMessage", {"chat_id": chat}, None)
                await world.time.sleep(0.1)
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            early = await serve(1, 100)
            late = await serve(100, 700)
        finally:
            tracemalloc.stop()
        assert late - early < 50_000

    run(work)


def test_chat_keeps_its_limits_when_others_come_and_whichever_way_it_is_named() -> None:
    async def work(world: World) -> None:
        for number in range(4):
            await world.bot.send_message(ALICE, "Hello")
            await world.bot.send_message(str(ALICE), "Hello")
            await world.bot.send_message(100 + number, "Hello")
            await world.bot.send_message(200 + number, "Hello")

    times = run(work).server.times(ALICE)
    assert most_within(times, 1) == 3
    assert times[-1] == pytest.approx(5, abs=0.2)


def test_real_time_passes_as_many_times_faster_as_it_is_told() -> None:
    async def work() -> None:
        clock, started = RealTime(speed=100), monotonic()
        before = clock.now()
        await clock.sleep(2)
        assert clock.now() - before >= 2
        assert 0.02 <= monotonic() - started < 2

    asyncio.run(work())
