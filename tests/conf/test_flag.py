"""The switch: where it is looked for, and that nothing but a clear yes turns it on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from django_messenger.flags import is_enabled, read_flag
from django_messenger.test import override_messenger

YES: list[Any] = [True, 1, "1", "true", "TRUE", "True", "yes", "on", " on\n", "oN"]
NO: list[Any] = [False, 0, None, "", " ", "0", "false", "no", "off", "OFF"]
WORDS = ["2", "11", "-1", "1.0", "enabled", "y", "ja", "да", "true;", "on/off", "\uff11", "\x00"]
GARBAGE: list[Any] = [
    *WORDS,
    *(2, -1, 0.5, Decimal("NaN"), b"1", b"true", [], [1], {"on": True}, object(), is_enabled),
]


@pytest.mark.parametrize("value", YES, ids=repr)
def test_yes(value: Any) -> None:
    with override_settings(MESSENGER_ENABLED=value):
        assert is_enabled()


@pytest.mark.parametrize("value", [*NO, *GARBAGE], ids=lambda value: repr(value)[:20])
def test_all_else_is_no(value: Any) -> None:
    with override_settings(MESSENGER_ENABLED=value):
        assert not is_enabled()


@given(st.text())
@example("oN")
@example("İON")
def test_any_text(value: str) -> None:
    with override_settings(MESSENGER_ENABLED=value):
        assert is_enabled() == (value.strip().lower() in ("1", "true", "yes", "on"))


@pytest.fixture
def no_setting() -> Any:
    """A host that says nothing of the flag in its settings."""
    with override_settings():
        del settings.MESSENGER_ENABLED
        yield


@pytest.mark.usefixtures("no_setting")
def test_without_a_word_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MESSENGER_ENABLED", raising=False)
    assert read_flag() is None
    assert not is_enabled()


@pytest.mark.usefixtures("no_setting")
def test_the_environment_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for word, on in [("1", True), ("0", False), ("yes", True), ("", False), ("true", True)]:
        monkeypatch.setenv("MESSENGER_ENABLED", word)
        assert is_enabled() == on
    monkeypatch.delenv("MESSENGER_ENABLED")
    assert not is_enabled()


@pytest.mark.parametrize("value", [False, "", None])
def test_a_setting_goes_before_the_environment(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSENGER_ENABLED", "1")
    with override_settings(MESSENGER_ENABLED=value):
        assert not is_enabled()


def test_a_name_of_the_hosts_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAT", raising=False)
    with override_messenger(FLAG="CHAT"):
        assert not is_enabled()  # the usual name means nothing now
        monkeypatch.setenv("CHAT", "on")
        assert is_enabled()
        with override_settings(CHAT=0):
            assert not is_enabled()
        with override_settings(CHAT=1):
            assert is_enabled()
