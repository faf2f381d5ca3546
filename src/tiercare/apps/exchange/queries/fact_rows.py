"""The fact tables of requests: referrals and advice from afar that were sent in a month, and how far each of them came.

Rows in the columns of ``facts.yaml``, sorted by their key. The caller stands in ``scoped`` over the whole index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.streams import streamed
from tiercare.apps.network.queries import Places
from tiercare.apps.residents.queries import FactPeople
from tiercare.kernel.clock import day_of

from ..rules.kinds import Urgency
from ..workflow import State

Row = dict[str, Any]
_STATES: Mapping[str, str] = {
    State.RETURNED: "returned",
    State.NO_SHOW: "no_show",
    State.CLOSED: "closed",
    State.WITHDRAWN: "withdrawn",
    State.CANCELLED: "cancelled",
    State.DIED: "died",
}
_URGENCIES = {Urgency.EMERGENCY: "emergency", Urgency.URGENT: "urgent", Urgency.ROUTINE: "routine"}
# Counted in the month in which it was first sent. Whoever lets the patient in has accepted them. ``late``: nobody had
# answered when it went up the line for the first time.
_REQUESTS = """
SELECT r.id, r.kind, r.state, r.urgency, r.resident_id, r.from_institution AS sender, r.to_institution AS receiver,
       r.problem_code, coalesce(r.payload ->> 'group', '') AS patients, s.*,
       EXISTS (SELECT FROM exchange_notice e WHERE e.request_id = r.id AND e.about = 'escalated'
                 AND e.at <= coalesce(s.answered, tiercare_now())) AS late,
       EXISTS (SELECT FROM capacity_booking b
               WHERE b.resident_id = r.resident_id AND b.source_id = r.id AND b.made_at <= s.sent
                 AND (b.state NOT IN ('CANCELLED', 'LAPSED') OR b.changed_at > s.sent)) AS placed
FROM exchange_request r
CROSS JOIN LATERAL (
    SELECT min(t.at) FILTER (WHERE t.act = 'submit') AS sent,
           min(t.at) FILTER (WHERE t.act IN ('accept', 'return', 'redirect', 'arrive')) AS answered,
           min(t.at) FILTER (WHERE t.act = 'accept' OR t.act = 'arrive' AND t.source = 'SUBMITTED') AS accepted,
           min(t.at) FILTER (WHERE t.act = 'arrive') AS arrived,
           min(t.at) FILTER (WHERE t.act = 'report') AS reported,
           min(t.at) FILTER (WHERE t.act = 'acknowledge') AS closed
    FROM exchange_step t WHERE t.request_id = r.id
) s
WHERE r.kind = ANY (%(kinds)s::text[]) AND r.sent_at >= %(since)s AND r.made_at < %(until)s
  AND s.sent >= %(since)s AND s.sent < %(until)s
ORDER BY r.id
"""
_MONTHS = """
SELECT DISTINCT date_trunc('month', s.sent AT TIME ZONE 'Asia/Shanghai')::date AS month
FROM exchange_request r CROSS JOIN LATERAL (
    SELECT min(t.at) AS sent FROM exchange_step t WHERE t.request_id = r.id AND t.act = 'submit') s
WHERE r.resident_id = ANY (%(entries)s::uuid[]) AND s.sent IS NOT NULL
"""
_TOUCHED = """
SELECT s.sent, r.parties, r.resident_id FROM exchange_request r CROSS JOIN LATERAL (
    SELECT min(t.at) AS sent FROM exchange_step t WHERE t.request_id = r.id AND t.act = 'submit') s
