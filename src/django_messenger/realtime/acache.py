"""The session cache as an event loop needs it: without a thread where it is Redis or Valkey."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django_messenger import store
from django_messenger.bus.redis import async_client
from django_messenger.exceptions import Unavailable
from django_messenger.services import limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_messenger.services.limits import Plan

_TIMEOUT: Final = 1.0

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()


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
    try:
        return plan.read_answer(await _run(plan.script_arguments(keys)))
    except Unavailable:
        raise
    except Exception as error:
        raise Unavailable from error


async def read(keys: Sequence[str]) -> list[Any]:
    """Return the values in the order of the keys, None for those missing.

    Raises:
        Unavailable: the cache cannot be reached.
    """
    if store.redis_client() is None:
        found = await asyncio.get_running_loop().run_in_executor(None, store.get_many, keys)
        return [found.get(key) for key in keys]
    try:
        values = await _client().mget(store.full_keys(keys))
        return list(map(store.decoder(), values))
    except Exception as error:
        raise Unavailable from error


async def _run(arguments: Sequence[Any]) -> Any:
    from redis.exceptions import NoScriptError

    try:
        return await _client().evalsha(limits.SHA, *arguments)
    except NoScriptError:
        return await _client().eval(limits.SCRIPT, *arguments)


def _client() -> Any:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = async_client(socket_timeout=_TIMEOUT)
    return _clients[loop]
