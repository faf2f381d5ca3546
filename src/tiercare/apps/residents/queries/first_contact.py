"""What draws residents to primary care first (XH-23), as the pack in force at an institution says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.policy import ParameterProblem, Value, carries, parameter
from tiercare.kernel.refusal import Refused

from ..rules.care import Service, services_of

CLAUSE = "XH-23"


@dataclass(frozen=True, slots=True)
class FirstContact:
    """What the clause says on a day at a place: the ``levers`` that are shown before booking, the ``services`` that can
    be asked for; how long an answer, a visit and the note of it may take, ``None`` where nothing says so."""

    pack: str
    levers: frozenset[str]
    services: tuple[Service, ...]
    answer_within: timedelta | None
    visit_within: timedelta | None
    report_within: timedelta | None
    clause: str = CLAUSE


def first_contact_at(institution_id: UUID, *, on: date) -> FirstContact | None:
    """``None`` where no text in force there asks for it, the institution is not open, or no pack is in force."""
    place = network.place_of(institution_id, on=on)
    if place is None:
        return None
    try:
        pack = mandates.pack_in_force(place.division_code, on=on)
    except Refused:
        return None
    known = mandates.packs()
    if not any(clause.id == CLAUSE for each in known.chain(pack) for clause in each.clauses):
        return None

    def said(key: str) -> Value:
        name = f"{CLAUSE}.{key}"
        try:
            return parameter(known, name, pack, on=on).value if carries(known, name, pack) else None
        except ParameterProblem:
            return None

    return FirstContact(
        pack=pack,
        levers=frozenset(_words(said("levers"))),
        services=services_of(_words(said("services"))),
        answer_within=_hours(said("care_answer_hours")),
        visit_within=_hours(said("care_visit_hours")),
        report_within=_hours(said("care_report_hours")),
    )


def _words(value: Value) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, tuple | list) else ()


def _hours(value: Value) -> timedelta | None:
    return timedelta(hours=value) if isinstance(value, int) and not isinstance(value, bool) else None
