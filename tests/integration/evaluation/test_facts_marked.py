"""Whatever happens, what was written bit by bit is what would be written at once: no event that matters goes unmarked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands import marking
from tiercare.apps.evaluation.queries.fact_sources import DAILY
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.commands import changes
from tiercare.apps.network.models import Membership
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.referrals import commands as referrals
from tiercare.apps.residents import commands as residents
from tiercare.apps.residents.models import Resident
from tiercare.apps.residents.rules import Correction
from tiercare.kernel.refusal import Refused

from ..residents.care import synthetic_clock
from ..residents.conftest import Site, given, register, site
from ..residents.pairs import NO_NUMBER, WHY
from .facts_played import REGION, Played, whole
from .test_facts_written import played, somebody

__all__ = ["given", "played", "register", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
_NAMES = (
    "王小明",
    "李晓红",
    "欧阳娜娜",
    "赵铁柱",
    "钱多多",
    "孙悟净",
    "周星河",
    "吴一凡",
    "郑大川",
    "冯小满",
)
_CODES = (
    Diagnosis("I10", "原发性高血压"),
    Diagnosis("E11.9", "2型糖尿病"),
    Diagnosis("J06.9", "上呼吸道感染"),
)

ACTS = (
    "come",
    "visit",
    "lie",
    "leave",
    "withdraw",
    "send",
    "answer",
    "sign",
    "end",
    "group",
    "merge",
    "part",
    "move",
)

# Somebody to do it to.
BEFORE = (*["come"] * 5, *["visit"] * 4, "lie", "lie", "sign", "send", "merge")
TRIES = 60


class World:
    """People who do something; each act is one of those that the platform knows, and may be refused."""

    def __init__(self, site: Site, register: Callable[..., UUID], seed: int) -> None:
        self.site, self._register, self.random = site, register, Random(seed)
        self.people: list[UUID] = []
        self.visits: list[tuple[UUID, str]] = []
        self.stays: list[UUID] = []
        self.requests: list[UUID] = []
        self.merges: list[UUID] = []
        self.signed: list[UUID] = []
        self.names = iter(_NAMES)
        self.doctor = somebody(site).id

    def act(self, name: str = "") -> bool:
        """The named one, or one of them by the seed; whether it was possible now."""
        try:
            getattr(self, name or self.random.choice(ACTS))()
        except (Refused, StopIteration, IndexError, ValueError):
            return False
        return True

    def come(self) -> None:
        """Somebody is registered, with a number or without: two who bear one each are never one person."""
        if len(self.people) % 3 == 0:
            born = date(self.random.choice((1948, 1968, 1990, 2021)), 5, 17)
            self.people.append(self._register(next(self.names), birth_date=born))
        else:
            self.people.append(self._register(next(self.names), birth_date=None, **NO_NUMBER))

    def visit(self) -> None:
        """A visit, some weeks ago perhaps."""
        began = ledger.now() - timedelta(days=self.random.choice((0, 0, 1, 20, 40)), hours=1)
        actor = self.site.actor(Role.PRIMARY_DOCTOR)
        key = records.note_visit(
            actor,
            resident_id=self.random.choice(self.people),
            kind=self.random.choice((VisitKind.OUTPATIENT, VisitKind.EMERGENCY, VisitKind.HOME)),
            complaint="不适",
            conditions=[self.random.choice(_CODES)],
            started_at=began,
        )
        self.visits.append((key, "township"))

    def lie(self) -> None:
        """A stay begins, in the hospital of primary care: it has beds too."""
        self.stays.append(
            records.note_visit(
                self.site.actor(Role.PRIMARY_DOCTOR),
                resident_id=self.random.choice(self.people),
                kind=VisitKind.INPATIENT,
                complaint="发热",
                conditions=[self.random.choice(_CODES)],
                started_at=ledger.now() - timedelta(days=self.random.choice((3, 45))),
            )
        )

    def leave(self) -> None:
        """A stay ends."""
        stay = self.stays.pop()
        records.end_encounter(self.site.actor(Role.PRIMARY_DOCTOR), encounter_id=stay, disposition="好转")
        self.visits.append((stay, "township"))

    def withdraw(self) -> None:
        """A visit was wrong."""
        key, _ = self.visits.pop(self.random.randrange(len(self.visits)))
        actor = self.site.actor(Role.PRIMARY_DOCTOR)
        records.withdraw(actor, what=What.VISIT, entry_id=key, reason="记错患者")

    def send(self) -> None:
        """Up to the hospital."""
        actor = self.site.actor(Role.PRIMARY_DOCTOR)
        row = referrals.start(actor, resident_id=self.random.choice(self.people), kind="up")
        content = exchange.Content(
            to_institution=self.site.county_hospital,
            payload={"reason": "需进一步检查", "ground": {"beyond": "capacity"}},
        )
        referrals.send(actor, request_id=row.id, content=content, without_place=True)
        self.requests.append(row.id)

    def answer(self) -> None:
        """The hospital takes the patient, and lets them in; or the township thinks better of it."""
        key = self.random.choice(self.requests)
        act = self.random.choice((Act.ACCEPT, Act.ARRIVE, Act.WITHDRAW))
        role, place = (Role.REFERRAL_OFFICE, "county_hospital")
        if act is Act.WITHDRAW:
            role, place = Role.PRIMARY_DOCTOR, "township"
        exchange.turn(self.site.actor(role, place), request_id=key, act=act)

    def sign(self) -> None:
        """With the doctor of the township."""
        actor, who = self.site.actor(Role.PRIMARY_DOCTOR), self.random.choice(self.people)
        residents.assign_doctor(actor, resident_id=who, clinician_id=self.doctor)
        self.signed.append(who)

    def end(self) -> None:
        """Or no longer."""
        residents.end_doctor(self.site.actor(Role.PRIMARY_DOCTOR), resident_id=self.signed.pop())

    def group(self) -> None:
        """Into a key group."""
        actor = self.site.actor(Role.PRIMARY_DOCTOR)
        residents.enter_group(
            actor, resident_id=self.random.choice(self.people), group="hypertension", evidence="多次测量"
        )

    def merge(self) -> None:
        """Two entries are one person."""
        kept, merged = self.random.sample(self.people, min(2, len(self.people)))
        keeper = self.site.actor(Role.INDEX_KEEPER)
        self.merges.append(residents.merge(keeper, kept_id=kept, merged_id=merged, reason=WHY))

    def part(self) -> None:
        """They are not."""
        residents.part(self.site.actor(Role.INDEX_KEEPER), merge_id=self.merges.pop(), reason=WHY)

    def move(self) -> None:
        """Where they live was put right."""
        who = self.random.choice(self.people)
        with whole():
            row = Resident.objects.get(id=who)
        places = [each for each in ("340223", "340222", "340281") if each != row.division_code]
        change = Correction(division_code=self.random.choice(places))
        residents.correct(
            self.site.actor(Role.REGISTRAR), resident_id=who, version=row.version, change=change
        )


def at_once(played: Played, root: Path, since: int) -> dict[tuple[str, int], str]:
    """Everything written anew, into another folder."""
    fresh = Played.__new__(Played)
    fresh.root, fresh.handed = root, played.handed
    marking.mark_all(REGION, since=since, on=ledger.today())
    fresh.write()
    return fresh.digests()


def compared(played: Played, root: Path) -> None:
    """What was written bit by bit is what is written at once: what happened in every month, and how things stand now.
    Stocks of months that are over stay as they were known then."""
    since = marking.month_of(ledger.today() - timedelta(days=50))
    written, fresh = played.digests(), at_once(played, root, since)
    for key in fresh | written:
        same = fresh.get(key) == written.get(key)
        if not same and (key[0] not in DAILY or key[1] == played.month):  # a month of no rows may be none
            assert _rows(played.root, key) == _rows(root, key), key


@pytest.mark.parametrize("seed", range(2))
def test_bit_by_bit_comes_to_the_same_as_at_once(
    played: Played, site: Site, register, tmp_path: Path, seed: int
) -> None:
    world = World(site, register, seed)
    for step in range(60):
        world.act("come" if step < 4 else "")
        if step % 5 == 4:
            played.write()
        if step % 20 == 19:
            played.go(ledger.now() + timedelta(days=6))
    played.write()
    compared(played, tmp_path / "fresh")


@pytest.mark.parametrize("act", ACTS)
def test_each_act_alone_marks_all_that_it_changes(
    played: Played, site: Site, register, tmp_path: Path, act: str
) -> None:
    world = World(site, register, 7)
    for name in BEFORE:
        assert any(world.act(name) for _ in range(TRIES)), name
    played.write()
    assert any(world.act(act) for _ in range(TRIES))
    played.write()
    compared(played, tmp_path / "fresh")


def _rows(root: Path, key: tuple[str, int]) -> list[dict]:
    again = Played.__new__(Played)
    again.root = root
    return again.rows(*key)


def test_a_membership_that_ends_moves_the_months_since(
    played: Played, site: Site, register, tmp_path: Path
) -> None:
    world = World(site, register, 0)
    world.come()
    for back in (0, 40):
        records.note_visit(
            site.actor(Role.PRIMARY_DOCTOR),
            resident_id=world.people[0],
            kind=VisitKind.OUTPATIENT,
            complaint="不适",
            conditions=[_CODES[0]],
            started_at=ledger.now() - timedelta(days=back),
        )
    played.write()
    assert played.rows("visits")[0]["consortium"] is not None
    first = ledger.today().replace(day=1)
    membership = Membership.objects.filter(
        institution_id=site.township, period__contains=first, role="MEMBER"
    ).get()
    Membership.objects.filter(id=membership.id).update(period=DateRange(membership.period.lower, None))
    played.tell()
    try:
        changes.end_membership(actor=site.actor(Role.COMMISSION), membership_id=membership.id, end=first)
    except Refused:  # the region's cards may want everybody in: what is told is what counts here
        pytest.skip("the cards of the region keep it in")
    done = played.write()
    assert ("visits", played.month) in done
    (row,) = played.rows("visits")
    assert row["consortium"] is None and row["role"] is None
    before = marking.month_of(ledger.today() - timedelta(days=40))
    assert ("visits", before) not in done, "it belonged to it then"
    assert played.rows("visits", before)[0]["consortium"] is not None
