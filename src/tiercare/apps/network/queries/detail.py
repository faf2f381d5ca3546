"""Everything about one consortium, for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from psycopg.types.range import DateRange

from tiercare.kernel.period import Period

from .. import models, rules
from ..rules.papers import Standing, standing
from .reading import ConsortiumRow, area_names, consortium_row, institution_names


@dataclass(frozen=True, slots=True)
class MemberRow:
    """An institution's part in the consortium on the day."""

    id: UUID
    name: str
    role: rules.Role
    category: rules.Category
    level: int
    grade: str
    owner: rules.Owner
    beds: int
    area_name: str
    basis: models.Basis
    period: Period


@dataclass(frozen=True, slots=True)
class LinkedConsortium:
    """A consortium that joined this one as a whole, or that this one joined."""

    id: UUID
    name: str
    period: Period


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """Who owes what to whom, and how it stands."""

    debtor: str
    creditor: str
    text_zh: str
    text_en: str
    due: date
    met_on: date | None
    clause: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in force on the day, with its parties by name."""

    id: UUID
    title: str
    signed_on: date | None
    period: Period
    sections: tuple[str, ...]
    basis: models.Basis
    parties: tuple[str, ...]
    obligations: tuple[ObligationRow, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """A grid that the consortium answers for."""

    id: UUID
    name: str
    places: tuple[str, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class Change:
    """Something that began or ended: ``what`` is ``version``, ``member`` or ``joined``."""

    on: date
    began: bool
    what: str
    name: str
    role: rules.Role | None = None


@dataclass(frozen=True, slots=True)
class ConsortiumDetail:
    """A consortium on a day, and its history over all days."""

    row: ConsortiumRow
    committee: bool
    approved_on: date | None
    approved_by: str
    charter_on: date | None
    charter: str
    council: tuple[tuple[str, str], ...]
    members: tuple[MemberRow, ...]
    children: tuple[LinkedConsortium, ...]
    parents: tuple[LinkedConsortium, ...]
    agreements: tuple[AgreementRow, ...]
    grids: tuple[GridRow, ...]
    history: tuple[Change, ...]


def consortium_detail(consortium_id: UUID, *, on: date) -> ConsortiumDetail:
    """All of one consortium on ``on``.

    Raises:
        Refused: if there is none of this id on that day.
    """
    row = consortium_row(consortium_id, on=on)
    consortium = models.Consortium.objects.get(id=consortium_id)
    version = models.ConsortiumVersion.objects.get(consortium_id=consortium_id, period__contains=on)
    charter = (
        models.Charter.objects.filter(consortium_id=consortium_id, adopted_on__lte=on)
        .order_by("-adopted_on")
        .first()
    )
    seats = models.CouncilSeat.objects.filter(consortium_id=consortium_id, period__contains=on)
    areas = area_names(on=on)
    return ConsortiumDetail(
        row=row,
        committee=version.committee,
        approved_on=consortium.approved_on
        if consortium.approved_on and consortium.approved_on <= on
        else None,
        approved_by=consortium.approved_by,
        charter_on=charter.adopted_on if charter else None,
        charter=charter.text if charter else "",
        council=tuple(seats.order_by("office", "held_by").values_list("office", "held_by")),
        members=_members(consortium_id, on, areas),
        children=_linked(consortium_id, on, mine="parent", other="child"),
        parents=_linked(consortium_id, on, mine="child", other="parent"),
        agreements=_agreements(consortium_id, on, areas),
        grids=_grids(consortium_id, on, areas),
        history=_history(consortium_id, on),
    )


def _members(consortium_id: UUID, on: date, areas: dict[str, str]) -> tuple[MemberRow, ...]:
    rows = models.Membership.objects.filter(consortium_id=consortium_id, period__contains=on)
    parts = {
        institution: (role, period)
        for institution, role, period in rows.values_list("institution_id", "role", "period")
    }
    versions = models.InstitutionVersion.objects.filter(institution_id__in=parts, period__contains=on)
    found = [
        MemberRow(
            id=version.institution_id,
            name=version.name,
            role=rules.Role(parts[version.institution_id][0]),
            category=rules.Category(version.category),
            level=version.level,
            grade=version.grade,
            owner=rules.Owner(version.owner),
            beds=version.beds,
            area_name=areas.get(version.division_code, ""),
            basis=models.Basis(version.basis),
            period=_period(parts[version.institution_id][1]),
        )
        for version in versions
    ]
    roles = list(rules.Role)
    return tuple(sorted(found, key=lambda m: (roles.index(m.role), -m.level, m.name)))


def _linked(consortium_id: UUID, on: date, *, mine: str, other: str) -> tuple[LinkedConsortium, ...]:
    joinings = models.Joining.objects.filter(period__contains=on, **{f"{mine}_id": consortium_id})
    periods = dict(joinings.values_list(f"{other}_id", "period"))
    versions = models.ConsortiumVersion.objects.filter(
        consortium_id__in=periods, period__contains=on
    ).order_by("name")
    return tuple(
        LinkedConsortium(key, name, _period(periods[key]))
        for key, name in versions.values_list("consortium_id", "name")
    )


def _agreements(consortium_id: UUID, on: date, areas: dict[str, str]) -> tuple[AgreementRow, ...]:
    rows = list(
        models.Agreement.objects.filter(consortium_id=consortium_id, period__contains=on, signed_on__lte=on)
        .prefetch_related("parties__institution", "obligations")
        .order_by("signed_on", "title")
    )
    parties = {party.institution for row in rows for party in row.parties.all() if party.institution}
    names = institution_names([institution.id for institution in parties], on=on)
    slugs = {f"institution:{institution.slug}": names[institution.id] for institution in parties}

    def named(key: str) -> str:
        return _government(areas, key[4:]) if key.startswith("gov:") else slugs.get(key, key)

    return tuple(
        AgreementRow(
            id=row.id,
            title=row.title,
            signed_on=row.signed_on,
            period=_period(row.period),
            sections=tuple(row.sections),
            basis=models.Basis(row.basis),
            parties=tuple(
                names[party.institution_id]
                if party.institution_id
                else _government(areas, party.government_of)
                for party in row.parties.all()
            ),
            obligations=tuple(
                ObligationRow(
                    debtor=named(owed.debtor),
                    creditor=named(owed.creditor),
                    text_zh=owed.text_zh,
                    text_en=owed.text_en,
                    due=owed.due,
                    met_on=owed.met_on,
                    clause=owed.clause,
                    standing=standing(owed.due, owed.met_on, on),
                )
                for owed in sorted(row.obligations.all(), key=lambda owed: (owed.due, owed.text_zh))
            ),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class OpenObligation:
    """An obligation that is not met on the day, and the consortium it is about."""

    consortium_id: UUID
    consortium_name: str
    text_zh: str
    text_en: str
    due: date
    standing: Standing


def open_obligations(region: str, *, on: date, limit: int) -> list[OpenObligation]:
    """Obligations of a region's consortia that are open on ``on``, the earliest due first; one query."""
    rows = models.Obligation.objects.filter(
        Q(met_on__isnull=True) | Q(met_on__gt=on),
        agreement__period__contains=on,
        agreement__signed_on__lte=on,
        agreement__consortium__versions__period__contains=on,
        agreement__consortium__versions__division_code__startswith="" if region == "00" else region,
    ).order_by("due", "id")
    shown = rows.values_list(
        "agreement__consortium_id",
        "agreement__consortium__versions__name",
        "text_zh",
        "text_en",
        "due",
        "met_on",
    )[:limit]
    return [
        OpenObligation(consortium, name, zh, en, due, standing(due, met_on, on))
        for consortium, name, zh, en, due, met_on in shown
    ]


