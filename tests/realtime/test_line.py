"""The line to Redis: many questions at once, each gets its own answer or an error in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from django.conf import settings

from django_messenger.exceptions import Unavailable
from django_messenger.realtime import acache
from tests.perf.counting import needs_redis

pytestmark = needs_redis

if "Redis" in settings.CACHES["default"]["BACKEND"]:
    from redis.exceptions import ResponseError

    from django_messenger.realtime.line import Line


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """What comes of it; it must not hang."""
    return asyncio.run(asyncio.wait_for(work, 10))


def test_every_question_gets_its_own_answer() -> None:
    async def scenario() -> list[Any]:
        line = await Line.open(seconds=2)
        words = [f"word {number} é" for number in range(500)]
        answers = await asyncio.gather(*(line.ask("ECHO", word) for word in words))
        line.close()
        return [answer.decode() == word for answer, word in zip(answers, words, strict=True)]

    assert run(scenario()) == [True] * 500


def test_questions_of_one_turn_are_written_together() -> None:
    async def scenario() -> tuple[int, list[Any]]:
        line = await Line.open(seconds=2)
        written: list[int] = []
        send = line._connection.send_packed_command

        async def note(commands: list[bytes], **options: Any) -> None:
            written.append(len(commands))
            await send(commands, **options)

        line._connection.send_packed_command = note
        answers = await asyncio.gather(*(line.ask("ECHO", number) for number in range(50)))
        line.close()
        return len(written), answers

    writes, answers = run(scenario())
    assert answers == [b"%d" % number for number in range(50)]
    assert writes < 5


def test_a_line_in_use_outlives_its_patience() -> None:
    async def scenario() -> list[Any]:
        line = await Line.open(seconds=0.4)
        answers = []
        for number in range(5):
            answers.append(await line.ask("ECHO", number))
            await asyncio.sleep(0.15)
        await asyncio.sleep(0.5)
        answers.append(await line.ask("ECHO", 5))
        line.close()
        return answers

    assert run(scenario()) == [b"%d" % number for number in range(6)]


def test_one_late_answer_ends_the_line_for_all() -> None:
    async def scenario() -> tuple[list[Any], bool]:
        line = await Line.open(seconds=0.4)
        late = line.ask("BLPOP", "bench:nothing", 9)
        errors = await asyncio.gather(late, line.ask("ECHO", 1), return_exceptions=True)
        return errors, line.is_open

    errors, is_open = run(scenario())
    assert [type(error) for error in errors] == [TimeoutError] * 2
    assert not is_open


def test_a_refusal_concerns_nobody_else() -> None:
    async def scenario() -> list[Any]:
        line = await Line.open(seconds=2)
        asked = [line.ask("ECHO", 1), line.ask("NO-SUCH-COMMAND"), line.ask("ECHO", 2)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        answers.append(await line.ask("ECHO", 3))
        line.close()
        return answers

    first, refused, second, third = run(scenario())
    assert [first, second, third] == [b"1", b"2", b"3"]
    assert isinstance(refused, ResponseError)


def test_who_gave_up_waiting_shifts_no_answers() -> None:
    async def scenario() -> tuple[bool, Any]:
        line = await Line.open(seconds=2)
        given_up = asyncio.ensure_future(line.ask("BLPOP", "bench:nothing", 1))
        await asyncio.sleep(0.05)
        given_up.cancel()
        answer = await line.ask("ECHO", "mine")
        line.close()
        return given_up.cancelled(), answer

    assert run(scenario()) == (True, b"mine")


def test_a_broken_line_tells_everybody_and_is_replaced() -> None:
    async def scenario() -> tuple[list[Any], bool, Any]:
        line = await acache._line()
        number = await line.ask("CLIENT", "ID")
        waiting = [line.ask("BLPOP", "bench:nothing", 9) for _ in range(3)]
        kill = Line.open(seconds=2)
        tasks = [asyncio.ensure_future(each) for each in waiting]
        await asyncio.sleep(0.05)
        other = await kill
        await other.ask("CLIENT", "KILL", "ID", number)
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        other.close()
        return errors, line.is_open, await acache._ask("ECHO", "again")

    errors, is_open, answer = run(scenario())
    assert [isinstance(error, OSError) for error in errors] == [True] * 3
    assert not is_open
    assert answer == b"again"


def test_a_server_that_does_not_answer_is_given_up_in_time() -> None:
    async def scenario() -> tuple[float, list[Any], Any]:
        started = time.monotonic()
        asked = [acache._ask("BLPOP", "bench:nothing", 9) for _ in range(3)]
        errors = await asyncio.gather(*asked, return_exceptions=True)
        taken = time.monotonic() - started
        return taken, errors, await acache._ask("ECHO", "again")

    taken, errors, answer = run(scenario())
    assert taken < 2
    assert [type(error) for error in errors] == [Unavailable] * 3
    assert answer == b"again"


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(**kwargs: Any) -> Any:
        raise ConnectionRefusedError

    async def scenario() -> tuple[list[Any], Any]:
        with monkeypatch.context() as patched:
            patched.setattr(Line, "open", refuse)
            asked = [acache._ask("ECHO", 1) for _ in range(3)]
            errors = await asyncio.gather(*asked, return_exceptions=True)
        return errors, await acache._ask("ECHO", "again")

    errors, answer = run(scenario())
    assert [type(error) for error in errors] == [Unavailable] * 3
    assert answer == b"again"
