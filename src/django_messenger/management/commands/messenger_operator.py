"""``manage.py messenger_operator anna --branch north``: let a user answer in a branch."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from django_messenger.access import get_branch_model
from django_messenger.selectors.operators import staff_name
from django_messenger.services.operators import save_operator

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django_messenger.services.operators import Role


class Command(BaseCommand):
    """Makes an existing user an operator, or changes where and as what they answer."""

    help = "Let an existing user answer in exactly the named branches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="what the user logs in with")
        parser.add_argument(
            "--branch",
            dest="branches",
            metavar="SLUG_OR_PK",
            action="extend",
            nargs="+",
            required=True,
            help="slug or primary key of a branch; may stand several times",
        )
        parser.add_argument("--supervisor", action="store_true", help="supervisor, not operator")
        parser.add_argument("--name", help="the name that visitors see (default: the user's own)")

    def handle(self, *args: Any, **options: Any) -> None:
        user = _find_user(options["username"])
        branches = [_find_branch(text) for text in options["branches"]]
        role: Role = "supervisor" if options["supervisor"] else "operator"
        name = options["name"] or staff_name(user)
        try:
            save_operator(user=user, display_name=name, branches=branches, role=role)
        except LookupError as error:
            raise CommandError(str(error)) from error
        where = ", ".join(str(branch) for branch in branches)
        self.stdout.write(self.style.SUCCESS(f"{name} is {role} of {where}."))


def _find_user(username: str) -> Any:
    model = get_user_model()
    user = model._default_manager.filter(**{model.USERNAME_FIELD: username}).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}: create one first.")
    return user


def _find_branch(text: str) -> Any:
    model = get_branch_model()
    wanted = Q()
    with suppress(ValidationError):
        wanted |= Q(pk=model._meta.pk.clean(text, None))
    with suppress(FieldDoesNotExist):
        wanted |= Q(**{model._meta.get_field("slug").name: text})
    found = list(model._default_manager.filter(wanted)[:2]) if wanted else []
    if len(found) != 1:
        known = ", ".join(
            getattr(branch, "slug", None) or str(branch.pk)
            for branch in model._default_manager.order_by("pk")[:20]
        )
        problem = "There is no branch" if not found else "More than one branch is called"
        raise CommandError(f"{problem} {text!r}. There are: {known or 'none yet'}.")
    return found[0]
