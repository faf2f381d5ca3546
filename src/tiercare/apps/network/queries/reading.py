"""Rows for lists and pages, each list in a fixed number of queries however long it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import models, rules


@dataclass(frozen=True, slots=True)
class ConsortiumRow:
    """A consortium as it stands in a list; ``institutions`` counts lead and members, ``communities`` those
    that joined as a whole, ``since`` is the first day of its first version."""

    id: UUID
    slug: str
    kind: rules.Kind
    name: str
    initials: str
    division_code: str
    area_name: str
    tight: bool
    effective: bool
    specialty_code: str
    basis: models.Basis
    since: date
    lead_id: UUID | None
    lead_name: str
    institutions: int
    communities: int


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """An institution as it stands in a list."""

    id: UUID
    slug: str
    name: str
    initials: str
    category: rules.Category
    level: int
    grade: str
    owner: rules.Owner
    affiliation: rules.Affiliation
    division_code: str
    area_name: str
    beds: int
    basis: models.Basis


@dataclass(frozen=True, slots=True)
class LaidDownRegion:
    """A region whose data was laid down: its pack, its division code and the day of its first verdict."""

    pack: str
    region: str
    verdict_on: date


def consortium_rows(region: str, *, on: date) -> list[ConsortiumRow]:
    """Every consortium of ``region`` (a division code; ``00`` is the nation) on ``on``, by area, kind and name."""
    versions = models.ConsortiumVersion.objects.filter(
        division_code__startswith=_prefix(region), period__contains=on
    )
    return _rows(versions.select_related("consortium"), on)


def consortium_row(consortium_id: UUID, *, on: date) -> ConsortiumRow:
    """One consortium on ``on``.

    Raises:
        Refused: if there is none of this id on that day.
    """
    versions = models.ConsortiumVersion.objects.filter(consortium_id=consortium_id, period__contains=on)
    rows = _rows(versions.select_related("consortium"), on)
    if not rows:
        raise Refused(no_such_consortium(consortium_id, on))
    return rows[0]


def _rows(versions: Iterable[models.ConsortiumVersion], on: date) -> list[ConsortiumRow]:
    found = list(versions)
    ids = [row.consortium_id for row in found]
    leads: dict[UUID, UUID] = {}
    counts: Counter[UUID] = Counter()
    memberships = models.Membership.objects.filter(consortium_id__in=ids, period__contains=on)
    for consortium, institution, role in memberships.values_list("consortium_id", "institution_id", "role"):
        counts[consortium] += 1
        if role == rules.Role.LEAD:
            leads[consortium] = institution
    names = institution_names(leads.values(), on=on)
    joined = models.Joining.objects.filter(parent_id__in=ids, period__contains=on)
    communities = Counter(joined.values_list("parent_id", flat=True))
    since = _first_days(ids)
    areas = area_names(on=on)
    rows = [
        ConsortiumRow(
            id=row.consortium_id,
            slug=row.consortium.slug,
            kind=rules.Kind(row.consortium.kind),
            name=row.name,
            initials=row.initials,
            division_code=row.division_code,
            area_name=areas.get(row.division_code, ""),
            tight=row.tight,
            effective=row.effective,
            specialty_code=row.consortium.specialty_code,
            basis=models.Basis(row.consortium.basis),
            since=since[row.consortium_id],
            lead_id=leads.get(row.consortium_id),
            lead_name=names.get(leads[row.consortium_id], "") if row.consortium_id in leads else "",
            institutions=counts[row.consortium_id],
            communities=communities[row.consortium_id],
        )
        for row in found
    ]
    kinds = list(rules.Kind)
    return sorted(rows, key=lambda row: (kinds.index(row.kind), row.division_code, row.name))


def _first_days(ids: Sequence[UUID]) -> dict[UUID, date]:
    """First day of each consortium."""
    first: dict[UUID, date] = {}
    for key, period in models.ConsortiumVersion.objects.filter(consortium_id__in=ids).values_list(
        "consortium_id", "period"
    ):
        first[key] = min(period.lower, first.get(key, period.lower))
    return first


def institution_names(ids: Iterable[UUID], *, on: date) -> dict[UUID, str]:
    """What institutions are called on ``on``; those without a version then are called as their slug."""
    wanted = set(ids)
    if not wanted:
        return {}
    names = dict(models.Institution.objects.filter(id__in=wanted).values_list("id", "slug"))
    current = models.InstitutionVersion.objects.filter(institution_id__in=wanted, period__contains=on)
    return names | dict(current.values_list("institution_id", "name"))


def divisions_of(slugs: Iterable[str], agreements: Iterable[str]) -> set[str]:
    """Codes of every area whose verdict may hang on these institutions and consortia (by code), or on what
    is signed: where they are or were, and where the consortia are that they belong to."""
    wanted, papers = list(slugs), list(agreements)
    signed = models.AgreementParty.objects.filter(agreement__slug__in=papers, institution__isnull=False)
    named = models.Institution.objects.filter(slug__in=wanted).values_list("id", flat=True)
    institutions = set(named) | (set(signed.values_list("institution_id", flat=True)) if papers else set())
    consortia = set(models.Consortium.objects.filter(slug__in=wanted).values_list("id", flat=True))
    if institutions:
        joined = models.Membership.objects.filter(institution_id__in=institutions)
        consortia |= set(joined.values_list("consortium_id", flat=True))
    if papers:
        about = models.Agreement.objects.filter(slug__in=papers, consortium__isnull=False)
        consortia |= set(about.values_list("consortium_id", flat=True))
    places = models.InstitutionVersion.objects.filter(institution_id__in=institutions).values_list(
        "division_code"
    )
    areas = models.ConsortiumVersion.objects.filter(consortium_id__in=consortia).values_list("division_code")
    return {code for (code,) in places.union(areas)}


def things_named(keys: Iterable[str], *, on: date) -> dict[str, str]:
    """What findings are about, by key (``consortium:018f…``, ``institution:…``, ``grid:…``, ``area:340221``):
    what each is called on ``on``; one query a kind, and none for a kind that is not asked for."""
    asked: dict[str, set[str]] = {}
    for key in keys:
        kind, _, rest = key.partition(":")
        asked.setdefault(kind, set()).add(rest)
    found: dict[str, str] = {}
    for kind, (rows, field) in _NAMED.items():
        wanted = [key for key in asked.get(kind, ()) if _is_id(key)]
        if wanted:
            current = rows.filter(period__contains=on, **{f"{field}__in": wanted})
            found |= {f"{kind}:{key}": name for key, name in current.values_list(field, "name")}
    if asked.get("area"):
        divisions = terms.divisions(asked["area"], on=on)
        found |= {f"area:{code}": row.name for code, row in divisions.items()}
    return found


_NAMED: dict[str, tuple[QuerySet[Any], str]] = {
    "institution": (models.InstitutionVersion.objects.all(), "institution_id"),
    "consortium": (models.ConsortiumVersion.objects.all(), "consortium_id"),
    "grid": (models.Grid.objects.all(), "id"),
}


def _is_id(key: str) -> bool:
    try:
        UUID(key)
    except ValueError:
        return False
    return True


def area_names(*, on: date) -> dict[str, str]:
    """Names of all planning areas by division code."""
    rows = models.PlanningArea.objects.filter(period__contains=on).values_list("division_code", "name")
    packs = {pack.region: pack.name.zh for pack in mandates.packs()}
    return packs | dict(rows)


def institution_rows(region: str, *, on: date) -> list[InstitutionRow]:
    """Every institution inside ``region`` on ``on``, highest level first."""
    areas = area_names(on=on)
    versions = models.InstitutionVersion.objects.filter(
        division_code__startswith=_prefix(region), period__contains=on
    ).select_related("institution")
    return [
        InstitutionRow(
            id=row.institution_id,
            slug=row.institution.slug,
            name=row.name,
            initials=row.initials,
            category=rules.Category(row.category),
            level=row.level,
            grade=row.grade,
            owner=rules.Owner(row.owner),
            affiliation=rules.Affiliation(row.affiliation),
            division_code=row.division_code,
            area_name=areas.get(row.division_code, ""),
            beds=row.beds,
            basis=models.Basis(row.basis),
        )
        for row in versions.order_by("-level", "division_code", "name")
    ]


def laid_down_regions() -> tuple[LaidDownRegion, ...]:
    """Regions whose data was laid down, by pack."""
    rows = models.LaidDown.objects.order_by("pack").values_list("pack", "region", "verdict_on")
    return tuple(LaidDownRegion(*row) for row in rows)


def demonstration_day(pack_id: str) -> date | None:
    """The day that a laid-down region's verdict is about, or ``None`` for a region in use."""
    return models.LaidDown.objects.filter(pack=pack_id).values_list("verdict_on", flat=True).first()


def region_of(pack_id: str) -> str:
    """The division code of a pack's area (``00`` for the nation).

    Raises:
        Refused: if there is no such pack.
    """
    pack = mandates.packs().find(pack_id)
    if pack is None:
        raise Refused(mandates.region_without_pack(pack_id))
    return pack.region


def _prefix(region: str) -> str:
    return "" if region == "00" else region


def no_such_consortium(consortium_id: UUID, on: date) -> Refusal:
    return Refusal(
        code="network.no_such_consortium",
        message=Text("{on} 没有这个医联体。", "There is no such consortium on {on}."),
        instead=Text(
            "它可能在别的日期存在：请改选日期，或从医联体列表中选择。",
            "It may exist on another day: choose another date, or pick one from the list.",
        ),
        fields={"id": consortium_id, "on": on},
        at="on",
        status=404,
    )
