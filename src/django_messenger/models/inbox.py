from __future__ import annotations

import secrets
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_messenger.conf import branch_model
from django_messenger.constraints import Immutable
from django_messenger.models.base import ImmutableFieldsModel, public_id_field
from django_messenger.validators import (
    validate_appearance,
    validate_origins,
    validate_page,
    validate_secret,
    validate_time_zone,
    validate_widget_token,
)


def new_widget_token() -> str:
    """Make a widget token: the public address of an inbox, not a secret."""
    return secrets.token_urlsafe(18)


class Inbox(ImmutableFieldsModel):
    """One door for visitors: a site or a part of it, owned by one branch for ever.

    Moving an inbox to another branch would drag its conversations along and break who may see
    what; therefore ``branch`` is fixed by ``clean()``, by ``save()`` and by PostgreSQL.
    """

    class IdentityMode(models.TextChoices):
        OFF = "off", _("Off: signed identities are ignored")
        OPTIONAL = "optional", _("Optional: visitors may be signed in")
        REQUIRED = "required", _("Required: only signed-in visitors")

    class Ask(models.TextChoices):
        NO = "no", _("Do not ask")
        OPTIONAL = "optional", _("Ask")
        REQUIRED = "required", _("Ask, must be filled in")

    #: What visitors may be asked before the first message: field of the form, and ours.
    QUESTIONS: Final = {"name": "ask_name", "email": "ask_email", "phone": "ask_phone"}
    #: What the widget may have: its name there, and our field.
    SWITCHES: Final = {
        "typing": "show_typing",
        "rating": "ask_rating",
        "emoji": "offer_emoji",
        "sound": "play_sound",
    }

    class Assignment(models.TextChoices):
        OFF = "off", _("Off: operators take conversations themselves")
        ROUND_ROBIN = "round_robin", _("In turn")
        LEAST_LOADED = "least_loaded", _("To who has the fewest")

    public_id = public_id_field()
    branch = models.ForeignKey(
        branch_model(),
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("branch"),
        help_text=_("Cannot be changed later."),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Visitors see it as the title of the chat.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switching off ends all sessions at once.")
    )
    widget_token = models.CharField(
        _("widget token"),
        max_length=64,
        unique=True,
        default=new_widget_token,
        validators=[validate_widget_token],
    )
    previous_widget_token = models.CharField(
        _("previous widget token"), max_length=64, blank=True, db_index=True, editable=False
    )
    previous_widget_token_until = models.DateTimeField(
        _("previous widget token valid until"), null=True, blank=True, editable=False
    )
    allowed_origins = models.JSONField(
        _("allowed origins"),
        default=list,
        blank=True,
        validators=[validate_origins],
        help_text=_(
            "Sites that may embed the widget, such as"
            ' ["https://example.com", "https://*.example.com"]. Empty: only this site itself.'
        ),
    )
    locale = models.CharField(_("language"), max_length=20, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    appearance = models.JSONField(
        _("appearance"),
        default=dict,
        blank=True,
        validators=[validate_appearance],
        help_text=_(
            'For example {"color": "#1d4ed8", "position": "left", "theme": "auto",'
            ' "title": {"en": "Ask us"}, "greeting": {"en": "Hello!"},'
            ' "texts": {"send": {"en": "Send it"}}}.'
        ),
    )
    ask_name = models.CharField(
        _("name before the first message"), max_length=10, choices=Ask.choices, default=Ask.NO
    )
    ask_email = models.CharField(
        _("e-mail before the first message"), max_length=10, choices=Ask.choices, default=Ask.NO
    )
    ask_phone = models.CharField(
        _("phone before the first message"), max_length=10, choices=Ask.choices, default=Ask.NO
    )
    ask_consent = models.BooleanField(
        _("ask for consent"),
        default=False,
        help_text=_(
            "Before the first message. Its wording is the text “consent” of the appearance;"
            " what visitors agreed to is kept."
        ),
    )
    consent_url = models.CharField(
        _("page about consent"),
        max_length=500,
        blank=True,
        validators=[validate_page],
        help_text=_("The consent links to it, such as https://example.com/privacy."),
    )
    show_typing = models.BooleanField(
        _("show who is typing"), default=True, help_text=_("In both directions.")
    )
    ask_rating = models.BooleanField(
        _("ask for a rating"), default=True, help_text=_("Once a conversation is resolved.")
    )
    offer_emoji = models.BooleanField(_("offer emoji"), default=True)
    play_sound = models.BooleanField(
        _("sound"), default=True, help_text=_("When an answer arrives; visitors can mute it.")
    )
    identity_mode = models.CharField(
        _("signed identity"),
        max_length=10,
        choices=IdentityMode.choices,
        default=IdentityMode.OFF,
    )
    identity_secret = models.CharField(
        _("identity secret"), max_length=200, blank=True, validators=[validate_secret]
    )
    identity_secret_previous = models.CharField(
        _("previous identity secret"),
        max_length=200,
        blank=True,
        validators=[validate_secret],
        help_text=_("Still accepted, so that a secret can be changed without an interruption."),
    )
    reopen_hours = models.PositiveSmallIntegerField(
        _("reopen window, hours"),
        default=72,
        help_text=_("A message within this time reopens a resolved conversation."),
    )
    assignment = models.CharField(
        _("automatic assignment"),
        max_length=15,
        choices=Assignment.choices,
        default=Assignment.OFF,
        help_text=_("Who gets a new conversation, of the operators who are online and have room."),
    )
    epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inboxes")
        ordering = ["name", "pk"]
        constraints = [
            Immutable(fields=["branch"], name="dm_inbox_immutable"),
            models.UniqueConstraint(fields=["id", "branch"], name="dm_inbox_id_branch"),
            models.CheckConstraint(
                condition=models.Q(assignment__in=["off", "round_robin", "least_loaded"]),
                name="dm_inbox_assignment",
            ),
            models.CheckConstraint(
                condition=Q(
                    ask_name__in=["no", "optional", "required"],
                    ask_email__in=["no", "optional", "required"],
                    ask_phone__in=["no", "optional", "required"],
                ),
                name="dm_inbox_ask",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def pre_chat(self) -> dict[str, Any]:
        """What to ask visitors before their first message, as ``config/`` shows it."""
        asked = ((name, getattr(self, field)) for name, field in self.QUESTIONS.items())
        fields = [
            {"name": name, "required": ask == self.Ask.REQUIRED}
            for name, ask in asked
            if ask != self.Ask.NO
        ]
        return {
            "fields": fields,
            "consent": {"url": self.consent_url} if self.ask_consent else None,
        }

    @property
    def features(self) -> dict[str, bool]:
        """What the widget has, as ``config/`` shows it."""
        return {name: getattr(self, field) for name, field in self.SWITCHES.items()}

    def clean(self) -> None:
        """Check the branch, and that nobody else's pages still carry the widget token.

        Raises:
            ValidationError: the branch has been changed, or the token is another inbox's.
        """
        super().clean()
        carried = Inbox.objects.filter(
            previous_widget_token=self.widget_token, previous_widget_token_until__gt=timezone.now()
        )
        if carried.exclude(pk=self.pk).exists():
            message = _("Inbox with this widget token already exists.")
            raise ValidationError({"widget_token": ValidationError(message, code="unique")})
