"""Setting up inboxes in the panel, without a script."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from django_messenger.models import Inbox
from django_messenger.panel.settings.inboxes import PARTS
from django_messenger.panel.settings.parts import origin_of
from django_messenger.panel.settings.texts import BUILT_IN
from tests.factories import make_conversation, make_inbox, make_supervisor, make_user
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, visit
from tests.perf.counting import measure

INBOXES = "/messenger/settings/inboxes/"


def url(inbox: Inbox, part: str = "general") -> str:
    return f"{INBOXES}{inbox.public_id}/{part}/"


def fresh(inbox: Inbox) -> Inbox:
    return Inbox.objects.get(pk=inbox.pk)


@pytest.fixture
def supervisor(world: World) -> Any:
    """Somebody who manages North, and North only."""
    return make_supervisor(world.north.branch, name="Nina")


@pytest.fixture
def client(supervisor: Any) -> Any:
    return client_of(supervisor)


def test_the_list_shows_the_inboxes_of_ones_branches(world: World, client: Any) -> None:
    make_conversation(world.north)
    page = visit(client, "/messenger/settings/").follow("Inboxes")
    assert "Website North" in page.links
    assert "Website South" not in page.text
    assert page.lines.count("Open conversations") == 0
    assert "North" in page.text


def test_the_list_costs_the_same_with_more_inboxes(world: World, client: Any) -> None:
    visit(client, INBOXES)
    with measure() as one:
        assert visit(client, INBOXES).status == 200
    for _ in range(20):
        make_conversation(make_inbox(world.north.branch))
    with measure() as many:
        visit(client, INBOXES)
    assert len(many.sql) == len(one.sql)
    assert len(one.sql) <= 15


@pytest.mark.parametrize("part", PARTS)
def test_every_page_of_a_foreign_inbox_is_absent(world: World, client: Any, part: str) -> None:
    south = fresh(world.south)
    absent = client.get(f"{INBOXES}{uuid.uuid4()}/{part}/")
    foreign = client.get(url(world.south, part))
    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert client.post(url(world.south, part), {"name": "Ours"}).status_code == 404
    for action in ("switch", "token", "delete"):
        assert client.post(url(world.south, action), {"sure": "1"}).status_code == 404
    assert fresh(world.south).__dict__.keys() == south.__dict__.keys()
    assert fresh(world.south).widget_token == south.widget_token
    assert fresh(world.south).is_active


@pytest.mark.parametrize("part", ["", "new/", *PARTS])
def test_who_may_not_manage_reads_which_permission_is_missing(world: World, part: str) -> None:
    client = client_of(world.anna)
    path = INBOXES + (f"{world.north.public_id}/{part}/" if part in PARTS else part)
    page = visit(client, path)
    assert page.status == 403
    assert "django_messenger.change_inbox" in page.text
    assert client.post(path, {"name": "Mine"}).status_code == 403
    assert client.post(url(world.north, "token"), {"sure": "1"}).status_code == 403
    assert fresh(world.north).name == "Website North"


def test_every_form_needs_its_token(world: World, supervisor: Any) -> None:
    strict = client_of(supervisor, enforce_csrf_checks=True)
    assert strict.post(url(world.north), {"name": "Forged"}).status_code == 403
    assert visit(strict, url(world.north)).press("Save", name="Shop").status == 200
    assert fresh(world.north).name == "Shop"


def test_an_inbox_is_made_in_one_of_ones_branches(world: World, client: Any) -> None:
    page = visit(client, INBOXES).follow("Create an inbox").press("Create", name="Second shop")
    made = Inbox.objects.get(name="Second shop")
    assert made.branch == world.north.branch
    assert page.url == url(made, "install")
    assert made.widget_token in page.text


def test_no_inbox_is_made_in_a_foreign_branch(world: World, client: Any) -> None:
    page = visit(client, f"{INBOXES}new/")
    answer = page.press("Create", name="Theirs", branch=str(world.south.branch.pk))
    assert answer.status == 400
    assert answer.value("name") == "Theirs"
    assert not Inbox.objects.filter(name="Theirs").exists()


def test_the_branch_is_shown_and_why_it_stays(world: World, client: Any) -> None:
    page = visit(client, url(world.north))
    assert "It cannot be changed" in page.text
    page.press("Save", branch=str(world.south.branch.pk))
    assert fresh(world.north).branch == world.north.branch


def test_what_was_typed_is_kept_beside_what_is_wrong(world: World, client: Any) -> None:
    page = visit(client, url(world.north)).press("Save", name="", reopen_hours="many")
    assert page.status == 400
    assert page.value("reopen_hours") == "many"
    assert "This field is required." in page.text
    assert "Website North" in page.text
    assert "Not done" in page.title


def test_every_option_of_the_first_page_is_stored(world: World, client: Any) -> None:
    visit(client, url(world.north)).press(
        "Save",
        name="Shop",
        locale="ru",
        time_zone="Europe/Moscow",
        reopen_hours="5",
        play_sound=[],
    )
    inbox = fresh(world.north)
    assert (inbox.name, inbox.locale, inbox.time_zone) == ("Shop", "ru", "Europe/Moscow")
    assert (inbox.reopen_hours, inbox.play_sound, inbox.offer_emoji) == (5, False, True)


def test_the_look_keeps_the_texts_and_the_texts_the_look(world: World, client: Any) -> None:
    Inbox.objects.filter(pk=world.north.pk).update(
        appearance={"texts": {"send": {"en": "Go"}, "consent": {"de": "Ja"}}}
    )
    look = visit(client, url(world.north, "appearance"))
    look.press("Save", color="#aa0000", position="left", theme="dark")
    texts = visit(client, url(world.north, "texts"))
    texts.press("Save", title__en="Ask us", greeting__ru="Раз,\r\n два")
    assert fresh(world.north).appearance == {
        "color": "#aa0000",
        "position": "left",
        "theme": "dark",
        "title": {"en": "Ask us"},
        "greeting": {"ru": "Раз,\n два"},
        "texts": {"send": {"en": "Go"}, "consent": {"de": "Ja"}},
    }
    visit(client, url(world.north, "texts")).press("Save", title__en="", consent__de="")
    assert "title" not in fresh(world.north).appearance
    assert fresh(world.north).appearance["texts"] == {"send": {"en": "Go"}}


def test_a_language_can_be_added(world: World, client: Any) -> None:
    page = visit(client, url(world.north, "texts")).press("Save", language="de")
    assert "Deutsch" in page.text
    page.press("Save", title__de="Fragen")
    assert fresh(world.north).appearance["title"] == {"de": "Fragen"}
    assert page.press("Save", language="<script>").status == 400


def test_a_bad_colour_is_refused_in_words(world: World, client: Any) -> None:
    page = visit(client, url(world.north, "appearance")).press("Save", color="red")
    assert page.status == 400
    assert "Write a colour such as #1d4ed8." in page.text
    assert fresh(world.north).appearance == {}


def test_questions_and_consent(world: World, client: Any) -> None:
    page = visit(client, url(world.north, "before"))
    wrong = page.press("Save", ask_email="required", ask_consent="1", consent_url="nowhere")
    assert "Write a web address" in wrong.text
    wrong.press("Save", consent_url="https://example.com/privacy")
    inbox = fresh(world.north)
    assert (inbox.ask_email, inbox.ask_consent) == ("required", True)
    assert inbox.consent_url == "https://example.com/privacy"


def test_sites_are_written_one_per_line(world: World, client: Any) -> None:
    typed = "https://Example.com/shop/?a=b\n\nhttps://*.example.com\nhttp://localhost:*\n"
    visit(client, url(world.north, "sites")).press("Save", allowed_origins=typed)
    assert fresh(world.north).allowed_origins == [
        "https://example.com",
        "https://*.example.com",
        "http://localhost:*",
    ]
    page = visit(client, url(world.north, "sites")).press("Save", allowed_origins="example.com")
    assert "example.com is not an origin" in page.text
    assert page.value("allowed_origins") == "example.com"


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("https://example.com:443/", "https://example.com"),
        ("http://example.com:8080/x", "http://example.com:8080"),
        ("https://Пример.рф/каталог", "https://xn--e1afmkfd.xn--p1ai"),
        ("https://*.пример.рф", "https://*.xn--e1afmkfd.xn--p1ai"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1", "http://[::1"),
        ("ftp://example.com", "ftp://example.com"),
        ("https://user@example.com", "https://user@example.com"),
        ("https://", "https://"),
    ],
)
def test_addresses_become_origins(line: str, origin: str) -> None:
    assert origin_of(line) == origin


def test_who_gets_new_conversations(world: World, client: Any) -> None:
    page = visit(client, url(world.north, "assignment"))
    assert "Anna" in page.text
    assert "Boris" not in page.text
    page.press("Save", assignment="least_loaded")
    assert fresh(world.north).assignment == "least_loaded"


def test_a_secret_goes_in_and_never_out(world: World, client: Any) -> None:
    first, second = "a" * 40, "b" * 40
    page = visit(client, url(world.north, "identity"))
    missing = page.press("Save", identity_mode="optional")
    assert "Give it a secret first." in missing.text
    assert "at least 32" in page.press("Save", identity_secret="short").text.lower()
    page.press("Save", identity_mode="optional", identity_secret=first)
    assert fresh(world.north).identity_secret == first
    page = visit(client, url(world.north, "identity"))
    assert first not in page.html
    page.press("Save", identity_secret=second)
    inbox = fresh(world.north)
    assert (inbox.identity_secret, inbox.identity_secret_previous) == (second, first)
    visit(client, url(world.north, "identity")).press("Save", forget_previous="1")
    inbox = fresh(world.north)
    assert (inbox.identity_secret, inbox.identity_secret_previous) == (second, "")


def test_the_second_of_two_is_told_and_loses_nothing(world: World, client: Any) -> None:
    mine, theirs = (visit(client, url(world.north)) for _ in range(2))
    theirs.press("Save", name="Theirs")
    refused = mine.press("Save", name="Mine")
    assert refused.status == 400
    assert "Somebody else has changed these settings meanwhile." in refused.text
    assert refused.value("name") == "Mine"
    assert fresh(world.north).name == "Theirs"
    refused.press("Save")
    assert fresh(world.north).name == "Mine"


def test_other_pages_do_not_collide(world: World, client: Any) -> None:
    page = visit(client, url(world.north))
    visit(client, url(world.north, "sites")).press("Save", allowed_origins="https://a.example")
    assert page.press("Save", name="Shop").status == 200
    assert fresh(world.north).allowed_origins == ["https://a.example"]


def test_an_inbox_is_switched_off_and_on(world: World, client: Any) -> None:
    page = visit(client, url(world.north)).press("Switch the inbox off")
    assert "The inbox is off" in page.text
    assert not fresh(world.north).is_active
    page.press("Switch the inbox on")
    assert fresh(world.north).is_active


def test_only_an_unused_inbox_can_be_deleted(world: World, client: Any) -> None:
    page = visit(client, url(world.north))
    assert "Confirm" in page.press("Delete the inbox").text
    used = make_inbox(world.north.branch)
    make_conversation(used)
    assert "Delete the inbox" not in visit(client, url(used)).buttons
    refused = client.post(url(used, "delete"), {"sure": "1"})
    assert refused.status_code == 400
    assert "Switch it off instead." in refused.content.decode()
    assert page.press("Delete the inbox", sure="1").url == INBOXES
    assert not Inbox.objects.filter(pk=world.north.pk).exists()
    assert Inbox.objects.filter(pk=used.pk).exists()


def test_a_new_token_is_made_only_when_confirmed(world: World, client: Any) -> None:
    old = world.north.widget_token
    page = visit(client, url(world.north, "install"))
    assert "Confirm" in page.press("Make a new token").text
    assert fresh(world.north).widget_token == old
    page = page.press("Make a new token", sure="1")
    assert fresh(world.north).previous_widget_token == old
    assert fresh(world.north).widget_token in page.text
    assert old not in page.text


def test_the_snippet_is_what_the_widget_needs(world: World, client: Any) -> None:
    page = visit(client, url(world.north, "install"))
    token = world.north.widget_token
    loader = "http://testserver/api/widget/loader.js"
    assert f'<script async src="{loader}" data-widget-token="{token}"></script>' in page.text
    assert f'{{% messenger_widget "{token}" %}}' in page.text
    assert "script-src http://testserver; connect-src http://testserver" in page.text


def test_a_host_without_the_widget_has_no_snippet(settings: Any, supervisor: Any) -> None:
    settings.ROOT_URLCONF = "tests.panel.urls_alone"
    inbox = Inbox.objects.get(name="Website North")
    page = visit(client_of(supervisor), f"/office/chat/settings/inboxes/{inbox.public_id}/install/")
    assert page.status == 200
    assert "no widget to install" in page.text


def test_the_preview_is_a_page_of_our_own_frames_only(world: World, client: Any) -> None:
    preview = client.get(url(world.north, "preview"))
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert world.north.widget_token not in preview.content.decode()
    assert client.get(url(world.south, "preview")).status_code == 404
    assert client_of(world.anna).get(url(world.north, "preview")).status_code == 403


def test_an_inbox_that_is_off_has_a_preview_too(world: World, client: Any) -> None:
    world.north.is_active = False
    world.north.save()
    assert '"name": "Website North"' in client.get(url(world.north, "preview")).content.decode()


def test_a_superuser_sees_all(world: World) -> None:
    page = visit(client_of(make_user(superuser=True)), INBOXES)
    assert {"Website North", "Website South"} <= set(page.links)


def test_no_inbox_leads_to_the_first_one(world: World, client: Any) -> None:
    Inbox.objects.all().delete()
    assert visit(client).follow("Create an inbox").url == f"{INBOXES}new/"
    assert "Create an inbox" not in visit(client_of(world.anna)).links
    page: Page = visit(client, INBOXES)
    assert "There is no inbox yet" in page.text
    assert page.follow("Create an inbox").status == 200


def test_the_greyed_texts_are_those_of_the_widget() -> None:
    sources = Path(__file__).parents[2] / "frontend" / "src"
    said = "".join(path.read_text() for path in sources.glob("*/*.js"))
    for texts in BUILT_IN.values():
        for key, text in texts.items():
            assert f"{key}: '{text}'" in said


@pytest.mark.parametrize("junk", ["\x00", "\ud800", "x" * 5000, "<b>", "0", "[]"])
def test_no_input_breaks_a_form(world: World, client: Any, junk: str) -> None:
    for part, one in PARTS.items():
        if one.form is None:
            continue
        form = one.form(instance=fresh(world.north))
        data = {name: junk.encode(errors="surrogatepass") for name in [*form.fields, "version"]}
        assert client.post(url(world.north, part), data).status_code in (302, 400)
