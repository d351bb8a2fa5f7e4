"""Staff in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from accounts.models import User


@admin.register(User)
class StaffAdmin(UserAdmin):
    """Django's own user pages with the job title added."""

    fieldsets = (*(UserAdmin.fieldsets or ()), (_("Work"), {"fields": ("job_title",)}))
    list_display = ("username", "first_name", "last_name", "job_title", "is_staff", "is_active")
