"""How moments are written in the panel."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone, translation

from django_messenger.templatetags.dm_panel import dm_time, dm_until

AUTUMN = datetime(2026, 11, 25, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: AUTUMN - timedelta(days=3))


@pytest.mark.parametrize(
    ("language", "day", "until"),
    [
        ("en", ">November 25<", ">November 25, 9 a.m.<"),
        ("ru", ">25 ноября<", ">25 ноября, 9:00<"),
        ("de", ">25. November<", ">25. November, 09:00<"),
    ],
)
def test_a_day_of_this_year_stands_without_it(language: str, day: str, until: str) -> None:
    with translation.override(language):
        assert day in dm_time(AUTUMN)
        assert until in dm_until(AUTUMN)


def test_a_day_of_another_year_stands_with_it() -> None:
    with translation.override("ru"):
        assert ">25 ноября 2027 г. 9:00<" in dm_until(AUTUMN.replace(year=2027))  # noqa: RUF001
