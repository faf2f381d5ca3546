"""Where care begins: the share of episodes that begin in primary care (CX-06, XH-24), of specialist visits that come after it or
by referral (NHC-43), and of signed residents who begin in their own consortium (YN-48).

What an episode is, and where it began, stands with the visits (``records.commands.episodes``). Numerator and denominator are
kept; of nothing there is no share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.rules.facts import PRIMARY, Kind
from tiercare.apps.records.rules.delicate import is_special
from tiercare.apps.residents.rules.groups import ELDERLY_FROM
from tiercare.engines.policy import PackSet, ParameterProblem, Value, carries, parameter
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ..rules.first_contact import CLAUSES, ENTERED_AS, Section
from . import first_contact_sql as sql
from .statistics import Scope

GAP, LEVEL, LEAST, GROUPS, CHILD = (
    *("episode_gap_days", "specialist_level", "NHC-43.least_shown"),
    *("XH-24.groups", "child_age"),
)
_KINDS = sorted({Kind.CITY_GROUP, Kind.COUNTY_COMMUNITY, Kind.URBAN_RURAL})
# Where no pack says how old a child is, nobody is one.
_NOBODY = (1, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A share of one month (of specialist visits: quarter), which begins on ``since``: of a consortium, of all (``None``),
    or of a group of people. ``hidden``: too few to be shown, and the numbers are 0."""

    consortium_id: UUID | None
    name: str
    group: str
    since: date
    part: int
    whole: int
    hidden: bool = False

    @property
    def share(self) -> float | None:
        """part ÷ whole; no value where there is nothing to divide by, or too little to show."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the packs of an area ask and set: the clauses in force by section (a section without any is not counted), days
    between visits of an episode, the level from which a visit is a specialist's, the groups, and how few are not shown."""

    clauses: Mapping[Section, tuple[str, ...]]
    gap: int
    level: int
    least: int
    groups: tuple[str, ...]
    child: tuple[int, int]


