"""Staff days and remote sessions that went to an area's institutions in a time (YN-16), each with the id of what it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation.queries.importing import root
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries import Places, Where, fact_places
from tiercare.apps.network.queries.holders import names_by_key
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.workflow import area_proposing
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE, day_of
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..rules.flows import LIST, Flow, Source, Sum, lies_in, listed_codes, sums

_PRACTICES = """
SELECT p.id, c.code AS person, p.institution_id AS receiver, lower(p.period) AS first, upper(p.period) AS until,
       (SELECT r.institution_id FROM network_practicesite r WHERE r.clinician_id = p.clinician_id AND r.ground = 'REGISTERED'
          AND r.period && p.period ORDER BY lower(r.period) DESC LIMIT 1) AS sender
FROM network_practicesite p JOIN network_clinician c ON c.id = p.clinician_id
WHERE p.ground = 'AGREEMENT' AND p.period && daterange(%(first)s::date, %(after)s::date)
  AND p.institution_id = ANY (%(ids)s::uuid[])
ORDER BY lower(p.period), p.id
"""
_SESSIONS = """
SELECT c.id, c.sender, c.receiver, c.sent
FROM exchange_counted(%(ids)s::uuid[], %(since)s::timestamptz, %(until)s::timestamptz) c
WHERE c.kind = ANY (%(kinds)s::text[]) AND c.sender = ANY (%(ids)s::uuid[]) ORDER BY c.sent, c.id
"""
_NO_INSTITUTION = UUID(int=0)  # numbers of an area are nobody's own
_AFAR = (Kind.ADVICE.value,)


@dataclass(frozen=True, slots=True)
class Flows:
    """What went to the institutions of ``area`` from ``first`` to ``last`` (both inside). ``listed`` are the remote and poor areas by code,
    ``unread`` items of the list that name none; ``synthetic``: some facts are made up."""

    area: str
    first: date
    last: date
    flows: tuple[Flow, ...]
    sums: tuple[Sum, ...]
    listed: Mapping[str, str]
    unread: tuple[str, ...]
    synthetic: bool


def flows_of(actor: Actor, pack: str, *, first: date, last: date) -> Flows:
    """What went to the actor's area inside the pack's region.

    Raises:
        Refused: if the actor sees no numbers there, no text of the region asks for it, or the period is none.
    """
    region = mandates.packs().packs[pack].region
    area = area_proposing(actor, region)
    refuse(
        may(actor, Right.EVALUATION_READ, division=area, institution_id=_NO_INSTITUTION),
        _WRONG_PERIOD if last < first else None,
    )
    named = [each for each in mandates.packs().lists_for(pack) if each.id == LIST]
    if not named:
        raise Refused(_NOT_ASKED)
    _named, items = mandates.named_list(pack, LIST, on=last)
    listed, unread = listed_codes((item.zh for item in items), area_names(on=last))
    places = fact_places(on=last)
    found = _Finding(places, area, listed, first, last)
    flows, synthetic = found.all()
    return Flows(area, first, last, tuple(flows), tuple(sums(flows)), listed, tuple(unread), synthetic)


@dataclass(frozen=True)
class _Finding:
    places: Places
    area: str
    listed: Mapping[str, str]
    first: date
    last: date

    def all(self) -> tuple[list[Flow], bool]:
        """Everything, and whether some of it is made up."""
        flows = [*self._practices(), *self._sessions()]
        inside = [
            code for code in regions_in(root()) if code.startswith(self.area) or self.area.startswith(code)
        ]
        if not inside:
            return flows, False
        with Store(root(), regions=inside) as store:
            known = {flow.id for flow in flows}
            told = [*self._support(store), *(flow for flow in self._remote(store) if flow.id not in known)]
            return [*flows, *told], bool(told) and store.synthetic

    def _practices(self) -> Iterator[Flow]:
        after = self.last + timedelta(days=1)
        for row in rows(_PRACTICES, first=self.first, after=after, ids=self._inside):
            begins, ends = max(row["first"], self.first), min(row["until"] or after, after)
            receiver, days = self.places.institutions[row["receiver"]], (ends - begins).days
            yield self._flow(
                Source.PRACTICE, str(row["id"]), self._key(row["sender"]), receiver, begins, days
            )

    def _sessions(self) -> Iterator[Flow]:
        since = datetime.combine(self.first, time.min, ZONE)
        until = datetime.combine(self.last + timedelta(days=1), time.min, ZONE)
        for row in rows(_SESSIONS, ids=self._inside, since=since, until=until, kinds=list(_AFAR)):
            receiver = self.places.institutions[row["sender"]]  # who asks is whom the session goes to
            yield self._flow(
                Source.REMOTE, str(row["id"]), self._key(row["receiver"]), receiver, day_of(row["sent"]), 1
            )

    def _support(self, store: Store) -> Iterator[Flow]:
        for row in self._facts(store, "support"):
            if row["direction"] == "down":
                first = date(row["month"] // 100, row["month"] % 100, 1)
                key = f"{row['act']}/{row['person']}/{row['month']}"
                yield self._told(Source.SUPPORT, key, row["sender"], row["receiver"], row, first, row["days"])

    def _remote(self, store: Store) -> Iterator[Flow]:
        for row in self._facts(store, "remote"):
            if row["done"] and self.first <= row["requested"] <= self.last:
                yield self._told(
                    Source.REMOTE, row["service"], row["receiver"], row["sender"], row, row["requested"], 1
                )

    def _facts(self, store: Store, fact: str) -> Iterator[Mapping[str, Any]]:
        """Rows of the months of the period whose receiver stands in the area."""
        if not store.months(fact):
            return
        found = store.table(fact)
        where = found.receiver_division if fact == "support" else found.sender_division
        between = found.month.between(_month(self.first), _month(self.last))
        yield from store.run(found.filter(between, where.startswith(self.area)).order_by(found.month))

    def _told(
        self,
        source: Source,
        key: str,
        sender: str,
        receiver: str,
        row: Mapping[str, Any],
        first: date,
        amount: int,
    ) -> Flow:
        """A row of the facts: where the receiver stands is what it says itself."""
        side = "receiver" if source is Source.SUPPORT else "sender"
        division = str(row[f"{side}_division"])
        return Flow(
            source,
            key,
            self._name(sender),
            self._name(receiver),
            division,
            self._area(division),
            row[f"{side}_tier"] == "primary",
            lies_in([division], self.listed),
            first,
            int(amount or 0),
        )

    def _flow(self, source: Source, key: str, sender: str, receiver: Where, first: date, amount: int) -> Flow:
        return Flow(
            source,
            key,
            self._name(sender),
            self._name(receiver.key),
            receiver.division,
            self._area(receiver.county),
            receiver.tier == "primary",
            lies_in([receiver.county, receiver.division], self.listed),
            first,
            amount,
        )

    def _key(self, institution: UUID | None) -> str:
        found = self.places.institutions.get(institution) if institution is not None else None
        return found.key if found else ""

    def _name(self, key: str) -> str:
        return self._names["institution"].get(key, key)

    def _area(self, division: str) -> str:
        county = division[: len("530000")]
        return self._areas.get(county, county)

    @cached_property
    def _inside(self) -> list[UUID]:
        return [each.id for each in self.places.institutions.values() if each.county.startswith(self.area)]

    @cached_property
    def _names(self) -> Mapping[str, Mapping[str, str]]:
        return names_by_key(on=self.last)

    @cached_property
    def _areas(self) -> Mapping[str, str]:
        return area_names(on=self.last)


def _month(day: date) -> int:
    return day.year * 100 + day.month


_WRONG_PERIOD = Refusal(
    code="planning.wrong_period",
    message=Text("起止日期颠倒了。", "The period ends before it begins."),
    instead=Text("请核对两个日期。", "Check the two days."),
    at="last",
    status=422,
)
_NOT_ASKED = Refusal(
    code="planning.flows_not_asked",
    message=Text(
        "本地区的文件没有要求统计流向边远贫困地区的资源。",
        "No text in force here asks what flows to remote and poor areas.",
    ),
    instead=Text("下沉与帮扶的数字在“指标看板”。", "What goes down is on the board of indicators."),
    status=404,
)
