"""The script that pages embed: at a URL that never changes, without session or cookie."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from django_messenger.flags import is_enabled
from django_messenger.statics import WIDGET, static_address
from django_messenger.utils import DISABLED

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

_FILE: Final = Path(__file__).parent.parent / "static" / "django_messenger" / "loader.js"
#: The chat by the language of its words, and what few chats need beside.
_OTHERS: Final = {
    "en": WIDGET,
    "ru": "django_messenger/widget-ru.js",
    "more": "django_messenger/widget-more.js",
}
#: Stands in the file where the addresses of the others go.
_PLACE: Final = b'"__DJANGO_MESSENGER_FILES__"'


@csrf_exempt
@login_not_required
@transaction.non_atomic_requests
def loader(request: HttpRequest) -> HttpResponseBase:
    """Serve ``loader.js``; while the messenger is off, 404 and the usual body."""
    return _serve(request) if is_enabled() else JsonResponse(DISABLED, status=404)


@require_safe
@gzip_page
def _serve(request: HttpRequest) -> HttpResponseBase:
    script, etag = _script(_FILE, _FILE.stat().st_mtime_ns, json.dumps(addresses()))
    response: HttpResponseBase
    if etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def addresses() -> dict[str, str]:
    """Return where the static storage has the widget's other files, by what they are."""
    return {name: static_address(path) for name, path in _OTHERS.items()}


@lru_cache(maxsize=8)
def _script(file: Path, changed_at: int, others: str) -> tuple[bytes, str]:
    script = file.read_bytes().replace(_PLACE, others.encode())
    return script, f'"{hashlib.sha256(script).hexdigest()[:32]}"'
