"""Branches, companies and tasks in the admin."""

from __future__ import annotations

from django.contrib import admin

from crm.models import Branch, Company, Task


@admin.register(Branch)
class BranchAdmin(admin.ModelAdmin):
    """Branches."""

    list_display = ("name", "city", "slug", "is_active")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    """Companies."""

    list_display = ("name", "tax_number", "customer_number", "branch")
    list_filter = ("branch",)
    search_fields = ("name", "tax_number", "customer_number")


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    """Tasks."""

    list_display = ("text", "branch", "created_by", "created_at", "is_done")
    list_filter = ("is_done", "branch")
