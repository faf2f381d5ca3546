"""Registered poor residents and who of them signed with nobody, by village (YN-47).

Where somebody signed is written at the institution that answers for them, which the wall shows to nobody else. The platform
itself therefore counts, and finds among one institution's own residents those whom nobody answers for; names are then
read behind the wall of who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import ParameterProblem, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules.groups import POOR
from .finding import record_listed

WHAT = "unsigned"  # under which name a reading of the list stands on record
INDICATOR = "registered_poor_signing"  # the indicator, and the key under which packs set its target
_COUNTY, _TOWNSHIP = 6, 9  # digits

# Everybody once, by the entry that leads their person; the dead and those who moved away are not asked to sign. ``own`` is
# the entry that the institution's own list shows.
_POOR = """
WITH RECURSIVE up AS (
    SELECT r.id, r.master_id AS lead FROM residents_resident r WHERE r.master_id IS NOT NULL
    UNION
    SELECT up.id, r.master_id FROM up JOIN residents_resident r ON r.id = up.lead WHERE r.master_id IS NOT NULL
), merged AS (
    SELECT up.id, up.lead FROM up JOIN residents_resident r ON r.id = up.lead WHERE r.master_id IS NULL
), poor AS (
    SELECT DISTINCT coalesce(m.lead, k.resident_id) AS id
    FROM residents_keygroupmember k LEFT JOIN merged m ON m.id = k.resident_id
    WHERE k.group = %(group)s AND k.period @> %(on)s::date
), entries AS (
    SELECT p.id AS lead, p.id AS entry FROM poor p
    UNION ALL
    SELECT m.lead, m.id FROM merged m JOIN poor p ON p.id = m.lead
), signed AS (
    SELECT DISTINCT e.lead FROM entries e JOIN residents_responsibledoctor d ON d.resident_id = e.entry
    WHERE d.period @> %(on)s::date
), own AS (
    SELECT e.lead, (array_agg(e.entry ORDER BY e.entry <> e.lead, e.entry))[1] AS entry
    FROM entries e JOIN residents_resident x ON x.id = e.entry
    WHERE %(institution)s::uuid = ANY (x.known_at) GROUP BY e.lead
), person AS (
    SELECT r.division_code AS home, s.lead IS NOT NULL AS signed, o.entry
    FROM poor p JOIN residents_resident r ON r.id = p.id
    LEFT JOIN signed s ON s.lead = p.id LEFT JOIN own o ON o.lead = p.id
    WHERE starts_with(r.division_code, %(area)s) AND (%(institution)s::uuid IS NULL OR o.entry IS NOT NULL)
      AND (r.deceased_on IS NULL OR r.deceased_on > %(on)s::date)
      AND (r.moved_out_at IS NULL OR r.moved_out_at >= (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
      AND r.registered_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
)"""
_COUNTED = " ".join(
    (
        _POOR,
        """SELECT home, count(*) AS poor, count(*) FILTER (WHERE signed) AS signed
FROM person GROUP BY home ORDER BY home""",
    )
)
_UNSIGNED = " ".join((_POOR, "SELECT entry, home FROM person WHERE NOT signed ORDER BY home, entry"))
_LINES = """
SELECT id, name, sex, birth_date, division_code, synthetic FROM residents_resident WHERE id = ANY (%(entries)s::uuid[])
ORDER BY name, id
"""


@dataclass(frozen=True, slots=True)
class Village:
    """One village, or the smallest area that an address names: how many registered poor live there and how many signed.

    ``names`` are those of county, township and village as far as the register knows them."""

    code: str
    names: tuple[str, ...]
    poor: int
    signed: int

    @property
    def unsigned(self) -> int:
        """How many nobody answers for."""
        return self.poor - self.signed


@dataclass(frozen=True, slots=True)
class Aim:
    """What the text in force asks for: a share, by when, and the clause."""

    share: Decimal
    by: date | None
    clause: str


@dataclass(frozen=True, slots=True)
class Signing:
    """Registered poor residents as of a day, of an area or of one institution's list; ``aim`` only where a text sets one."""

    on: date
    area: str
    villages: tuple[Village, ...]
    aim: Aim | None

    @property
    def poor(self) -> int:
        """All of them."""
        return sum(each.poor for each in self.villages)

    @property
    def signed(self) -> int:
        """Those whom somebody answers for."""
        return sum(each.signed for each in self.villages)

    @property
    def unsigned(self) -> int:
        """Those whom nobody answers for."""
        return self.poor - self.signed

    @property
    def share(self) -> Fraction | None:
        """Signed of all; no value where there is nobody."""
        return Fraction(self.signed, self.poor) if self.poor else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached, compared exactly; nothing where there is none, or nobody to sign."""
        if self.aim is None or self.share is None:
            return None
        return self.share >= Fraction(self.aim.share)

    @property
    def late(self) -> bool:
        """Whether the day by which it was asked for has passed."""
        return self.aim is not None and self.aim.by is not None and self.on > self.aim.by


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A resident of the institution's own list, as its staff know them."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    village: str
    synthetic: bool


def poor_signing(actor: Actor, *, division_code: str, on: date | None = None) -> Signing:
    """How many registered poor residents of an area signed, by village; counts only.

    Raises:
        Refused: without the right over this area.
    """
    refuse(access.may(actor, Right.RECORDS_MEASURE, division=division_code))
    day = on or ledger.today()
    return _signing(division_code, None, division_code, day)


def own_poor_signing(actor: Actor, *, on: date | None = None) -> Signing:
    """The same of the residents whom the actor's institution knows.

    Raises:
        Refused: if the actor has no list of residents.
    """
    refuse(access.may(actor, Right.RESIDENTS_LIST, institution_id=actor.institution_id))
    day = on or ledger.today()
    assert actor.institution_id is not None, "the right is one's own institution's"
    place = network.place_of(actor.institution_id, on=day) or network.place_of(
        actor.institution_id, on=ledger.today()
    )
    return _signing("", actor.institution_id, place.division_code if place else "", day)


def unsigned_poor(actor: Actor, *, village: str = "", on: date | None = None) -> tuple[Unsigned, ...]:
    """Who of the institution's own registered poor signed with nobody, of one village or of all; by village and name. The
    reading is recorded for each of them.

    Raises:
        Refused: if the actor has no list of residents.
    """
    refuse(access.may(actor, Right.RESIDENTS_LIST, institution_id=actor.institution_id))
    day = on or ledger.today()
    found = {
        row["entry"]: row["home"]
        for row in _asked(_UNSIGNED, village, actor.institution_id, day)
        if row["home"] == village or not village
    }
    with scoped(actor):
        lines = rows(_LINES, entries=list(found))
        record_listed(actor, WHAT, [row["id"] for row in lines])
    listed = (
        Unsigned(
            row["id"], row["name"], row["sex"], row["birth_date"], found[row["id"]], bool(row["synthetic"])
        )
        for row in lines
    )
    return tuple(sorted(listed, key=lambda each: (each.village, each.name, each.id)))


def _signing(area: str, institution_id: UUID | None, pack_area: str, on: date) -> Signing:
    counted = _asked(_COUNTED, area, institution_id, on)
    names = _names([row["home"] for row in counted], on)
    villages = tuple(Village(row["home"], names[row["home"]], row["poor"], row["signed"]) for row in counted)
    return Signing(on, area, villages, aim_in(pack_area, on=on))


def aim_in(area: str, *, on: date) -> Aim | None:
    """What the pack in force in an area asks for on a day, if it asks for anything."""
    packs = mandates.packs()
    try:
        pack = mandates.pack_in_force(area, on=on)
        if not carries(packs, INDICATOR, pack):
            return None
        answer = parameter(packs, INDICATOR, pack, on=on)
        deadline = f"{answer.clause.id}.deadline"
        by = parameter(packs, deadline, pack, on=on).value if carries(packs, deadline, pack) else None
    except (Refused, ParameterProblem):
        return None
    return Aim(Decimal(str(answer.value)), by if isinstance(by, date) else None, answer.clause.id)


def village_names(code: str, *, on: date) -> tuple[str, ...]:
    """County, township and village of a code, as far as the register names them."""
    return _names([code], on)[code]


def _asked(statement: str, area: str, institution_id: UUID | None, on: date) -> Iterable[dict[str, Any]]:
    with scoped(Actor.system("web"), area=EVERYWHERE):
        return rows(statement, group=POOR, area=area, institution=institution_id, on=on)


def _names(codes: Sequence[str], on: date) -> dict[str, tuple[str, ...]]:
    parts = {code: dict.fromkeys((code[:_COUNTY], code[:_TOWNSHIP], code)) for code in codes}
    known = terms.divisions({each for mine in parts.values() for each in mine}, on=on) if codes else {}
    return {code: tuple(known[each].name for each in mine if each in known) for code, mine in parts.items()}
