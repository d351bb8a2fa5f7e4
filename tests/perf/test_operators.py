"""A full page of the operators' list costs what a single row costs."""

from __future__ import annotations

from typing import Any

import pytest

from django_messenger import store
from tests.factories import make_branch, make_conversation, make_inbox, make_operator
from tests.operators.client import Api, ids
from tests.perf.counting import Cost, measure


def cost_of(api: Api, rows: int, **query: Any) -> Cost:
    """What a list costs that must hold so many rows."""
    store.add("dm:wake", 1, seconds=600)  # looking for snoozed ones is not every call's affair
    with measure() as cost:
        response = api.get("conversations/", **query)
    assert len(ids(response)) == rows
    return cost


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{}, {"view": "waiting", "ordering": "waiting_since"}])
def test_a_full_page_costs_what_one_row_costs(query: dict[str, str]) -> None:
    branch = make_branch()
    inbox, api = make_inbox(branch), Api(make_operator(branch))
    make_conversation(inbox)
    one = cost_of(api, 1, **query)
    for _ in range(50):
        make_conversation(inbox)
    full = cost_of(api, 50, **query)

    assert len(full.sql) == len(one.sql)
    assert len(full.trips) == len(one.trips)
