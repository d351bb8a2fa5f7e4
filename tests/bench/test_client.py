"""The load client: where an answer ends, what it counts, and hints however they are cut."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from benchmarks import client
from benchmarks.streams import Stream

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#: The text of its first chunk looks like the end of a body.
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\nx0\r\n\r\n1;note=1\r\n.\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
)
EMPTY = b"HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n"


@pytest.mark.parametrize("answer", [SIZED, CHUNKED, EMPTY], ids=["sized", "chunked", "empty"])
def test_an_answer_ends_where_it_ends(answer: bytes) -> None:
    assert client.is_whole(answer)
    assert not any(client.is_whole(answer[:end]) for end in range(len(answer)))


async def serve_and(work: Any, *answers: bytes) -> Any:
    """Do some work beside a server that gives these answers in turn, three bytes at a time."""
    turn = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        while await reader.read(65536):
            found, turn = answers[turn % len(answers)], turn + 1
            for start in range(0, len(found), 3):
                writer.write(found[start : start + 3])
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        return await work(server.sockets[0].getsockname()[1])


def test_good_and_bad_answers_are_counted_apart() -> None:
    async def work(port: int) -> client.Load:
        return await client.exhaust(port, [client.head("GET", "/")] * 12, connections=2)

    failed = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
    load = asyncio.run(serve_and(work, SIZED, CHUNKED, failed))
    assert (len(load.latencies), load.failed) == (8, 4)
    assert load.rate == pytest.approx(8 / load.seconds)


def test_load_ends_in_time() -> None:
    async def work(port: int) -> client.Load:
        make = lambda: client.head("POST", "/", b"x=1")  # noqa: E731
        return await client.load(port, make, connections=3, seconds=0.2)

    load = asyncio.run(serve_and(work, SIZED))
    assert load.latencies
    assert load.failed == 0
    assert 0.2 <= load.seconds < 2


WIRE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    b"18\r\nretry: 4000\n: open\n\n\r\n"
    b'24\r\nevent: hint\ndata: {"revision":41}\n\n\r\n'
    b"6\r\n: hb\n\n\r\n"
    b'48\r\nevent: hint\ndata: {"revision":42}\n\nevent: hint\ndata: {"revision":1042}\n\n\r\n'
)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 50, 10_000])
def test_hints_are_read_once_however_they_are_cut(step: int) -> None:
    async def scenario() -> tuple[list[tuple[int, int]], bool]:
        seen: list[tuple[int, int]] = []
        stream = Stream(7, b"", lambda number, revision, when: seen.append((number, revision)))
        head, rest = WIRE.split(b"\r\n\r\n", 1)
        stream.data_received(head + b"\r\n\r\n")
        for start in range(0, len(rest), step):
            stream.data_received(rest[start : start + step])
        return seen, stream.opened.result()

    assert asyncio.run(scenario()) == ([(7, 41), (7, 42), (7, 1042)], True)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 503 Service Unavailable\r\n\r\n", SIZED.replace(b"hello", b'{"mode":"poll"}')],
)
def test_what_is_no_stream_is_not_let_in(answer: bytes) -> None:
    async def scenario() -> bool:
        stream = Stream(1, b"", None)
        stream.data_received(answer)
        return bool(stream.opened.result())

    assert asyncio.run(scenario()) is False
