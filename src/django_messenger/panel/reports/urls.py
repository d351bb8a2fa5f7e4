"""The pages of the reports, at ``reports/`` of the panel and in its namespace."""

from __future__ import annotations

from django.urls import path

from django_messenger.panel.reports.views import ReportsCsvView, ReportsView

urlpatterns = [
    path("", ReportsView.as_view(), name="reports"),
    path("csv/", ReportsCsvView.as_view(), name="reports-csv"),
]
