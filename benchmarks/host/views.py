"""Floors: the least that Django or DRF can do for the same kind of call."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import parse_qsl

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.parsers import FormParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from benchmarks.host.models import Line, Thread

#: What an empty poll answers, so that both sides write the same number of bytes.
ANSWER = {
    "messages": [],
    "cursor": 1,
    "has_more": False,
    "conversation": {"status": "open"},
    "operator_read_seq": 0,
    "typing": None,
    "next_in": 5,
}

#: The floor of sending: one statement, the row lock first.
APPEND = (
    "WITH changed AS (UPDATE host_thread SET last_seq = last_seq + 1, preview = %s,"
    " last_message_at = clock_timestamp() WHERE id = %s RETURNING id, last_seq)"
    " INSERT INTO host_line (public_id, thread_id, seq, body, client_id, created_at)"
    " SELECT %s, id, last_seq, %s, %s, clock_timestamp() FROM changed RETURNING seq, created_at"
)


def plain(request: HttpRequest) -> HttpResponse:
    """A bare JSON view."""
    return HttpResponse(json.dumps(ANSWER), content_type="application/json")


def cached(request: HttpRequest) -> HttpResponse:
    """A JSON view that asks the cache once."""
    cache.get("floor")
    return HttpResponse(json.dumps(ANSWER), content_type="application/json")


def append(request: HttpRequest) -> HttpResponse:
    """The statement of a send, the session from the cache, and nothing else."""
    said = dict(parse_qsl(request.body.decode()))
    cache.get("floor")
    public_id = uuid.uuid4()
    with connection.cursor() as cursor:
        body = said["body"]
        cursor.execute(APPEND, [body[:160], said["thread"], public_id, body, said["client_id"]])
        seq, created_at = cursor.fetchone()
    data = {"id": str(public_id), "seq": seq, "body": body, "created_at": created_at.isoformat()}
    return HttpResponse(json.dumps(data), content_type="application/json", status=201)


class Bare(APIView):
    """DRF with nothing switched on."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    parser_classes = [FormParser]


class DrfPlain(Bare):
    """A bare DRF view."""

    def get(self, request: Request) -> Response:
        return Response(ANSWER)


class ByName(SimpleRateThrottle):
    """DRF's own throttle, by a name in the query; the control of the limits."""

    rate = "60/day"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"floor:{request.query_params['client']}"


class DrfThrottled(DrfPlain):
    """A bare DRF view behind DRF's throttle."""

    throttle_classes = [ByName]


class DrfOrm(Bare):
    """Sending as anybody would write it first: INSERT, then UPDATE, by the ORM."""

    def post(self, request: Request) -> Response:
        said: Any = request.data
        with transaction.atomic():
            line = Line.objects.create(
                thread_id=said["thread"], body=said["body"], client_id=said["client_id"]
            )
            Thread.objects.filter(pk=line.thread_id).update(
                last_seq=F("last_seq") + 1,
                preview=line.body[:160],
                last_message_at=timezone.now(),
            )
        data = {
            "id": str(line.public_id),
            "body": line.body,
            "client_id": line.client_id,
            "created_at": line.created_at.isoformat(),
        }
        return Response(data, status=201)
