"""Planning a medical centre, and changing what is planned: every change is a version of its own (NHC-24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..models import Centre
from ..queries.centres import centres, hospitals_for, kinds_in, pack_here, province_of
from ..rules import centres as rules
from ..rules.centres import State

SUBJECT = "planning.centre"
_CLAUSE = "NHC-24"
_TERTIARY = 3  # 三级: what a hospital of this kind is, not a number of policy
_SIZES = (4, 6)  # digits of a prefecture and of a county


@dataclass(frozen=True, slots=True)
class CentreDraft:
    """A centre as it is to be; ``demand`` is what it rests on, kept as it was."""

    kind: str
    specialty: str
    institution_id: UUID
    area: tuple[str, ...]
    state: State = State.PLANNED
    words: str = ""
    demand: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def plan_centre(actor: Actor, region: str, draft: CentreDraft, *, on: date | None = None) -> UUID:
    """Plan a centre of a region, by its register of a day (today); answers its series.

    Raises:
        Refused: if the actor may not decide about the network there; of a kind that no text in force names; for a hospital that is no open
            tertiary one with the licence; for an area that is not of the province; without an area; if it is planned already.
    """
    refuse(may(actor, Right.NETWORK_DECIDE, division=region))
    _sound(region, draft, on or clock.today())
    same = (draft.kind, draft.specialty, draft.institution_id)
    rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"planning centres {region}")
    standing = centres(actor, region)
    refuse(
        rules.PLANNED_ALREADY
        if any((each.kind, each.specialty, each.institution_id) == same for each in standing)
        else None
    )
    return _keep(actor, region, draft, series=uuid7(), version=1)


@transaction.atomic
def change_centre(
    actor: Actor, series: UUID, draft: CentreDraft, *, version: int, on: date | None = None
) -> int:
    """The same centre otherwise, as a new version after ``version``; answers its number. Given up it is kept as well.

    Raises:
        Refused: as ``plan_centre``; if there is no such centre; if somebody changed it meanwhile.
    """
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"planning centre {series}")
        last = Centre.objects.filter(series=series).order_by("-version").first()
    if last is None:
        raise Refused(rules.NO_SUCH_CENTRE)
    refuse(may(actor, Right.NETWORK_DECIDE, division=last.region))
    refuse(rules.CENTRE_CHANGED if last.version != version else None)
    if draft.state is not State.DROPPED:
        _sound(last.region, draft, on or clock.today())
    kept = CentreDraft(
        draft.kind, draft.specialty, draft.institution_id, draft.area, draft.state, draft.words, last.demand
    )
    _keep(actor, last.region, kept, series=series, version=version + 1)
    return version + 1


def _sound(region: str, draft: CentreDraft, today: date) -> None:
    """What stands against the draft, all at once."""
    kinds = kinds_in(pack_here(region, on=today), on=today)
    licensed = hospitals_for([draft.specialty], province_of(region), on=today)[draft.specialty]
    able = any(each.id == str(draft.institution_id) and each.level >= _TERTIARY for each in licensed)
    known = set(terms.divisions(draft.area, on=today))
    strange = [
        code
        for code in draft.area
        if code not in known or len(code) not in _SIZES or not code.startswith(province_of(region))
    ]
    names = network.names_of_institutions([draft.institution_id], on=today)
    refuse(
        None if draft.kind in kinds else rules.unknown_kind(draft.kind),
        None if able else rules.not_licensed_there(names.get(draft.institution_id, "—")),
        None if draft.area else rules.NO_AREA,
        rules.outside_the_province(strange) if strange else None,
        None if len(draft.words) <= rules.LONGEST_WORDS else rules.WORDS_TOO_LONG,
    )


def _keep(actor: Actor, region: str, draft: CentreDraft, *, series: UUID, version: int) -> UUID:
    with scoped(actor, area=area_of(actor)):
        row = Centre.objects.create(
            series=series,
            version=version,
            region=region,
            kind=draft.kind,
            specialty=draft.specialty,
            institution_id=draft.institution_id,
            area=sorted(set(draft.area)),
            state=draft.state.value,
            words=draft.words.strip(),
            demand=dict(draft.demand),
            made_by_id=actor.account_id,
            made_by_name=actor.name,
        )
        ledger.append(
            actor,
            events.CentrePlanned(region, series, version, draft.kind, draft.specialty, draft.state.value),
            subject_type=SUBJECT,
            subject_id=row.id,
            institution_id=draft.institution_id,
            division_code=region,
            clauses=(_CLAUSE,),
        )
    return series
