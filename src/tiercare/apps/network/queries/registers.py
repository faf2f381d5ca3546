"""The registers as people see and download them: what stands in a region on a day, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from .. import models
from ..rules.cells import cell_text
from ..rules.entries import Entry
from ..rules.histories import entry_of
from ..rules.registers import (
    AGREEMENTS,
    CONSORTIA,
    INSTITUTIONS,
    JOININGS,
    MEMBERSHIPS,
    OBLIGATIONS,
    REGISTERS,
    TRUSTEESHIPS,
)
from ..rules.timeline import on_day
from . import histories as load
from .histories import Histories

# Columns written for the eye: whose name they tell.
_TOLD: Mapping[str, str] = {
    "institution_name": "institution",
    "trustee_name": "trustee",
    "entrusted_name": "entrusted",
    "consortium_name": "consortium",
    "parent_name": "parent",
    "child_name": "child",
}
_OF_CONSORTIA = frozenset({"consortium_name", "parent_name", "child_name"})


def register_rows(
    register_key: str, region: str, *, on: date, institution_id: UUID | None = None
) -> list[Entry]:
    """What stands in a register on ``on``, by code: of the institutions and consortia in ``region`` (a division
    code; ``""`` or ``00`` for the nation), or of one institution. A row between two regions stands in both.

    Raises:
        KeyError: if there is no such register.
    """
    about = _About(region, on, institution_id)
    found = _LOADERS.get(register_key, _relations)(about, REGISTERS[register_key].key)
    rows = []
    for identity in sorted(found):
        state = found[identity].state
        segments = state.segments
        if register_key != OBLIGATIONS.key:
            segment = on_day(segments, on)
            segments = (segment,) if segment else ()
        rows += [entry_of(register_key, identity, segment, state.facets) for segment in segments]
    return rows


def register_table(
    register_key: str, region: str, *, on: date, institution_id: UUID | None = None
) -> tuple[list[str], list[list[str]]]:
    """The register as a table to download: the Chinese headers of all columns, and rows of cells as text."""
    register = REGISTERS[register_key]
    rows = register_rows(register_key, region, on=on, institution_id=institution_id)
    names = _names(register_key, rows, on)
    table = []
    for row in rows:
        told = {key: names.get((key in _OF_CONSORTIA, row.text(of)), "") for key, of in _TOLD.items()}
        table.append(
            [
                told[c.key] if c.told else cell_text(c, row.values.get(c.key)) if c.key != "op" else ""
                for c in register.columns
            ]
        )
    return [column.name.zh for column in register.columns], table


def _names(register_key: str, rows: list[Entry], on: date) -> dict[tuple[bool, str], str]:
    """Names by (whether it is a consortium, code): of the day, or else the last one before or after it."""
    told = [column.key for column in REGISTERS[register_key].columns if column.told]
    found: dict[tuple[bool, str], str] = {}
    for consortia in (False, True):
        keys = [_TOLD[key] for key in told if (key in _OF_CONSORTIA) == consortia]
        codes = {row.text(key) for row in rows for key in keys}
        if not codes:
            continue
        own = "consortium__slug" if consortia else "institution__slug"
        model = models.ConsortiumVersion if consortia else models.InstitutionVersion
        versions = model._default_manager.filter(**{f"{own}__in": list(codes)}).order_by("period")
        for code, name, period in versions.values_list(own, "name", "period"):
            if (consortia, code) not in found or period.lower <= on:
                found[consortia, code] = name
    return found


class _About:
    """Which rows are asked for."""

    def __init__(self, region: str, on: date, institution_id: UUID | None) -> None:
        self.prefix = "" if region == "00" else region
        self.on, self.institution_id = on, institution_id

    def institutions(self) -> QuerySet[models.InstitutionVersion, UUID]:
        """Ids of the institutions, as a subquery."""
        rows = models.InstitutionVersion.objects.filter(period__contains=self.on)
        if self.institution_id:
            rows = rows.filter(institution_id=self.institution_id)
        return rows.filter(division_code__startswith=self.prefix).values_list("institution_id", flat=True)

    def consortia(self) -> Q:
        """Consortia of the region, or those that the institution belongs to, by their own id."""
        if self.institution_id:
            member = models.Membership.objects.filter(
                institution_id=self.institution_id, period__contains=self.on
            )
            return Q(id__in=member.values_list("consortium_id", flat=True))
        rows = models.ConsortiumVersion.objects.filter(
            period__contains=self.on, division_code__startswith=self.prefix
        )
        return Q(id__in=rows.values_list("consortium_id", flat=True))

    def either(self, *fields: str) -> Q:
        """Rows one of whose ``fields`` names an institution or a consortium asked for."""
        wanted = Q(pk__in=[])
        for field in fields:
            if field in ("consortium", "parent", "child"):
                rows = models.Consortium.objects.filter(self.consortia()).values_list("id", flat=True)
                wanted |= Q(**{f"{field}_id__in": rows})
            else:
                wanted |= Q(**{f"{field}_id__in": self.institutions()})
        return wanted

    def agreements(self) -> Q:
        """Signed agreements in force to which somebody asked for is a party, or about such a consortium."""
        parties = Q(institution_id__in=self.institutions())
        if not self.institution_id:
            parties |= Q(government_of__startswith=self.prefix) & ~Q(government_of="")
        signed = models.AgreementParty.objects.filter(parties).values_list("agreement_id", flat=True)
        wanted = Q(id__in=signed) if self.institution_id else Q(id__in=signed) | self.either("consortium")
        return wanted & Q(period__contains=self.on, signed_on__isnull=False)


_SIDES: Mapping[str, tuple[str, ...]] = {
    MEMBERSHIPS.key: ("consortium", "institution"),
    JOININGS.key: ("parent", "child"),
    TRUSTEESHIPS.key: ("trustee", "entrusted"),
}


def _relations(about: _About, register_key: str) -> Histories:
    """Rows of the registers that are one table."""
    fields = _SIDES.get(register_key, ("institution",))
    if register_key == MEMBERSHIPS.key and about.institution_id:
        fields = ("institution",)
    return load.relations(register_key, about.either(*fields) & Q(period__contains=about.on))


def _obligations(about: _About, _: str) -> Histories:
    agreements = models.Agreement.objects.filter(about.agreements()).values_list("id", flat=True)
    return load.obligations(Q(agreement_id__in=agreements))


_LOADERS: Mapping[str, Callable[[_About, str], Histories]] = {
    INSTITUTIONS.key: lambda about, _: load.institutions(Q(id__in=about.institutions())),
    CONSORTIA.key: lambda about, _: load.consortia(about.consortia()),
    AGREEMENTS.key: lambda about, _: load.agreements(about.agreements()),
    OBLIGATIONS.key: _obligations,
}
