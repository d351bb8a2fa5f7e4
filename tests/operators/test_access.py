"""Who is let in, and that another branch does not exist for anybody."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission

from django_messenger.models import CannedResponse, Label, SavedView
from django_messenger.operators.urls import urlpatterns
from django_messenger.services.operators import save_operator
from tests.factories import answer, make_contact, make_conversation, make_operator, make_user
from tests.operators.client import BASE, Api, ids, url
from tests.operators.conftest import World

READS = [
    "me/",
    "stream/",
    "inboxes/",
    "conversations/",
    "conversations/changes/",
    "contacts/",
    "search/?q=hello",
    "saved-views/",
    "operators/",
    "hand-over-inboxes/",
    "canned-responses/",
    "labels/",
]
WRITES = [
    ("post", "conversations/{conversation}/messages/", {"body": "Hi"}),
    ("patch", "conversations/{conversation}/", {"priority": "high"}),
    ("post", "conversations/{conversation}/assign/", {"assignee": None}),
    ("post", "conversations/{conversation}/read/", {"read_seq": 1}),
    ("patch", "conversations/{conversation}/messages/{message}/", {"body": "Hi"}),
    ("post", "conversations/{conversation}/messages/{message}/remove/", {}),
    ("post", "conversations/{conversation}/draft/", {"body": "Hi"}),
    ("post", "conversations/{conversation}/unread/", {}),
    ("post", "conversations/{conversation}/hand-over/", {"inbox": "x", "reason": "x"}),
    ("patch", "contacts/{contact}/", {"name": "Taken"}),
    ("post", "contacts/{contact}/block/", {}),
    ("post", "contacts/{contact}/unblock/", {}),
    ("post", "contacts/{contact}/merge/", {"other": "x"}),
    ("post", "contacts/{contact}/unmerge/", {"other": "x"}),
    ("patch", "saved-views/{view}/", {"name": "Taken"}),
    ("patch", "inboxes/{inbox}/", {"name": "Taken"}),
    ("post", "inboxes/{inbox}/rotate-token/", {}),
]
OBJECTS = [
    ("get", "conversations/{conversation}/", {}),
    ("get", "conversations/{conversation}/messages/", {}),
    ("get", "conversations/{conversation}/draft/", {}),
    ("get", "conversations/{conversation}/assignments/", {}),
    ("get", "contacts/{contact}/", {}),
    ("get", "inboxes/{inbox}/", {}),
    ("post", "conversations/{conversation}/typing/", {}),
    *WRITES,
]


def grant(user: Any, *codenames: str) -> None:
    user.user_permissions.add(
        *Permission.objects.filter(
            content_type__app_label="django_messenger", codename__in=codenames
        )
    )


def call(api: Api, method: str, path: str, data: dict[str, Any]) -> Any:
    return api.get(path) if method == "get" else getattr(api, method)(path, data)


def calls(world: World) -> Iterator[tuple[str, str, dict[str, Any]]]:
    conversation = make_conversation(world.north)
    names = {
        "conversation": conversation.public_id,
        "contact": conversation.contact.public_id,
        "inbox": world.north.public_id,
        "message": conversation.messages.get().public_id,
        "view": SavedView.objects.get_or_create(branch=world.north.branch, name="North")[0].pk,
    }
    for path in READS:
        yield "get", path, {}
    for method, path, data in OBJECTS:
        yield method, path.format(**names), data
    branch = {"branch": str(world.north.branch.pk), "name": "New"}
    yield "post", "inboxes/", branch
    yield "post", "me/presence/", {"tab": "a"}
    yield "post", "conversations/bulk/", {"ids": [str(conversation.public_id)]}


def test_the_list_of_calls_above_is_whole() -> None:
    named = {path for _, path, _ in OBJECTS} | {*READS, "conversations/bulk/", "me/presence/"}
    routes = {str(route.pattern) for route in urlpatterns}
    holders = ("{conversation}", "{contact}", "{inbox}")

    def as_route(path: str) -> str:
        for holder in holders:
            path = path.replace(holder, "<str:public_id>")
        path = path.replace("{message}", "<str:message_id>").replace("{view}", "<str:view_id>")
        return path.partition("?")[0]

    assert {as_route(path) for path in named} == routes


def test_without_a_login_nothing_opens(world: World) -> None:
    for method, path, data in calls(world):
        response = call(Api(), method, path, data)
        assert response.status_code == 403, path
        assert response.json()["code"] == "not_authenticated"
        assert response["Content-Type"] == "application/json"


def test_a_login_without_the_permission_opens_nothing(world: World) -> None:
    member = make_operator(world.north.branch)
    member.groups.clear()
    for user in (world.stranger, member):
        for method, path, data in calls(world):
            response = getattr(Api(user), method)(
                path, **({} if method == "get" else {"data": data})
            )
            assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize("row", [False, True])
def test_the_permission_without_a_branch_shows_nothing(world: World, row: bool) -> None:
    conversation = make_conversation(world.north)
    user = make_user()
    if row:
        save_operator(user=user, display_name="Nobody's", branches=[])
    grant(user, "view_conversation", "add_message", "change_conversation")
    api = Api(user)

    for path in ("inboxes/", "conversations/", "contacts/"):
        assert ids(api.get(path)) == []
    me = api.get("me/").json()
    assert (me["branches"], set(me["counters"].values())) == ([], {0})
    assert api.get("conversations/changes/").json()["conversations"] == []
    assert api.get(url(conversation)).status_code == 404


def test_an_operator_who_was_switched_off_sees_nothing(world: World) -> None:
    make_conversation(world.north)
    operator = world.anna.messenger_operator
    operator.is_active = False
    operator.save()

    assert ids(Api(world.anna).get("conversations/")) == []


def test_a_user_who_was_switched_off_is_out(world: World) -> None:
    api = Api(world.anna)
    world.anna.is_active = False
    world.anna.save()

    assert api.get("me/").status_code == 403


@pytest.mark.parametrize(("method", "path", "data"), OBJECTS)
def test_foreign_looks_exactly_like_absent(
    world: World, method: str, path: str, data: dict[str, Any]
) -> None:
    conversation = make_conversation(world.south)
    foreign = {
        "conversation": conversation.public_id,
        "contact": conversation.contact.public_id,
        "inbox": world.south.public_id,
        "message": conversation.messages.get().public_id,
        "view": SavedView.objects.create(branch=world.south.branch, name="South").pk,
    }
    absent = dict.fromkeys(foreign, uuid4())
    malformed: Any = dict.fromkeys(foreign, "1")
    nul: Any = dict.fromkeys(foreign, "a%00b")
    for user in (world.anna, world.vera):
        answers = [
            call(Api(user), method, path.format(**names), data)
            for names in (foreign, absent, malformed, nul)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["code"] == "not_found"
    conversation.refresh_from_db()
    assert (conversation.priority, conversation.revision) == ("normal", 1)


def test_lists_hold_nothing_of_another_branch(world: World) -> None:
    foreign = make_conversation(world.south, body="secret word")
    for model, fields in ((Label, {"name": "s"}), (CannedResponse, {"shortcut": "s", "texts": {}})):
        model.objects.create(branch=world.south.branch, **fields)
    api = Api(world.anna)

    for path in ("inboxes/", "conversations/", "contacts/", "labels/", "canned-responses/"):
        foreign_ids = {str(foreign.public_id), str(foreign.contact.public_id)}
        found = ids(api.get(path))
        assert not foreign_ids & set(found)
        assert found == ([str(world.north.public_id)] if path == "inboxes/" else [])
    assert set(api.get("me/").json()["counters"].values()) == {0}


def test_search_and_filters_are_no_oracle(world: World) -> None:
    contact = make_contact(world.south.branch, name="Secret", email="secret@example.com")
    foreign = make_conversation(world.south, contact, body="secret word")
    label = Label.objects.create(branch=world.south.branch, name="secret")
    foreign.labels.add(label)
    api = Api(world.anna)

    for query in (
        {"q": "secret"},
        {"inbox": str(world.south.public_id)},
        {"label": str(label.pk)},
        {"assignee": str(world.boris.pk)},
    ):
        response = api.get("conversations/", **query)
        assert response.json() == {"results": [], "next": None, "previous": None}
    assert ids(api.get("contacts/", q="secret")) == []


def test_a_page_cursor_opens_no_other_branch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.operators.base.PAGE", 1)
    made = [make_conversation(inbox) for inbox in (world.north, world.south) * 2]
    following = Api(world.anna).get("conversations/").json()["next"]

    (found,) = ids(Api(world.boris).get(following))
    assert found == str(made[1].public_id)


def test_each_action_needs_its_permission(world: World) -> None:
    conversation = make_conversation(world.north)
    user = make_user()
    save_operator(user=user, display_name="Reader", branches=[world.north.branch])
    user.groups.clear()
    grant(user, "view_conversation")
    api = Api(user)

    assert api.get("me/").json()["permissions"] == ["view"]
    assert api.get(url(conversation)).status_code == 200
    assert api.post(url(conversation, "read/"), {"read_seq": 1}).status_code == 200
    for method, path, data in (
        ("post", url(conversation, "messages/"), {"body": "Hi"}),
        ("post", url(conversation, "messages/"), {}),
        ("patch", url(conversation), {"priority": "high"}),
        ("patch", url(conversation), {"priority": "no such"}),
        ("post", url(conversation, "assign/"), {"assignee": str(user.pk)}),
        ("post", url(conversation, "assign/"), {"assignee": None}),
        ("post", "inboxes/", {}),
        ("patch", f"inboxes/{world.north.public_id}/", {"name": "Mine"}),
        ("post", f"inboxes/{world.north.public_id}/rotate-token/", {}),
    ):
        response = getattr(api, method)(path, data)
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied"), path


def test_writing_needs_the_csrf_token(world: World) -> None:
    conversation = make_conversation(world.north)
    api = Api(world.anna, csrf=True)

    assert api.get("me/").status_code == 200
    for method, path, data in (
        ("post", url(conversation, "messages/"), {"body": "Hi"}),
        ("patch", url(conversation), {"priority": "high"}),
    ):
        refused = getattr(api, method)(path, data)
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
        assert "CSRF" in refused.json()["detail"]
    token = "a" * 32
    api.http.cookies["csrftoken"] = token
    sent = api.post(url(conversation, "messages/"), {"body": "Hi"}, headers={"X-CSRFToken": token})
    assert sent.status_code == 201


def test_the_host_may_log_in_otherwise(world: World, settings: Any) -> None:
    settings.MESSENGER = {
        "OPERATOR_AUTHENTICATION": ["rest_framework.authentication.BasicAuthentication"]
    }
    refused = Api(world.anna).get("me/")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert refused["WWW-Authenticate"].startswith("Basic")

    login = world.anna.get_username()
    http = Api().http
    word = b64encode(f"{login}:demo".encode()).decode()
    answered = http.get(f"{BASE}me/", headers={"Authorization": f"Basic {word}"})
    assert answered.json()["user"]["name"] == "Anna"
    wrong = http.get(f"{BASE}me/", headers={"Authorization": "Basic x"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "not_authenticated")


def test_switched_off_it_is_not_there(world: World, settings: Any) -> None:
    settings.MESSENGER_ENABLED = False
    for user in (None, world.anna, world.admin):
        for path in READS:
            response = Api(user).get(path)
            assert response.status_code == 404
            assert response.json() == {"detail": "Messenger disabled"}
        assert Api(user).post("inboxes/", {}).json() == {"detail": "Messenger disabled"}


def test_answers_are_for_no_cache(world: World) -> None:
    for response in (Api(world.anna).get("me/"), Api().get("me/")):
        assert response["Cache-Control"] == "no-store"


def test_only_the_methods_of_the_contract_exist(world: World) -> None:
    api = Api(world.admin)
    conversation = make_conversation(world.north)
    answer(conversation, world.admin)

    for path in (
        url(conversation),
        "conversations/",
        f"inboxes/{world.north.public_id}/",
        "labels/",
    ):
        for method in ("put", "delete", "options", "trace"):
            response = getattr(api.http, method)(BASE + path)
            assert response.status_code == 405, (method, path)
            assert response.json()["code"] == "method_not_allowed"
