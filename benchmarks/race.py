"""Eight writers at once and readers who must not miss a message.

The control is what anybody would write first: INSERT, then UPDATE, and a reader who asks for
``id > last``. It has to lose messages here, or the test proves nothing about ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from benchmarks.data import make_inbox, make_superuser, make_talks
from benchmarks.report import Report, Table, Verdict

PROCESSES = 2
THREADS = 4
TALKS = 50


@dataclass
class Seen:
    """What a reader was told, in its order."""

    numbers: list[int] = field(default_factory=list)
    polls: int = 0

    def judge(self, written: set[int]) -> tuple[int, int, int]:
        """Return how many messages were lost, came twice, and came out of order."""
        twice = len(self.numbers) - len(set(self.numbers))
        pairs = zip(self.numbers, self.numbers[1:], strict=False)
        return len(written - set(self.numbers)), twice, sum(one > two for one, two in pairs)


def run(*, quick: bool = False) -> Report:
    """Race each scheme for some seconds."""
    seconds = 3.0 if quick else 8.0
    report = Report(f"race: {PROCESSES * THREADS} writers, {seconds:g} s each")
    rows = []
    control = _hot("naive", seconds, _naive_reader, _naive_written)
    ours = _hot("ours", seconds, _poll_reader, _our_written)
    for name, (written, polls, lost, twice, disorder) in (
        ("naive control: one conversation, `id > last`", control),
        ("the messenger: one conversation, `poll`", ours),
    ):
        rows.append([name, written, polls, lost, twice, disorder])
    written, polls, wrong = _many(seconds)
    rows.append([f"the messenger: {TALKS} conversations, `changes/`", written, polls, wrong, 0, 0])
    columns = ("scheme", "written", "questions", "lost for ever", "twice", "out of order")
    report.tables.append(Table("Readers while eight write", columns, rows))
    report.verdicts += [
        Verdict("messages lost by poll", ours[2], 0, "at most", hard=True),
        Verdict("messages twice by poll", ours[3], 0, "at most", hard=True),
        Verdict("messages out of order by poll", ours[4], 0, "at most", hard=True),
        Verdict("conversations wrong after changes/", wrong, 0, "at most", hard=True),
        # Only a test in which the naive way loses messages says anything about ours.
        Verdict("messages lost by the control", control[2], 1, "at least", hard=True, moody=True),
    ]
    return report


Outcome = tuple[int, int, int, int, int]


def _hot(
    scheme: str,
    seconds: float,
    make_reader: Callable[[Any], Callable[[], list[int]]],
    find_written: Callable[[Any], set[int]],
) -> Outcome:
    """Race on one conversation; the worst of two readers counts."""
    talk = make_talks(make_inbox(f"Race-{scheme}"), 1)[0]
    stop, readers = threading.Event(), [Seen(), Seen()]
    with ThreadPoolExecutor(len(readers)) as pool:
        done = [pool.submit(_read, make_reader(talk), seen, stop) for seen in readers]
        _write(scheme, [talk.conversation.pk], seconds)
        time.sleep(0.2)
        stop.set()
        for each in done:
            each.result()
    written = find_written(talk)
    worst = max(seen.judge(written) for seen in readers)
    return len(written), sum(seen.polls for seen in readers), *worst


def _read(ask: Callable[[], list[int]], seen: Seen, stop: threading.Event) -> None:
    from django.db import connection

    try:
        while True:
            last = stop.is_set()
            seen.numbers += ask()
            seen.polls += 1
            if last:
                return
            time.sleep(0.002)
    finally:
        connection.close()


def _poll_reader(talk: Any) -> Callable[[], list[int]]:
    """A widget's poll from end to end but for HTTP: session, mark, page, cursor."""
    from django_messenger.store import get_many
    from django_messenger.widget.context import Lookup
    from django_messenger.widget.polling import poll

    cursor = talk.conversation.revision

    def ask() -> list[int]:
        nonlocal cursor
        found: list[int] = []
        while True:
            lookup = Lookup(talk.widget_token, talk.session_token, live=True)
            values = get_many(lookup.keys)
            cached = lookup.read([values.get(key) for key in lookup.keys])
            session = cached.session
            if session is None:
                raise RuntimeError("the session is gone")
            page = poll(talk.session_token, session, cached, cursor)
            found += [message.seq for message in page.messages]
            cursor = page.cursor
            if not page.has_more:
                return found

    return ask


def _our_written(talk: Any) -> set[int]:
    from django_messenger.models import Message

    first = talk.conversation.revision
    rows = Message.objects.filter(conversation=talk.conversation, seq__gt=first)
    return set(rows.values_list("seq", flat=True))


def _naive_reader(talk: Any) -> Callable[[], list[int]]:
    from benchmarks.host.models import Line

    last = 0

    def ask() -> list[int]:
        nonlocal last
        rows = Line.objects.filter(thread=1, pk__gt=last).order_by("pk")
        found = list(rows.values_list("pk", flat=True))
        last = found[-1] if found else last
        return found

    return ask


def _naive_written(talk: Any) -> set[int]:
    from benchmarks.host.models import Line

    return set(Line.objects.filter(thread=1).values_list("pk", flat=True))


def _many(seconds: float) -> tuple[int, int, int]:
    """Race on many conversations; an operator syncs the list and must end with its true state."""
    from django_messenger.models import Conversation
    from django_messenger.selectors.changes import changes_since

    user: Any = make_superuser()
    talks = make_talks(make_inbox("Race-many"), TALKS)
    keys = [talk.conversation.pk for talk in talks]
    known: dict[int, int] = {}
    stop, polls, cursor = threading.Event(), 0, ""

    def sync() -> None:
        nonlocal polls, cursor
        while True:
            last = stop.is_set()
            changes = changes_since(user, cursor)
            known.update({row.pk: row.revision for row in changes.conversations})
            cursor, polls = changes.cursor, polls + 1
            if last:
                return
            time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(sync)
        _write("ours", keys, seconds)
        time.sleep(0.2)
        stop.set()
        done.result()
    stored = dict(Conversation.objects.filter(pk__in=keys).values_list("pk", "revision"))
    wrong = sum(known.get(key) != revision for key, revision in stored.items())
    return sum(stored.values()) - TALKS, polls, wrong


def _write(scheme: str, keys: list[int], seconds: float) -> None:
    """Write from processes of their own, several threads in each, and wait for them."""
    command = [sys.executable, "-m", "benchmarks.race", scheme, json.dumps(keys), str(seconds)]
    writers = [subprocess.Popen(command) for _ in range(PROCESSES)]
    if any(writer.wait() for writer in writers):
        raise RuntimeError("a writer failed")


def main(scheme: str, keys: str, seconds: str) -> None:
    """A writing process."""
    import django

    django.setup()
    write = {"ours": _write_ours, "naive": _write_naive}[scheme]
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(write, json.loads(keys), float(seconds)) for _ in range(THREADS)]:
            done.result()


def _write_ours(keys: list[int], seconds: float) -> None:
    import random

    from django_messenger.models import Conversation, Message
    from django_messenger.services.messages import append_message

    conversations = list(Conversation.objects.filter(pk__in=keys))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        append_message(
            conversation=random.choice(conversations), kind=Message.Kind.BOT, body="Hello"
        )


def _write_naive(keys: list[int], seconds: float) -> None:
    from django.db import transaction
    from django.db.models import F

    from benchmarks.host.models import Line, Thread

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with transaction.atomic():
            Line.objects.create(thread_id=1, body="Hello")
            Thread.objects.filter(pk=1).update(last_seq=F("last_seq") + 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
