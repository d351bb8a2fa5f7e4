"""Search: what is found, how it is marked, what is never found, and what it may cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from django_messenger.exceptions import InvalidInput
from django_messenger.models import Contact, Conversation, Message
from django_messenger.selectors import search as search_module
from django_messenger.selectors.conversations import list_conversations
from django_messenger.selectors.found import Part, mark_words, search
from django_messenger.selectors.search import contacts_with, message_query, messages_with
from tests.factories import answer, make_contact, make_conversation, say
from tests.operators.client import Api, ids, url
from tests.operators.conftest import World


def lines(result: Any) -> list[str]:
    """The lines of a search as text, hits in brackets."""
    return ["".join(f"[{p.text}]" if p.hit else p.text for p in f.line) for f in result]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Где мой заказ?", "заказы"),
        ("Где мои заказы?", "заказ"),
        ("Договор подписан", "дого"),
        ("Ещё не приехал", "еще"),
        ("Еще не приехал", "ещё"),
        ("The chairs were delivered", "chair deliver"),
        ("Write to Olga@Example.com please", "olga@example.com"),
        ("<договор>", "договор"),
        ("Order N-4711 is late", "4711"),
        ("it's late", "it's"),
        ("ЗАКАЗ", "заказ"),  # noqa: RUF001
    ],
)
def test_words_are_found(world: World, body: str, text: str) -> None:
    conversation = make_conversation(world.north, body=body)
    make_conversation(world.north, body="Nothing of the kind")
    (found,) = search(world.anna, text).conversations
    assert found.conversation == conversation
    assert any(part.hit for part in found.line)
    assert list(list_conversations(world.anna, text=text)) == [conversation]


@pytest.mark.parametrize("text", ["%", "' :* & !(", "\\", "&", "", "   ", "–", "'"])  # noqa: RUF001
def test_a_text_without_a_word_finds_nothing(world: World, text: str) -> None:
    make_conversation(world.north, body="50 % ' & \\")
    result = search(world.anna, text)
    assert (result.conversations, result.contacts, result.truncated) == ([], [], False)


@pytest.mark.parametrize("text", ["a & !b", "a | (b", "x:*", "<->", "'a", "b\\", "a:b*c'd"])
def test_nothing_typed_is_an_operator(world: World, text: str) -> None:
    make_conversation(world.north, body="a b x c d")
    search(world.anna, text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": "Пётр Ильин"}, "петр"),
        ({"name": "Пётр Ильин"}, "ильин пет"),
        ({"email": "olga.k@example.com"}, "olga"),
        ({"email": "olga.k@example.com"}, "@example.com"),
        ({"email": "olga.k@example.com"}, "olga.k@example.com"),
        ({"phone": "+7 (912) 345-67-89"}, "8 912 345-67-89"),
        ({"phone": "+7 (912) 345-67-89"}, "+7912"),
        ({"phone": "+7 (912) 345-67-89"}, "67-89"),
        ({"phone": "+7 (912) 345-67-89"}, "912 345"),
    ],
)
def test_people_are_found(world: World, fields: dict[str, str], text: str) -> None:
    contact = make_contact(world.north.branch, **fields)
    conversation = make_conversation(world.north, contact)
    make_conversation(world.north, make_contact(world.north.branch, name="Other"))
    result = search(world.anna, text)
    assert [found.contact for found in result.contacts] == [contact]
    assert [found.conversation for found in result.conversations] == [conversation]
    assert result.conversations[0].message is None
    assert ids(Api(world.anna).get("contacts/", q=text)) == [str(contact.public_id)]


def test_the_line_shows_the_newest_message_that_fits(world: World) -> None:
    conversation = make_conversation(world.north, body="Заказ первый")
    answer(conversation, world.anna, "Ваш заказ\nв пути")
    say(conversation, "Спасибо")
    (found,) = search(world.anna, "заказ").conversations
    assert lines([found]) == ["Ваш [заказ] в пути"]
    assert found.message is not None
    assert found.message.seq == 2


def test_a_long_message_is_cut_around_the_hit(world: World) -> None:
    body = "слово " * 100 + "ДОГОВОР <b>&amp; " + "конец " * 100
    make_conversation(world.north, body=body)
    (line,) = lines(search(world.anna, "договор").conversations)
    assert line.startswith("…слово")
    assert "[ДОГОВОР] <b>&amp; конец" in line
    assert line.endswith("…")
    assert len(line) < 210


def test_a_word_without_spaces_is_cut_too(world: World) -> None:
    make_conversation(world.north, body="-" * 300 + "договор" + "-" * 300)
    (found,) = search(world.anna, "договор").conversations
    assert Part("договор", hit=True) in found.line


def test_markup_of_a_message_stays_text(world: World) -> None:
    make_conversation(world.north, body="<b>order</b> \x02order\x03 <script>")
    answer_ = Api(world.anna).get("search/", q="order").json()
    assert answer_["conversations"][0]["line"] == [
        {"text": "<b>", "hit": False},
        {"text": "order", "hit": True},
        {"text": "</b> ", "hit": False},
        {"text": "order", "hit": True},
        {"text": " <script>", "hit": False},
    ]


def test_marks_in_names() -> None:
    assert mark_words("Пётр (Petr)", ["петр", "PET"]) == [
        Part("Пётр", hit=True),
        Part(" (", hit=False),
        Part("Pet", hit=True),
        Part("r)", hit=False),
    ]
    assert mark_words("Petr", []) == [Part("Petr", hit=False)]
    assert mark_words("", ["a"]) == []


def test_notes_are_found_by_operators(world: World) -> None:
    conversation = make_conversation(world.north)
    answer(conversation, world.anna, "Сложный клиент", note=True)
    assert lines(search(world.anna, "клиенты").conversations) == ["Сложный [клиент]"]


def test_what_was_removed_or_quarantined_is_not_found(world: World) -> None:
    conversation = make_conversation(world.north)
    say(conversation, "secret", quarantined=True)
    removed = say(conversation, "secret")
    Message.objects.filter(pk=removed.pk).update(removed_at=timezone.now())
    assert search(world.anna, "secret").conversations == []
    assert not list_conversations(world.anna, text="secret").exists()


def test_other_branches_are_not_found(world: World) -> None:
    foreign = make_conversation(
        world.south, make_contact(world.south.branch, name="Secret", phone="5550100"), body="secret"
    )
    own = make_conversation(world.north)
    for text in ("secret", "5550100"):
        result = search(world.anna, text)
        assert (result.conversations, result.contacts) == ([], [])
        assert search(world.boris, text).contacts[0].contact == foreign.contact
    assert search(world.stranger, "hello").conversations == []
    assert ids(Api(world.anna).get("conversations/", contact=foreign.contact.public_id)) == []
    assert ids(Api(world.anna).get("conversations/", contact=own.contact.public_id)) == [
        str(own.public_id)
    ]


def test_many_hits_elsewhere_hide_nothing_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "MOST", 2)
    own = make_conversation(world.north, body="needle")
    for _ in range(5):
        make_conversation(world.south, body="needle")
    assert list(list_conversations(world.anna, text="needle")) == [own]


def test_filters_narrow_and_leave_contacts_out(world: World) -> None:
    contact = make_contact(world.north.branch, name="Needle")
    conversation = make_conversation(world.north, contact, body="needle")
    api = Api(world.anna)

    def found(**query: Any) -> tuple[list[str], int]:
        data = api.get("search/", q="needle", **query).json()
        rows = [row["conversation"]["id"] for row in data["conversations"]]
        return rows, len(data["contacts"])

    here = [str(conversation.public_id)]
    assert found() == (here, 1)
    assert found(inbox=world.north.public_id) == (here, 0)
    assert found(inbox=world.south.public_id) == ([], 0)
    assert found(status="open", assignee="none") == (here, 0)
    assert found(status="closed") == ([], 0)
    assert found(since="2020-01-01T00:00:00Z", until="2100-01-01T00:00:00Z") == (here, 0)
    assert found(until="2020-01-01T00:00:00Z") == ([], 0)


def test_the_result_is_capped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_messenger.selectors.found.MAX_CONVERSATIONS", 2)
    made = [make_conversation(world.north, body="needle") for _ in range(3)]
    result = search(world.anna, "needle")
    assert [found.conversation for found in result.conversations] == made[:0:-1]
    assert result.truncated


def test_a_search_that_takes_too_long_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(50):
        make_conversation(world.north, body="needle " * 250)
    monkeypatch.setattr(search_module, "TIMEOUT", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = off")  # every message is read
    with pytest.raises(InvalidInput) as error:
        search(world.anna, "needle")
    assert error.value.errors["q"][0].code == "too_broad"
    with pytest.raises(InvalidInput):
        list_conversations(world.anna, text="needle")
    refused = Api(world.anna).get("conversations/", q="needle")
    assert (refused.status_code, refused.json()["errors"]["q"][0]["code"]) == (400, "too_broad")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_the_time_limit_ends_with_the_search(world: World) -> None:
    search(world.anna, "needle")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def plan(query: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    return str(query.order_by().explain())


def test_the_indexes_are_used(world: World) -> None:
    words = message_query("заказ needle")
    assert words is not None
    assert "dm_message_words" in plan(messages_with(Message.objects.all(), words))
    assert "dm_contact_words" in plan(contacts_with(Contact.objects.all(), "olga"))
    assert "dm_contact_words" in plan(contacts_with(Contact.objects.all(), "+7 912 345"))
    rows = Conversation.objects.filter(messages__in=messages_with(Message.objects.all(), words))
    assert "dm_message_words" in plan(rows)


def test_the_api_says_what_it_wants(world: World) -> None:
    api = Api(world.anna)
    for query in ({}, {"q": " "}, {"q": "x" * 201}, {"q": "x", "since": "yesterday"}):
        assert api.get("search/", **query).status_code == 400
    assert Api(world.stranger).get("search/", q="x").status_code == 403
    conversation = make_conversation(world.north, body="needle")
    data = api.get("search/", q="needle").json()
    (row,) = data["conversations"]
    assert row["conversation"]["id"] == str(conversation.public_id)
    assert row["message"]["kind"] == "visitor"
    assert "client_id" not in row["message"]
    assert api.get(url(conversation)).status_code == 200
