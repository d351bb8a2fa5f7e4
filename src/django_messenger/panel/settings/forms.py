"""What every form of the settings has: our classes, and problems that services have found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from django_messenger.exceptions import InvalidInput

if TYPE_CHECKING:
    from django_messenger.exceptions import MessengerError
    from django_messenger.models import Inbox

    InboxModelForm = forms.ModelForm[Inbox]
else:
    InboxModelForm = forms.ModelForm

_BARE = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class PanelForm(forms.Form):
    """A form that looks like the panel and shows what a service has refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def refuse(self, error: MessengerError) -> None:
        """Show beside the fields what a service has said about them."""
        show_problems(self, error)


def dress(form: forms.BaseForm) -> None:
    """Give the fields of a form the classes of the panel."""
    for field in form.fields.values():
        if not isinstance(field.widget, _BARE):
            field.widget.attrs.setdefault("class", "dm-input")


def show_problems(form: forms.BaseForm, error: MessengerError) -> None:
    """Put what a service has refused beside its fields, and the rest above the form."""
    problems = error.errors if isinstance(error, InvalidInput) else {}
    for name, found in problems.items():
        for problem in found:
            form.add_error(name if name in form.fields else None, str(problem.message))
    if not problems:
        form.add_error(None, str(error.detail))


class ColorInput(forms.TextInput):
    """The browser's own picker of colours; without one it is a field for ``#rrggbb``."""

    input_type = "color"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "dm-color"})
