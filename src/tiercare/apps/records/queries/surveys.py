"""The yearly survey of satisfaction (TY-66): about which stays somebody can be asked, and what was answered in a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Form, Item, Kind, Purpose
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import refuse

from .forms import forms_at
from .ours import said

SURVEY_FORM, WITHIN = "satisfaction_form", "satisfaction_within_days"
_STAYS = """
SELECT e.id, e.resident_id, e.institution_id, e.started_at, e.ended_at,
       EXISTS (SELECT FROM records_formanswer f WHERE f.about_id = e.id) AS answered
FROM records_encounter e
WHERE e.kind = 'INPATIENT' AND e.ended_at IS NOT NULL
  AND (%(id)s::uuid IS NULL OR e.id = %(id)s::uuid)
  AND (%(institution)s::uuid IS NULL OR e.institution_id = %(institution)s::uuid)
  AND (%(institution)s::uuid IS NOT NULL OR e.resident_id = ANY (%(persons)s::uuid[]))
ORDER BY e.ended_at DESC, e.id LIMIT %(limit)s
"""
_SURVEYED = """
SELECT item, value, people FROM records_surveyed(ARRAY[%(institution)s::uuid], %(form)s, %(year)s)
"""
_MOST = 100


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay that can be answered about, or was; ``form`` is the survey's."""

    id: UUID
    resident_id: UUID
    institution_id: UUID
    started_at: datetime
    ended_at: datetime
    answered: bool
    form: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An item in a year: how many people gave which answer; ``mean`` of a scale, ``None`` where nobody answered."""

    item: Item
    people: int
    by_value: Mapping[str, int]
    mean: float | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was answered about an institution in a year; ``people``: how many stays were answered about."""

    form: Form | None
    year: int
    people: int
    items: tuple[Answered, ...]
    clauses: tuple[str, ...]


def own_stays(actor: Actor, resident_id: UUID) -> list[Stay]:
    """The stays that a resident can answer about, or did, the latest first; the reading is recorded.

    Raises:
        Closed: if the record is closed to the actor.
    """
    with residents.opened(actor, resident_id, what="record") as ground:
        return _stays(persons=ground.persons)


def stays_here(actor: Actor) -> list[Stay]:
    """Stays that ended at the actor's institution, about which the resident can be asked; the reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = _stays(institution_id=actor.institution_id)
        residents.record_listed(actor, "contacts", [each.resident_id for each in found])
    return found


def stay_to_ask(actor: Actor, encounter_id: UUID) -> Stay | None:
    """One of them, as the resident, their guardian or the hospital's staff may answer it.

    Raises:
        Refused: without the right.
        Closed: if the record is closed to the actor.
    """
    if actor.resident_id is not None:
        for persons in residents.acts_for(actor):
            with residents.opened(actor, persons[0], what="record") as ground:
                found = _stays(persons=ground.persons, encounter_id=encounter_id)
            if found:
                return found[0]
        return None
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        found = _stays(institution_id=actor.institution_id, encounter_id=encounter_id)
        residents.record_listed(actor, "contacts", [each.resident_id for each in found])
    return found[0] if found else None


def survey(actor: Actor, *, year: int, on: date | None = None) -> Survey:
    """What was answered about the actor's institution in a year: counts, not people.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    assert actor.institution_id is not None
    today = on or ledger_queries.today()
    named = said(SURVEY_FORM, actor.institution_id, on=today)
    form = forms_at(actor.institution_id, on=today).get(str(named.value or ""))
    if form is None:
        return Survey(None, year, 0, (), named.clauses)
    found = rows(_SURVEYED, institution=actor.institution_id, form=form.id, year=year)
    counted: dict[str, dict[str, int]] = {}
    for row in found:
        counted.setdefault(row["item"], {})[row["value"]] = row["people"]
    items = tuple(_answered(item, counted.get(item.id, {})) for item in form.items)
    return Survey(form, year, max((each.people for each in items), default=0), items, named.clauses)


def _answered(item: Item, values: Mapping[str, int]) -> Answered:
    people = sum(values.values())
    if item.kind is not Kind.SCALE or not people:
        return Answered(item, people, values, None)
    return Answered(item, people, values, sum(float(value) * n for value, n in values.items()) / people)


def _stays(
    *,
    persons: tuple[UUID, ...] = (),
    institution_id: UUID | None = None,
    encounter_id: UUID | None = None,
) -> list[Stay]:
    """By what holds where each stay was: whether there is a survey, and how long after the stay it can be answered."""
    asked = {"id": encounter_id, "institution": institution_id, "persons": list(persons), "limit": _MOST}
    found = rows(_STAYS, **asked)
    today = ledger_queries.today()
    surveys = {host: _survey_at(host, today) for host in {row["institution_id"] for row in found}}
    return [
        Stay(**row, form=held[0])
        for row in found
        if (held := surveys[row["institution_id"]]) is not None and row["ended_at"] >= held[1]
    ]


def _survey_at(institution_id: UUID, on: date) -> tuple[str, datetime] | None:
    """The form by which an institution's stays are asked about, and since when one that is asked about today ended."""
    name, days = said(SURVEY_FORM, institution_id, on=on), said(WITHIN, institution_id, on=on).number
    form = forms_at(institution_id, on=on).get(str(name.value or ""))
    if form is None or form.purpose is not Purpose.SURVEY or days is None:
        return None
    return form.id, datetime.combine(on - timedelta(days=days), time.min, ZONE)
