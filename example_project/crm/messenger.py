"""What the CRM adds to the chat: a card beside each conversation, and a button in its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Company, Task
from django_messenger.panel.cards import ContactCard, HostAction

if TYPE_CHECKING:
    from django.http import HttpRequest

    from django_messenger.models import Contact, Conversation


class CustomerCard(ContactCard):
    """Who the visitor is in the CRM, and what is to be done for them."""

    name = "customer"
    title = gettext_lazy("In the CRM")
    template_name = "crm/customer_card.html"

    def get_context(
        self, request: HttpRequest, contact: Contact, conversation: Conversation
    ) -> dict[str, Any]:
        # Only a signed identity says who somebody is: its number leads to the company.
        number = contact.external_id
        companies = Company.objects.filter(branch_id=contact.branch_id)
        return {
            "number": number,
            "orders": contact.attributes.get("orders") if number else None,
            "company": companies.filter(customer_number=number).first() if number else None,
            "tasks": Task.objects.filter(contact=contact.public_id, is_done=False)[:5],
        }


class CreateTask(HostAction):
    """Notes down that something is to be done about a conversation."""

    name = "task"
    label = gettext_lazy("Create a task")

    def run(self, request: HttpRequest, conversation: Conversation) -> str:
        Task.objects.create(
            branch_id=conversation.branch_id,
            text=conversation.preview[:200] or str(conversation.contact),
            contact=conversation.contact.public_id,
            conversation=conversation.public_id,
            created_by_id=request.user.pk,
        )
        return _("The task is in the CRM.")
