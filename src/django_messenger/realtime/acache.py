"""The session cache as an event loop needs it: without a thread where it is Redis or Valkey."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django_messenger import store
from django_messenger.exceptions import Unavailable
from django_messenger.services import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_messenger.realtime.line import Line
    from django_messenger.services.limits import Plan

_TIMEOUT: Final = 0.5

_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[Line]] = WeakKeyDictionary()


async def read_and_count(keys: Sequence[str], plan: Plan) -> tuple[list[Any], int]:
    """Read keys and count a call in one round trip.

    Returns:
        The values in the order of the keys, None for those missing; and the 1-based place of
        the bucket that refuses the call, or 0.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    if store.redis_client() is None:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, limits.read_and_count, keys, plan)
    return plan.read_answer(await _run(plan.script_arguments(keys)))


async def read(keys: Sequence[str]) -> list[Any]:
    """Return the values in the order of the keys, None for those missing.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    if store.redis_client() is None:
        found = await asyncio.get_running_loop().run_in_executor(None, store.get_many, keys)
        return [found.get(key) for key in keys]
    return list(map(store.decoder(), await _ask("MGET", *store.full_keys(keys))))


async def _run(arguments: Sequence[Any]) -> Any:
    from redis.exceptions import NoScriptError

    try:
        return await _ask("EVALSHA", limits.SHA, *arguments)
    except NoScriptError:  # a server that has been restarted
        return await _ask("EVAL", limits.SCRIPT, *arguments)


async def _ask(*words: str | int) -> Any:
    from redis.exceptions import NoScriptError

    try:
        line = await _line()
        return await line.ask(*words)
    except NoScriptError:
        raise
    except Exception as error:
        raise Unavailable from error


async def _line() -> Line:
    """Return the line of the running event loop; those who come while it is opened share it."""
    loop = asyncio.get_running_loop()
    opening = _lines.get(loop)
    if opening is None or not _is_usable(opening):
        from django_messenger.realtime.line import Line  # redis-py is an extra

        opening = _lines[loop] = loop.create_task(Line.open(seconds=_TIMEOUT))
    return opening.result() if opening.done() else await asyncio.shield(opening)


def _is_usable(opening: asyncio.Task[Line]) -> bool:
    if not opening.done():
        return True
    return not opening.cancelled() and opening.exception() is None and opening.result().is_open
