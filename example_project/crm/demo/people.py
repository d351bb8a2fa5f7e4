"""Branches, staff, inboxes, labels and prepared answers of the demo.

Whatever is already there stays as people have left it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from crm.models import Branch, Company
from django_messenger.models import CannedResponse, Inbox, Label, Operator
from django_messenger.services.inboxes import create_inbox

PASSWORD = "demo"
ORIGINS = ["http://localhost:*", "http://127.0.0.1:*"]
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://ash-chisel.example/demo")

OPERATOR = (
    "view_conversation",
    "change_conversation",
    "view_message",
    "add_message",
    "view_contact",
    "change_contact",
    "view_inbox",
    "view_label",
    "view_cannedresponse",
)
SUPERVISOR = (*OPERATOR, "assign_conversation", "view_reports",
              "add_inbox", "change_inbox", "view_operator",
              "add_label", "change_label", "delete_label",
              "add_cannedresponse", "change_cannedresponse", "delete_cannedresponse")  # fmt: skip
ROLES = {"operator": OPERATOR, "supervisor": SUPERVISOR}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the conversations refer to by name."""

    users: dict[str, User]
    inboxes: dict[str, Inbox]
    labels: dict[str, Label]


def demo_id(*parts: str) -> uuid.UUID:
    """Return the same public id for the same thing in every demo."""
    return uuid.uuid5(NAMESPACE, "/".join(parts))


def ensure_cast(setup: dict[str, Any]) -> Cast:
    """Make what ``setup`` lists and does not exist yet, and return it all."""
    branches = {slug: _branch(slug, values) for slug, values in setup["branches"].items()}
    for values in setup["companies"]:
        branch = branches[values.pop("branch")]
        Company.objects.update_or_create(
            tax_number=values["tax_number"], defaults={**values, "branch": branch}
        )
    users = {name: _user(name, values, branches) for name, values in setup["users"].items()}
    inboxes = {
        key: _inbox(key, users["admin"], values, branches)
        for key, values in setup["inboxes"].items()
    }
    labels = {name: _label(name, values, branches) for name, values in setup["labels"].items()}
    for shortcut, values in setup["canned"].items():
        scope = branches.get(values.pop("branch", ""))
        CannedResponse.objects.get_or_create(
            shortcut=shortcut, branch=scope, defaults={"texts": values}
        )
    return Cast(users, inboxes, labels)


def _branch(slug: str, values: dict[str, Any]) -> Branch:
    defaults = {**values, "id": demo_id("branch", slug)}
    return Branch.objects.get_or_create(slug=slug, defaults=defaults)[0]


def _user(username: str, values: dict[str, Any], branches: dict[str, Branch]) -> User:
    known = User.objects.filter(username=username).first()
    if known is not None:
        return known
    role = values["role"]
    is_boss = role == "superuser"
    user = User.objects.create_user(
        username,
        f"{username}@ash-chisel.example",
        PASSWORD,
        first_name=values["first_name"],
        last_name=values["last_name"],
        job_title=values["job_title"],
        is_staff=is_boss,
        is_superuser=is_boss,
    )
    if not is_boss:
        user.groups.add(_group(role))
    display_name = values.get("display_name", user.first_name)
    operator = Operator.objects.create(user=user, display_name=display_name)
    operator.branches.set([branches[slug] for slug in values["branches"]])
    return user


def _group(role: str) -> Group:
    group, is_new = Group.objects.get_or_create(name=f"Chat {role}s")
    if is_new:
        wanted = Q(content_type__app_label="django_messenger", codename__in=ROLES[role])
        group.permissions.set(Permission.objects.filter(wanted))
    return group


def _inbox(key: str, admin: User, values: dict[str, Any], branches: dict[str, Branch]) -> Inbox:
    # By its id, not by its widget token: that may have been changed since.
    public_id = demo_id("inbox", key)
    return Inbox.objects.filter(public_id=public_id).first() or create_inbox(
        user=admin,
        branch=branches[values["branch"]],
        public_id=public_id,
        name=values["name"],
        widget_token=values["widget_token"],
        allowed_origins=ORIGINS,
        time_zone="Europe/Moscow",
        appearance={name: values[name] for name in ("color", "title", "greeting")},
    )


def _label(name: str, values: dict[str, Any], branches: dict[str, Branch]) -> Label:
    branch = branches.get(values.get("branch", ""))
    return Label.objects.get_or_create(
        name=name, branch=branch, defaults={"color": values["color"]}
    )[0]
