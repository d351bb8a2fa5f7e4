"""What an operator reads on the page of a conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_messenger.models import Conversation, Message, ReadMark
from django_messenger.services.conversations import change_conversation, read_by_visitor
from django_messenger.services.messages import append_message, reply_message
from tests.factories import (
    answer,
    make_contact,
    make_conversation,
    make_inbox,
    make_operator,
    make_user,
    say,
)
from tests.panel.conftest import World, client_of
from tests.panel.pages import Page, url_of, visit

Open = Callable[..., Page]


def own_mark(user: Any, conversation: Conversation) -> int:
    mark = ReadMark.objects.filter(user=user, conversation=conversation).first()
    return mark.read_seq if mark else 0


def test_the_thread_tells_who_said_what_in_order(
    world: World, anna: Open, conversation: Conversation
) -> None:
    answer(conversation, world.anna, "Good day, Maria!")
    append_message(conversation=conversation, kind=Message.Kind.BOT, body="We open at nine.")
    append_message(conversation=conversation, kind=Message.Kind.SYSTEM, body="Maria left the page.")
    say(conversation, "Thank you")
    lines = anna(conversation).thread
    said = lines[lines.index("New") + 1 :]
    heads = [said[number] for number in range(0, 10, 2)]
    bodies = [said[number] for number in range(1, 10, 2)]
    assert [re.sub(r" \d.*", "", head) for head in heads] == [
        "Maria",
        "Anna",
        "Bot",
        "System",
        "Maria",
    ]
    assert bodies == [
        "Is anybody there?",
        "Good day, Maria!",
        "We open at nine.",
        "Maria left the page.",
        "Thank you",
    ]


def test_a_note_is_called_one(world: World, anna: Open, conversation: Conversation) -> None:
    answer(conversation, world.anna, "She is a regular", note=True)
    page = anna(conversation)
    assert re.search(r"Note Anna [^/]* She is a regular", page.text)
    assert "dm-line--note" in page.html


def test_days_are_named_once(world: World, anna: Open, conversation: Conversation) -> None:
    now = timezone.now()
    for days in (400, 1, 1, 0):
        message = say(conversation, f"{days} days ago")
        moment = now - timedelta(days=days)
        Message.objects.filter(pk=message.pk).update(created_at=moment)
    lines = [line for line in anna(conversation).thread if line in ("Today", "Yesterday")]
    # The message of the fixture is of today too, and stands first.
    assert lines == ["Today", "Yesterday", "Today"]


def test_times_are_local_and_carry_their_offset(
    settings: Any, world: World, anna: Open, conversation: Conversation
) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    moment = datetime(2026, 3, 1, 20, 30, tzinfo=ZoneInfo("UTC"))
    Message.objects.filter(conversation=conversation).update(created_at=moment)
    html = anna(conversation).html
    assert 'datetime="2026-03-02T02:15:00+05:45"' in html
    assert "March 2, 2026" in html


def test_a_long_thread_opens_at_its_end_and_leads_back(
    world: World, anna: Open, conversation: Conversation
) -> None:
    for number in range(120):
        say(conversation, f"Line {number}.")
    newest = anna(conversation)
    assert "Line 119." in newest.thread
    assert "Line 89." not in newest.thread
    middle = newest.follow("Earlier messages")
    assert "Line 89." in middle.thread
    assert "Line 90." not in middle.thread
    oldest = middle.follow("Earlier messages").follow("Earlier messages").follow("Earlier messages")
    assert "Is anybody there?" in oldest.text
    assert "Earlier messages" not in oldest.links
    assert oldest.follow("To the newest messages").text == anna(conversation).text


def test_an_earlier_page_is_for_reading_only(anna: Open, conversation: Conversation) -> None:
    for number in range(60):
        say(conversation, f"Line {number}.")
    earlier = anna(conversation).follow("Earlier messages")
    assert "SendSave note" not in earlier.buttons
    assert "Resolve" not in earlier.buttons


def test_a_strange_place_shows_the_newest_messages(anna: Open, conversation: Conversation) -> None:
    for before in ("nonsense", "-1", "\u0661\u0662", "9" * 30, "\x00"):
        page = anna(url_of(conversation), before=before)
        assert page.status == 200
        assert "Is anybody there?" in page.text


def test_what_is_new_stands_under_a_line(
    world: World, anna: Open, conversation: Conversation
) -> None:
    assert "New" in anna(conversation).thread
    assert "New" not in anna(conversation).thread
    answer(conversation, make_operator(world.north.branch), "By a colleague")
    say(conversation, "Fresh")
    lines = anna(conversation).thread
    assert lines.index("By a colleague") < lines.index("New") < lines.index("Fresh")


def test_opening_marks_as_read_once(world: World, anna: Open, conversation: Conversation) -> None:
    newest = say(conversation, "And hello?").seq
    anna(conversation)
    assert own_mark(world.anna, conversation) == newest
    conversation.refresh_from_db()
    assert conversation.operator_read_seq == newest
    revision = conversation.revision
    anna(conversation)
    conversation.refresh_from_db()
    assert conversation.revision == revision
    assert own_mark(world.vera, conversation) == 0


def test_what_a_browser_fetches_in_advance_is_not_read(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.anna)
    for headers in (
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
    ):
        assert client.get(url_of(conversation), headers=headers).status_code == 200
    assert client.head(url_of(conversation)).status_code == 200
    assert own_mark(world.anna, conversation) == 0


def test_an_older_page_does_not_move_the_mark(
    world: World, anna: Open, conversation: Conversation
) -> None:
    for number in range(60):
        say(conversation, f"Line {number}.")
    anna(url_of(conversation), before="5")
    assert own_mark(world.anna, conversation) == 0


def test_the_last_answer_that_the_visitor_has_read_is_marked(
    world: World, anna: Open, conversation: Conversation
) -> None:
    first = answer(conversation, world.anna, "First answer")
    answer(conversation, world.anna, "Second answer")
    assert "Seen by the visitor" not in anna(conversation).text
    read_by_visitor(conversation=conversation, read_seq=first.seq)
    page = anna(conversation)
    assert page.thread[page.thread.index("First answer") + 1] == "Seen by the visitor"
    assert page.text.count("Seen by the visitor") == 1


def test_a_removed_message_keeps_its_place_without_its_text(
    anna: Open, conversation: Conversation
) -> None:
    message = say(conversation, "My card number is 42")
    Message.objects.filter(pk=message.pk).update(removed_at=timezone.now())
    page = anna(conversation)
    assert page.thread[-1] == "This message was removed."
    assert "My card number" not in " ".join(page.thread)


def test_what_is_in_quarantine_is_not_shown(anna: Open, conversation: Conversation) -> None:
    say(conversation, "Buy cheap watches", quarantined=True)
    assert "Buy cheap watches" not in anna(conversation).html


def test_texts_are_shown_as_they_were_written(anna: Open, conversation: Conversation) -> None:
    say(
        conversation,
        "<script>alert('x')</script>\n  two  spaces & an &amp;\n\u05e9\u05dc\u05d5\u05dd",
    )
    html = anna(conversation).html
    assert (
        'dir="auto">&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;\n  two  spaces &amp; an'
        " &amp;amp;\n\u05e9\u05dc\u05d5\u05dd</p>"
    ) in html


def test_nothing_stands_inline(world: World, anna: Open, conversation: Conversation) -> None:
    for html in (anna().html, anna(conversation).html):
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
        scripts = re.findall(r"<script[^>]*>", html)
        assert all("src=" in tag or 'type="application/json"' in tag for tag in scripts)


@pytest.mark.parametrize(
    ("trust", "words"),
    [
        ("verified", "Verified Signed in on the site"),
        ("claimed", "Unverified The visitor typed these details"),
        ("anonymous", "Anonymous The visitor has not said who they are"),
    ],
)
def test_the_card_says_how_far_the_visitor_can_be_trusted(
    world: World, anna: Open, trust: str, words: str
) -> None:
    contact = make_contact(
        world.north.branch, name="Ivan", email="i@example.com", phone="+7 900", trust=trust
    )
    conversation = make_conversation(
        world.north,
        contact,
        source_url="https://shop.example/table?a=1",
        referrer="javascript:alert(1)",
        locale="ru",
    )
    page = anna(conversation)
    assert words in page.text
    assert "E-mail i@example.com" in page.text
    assert "Phone +7 900" in page.text
    assert page.links["https://shop.example/table?a=1"] == "https://shop.example/table?a=1"
    assert "Came there from javascript:alert(1)" in page.text
    assert "javascript:alert(1)" not in page.links.values()


def test_other_conversations_of_the_visitor_are_listed(
    world: World, anna: Open, conversation: Conversation
) -> None:
    change_conversation(user=world.anna, conversation=conversation, status="resolved")
    inbox = make_inbox(world.north.branch)
    other = make_conversation(inbox, conversation.contact, body="Another question")
    make_conversation(world.south, make_contact(world.south.branch, name="Maria"), body="Not hers")
    page = anna(other)
    assert page.links["Is anybody there?"] == url_of(conversation)
    assert "Not hers" not in page.text
    assert page.follow("Is anybody there?").links["Another question"]


def test_one_may_read_without_the_right_to_answer(world: World, conversation: Conversation) -> None:
    user = make_operator(world.north.branch)
    user.groups.clear()
    view = Permission.objects.get(codename="view_conversation")
    user.user_permissions.add(view)
    page = visit(client_of(user), conversation)
    assert "Is anybody there?" in page.text
    assert "django_messenger.add_message" in page.text
    for button in ("SendSave note", "Take", "Resolve", "Save"):
        assert button not in page.buttons


def test_the_author_of_a_note_may_have_left(world: World, conversation: Conversation) -> None:
    colleague = make_user(superuser=True)
    answer(conversation, colleague, "Said by somebody without an operator row")
    page = visit(client_of(world.anna), conversation)
    assert colleague.get_username() in page.text
    colleague.delete()
    assert "Former colleague" in visit(client_of(world.anna), conversation).text


def test_a_thread_costs_the_same_for_one_message_and_for_fifty(
    world: World, conversation: Conversation
) -> None:
    client = client_of(world.vera)

    def count_queries() -> int:
        visit(client, conversation)  # marks as read
        with CaptureQueriesContext(connection) as queries:
            assert visit(client, conversation).status == 200
        return len(queries)

    few = count_queries()
    for _ in range(25):
        colleague = make_operator(world.north.branch)
        reply_message(user=colleague, conversation=conversation, body="Hello")
        reply_message(user=colleague, conversation=conversation, body="A note", note=True)
    assert count_queries() == few
    assert few <= 27


def test_all_of_it_is_there_in_russian(world: World, conversation: Conversation) -> None:
    client = client_of(world.vera, headers={"accept-language": "ru"})
    answer(conversation, world.anna, "Проверить склад", note=True)
    page = visit(client, conversation)
    assert 'lang="ru"' in page.html
    for words in ("Заметка", "Решить", "Отложить", "Ответственный", "Приоритет и метки"):
        assert words in page.text
    latin = {
        "Maria",
        "Anna",
        "Vera",
        "Boris",
        "South",
        "Website",
        "North",
        "Is",
        "anybody",
        "there",
        "M",
        "m",
        "V",
        "UTC",
    }
    left = set(re.findall(r"[A-Za-z]+", page.text)) - latin - {"example", "com"}
    assert not left
    assert "Ждут ответа" in visit(client).text


def test_the_word_of_a_visitors_form_stays_with_the_visitor(
    world: World, anna: Open, conversation: Conversation
) -> None:
    say(conversation, "Hello again", client_id="visitors-word")
    page = anna(conversation)
    own = page.value("client_id")
    html = page.send("Good day!").html
    assert f'data-dm-sent="{own}"' in html
    assert "visitors-word" not in html
