"""What is due: matters on their days, and inspections that a text asks for regularly and nobody has planned in time (WH-54)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.oversight import Template
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from ..rules.kinds import KindId
from .book import oversight_of
from .matters import Listed, area_of, listed, reads

_LAST = """
SELECT payload ->> 'template' AS template, max(made_at) AS made_at FROM evaluation_matter
WHERE kind = 'INSPECTION' AND state <> 'WITHDRAWN' AND issuer_area = %(area)s AND issuer_institution IS NULL GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Regular:
    """A regular inspection: when the last one was issued, and by when the next is due; at once where there was none."""

    template: Template
    last: date | None
    due: date
    late: bool


_DUE = """
SELECT m.*, 0 AS open_children FROM evaluation_matter m
WHERE m.turn <> '' AND m.kind = ANY (%(kinds)s::text[])
  AND (m.due_on BETWEEN %(first)s::date AND %(last)s::date OR m.due_on < %(today)s::date)
ORDER BY m.due_on, m.id LIMIT 1000
"""


def calendar_of(actor: Actor, pack: str, *, first: date, last: date) -> tuple[list[Listed], list[Regular]]:
    """Open matters due from ``first`` to ``last`` with all that are overdue, and regular inspections that are due by
    ``last``, in one look through the wall."""
    if not reads(actor):
        return [], []
    today = clock.today()
    with scoped(actor, area=area_of(actor)):
        found = rows(_DUE, first=first, last=last, today=today, kinds=[each.value for each in KindId])
        done = _done(actor)
    return [listed(row, today) for row in found], _regular(actor, pack, done, today, last)


def due_templates(actor: Actor, *, within: timedelta) -> list[Regular]:
    """Regular inspections of the actor's commission that are due within that time, the first due first."""
    if actor.institution_id is not None or not actor.division_code:
        return []
    today = clock.today()
    with scoped(actor, area=area_of(actor)):
        done = _done(actor)
    pack = mandates.pack_in_force(actor.division_code, on=today)
    return _regular(actor, pack, done, today, today + within)


def _done(actor: Actor) -> Mapping[str, date]:
    found = rows(_LAST, area=actor.division_code or "") if actor.institution_id is None else []
    return {row["template"]: day_of(row["made_at"]) for row in found}


def _regular(actor: Actor, pack: str, done: Mapping[str, date], today: date, until: date) -> list[Regular]:
    if actor.institution_id is not None or not actor.division_code:
        return []
    found = [
        Regular(each, done.get(each.id), due, due < today)
        for each in oversight_of(pack).inspections.values()
        if each.every
        for due in [done[each.id] + timedelta(days=each.every) if each.id in done else today]
        if due <= until
    ]
    return sorted(found, key=lambda each: (each.due, each.template.id))