def _government(areas: dict[str, str], code: str) -> str:
    name = areas.get(code, code)
    return f"{name}{'管委会' if '开发区' in name else '人民政府'}"


def _grids(consortium_id: UUID, on: date, areas: dict[str, str]) -> tuple[GridRow, ...]:
    responsibilities = models.Responsibility.objects.filter(
        consortium_id=consortium_id, period__contains=on, grid__period__contains=on
    )
    found = []
    for held in (
        responsibilities.select_related("grid").prefetch_related("grid__places").order_by("grid__name")
    ):
        places = [place.division_code for place in held.grid.places.all() if on in place.period]
        names = tuple(areas.get(code, code) for code in sorted(places))
        found.append(GridRow(held.grid_id, held.grid.name, names, _period(held.period)))
    return tuple(found)


def _history(consortium_id: UUID, on: date) -> tuple[Change, ...]:
    changes: list[Change] = []

    def note(what: str, name: str, period: Period, role: rules.Role | None = None) -> None:
        changes.append(Change(period.start, True, what, name, role))
        if period.end is not None:
            changes.append(Change(period.end, False, what, name, role))

    for name, period in models.ConsortiumVersion.objects.filter(consortium_id=consortium_id).values_list(
        "name", "period"
    ):
        note("version", name, _period(period))
    memberships = list(
        models.Membership.objects.filter(consortium_id=consortium_id).values_list(
            "institution_id", "role", "period"
        )
    )
    names = institution_names({row[0] for row in memberships}, on=on)
    for institution, role, period in memberships:
        note("member", names[institution], _period(period), rules.Role(role))
    joinings = models.Joining.objects.filter(parent_id=consortium_id, child__versions__period__contains=on)
    for name, period in joinings.values_list("child__versions__name", "period"):
        note("joined", name, _period(period))
    roles = ("", *rules.Role)

    def order(change: Change) -> tuple[int, bool, str, bool, int, str]:
        """The latest day first; what happened to the consortium itself before its members, those by role."""
        role = roles.index(change.role or "")
        return (
            -change.on.toordinal(),
            change.what != "version",
            change.what,
            change.began,
            role,
            change.name,
        )

    return tuple(sorted(changes, key=order))


def _period(stored: DateRange) -> Period:
    assert stored.lower is not None, "every period of the network has a first day"
    return Period(stored.lower, stored.upper)
