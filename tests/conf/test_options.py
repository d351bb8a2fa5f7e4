"""The dict ``MESSENGER``: what each key is, may be and is by default, and when a change bites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from django_messenger.conf import Options, conf, find_problems, import_option
from django_messenger.rates import SCOPES
from django_messenger.test import override_messenger
from django_messenger.widget.base import PublicView, SessionView
from tests.factories import make_inbox
from tests.widget.client import PAGE, Widget

DAY = 86_400
#: What hosts rely on: a change here is a change for all of them.
PROMISED = {
    "FLAG": "MESSENGER_ENABLED",
    "ACCESS_POLICY": "django_messenger.access.BranchAccessPolicy",
    "OPERATOR_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
    "MAX_MESSAGE_LENGTH": 2000,
    "EDIT_WINDOW": 900,
    "ASSIGN_ON_REPLY": True,
    "RELEASE_AFTER": 600,
    "THROTTLE_RATES": {
        "bootstrap": "10/m/ip, 600/m/inbox",
        "send": "30/m/session, 60/m/ip, 3000/m/inbox",
        "poll": "60/m/session, 600/m/ip",
        "default": "120/m/session, 600/m/ip",
    },
    "TRUSTED_PROXY_COUNT": 0,
    "SESSION_CACHE": "default",
    "SESSION_TTL": 43_200,
    "SESSION_MAX_AGE": 604_800,
    "VISITOR_TTL": 15_552_000,
    "HONEYPOT_FIELD": "website",
    "BUS": "auto",
    "STREAM_LIFE": 240,
    "STREAM_HEARTBEAT": 20,
    "STREAMS_PER_SESSION": 3,
    "STREAMS_PER_IP": 10,
    "STREAMS_PER_PROCESS": 5000,
    "BASE_TEMPLATE": "django_messenger/base.html",
    "CONTENT_BLOCK": "content",
    "HEAD_BLOCK": "extra_head",
    "THEME": "auto",
    "CONTACT_CARDS": [],
    "ACTIONS": [],
}
BOUNDS = {
    "MAX_MESSAGE_LENGTH": (1, 100_000),
    "EDIT_WINDOW": (0, 30 * DAY),
    "RELEASE_AFTER": (60, DAY),
    "TRUSTED_PROXY_COUNT": (0, 10),
    "SESSION_TTL": (60, 30 * DAY),
    "SESSION_MAX_AGE": (60, 365 * DAY),
    "VISITOR_TTL": (3600, 3650 * DAY),
    "STREAM_LIFE": (1, 300),
    "STREAM_HEARTBEAT": (1, 25),
    "STREAMS_PER_SESSION": (0, 1_000_000),
    "STREAMS_PER_IP": (0, 1_000_000),
    "STREAMS_PER_PROCESS": (0, 1_000_000),
}
#: One value of each type, and what no option takes.
TYPES: list[Any] = [True, None, 1.5, b"x", ("x",), {1}, object(), 100, "text", ["text"], {}]


def read(key: str) -> Any:
    """The option in force."""
    return getattr(conf, key)


@override_settings()
def test_defaults() -> None:
    from django.conf import settings

    if hasattr(settings, "MESSENGER"):
        del settings.MESSENGER
    assert {option.name: read(option.name) for option in fields(Options)} == PROMISED


def test_every_option_says_what_it_means() -> None:
    assert [option.name for option in fields(Options) if not option.metadata["doc"]] == []


def test_a_default_cannot_be_spoilt() -> None:
    Options().OPERATOR_AUTHENTICATION.append("other")
    Options().THROTTLE_RATES["send"] = ""
    assert {option.name: getattr(Options(), option.name) for option in fields(Options)} == PROMISED


@pytest.mark.parametrize("key", BOUNDS)
def test_bounds(key: str) -> None:
    low, high = BOUNDS[key]
    for good in (low, high):
        with override_settings(MESSENGER={key: good}):
            assert read(key) == good
    for bad in (low - 1, high + 1, -(10**30)):
        with (
            override_settings(MESSENGER={key: bad}),
            pytest.raises(ImproperlyConfigured, match=rf'"{key}".*between {low} and {high}'),
        ):
            read(key)


def test_every_number_has_bounds() -> None:
    numbers = [key for key, value in PROMISED.items() if type(value) is int]
    assert numbers == list(BOUNDS)


@pytest.mark.parametrize("key", PROMISED)
def test_types(key: str) -> None:
    wanted = type(PROMISED[key])
    for value in TYPES:
        if type(value) is not wanted:
            (problem,) = find_problems({key: value})
            assert (problem.key, bool(problem.hint)) == (key, True)
            assert f"must be {wanted.__name__}, not {type(value).__name__}" in problem.message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("MAX_MESAGE_LENGTH", "MAX_MESSAGE_LENGTH"),
        ("max_message_length", "MAX_MESSAGE_LENGTH"),
        ("THROTTLE_RATE", "THROTTLE_RATES"),
        ("SESSION_MAXAGE", "SESSION_MAX_AGE"),
        ("Flag", "FLAG"),
    ],
)
def test_did_you_mean(typed: str, meant: str) -> None:
    with override_settings(MESSENGER={typed: 1}), pytest.raises(ImproperlyConfigured) as raised:
        read("FLAG")
    assert str(raised.value) == (
        f'MESSENGER["{typed}"] is not an option. Did you mean MESSENGER["{meant}"]?'
    )


def test_a_key_like_no_other() -> None:
    (problem,) = find_problems({"QUIXOTIC": 1})
    assert all(key in problem.hint for key in PROMISED)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("snd", "send"), ("Send", "send"), ("end_session", "end-session"), ("defaults", "default")],
)
def test_did_you_mean_the_endpoint(typed: str, meant: str) -> None:
    (problem,) = find_problems({"THROTTLE_RATES": {typed: "1/d/ip", "poll": ""}})
    assert (problem.key, problem.kind) == ("THROTTLE_RATES", "unknown")
    where = f'MESSENGER["THROTTLE_RATES"]["{typed}"]'
    assert problem.message == f"{where} is no endpoint of the widget API."
    assert problem.hint == f'Did you mean "{meant}"?'


@pytest.mark.parametrize("scope", ["quixotic", "", 1, None])
def test_an_endpoint_like_no_other(scope: Any) -> None:
    (problem,) = find_problems({"THROTTLE_RATES": {scope: "1/d/ip"}})
    assert all(known in problem.hint for known in SCOPES)


def test_every_endpoint_may_have_a_rate() -> None:
    views = [*PublicView.__subclasses__(), *SessionView.__subclasses__()]
    assert {view.scope for view in views} | {"default"} == set(SCOPES)
    assert not list(find_problems({"THROTTLE_RATES": dict.fromkeys(SCOPES, "1/d/ip")}))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts) | st.tuples(parts),
    max_leaves=5,
)


@given(st.sampled_from(list(PROMISED)) | st.text() | st.integers(), anything)
@example("THROTTLE_RATES", {"send": ["30/m/ip"]})
@example("THROTTLE_RATES", {"poll": "30/m/ip"})
@example("THROTTLE_RATES", {"send": b"30/m/ip"})
@example("OPERATOR_AUTHENTICATION", [[]])
def test_what_is_no_problem_is_in_force(key: Any, value: Any) -> None:
    found = list(find_problems({key: value}))
    with override_settings(MESSENGER={key: value}):
        if found:
            with pytest.raises(ImproperlyConfigured):
                read("FLAG")
        elif key == "THROTTLE_RATES":
            assert read(key) == {**PROMISED[key], **value}  # type: ignore[dict-item]
        else:
            assert read(key) == value
    assert read("FLAG") == PROMISED["FLAG"]


def test_an_attribute_that_is_no_option() -> None:
    with pytest.raises(AttributeError, match="QUIXOTIC"):
        read("QUIXOTIC")


@pytest.mark.parametrize(
    "path",
    ["nowhere.Policy", "django_messenger.access.Nobody", "nodots", ".Policy", "..", "a..b", "a. b"],
)
@pytest.mark.parametrize("key", ["ACCESS_POLICY", "OPERATOR_AUTHENTICATION"])
def test_what_cannot_be_imported_is_named(key: str, path: str) -> None:
    value = path if key == "ACCESS_POLICY" else [*PROMISED[key], path]  # type: ignore[misc]
    with (
        override_messenger(**{key: value}),
        pytest.raises(ImproperlyConfigured, match=f'MESSENGER\\["{key}"\\]') as raised,
    ):
        import_option(key)
    assert repr(path) in str(raised.value)


def test_paths_are_imported_in_their_order_and_anew_after_a_change() -> None:
    paths = ["decimal.Decimal", "fractions.Fraction"]
    with override_messenger(OPERATOR_AUTHENTICATION=paths):
        assert [found.__name__ for found in import_option("OPERATOR_AUTHENTICATION")] == [
            "Decimal",
            "Fraction",
        ]
    (found,) = import_option("OPERATOR_AUTHENTICATION")
    assert found.__name__ == "SessionAuthentication"


# --- A change bites at the next request -----------------------------------------------------------


@pytest.fixture
def chat(db: Any) -> Widget:
    """A widget with a session."""
    return Widget(make_inbox(allowed_origins=[PAGE])).start()


@pytest.fixture
def unlimited() -> Iterator[None]:
    """No limits, so that each test sets its own."""
    with override_messenger(THROTTLE_RATES=dict.fromkeys(PROMISED["THROTTLE_RATES"], "")):
        yield


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "send": ("send/", {"body": "Hello"}),
    "poll": ("poll/", {}),
    "stream": ("stream/", {}),
    "read": ("read/", {"read_seq": 0}),
    "typing": ("typing/", {}),
    "bootstrap": ("bootstrap/", {}),
}


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("scope", CALLS)
def test_a_rate_limits_the_endpoint_of_its_name(chat: Widget, scope: str) -> None:
    path, data = CALLS[scope]
    with override_messenger(THROTTLE_RATES={scope: "1/d/ip"}):
        first, second = chat.post(path, data), chat.post(path, data)
        others = [chat.post(*CALLS[other]) for other in CALLS if other != scope]
    assert first.status < 300
    assert (second.status, second.code) == (429, "throttled")
    assert all(answer.status < 300 for answer in others)
    assert chat.post(path, data).status < 300


@pytest.mark.usefixtures("unlimited")
def test_the_config_has_a_rate_of_its_own(chat: Widget) -> None:
    with override_messenger(THROTTLE_RATES={"config": "1/d/ip"}):
        assert [chat.config().status for _ in range(2)] == [200, 429]
        assert chat.send("Hello").status == 201


def test_the_longest_message(chat: Widget) -> None:
    for limit in (3, 5):
        with override_messenger(MAX_MESSAGE_LENGTH=limit):
            assert chat.config().json["limits"]["max_message_length"] == limit
            assert chat.send("x" * limit).status == 201
            (problem,) = chat.send("x" * (limit + 1)).expect(400)["errors"]["body"]
            assert (problem["code"], problem["limit"]) == ("too_long", limit)


def test_the_name_of_the_flag(chat: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
    with override_messenger(FLAG="CHAT_IS_ON"):
        assert chat.poll().expect(404) == {"detail": "Messenger disabled"}
        monkeypatch.setenv("CHAT_IS_ON", "yes")
        assert chat.poll().status == 200
        with override_settings(CHAT_IS_ON=False):
            assert chat.poll().status == 404
        monkeypatch.setenv("CHAT_IS_ON", "no")
        assert chat.poll().status == 404
    assert chat.poll().status == 200


def test_a_session_lives_as_long_as_the_option_says(chat: Widget) -> None:
    with override_messenger(SESSION_TTL=61):
        assert chat.bootstrap().json["expires_in"] == 61
    assert chat.bootstrap().json["expires_in"] == PROMISED["SESSION_TTL"]