@dataclass(frozen=True, slots=True)
class FirstContact:
    """What was counted, by section."""

    scope: Scope
    asked: Asked
    sections: Mapping[Section, tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Contact:
    """A visit behind a number: when, where, how and for what; not whose. ``counted``: it is in the numerator."""

    at: datetime
    institution: str
    kind: str
    problem: str
    counted: bool


def asked_at(area: str, *, on: date, packs: PackSet | None = None) -> Asked:
    """What the packs in force in an area ask; nothing where none is."""
    known = packs or mandates.packs()
    pack = _pack(area, on, known)
    here = {clause.id for each in known.chain(pack) for clause in each.clauses} if pack else set()

    def said(key: str) -> Value:
        try:
            return parameter(known, key, pack, on=on).value if pack and carries(known, key, pack) else None
        except ParameterProblem:
            return None

    ages, named = said(CHILD), said(GROUPS)
    return Asked(
        clauses={section: tuple(each for each in ids if each in here) for section, ids in CLAUSES.items()},
        gap=_number(said(GAP)),
        level=_number(said(LEVEL)),
        least=_number(said(LEAST)),
        groups=tuple(str(each) for each in named) if isinstance(named, tuple) else (),
        child=(_number(ages[0]), _number(ages[1])) if isinstance(ages, tuple) and len(ages) == 2 else _NOBODY,
    )


def first_contact(scope: Scope, *, packs: PackSet | None = None) -> FirstContact:
    """All sections that a text in force asks for; one query each, and one for the names."""
    asked = asked_at(scope.area, on=min(scope.last, ledger.today()), packs=packs)
    found = {
        section: rows(sql.NUMBERS[section], **_values(scope, asked, section))
        for section in Section
        if asked.clauses[section]
    }
    names = _names({row["consortium"] for each in found.values() for row in each} - {None}, scope)
    return FirstContact(
        scope,
        asked,
        {section: tuple(_line(row, names, asked) for row in each) for section, each in found.items()},
    )


def first_contact_cases(
    scope: Scope,
    *,
    section: Section,
    consortium_id: UUID | None = None,
    group: str = "",
    counted: bool | None = None,
    page: int = 1,
    per_page: int = 50,
    packs: PackSet | None = None,
) -> tuple[list[Contact], int]:
    """The visits behind a number, newest first, and how many there are; ``counted`` only those in the numerator, or only the
    others.

    Raises:
        Refused: if no text in force asks for it, or they are too few to be shown.
    """
    asked = asked_at(scope.area, on=min(scope.last, ledger.today()), packs=packs)
    if not asked.clauses[section]:
        raise Refused(_NOT_ASKED)
    narrowed = {"consortium": consortium_id, "whose": group}
    if group and _too_few(scope, asked, section, group):
        raise Refused(_TOO_FEW)
    found = rows(
        sql.CASES[section],
        **_values(scope, asked, section),
        **narrowed,
        only=counted,
        limit=per_page,
        skip=(page - 1) * per_page,
    )
    listed = [
        Contact(row["at"], row["house"], row["kind"], _problem(row["problem"]), row["part"]) for row in found
    ]
    return listed, found[0]["found"] if found else 0


def _too_few(scope: Scope, asked: Asked, section: Section, group: str) -> bool:
    """Whether any month of the group is not shown: the list would tell what the number does not."""
    found = [
        row for row in rows(sql.NUMBERS[section], **_values(scope, asked, section)) if row["whose"] == group
    ]
    return any(row["whole"] < asked.least for row in found)


def _values(scope: Scope, asked: Asked, section: Section) -> dict[str, Any]:
    of_scope = {key: scope.values[key] for key in ("institutions", "since", "until")}
    return of_scope | {
        "primary": sorted(PRIMARY),
        "signed": section is Section.SIGNED,
        "kinds": _KINDS,
        "level": asked.level,
        "groups": list(asked.groups),
        "elderly": ELDERLY_FROM,
        "mother": list(ENTERED_AS["maternal_child"]),
        "youngest": asked.child[0],
        "oldest": asked.child[1],
    }


def _line(row: Mapping[str, Any], names: Mapping[UUID, str], asked: Asked) -> Line:
    hidden = bool(row["whose"]) and row["whole"] < asked.least
    return Line(
        row["consortium"],
        names.get(row["consortium"], ""),
        row["whose"],
        row["since"],
        0 if hidden else row["part"],
        0 if hidden else row["whole"],
        hidden,
    )


def _problem(problem: str) -> str:
    """For what it was, except where the category alone would tell too much of somebody."""
    return "" if is_special([problem]) else problem


def _names(consortia: set[UUID], scope: Scope) -> dict[UUID, str]:
    on = min(scope.last, ledger.today())
    return {row["id"]: row["name"] for row in rows(sql.NAMES, consortia=sorted(consortia), on=on)}


def _pack(area: str, on: date, packs: PackSet) -> str | None:
    try:
        return mandates.pack_in_force(area, on=on)
    except Refused:
        # The nation, or a province without a pack of its own: what holds for everybody.
        return next((each.id for each in packs.packs.values() if each.region == "00"), None)


def _number(value: Value) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


_NOT_ASKED = Refusal(
    code="referrals.first_contact_not_asked",
    message=Text("本地区没有文件要求统计这一项。", "No text in force in this area asks for it."),
    instead=Text("请从首诊统计页上已有的数字点开。", "Open it from a number on the page of first contact."),
    at="section",
    status=404,
)
_TOO_FEW = Refusal(
    code="referrals.first_contact_too_few",
    message=Text(
        "人次太少，为保护个人隐私不列出。", "They are too few to be listed: it would tell who they are."
    ),
    instead=Text("请放宽起止日期，或查看合计。", "Choose a longer period, or look at the total."),
    at="group",
    status=403,
)
