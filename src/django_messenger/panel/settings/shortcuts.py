"""Labels and canned responses: lists with a search, and a page for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from django_messenger.exceptions import InvalidInput, PermissionDenied
from django_messenger.models import CannedResponse, Label
from django_messenger.panel.settings.base import SettingsPage
from django_messenger.panel.settings.forms import ColorInput, PanelForm
from django_messenger.panel.settings.texts import known_languages
from django_messenger.selectors import shortcuts as selectors
from django_messenger.selectors.operators import visible_branches
from django_messenger.services.shortcuts import delete_shortcut, save_shortcut
from django_messenger.templatetags.dm_panel import dm_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

ROWS: Final = 50
MAX_SEARCH: Final = 100
MAX_TEXT: Final = 5000
#: What ``panel.canned`` fills in.
VARIABLES: Final = (
    "contact.name",
    "contact.email",
    "contact.phone",
    "operator.name",
    "conversation.id",
    "inbox.name",
)
_DEFAULT_COLOR: Final = "#64748b"


class ShortcutForm(PanelForm):
    """What labels and canned responses have in common: a scope that is chosen once."""

    branch = forms.ChoiceField(
        label=gettext_lazy("Branch"),
        required=False,
        help_text=gettext_lazy("Cannot be changed later."),
    )

    def __init__(self, user: Any, row: Any, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.row = row
        self._branches = {str(branch.pk): branch for branch in visible_branches(user)}
        if row.pk is not None:
            del self.fields["branch"]
            return
        choices = [(key, str(branch)) for key, branch in self._branches.items()]
        if getattr(user, "is_superuser", False):
            choices.insert(0, ("", _("All branches")))
        self.fields["branch"].choices = choices  # type: ignore[attr-defined]
        self.fields["branch"].required = not getattr(user, "is_superuser", False)

    def fill(self) -> Any:
        """Return the row with what was entered."""
        if "branch" in self.cleaned_data:
            self.row.branch = self._branches.get(self.cleaned_data["branch"])
        return self.row


class LabelForm(ShortcutForm):
    """A label."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=50)
    color = forms.CharField(
        label=gettext_lazy("Colour"),
        widget=ColorInput,
        help_text=gettext_lazy("Of the dot. The name beside it always has the colour of text."),
    )
    field_order = ("name", "color", "branch")

    def __init__(self, user: Any, row: Label, data: Any = None) -> None:
        initial = {"name": row.name, "color": row.color or _DEFAULT_COLOR}
        super().__init__(user, row, data, initial=initial)

    def fill(self) -> Label:
        row: Label = super().fill()
        row.name, row.color = self.cleaned_data["name"], self.cleaned_data["color"]
        return row


