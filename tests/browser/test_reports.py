"""The reports in Chromium: readable for everybody, without a script and under a strict policy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from django_messenger.models import Inbox
from tests.browser.test_panel import Open, check, open_page, server, vera
from tests.factories import make_operator
from tests.reports import rate, resolve, tell

pytestmark = pytest.mark.browser
__all__ = ["open_page", "server", "vera"]

REPORTS = "/messenger/reports/"


@pytest.fixture
def busy(vera: Any) -> Any:
    """The branch of a supervisor, after some busy days."""
    branch = vera.messenger_operator.branches.get()
    inbox = Inbox.objects.get(branch=branch)
    anna = make_operator(branch, name="Anna")
    now = timezone.now()
    for days in (1, 2, 3, 9):
        at = now - timedelta(days=days)
        talk = tell(inbox, at, [(0, "visitor"), (60 * days, anna), (900, "visitor")])
        resolve(talk, anna, at + timedelta(hours=1))
        rate(talk, 6 - days if days < 6 else 2, at + timedelta(hours=2))
        tell(inbox, at, [(0, "visitor")])
    return vera


@pytest.mark.parametrize("width", [1440, 900, 320])
@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-US"), ("dark", "ru-RU")])
def test_every_state_is_accessible(
    open_page: Open, busy: Any, scheme: str, locale: str, width: int
) -> None:
    options = {
        "color_scheme": scheme,
        "locale": locale,
        "viewport": {"width": width, "height": 800},
    }
    page = open_page(busy, REPORTS, **options)
    expect(page.locator(".dm-chart__plot")).to_have_count(3)
    check(page)
    for summary in page.locator("main summary:visible").all():
        summary.click()
    check(page)
    for query in (
        "?from=2020-01-01&to=2020-01-02",
        "?from=x&to=2020-01-01&inbox=y",
        "?period=today",
    ):
        page.goto(page.url.partition("?")[0] + query)
        check(page)


def test_charts_and_form_work_without_a_script(open_page: Open, busy: Any) -> None:
    page = open_page(busy, REPORTS, java_script_enabled=False)
    bars = page.locator(".dm-chart__plot").first.locator("rect")
    heights = [box["height"] for bar in bars.all() if (box := bar.bounding_box())]
    assert len(heights) == 6
    assert max(heights) > 100
    # The pane scrolls; the page around it would scroll into emptiness.
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.locator("summary", has_text="The same numbers as a table").first.click()
    expect(page.locator(".dm-report-table").first).to_be_visible()
    page.get_by_label("Operator", exact=True).select_option(label="Anna")
    page.get_by_role("button", name="Show").click()
    assert "operator=" in page.url
    expect(page.locator(".dm-tile").first).to_contain_text("3")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").last.click()
    assert download.value.suggested_filename.startswith("messenger-operators-")
