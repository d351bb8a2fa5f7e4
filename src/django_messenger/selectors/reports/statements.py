"""The three statements that read all figures of a report, each in one pass over its rows.

The window functions cut every conversation into turns: what the visitor says until an operator
answers, with that answer. A turn is a wait; the first one with a visitor's message is the first
response. ``GROUPING SETS`` counts the total, the days, the inboxes and the operators at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

#: Whoever has waited so long for a first answer has been missed, in hours.
MISSED_AFTER: Final = 24
#: Visitors who give so many of five stars are content.
GOOD: Final = 4
#: The time of a conversation's last message may lie a moment before that message's own.
_SLACK: Final = "interval '1 minute'"

_LIVE: Final = "('open', 'pending', 'snoozed')"
_HANDED_OVER: Final = (
    "EXISTS (SELECT FROM django_messenger_assignmentlog AS log"
    " WHERE log.conversation_id = talk.id AND log.cause = 'handed_over'"
    " AND log.created_at >= talk.resolved_at)"
)
_FIRST_ASKED: Final = (
    "(SELECT asked.created_at FROM django_messenger_message AS asked"
    " WHERE asked.conversation_id = talk.id AND asked.kind = 'visitor'"
    " AND asked.quarantined_at IS NULL ORDER BY asked.seq LIMIT 1)"
)
_LINES: Final = """
line AS (
    SELECT said.conversation_id, said.seq, said.kind, said.created_at, said.author_user_id,
        count(*) FILTER (WHERE said.kind = 'operator') OVER earlier AS turn,
        count(*) FILTER (WHERE said.kind = 'visitor') OVER earlier AS asked
    FROM django_messenger_message AS said
    WHERE said.conversation_id IN (SELECT id FROM talk)
        AND said.kind IN ('visitor', 'operator') AND said.quarantined_at IS NULL
    WINDOW earlier AS (PARTITION BY said.conversation_id ORDER BY said.seq
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
turned AS (
    SELECT line.*, row_number() OVER turn AS place, last_value(kind) OVER turn = 'operator' AS ends,
        last_value(created_at) OVER turn AS ends_at, last_value(author_user_id) OVER turn AS ends_by
    FROM line
    WINDOW turn AS (PARTITION BY conversation_id, turn ORDER BY seq
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)"""
_FACT: Final = f"""
    SELECT talk.inbox_id AS inbox, {{day}} AS day,
        CASE WHEN ends THEN ends_by ELSE talk.assignee_id END AS who,
        kind, kind = 'visitor' AND place = 1 AS waits, kind = 'visitor' AND asked = 0 AS begins,
        talk.status IN {_LIVE} AS live,
        CASE WHEN ends THEN extract(epoch FROM ends_at - turned.created_at)::float8 END AS seconds,
        CASE WHEN ends OR kind <> 'visitor' OR asked > 0 THEN FALSE
            WHEN EXISTS (SELECT FROM django_messenger_message AS bot
                WHERE bot.conversation_id = talk.id AND bot.kind = 'bot') THEN FALSE
            WHEN talk.status = 'resolved' THEN NOT {_HANDED_OVER}
            ELSE talk.status IN {_LIVE}
                AND turned.created_at < clock_timestamp() - interval '{MISSED_AFTER} hours'
        END AS missed
    FROM turned JOIN talk ON talk.id = turned.conversation_id
    WHERE {{when}}"""  # noqa: S608 - constants of the package, and no values
_SPREAD: Final = "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds)"

TALKS: Final = {
    "new": "count(*) FILTER (WHERE begins)",
    "unanswered": "count(*) FILTER (WHERE begins AND seconds IS NULL)",
    "unresolved": "count(*) FILTER (WHERE begins AND live)",
    "missed": "count(*) FILTER (WHERE missed)",
    "first_response": f"{_SPREAD} FILTER (WHERE begins)",
    "waits": "count(*) FILTER (WHERE waits)",
    "waits_open": "count(*) FILTER (WHERE waits AND seconds IS NULL)",
    "waiting": f"{_SPREAD} FILTER (WHERE waits)",
    "visitor_messages": "count(*) FILTER (WHERE kind = 'visitor')",
    "operator_messages": "count(*) FILTER (WHERE kind = 'operator')",
}
RESOLUTIONS: Final = {"resolved": "count(*)", "resolution": _SPREAD}
RATINGS: Final = {"ratings": "count(*)", "good": f"count(*) FILTER (WHERE score >= {GOOD})"}
#: Which of these columns are a pair of percentiles.
SPREADS: Final = frozenset({"first_response", "waiting", "resolution"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a report counts.

    Attributes:
        visible, visible_params: a SELECT of the primary keys of conversations.
        bounds: where each day begins and the last one ends.
        before: the stretch of time to compare with.
        operator: primary key of a user, or None for all.
    """

    visible: str
    visible_params: tuple[Any, ...]
    bounds: Sequence[datetime]
    before: tuple[datetime, datetime]
    operator: Any = None

    def day(self, moment: str) -> tuple[str, list[Any]]:
        """Return the number of a moment's day, from 1; 0 for the days before."""
        return f"width_bucket({moment}, %s::timestamptz[])", [list(self.bounds[:-1])]

    def when(self, moment: str) -> tuple[str, list[Any]]:
        """Return the condition that a moment lies in the period or in that before."""
        sql = f"({moment} >= %s AND {moment} < %s OR {moment} >= %s AND {moment} < %s)"
        return sql, [*self.before, self.bounds[0], self.bounds[-1]]

    def talk(self, condition: str, params: list[Any]) -> tuple[str, list[Any]]:
        """Return the conversations in question that meet a condition, as the table ``talk``."""
        sql = (
            "talk AS MATERIALIZED (SELECT id, inbox_id, assignee_id, status, resolved_at,"  # noqa: S608
            " resolved_by_id FROM django_messenger_conversation AS talk"
            f" WHERE id IN ({self.visible}) AND {condition})"
        )
        return sql, [*self.visible_params, *params]


def talks(scope: Scope) -> tuple[str, list[Any]]:
    """Return the statement about what was said, by the moment it was said."""
    # Every part put in here and below is a constant of the package; values are parameters.
    condition = f"last_message_at >= %s - {_SLACK} AND created_at < %s"
    talk, params = scope.talk(condition, [scope.before[0], scope.bounds[-1]])
    day, day_params = scope.day("turned.created_at")
    when, when_params = scope.when("turned.created_at")
    fact = _FACT.format(day=day, when=when)
    return _counted(
        scope, f"{talk}, {_LINES}", fact, TALKS.values(), [*params, *day_params, *when_params]
    )


def resolutions(scope: Scope) -> tuple[str, list[Any]]:
    """Return the statement about conversations that are resolved, by the moment they were."""
    when, when_params = scope.when("talk.resolved_at")
    talk, params = scope.talk(when, when_params)
    day, day_params = scope.day("talk.resolved_at")
    fact = (
        f"SELECT inbox_id AS inbox, {day} AS day, resolved_by_id AS who,"  # noqa: S608
        f" greatest(extract(epoch FROM resolved_at - {_FIRST_ASKED}), 0)::float8 AS seconds"
        f" FROM talk WHERE NOT {_HANDED_OVER}"
    )
    return _counted(scope, talk, fact, RESOLUTIONS.values(), [*params, *day_params])


def ratings(scope: Scope) -> tuple[str, list[Any]]:
    """Return the statement about what visitors thought, by the moment they said it."""
    talk, params = scope.talk("rating IS NOT NULL", [])
    day, day_params = scope.day("rated_at")
    when, when_params = scope.when("rated_at")
    fact = (
        f"SELECT talk.inbox_id AS inbox, {day} AS day, opinion.operator_id AS who, opinion.score"  # noqa: S608
        " FROM django_messenger_rating AS opinion"
        f" JOIN talk ON talk.id = opinion.conversation_id WHERE {when}"
    )
    return _counted(scope, talk, fact, RATINGS.values(), [*params, *day_params, *when_params])


def _counted(
    scope: Scope, tables: str, fact: str, columns: Any, params: list[Any]
) -> tuple[str, list[Any]]:
    """Return the statement that counts ``fact``: is it of the period, day, inbox, operator, by
    which of the three it is counted, and the columns."""
    mine = "" if scope.operator is None else " WHERE who = %s"
    sql = (
        f"WITH {tables}, fact AS ({fact})"  # noqa: S608
        " SELECT day > 0, day, inbox, who, GROUPING(day, inbox, who),"
        f" {', '.join(columns)} FROM fact{mine}"
        " GROUP BY GROUPING SETS ((day > 0), (day > 0, day), (day > 0, inbox), (day > 0, who))"
    )
    return sql, params if scope.operator is None else [*params, scope.operator]
