"""The grammar of throttle rates."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_messenger.rates import DIMENSIONS, Limit, parse_rate

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@pytest.mark.parametrize(
    ("rate", "limits"),
    [
        ("", []),
        ("  \t", []),
        ("30/m/session", [(30, 60, "session")]),
        ("1/s/ip", [(1, 1, "ip")]),
        ("5/h/inbox", [(5, 3600, "inbox")]),
        ("5/d/inbox", [(5, 86_400, "inbox")]),
        ("5/10s/ip", [(5, 10, "ip")]),
        ("5/1m/ip", [(5, 60, "ip")]),
        ("999999999/9999d/ip", [(999_999_999, 863_913_600, "ip")]),
        (" 30/m/session ,\n60/m/ip ", [(30, 60, "session"), (60, 60, "ip")]),
        (
            "3000/m/inbox, 60/m/ip, 30/m/session",
            [(30, 60, "session"), (60, 60, "ip"), (3000, 60, "inbox")],
        ),
        ("9/h/ip, 5/m/ip", [(9, 3600, "ip"), (5, 60, "ip")]),
    ],
)
def test_rates(rate: str, limits: list[tuple[Any, ...]]) -> None:
    assert parse_rate(rate) == tuple(Limit(*limit) for limit in limits)


@pytest.mark.parametrize(
    "rate",
    [
        "30",
        "30/m",
        "30/m/planet",
        "30/m/IP",
        "30/M/ip",
        "30/w/ip",
        "0/m/ip",
        "-1/m/ip",
        "+1/m/ip",
        "01/m/ip",
        "1.5/m/ip",
        "1_000/m/ip",
        "٣/m/ip",
        "\uff11/m/ip",
        "1000000000/m/ip",
        "1/0m/ip",
        "1/-1m/ip",
        "1/10000m/ip",
        "1/m/ip/ip",
        "1 /m/ip",
        "1/m/ip,",
        ",",
        "1/m/ip;1/m/inbox",
        "1/m/ip 1/m/inbox",
        "lots",
        "\x00",
    ],
)
def test_what_is_no_rate(rate: str) -> None:
    with pytest.raises(ValueError, match="is not count/period/dimension"):
        parse_rate(rate)


@pytest.mark.parametrize("rate", ["1/m/ip, 2/m/ip", "1/m/ip, 1/60s/ip", "1/24h/ip, 1/d/ip"])
def test_the_same_twice(rate: str) -> None:
    with pytest.raises(ValueError, match="twice"):
        parse_rate(rate)


limits = st.builds(
    "{}/{}{}/{}".format,
    st.integers(1, 999_999_999),
    st.just("") | st.integers(1, 9999).map(str),
    st.sampled_from("smhd"),
    st.sampled_from(DIMENSIONS),
)
spaces = st.text(" \t\n", max_size=2)


def seconds(limit: str) -> int:
    """The period of a limit."""
    period = limit.split("/")[1]
    return int(period[:-1] or 1) * SECONDS[period[-1]]


@given(
    st.lists(
        limits, min_size=1, max_size=6, unique_by=lambda text: (text.split("/")[2], seconds(text))
    ),
    spaces,
)
def test_a_rate_means_what_it_says(parts: list[str], space: str) -> None:
    parsed = parse_rate(f"{space},{space}".join(parts) + space)

    said = [(int(part.split("/")[0]), seconds(part), part.split("/")[2]) for part in parts]
    assert sorted((x.count, x.period, x.dimension) for x in parsed) == sorted(said)
    places = [DIMENSIONS.index(limit.dimension) for limit in parsed]
    assert places == sorted(places)


@given(st.text() | st.text("0123456789/smhd, ipnboxe") | st.from_regex(r"[\d]{1,3}/\d?[smhd]/ip"))
@example("\ud800")
@example("/" * 10_000)
@example("9" * 10_000 + "/m/ip")
def test_nothing_but_a_value_error(rate: str) -> None:
    try:
        parsed = parse_rate(rate)
    except ValueError:
        return
    assert len(parsed) == (len(re.split(",", rate)) if rate.strip() else 0)
    assert all(limit.count > 0 and limit.period > 0 for limit in parsed)
