"""One's own preferences: kept on the server, given to the script, nobody else's affair."""

from __future__ import annotations

import json
import re
from typing import Any

from django_messenger.models import Operator
from django_messenger.selectors.preferences import Preferences, preferences_of
from tests.factories import make_operator, make_user
from tests.panel.conftest import World, client_of
from tests.panel.pages import LIST, Page, visit

SETTINGS = "/messenger/settings/"


def prefs_on(page: Page) -> Any:
    """Return what the script of a page is told."""
    found = re.search(r'<script id="dm-config"[^>]*>(.*?)</script>', page.html)
    assert found is not None
    return json.loads(found[1])["prefs"]


def test_the_script_gets_the_defaults_until_something_is_set(world: World) -> None:
    assert prefs_on(visit(client_of(world.anna))) == {
        "sound": False,
        "notify": False,
        "keys": True,
        "enter": False,
    }


def test_preferences_are_kept_for_the_person(world: World) -> None:
    client = client_of(world.anna)
    page = visit(client).follow("Settings").press("Save", sound="1", keys=[], enter="1")
    assert "Your preferences are saved." in page.text
    assert page.value("enter") == "1"
    assert page.value("sound") == "1"

    elsewhere = client_of(world.anna)
    kept = {"sound": True, "notify": False, "keys": False, "enter": True}
    assert prefs_on(visit(elsewhere)) == kept
    assert prefs_on(visit(client_of(world.boris))) != kept


def test_a_superuser_who_is_no_operator_has_preferences_and_stays_none(world: World) -> None:
    root = make_user(superuser=True)
    client = client_of(root)
    page = visit(client, SETTINGS).press("Save", enter="1")
    assert page.status == 200
    assert prefs_on(visit(client))["enter"] is True
    row = Operator.objects.get(user=root)
    assert (row.is_active, row.display_name, list(row.branches.all())) == (False, "", [])
    assert visit(client, LIST).status == 200


def test_an_operator_finds_their_own_preferences_only(world: World) -> None:
    page = visit(client_of(world.anna), SETTINGS)
    assert "My preferences" in page.links
    assert page.html.count('dm-settings__tab"') == 1


def test_who_may_not_work_with_conversations_has_none(db: None) -> None:
    assert visit(client_of(make_user()), SETTINGS).status == 403


def test_what_stands_in_the_row_already_stays(db: None) -> None:
    user = make_operator()
    Operator.objects.filter(user=user).update(preferences={"theirs": 1, "sound": "yes"})
    assert visit(client_of(user), SETTINGS).press("Save", notify="1").status == 200
    stored = Operator.objects.get(user=user)
    assert stored.preferences["theirs"] == 1
    assert preferences_of(stored.user) == Preferences(notify=True)


def test_a_broken_row_breaks_nothing(db: None) -> None:
    user = make_operator()
    Operator.objects.filter(user=user).update(preferences=["what"])
    assert preferences_of(Operator.objects.get(user=user).user) == Preferences()
