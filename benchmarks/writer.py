"""A process of its own that writes at a steady pace and says when each commit was.

``python -m benchmarks.writer messages|publish RATE SECONDS``: reads the conversations' primary
keys from standard input (JSON), prints ``[[place, revision, committed at], …]`` as JSON. Times are
of the system's monotonic clock, which all processes share. ``publish`` is the floor: the same
pace, only a bare Redis ``PUBLISH`` instead of a message.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

Written = list[tuple[int, int, float]]
CHANNEL = "bench:floor"


def pace(rate: float, seconds: float) -> Iterator[None]:
    """Yield ``rate`` times a second; what came late is caught up with."""
    started = time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, started + number / rate - time.monotonic()))
        yield


def write_messages(keys: list[int], rate: float, seconds: float) -> Written:
    """Send messages to random conversations through the service, as a view would."""
    from django.db import transaction

    from django_messenger.models import Conversation
    from django_messenger.services.messages import send_message

    rows = Conversation.objects.in_bulk(keys)
    conversations = [rows[key] for key in keys]
    written: Written = []
    for number, _ in enumerate(pace(rate, seconds)):
        place = random.randrange(len(conversations))
        conversation = conversations[place]
        committed: list[float] = []
        with transaction.atomic():
            # The first hook to run after the commit; the hint goes out in the next.
            transaction.on_commit(partial(_note_time, committed))
            send_message(conversation=conversation, body=f"Message {number}")
        written.append((place, conversation.revision, committed[0]))
    return written


def _note_time(times: list[float]) -> None:
    times.append(time.monotonic())


def publish(keys: list[int], rate: float, seconds: float) -> Written:
    """Publish bare lines on Redis."""
    from django_messenger.store import redis_client

    client: Any = redis_client()
    numbers = itertools.count(1)
    written: Written = []
    for _ in pace(rate, seconds):
        number = next(numbers)
        now = time.monotonic()
        client.publish(CHANNEL, str(number))
        written.append((0, number, now))
    return written


MODES: dict[str, Callable[[list[int], float, float], Written]] = {
    "messages": write_messages,
    "publish": publish,
}


def main(mode: str, rate: str, seconds: str) -> None:
    import django

    django.setup()
    keys = json.load(sys.stdin)
    MODES[mode](keys, 50, 0.5)
    print("ready", flush=True)
    sys.stdin.close()
    json.dump(MODES[mode](keys, float(rate), float(seconds)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
