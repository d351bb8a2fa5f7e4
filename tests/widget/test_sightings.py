"""Whether the widget was seen on a site: noted when it is asked for, rarely stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import timezone

from django_messenger.models import Inbox, Sighting
from django_messenger.selectors.sightings import sightings_of
from django_messenger.services import sightings
from django_messenger.services.sightings import MOST, note_sighting
from tests.factories import make_inbox, make_supervisor
from tests.panel.conftest import client_of
from tests.panel.pages import visit
from tests.perf.counting import measure
from tests.widget.client import PAGE, Widget

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_process() -> Iterator[None]:
    """Forget what this process has noted."""
    sightings._recent.clear()
    yield
    sightings._recent.clear()


@pytest.fixture
def inbox() -> Inbox:
    return make_inbox(allowed_origins=[PAGE, "https://*.example.org"])


def origins(inbox: Inbox) -> list[str]:
    return [row.origin for row in sightings_of([inbox]).get(inbox.pk, [])]


def test_asking_for_the_settings_is_a_sighting(inbox: Inbox) -> None:
    Widget(inbox).config()
    assert origins(inbox) == [PAGE]
    page = visit(
        client_of(make_supervisor(inbox.branch)),
        f"/messenger/settings/inboxes/{inbox.public_id}/install/",
    )
    assert f"Seen on {PAGE} < 1 min ago" in page.text


def test_a_refused_page_is_none(inbox: Inbox) -> None:
    Widget(inbox, origin="https://elsewhere.example").config()
    assert origins(inbox) == []


def test_a_page_of_ones_own_site_counts_too(inbox: Inbox, client: Any) -> None:
    url = f"/api/widget/config/?widget_token={inbox.widget_token}"
    assert client.get(url).status_code == 200
    assert origins(inbox) == []
    assert client.get(url, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert origins(inbox) == ["http://testserver"]


def test_it_costs_nothing_the_second_time(inbox: Inbox) -> None:
    widget = Widget(inbox)
    widget.config()
    with measure() as cost:
        widget.config()
    assert cost.sql == []


def test_another_process_asks_the_cache_and_writes_nothing(inbox: Inbox) -> None:
    note_sighting(inbox_id=inbox.pk, origin=PAGE)
    sightings._recent.clear()
    with measure() as cost:
        note_sighting(inbox_id=inbox.pk, origin=PAGE)
    assert cost.sql == []


def test_the_last_minutes_are_in_the_cache_only(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_sighting(inbox_id=inbox.pk, origin=PAGE)
    stored = Sighting.objects.get().seen_at
    later = sightings.time.time() + 1800
    monkeypatch.setattr("django_messenger.services.sightings.time.time", lambda: later)
    sightings._recent.clear()
    with measure() as cost:
        note_sighting(inbox_id=inbox.pk, origin=PAGE)
    assert cost.sql == []
    assert Sighting.objects.get().seen_at == stored
    shown = sightings_of([inbox])[inbox.pk][0].seen_at
    assert shown - stored > timedelta(minutes=25)


def test_whoever_makes_sites_up_gets_one_a_minute(inbox: Inbox) -> None:
    for number in range(30):
        note_sighting(inbox_id=inbox.pk, origin=f"https://s{number}.example.org")
    assert Sighting.objects.filter(inbox=inbox).count() == 1


def test_an_inbox_remembers_the_newest_sites(inbox: Inbox) -> None:
    now = timezone.now()
    for number in range(MOST):
        old = now - timedelta(days=number + 1)
        Sighting.objects.create(inbox=inbox, origin=f"https://s{number}.example", seen_at=old)
    note_sighting(inbox_id=inbox.pk, origin=PAGE)
    assert len(origins(inbox)) == MOST
    assert origins(inbox)[:2] == [PAGE, "https://s0.example"]
    assert f"https://s{MOST - 1}.example" not in origins(inbox)


def test_nothing_breaks_without_the_cache(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("The cache is down.")

    Sighting.objects.create(inbox=inbox, origin=PAGE, seen_at=timezone.now())
    for name in ("get", "set", "add", "get_many"):
        monkeypatch.setattr(type(caches["default"]), name, fail)
    note_sighting(inbox_id=inbox.pk, origin="https://other.example.org")
    assert origins(inbox) == [PAGE]


def test_nothing_breaks_for_an_inbox_that_has_gone(inbox: Inbox) -> None:
    gone = inbox.pk
    inbox.delete()
    note_sighting(inbox_id=gone, origin=PAGE)
    Sighting.objects.all().delete()
    note_sighting(inbox_id=gone, origin="x" * 400)
    assert not Sighting.objects.exists()
