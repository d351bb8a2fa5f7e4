"""What a host might add to the panel: good cards and actions, and bad ones."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpResponseRedirect

from django_messenger.exceptions import Conflict
from django_messenger.models import Label
from django_messenger.panel.cards import ContactCard, HostAction


class CompanyCard(ContactCard):
    """The customer's company."""

    title = "Company"
    template_name = "crm/company.html"

    def get_context(self, request: Any, contact: Any, conversation: Any) -> dict[str, Any]:
        return {"company": f"<Ash> of {contact.name}", "labels": Label.objects.count()}


class BossCard(ContactCard):
    """Only supervisors see it."""

    name = "boss"
    title = "Margin"
    template_name = "crm/company.html"

    def has_permission(self, request: Any, contact: Any, conversation: Any) -> bool:
        return bool(request.user.has_perm("django_messenger.change_inbox"))


class BrokenCard(ContactCard):
    """Its code fails."""

    title = "Broken"
    template_name = "crm/company.html"

    def get_context(self, request: Any, contact: Any, conversation: Any) -> dict[str, Any]:
        raise KeyError("orders")


class LostCard(ContactCard):
    """Its template is not there."""

    title = "Lost"
    template_name = "crm/gone.html"


class SlowCard(ContactCard):
    """Its statement takes for ever."""

    title = "Slow"
    template_name = "crm/company.html"

    def get_context(self, request: Any, contact: Any, conversation: Any) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(30)")
        return {}


class UndecidedCard(ContactCard):
    """It cannot even say who may see it."""

    title = "Undecided"

    def has_permission(self, request: Any, contact: Any, conversation: Any) -> bool:
        raise RuntimeError("no idea")


class MakeLabel(HostAction):
    """Makes something, and says so."""

    name = "label"
    label = "Make a label"

    def run(self, request: Any, conversation: Any) -> str:
        Label.objects.create(name=f"{Label.objects.count() + 1} for {conversation.contact}")
        return "The label is there."


class OpenOrder(HostAction):
    """Leads to a page of the host's."""

    label = "Open the order"
    leaves = True

    def run(self, request: Any, conversation: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect("/orders/1/")


class Broken(HostAction):
    """Fails when half is done."""

    label = "Break"

    def run(self, request: Any, conversation: Any) -> str:
        Label.objects.create(name="Half")
        raise ZeroDivisionError


class Refusing(HostAction):
    """Cannot be done, and says why."""

    label = "Refuse"

    def run(self, request: Any, conversation: Any) -> str:
        raise Conflict("The warehouse is closed.")


class Silent(HostAction):
    """Does its work and says nothing, against the rules."""

    label = "Be silent"

    def run(self, request: Any, conversation: Any) -> Any:
        Label.objects.create(name="Silent")


class ForManagers(HostAction):
    """Needs a right that operators lack."""

    name = "managers"
    label = "Give a discount"
    action = "manage"

    def run(self, request: Any, conversation: Any) -> str:
        return "A discount."


CARDS = [
    f"{__name__}.{kind.__name__}"
    for kind in (CompanyCard, BossCard, BrokenCard, LostCard, SlowCard, UndecidedCard)
]
ACTIONS = [
    f"{__name__}.{kind.__name__}"
    for kind in (MakeLabel, OpenOrder, Broken, Refusing, Silent, ForManagers)
]
TEMPLATE = "<p>{{ company }} · {{ contact.name }} · labels {{ labels }}</p>"
