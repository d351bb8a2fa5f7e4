"""Operators and branches: who answers where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from django_messenger.access import PERMISSIONS, get_policy
from django_messenger.exceptions import Conflict, InvalidInput, Unavailable
from django_messenger.panel.availability import STATES
from django_messenger.panel.settings.base import SettingsPage
from django_messenger.panel.settings.forms import PanelForm
from django_messenger.selectors.operators import visible_branches
from django_messenger.selectors.team import (
    count_inboxes,
    count_operators,
    find_person,
    get_operator,
    has_hidden_branches,
    managed_operators,
)
from django_messenger.services.availability import states_of
from django_messenger.services.routing import loads_of
from django_messenger.services.team import (
    MAX_NAME,
    add_operator,
    switch_operator,
    update_operator,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from django_messenger.models import Operator

ROWS: Final = 50
MAX_CAPACITY: Final = 1000


class PersonForm(PanelForm):
    """Name and branches; of the branches only those that the editor sees."""

    display_name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME,
        help_text=gettext_lazy("The name that visitors see."),
    )
    branches = forms.MultipleChoiceField(
        label=gettext_lazy("Branches"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, user: Any, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._branches = {str(branch.pk): branch for branch in visible_branches(user)}
        choices = [(key, str(branch)) for key, branch in self._branches.items()]
        self.fields["branches"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Any]:
        """The branches that were chosen."""
        return [self._branches[key] for key in self.cleaned_data["branches"]]


class NewOperatorForm(PersonForm):
    """Somebody who has an account with the host."""

    login = forms.CharField(
        max_length=254,
        help_text=gettext_lazy(
            "Exactly as they log in. Accounts are made where this site makes them, not here."
        ),
        widget=forms.TextInput(
            attrs={"class": "dm-input", "autocomplete": "off", "autocapitalize": "none"}
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        required=False,
        choices=[
            ("", gettext_lazy("Leave the user's groups as they are")),
            ("operator", gettext_lazy("Operator")),
            ("supervisor", gettext_lazy("Supervisor")),
        ],
        help_text=gettext_lazy("Puts the user into the group whose permissions the role needs."),
    )
    field_order = ("login", "display_name", "branches", "role")

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(user, data)
        model: Any = get_user_model()
        name = str(model._meta.get_field(model.USERNAME_FIELD).verbose_name)
        self.fields["login"].label = name[:1].upper() + name[1:]
        if len(self._branches) == 1:
            self.initial["branches"] = list(self._branches)
        # Groups carry more than our permissions: only superusers give them away.
        if not getattr(user, "is_superuser", False) or not hasattr(user, "groups"):
            del self.fields["role"]


class OperatorForm(PersonForm):
    """An operator."""

    capacity = forms.IntegerField(
        label=gettext_lazy("Capacity"),
        min_value=0,
        max_value=MAX_CAPACITY,
        help_text=gettext_lazy(
            "So many conversations at once are assigned automatically; 0: none."
        ),
    )
    field_order = ("display_name", "branches", "capacity")

    def __init__(self, user: Any, operator: Any, data: Any = None) -> None:
        shown = [str(branch.pk) for branch in operator.shown_branches]
        initial = {
            "display_name": operator.display_name,
            "capacity": operator.capacity,
            "branches": shown,
        }
        super().__init__(user, data, initial=initial)


class OperatorListView(SettingsPage):
    """The operators of the user's branches."""

    tab = "operators"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(managed_operators(request.user), ROWS).get_page(request.GET.get("page"))
        operators = list(page)
        states, loads = _states(operators), loads_of(operators)
        people = [
            {
                "operator": operator,
                "state": STATES.get(states.get(operator.pk, ""), ""),
                "load": loads.get(operator.user_id, 0),
            }
            for operator in operators
        ]
        return self.page("settings/operators.html", {"rows": page, "people": people})


