"""Plays the written conversations through the messenger's services, then dates them back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crm.demo.people import Cast, demo_id
from crm.demo.story import Line, Story
from django_messenger.conf import conf
from django_messenger.models import Contact, Conversation, Inbox, Message, Rating
from django_messenger.services import conversations, messages
from django_messenger.services.ratings import rate_conversation

SITE = "https://ash-chisel.example"
SUPERVISOR = "vera"

_DONE = {"resolved", "closed"}


def tell(story: Story, cast: Cast, now: datetime) -> bool:
    """Bring one conversation to life; return False if it had been there before."""
    public_id = demo_id("conversation", story.key)
    if Conversation.objects.filter(public_id=public_id).exists():
        return False
    start = now - story.ago
    inbox = cast.inboxes[story.inbox]
    contact = _contact(story, inbox, start)
    conversation, _ = conversations.open_conversation(
        inbox=inbox,
        contact=contact,
        public_id=public_id,
        source_url=SITE + story.page,
        locale=story.locale,
    )
    said = _say_all(story, cast, conversation)
    conversation = _set_state(story, cast, conversation, now)
    if story.rating:
        rate_conversation(conversation=conversation, score=story.rating, comment=story.comment)
    _mark_read(story, cast, conversation, said)
    _backdate(story, conversation, said, start)
    return True


def _contact(story: Story, inbox: Inbox, start: datetime) -> Contact:
    public_id = demo_id("contact", story.contact_key)
    known = Contact.objects.filter(public_id=public_id).first()
    if known is not None:
        return known
    own = {name: story.contact.get(name, "") for name in ("name", "email", "phone", "external_id")}
    trust = Contact.Trust.ANONYMOUS
    if own["external_id"]:
        trust = Contact.Trust.VERIFIED
    elif any(own.values()):
        trust = Contact.Trust.CLAIMED
    attributes = {name: value for name, value in story.contact.items() if name not in own}
    contact = Contact.objects.create(
        public_id=public_id, branch=inbox.branch, trust=trust, attributes=attributes, **own
    )
    Contact.objects.filter(pk=contact.pk).update(created_at=start)
    return contact


def _say_all(story: Story, cast: Cast, conversation: Conversation) -> list[Message]:
    said: list[Message] = []
    for line in story.lines:
        if line.by_staff and conversation.assignee is None and story.assignee:
            conversation = _assign(story, cast, conversation)
        said.append(_say(line, cast, conversation))
    if story.assignee and conversation.assignee is None:
        _assign(story, cast, conversation)
    return said


def _assign(story: Story, cast: Cast, conversation: Conversation) -> Conversation:
    user = cast.users[story.assignee or ""]
    return conversations.assign_conversation(user=user, conversation=conversation, assignee=user)


def _say(line: Line, cast: Cast, conversation: Conversation) -> Message:
    body = line.text[: conf.MAX_MESSAGE_LENGTH]
    if line.by_visitor:
        quarantined = line.manner == "honeypot"
        done = messages.send_message(conversation=conversation, body=body, quarantined=quarantined)
    elif line.by_staff:
        done = messages.reply_message(
            user=cast.users[line.who],
            conversation=conversation,
            body=body,
            note=line.manner == "note",
        )
    else:
        done = messages.append_message(conversation=conversation, kind=Message.Kind.BOT, body=body)
    return done.message


def _set_state(story: Story, cast: Cast, conversation: Conversation, now: datetime) -> Conversation:
    return conversations.change_conversation(
        user=cast.users[story.assignee or SUPERVISOR],
        conversation=conversation,
        status=story.status,
        snoozed_until=now + story.snooze if story.snooze else None,
        priority=story.priority,
        labels=[cast.labels[name] for name in story.labels],
    )


def _mark_read(story: Story, cast: Cast, conversation: Conversation, said: list[Message]) -> None:
    """Whoever writes has read what stands above; a finished conversation has been read."""
    last_seq = {line.who: message.seq for line, message in zip(story.lines, said, strict=True)}
    if story.status in _DONE:
        last_seq |= {"visitor": said[-1].seq, story.assignee or SUPERVISOR: said[-1].seq}
    for who, seq in last_seq.items():
        if who == "visitor":
            conversations.read_by_visitor(conversation=conversation, read_seq=seq)
        elif who in cast.users:
            conversations.read_conversation(
                user=cast.users[who], conversation=conversation, read_seq=seq
            )


def _backdate(
    story: Story, conversation: Conversation, said: list[Message], start: datetime
) -> None:
    """Move everything to when it is told to have happened.

    No service writes the past, so this is plain SQL. It runs in the transaction that made the
    rows: nobody has seen them, and no cursor can miss the change.
    """
    for number, (line, message) in enumerate(zip(story.lines, said, strict=True)):
        message.public_id = demo_id("message", story.key, str(number))
        message.created_at = start + line.after
        message.quarantined_at = message.quarantined_at and message.created_at
    Message.objects.bulk_update(said, ["public_id", "created_at", "quarantined_at"])
    times: dict[str, Any] = {"created_at": start}
    shown = [line for line in story.lines if line.is_shown]
    answers = [line.after for line in shown if line.by_staff]
    if shown:
        times["last_message_at"] = start + shown[-1].after
    if answers:
        times["first_response_at"] = start + answers[0]
    waiting = [
        line.after
        for line in shown
        if line.by_visitor and line.after > max(answers, default=timedelta(-1))
    ]
    if waiting:
        times["waiting_since"] = start + waiting[0]
    end = start + story.lines[-1].after
    if story.status == "resolved":
        times["resolved_at"] = end + timedelta(minutes=2)
    Rating.objects.filter(conversation=conversation).update(rated_at=end + timedelta(minutes=5))
    Conversation.objects.filter(pk=conversation.pk).update(**times)
