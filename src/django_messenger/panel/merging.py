"""Making one contact of two: choosing the other one, looking at what would come of it, doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as notices
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_messenger.exceptions import InvalidInput, MessengerError, NotFound
from django_messenger.panel.base import PanelView
from django_messenger.panel.contacts import contact_url, problem_words, read_text
from django_messenger.selectors.contacts import (
    MAX_CHOICE,
    get_contact,
    get_other_contact,
    other_contacts,
)
from django_messenger.services.contacts import require_on_contact
from django_messenger.services.merging import FIELDS, merge_contacts, preview_merge

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django_stubs_ext import StrOrPromise

    from django_messenger.models import Contact

_LABELS: Final[Mapping[str, StrOrPromise]] = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of both contacts; ``is_open`` where there is something to choose."""

    name: str
    label: StrOrPromise
    own: str
    others: str
    is_open: bool
    takes_others: bool


class MergeView(PanelView):
    """Without ``?other=`` the choice of the other contact, with it the preview, which posts here.

    The contact in the address is the one that stays.
    """

    section = "contacts"

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        contact = get_contact(request.user, public_id)
        try:
            require_on_contact(request.user, "change", contact)
            if "other" in request.GET:
                return self._preview(contact, self._other(request.GET["other"]), ())
        except InvalidInput as error:
            return self._choice(contact, problem_words(error), status=error.status)
        except NotFound:
            raise
        except MessengerError as error:
            return self._choice(contact, problem_words(error), may=False, status=error.status)
        return self._choice(contact)

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        user, contact = request.user, get_contact(request.user, public_id)
        take = [name for name in FIELDS if request.POST.get(name) == "other"]
        other = None
        try:
            require_on_contact(user, "change", contact)
            other = self._other(request.POST.get("other", ""))
            merge_contacts(user=user, contact=contact, other=other, take=take)
        except NotFound:
            raise
        except MessengerError as error:
            words = problem_words(error)
            if other is None:
                return self._choice(contact, words, status=error.status)
            return self._preview(contact, other, take, words, status=error.status)
        words = _("Merged. What belonged to %(name)s stands here now.") % {"name": other}
        notices.success(request, words, fail_silently=True)
        return redirect(contact_url(contact))

    def _other(self, text: str) -> Contact:
        try:
            return get_other_contact(self.request.user, UUID(text))
        except ValueError as error:
            raise InvalidInput.of("other", _("There is no such contact."), "unknown") from error

    def _choice(
        self, contact: Contact, problem: str = "", *, may: bool = True, status: int = 200
    ) -> HttpResponse:
        text = read_text(self.request.GET, "q")
        found: Sequence[Contact] = ()
        if may:
            try:
                found = other_contacts(self.request.user, contact, text)
            except InvalidInput as error:
                problem = problem_words(error)
        context = {
            "contact": contact,
            "may": may,
            "text": text,
            "found": [(one, merge_url(contact, one)) for one in found],
            "is_full": len(found) == MAX_CHOICE,
            "problem": problem,
            "url": merge_url(contact),
        }
        return self.page("contact_other.html", context, status=status)

    def _preview(
        self,
        contact: Contact,
        other: Contact,
        take: Collection[str],
        problem: str = "",
        *,
        status: int = 200,
    ) -> HttpResponse:
        preview = None
        try:
            preview = preview_merge(user=self.request.user, contact=contact, other=other)
        except InvalidInput as error:
            problem, status = problem_words(error), error.status
        is_proven = contact.trust == contact.Trust.VERIFIED
        context = {
            "contact": contact,
            "other": other,
            "preview": preview,
            "choices": _choices(contact, other, take),
            "problem": problem,
            "url": merge_url(contact),
            "swap_url": "" if is_proven or contact.pk == other.pk else merge_url(other, contact),
        }
        return self.page("contact_merge.html", context, status=status)


def merge_url(contact: Contact, other: Contact | None = None) -> str:
    """Return the address where something is merged into a contact."""
    url = reverse("messenger_panel:contact_merge", args=[contact.public_id])
    return url if other is None else f"{url}?{urlencode({'other': other.public_id})}"


def _choices(contact: Contact, other: Contact, take: Collection[str]) -> list[Choice]:
    choices = []
    for name, label in _LABELS.items():
        own, others = getattr(contact, name), getattr(other, name)
        is_open = bool(own and others) and own != others
        takes_others = name in take if is_open else not own
        choices.append(Choice(name, label, own, others, is_open, takes_others))
    return choices
