"""The fact tables of places: bookings of a month, and what was offered, kept and used on each of its days.

Rows in the columns of ``facts.yaml``, sorted by their key. The caller stands in ``scoped`` over the whole index.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.streams import streamed
from tiercare.apps.network.queries import Places
from tiercare.apps.residents.queries import FactPeople
from tiercare.kernel.clock import day_of

from ..rules.vocabulary import EXTRA, OFFERED, REFERRED, Channel, Kind
from ..workflow import COUNTED, State

Row = dict[str, Any]
_RESOURCES: Mapping[str, str] = {Kind.CLINIC: "slot", Kind.BED: "bed", Kind.EXAM: "exam"}
# A place that was only held, and given back by time, was never booked.
_STATES: Mapping[str, str] = {
    State.BOOKED: "booked",
    State.ARRIVED: "booked",
    State.ATTENDED: "attended",
    State.NO_SHOW: "missed",
    State.CANCELLED: "cancelled",
    State.MOVED: "cancelled",
    State.STOPPED: "cancelled",
}
_CHANNELS: Mapping[str, str] = {
    Channel.REFERRAL: "referral",
    Channel.FAMILY_DOCTOR: "family_doctor",
    Channel.MEMBER: "other",
    **dict.fromkeys(EXTRA, "desk"),
}
_BOOKINGS = """
SELECT b.id, b.resident_id, b.institution_id, s.kind, b.channel, b.quota_channel, b.booked_by, s.day, b.made_at, b.state
FROM capacity_session s JOIN capacity_slot l ON l.session_id = s.id JOIN capacity_booking b ON b.slot_id = l.id
WHERE s.institution_id = ANY (%(institutions)s::uuid[]) AND s.day BETWEEN %(first)s::date AND %(last)s::date
  AND b.state = ANY (%(states)s::text[])
ORDER BY b.id
"""
# Materialised, as in the proof: inlined, a planner without statistics counts the bookings anew for every quota.
_QUOTAS = """
WITH wanted AS MATERIALIZED (
    SELECT s.id, s.institution_id, s.day, s.kind FROM capacity_session s
    WHERE s.institution_id = ANY (%(institutions)s::uuid[]) AND s.state = 'PUBLISHED'
      AND s.day BETWEEN %(first)s::date AND %(last)s::date
), used AS MATERIALIZED (
    SELECT q.session_id, q.channel, q.holder_id,
           count(*) FILTER (WHERE b.state = ANY (%(counted)s::text[])) AS used,
           count(*) FILTER (WHERE b.made_at < q.release_at
                              AND (b.state = ANY (%(counted)s::text[]) OR b.changed_at >= q.release_at)) AS at_release
    FROM wanted w JOIN capacity_slot l ON l.session_id = w.id JOIN capacity_booking b ON b.slot_id = l.id
    JOIN capacity_quota q ON q.session_id = w.id AND q.channel = b.quota_channel AND q.holder_id = b.holder_id
    WHERE q.channel = ANY (%(kept)s::text[]) GROUP BY q.session_id, q.channel, q.holder_id
)
SELECT w.institution_id, w.kind, w.day, sum(q.cap)::integer AS offered,
       coalesce(sum(q.cap) FILTER (WHERE q.channel = ANY (%(kept)s::text[])), 0)::integer AS reserved,
       coalesce(sum(u.used), 0)::integer AS used,
       coalesce(sum(greatest(q.cap - coalesce(u.at_release, 0), 0)) FILTER (
           WHERE q.channel = ANY (%(kept)s::text[]) AND q.release_at <= (SELECT tiercare_now())), 0)::integer AS released
FROM wanted w JOIN capacity_quota q ON q.session_id = w.id AND q.channel = ANY (%(offered)s::text[])
LEFT JOIN used u ON u.session_id = q.session_id AND u.channel = q.channel AND u.holder_id = q.holder_id
GROUP BY w.institution_id, w.kind, w.day
"""
_MONTHS = """
SELECT DISTINCT date_trunc('month', s.day)::date AS month
FROM capacity_booking b JOIN capacity_session s ON s.id = b.session_id
WHERE b.resident_id = ANY (%(entries)s::uuid[])
"""
_PLACE = """
SELECT s.day, s.institution_id FROM capacity_booking b JOIN capacity_session s ON s.id = b.session_id
WHERE b.id = %(booking)s::uuid
"""
_SESSIONS = """
SELECT DISTINCT date_trunc('month', s.day)::date AS month FROM capacity_session s WHERE s.id = ANY (%(sessions)s::uuid[])
"""


def fact_bookings(
    region: str, *, first: date, last: date, places: Places, people: FactPeople
) -> Iterator[Row]:
    """Bookings of places on these days (both count) at institutions of the region."""
    inside = [each.id for each in places.institutions.values() if each.county.startswith(region)]
    asked = {"institutions": inside, "first": first, "last": last, "states": list(map(str, _STATES))}
    for some in streamed(_BOOKINGS, **asked):
        known = people.of({row["resident_id"] for row in some})
        for row in some:
            where, person = places.institutions[row["institution_id"]], known.get(row["resident_id"])
            if person is not None:
                yield {
                    "booking": str(row["id"]),
                    "person": person.key,
                    "institution": where.key,
                    "tier": where.tier,
                    "division": where.division,
                    "consortium": where.consortium,
                    "resource": _RESOURCES[row["kind"]],
                    "channel": _channel(row),
                    "reserved": row["quota_channel"] in REFERRED,
                    "date": row["day"],
                    "lead_days": max(0, (row["day"] - day_of(row["made_at"])).days),
                    "state": _STATES[row["state"]],
                }


def _channel(row: Mapping[str, Any]) -> str:
    open_to_all = "resident" if row["booked_by"] is None else "desk"
    return _CHANNELS.get(row["channel"], open_to_all)


def fact_quotas(region: str, *, first: date, last: date, places: Places) -> Iterator[Row]:
    """What institutions of the region offered on these days (both count). Reserved are places for referrals and family
    doctors; a hold that nobody has confirmed has not used one."""
    inside = [each.id for each in places.institutions.values() if each.county.startswith(region)]
    found = rows(
        _QUOTAS,
        institutions=inside,
        first=first,
        last=last,
        kept=[each.value for each in REFERRED],
        offered=[each.value for each in OFFERED],
        counted=[each.value for each in COUNTED if each is not State.HELD],
    )
    made = [
        {
            "institution": places.institutions[row["institution_id"]].key,
            "division": places.institutions[row["institution_id"]].division,
            "role": places.institutions[row["institution_id"]].role,
            "resource": _RESOURCES[row["kind"]],
            "date": row["day"],
            "offered": row["offered"],
            "reserved": row["reserved"],
            "used": row["used"],
            "released": row["released"],
        }
        for row in found
    ]
    yield from sorted(made, key=_key)


def _key(row: Row) -> tuple[str, str, date]:
    return row["institution"], row["resource"], row["date"]


def months_booked(entries: Collection[UUID]) -> list[date]:
    """The first days of the months in which places of these residents lie."""
    return [row["month"] for row in rows(_MONTHS, entries=list(entries))]


def place_at(booking: UUID) -> tuple[date, UUID] | None:
    """The day of a booking's place, and whose place it is."""
    found = rows(_PLACE, booking=booking)
    return (found[0]["day"], found[0]["institution_id"]) if found else None


def months_of_sessions(sessions: Collection[UUID]) -> list[date]:
    """The first days of the months of these sessions."""
    return [row["month"] for row in rows(_SESSIONS, sessions=list(sessions))]
