"""Load the facts of a day for the rules: one query a table, however large the region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from tiercare.apps.terms import queries as terms

from .. import models, rules

# A version's fields that joining must leave alone (YN-54, YN-75); the rule words them.
_UNCHANGED = ("affiliation", "owner", "funding")


def network_facts(region: str, *, on: date) -> rules.Network:
    """Everything in force in ``region`` (a division code) on ``on``, with the outside hospitals that its
    consortia include."""
    names = _versions_by_consortium(region, on)
    memberships = list(
        models.Membership.objects.filter(consortium_id__in=names, period__contains=on).values_list(
            "consortium_id", "institution_id", "role", "period"
        )
    )
    outside = {row[1] for row in memberships} | _partners(region, on)
    institutions = _institutions(region, on, outside)
    joining = _changed_on_joining(memberships)
    charters = set(
        models.Charter.objects.filter(consortium_id__in=names, adopted_on__lte=on).values_list(
            "consortium_id", flat=True
        )
    )
    areas = _areas(region, on)
    above = {code[:length] for code in (*areas, region) for length in (2, 4) if code}
    return rules.Network(
        region=region,
        institutions={str(key): value for key, value in _as_facts(institutions, joining, on).items()},
        consortia={str(key): _consortium(row, key in charters, on) for key, row in names.items()},
        memberships=tuple(
            rules.Membership(str(c), str(i), rules.Role(role))
            for c, i, role, _ in sorted(memberships, key=str)
        ),
        joined=_joined(names, on),
        areas=areas,
        grids=_grids(region, on),
        agreements=_agreements(names, institutions, on),
        trusteeships=_trusteeships(institutions, on),
        plans=_plans(region, on),
        specialty_names=terms.specialty_names(on=on),
        division_names={code: row.name for code, row in terms.divisions(sorted(above), on=on).items()},
    )


def _versions_by_consortium(region: str, on: date) -> dict[Any, models.ConsortiumVersion]:
    rows = models.ConsortiumVersion.objects.filter(
        division_code__startswith=region, period__contains=on
    ).select_related("consortium")
    return {row.consortium_id: row for row in rows}


def _partners(region: str, on: date) -> set[Any]:
    """Institutions outside that signed with, or run, one inside: a tertiary hospital of another city."""
    local = models.InstitutionVersion.objects.filter(
        division_code__startswith=region, period__contains=on
    ).values("institution_id")
    signed = models.AgreementParty.objects.filter(
        agreement__period__contains=on,
        agreement__parties__institution_id__in=local,
        institution__isnull=False,
    ).values_list("institution_id", flat=True)
    trustees = models.Trusteeship.objects.filter(period__contains=on, entrusted_id__in=local).values_list(
        "trustee_id", flat=True
    )
    return {*signed, *trustees}


def _institutions(region: str, on: date, members: set[Any]) -> dict[Any, models.InstitutionVersion]:
    rows = models.InstitutionVersion.objects.filter(
        Q(division_code__startswith=region) | Q(institution_id__in=members), period__contains=on
    ).select_related("institution")
    return {row.institution_id: row for row in rows}


def _by_institution(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    found: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for institution, *rest in rows:
        found[institution].append(tuple(rest))
    return found


def _as_facts(
    versions: dict[Any, models.InstitutionVersion], changed: dict[Any, tuple[str, ...]], on: date
) -> dict[Any, rules.Institution]:
    current = {"institution_id__in": versions, "period__contains": on}
    specialties = _by_institution(
        models.LicensedSpecialty.objects.filter(**current).values_list("institution_id", "code")
    )
    ranks = _by_institution(
        models.KeySpecialty.objects.filter(**current).values_list("institution_id", "code", "rank")
    )
    facilities = _by_institution(
        models.Facility.objects.filter(**current).values_list("institution_id", "kind")
    )
    return {
        key: rules.Institution(
            id=str(key),
            name=row.name,
            slug=row.institution.slug.partition("-")[2],  # packs write names without their own id before
            category=rules.Category(row.category),
            level=row.level,
            grade=row.grade,
            owner=rules.Owner(row.owner),
            affiliation=rules.Affiliation(row.affiliation),
            division=row.division_code,
            beds=row.beds,
            qualified=row.qualified,
            subcentre=row.subcentre,
            managed_as_level=row.managed_as_level or row.level,
            specialties=frozenset(code for (code,) in specialties[key]),
            key_specialties=dict(sorted(ranks[key])),
            facilities=frozenset(kind for (kind,) in facilities[key]),
            changed_on_joining=changed.get(key, ()),
        )
        for key, row in versions.items()
    }


def _changed_on_joining(memberships: Iterable[tuple[Any, ...]]) -> dict[Any, tuple[str, ...]]:
    """What a version that starts on the day of joining changed, against the version before it."""
    joined_on = {(institution, period.lower) for _, institution, _, period in memberships}
    rows = models.InstitutionVersion.objects.filter(
        institution_id__in={key for key, _ in joined_on}
    ).order_by("institution_id", "period")
    changed: dict[Any, tuple[str, ...]] = {}
    before: models.InstitutionVersion | None = None
    for row in rows:
        same = before is not None and before.institution_id == row.institution_id
        if same and (row.institution_id, row.period.lower) in joined_on:
            names = [name for name in _UNCHANGED if getattr(row, name) != getattr(before, name)]
            if names:
                changed[row.institution_id] = tuple(names)
        before = row
    return changed


def _consortium(row: models.ConsortiumVersion, charter: bool, on: date) -> rules.Consortium:
    approved_on = row.consortium.approved_on
    return rules.Consortium(
        id=str(row.consortium_id),
        name=row.name,
        kind=rules.Kind(row.consortium.kind),
        division=row.division_code,
        tight=row.tight,
        specialty=row.consortium.specialty_code,
        approved=approved_on is not None and approved_on <= on,
        charter=charter,
        effective=row.effective,
        committee=row.committee,
    )


def _joined(names: dict[Any, models.ConsortiumVersion], on: date) -> tuple[rules.Joined, ...]:
    rows = models.Joining.objects.filter(parent_id__in=names, child_id__in=names, period__contains=on)
    pairs = rows.values_list("parent_id", "child_id")
    return tuple(rules.Joined(str(parent), str(child)) for parent, child in sorted(pairs, key=str))


def _areas(region: str, on: date) -> dict[str, rules.Area]:
    rows = models.PlanningArea.objects.filter(
        region__in=_regions_around(region), division_code__startswith=region, period__contains=on
    )
    townships = terms.township_codes([row.division_code for row in rows], on=on)
    return {
        row.division_code: rules.Area(
            row.division_code, row.name, rules.AreaKind(row.kind), tuple(townships.get(row.division_code, ()))
        )
        for row in rows
    }


def _regions_around(region: str) -> list[str]:
    """The region itself and the larger ones that may have planned it."""
    return [region[:length] for length in (2, 4, 6) if len(region) >= length]


def _grids(region: str, on: date) -> dict[str, rules.Grid]:
    grids = {g.id: g for g in models.Grid.objects.filter(region=region, period__contains=on)}
    places: dict[Any, list[str]] = defaultdict(list)
    for grid, code in models.GridPlace.objects.filter(grid_id__in=grids, period__contains=on).values_list(
        "grid_id", "division_code"
    ):
        places[grid].append(code)
    responsible: dict[Any, list[str]] = defaultdict(list)
    rows = models.Responsibility.objects.filter(
        grid_id__in=grids, period__contains=on, consortium__versions__period__contains=on
    )
    for grid, consortium in rows.values_list("grid_id", "consortium_id"):
        responsible[grid].append(str(consortium))
    return {
        str(key): rules.Grid(str(key), g.name, tuple(sorted(places[key])), tuple(sorted(responsible[key])))
        for key, g in grids.items()
    }


def _agreements(
    names: dict[Any, models.ConsortiumVersion], institutions: dict[Any, Any], on: date
) -> tuple[rules.Agreement, ...]:
    rows = (
        models.Agreement.objects.filter(
            Q(consortium_id__in=names) | Q(parties__institution_id__in=institutions), period__contains=on
        )
        .distinct()
        .prefetch_related("parties")
        .order_by("id")
    )
    return tuple(
        rules.Agreement(
            id=str(row.id),
            consortium=str(row.consortium_id or ""),
            parties=frozenset(
                str(p.institution_id) if p.institution_id else f"gov:{p.government_of}"
                for p in row.parties.all()
            ),
            sections=frozenset(row.sections),
        )
        for row in rows
    )


def _trusteeships(institutions: dict[Any, Any], on: date) -> tuple[rules.Trusteeship, ...]:
    rows = models.Trusteeship.objects.filter(
        trustee_id__in=institutions, entrusted_id__in=institutions, period__contains=on
    ).values_list("trustee_id", "entrusted_id", "agreement__period")
    return tuple(
        rules.Trusteeship(str(trustee), str(entrusted), period is not None and on in period)
        for trustee, entrusted, period in sorted(rows, key=str)
    )


def _plans(region: str, on: date) -> tuple[rules.Plan, ...]:
    rows = models.RegionalPlan.objects.filter(division_code__startswith=region, finished_on__lte=on)
    return tuple(
        rules.Plan(row.division_code, row.kind, row.finished_on) for row in rows.order_by("finished_on")
    )
