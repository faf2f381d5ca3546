"""Marking months of fact tables as due: something that they are made from has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection

from tiercare.kernel.ids import uuid7

from ..queries.fact_sources import DAILY, SOURCES, following, month_of
from ..queries.facts_due import known_months

# Whoever is writing it has read before this change, perhaps: it is written once more. One that waits already is only locked,
# which lets a writer that is about to take it wait for us.
_MARK = """
INSERT INTO evaluation_factsdue (id, fact, region, month, since_at, held)
SELECT wanted.id, wanted.fact, wanted.region, wanted.month, tiercare_now(), ''
FROM unnest(%(ids)s::uuid[], %(facts)s::text[], %(regions)s::text[], %(months)s::integer[])
     AS wanted (id, fact, region, month)
ON CONFLICT (fact, region, month) DO UPDATE SET since_at = tiercare_now(), taken_at = NULL
WHERE evaluation_factsdue.since_at IS NULL OR evaluation_factsdue.taken_at IS NOT NULL
"""
# What changes with the day: of this month, and once more of the month in which it was last written.
_DAILY = """
UPDATE evaluation_factsdue SET since_at = tiercare_now()
WHERE region = %(region)s AND fact = ANY (%(facts)s::text[]) AND since_at IS NULL
  AND (written_at AT TIME ZONE 'Asia/Shanghai')::date < %(today)s::date
  AND month >= (extract(year FROM written_at AT TIME ZONE 'Asia/Shanghai') * 100
                + extract(month FROM written_at AT TIME ZONE 'Asia/Shanghai'))::integer
"""


def mark(regions: Iterable[str], facts: Collection[str], months: Iterable[int]) -> None:
    """These months of these tables are to be written anew; as often as wanted, it is once. In the caller's transaction.

    Raises:
        KeyError: the platform does not write one of the tables.
    """
    unknown = set(facts) - SOURCES.keys()
    if unknown:
        raise KeyError(f"the platform writes no {sorted(unknown)}")
    # Sorted: two who mark the same rows do not wait for each other in a circle.
    wanted = sorted({(fact, region, month) for region in regions for fact in facts for month in months})
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {
                "ids": [uuid7() for _ in wanted],
                "facts": [fact for fact, _, _ in wanted],
                "regions": [region for _, region, _ in wanted],
                "months": [month for _, _, month in wanted],
            },
        )


def mark_known(regions: Iterable[str], facts: Collection[str], *, since: int = 0, on: date) -> None:
    """These tables are to be written anew in every month from ``since`` on that was ever written, and in this one."""
    for region in regions:
        mark([region], facts, {*known_months(region, facts, since=since), month_of(on)})


def mark_all(region: str, *, since: int, on: date) -> None:
    """Everything of a region from a month on: when the platform begins to write its own facts."""
    months, month = [], since
    while month <= month_of(on):
        months.append(month)
        month = following(month)
    mark([region], list(SOURCES), months)


def mark_day(region: str, *, on: date) -> None:
    """What changes with the day without an event: this month's stocks, and those of the month before once it is over."""
    missing = [fact for fact in DAILY if month_of(on) not in known_months(region, [fact], since=month_of(on))]
    mark([region], missing, [month_of(on)])
    with connection.cursor() as cursor:
        cursor.execute(_DAILY, {"region": region, "facts": list(DAILY), "today": on})
