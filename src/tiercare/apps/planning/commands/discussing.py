"""Putting a plan to those whom it concerns, and letting it take effect once it was approved: as a matter (ADR 0010) with opinions below it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.commands.matters import Issue, issue
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party, Standing
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import commands as network_commands
from tiercare.apps.network import queries as network
from tiercare.apps.network.rules import Network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..queries.plans import Saved, misfits, plan_by_id
from ..queries.regions import ground_of
from ..queries.verdicts import following, grids_of, held_in
from ..rules.plans import NO_PARTIES, UNDER_DISCUSSION, misfit
from .saving import SUBJECT


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whom a plan concerns: the commission of a county, or the lead hospital of a grid that changes."""

    party: Party
    name: str


@dataclass(frozen=True, slots=True)
class Discussion:
    """What is asked: ``parties`` are among ``parties_of``; opinions are due on ``opinions_by``, the whole on ``due_on``; ``start`` is the day
    from which the plan would be the network."""

    plan_id: UUID
    words: str
    parties: Collection[Party]
    opinions_by: date
    due_on: date
    start: date


def parties_of(actor: Actor, plan_id: UUID) -> list[Asked]:
    """Whom a plan concerns against today's grids: counties of which a place changes, and the leads that lose or gain one.

    Raises:
        Refused: if there is none for the actor.
    """
    saved = plan_by_id(actor, plan_id)
    region, today = saved.line.region, clock.today()
    ground = ground_of(region, on=saved.line.base_on)
    # The grids of today, in the names that places had on the day it was drawn on.
    net = replace(ground.network, grids=network.network_facts(region, on=today).grids)
    held = held_in(net)
    areas, leads = set(), set()
    for place in ground.region.places:
        grid, after = held.get(place.key), saved.lead_of[place.key]
        before = net.grids[grid].responsible if grid is not None else ()
        if after not in before:
            areas.add(place.area)
            leads |= {*before, after}
    return [*_counties(net, areas), *_houses(net, leads)]


def _counties(net: Network, areas: Collection[str]) -> list[Asked]:
    return [Asked(Party(code), net.area_name(code)) for code in sorted(areas)]


def _houses(net: Network, leads: Collection[str]) -> list[Asked]:
    found = {}
    for lead in sorted(leads):
        for house in net.leads(lead)[:1] if lead in net.consortia else ():
            found[house.id] = Asked(Party(house.division, UUID(house.id)), house.name)
    return list(found.values())


@transaction.atomic
def discuss(actor: Actor, what: Discussion) -> UUID:
    """Open the discussion of a plan; answers its matter's id. Each party owes an opinion, a matter below it.

    Raises:
        Refused: if there is no such plan, the actor may not decide about the network there, it is being discussed, nobody or a stranger is
            asked, or a day has passed.
    """
    saved = plan_by_id(actor, what.plan_id)
    line = saved.line
    known = {each.party: each for each in parties_of(actor, what.plan_id)}
    refuse(
        may(actor, Right.NETWORK_DECIDE, division=line.region),
        None if what.parties and set(what.parties) <= set(known) else NO_PARTIES,
    )
    _must_fit(saved)
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"discuss {line.id}")
        refuse(UNDER_DISCUSSION if plan_by_id(actor, line.id).line.matter else None)
    payload = {
        "plan": str(line.id),
        "region": line.region,
        "number": line.number,
        "start": what.start.isoformat(),
    }
    matter = issue(
        actor,
        Issue(
            kind=KindId.PLAN,
            title=f"网格方案第 {line.number} 号：{line.title}"[:120],
            owner=Party(actor.division_code or line.region, actor.institution_id),
            due_on=what.due_on,
            words=what.words,
            payload=payload,
            subject_type="plan",
            subject_key=str(line.id),
            subject_name=line.title,
        ),
    )
    assert matter is not None, "it has no origin"
    for party in dict.fromkeys(what.parties):
        issue(
            actor,
            Issue(
                kind=KindId.OPINION,
                title=f"对网格方案第 {line.number} 号的意见"[:120],
                owner=party,
                due_on=what.opinions_by,
                words=what.words,
                parent_id=matter,
                payload=payload | {"party": known[party].name},
                subject_type="plan",
                subject_key=str(line.id),
                subject_name=line.title,
            ),
        )
    ledger.append(
        actor,
        events.PlanDiscussed(line.region, line.number, len(what.parties), matter),
        subject_type=SUBJECT,
        subject_id=line.id,
        division_code=line.region,
    )
    return matter


def adopt(actor: Actor, standing: Standing) -> int:
    """Let an approved plan be the network from its day on, today at the earliest; answers how many places change their grid. Primary
    institutions go with their township. Called by the matter's last step, in its transaction. Places are named as they were on the day
    that it was drawn on.

    Raises:
        Refused: if the plan does not fit the region any more, the actor may not decide, or a card would be violated.
    """
    saved = plan_by_id(actor, UUID(standing.payload["plan"]))
    line, start = saved.line, max(date.fromisoformat(standing.payload["start"]), standing.today)
    _must_fit(saved)
    net = ground_of(line.region, on=line.base_on).network
    drawn = [
        network_commands.Drawn(
            UUID(grid.id) if grid.id in net.grids else None,
            grid.name,
            grid.places,
            tuple(UUID(each) for each in grid.responsible),
        )
        for grid in grids_of(net, saved.lead_of).values()
    ]
    moved = network_commands.redraw_grids(
        actor=actor, region=line.region, grids=drawn, start=start, following=_following(net, saved)
    )
    ledger.append(
        actor,
        events.PlanAdopted(line.region, line.number, start, moved),
        subject_type=SUBJECT,
        subject_id=line.id,
        division_code=line.region,
    )
    return moved


def _following(net: Network, saved: Saved) -> list[network_commands.Following]:
    return [
        network_commands.Following(UUID(each.institution), UUID(each.old), UUID(each.new))
        for each in following(net, saved.lead_of)
    ]


def _must_fit(saved: Saved) -> None:
    strange = misfits(ground_of(saved.line.region, on=saved.line.base_on).region, saved.lead_of)
    if strange:
        raise Refused(misfit(strange))
