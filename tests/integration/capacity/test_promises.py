"""Promises besides 太原's: second-level hospitals keep some (新会), and what is kept for primary care grows (the nation)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.capacity import queries
from tiercare.apps.capacity.commands import publish
from tiercare.apps.capacity.models import Pool
from tiercare.apps.capacity.rules.planning import Planned
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands as network
from tiercare.apps.network import queries as network_queries
from tiercare.apps.terms import commands as terms
from tiercare.engines.policy import PackSet, State
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused

SYSTEM = Actor.system("test")
REFERRAL, OPEN = Channel.REFERRAL, Channel.OPEN


def altered(name: str, value: Value) -> PackSet:
    """Our packs with one parameter of another value."""
    packs = mandates.packs()
    clause = packs.clause[name.partition(".")[0]]
    pack = packs.packs[clause.pack]
    changed = replace(
        clause,
        parameters=tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters),
    )
    clauses = tuple(changed if each.id == clause.id else each for each in pack.clauses)
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})


def session(institution: UUID, day: date, units: dict[Channel, int], kind: Kind = Kind.CLINIC) -> Planned:
    """A morning of a pool of its own."""
    grade = Grade.ORDINARY if kind is Kind.CLINIC else Grade.INPATIENT
    pool = Pool.objects.create(
        institution_id=institution,
        code=f"p{Pool.objects.count()}",
        name="示例池",
        kind=kind.value,
        grade=grade.value,
        period=DateRange(date(2020, 1, 1), None),
    )
    starts = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE)
    return Planned(
        pool_id=pool.id,
        pool_name=pool.name,
        kind=kind,
        grade=grade,
        starts=starts,
        ends=starts + timedelta(hours=4),
        capacity=sum(units.values()),
        units=units,
    )


def offer(institution: UUID, *planned: Planned) -> None:
    publish(SYSTEM, institution_id=institution, planned=planned)


@pytest.mark.clause("XH-41")
def test_a_second_level_hospital_keeps_some_visits_and_beds(db, monkeypatch) -> None:
    terms.lay_down_divisions(SYSTEM)
    network.lay_down_region(actor=SYSTEM, pack_id="xinhui")
    day = ledger_queries.today() + timedelta(days=3)
    hospital = network_queries.institution_by_slug("xinhui-xinhui_hospital", on=day)
    assert hospital is not None
    for kind, resource in ((Kind.CLINIC, "门诊号源"), (Kind.BED, "住院床位")):
        with pytest.raises(Refused) as refused:
            offer(hospital, session(hospital, day, {OPEN: 20}, kind))
        (refusal,) = refused.value.refusals
        assert refusal.code == "second_level_keeps_some" and refusal.clauses == ("XH-41",)
        assert resource in refusal.sentence()
    offer(hospital, session(hospital, day, {REFERRAL: 1, OPEN: 19}))
    proof = queries.proof(SYSTEM, first=day, last=day, institution_id=hospital)
    assert proof.kept and [owed.state for line in proof.lines for owed in line.owed] == [State.MET]
    # Another level in the pack: nothing binds this hospital any more.
    another = altered("XH-41.tier", 3)
    monkeypatch.setattr(mandates, "packs", lambda: another)
    offer(hospital, session(hospital, day + timedelta(days=1), {OPEN: 20}))
    monkeypatch.undo()
    red = queries.proof(SYSTEM, first=day, last=day + timedelta(days=1), institution_id=hospital)
    assert [(each.day, each.pools) for each in red.breaches] == [(day + timedelta(days=1), ("示例池",))]


@pytest.mark.clause("NHC-40")
def test_a_month_that_keeps_less_than_the_one_before_is_listed(hospital) -> None:
    clock(date(2027, 1, 2))
    for day, kept in ((date(2027, 1, 11), 10), (date(2027, 2, 10), 6), (date(2027, 3, 10), 6)):
        offer(hospital.id, session(hospital.id, day, {REFERRAL: kept, OPEN: 20 - kept}))

    def listed(packs: PackSet | None = None) -> list[str]:
        found = queries.proof(
            SYSTEM, first=date(2027, 1, 1), last=date(2027, 3, 31), institution_id=hospital.id, packs=packs
        )
        assert found.kept
        return [
            verdict.sentence(finding)
            for verdict in found.falling
            for finding in verdict.findings
            if verdict.state is State.AT_RISK
        ]

    assert listed() == []  # no month is over yet
    clock(date(2027, 4, 1))
    (said,) = listed()
    assert "2027-02" in said and "6" in said and "10" in said
    assert listed(altered("NHC-40.direction", "down")) == []
    clock(date(2027, 1, 2))
    offer(hospital.id, session(hospital.id, date(2027, 2, 11), {REFERRAL: 5, OPEN: 5}))
    clock(date(2027, 4, 1))
    (said,) = listed()  # February now keeps 11, and March fewer than that
    assert "2027-03" in said
    (said,) = listed(altered("NHC-40.direction", "down"))
    assert "2027-02" in said


def clock(day: date) -> None:
    ledger.set_clock(SYSTEM, at=datetime(day.year, day.month, day.day, 10, tzinfo=ZONE))