class NewOperatorView(SettingsPage):
    """Make a user of the host an operator."""

    tab = "operators"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(NewOperatorForm(request.user))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = NewOperatorForm(request.user, request.POST)
        if form.is_valid():
            person = find_person(form.cleaned_data["login"])
            if person is None:
                form.add_error("login", _("There is no active user with this login."))
            else:
                return self._add(form, person)
        return self._show(form, status=400)

    def _add(self, form: NewOperatorForm, person: Any) -> HttpResponseBase:
        name = form.cleaned_data["display_name"]
        try:
            operator = add_operator(
                user=self.request.user,
                person=person,
                display_name=name,
                branches=form.chosen,
                role=form.cleaned_data.get("role") or None,
            )
        except InvalidInput as error:
            form.refuse(error)
            return self._show(form, status=400)
        person = find_person(form.cleaned_data["login"])  # this one's permissions are fresh
        words = _("%(name)s is an operator now.") % {"name": operator.display_name}
        if not get_policy().has_permission(person, "view"):
            words += " " + _(
                "Their account still lacks the permission %(permission)s. Ask your administrator"
                " to grant it."
            ) % {"permission": PERMISSIONS["view"]}
        return self.done(reverse("messenger_panel:operators"), words)

    def _show(self, form: NewOperatorForm, status: int = 200) -> HttpResponse:
        return self.page("settings/operator_new.html", {"form": form}, status=status)


class OperatorPage(SettingsPage):
    """What the two views of an operator share."""

    tab = "operators"

    def show(
        self, operator: Operator, form: OperatorForm, *, status: int = 200, problem: str = ""
    ) -> HttpResponse:
        """Render the page of an operator."""
        context = {
            "operator": operator,
            "form": form,
            "problem": problem,
            "has_hidden": has_hidden_branches(self.request.user, operator),
            "is_self": operator.user_id == self.request.user.pk,
            "load": loads_of([operator]).get(operator.user_id, 0),
        }
        return self.page("settings/operator.html", context, status=status)


class OperatorView(OperatorPage):
    """Name, branches and capacity of an operator."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        operator = get_operator(request.user, pk)
        return self.show(operator, OperatorForm(request.user, operator))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        operator = get_operator(request.user, pk)
        form = OperatorForm(request.user, operator, request.POST)
        if form.is_valid():
            try:
                released = update_operator(
                    user=request.user,
                    operator=operator,
                    display_name=form.cleaned_data["display_name"],
                    capacity=form.cleaned_data["capacity"],
                    branches=form.chosen,
                )
            except InvalidInput as error:
                form.refuse(error)
            else:
                words = f"{_('Saved.')} {_released(released)}".strip()
                return self.done(reverse("messenger_panel:operators"), words)
        return self.show(operator, form, status=400)


class SwitchView(OperatorPage):
    """Switch an operator off or on."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        operator, on = get_operator(request.user, pk), "on" in request.POST
        try:
            released = switch_operator(user=request.user, operator=operator, on=on)
        except Conflict as error:
            form = OperatorForm(request.user, operator)
            return self.show(operator, form, status=409, problem=str(error.detail))
        named = {"name": operator.display_name}
        words = _("%(name)s answers again.") if on else _("%(name)s is switched off.")
        said = f"{words % named} {_released(released)}".strip()
        return self.done(reverse("messenger_panel:operators"), said)


class BranchListView(SettingsPage):
    """The user's branches. They are the host's: here they are only looked at."""

    tab = "branches"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(visible_branches(request.user), ROWS).get_page(request.GET.get("page"))
        branches = list(page)
        inboxes, operators = count_inboxes(branches), count_operators(branches)
        shown = [
            (branch, inboxes.get(branch.pk, 0), operators.get(branch.pk, 0)) for branch in branches
        ]
        return self.page("settings/branches.html", {"rows": page, "branches": shown})


def _states(operators: Sequence[Operator]) -> dict[int, Any]:
    try:
        return dict(states_of(operators))
    except Unavailable:
        return {}


def _released(count: int) -> str:
    if not count:
        return ""
    text = ngettext(
        "%(count)d conversation is back in the queue.",
        "%(count)d conversations are back in the queue.",
        count,
    )
    return text % {"count": count}
