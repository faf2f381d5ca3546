"""Linking a specialty alliance to a provincial centre of its specialty, and ending that (NHC-18)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from .. import events, models
from ..queries.centre_links import candidate, centre_terms
from ..rules import Kind
from ..rules.centre_links import CLAUSES, no_link, not_to_end, span_empty
from .fences import fenced
from .papers.shared import consortium_area, no_such
from .standing import standing_consortium, standing_institution


@transaction.atomic
def link_centre(
    *, actor: Actor, consortium_id: UUID, institution_id: UUID, start: date, end: date | None = None
) -> models.CentreLink:
    """Link a specialty alliance to a provincial centre from ``start`` on (until, not including, ``end``).

    Raises:
        Refused: if the actor may not, either does not exist that day, it is no specialty alliance, the hospital is not
            provincial or no centre of this specialty by the pack in force, or they are linked on one of the days already.
    """
    alliance = standing_consortium(consortium_id, start)
    refusal = may(actor, Right.NETWORK_DECIDE, division=alliance.division_code)
    if refusal:
        raise Refused(refusal)
    if end is not None and end <= start:
        raise Refused(span_empty(start, end))
    hospital = standing_institution(institution_id, start)
    specialty = alliance.consortium.specialty_code
    refusal = no_link(
        Kind(alliance.consortium.kind),
        specialty,
        candidate(hospital, on=start),
        centre_terms(mandates.pack_in_force(alliance.division_code, on=start), on=start),
        names=terms.specialty_names(on=start),
        on=start,
    )
    if refusal:
        raise Refused(refusal)
    with fenced():
        link = models.CentreLink.objects.create(
            consortium_id=consortium_id,
            institution_id=institution_id,
            period=DateRange(start, end),
            linked_by=actor.name,
        )
    ledger.append(
        actor,
        events.CentreLinked(str(consortium_id), str(institution_id), specialty, start, end),
        subject_type="consortium",
        subject_id=consortium_id,
        institution_id=institution_id,
        division_code=alliance.division_code,
        clauses=CLAUSES,
    )
    return link


@transaction.atomic
def end_centre_link(*, actor: Actor, link_id: UUID, end: date) -> models.CentreLink:
    """End a link; ``end`` is the first day without it.

    Raises:
        Refused: if the actor may not, there is no such link, or it did not hold before ``end``.
    """
    link = models.CentreLink.objects.select_for_update().filter(id=link_id).first()
    if link is None:
        raise Refused(no_such(Text("对接关系", "link to a centre")))
    division = consortium_area(link.consortium_id)
    refusal = may(actor, Right.NETWORK_DECIDE, division=division)
    if refusal:
        raise Refused(refusal)
    if end <= link.period.lower or (link.period.upper is not None and end >= link.period.upper):
        raise Refused(not_to_end(end))
    link.period = DateRange(link.period.lower, end)
    link.save(update_fields=["period"])
    ledger.append(
        actor,
        events.CentreUnlinked(str(link.consortium_id), str(link.institution_id), end),
        subject_type="consortium",
        subject_id=link.consortium_id,
        institution_id=link.institution_id,
        division_code=division,
        clauses=CLAUSES,
    )
    return link
