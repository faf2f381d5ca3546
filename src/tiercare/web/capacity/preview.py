"""What publishing some days would offer, day by day, held against what policy promises; writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from tiercare.apps.capacity.commands import Week
from tiercare.apps.capacity.commands.publishing import together
from tiercare.apps.capacity.queries.keeping import PoolRow
from tiercare.apps.capacity.queries.promises import Bound, bound, offers, verdicts
from tiercare.apps.capacity.rules.planning import Planned, faults, share_out
from tiercare.apps.capacity.rules.shares import RESOURCE_NAMES, Offer, promised
from tiercare.apps.capacity.rules.vocabulary import OFFERED, Channel, Kind
from tiercare.engines.policy import State, Verdict
from tiercare.kernel.refusal import Refusal
from tiercare.web.pages import english, said, told

from . import presenters


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it would be published: its sessions with their places shared out, what the institution would then
    offer in all, what the cards say of it, and what is wrong with a session by itself."""

    day: date
    sessions: tuple[Planned, ...]
    offered: tuple[Offer, ...]
    binding: Bound | None
    verdicts: tuple[Verdict, ...]
    faults: tuple[Refusal, ...]

    @property
    def broken(self) -> list[Verdict]:
        """The cards that refuse it."""
        return [each for each in self.verdicts if each.state is State.VIOLATED]

    @property
    def fits(self) -> bool:
        """Whether it can be published."""
        return self.binding is not None and not self.broken and not self.faults


def days_of(institution_id: UUID, week: Week, *, now: datetime) -> list[Day]:
    """Every day with something to publish; what is on offer already counts in."""
    if not week.planned:
        return []
    ordered = sorted(week.planned, key=lambda each: each.starts)
    before = offers([institution_id], ordered[0].day, ordered[-1].day)
    return [
        _day(institution_id, day, list(wanted), before.get(day, ()), now)
        for day, wanted in groupby(ordered, key=lambda each: each.day)
    ]


def _day(
    institution_id: UUID, day: date, wanted: list[Planned], before: Sequence[Offer], now: datetime
) -> Day:
    binding = bound(institution_id, on=day)
    shared = wanted if binding is None else share_out(wanted, before, binding.promises)
    offered = together(institution_id, shared, before)
    return Day(
        day,
        tuple(shared),
        tuple(offered),
        binding,
        tuple(verdicts(binding, offered, on=day)) if binding else (),
        tuple(fault for each in shared for fault in faults(each, now=now)),
    )


def sentences(day: Day) -> list[dict[str, Any]]:
    """Why the day cannot be published: the cards' own words first, then what is wrong with a session."""
    language = "en" if english() else "zh"
    said_ = [
        {
            "sentence": verdict.sentence(finding, language),
            "way_on": verdict.remedy(finding, language),
            "clauses": verdict.card.clauses,
            "pack": verdict.card.pack,
            "card": verdict.card.id,
        }
        for verdict in day.broken
        for finding in verdict.findings
    ]
    return [*said_, *(told(each) for each in day.faults)]


def promises(days: Sequence[Day]) -> list[dict[str, Any]]:
    """A line for each card and resource that binds the institution: of each day what is kept and what has to be."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for day in days:
        for each in _of_day(day):
            line = lines.setdefault((each["card"]["id"], each["resource"]), {**each, "days": {}})
            line["days"][day.day] = each["cell"]
    return list(lines.values())


def _of_day(day: Day) -> list[dict[str, Any]]:
    if day.binding is None:
        return []
    cards = {each["id"]: each for each in presenters.of_bound(day.binding)}
    found = []
    for promise in day.binding.promises:
        for offer in day.offered:
            if offer.resource in promise.resources:
                needed, kept = promised(offer.offered, promise.share), offer.kept_for([promise.channel])
                cell = {"offered": offer.offered, "needed": needed, "kept": kept, "held": kept >= needed}
                found.append(
                    {
                        "card": cards[promise.card],
                        "resource": said(RESOURCE_NAMES[offer.resource]),
                        "cell": cell,
                    }
                )
    return found


def total(days: Sequence[Day]) -> dict[str, Any]:
    """All days together: sessions, places, and how many of them for whom."""
    units = {
        channel: sum((each.units or {}).get(channel, 0) for day in days for each in day.sessions)
        for channel in OFFERED
    }
    return {
        "sessions": sum(len(day.sessions) for day in days),
        "units": sum(units.values()),
        "kept": [
            {**each, "units": units[channel]}
            for channel, each in zip(OFFERED, presenters.channels(), strict=True)
        ],
        "refused": sum(not day.fits for day in days),
    }


def grid(days: Sequence[Day], pools: Collection[PoolRow], shown: Sequence[date]) -> list[dict[str, Any]]:
    """A row for each department (and register): what every day holds of it."""
    known = {each.id: each for each in pools}
    rows: dict[tuple[str, str], dict[date, list[dict[str, Any]]]] = {}
    twice = {each for day in days for each in _overlapping(day.sessions, known)}
    for day in days:
        for number, each in enumerate(day.sessions):
            pool = known[each.pool_id]
            row = rows.setdefault((each.kind.value, pool.department), {})
            row.setdefault(day.day, []).append(_cell(each, pool, (day.day, number) in twice))
    order = {kind.value: place for place, kind in enumerate(Kind)}
    return [
        {
            "department": department,
            "register": presenters.register_name(Kind(kind)),
            "cells": [{"day": day, "sessions": of.get(day, [])} for day in shown],
        }
        for (kind, department), of in sorted(
            rows.items(), key=lambda item: (order[item[0][0]], item[0][1] == "", item[0][1])
        )
        if any(day in of for day in shown)
    ]


def _cell(each: Planned, pool: PoolRow, twice: bool) -> dict[str, Any]:
    units = each.units or {Channel.OPEN: each.capacity}
    return {
        "pool": pool,
        "starts": presenters.clock(each.starts),
        "ends": presenters.until(each.starts, each.ends),
        "capacity": each.capacity,
        "walk_ins": each.walk_ins,
        "bar": presenters.segments(units, each.capacity),
        "reserves": presenters.reserves(units),
        "twice": twice,
    }


def _overlapping(sessions: Sequence[Planned], pools: dict[UUID, PoolRow]) -> set[tuple[date, int]]:
    """Sessions of one day in which a physician would be in two places at once."""
    by_physician: dict[UUID, list[tuple[int, Planned]]] = {}
    for number, each in enumerate(sessions):
        physician = each.clinician_id or pools[each.pool_id].clinician_id
        if physician is not None:
            by_physician.setdefault(physician, []).append((number, each))
    return {
        (later.day, number)
        for found in by_physician.values()
        for (_, earlier), (number, later) in pairwise(found)
        if later.starts < earlier.ends
    }
