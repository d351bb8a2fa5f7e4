"""The texts of an inbox's widget, per language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import to_locale

from django_messenger.panel.settings.forms import PanelForm
from django_messenger.templatetags.dm_panel import dm_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.forms import BoundField
    from django_stubs_ext import StrOrPromise

    from django_messenger.models import Inbox

#: The strings that the page offers; further ones that an inbox has stay as they are.
KEYS: Final[Mapping[str, StrOrPromise]] = {
    "title": _("Title"),
    "greeting": _("Greeting"),
    "online": _("Below the title"),
    "write": _("In the empty field"),
    "intro": _("Above the questions"),
    "consent": _("Consent"),
    "ended": _("When the conversation is over"),
    "rate": _("Asking for a rating"),
    "rated": _("Thanks for a rating"),
}
#: What the widget says by itself, in the languages that it speaks; shown in the empty fields.
BUILT_IN: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Chat",
        "greeting": "Hello! How can we help?",
        "online": "We answer right here",
        "write": "Write a message",
        "intro": "Before we begin",
        "consent": "I agree to the processing of my data.",
        "ended": "This conversation is finished.",
        "rate": "How did we do?",
        "rated": "Thank you for your rating!",
    },
    "ru": {
        "title": "Чат",
        "greeting": "Здравствуйте! Чем помочь?",
        "online": "Ответим прямо здесь",
        "write": "Напишите сообщение",
        "intro": "Прежде чем начать",
        "consent": "Согласен на обработку моих данных.",
        "ended": "Разговор завершён.",
        "rate": "Как вам помогли?",
        "rated": "Спасибо за оценку!",
    },
}
_MOST: Final = 20
_LONG: Final = ("greeting", "consent")
#: These have places of their own in the appearance.
_OWN: Final = ("title", "greeting")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


class TextsPart(PanelForm):
    """One field per text and language; an empty one means the widget's own text."""

    names: ClassVar = ["appearance"]
    language = forms.CharField(
        label=_("One more language"),
        required=False,
        max_length=20,
        help_text=_("Its code, such as de or pt-BR. Its fields appear after saving."),
    )

    def __init__(self, data: Any = None, *, instance: Inbox, added: str = "") -> None:
        self.instance = instance
        self.languages = languages_of(instance, added)
        if data is not None:
            posted = (name.partition("__")[2] for name in data if name.startswith("title__"))
            codes = [code for code in posted if _is_language(code)]
            self.languages = list(dict.fromkeys([*self.languages, *codes[:_MOST]]))
        super().__init__(data, initial=_texts_of(instance))
        for name, field in _fields(self.languages).items():
            self.fields[name] = field

    @property
    def groups(self) -> list[tuple[str, str, list[BoundField]]]:
        """Return code, name and fields of every language."""
        return [
            (code, dm_language(code.lower()), [self[f"{key}__{code}"] for key in KEYS])
            for code in self.languages
        ]

    def clean_language(self) -> str:
        """Accept the code of a language."""
        code: str = self.cleaned_data["language"].strip()
        if code and not _is_language(code):
            raise forms.ValidationError(_("Write a code such as de or pt-BR."))
        return code

    def changes(self) -> dict[str, Any]:
        """Return what to store, by field of the inbox."""
        look = dict(self.instance.appearance)
        texts = dict(look.get("texts", {}))
        for key in KEYS:
            said = {**texts.pop(key, {}), **look.pop(key, {})}
            for code in self.languages:
                said.pop(code, None)
                if text := self.cleaned_data[f"{key}__{code}"]:
                    said[code] = text.replace("\r\n", "\n")
            if said:
                (look if key in _OWN else texts)[key] = said
        look.pop("texts", None)
        return {"appearance": {**look, **({"texts": texts} if texts else {})}}


def _texts_of(inbox: Inbox) -> dict[str, str]:
    """Return what an inbox says, by the names of the form's fields."""
    look = inbox.appearance
    texts = look.get("texts", {})
    return {
        f"{key}__{code}": text
        for key in KEYS
        for code, text in {**texts.get(key, {}), **look.get(key, {})}.items()
    }


def _fields(languages: list[str]) -> dict[str, forms.CharField]:
    return {
        f"{key}__{code}": forms.CharField(
            label=label,
            required=False,
            max_length=2000 if key in _LONG else 200,
            widget=_widget(key, code),
        )
        for code in languages
        for key, label in KEYS.items()
    }


def _widget(key: str, code: str) -> forms.Widget:
    attrs: dict[str, Any] = {"class": "dm-input", "lang": code, "dir": "auto"}
    if own := BUILT_IN.get(code.split("-")[0], {}).get(key):
        attrs["placeholder"] = own
    return forms.Textarea({**attrs, "rows": 2}) if key in _LONG else forms.TextInput(attrs)


def _is_language(code: str) -> bool:
    return len(code) <= 20 and _LANGUAGE.fullmatch(code) is not None


def languages_of(inbox: Inbox, added: str = "") -> list[str]:
    """Return the languages that the page shows: the host's, those in use, and one just added."""
    look = inbox.appearance
    sets = [*(look.get(key, {}) for key in _OWN), *look.get("texts", {}).values()]
    used = [code for texts in sets for code in texts]
    fresh = [added] if _is_language(added) else []
    return list(dict.fromkeys([*known_languages(), *used, *fresh]))


def known_languages() -> list[str]:
    """Return the codes of the host's languages as browsers write them, the site's own first.

    A host that has not chosen has all that Django knows: then only its own.
    """
    codes = [code for code, _name in settings.LANGUAGES]
    own = settings.LANGUAGE_CODE
    own = own if own in codes else own.split("-")[0]
    chosen = [own, *(code for code in codes if code != own)] if len(codes) <= _MOST else [own]
    return [to_locale(code).replace("_", "-") for code in chosen]
