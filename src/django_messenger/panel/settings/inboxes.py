"""Inboxes: the list, a new one, and the pages of one."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from django_messenger.api import config_json
from django_messenger.conf import conf
from django_messenger.exceptions import Conflict, InvalidInput, MessengerError, Stale
from django_messenger.panel.settings.base import SettingsPage
from django_messenger.panel.settings.forms import PanelForm
from django_messenger.panel.settings.install import install_context, loader_url, preview_policy
from django_messenger.panel.settings.parts import (
    AppearancePart,
    AssignmentPart,
    BeforePart,
    GeneralPart,
    IdentityPart,
    OriginsPart,
)
from django_messenger.panel.settings.texts import TextsPart
from django_messenger.selectors.inboxes import (
    PublicInbox,
    get_inbox,
    has_conversations,
    managed_inboxes,
)
from django_messenger.selectors.operators import get_branch, inbox_team, visible_branches
from django_messenger.selectors.sightings import sightings_of
from django_messenger.services.inboxes import (
    create_inbox,
    delete_inbox,
    fingerprint,
    rotate_widget_token,
    update_inbox,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse, HttpResponseBase
    from django_stubs_ext import StrOrPromise

    from django_messenger.models import Inbox

ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Part:
    """One page of an inbox; without a form it only shows."""

    label: StrOrPromise
    template: str
    form: Any = None


PARTS: Final[Mapping[str, Part]] = {
    "general": Part(gettext_lazy("General"), "general", GeneralPart),
    "appearance": Part(gettext_lazy("Appearance"), "appearance", AppearancePart),
    "texts": Part(gettext_lazy("Texts"), "texts", TextsPart),
    "before": Part(gettext_lazy("Before the first message"), "part", BeforePart),
    "sites": Part(gettext_lazy("Allowed sites"), "part", OriginsPart),
    "assignment": Part(gettext_lazy("Assignment"), "assignment", AssignmentPart),
    "identity": Part(gettext_lazy("Signed identity"), "part", IdentityPart),
    "install": Part(gettext_lazy("Install"), "install"),
}


class NewInboxForm(PanelForm):
    """What an inbox needs to begin with."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("Visitors see it as the title of the chat."),
    )
    branch = forms.ChoiceField(
        label=gettext_lazy("Branch"),
        help_text=gettext_lazy(
            "Cannot be changed later: the conversations of an inbox stay with the branch, and with"
            " those who may see it."
        ),
    )

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        choices = [(str(branch.pk), str(branch)) for branch in visible_branches(user)]
        self.fields["branch"].choices = choices  # type: ignore[attr-defined]


class InboxListView(SettingsPage):
    """The inboxes of the user's branches."""

    tab = "inboxes"

    def get(self, request: HttpRequest) -> HttpResponse:
        pages = Paginator(managed_inboxes(request.user).order_by("name", "pk"), ROWS)
        page = pages.get_page(request.GET.get("page"))
        seen = sightings_of(page)
        for inbox in page:
            inbox.sighting = next(iter(seen.get(inbox.pk, ())), None)  # type: ignore[attr-defined]
        return self.page("settings/inboxes.html", {"inboxes": page, "rows": page})


class NewInboxView(SettingsPage):
    """A new inbox: its branch is chosen once and for ever."""

    tab = "inboxes"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(NewInboxForm(request.user))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = NewInboxForm(request.user, request.POST)
        if form.is_valid():
            try:
                inbox = create_inbox(
                    user=request.user,
                    branch=get_branch(request.user, form.cleaned_data["branch"]),
                    name=form.cleaned_data["name"],
                )
            except InvalidInput as error:
                form.refuse(error)
            else:
                words = _("The inbox is there. Put its widget on a page.")
                return self.done(part_url(inbox, "install"), words)
        return self._show(form, status=400)

    def _show(self, form: NewInboxForm, status: int = 200) -> HttpResponse:
        return self.page("settings/inbox_new.html", {"form": form}, status=status)


