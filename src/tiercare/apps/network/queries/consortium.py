"""Everything about one consortium on a day, for its page: one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.terms import queries as terms
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused

from .. import models, rules
from ..rules.reach import Reached, reached
from .consortium_sql import CONSORTIUM
from .detail import AgreementRow, GridRow, LinkedConsortium, MemberRow, ObligationRow, standing
from .ranges import day, parts
from .reading import no_such_consortium


@dataclass(frozen=True, slots=True)
class Member:
    """An institution's part, when it consented itself, and where it lies."""

    row: MemberRow
    consented_on: date | None
    division_code: str


@dataclass(frozen=True, slots=True)
class Began:
    """Something that began or ended: ``what`` is ``version``, ``member`` or ``joined``."""

    on: date
    began: bool
    what: str
    name: str
    role: rules.Role | None = None


@dataclass(frozen=True, slots=True)
class ConsortiumPage:
    """A consortium on a day; ``partners`` are parties of its agreements that are no members; ``reached`` says
    how far members and partners lie from its own area; ``place_names`` names the areas outside."""

    id: UUID
    slug: str
    name: str
    kind: rules.Kind
    specialty_code: str
    basis: models.Basis
    division_code: str
    area_name: str
    tight: bool
    effective: bool
    committee: bool
    unified: tuple[str, ...]
    since: date
    approved_on: date | None
    approved_by: str
    charter_on: date | None
    charter: str
    council: tuple[tuple[str, str], ...]
    members: tuple[Member, ...]
    partners: tuple[tuple[UUID, str, str], ...]
    children: tuple[LinkedConsortium, ...]
    parents: tuple[LinkedConsortium, ...]
    agreements: tuple[AgreementRow, ...]
    grids: tuple[GridRow, ...]
    history: tuple[Began, ...]
    reached: Reached
    place_names: Mapping[str, str]

    @property
    def lead_name(self) -> str:
        """What its lead is called; empty where it has none."""
        leads = [member.row.name for member in self.members if member.row.role is rules.Role.LEAD]
        return leads[0] if leads else ""

    @property
    def consented(self) -> int:
        """How many of its members consented themselves."""
        return sum(member.consented_on is not None for member in self.members)


def consortium_page(consortium_id: UUID, *, on: date) -> ConsortiumPage:
    """All of one consortium on ``on``. Two queries: the second one for names of areas.

    Raises:
        Refused: if there is none of this id on that day.
    """
    row = parts(CONSORTIUM, {"id": consortium_id, "on": on})
    head, charter, council, members, partners, children, parents, agreements, grids, history, areas = row
    if head is None:
        raise Refused(no_such_consortium(consortium_id, on))
    (slug, kind, specialty, basis, approved_on, approved_by, name, division, tight, effective, committee) = (
        head[:11]
    )
    unified, since = head[11:]
    approved = day(approved_on)
    around = tuple((UUID(key), called, code) for key, called, code in partners or ())
    outside = reached(division, [*(m[8] for m in members or ()), *(code for _, _, code in around)])
    names = _names(division, members or (), grids or (), agreements or (), outside, dict(areas or ()), on)
    return ConsortiumPage(
        id=consortium_id,
        slug=slug,
        name=name,
        kind=rules.Kind(kind),
        specialty_code=specialty,
        basis=models.Basis(basis),
        division_code=division,
        area_name=names.get(division, ""),
        tight=tight,
        effective=effective,
        committee=committee,
        unified=tuple(unified),
        since=date.fromisoformat(since),
        approved_on=approved if approved and approved <= on else None,
        approved_by=approved_by,
        charter_on=day(charter[0]) if charter else None,
        charter=charter[1] if charter else "",
        council=tuple((office, holder) for office, holder in council or ()),
        members=_members(members or (), names),
        partners=around,
        children=_linked(children or ()),
        parents=_linked(parents or ()),
        agreements=tuple(_agreement(each, names, on) for each in agreements or ()),
        grids=tuple(
            GridRow(UUID(key), called, tuple(names.get(p, p) for p in places or ()), _period(start, end))
            for key, called, places, start, end in grids or ()
        ),
        history=_history(history or ()),
        reached=outside,
        place_names=names,
    )


