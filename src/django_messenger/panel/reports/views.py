"""The page of the reports, and its tables as files."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse

from django_messenger.exceptions import InvalidInput
from django_messenger.panel.base import PanelView
from django_messenger.panel.reports.charts import make_charts
from django_messenger.panel.reports.query import Choices, ReportQuery
from django_messenger.panel.reports.sheets import check_table, csv_name, write_csv
from django_messenger.panel.reports.tiles import compared_with, make_tiles
from django_messenger.selectors.reports.period import host_zone
from django_messenger.selectors.reports.report import read_report

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from django_messenger.access import Action
    from django_messenger.selectors.reports.figures import Report

logger = logging.getLogger("django_messenger")


class ReportPage(PanelView):
    """Base of both: one query, one report, and the form again where the query is no good."""

    action: ClassVar[Action] = "report"
    section: ClassVar[str] = "reports"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        self.query = ReportQuery.of(request.GET)
        self.choices = Choices.of(request.user)
        try:
            selection = self.query.select(self.choices)
            report = read_report(
                request.user,
                selection.period,
                inbox=selection.inbox,
                operator=selection.operator,
            )
            return self.show(report)
        except InvalidInput as error:
            problems = {name: found[0].message for name, found in error.errors.items()}
            return self.page("reports.html", self.form(problems), status=400)

    def show(self, report: Report) -> HttpResponseBase:
        """Answer with a report."""
        raise NotImplementedError

    def page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        if template == "denied.html":
            template = "reports_denied.html"
        return super().page(template, context, status=status)

    def form(self, problems: dict[str, Any]) -> dict[str, Any]:
        """Return what the form above the figures shows, with everything as it was typed."""
        return {
            "query": self.query,
            "dates": self.query.dates,
            "presets": self.query.presets(),
            "inboxes": self.choices.inboxes,
            "operators": self.choices.operators,
            "problems": problems,
            "zone": str(host_zone()),
        }


class ReportsView(ReportPage):
    """The page: tiles, charts with their tables, and tables by inbox and operator."""

    def show(self, report: Report) -> HttpResponseBase:
        context = {
            "report": report,
            "tiles": make_tiles(report),
            "charts": make_charts(report),
            "compared_with": compared_with(report),
            "csv": self.query.csv_urls(),
        }
        return self.page("reports.html", {**self.form({}), **context})


class ReportsCsvView(ReportPage):
    """``?table=days``, ``inboxes`` or ``operators``: one table as a file, by the same query."""

    def show(self, report: Report) -> HttpResponseBase:
        table = check_table(self.request.GET.get("table", ""))
        response = HttpResponse(write_csv(report, table), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{csv_name(report, table)}"'
        response["X-Content-Type-Options"] = "nosniff"
        logger.info(
            "User %s exported the report %s.", self.request.user.pk, csv_name(report, table)
        )
        return response