class InboxPage(SettingsPage):
    """What the pages of one inbox share."""

    tab = "inboxes"
    part: ClassVar[str] = ""

    def show(
        self, inbox: Inbox, name: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """Render one of the pages."""
        part = PARTS[name]
        context = {
            "inbox": inbox,
            "part": name,
            "part_label": part.label,
            "parts": [(key, one.label, part_url(inbox, key)) for key, one in PARTS.items()],
            "url": part_url(inbox, name),
            **self._more(inbox, name),
            **context,
        }
        return self.page(f"settings/inbox_{part.template}.html", context, status=status)

    def _more(self, inbox: Inbox, name: str) -> dict[str, Any]:
        """Return what single pages show beside their form."""
        if name in ("appearance", "texts"):
            look = config_json(PublicInbox.of(inbox, ""))["appearance"]
            return {"look": look, "preview": loader_url(self.request) != ""}
        if name == "general":
            return {"is_used": has_conversations(inbox)}
        if name == "assignment":
            return {"team": inbox_team(self.request.user, inbox)}
        if name == "install":
            seen = sightings_of([inbox]).get(inbox.pk, [])
            return {**install_context(self.request, inbox), "sightings": seen}
        return {}


class InboxView(InboxPage):
    """One page of an inbox."""

    def get(self, request: HttpRequest, public_id: UUID, part: str = "general") -> HttpResponse:
        inbox = get_inbox(request.user, public_id)
        return self._show(inbox, part, _form(part, inbox))

    def post(
        self, request: HttpRequest, public_id: UUID, part: str = "general"
    ) -> HttpResponseBase:
        inbox = get_inbox(request.user, public_id)
        form = _form(part, inbox, request.POST)
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                update_inbox(
                    user=request.user,
                    inbox=inbox,
                    expected=request.POST.get("version", ""),
                    **form.changes(),
                )
            except Stale:
                words = _(
                    "Somebody else has changed these settings meanwhile. What you entered is"
                    " kept: save once more to put it in the place of theirs."
                )
                form.add_error(None, words)
            except MessengerError as error:
                form.refuse(error)
            else:
                return self.done(part_url(inbox, part) + self._after(form), _("Saved."))
        return self._show(get_inbox(request.user, public_id), part, form, status=400)

    def _after(self, form: Any) -> str:
        added = form.cleaned_data.get("language") if isinstance(form, TextsPart) else ""
        return f"?language={added}" if added else ""

    def _show(self, inbox: Inbox, part: str, form: Any, *, status: int = 200) -> HttpResponse:
        context = {"form": form}
        if isinstance(form, TextsPart) and not form.is_bound:
            form = TextsPart(instance=inbox, added=self.request.GET.get("language", ""))
            context = {"form": form}
        if form is not None:
            context["version"] = fingerprint(inbox, form.names)
        return self.show(inbox, part, context, status=status)


class InboxPreviewView(InboxPage):
    """The real widget on a page of its own, for a frame; its script answers in the server's place.

    It stores nothing, and starts from the look that is stored.
    """

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        inbox = get_inbox(request.user, public_id)
        preview = {
            "loader": loader_url(request),
            "token": f"preview-{inbox.public_id}",
            "config": config_json(PublicInbox.of(inbox, "")),
            "lang": get_language(),
        }
        context = {"inbox": inbox, "preview": preview, "theme": conf.THEME}
        response = self.piece("settings/preview.html", context)
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Content-Security-Policy"] = preview_policy(request)
        return response


class InboxSwitchView(InboxPage):
    """Switch an inbox off or on."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        inbox = get_inbox(request.user, public_id)
        update_inbox(user=request.user, inbox=inbox, is_active="on" in request.POST)
        words = (
            _("The inbox is on again.")
            if inbox.is_active
            else _("The inbox is off: its widget shows nothing any more, its conversations stay.")
        )
        return self.done(part_url(inbox, "general"), words)


class InboxTokenView(InboxPage):
    """Give an inbox a new widget token, once somebody has confirmed that."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        inbox = get_inbox(request.user, public_id)
        if "sure" not in request.POST:
            problem = _("Confirm that you will change the snippet on every page.")
            return self.show(inbox, "install", {"problem": problem}, status=400)
        rotate_widget_token(user=request.user, inbox=inbox)
        words = _("The inbox has a new widget token. The old one works for another week.")
        return self.done(part_url(inbox, "install"), words)


class InboxDeleteView(InboxPage):
    """Delete an inbox that nobody has ever used."""

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponseBase:
        inbox = get_inbox(request.user, public_id)
        problem = "" if "sure" in request.POST else _("Confirm that the inbox shall be deleted.")
        if not problem:
            try:
                delete_inbox(user=request.user, inbox=inbox)
            except Conflict as error:
                problem = str(error.detail)
        if problem:
            context = {"form": _form("general", inbox), "problem": problem}
            context["version"] = fingerprint(inbox, context["form"].names)
            return self.show(inbox, "general", context, status=400)
        return self.done(reverse("messenger_panel:inboxes"), _("The inbox is deleted."))


def part_url(inbox: Inbox, part: str) -> str:
    """Return the address of one of the pages of an inbox."""
    return reverse("messenger_panel:inbox_part", args=[inbox.public_id, part])


def _form(part: str, inbox: Inbox, data: Any = None) -> Any:
    """Return the form of a page; None where it has none.

    Raises:
        Http404: there is no such page.
    """
    if part not in PARTS:
        raise Http404
    form = PARTS[part].form
    # A copy: validating a form of a model writes into its instance.
    return None if form is None else form(data, instance=copy.copy(inbox))