WHERE r.id = %(request)s::uuid AND s.sent IS NOT NULL
"""
_BROUGHT = "SELECT id, kind, urgency FROM exchange_request WHERE id = ANY (%(ids)s::uuid[])"


def _requests(kinds: Collection[str], *, since: datetime, until: datetime) -> Iterator[list[dict[str, Any]]]:
    """Requests of these kinds that were first sent in the period, with the moments of their steps."""
    return streamed(_REQUESTS, kinds=sorted(kinds), since=since, until=until)


def fact_referrals(
    region: str,
    *,
    since: datetime,
    until: datetime,
    kinds: Collection[str],
    places: Places,
    people: FactPeople,
) -> Iterator[Row]:
    """Referrals from or to institutions of the region, and of its residents; ``kinds`` are up, down and lateral.

    Who goes down has been found stable; of others nobody says so, and they count as not.
    """
    for some in _requests(kinds, since=since, until=until):
        known = people.of({row["resident_id"] for row in some})
        for row in some:
            person = known.get(row["resident_id"])
            sender, receiver = (places.institutions.get(row[side]) for side in ("sender", "receiver"))
            if person is None or sender is None or receiver is None:
                continue
            if any(each.startswith(region) for each in (sender.county, receiver.county, person.home)):
                yield {
                    "referral": str(row["id"]),
                    "person": person.key,
                    "direction": row["kind"],
                    "sender": sender.key,
                    "sender_tier": sender.tier,
                    "sender_division": sender.division,
                    "sender_consortium": sender.consortium,
                    "receiver": receiver.key,
                    "receiver_tier": receiver.tier,
                    "receiver_division": receiver.division,
                    "receiver_consortium": receiver.consortium,
                    "home": person.home,
                    "diagnosis": row["problem_code"],
                    "urgency": _URGENCIES[Urgency(row["urgency"])],
                    "stable": row["kind"] == "down",
                    "place_kept": row["placed"],
                    "submitted": day_of(row["sent"]),
                    "accepted": _day(row["accepted"]),
                    "minutes_to_accept": _minutes(row["sent"], row["accepted"]),
                    "in_time": False if row["late"] else True if row["accepted"] else None,
                    "arrived": _day(row["arrived"]),
                    "minutes_to_arrive": _minutes(row["sent"], row["arrived"]),
                    "reported": _day(row["reported"]),
                    "closed": _day(row["closed"]),
                    "state": _STATES.get(row["state"], "open"),
                    "green_channel": Urgency(row["urgency"]) is Urgency.EMERGENCY,
                }


def fact_remote(
    region: str, *, since: datetime, until: datetime, kinds: Mapping[str, str], places: Places
) -> Iterator[Row]:
    """Services from afar for institutions of the region; ``kinds`` says what a kind of request is called there."""
    for row in chain.from_iterable(_requests(kinds, since=since, until=until)):
        sender, receiver = (places.institutions.get(row[side]) for side in ("sender", "receiver"))
        if sender is not None and receiver is not None and sender.county.startswith(region):
            yield {
                "service": str(row["id"]),
                "kind": kinds[row["kind"]],
                "sender": sender.key,
                "sender_tier": sender.tier,
                "sender_division": sender.division,
                "sender_consortium": sender.consortium,
                "receiver": receiver.key,
                "receiver_tier": receiver.tier,
                "receiver_consortium": receiver.consortium,
                "requested": day_of(row["sent"]),
                "minutes_to_report": _minutes(row["sent"], row["reported"]),
                "done": row["reported"] is not None,
            }


def brought(ids: Collection[UUID]) -> Mapping[UUID, tuple[str, bool]]:
    """Of requests by id: their kind, and whether it was an emergency."""
    found = rows(_BROUGHT, ids=list(ids)) if ids else []
    return {row["id"]: (row["kind"], Urgency(row["urgency"]) is Urgency.EMERGENCY) for row in found}


def months_sent(entries: Collection[UUID]) -> list[date]:
    """The first days of the months in which requests about these residents were first sent."""
    return [row["month"] for row in rows(_MONTHS, entries=list(entries))]


def sent_at(request: UUID) -> tuple[date, list[UUID], UUID] | None:
    """The day on which a request was first sent, all institutions that ever had a part in it, and whose it is; ``None`` of
    a draft."""
    found = rows(_TOUCHED, request=request)
    return (day_of(found[0]["sent"]), found[0]["parties"], found[0]["resident_id"]) if found else None


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else day_of(moment)


def _minutes(since: datetime, until: datetime | None) -> int | None:
    return None if until is None else max(0, int((until - since).total_seconds() // 60))
