"""The settings of an inbox, one form per page. What a form does not show, it does not touch."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from django_messenger.api import DEFAULT_COLOR
from django_messenger.models import Inbox
from django_messenger.panel.settings.forms import (
    ColorInput,
    InboxModelForm,
    PanelForm,
    dress,
    show_problems,
)
from django_messenger.text import clean_line
from django_messenger.validators import validate_origins


class ModelPart(InboxModelForm):
    """Fields of the model as they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    @property
    def names(self) -> list[str]:
        """The fields of the inbox that the form is about."""
        return list(self.Meta.fields)  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """Return what to store, by field of the inbox."""
        return {name: self.cleaned_data[name] for name in self.names}

    def refuse(self, error: Any) -> None:
        """Show beside the fields what a service has said about them."""
        show_problems(self, error)


class GeneralPart(ModelPart):
    """Name, language, and what the chat has."""

    locale = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Inbox
        fields = ("name", "locale", "time_zone", "reopen_hours", *Inbox.SWITCHES.values())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "locale": _language_choices(self.instance.locale),
            "time_zone": _zone_choices(self.instance.time_zone),
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]


def _language_choices(present: str) -> list[tuple[str, Any]]:
    known = dict(settings.LANGUAGES)
    others = {present: present} if present and present not in known else {}
    return [("", _("as the visitor's browser")), *known.items(), *others.items()]


def _zone_choices(present: str) -> list[tuple[str, str]]:
    names = _zone_names()
    others = [] if present in names else [present]
    return [(name, name.replace("_", " ")) for name in [*names, *others]]


@cache
def _zone_names() -> list[str]:
    """Return UTC and the zones that are named after places; finding them reads every file."""
    places = [name for name in zoneinfo.available_timezones() if "/" in name]
    named = [name for name in places if not name.startswith(("Etc/", "SystemV/", "posix/"))]
    return ["UTC", *sorted(named)]


class AppearancePart(PanelForm):
    """Colour, side and theme."""

    names: ClassVar = ["appearance"]
    color = forms.CharField(
        label=_("Colour"),
        widget=ColorInput,
        help_text=_("Of the button and the head. Text on it is black or white by itself."),
    )
    position = forms.ChoiceField(
        label=_("Side of the page"),
        widget=forms.RadioSelect,
        choices=[("right", _("Right")), ("left", _("Left"))],
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        widget=forms.RadioSelect,
        choices=[
            ("auto", _("As the visitor's system")),
            ("light", _("Light")),
            ("dark", _("Dark")),
        ],
    )

    def __init__(self, data: Any = None, *, instance: Inbox) -> None:
        self.instance = instance
        look = instance.appearance
        initial = {
            "color": look.get("color", DEFAULT_COLOR),
            "position": look.get("position", "right"),
            "theme": look.get("theme", "auto"),
        }
        super().__init__(data, initial=initial)

    def changes(self) -> dict[str, Any]:
        """Return what to store, by field of the inbox."""
        return {"appearance": {**self.instance.appearance, **self.cleaned_data}}


class BeforePart(ModelPart):
    """What visitors are asked before their first message."""

    class Meta:
        model = Inbox
        fields = (*Inbox.QUESTIONS.values(), "ask_consent", "consent_url")
        labels: ClassVar = {
            "ask_name": _("Name"),
            "ask_email": _("E-mail"),
            "ask_phone": _("Phone"),
        }
        help_texts: ClassVar = {
            "ask_consent": _(
                "Before the first message. What visitors agreed to is kept; the wording is on the"
                " page “Texts”."
            ),
        }


class OriginsPart(PanelForm):
    """Sites that may embed the widget, one per line."""

    names: ClassVar = ["allowed_origins"]
    allowed_origins = forms.CharField(
        label=_("Allowed sites"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "dm-input"}),
        help_text=_(
            "One per line, such as https://example.com. https://*.example.com stands for all"
            " subdomains. Empty: only the site of this panel."
        ),
    )

    def __init__(self, data: Any = None, *, instance: Inbox) -> None:
        self.instance = instance
        super().__init__(data, initial={"allowed_origins": "\n".join(instance.allowed_origins)})

    def clean_allowed_origins(self) -> list[str]:
        """Return the origins of the lines; addresses of pages become those of their sites."""
        lines = self.cleaned_data["allowed_origins"].splitlines()
        origins = list(dict.fromkeys(origin_of(line) for line in lines if line.strip()))
        validate_origins(origins)
        return origins

    def changes(self) -> dict[str, Any]:
        """Return what to store, by field of the inbox."""
        return {"allowed_origins": self.cleaned_data["allowed_origins"]}


def origin_of(line: str) -> str:
    """Return the origin of an address as browsers write it; what is no address stays as it is."""
    text = clean_line(line)
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition(":")[0] if parts.port else parts.netloc.rstrip(":")
    except ValueError:  # a port such as "*", too
        return text.rstrip("/").lower()
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return text
    star = "*." if host.startswith("*.") else ""
    try:
        plain = host.removeprefix("*.")
        name = plain if plain.isascii() else plain.encode("idna").decode()
    except UnicodeError:
        return text
    standard = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in (None, standard) else ""
    return f"{parts.scheme}://{star}{name.lower()}{port}"


class AssignmentPart(ModelPart):
    """Who gets a new conversation."""

    class Meta:
        model = Inbox
        fields = ("assignment",)
        widgets: ClassVar = {"assignment": forms.RadioSelect}


class IdentityPart(ModelPart):
    """Signed identities. Secrets go in and never out."""

    identity_secret = forms.CharField(
        label=_("New secret"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 32 characters. Leave it empty to keep the present one."),
    )
    keep_previous = forms.BooleanField(
        label=_("Accept the present secret too, until I forget it"),
        required=False,
        initial=True,
        help_text=_("So that a secret can be changed without an interruption."),
    )
    forget_previous = forms.BooleanField(label=_("Forget the previous secret"), required=False)

    class Meta:
        model = Inbox
        fields = ("identity_mode",)
        widgets: ClassVar = {"identity_mode": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.identity_secret:
            del self.fields["keep_previous"]
        if not self.instance.identity_secret_previous:
            del self.fields["forget_previous"]

    def changes(self) -> dict[str, Any]:
        """Return what to store, by field of the inbox."""
        data, changes = self.cleaned_data, {"identity_mode": self.cleaned_data["identity_mode"]}
        if data.get("forget_previous"):
            changes["identity_secret_previous"] = ""
        if data["identity_secret"]:
            changes["identity_secret"] = data["identity_secret"]
            kept = self.instance.identity_secret if data.get("keep_previous") else ""
            changes["identity_secret_previous"] = kept
        return changes

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = cleaned.get("identity_mode", "off") != "off"
        if wanted and not (cleaned.get("identity_secret") or self.instance.identity_secret):
            self.add_error("identity_secret", _("Give it a secret first."))
        return cleaned
