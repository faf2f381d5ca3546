"""Opening projects of work programmes: one for somebody, a yearly sheet for everybody who owes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.holders import names_by_key
from tiercare.apps.network.queries.members import consortia_with_members
from tiercare.engines.measures.programmes import Programme, Works
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..queries.matters import area_of
from ..queries.oversight import Subject, roll
from ..queries.projects import eligible, pack_for, programme_of, works_for
from ..queries.standards import gap_name, looked_at, standard_of
from ..rules import projects as rules
from ..rules.kinds import KindId
from .matters import Issue, issue
from .supervision import may_issue

_LONGEST_TITLE = 120
_PREFECTURE = 4
_YEARS = range(1950, 2200)
_TAKEN = """
SELECT id FROM evaluation_matter
WHERE kind = 'PROJECT' AND turn <> '' AND subject_key = %(key)s AND payload ->> 'gap' = %(gap)s LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """A project to be opened. ``subject`` as a form sends it (``institution:key``), ``due_on`` the planned completion (within the
    programme's days if empty), ``plan`` what its fields say, ``gap`` the key of what a standard misses."""

    programme: str
    subject: str
    due_on: date | None = None
    title: str = ""
    words: str = ""
    plan: Mapping[str, str] = field(default_factory=dict)
    gap: str = ""
    year: str = ""


@transaction.atomic
def open_project(actor: Actor, what: Opening) -> UUID:
    """Give somebody a project of a programme in force; whoever opens it says in the end that it is done.

    Raises:
        Refused: if there is no such programme (with the clause that does not list it), the subject is not of it, something of
            its plan is missing, the sheet of that year or a project for the gap is there already, or ``issue`` refuses it.
    """
    may_issue(actor)
    works = works_for(actor)
    programme = programme_of(works, what.programme)
    about = _subject(actor, programme, what.subject)
    plan = {key: value.strip() for key, value in what.plan.items() if value.strip()}
    refuse(*rules.plan_faults(programme.plan, plan))
    more: dict[str, Any] = _helped(programme, about, plan)
    if what.gap:
        more |= _gap(actor, works, programme, about, what.gap)
    made = issue(actor, _project(actor, works, programme, about, what, plan, more))
    if made is None:
        raise Refused(rules.ONCE_A_YEAR)
    return made


@transaction.atomic
def ask_yearly(actor: Actor, *, programme: str, year: str, due_on: date | None = None) -> int:
    """Ask everybody of a yearly programme for the sheet of that year; answers how many were asked anew.

    Raises:
        Refused: if there is no such programme, it is not yearly, the year is none, nobody owes it here, or ``issue`` refuses it.
    """
    may_issue(actor)
    works = works_for(actor)
    asked = programme_of(works, programme)
    refuse(None if asked.yearly else rules.NOT_YEARLY)
    everybody = eligible(roll(actor), asked)
    refuse(None if everybody else rules.NOBODY_OF_IT)
    what = Opening(programme, "", due_on, year=year)
    made = [issue(actor, _project(actor, works, asked, each, what, {}, {})) for each in everybody]
    return sum(each is not None for each in made)


def _subject(actor: Actor, programme: Programme, choice: str) -> Subject:
    everybody = roll(actor)
    found = next((each for each in eligible(everybody, programme) if each.choice == choice), None)
    if found is None:
        raise Refused(replace(rules.NOT_OF_IT, clauses=programme.clauses))
    return found


def _helped(programme: Programme, about: Subject, plan: Mapping[str, str]) -> dict[str, Any]:
    """Institutions that the plan names are there; a lead hospital leads a consortium of the project's own, which is counted."""
    today = clock.today()
    more: dict[str, Any] = {}
    for blank in programme.plan:
        said = plan.get(blank.field.id)
        if blank.field.type != "institution" or not said:
            continue
        house = network.institution_by_slug(said, on=today)
        if house is None:
            raise Refused(replace(rules.NO_INSTITUTION, at=blank.field.id))
        if blank.lead:
            led = next(
                (
                    each
                    for each in consortia_with_members(about.party.area[:_PREFECTURE], on=today)
                    if each.lead == house and any(one.key == about.key for one in each.members)
                ),
                None,
            )
            if led is None:
                raise Refused(replace(rules.NO_LEAD_OF_IT, at=blank.field.id, clauses=programme.clauses))
            more |= {"consortium": led.key, "consortium_name": led.name}
    return more


def _gap(actor: Actor, works: Works, programme: Programme, about: Subject, gap: str) -> dict[str, Any]:
    """The gap is one of today's register, and nobody else works on it."""
    standard = standard_of(works, gap.partition("/")[0])
    if standard.programme != programme.id:
        raise Refused(rules.NO_GAP)
    found = looked_at(standard, [about], on=clock.today())
    if not any(cell.gap == gap and cell.lacking for row in found for cell in row.cells):
        raise Refused(rules.NO_GAP)
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"gap {about.key} {gap}")
        if rows(_TAKEN, key=about.key, gap=gap):
            raise Refused(rules.GAP_TAKEN)
    name = gap_name(standard, gap)
    return {"gap": gap, "gap_name": {"zh": name.zh, "en": name.en}}


def _project(
    actor: Actor,
    works: Works,
    programme: Programme,
    about: Subject,
    what: Opening,
    plan: Mapping[str, str],
    more: Mapping[str, Any],
) -> Issue:
    today = clock.today()
    year = what.year or str(today.year)
    if not (year.isdecimal() and int(year[:5]) in _YEARS):
        raise Refused(rules.NO_YEAR)
    names = names_by_key(on=today).get("institution", {}) if plan else {}
    shown = {
        each.field.id: names.get(plan.get(each.field.id, ""), "")
        for each in programme.plan
        if each.field.type == "institution"
    }
    called = f"{year}年{programme.name.zh}" if programme.yearly else programme.name.zh
    title = f"{what.title.strip() or called}（{about.name}）"
    return Issue(
        KindId.PROJECT,
        title[:_LONGEST_TITLE],
        about.party,
        what.due_on or today + timedelta(days=programme.days),
        words=what.words,
        clauses=programme.clauses,
        pack=pack_for(actor),
        period=year,
        subject_type=about.group,
        subject_key=about.key,
        subject_name=about.name[:_LONGEST_TITLE],
        origin=f"project:{programme.id}:{year}:{about.choice}" if programme.yearly else None,
        payload=rules.payload_of(programme, works.programmes[works.tops[programme.id]], plan, shown, **more),
    )
