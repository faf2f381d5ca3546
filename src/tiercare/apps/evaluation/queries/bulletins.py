"""Bulletins as those who draw them up see them: drafts, what was approved, how many have read it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.reading import area_names
from tiercare.engines.measures.bulletins import Circulation, load_circulation
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import bulletins as rules
from ..rules.bulletins import Choice, choice_of
from ..rules.kinds import KindId
from ..workflow import State
from .matters import Listed, Shown, Wanted, area_of, matter, matters
from .runs import Kept, newest_runs

_CHOICE = """
SELECT figures -> 'choice' AS choice FROM evaluation_entry WHERE matter_id = %(matter)s AND figures ? 'choice'
ORDER BY at DESC, id DESC LIMIT 1
"""
_COUNTS = """
SELECT matter_id, count(*) AS sent, count(read_at) AS read, count(withdrawn_at) AS withdrawn
FROM evaluation_delivery WHERE matter_id = ANY (%(matters)s::uuid[]) AND purpose = 'bulletin' GROUP BY matter_id
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A bulletin in a list, with how many it was sent to and how many have read it."""

    of: Listed
    sent: int
    read: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A bulletin: the matter, what is chosen, and once it was submitted the paper itself (``content``)."""

    shown: Shown
    choice: Choice
    content: Mapping[str, Any] | None
    sha256: str
    sent: int
    read: int

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.shown.standing.state


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a bulletin goes to: a commission (``area``) or a hospital."""

    area: str
    institution_id: UUID | None
    name: str


def circulation_of(pack: str) -> Circulation:
    """What a pack circulates and hands on.

    Raises:
        PackErrors: if its ``bulletins.yaml`` cannot be read.
    """
    return _read(mandates.packs(), pack)


@lru_cache(maxsize=16)
def _read(packs: PackSet, pack: str) -> Circulation:
    return load_circulation(packs, pack)


def bulletins(actor: Actor, *, page: int = 1) -> list[Line]:
    """Bulletins that the actor's commission draws up, open ones first.

    Raises:
        Refused: if the actor has no part in them.
    """
    refuse(may(actor, Right.EVALUATION_RUN))
    found = matters(actor, Wanted(kinds=(KindId.BULLETIN,)), page=page)
    with scoped(actor, area=area_of(actor)):
        counted = {row["matter_id"]: row for row in rows(_COUNTS, matters=[each.id for each in found])}
    return [
        Line(
            each,
            *(counted[each.id][name] if each.id in counted else 0 for name in ("sent", "read", "withdrawn")),
        )
        for each in found
    ]


def bulletin(actor: Actor, matter_id: UUID) -> Bulletin:
    """One bulletin.

    Raises:
        Refused: if there is none for the actor.
    """
    refuse(may(actor, Right.EVALUATION_RUN))
    shown = matter(actor, matter_id=matter_id)
    if shown.standing.kind != KindId.BULLETIN:
        raise Refused(rules.NO_SUCH_BULLETIN)
    with scoped(actor, area=area_of(actor)):
        choice = chosen(matter_id, shown.standing.payload)
        counted = rows(_COUNTS, matters=[matter_id])
    paper = shown.standing.result if shown.standing.state not in {State.OPEN, State.RETURNED} else {}
    return Bulletin(
        shown,
        choice,
        paper.get("content"),
        paper.get("sha256", ""),
        counted[0]["sent"] if counted else 0,
        counted[0]["read"] if counted else 0,
    )


def chosen(matter_id: UUID, payload: Mapping[str, Any]) -> Choice:
    """What is chosen for a bulletin: as last changed, else as it began. The caller stands in ``scoped``."""
    changed = rows(_CHOICE, matter=matter_id)
    return choice_of(json.loads(changed[0]["choice"]) if changed else payload["choice"])


def first_choice(run: Kept, *, period: str = "", indicators: Sequence[str] = ()) -> Choice:
    """What a new bulletin of a run begins with: the pack's indicators over its newest regular period.

    Raises:
        Refused: if the run has no period at all.
    """
    circular = circulation_of(run.pack).circular
    offered = rules.periods_offered(run.spans)
    if not offered:
        raise Refused(rules.NO_RUN)
    regular = rules.newest_of(circular.every, run.spans, today=clock.today()) if circular else ""
    wanted = period or regular or offered[0]
    area = area_names(on=clock.today()).get(run.region, run.region)
    listed = tuple(indicators) or (circular.indicators if circular else ())
    return Choice(run.id, wanted, listed, rules.default_title(area, wanted))


def newest_run(actor: Actor, pack: str) -> Kept:
    """The run that a bulletin is drawn from.

    Raises:
        Refused: if there is none yet for the actor.
    """
    found = newest_runs(actor, pack)
    if not found:
        raise Refused(rules.NO_RUN)
    return found[0]


def receivers(pack: str, region: str, *, on: date) -> list[Receiver]:
    """Whom the pack sends bulletins to: commissions of the counties, then hospitals that lead a consortium."""
    circular = circulation_of(pack).circular
    to = circular.to if circular else frozenset()
    facts = network.network_facts(region, on=on)
    counties = [
        Receiver(code, None, facts.area_name(code))
        for code in sorted(facts.areas)
        if "counties" in to and code.startswith(region) and len(code) > len(region)
    ]
    leads = {
        lead.id: Receiver("", UUID(lead.id), lead.name)
        for consortium in facts.consortia.values()
        if "leads" in to and not consortium.beyond
        for lead in facts.leads(consortium.id)
    }
    return [*counties, *sorted(leads.values(), key=lambda each: each.name)]