def _names(
    division: str,
    members: Sequence[Any],
    grids: Sequence[Any],
    agreements: Sequence[Any],
    outside: Reached,
    planned: dict[str, str],
    on: date,
) -> dict[str, str]:
    """Names of every area that the page speaks of, as the region's plan calls them, else as registered."""
    codes = {division, *(row[8] for row in members), *outside.provinces, *outside.prefectures}
    codes |= {code for row in grids for code in row[2] or ()}
    keys = [key for row in agreements for key in (*(row[7] or ()), *(p for o in row[8] or () for p in o[:2]))]
    codes |= {key[4:] for key in keys if key.startswith("gov:")}
    return {code: row.name for code, row in terms.divisions(codes, on=on).items()} | planned


def _members(rows: Sequence[Any], names: Mapping[str, str]) -> tuple[Member, ...]:
    found = []
    for key, name, role, category, level, grade, owner, beds, division, basis, start, end, consented in rows:
        row = MemberRow(
            id=UUID(key),
            name=name,
            role=rules.Role(role),
            category=rules.Category(category),
            level=level,
            grade=grade,
            owner=rules.Owner(owner),
            beds=beds,
            area_name=names.get(division, ""),
            basis=models.Basis(basis),
            period=_period(start, end),
        )
        found.append(Member(row, day(consented), division))
    roles = list(rules.Role)
    return tuple(sorted(found, key=lambda m: (roles.index(m.row.role), -m.row.level, m.row.name)))


def _linked(rows: Sequence[Any]) -> tuple[LinkedConsortium, ...]:
    return tuple(LinkedConsortium(UUID(key), name, _period(start, end)) for key, name, start, end in rows)


def _agreement(row: Sequence[Any], names: Mapping[str, str], on: date) -> AgreementRow:
    key, title, signed_on, start, end, sections, basis, parties, obligations = row

    def party(of: str) -> str:
        return _government(names, of[4:]) if of.startswith("gov:") else of

    return AgreementRow(
        id=UUID(key),
        title=title,
        signed_on=day(signed_on),
        period=_period(start, end),
        sections=tuple(sections),
        basis=models.Basis(basis),
        parties=tuple(party(each) for each in parties or ()),
        obligations=tuple(
            ObligationRow(
                debtor=party(debtor),
                creditor=party(creditor),
                text_zh=zh,
                text_en=en,
                due=date.fromisoformat(due),
                met_on=day(met_on),
                clause=clause,
                standing=standing(date.fromisoformat(due), day(met_on), on),
            )
            for debtor, creditor, zh, en, due, met_on, clause in obligations or ()
        ),
    )


def _government(names: Mapping[str, str], code: str) -> str:
    name = names.get(code, code)
    return f"{name}{'管委会' if '开发区' in name else '人民政府'}"


def _history(rows: Sequence[Any]) -> tuple[Began, ...]:
    """The latest day first; what happened to the consortium itself before its members, those by role."""
    changes = []
    for what, name, role, start, end in rows:
        played = rules.Role(role) if role else None
        changes.append(Began(date.fromisoformat(start), True, what, name or "", played))
        if end is not None:
            changes.append(Began(date.fromisoformat(end), False, what, name or "", played))
    roles = ("", *rules.Role)
    return tuple(
        sorted(
            changes,
            key=lambda c: (
                -c.on.toordinal(),
                c.what != "version",
                c.what,
                c.began,
                roles.index(c.role or ""),
                c.name,
            ),
        )
    )


def _period(start: str, end: str | None) -> Period:
    return Period(date.fromisoformat(start), day(end))
