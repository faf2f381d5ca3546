"""The rows of a region, made from its files and inserted table by table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import models as django_models
from psycopg.types.range import DateRange

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.apps.terms.queries import initials
from tiercare.kernel.ids import stable_id

from .. import models
from .region_files import (
    AgreementShape,
    AreasShape,
    ConsortiumShape,
    GridShape,
    InstitutionShape,
    RegionFiles,
    TrusteeshipShape,
    slug_of,
)

PARTS_IN_ORDER: tuple[type[django_models.Model], ...] = (
    models.Institution,
    models.InstitutionVersion,
    models.LicensedSpecialty,
    models.KeySpecialty,
    models.Facility,
    models.Consortium,
    models.ConsortiumVersion,
    models.Charter,
    models.Membership,
    models.Joining,
    models.Grid,
    models.GridPlace,
    models.Responsibility,
    models.Agreement,
    models.AgreementParty,
    models.Obligation,
    models.Trusteeship,
    models.PlanningArea,
    models.RegionalPlan,
)


def _days(start: date, end: date | None) -> DateRange:
    return DateRange(start, end)


class Laying:
    """Collects the rows of one region, then inserts them table by table; keys come from names, so the same
    data give the same keys on every machine."""

    def __init__(self, pack: str, files: RegionFiles) -> None:
        self.pack, self.files = pack, files
        self.rows: dict[type[django_models.Model], list[django_models.Model]] = {
            part: [] for part in PARTS_IN_ORDER
        }

    def lay_down(self) -> None:
        """Insert everything; must run inside a transaction."""
        self._areas(self.files.areas)
        places = self._places()
        for institution in self.files.institutions.institutions:
            self._institution(institution, places)
        for consortium in self.files.consortia.consortia:
            self._consortium(consortium)
        for grid in self.files.areas.grids:
            self._grid(grid)
        for agreement in self.files.consortia.agreements:
            self._agreement(agreement)
        for trusteeship in self.files.consortia.trusteeships:
            self._trusteeship(trusteeship)
        for part, rows in self.rows.items():
            part._default_manager.bulk_create(rows, batch_size=1000)

    def _id(self, *parts: str) -> UUID:
        return stable_id("network", self.pack, *parts)

    def _party(self, key: str) -> str:
        return key if key.startswith("gov:") else f"institution:{self._slug(key)}"

    def _slug(self, key: str) -> str:
        return slug_of(self.pack, key)

    def _add(self, rows: Iterable[django_models.Model]) -> None:
        for row in rows:
            self.rows[type(row)].append(row)

    def _areas(self, areas: AreasShape) -> None:
        known = terms.divisions([area.code for area in areas.areas], on=areas.verdict_on)
        start = min(document.in_force_from for document in mandates.packs().packs[self.pack].documents)
        for area in areas.areas:
            name = known[area.code].name if area.code in known else area.code
            self._add(
                [
                    models.PlanningArea(
                        id=self._id("area", area.code),
                        region=areas.region,
                        division_code=area.code,
                        name=name,
                        kind=area.kind,
                        period=_days(start, None),
                    )
                ]
            )
        self._add(
            models.RegionalPlan(
                id=self._id("plan", plan.kind, plan.division, plan.finished_on.isoformat()),
                division_code=plan.division,
                kind=plan.kind,
                finished_on=plan.finished_on,
                basis=plan.basis.upper(),
            )
            for plan in areas.plans
        )

    def _places(self) -> dict[str, tuple[float, float]]:
        codes = {i.township for i in self.files.institutions.institutions if i.township}
        known = terms.divisions(sorted(codes), on=self.files.areas.verdict_on)
        return {
            code: (row.point_lng, row.point_lat) for code, row in known.items() if row.point_lng is not None
        }

    def _institution(self, shape: InstitutionShape, places: dict[str, tuple[float, float]]) -> None:
        key, period = self._id("institution", shape.key), _days(shape.start, shape.end)
        place = shape.location or places.get(shape.township)
        self._add([models.Institution(id=key, slug=self._slug(shape.key))])
        self._add(
            [
                models.InstitutionVersion(
                    id=self._id("institution-version", shape.key),
                    institution_id=key,
                    period=period,
                    name=shape.name,
                    initials=initials(shape.name),
                    category=shape.category,
                    level=shape.level,
                    grade=shape.grade or "",
                    owner=shape.owner,
                    affiliation=shape.affiliation,
                    division_code=shape.division,
                    township_code=shape.township,
                    beds=shape.beds,
                    beds_basis=shape.beds_basis.upper(),
                    lng=place[0] if place else None,
                    lat=place[1] if place else None,
                    place_is_illustrative=shape.location is None,
                    qualified=shape.qualified,
                    subcentre=shape.subcentre,
                    managed_as_level=shape.managed_as_level,
                    basis=shape.basis.upper(),
                )
            ]
        )
        self._add(
            models.LicensedSpecialty(
                id=self._id("specialty", shape.key, code), institution_id=key, code=code, period=period
            )
            for code in shape.specialties
        )
        self._add(
            models.KeySpecialty(
                id=self._id("key-specialty", shape.key, code),
                institution_id=key,
                code=code,
                rank=rank,
                period=period,
                basis=models.Basis.DEMO,
            )
            for code, rank in shape.key_specialties.items()
        )
        self._add(
            models.Facility(
                id=self._id("facility", shape.key, kind), institution_id=key, kind=kind, period=period
            )
            for kind in shape.facilities
        )

    def _consortium(self, shape: ConsortiumShape) -> None:
        key = self._id("consortium", shape.key)
        self._add(
            [
                models.Consortium(
                    id=key,
                    slug=self._slug(shape.key),
                    kind=shape.kind,
                    specialty_code=shape.specialty or "",
                    approved_on=shape.approved_on,
                    basis=shape.basis.upper(),
                ),
                models.ConsortiumVersion(
                    id=self._id("consortium-version", shape.key),
                    consortium_id=key,
                    period=_days(shape.start, shape.end),
                    name=shape.name,
                    initials=initials(shape.name),
                    division_code=shape.division,
                    tight=shape.tight,
                    effective=shape.effective,
                    committee=shape.committee,
                    unified=shape.unified,
                ),
            ]
        )
        if shape.charter_on:
            self._add(
                [
                    models.Charter(
                        id=self._id("charter", shape.key), consortium_id=key, adopted_on=shape.charter_on
                    )
                ]
            )
        self._add(
            models.Membership(
                id=self._id("membership", shape.key, m.institution, str(n)),
                consortium_id=key,
                institution_id=self._id("institution", m.institution),
                role=m.role,
                consented_on=m.consented_on,
                period=_days(m.start or shape.start, m.end or shape.end),
            )
            for n, m in enumerate(shape.members)
        )
        self._add(
            models.Joining(
                id=self._id("joining", shape.key, joined.consortium),
                parent_id=key,
                child_id=self._id("consortium", joined.consortium),
                period=_days(joined.start or shape.start, joined.end or shape.end),
            )
            for joined in shape.communities
        )

    def _grid(self, shape: GridShape) -> None:
        key, period = self._id("grid", shape.key), _days(shape.start, shape.end)
        self._add(
            [
                models.Grid(
                    id=key,
                    slug=self._slug(shape.key),
                    region=self.files.areas.region,
                    name=shape.name,
                    period=period,
                )
            ]
        )
        self._add(
            models.GridPlace(
                id=self._id("place", shape.key, code), grid_id=key, division_code=code, period=period
            )
            for code in shape.places
        )
        self._add(
            models.Responsibility(
                id=self._id("responsible", shape.key, c),
                grid_id=key,
                consortium_id=self._id("consortium", c),
                period=period,
            )
            for c in shape.responsible
        )

    def _agreement(self, shape: AgreementShape) -> None:
        key = self._id("agreement", shape.key)
        self._add(
            [
                models.Agreement(
                    id=key,
                    slug=self._slug(shape.key),
                    title=shape.title,
                    consortium_id=self._id("consortium", shape.consortium) if shape.consortium else None,
                    signed_on=shape.signed_on,
                    sections=shape.sections,
                    period=_days(shape.start, shape.end),
                    basis=shape.basis.upper(),
                )
            ]
        )
        self._add(
            models.AgreementParty(
                id=self._id("party", shape.key, party),
                agreement_id=key,
                institution_id=None if party.startswith("gov:") else self._id("institution", party),
                government_of=party.removeprefix("gov:") if party.startswith("gov:") else "",
            )
            for party in shape.parties
        )
        self._add(
            models.Obligation(
                id=self._id("obligation", shape.key, str(n)),
                agreement_id=key,
                debtor=self._party(o.debtor),
                creditor=self._party(o.creditor),
                text_zh=o.text.zh,
                text_en=o.text.en,
                due=o.due,
                clause=o.clause,
            )
            for n, o in enumerate(shape.obligations)
        )

    def _trusteeship(self, shape: TrusteeshipShape) -> None:
        self._add(
            [
                models.Trusteeship(
                    id=self._id("trusteeship", shape.trustee, shape.entrusted, shape.start.isoformat()),
                    trustee_id=self._id("institution", shape.trustee),
                    entrusted_id=self._id("institution", shape.entrusted),
                    agreement_id=self._id("agreement", shape.agreement) if shape.agreement else None,
                    period=_days(shape.start, shape.end),
                )
            ]
        )