class CannedForm(ShortcutForm):
    """A canned response: a shortcut, and a text per language."""

    shortcut = forms.CharField(
        label=gettext_lazy("Shortcut"),
        max_length=50,
        help_text=gettext_lazy("Letters, digits, - and _. Operators write / and its beginning."),
        widget=forms.TextInput(attrs={"class": "dm-input", "autocomplete": "off"}),
    )
    field_order = ("shortcut", "branch")

    def __init__(self, user: Any, row: CannedResponse, data: Any = None) -> None:
        texts = row.texts or {}
        self.languages = list(dict.fromkeys([*known_languages(), *texts]))
        initial = {"shortcut": row.shortcut}
        initial |= {f"text__{code}": text for code, text in texts.items()}
        super().__init__(user, row, data, initial=initial)
        for code in self.languages:
            self.fields[f"text__{code}"] = forms.CharField(
                label=_("Text: %(language)s") % {"language": dm_language(code.lower())},
                required=False,
                max_length=MAX_TEXT,
                strip=False,
                widget=forms.Textarea(
                    {"class": "dm-input", "rows": 4, "lang": code, "dir": "auto"}
                ),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        entered = [name for name in self.fields if name.startswith("text__")]
        written = any(str(cleaned.get(name, "")).strip() for name in entered)
        if not written and not any(name in self.errors for name in entered):
            self.add_error(entered[0], _("Write the text in one language at least."))
        return cleaned

    def fill(self) -> CannedResponse:
        row: CannedResponse = super().fill()
        row.shortcut = self.cleaned_data["shortcut"]
        entered = {code: self.cleaned_data[f"text__{code}"] for code in self.languages}
        row.texts = {
            code: text.replace("\r\n", "\n") for code, text in entered.items() if text.strip()
        }
        return row

    def clean_shortcut(self) -> str:
        """Accept a shortcut with the slash before it, too."""
        return str(self.cleaned_data["shortcut"]).removeprefix("/")


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells labels and canned responses apart."""

    name: str
    form: type[Any]
    new: Callable[[], Any]
    find: Callable[[Any, str], QuerySet[Any]]
    get: Callable[[Any, int], Any]


LABEL: Final = Kind("label", LabelForm, Label, selectors.found_labels, selectors.get_label)
CANNED: Final = Kind(
    "canned",
    CannedForm,
    CannedResponse,
    selectors.found_canned_responses,
    selectors.get_canned_response,
)


class ShortcutPage(SettingsPage):
    """Base of the pages of one kind."""

    kind: ClassVar[Kind]

    @property
    def list_url(self) -> str:
        """The address of the list."""
        return reverse(f"messenger_panel:{self.kind.name}_list")


class ShortcutListView(ShortcutPage):
    """Those of the user's branches and those for all."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_SEARCH]
        pages = Paginator(self.kind.find(request.user, text), ROWS)
        page = pages.get_page(request.GET.get("page"))
        is_superuser = getattr(request.user, "is_superuser", False)
        context = {
            "rows": page,
            "q": text,
            "query_prefix": f"{urlencode({'q': text})}&" if text else "",
            "list_url": self.list_url,
            "changes_shared": is_superuser,
        }
        return self.page(f"settings/{self.kind.name}_list.html", context)


class ShortcutEditView(ShortcutPage):
    """One of them, or a new one."""

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        row = self._row(pk)
        return self._show(row, self.kind.form(request.user, row))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
        row = self._row(pk)
        if "delete" in request.POST:
            return self._delete(row)
        form = self.kind.form(request.user, row, request.POST)
        if form.is_valid():
            try:
                save_shortcut(user=request.user, row=form.fill())
            except (InvalidInput, PermissionDenied) as error:
                form.refuse(error)
            else:
                return self.done(self.list_url, _("Saved."))
        return self._show(self._row(pk), form, status=400)

    def _row(self, pk: int | None) -> Any:
        return self.kind.new() if pk is None else self.kind.get(self.request.user, pk)

    def _delete(self, row: Any) -> HttpResponseBase:
        if "sure" not in self.request.POST:
            form = self.kind.form(self.request.user, row)
            return self._show(row, form, status=400, problem=_("Confirm that it shall be deleted."))
        try:
            delete_shortcut(user=self.request.user, row=row)
        except PermissionDenied as error:
            form = self.kind.form(self.request.user, row)
            return self._show(row, form, status=403, problem=str(error.detail))
        return self.done(self.list_url, _("Deleted."))

    def _show(self, row: Any, form: Any, *, status: int = 200, problem: str = "") -> HttpResponse:
        stored = row.pk is not None
        context = {
            "row": row,
            "form": form,
            "problem": problem,
            "list_url": self.list_url,
            "url": self.request.path,
            "is_stored": stored,
            "variables": [f"{{{{ {name} }}}}" for name in VARIABLES],
            "default_example": '{{ contact.name|default:"…" }}',
            "may_change": not stored or selectors.may_change_shortcut(self.request.user, row),
            "used": selectors.count_labelled(row) if stored and isinstance(row, Label) else 0,
        }
        return self.page(f"settings/{self.kind.name}.html", context, status=status)


class LabelListView(ShortcutListView):
    tab, kind = "labels", LABEL


class LabelView(ShortcutEditView):
    tab, kind = "labels", LABEL


class CannedListView(ShortcutListView):
    tab, kind = "canned", CANNED


class CannedView(ShortcutEditView):
    tab, kind = "canned", CANNED
