"""Who is meant, and who else could take a place in a consortium: the likeliest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from .. import models
from ..rules.entries import Entry
from ..rules.facts import Role
from ..rules.histories import entry_of
from ..rules.registers import JOININGS
from ..rules.timeline import on_day
from . import histories as load


@dataclass(frozen=True, slots=True)
class Candidate:
    """An institution or a consortium with the code of the institution that signs for it."""

    code: str
    name: str
    lead: str


def present_joinings(child: str, *, like: str, on: date) -> list[Entry]:
    """Rows by which ``child`` belongs to other consortia of the kind of ``like`` on ``on``."""
    kind = models.Consortium.objects.filter(slug=like).values("kind")
    found = load.relations(JOININGS.key, Q(child__slug=child, parent__kind__in=kind) & ~Q(parent__slug=like))
    rows = []
    for identity, there in sorted(found.items()):
        segment = on_day(there.state.segments, on)
        if segment:
            rows.append(entry_of(JOININGS.key, identity, segment, ()))
    return rows


def other_parents(parent: str, child: str, *, on: date, limit: int) -> list[Candidate]:
    """Consortia of the same kind in the same area that ``child`` does not belong to, the fewest children first."""
    own = (
        models.ConsortiumVersion.objects.filter(consortium__slug=parent, period__contains=on)
        .values_list("consortium__kind", "division_code")
        .first()
    )
    if own is None:
        return []
    kind, division = own
    joined = models.Joining.objects.filter(
        parent_id=OuterRef("consortium_id"), child__slug=child, period__contains=on
    )
    rows = (
        models.ConsortiumVersion.objects.filter(
            period__contains=on, consortium__kind=kind, division_code__startswith=division[:4]
        )
        .exclude(consortium__slug=parent)
        .exclude(Exists(joined))
        .values_list("consortium_id", "consortium__slug", "name")
    )
    ids = [row[0] for row in rows]
    busy = models.Joining.objects.filter(parent_id__in=ids, period__contains=on).values_list(
        "parent_id", flat=True
    )
    counted = list(busy)
    leads = dict(
        models.Membership.objects.filter(
            consortium_id__in=ids, role=Role.LEAD, period__contains=on
        ).values_list("consortium_id", "institution__slug")
    )
    ordered = sorted(rows, key=lambda row: (counted.count(row[0]), row[1]))
    return [Candidate(code, name, leads.get(key, "")) for key, code, name in ordered[:limit]]


def other_institutions(
    institution: str, *, consortium: str, role: Role, on: date, limit: int, specialty: str = ""
) -> list[Candidate]:
    """Institutions that could have ``role`` in ``consortium`` in place of ``institution`` on ``on``: of the same
    category and near it; for a lead those of the highest level first, with a key specialty in ``specialty`` if
    one is asked for."""
    own = models.InstitutionVersion.objects.filter(institution__slug=institution, period__contains=on).first()
    member = models.Membership.objects.filter(
        institution_id=OuterRef("institution_id"), consortium__slug=consortium, period__contains=on
    )
    rows = (
        models.InstitutionVersion.objects.filter(period__contains=on)
        .exclude(institution__slug=institution)
        .exclude(Exists(member))
    )
    if own is not None:
        rows = rows.filter(division_code__startswith=own.division_code[:4])
    if role is Role.LEAD:
        rows = rows.filter(level__gte=2)
        if specialty:
            ranked = models.KeySpecialty.objects.filter(
                institution_id=OuterRef("institution_id"), code=specialty, period__contains=on
            )
            rows = rows.annotate(ranked=Exists(ranked)).order_by("-ranked", "-level", "-beds")
        else:
            rows = rows.order_by("-level", "-beds")
    elif own is not None:
        rows = rows.filter(category=own.category).order_by("-level", "name")
    found = rows.values_list("institution__slug", "name")[:limit]
    return [Candidate(code, name, code) for code, name in found]


_FEW = 20


@dataclass(frozen=True, slots=True)
class Named:
    """An institution or a consortium to choose: ``about`` tells apart what shares a name (an area, a kind)."""

    id: UUID
    code: str
    name: str
    initials: str
    division: str
    about: str
    place: str = ""


def institutions_like(region: str, text: str, *, on: date, limit: int = _FEW) -> list[Named]:
    """Institutions of ``region`` (and then of anywhere) on ``on`` that ``text`` stands for: one of just this
    name, initials or code, else those that it is part of; the highest level first."""
    rows = models.InstitutionVersion.objects.filter(period__contains=on)
    inside = rows.filter(division_code__startswith="" if region == "00" else region)
    for these in (inside, rows):
        for wanted in _likes(text, "institution"):
            found = these.filter(wanted).order_by("-level", "division_code", "name")[:limit]
            named = [
                Named(r[0], r[1], r[2], r[3], r[4], r[5], r[6])
                for r in found.values_list(
                    "institution_id",
                    "institution__slug",
                    "name",
                    "initials",
                    "division_code",
                    "level",
                    "category",
                )
            ]
            if named:
                return named
    return []


def consortia_like(
    region: str, text: str, *, on: date, kinds: Collection[str] = (), limit: int = _FEW
) -> list[Named]:
    """Consortia of ``region`` on ``on`` that ``text`` stands for, as ``institutions_like``."""
    rows = models.ConsortiumVersion.objects.filter(
        period__contains=on, division_code__startswith="" if region == "00" else region
    )
    if kinds:
        rows = rows.filter(consortium__kind__in=list(kinds))
    for wanted in _likes(text, "consortium"):
        found = rows.filter(wanted).order_by("consortium__kind", "division_code", "name")[:limit]
        named = [
            Named(*row)
            for row in found.values_list(
                "consortium_id", "consortium__slug", "name", "initials", "division_code", "consortium__kind"
            )
        ]
        if named:
            return named
    return []


def _likes(text: str, thing: str) -> tuple[Q, ...]:
    wanted = text.strip()
    if not wanted:
        return (Q(),)
    low = wanted.lower()
    exact = Q(name=wanted) | Q(initials=low) | Q(**{f"{thing}__slug": low})
    part = Q(name__icontains=wanted) | Q(initials__contains=low) | Q(**{f"{thing}__slug__contains": low})
    return exact, part
