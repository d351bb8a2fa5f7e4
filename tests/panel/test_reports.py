"""The reports as supervisors read, share and download them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone, translation

from django_messenger.models import Inbox
from django_messenger.panel.reports.durations import in_words, percent
from django_messenger.panel.reports.sheets import TABLES, safe_cell
from django_messenger.panel.reports.tiles import compared_with, make_tiles
from django_messenger.selectors.reports.figures import Figures, Report, Spread
from django_messenger.selectors.reports.period import Period
from tests.factories import make_operator, make_supervisor, make_user
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, visit
from tests.reports import NOON, rate, resolve, tell

REPORTS = "/messenger/reports/"
CSV = REPORTS + "csv/"
DAYS = {"from": "2024-05-13", "to": "2024-05-19"}


@pytest.fixture
def vera(world: World) -> Callable[..., Page]:
    """Open the reports as the supervisor of both branches."""
    client = client_of(world.vera)

    def open_page(**query: str) -> Page:
        return visit(client, REPORTS, **(query or DAYS))

    return open_page


@pytest.fixture
def busy(world: World) -> World:
    """Something happened in both branches."""
    talk = tell(world.north, NOON, [(0, "visitor"), (240, world.anna), (300, "visitor")])
    resolve(talk, world.anna, NOON + timedelta(minutes=80))
    rate(talk, 5, NOON + timedelta(hours=2))
    tell(world.south, NOON - timedelta(days=1), [(0, "visitor"), (5, world.boris)])
    tell(world.north, NOON - timedelta(days=7), [(0, "visitor"), (480, world.anna)])
    return world


def table(response: Any) -> list[dict[str, str]]:
    """Read a CSV file."""
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


# --- The page ------------------------------------------------------------------------------------


def test_the_page_shows_figures_and_how_they_were_before(
    busy: World, vera: Callable[..., Page]
) -> None:
    page = vera()
    assert page.status == 200
    assert page.title.startswith("Reports · Messenger")
    text = page.text
    assert "New conversations 2 1 more, before: 1" in text
    assert "First response 2 min 74% shorter, before: 8 min 9 of 10 within 4 min" in text
    assert "Time to resolution 1 h 20 min" in text
    assert "Satisfied visitors 100% before: none ratings: 1" in text
    assert "Compared with May 6, 2024 to May 12, 2024." in text
    assert "Days are those of the time zone UTC." in text
    for name in ("Website North", "Website South", "Anna", "Boris"):
        assert name in text
    assert "What the figures mean" in text


def test_charts_and_tables_say_the_same(busy: World, vera: Callable[..., Page]) -> None:
    html = vera().html
    assert html.count('role="img"') == 3
    assert "<title>May 15, 2024, New: 1</title>" in html
    assert "<title>May 15, 2024, Median: 4\u00a0min</title>" in html
    row = re.search(r'<time datetime="2024-05-15">.*?</tr>', html, re.S)
    assert row is not None
    assert re.findall(r">([^<>]*)</td>", row[0]) == ["1", "1"]
    assert "style=" not in html
    assert "<script" not in html.partition("<main")[2].partition("</main>")[0]
    # A table has a caption and heads, a single day no charts.
    assert html.count("<table") == html.count("<caption")
    assert 'role="img"' not in vera(**{"from": "2024-05-15", "to": "2024-05-15"}).html


def test_the_form_works_without_a_script_and_makes_an_address(
    busy: World, vera: Callable[..., Page]
) -> None:
    page = vera().press(
        "Show", inbox=str(busy.south.public_id), operator=str(busy.boris.pk), to="2024-05-20"
    )
    assert page.value("from") == "2024-05-13"
    assert page.value("to") == "2024-05-20"
    assert page.value("inbox") == str(busy.south.public_id)
    assert page.value("operator") == str(busy.boris.pk)
    assert "New conversations 1" in page.text
    month = page.follow("Last 30 days")
    assert month.value("inbox") == str(busy.south.public_id)
    assert "Nothing happened in these days" in month.text
    today = timezone.now().date()
    assert month.value("to") == today.isoformat()
    assert month.value("from") == (today - timedelta(days=29)).isoformat()


def test_without_parameters_it_is_the_last_seven_days(vera: Callable[..., Page]) -> None:
    page = vera(period="")
    assert page.value("from") == (timezone.now().date() - timedelta(days=6)).isoformat()
    assert 'aria-current="true">Last 7 days' in page.html
    assert "No visitor wrote" in page.text


def test_days_may_be_written_as_people_do(busy: World, vera: Callable[..., Page]) -> None:
    assert "New conversations 2" in vera(**{"from": "05/13/2024", "to": "05/19/2024"}).text
    client = client_of(busy.vera, headers={"accept-language": "ru"})
    page = visit(client, REPORTS, **{"from": "13.05.2024", "to": "19.05.2024"})
    assert page.status == 200


def test_who_did_nothing_has_no_row_and_nobody_has_one(
    world: World, vera: Callable[..., Page]
) -> None:
    tell(world.north, NOON, [(0, "visitor")])
    page = vera()
    assert "Nobody or a deleted account 1 1" in page.text
    assert "Website South 0" not in page.text


# --- What makes no sense -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "2024-05-19", "to": "2024-05-13"}, "The last day is before the first one."),
        ({"from": "2010-01-01", "to": "2024-01-01"}, "Choose no more than 366 days."),
        ({"from": "nonsense", "to": "2024-01-01"}, "Write a day such as 2026-01-31."),
        ({"from": "2024-02-30", "to": "2024-03-01"}, "Write a day such as 2026-01-31."),
        ({"from": "2024-01-01"}, "Choose a day."),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "Choose a later day."),
        ({"from": "9999-12-30", "to": "9999-12-31"}, "Choose an earlier day."),
        ({"from": "a\x00b", "to": "2024-01-01"}, "Write a day such as 2026-01-31."),
        ({"period": "\x00"}, "There is no such period."),
        ({"period": "century"}, "There is no such period."),
        ({"operator": "x" * 5000}, "There is no such operator."),
        ({"inbox": "00000000-0000-0000-0000-000000000000"}, "There is no such inbox."),
    ],
)
def test_a_report_that_cannot_be_is_refused_in_words(
    busy: World, vera: Callable[..., Page], query: dict[str, str], words: str
) -> None:
    page = vera(**query)
    assert page.status == 400
    assert "This report cannot be shown." in page.text
    assert words in page.text
    assert "New conversations 2" not in page.text
    for name in ("from", "to"):
        typed = query.get(name, "").replace("\x00", "\ufffd")
        assert "period" in query or page.value(name) == typed or not (set(query) & {"from", "to"})
    client = client_of(busy.vera)
    assert client.get(CSV, query).status_code == 400
    # Everything can be put right on the same page.
    good = page.press("Show", inbox="", operator="", **DAYS)
    assert "New conversations 2" in good.text


def test_a_table_that_there_is_not(busy: World) -> None:
    response = client_of(busy.vera).get(CSV, {"table": "secrets", **DAYS})
    assert response.status_code == 400
    assert "There is no such table." in response.content.decode()


# --- Who sees what -------------------------------------------------------------------------------


def test_it_takes_a_permission(world: World) -> None:
    for user in (world.anna, make_user()):
        client = client_of(user)
        for url in (REPORTS, CSV):
            page = visit(client, url)
            assert page.status == 403
            assert "django_messenger.view_reports" in page.text
    assert f'href="{REPORTS}"' not in visit(client_of(world.anna)).html
    assert f'href="{REPORTS}"' in visit(client_of(world.vera)).html
    assert Client().get(REPORTS).status_code == 302


def test_another_branch_is_in_no_figure_table_file_or_choice(busy: World) -> None:
    client = client_of(make_supervisor(busy.south.branch, name="Sven"))
    page = visit(client, REPORTS, **DAYS)
    files = [client.get(CSV, {"table": name, **DAYS}).content.decode() for name in TABLES]
    for text in (page.html, *files):
        for secret in ("Anna", "North", str(busy.north.public_id)):
            assert secret not in text
    assert "New conversations 1" in page.text
    assert sum(int(row["new"]) for row in table(client.get(CSV, DAYS))) == 1


@pytest.mark.parametrize("name", ["inbox", "operator"])
def test_what_is_foreign_looks_like_what_does_not_exist(busy: World, name: str) -> None:
    client = client_of(make_supervisor(busy.south.branch))
    gone = make_operator(busy.south.branch)
    key = gone.pk
    gone.delete()
    foreign = {"inbox": busy.north.public_id, "operator": busy.anna.pk}[name]
    absent = {"inbox": uuid4(), "operator": key}[name]
    answers = []
    for value in (foreign, absent):
        response = client.get(REPORTS, {**DAYS, name: str(value)})
        assert response.status_code == 400
        html = response.content.decode().replace(f"{name}={value}", "…")
        answers.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html))
    assert answers[0] == answers[1]


# --- Files ---------------------------------------------------------------------------------------


def test_files_hold_seconds_and_iso_days(busy: World) -> None:
    client = client_of(busy.vera)
    response = client.get(CSV, {"table": "days", **DAYS})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    name = "messenger-days-2024-05-13-2024-05-19.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in response["Cache-Control"]
    rows = table(response)
    assert [row["date"] for row in rows][::6] == ["2024-05-13", "2024-05-19"]
    wednesday = rows[2]
    assert (wednesday["new"], wednesday["first_response_median_seconds"]) == ("1", "240")
    assert wednesday["resolution_median_seconds"] == "4800"
    assert (wednesday["ratings"], wednesday["good_ratings"]) == ("1", "1")
    assert rows[0]["first_response_median_seconds"] == ""
    inboxes = table(client.get(CSV, {"table": "inboxes", **DAYS}))
    assert [(row["inbox"], row["new"]) for row in inboxes] == [
        ("Website North", "1"),
        ("Website South", "1"),
    ]
    narrowed = {"table": "operators", "operator": str(busy.boris.pk), **DAYS}
    assert [row["operator"] for row in table(client.get(CSV, narrowed))] == ["Boris"]


def test_the_links_to_files_name_the_days(busy: World, vera: Callable[..., Page]) -> None:
    page = vera(period="month")
    today = timezone.now().date()
    assert "Nothing happened" in page.text
    page = vera()
    links = [url for url in page.links.values() if url.startswith(CSV)]
    assert len(links) == 3
    for url in links:
        assert "from=2024-05-13&to=2024-05-19" in url
        assert table(page.client.get(url))
    assert today


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "'=1"]
)
def test_no_cell_is_a_formula(busy: World, name: str) -> None:
    Inbox.objects.filter(pk=busy.north.pk).update(name=name)
    operator = busy.anna.messenger_operator
    operator.display_name = name
    operator.save()
    client = client_of(busy.vera)
    for kind, column in (("inboxes", "inbox"), ("operators", "operator")):
        cells = [row[column] for row in table(client.get(CSV, {"table": kind, **DAYS}))]
        assert (name if name.startswith("'") else f"'{name}") in cells
        assert not any(cell[:1] in "=+-@\t\r" for cell in cells if cell)


def test_harmless_cells_stay_as_they_are() -> None:
    for text in ("", "Anna", "A = B", "1-2", "Ольга", '"x"', "a,b"):
        assert safe_cell(text) == text


# --- Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words", "russian"),
    [
        (0, "0 s", "0 с"),  # noqa: RUF001
        (59.4, "59 s", "59 с"),  # noqa: RUF001
        (59.6, "1 min", "1 мин"),
        (3569, "59 min", "59 мин"),
        (3571, "1 h", "1 ч"),
        (4800, "1 h 20 min", "1 ч 20 мин"),
        (47 * 3600 + 3599, "2 d", "2 дн"),
        (52 * 3600, "2 d 4 h", "2 дн 4 ч"),
    ],
)
def test_lengths_of_time(seconds: float, words: str, russian: str) -> None:
    assert in_words(seconds).replace("\u00a0", " ") == words
    with translation.override("ru"):
        assert in_words(seconds).replace("\u00a0", " ") == russian


def test_shares_do_not_break_either() -> None:
    assert percent(0.125) == "12%"
    with translation.override("ru"):
        assert percent(1) == "100\u00a0%"


@pytest.mark.parametrize(
    ("now", "was", "text", "tone"),
    [
        (3, 0, "before: none", "even"),
        (3, 3, "as many as before", "even"),
        (4, 3, "1 more, before: 3", "bad"),
        (30, 20, "50% more, before: 20", "bad"),
        (90, 20, "70 more, before: 20", "bad"),
        (5, 20, "75% less, before: 20", "good"),
    ],
)
def test_changes_are_said_in_words(now: int, was: int, text: str, tone: str) -> None:
    missed = make_tiles(report_of(Figures(missed=now), Figures(missed=was)))[1].change
    assert (missed.text, missed.tone) == (text, tone)


def test_changes_of_times_and_shares() -> None:
    slow, quick = Spread(120, 300), Spread(60, 90)
    now = Figures(first_response=slow, waiting=quick, ratings=4, good=1)
    was = Figures(first_response=quick, waiting=slow, resolution=slow, ratings=4, good=3)
    tiles = {tile.name: tile.change for tile in make_tiles(report_of(now, was))}
    assert tiles["first-response"].text == "100% longer, before: 1\u00a0min"
    assert tiles["waiting"].text == "50% shorter, before: 2\u00a0min"
    assert tiles["resolution"].text == "before: 2\u00a0min"
    assert tiles["satisfaction"].text == "worse, before: 75%"
    assert [tiles[name].tone for name in ("first-response", "waiting", "satisfaction")] == [
        "bad",
        "good",
        "bad",
    ]


def test_a_day_that_is_not_over_says_so() -> None:
    report = report_of(Figures(), Figures(), until=datetime(2024, 5, 14, 9, tzinfo=UTC))
    assert compared_with(report) == "Compared with May 14, 2024, up to the same time of day."


def report_of(now: Figures, was: Figures, *, until: datetime | None = None) -> Report:
    """A report of one day with these figures."""
    day = NOON.date()
    start = datetime(2024, 5, 14, tzinfo=UTC)
    bounds = (start, until or start + timedelta(days=1))
    return Report(Period(day, day), bounds, now, was, [(day, now)], [], [])


def test_the_page_speaks_russian(busy: World) -> None:
    for _ in range(4):
        talk = tell(busy.north, NOON, [(0, "visitor"), (5, busy.anna)])
        resolve(talk, busy.anna, NOON)
        rate(talk, 5, NOON)
    client = client_of(busy.vera, headers={"accept-language": "ru"})
    page = visit(client, REPORTS, **DAYS)
    assert "Отчёты" in page.title
    assert "Новые диалоги" in page.text
    assert "5 оценок" in page.text
    assert page.html.count('lang="ru"') == 1
    assert "{" not in page.text
