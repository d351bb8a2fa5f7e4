"""The session cache as an event loop needs it: without a thread where it is Redis or Valkey."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from django_messenger import store
from django_messenger.bus.redis import async_client
from django_messenger.exceptions import Unavailable
from django_messenger.services.limits import SCRIPT, Plan, count_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SHA: Final = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
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
        return await loop.run_in_executor(None, _read_and_count, keys, plan)
    try:
        return await _pipelined(keys, plan)
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
        values = await _client().mget([store.full_key(key) for key in keys])
        return list(map(_decoder(), values))
    except Exception as error:
        raise Unavailable from error


def _read_and_count(keys: Sequence[str], plan: Plan) -> tuple[list[Any], int]:
    found = store.get_many(keys)
    return [found.get(key) for key in keys], count_plan(plan)


async def _pipelined(keys: Sequence[str], plan: Plan) -> tuple[list[Any], int]:
    client, decode = _client(), _decoder()
    pipeline = client.pipeline(transaction=False)
    pipeline.mget([store.full_key(key) for key in keys])
    buckets = [store.full_key(key) for key in plan.keys]
    if buckets:
        pipeline.evalsha(_SHA, len(buckets), *buckets, *plan.script_arguments())
    values, *places = await pipeline.execute(raise_on_error=False)
    if places and isinstance(places[0], Exception):  # the server has not seen the script yet
        places = [await client.eval(SCRIPT, len(buckets), *buckets, *plan.script_arguments())]
    if isinstance(values, Exception):
        raise values
    return [decode(value) for value in values], int(places[0]) if places else 0


def _client() -> Any:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = async_client(socket_timeout=_TIMEOUT)
    return _clients[loop]


def _decoder() -> Callable[[Any], Any]:
    """Return what the cache backend itself uses to read its values."""
    cache: Any = store.session_cache()
    decode = cache.client.decode if hasattr(cache, "client") else cache._cache._serializer.loads
    return lambda value: None if value is None else decode(value)
