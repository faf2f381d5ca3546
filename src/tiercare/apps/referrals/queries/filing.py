"""Filings with the insurer: how one stands, which wait for somebody, and what the packs ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.exchange.queries import Case, standing_of
from tiercare.apps.exchange.queries.opening import reading_refusal
from tiercare.apps.exchange.rules import refusals
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.rules.cover import Scheme
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import PackSet, ParameterProblem, Value, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.filing import AGENCY, COORDINATION, PEER, SERVICES, TASKS, State, Waits

_OF_REQUEST = """
SELECT f.id, f.state, f.scheme, f.insured_area, f.round, f.tries, f.next_try_at, f.number, f.words, f.answered_at, f.made_at
FROM referrals_filing f WHERE f.request_id = %(request)s ORDER BY f.made_at DESC, f.id DESC LIMIT 1
"""
_WAITING = """
SELECT f.id, f.request_id, f.resident_id, f.state, f.scheme, f.insured_area, f.words, f.made_at,
       f.answered_at IS NOT NULL AS answered, r.number AS request_number,
       r.kind, r.from_institution, r.to_institution
FROM referrals_filing f JOIN exchange_request r ON r.id = f.request_id
WHERE f.state = ANY (%(tasks)s::text[]) AND %(house)s IN (r.from_institution, r.to_institution)
ORDER BY f.made_at, f.id LIMIT %(limit)s
"""
_MOST = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """What the pack in force asks: ``files`` a filing of every accepted referral (XH-43), ``sends`` it over the line
    (XH-45), and how long is waited. ``waits`` is ``None`` where nothing is sent."""

    files: bool = False
    sends: bool = False
    waits: Waits | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """A filing as both sides see it. ``area_name`` is the insured area; ``number`` and ``words`` the last answer."""

    id: UUID
    state: State
    scheme: Scheme | None
    area: str
    area_name: str
    tries: int
    next_try_at: datetime | None
    number: str
    words: str
    answered_at: datetime | None
    made_at: datetime

    @property
    def task(self) -> bool:
        """Whether somebody has to see to it."""
        return self.state in TASKS


@dataclass(frozen=True, slots=True)
class Task:
    """A filing that waits for somebody, with whose it is and between whom; ``answered``: the ``words`` are the insurer's."""

    id: UUID
    request_id: UUID
    request_number: str
    kind: str
    state: State
    words: str
    answered: bool
    scheme: Scheme | None
    area: str
    made_at: datetime
    sender: str
    receiver: str
    who: residents.Least | None


def asking_in(area: str, *, on: date) -> Asking:
    """What the pack that holds in this area asks on that day; nothing where none is in force."""
    try:
        pack = mandates.pack_in_force(area, on=on)
    except Refused:
        return Asking()
    return _asking(mandates.packs(), pack, on)


def filing_of(actor: Actor, request_id: UUID) -> Filed | None:
    """How the filing of a request stands, for both sides of it; ``None`` where there is none. It names nobody, so it is no
    reading of a record.

    Raises:
        Refused: if there is no such request for the actor.
    """
    refuse(reading_refusal(actor))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or actor.institution_id not in standing.houses:
            raise Refused(refusals.NO_SUCH_REQUEST)
        return _filed(request_id)


def filing_beside(actor: Actor, case: Case) -> Filed | None:
    """As ``filing_of``, of a request that was opened; ``None`` also for whoever has no part in it."""
    if actor.institution_id not in case.standing.houses:
        return None
    with scoped(actor):
        return _filed(case.line.id)


def _filed(request_id: UUID) -> Filed | None:
    found = rows(_OF_REQUEST, request=request_id)
    if not found:
        return None
    row = found[0]
    area = row["insured_area"]
    names = terms.divisions({area}, on=ledger.today()) if area else {}
    return Filed(
        id=row["id"],
        state=State(row["state"]),
        scheme=Scheme(row["scheme"]) if row["scheme"] else None,
        area=area,
        area_name=names[area].name if area in names else area,
        tries=row["tries"],
        next_try_at=row["next_try_at"],
        number=row["number"],
        words=row["words"],
        answered_at=row["answered_at"],
        made_at=row["made_at"],
    )


def filings_to_see_to(actor: Actor, *, limit: int = _MOST) -> list[Task]:
    """Filings between the actor's institution and others that wait for somebody, the oldest first; whose they are is
    recorded as read.

    Raises:
        Refused: if the actor sends and answers no requests.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        found = rows(
            _WAITING,
            tasks=sorted(each.value for each in TASKS),
            house=actor.institution_id,
            limit=min(limit, _MOST),
        )
        residents.record_listed(actor, "filings", [row["resident_id"] for row in found])
    people = {each.id: each for each in residents.least_of([row["resident_id"] for row in found])}
    houses = {row[side] for row in found for side in ("from_institution", "to_institution") if row[side]}
    names = network.names_of_institutions(houses, on=ledger.today())
    return [
        Task(
            id=row["id"],
            request_id=row["request_id"],
            request_number=row["request_number"],
            kind=row["kind"],
            state=State(row["state"]),
            words=row["words"],
            answered=row["answered"],
            scheme=Scheme(row["scheme"]) if row["scheme"] else None,
            area=row["insured_area"],
            made_at=row["made_at"],
            sender=names.get(row["from_institution"], ""),
            receiver=names.get(row["to_institution"], ""),
            who=people.get(row["resident_id"]),
        )
        for row in found
    ]


@lru_cache(maxsize=256)
def _asking(packs: PackSet, pack: str, on: date) -> Asking:
    def said(key: str) -> Value:
        try:
            return parameter(packs, key, pack, on=on).value if carries(packs, key, pack) else None
        except ParameterProblem:
            return None

    def number(key: str) -> int | None:
        value = said(f"XH-45.filing_{key}")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    services = said(SERVICES)
    files = isinstance(services, list | tuple) and COORDINATION in services
    first, factor, longest = (
        number("first_wait_seconds"),
        number("wait_factor"),
        number("longest_wait_minutes"),
    )
    most, within = number("most_tries"), number("answer_within_seconds")
    if said(PEER) != AGENCY or None in (first, factor, longest, most, within):
        return Asking(files=files)
    assert first and factor and longest and most and within
    waits = Waits(
        timedelta(seconds=first), factor, timedelta(minutes=longest), most, timedelta(seconds=within)
    )
    return Asking(files=files, sends=True, waits=waits)
