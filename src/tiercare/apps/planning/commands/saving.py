"""Keeping a version of a region's plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from tiercare.engines.planning.regions import Wishes, described
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events
from ..models import Plan
from ..queries.plans import ground_digest, layout_of, misfits, plain_wishes
from ..queries.regions import Ground, ground_of
from ..queries.supposing import supposed
from ..rules.plans import (
    BAD_WEIGHT,
    LONGEST_TITLE,
    LONGEST_WORDS,
    NO_SUCH_PLAN,
    NO_TITLE,
    WORDS_TOO_LONG,
    Source,
    misfit,
)

SUBJECT = "planning.plan"
_NEXT = "SELECT coalesce(max(number), 0) + 1 AS number FROM planning_plan WHERE region = %(region)s"


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan to be kept: the lead of each place, the weights it was reckoned with, and the version that it was made from.

    ``on`` is the day whose ground it is drawn on, today if none is named. ``bound`` and ``seed`` are a search's alone: a bound holds for the
    ground and the weights that it was found with.
    """

    title: str
    wishes: Wishes
    lead_of: Mapping[str, str]
    source: Source = Source.HAND
    parent: int | None = None
    words: str = ""
    what_if: Sequence[Mapping[str, Any]] = ()
    bound: float | None = None
    seed: int | None = None
    on: date | None = None


@transaction.atomic
def save_plan(actor: Actor, region: str, draft: Draft) -> int:
    """Keep a version; answers its number. Its costs are reckoned here, on the ground as it is, never taken over.

    Raises:
        Refused: if the actor may not decide about the network there, it has no title, a weight is below zero, the version it comes from is
            unknown, or it names a place or consortium that is not there, or leaves one out.
    """
    refuse(
        may(actor, Right.NETWORK_DECIDE, division=region),
        None if 0 < len(draft.title.strip()) <= LONGEST_TITLE else NO_TITLE,
        None if len(draft.words) <= LONGEST_WORDS else WORDS_TOO_LONG,
        weights_refusal(draft.wishes),
    )
    ground = supposed(ground_of(region, on=draft.on or clock.today()), draft.what_if)
    return int(keep(actor, region, ground, draft).number)


def keep(
    actor: Actor, region: str, ground: Ground, draft: Draft, *, by: tuple[UUID | None, str] | None = None
) -> Plan:
    """The same on a ground that was read already, by a caller who has asked whether it may; ``by`` made it, if not the actor."""
    strange = misfits(ground.region, draft.lead_of)
    if strange:
        raise Refused(misfit(strange))
    costs = described(ground.region, draft.wishes, draft.lead_of).parts
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"plan {region}")
        parent = None
        if draft.parent is not None:
            parent = Plan.objects.filter(region=region, number=draft.parent).first()
            refuse(None if parent else NO_SUCH_PLAN)
        (row,) = rows(_NEXT, region=region)
        plan = Plan.objects.create(
            region=region,
            number=row["number"],
            title=draft.title.strip(),
            words=draft.words.strip(),
            source=draft.source.value,
            parent=parent,
            base_on=draft.on or clock.today(),
            ground=ground_digest(ground.region),
            wishes=plain_wishes(draft.wishes),
            what_if=[dict(each) for each in draft.what_if],
            lead_of=dict(sorted(draft.lead_of.items())),
            layout=layout_of(ground.network),
            costs={name: getattr(costs, name) for name in costs.__slots__} | {"total": costs.total},
            bound=draft.bound if draft.bound is not None and math.isfinite(draft.bound) else None,
            seed=draft.seed,
            made_by_id=by[0] if by else actor.account_id,
            made_by_name=by[1] if by else actor.name,
        )
        ledger.append(
            actor,
            events.PlanSaved(region, plan.number, plan.source),
            subject_type=SUBJECT,
            subject_id=plan.id,
            division_code=region,
        )
    return plan


def weights_refusal(wishes: Wishes) -> Refusal | None:
    """Why these weights cannot be used; ``None`` if they can. A limit may be missing, a weight may not."""
    sound = all(each is None or each >= 0 for each in plain_wishes(wishes).values())
    weights = (wishes.uneven, wishes.change, wishes.border)
    return None if sound and all(map(math.isfinite, weights)) else BAD_WEIGHT
