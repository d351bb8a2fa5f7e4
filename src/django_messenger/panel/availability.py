"""What the navigation says about being there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from django_messenger.models import Operator
from django_messenger.selectors.operators import operator_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

Availability = Operator.Availability

#: What an operator chooses from, in the first person.
CHOICES: Final[Mapping[str, StrOrPromise]] = {
    Availability.AUTO: _("I am here"),
    Availability.BUSY: _("Busy: nothing new, please"),
    Availability.AWAY: _("Away"),
}
#: What colleagues read of an operator's state.
STATES: Final[Mapping[str, StrOrPromise]] = {
    "online": _("online"),
    "busy": _("busy"),
    "away": _("away"),
    "offline": _("offline"),
}


def availability_of(user: Any) -> dict[str, Any] | None:
    """Return what was chosen and what there is to choose; None for those who are no operators."""
    operator = operator_of(user)
    if operator is None or not operator.is_active:
        return None
    chosen = operator.availability
    return {"chosen": chosen, "label": CHOICES[chosen], "choices": CHOICES.items()}
