"""``rate/``: what the visitor thought of it, once it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from django_messenger.events import ConversationChanged
from django_messenger.models import Contact, Conversation, Rating
from django_messenger.services.conversations import change_conversation
from django_messenger.signals import conversation_changed
from tests.factories import make_operator
from tests.operators.client import Api
from tests.widget.client import Widget


@pytest.fixture
def anna(conversation: Conversation) -> Any:
    return make_operator(conversation.branch, name="Anna")


@pytest.fixture
def resolved(chat: Widget, conversation: Conversation, anna: Any) -> Conversation:
    """The conversation of ``chat``, which Anna has resolved."""
    chat.send("Hello")
    conversation.refresh_from_db()
    return change_conversation(user=anna, conversation=conversation, status="resolved")


@pytest.mark.parametrize("form", [False, True])
def test_a_rating(chat: Widget, resolved: Conversation, anna: Any, form: bool) -> None:
    chat.form = form
    rated = chat.post("rate/", {"score": 4, "comment": " Quick.\r\nThanks! "}).expect(200)

    assert rated == {
        "conversation": {"id": str(resolved.public_id), "status": "resolved", "rating": 4}
    }
    rating = Rating.objects.get()
    assert (rating.conversation, rating.score, rating.operator) == (resolved, 4, anna)
    assert rating.comment == "Quick.\nThanks!"
    assert timezone.now() - rating.rated_at < timedelta(minutes=1)


def test_rating_again_replaces_it(chat: Widget, resolved: Conversation) -> None:
    chat.post("rate/", {"score": 1, "comment": "Bad"}).expect(200)
    assert chat.post("rate/", {"score": 5}).expect(200)["conversation"]["rating"] == 5
    rating = Rating.objects.get()
    assert (rating.score, rating.comment) == (5, "")


def test_visitors_see_it_everywhere(chat: Widget, resolved: Conversation) -> None:
    cursor = chat.poll().expect(200)["cursor"]
    assert chat.poll(cursor).expect(200)["conversation"] == {"status": "resolved", "rating": None}
    other = Widget(chat.inbox, visitor=chat.visitor).start()
    chat.post("rate/", {"score": 2}).expect(200)

    for tab in (chat, other):
        polled = tab.poll(cursor).expect(200)
        assert polled["conversation"] == {"status": "resolved", "rating": 2}
        quiet = tab.poll(polled["cursor"]).expect(200)
        assert quiet["conversation"] == {"status": "resolved", "rating": 2}
    assert chat.bootstrap().expect(200)["conversation"]["rating"] == 2
    assert chat.send("One more thing").expect(201)["conversation"] == {
        "id": str(resolved.public_id),
        "status": "open",
        "rating": 2,
    }


def test_operators_see_it(chat: Widget, resolved: Conversation, anna: Any) -> None:
    api = Api(anna)
    cursor = api.get("conversations/changes/").json()["cursor"]
    path = f"conversations/{resolved.public_id}/"
    before = api.get(path).json()
    assert (before["rating"], before["rating_comment"], before["rated_at"]) == (None, "", None)
    chat.post("rate/", {"score": 3, "comment": "So-so"}).expect(200)

    (row,) = api.get(f"conversations/changes/?cursor={cursor}").json()["conversations"]
    assert row["rating"] == 3
    assert row["revision"] == before["revision"] + 1
    seen = api.get(path).json()
    assert (seen["rating"], seen["rating_comment"]) == (3, "So-so")
    assert seen["rated_at"].endswith("Z")


def test_host_code_hears_of_it(chat: Widget, resolved: Conversation) -> None:
    heard: list[ConversationChanged] = []

    def listen(event: ConversationChanged, **kwargs: Any) -> None:
        heard.append(event)

    conversation_changed.connect(listen)
    try:
        chat.post("rate/", {"score": 5}).expect(200)
    finally:
        conversation_changed.disconnect(listen)
    assert [event.fields for event in heard] == [("rating",)]
    assert heard[0].conversation.rating == 5


def test_not_while_it_goes_on(chat: Widget, conversation: Conversation) -> None:
    chat.send("Hello")
    for status in ("open", "pending"):
        Conversation.objects.update(status=status)
        assert chat.post("rate/", {"score": 5}).expect(409)["code"] == "not_resolved"
    Conversation.objects.update(status="closed")
    chat.post("rate/", {"score": 5}).expect(200)
    assert Rating.objects.count() == 1


@pytest.mark.parametrize("score", [None, "", 0, 6, -1, 4.5, True, "five", [], "٣", 2**63])
def test_a_score_is_one_to_five(chat: Widget, resolved: Conversation, score: Any) -> None:
    answer = chat.post("rate/", {"score": score}).expect(400)
    assert list(answer["errors"]) == ["score"]
    assert not Rating.objects.exists()


def test_a_comment_has_a_limit(chat: Widget, resolved: Conversation) -> None:
    chat.post("rate/", {"score": 5, "comment": "я" * 1000}).expect(200)
    answer = chat.post("rate/", {"score": 5, "comment": "x" * 1001}).expect(400)
    (problem,) = answer["errors"]["comment"]
    assert (problem["code"], problem["limit"]) == ("too_long", 1000)
    for comment in (5, None, ["x"], "a\x00"):
        bad = chat.post("rate/", {"score": 5, "comment": comment}).expect(400)
        assert list(bad["errors"]) == ["comment"]
    chat.post("rate/", {"score": 5, "comment": "\u200b \u3164"}).expect(200)
    assert Rating.objects.get().comment == ""


def test_of_somebody_who_is_blocked_nothing_is_kept(chat: Widget, resolved: Conversation) -> None:
    Contact.objects.update(blocked_at=timezone.now())
    chat.post("rate/", {"score": 1}).expect(200)
    assert not Rating.objects.exists()


def test_the_database_knows_the_limits_too(resolved: Conversation) -> None:
    now = timezone.now()
    for score in (0, 6):
        with pytest.raises(IntegrityError, match="dm_rating_score"), transaction.atomic():
            Rating.objects.create(conversation=resolved, score=score, rated_at=now)
        with pytest.raises(IntegrityError, match="dm_conversation_rating"), transaction.atomic():
            Conversation.objects.update(rating=score)
    Rating.objects.create(conversation=resolved, score=1, rated_at=now)
    with pytest.raises(IntegrityError, match="conversation_id"):
        Rating.objects.create(conversation=resolved, score=1, rated_at=now)
