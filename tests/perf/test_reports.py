"""A report of much costs as many statements as one of little."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from django_messenger import store
from tests.factories import make_branch, make_inbox, make_operator, make_supervisor
from tests.perf.counting import measure
from tests.reports import NOON, rate, resolve, tell

#: Login and permissions, the frame of the page, two lists of choices, three statements of figures
#: and the names in their tables.
REPORT = 20


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "csv/"])
def test_a_report(path: str) -> None:
    branch = make_branch()
    client = Client()
    client.force_login(make_supervisor(branch))

    def cost() -> int:
        store.add("dm:wake", 1, seconds=600)
        with measure() as measured:
            query = {"from": "2024-05-13", "to": "2024-05-19"}
            assert client.get(f"/messenger/reports/{path}", query).status_code == 200
        return len(measured.sql)

    def fill(number: int) -> None:
        inbox, operator = make_inbox(branch), make_operator(branch)
        at = NOON + timedelta(hours=number)
        for _ in range(3):
            talk = tell(inbox, at, [(0, "visitor"), (5, operator), (9, "visitor")])
            resolve(talk, operator, at)
            rate(talk, 5, at)

    fill(0)
    few = cost()
    for number in range(1, 6):
        fill(number)
    assert cost() == few <= REPORT
