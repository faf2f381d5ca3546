"""The shapes of the directory: what a program gets to read of organisations, places, services and people."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from tiercare.apps.network.rules import Category, Kind, Owner

from .paging import Area, PageOut, Paging, Words

Ground = Literal["REGISTERED", "AGREEMENT"]
AffiliationRole = Literal["LEAD", "MEMBER", "COLLABORATOR", "ASSISTING", "ENTRUSTED", "WHOLE", "TRUSTEE"]
Specialty = Field("", pattern=r"^(\d{2}(\.\d{2}){0,2})?$")


class Dated(Schema):
    """Days on which a row says what holds: ``end`` is the first one on which it no longer does."""

    start: date
    end: date | None


class IdentifierOut(Schema):
    """What something is called in a system: ``urn:tiercare:uscc`` is the social credit code (GB 32100)."""

    system: str
    value: str


class Reference(Schema):
    """Another thing of the directory."""

    id: UUID
    code: str
    name: str


class OrganizationOut(Schema):
    """An institution or a consortium. ``category``, ``level``, ``grade``, ``owner``, ``affiliation`` and ``beds``
    are an institution's, ``kind``, ``specialty`` and ``tight`` a consortium's. ``part_of`` is the tight consortium
    that runs an institution, or the one that a consortium joined as a whole."""

    id: UUID
    type: Literal["institution", "consortium"]
    active: bool
    code: str
    name: str
    identifiers: list[IdentifierOut]
    category: str
    kind: str
    level: int | None
    grade: str
    owner: str
    affiliation: str
    specialty: str
    tight: bool
    beds: int | None
    division: str
    township: str
    period: Dated
    since: date
    part_of: Reference | None
    basis: str


class PositionOut(Schema):
    """Degrees; ``illustrative`` where the place is only roughly so (示意位置)."""

    lng: float
    lat: float
    illustrative: bool


class LocationOut(Schema):
    """Where an institution is; the id is the institution's."""

    id: UUID
    active: bool
    name: str
    organization: Reference
    province: str
    prefecture: str
    division: str
    township: str
    position: PositionOut | None
    period: Dated


class ServiceOut(Schema):
    """A department and the licensed specialty it works under; ``location`` is the id of its place."""

    id: UUID
    active: bool
    name: str
    specialty: str
    organization: Reference
    location: UUID
    period: Dated


class PractitionerOut(Schema):
    """A clinician; where he or she works stands in practitioner-roles."""

    id: UUID
    active: bool
    identifiers: list[IdentifierOut]
    name: str
    title: str
    scope: str
    synthetic: bool


class PractitionerRoleOut(Schema):
    """Who works where, registered there or under an agreement (YN-59)."""

    id: UUID
    active: bool
    practitioner: Reference
    organization: Reference
    location: UUID
    ground: Ground
    agreement: UUID | None
    title: str
    scope: str
    period: Dated


class Side(Reference):
    """An organisation in an affiliation."""

    type: Literal["institution", "consortium"]


class AffiliationOut(Schema):
    """``participant`` belongs to ``organization``: as a member in a ``role``, as a whole, or run by a trustee."""

    id: UUID
    active: bool
    kind: Literal["MEMBERSHIP", "JOINING", "TRUSTEESHIP"]
    role: str
    organization: Side
    participant: Side
    consented_on: date | None
    agreement: UUID | None
    period: Dated


class OrganizationPage(PageOut):
    """A page of organisations."""

    items: list[OrganizationOut]


class LocationPage(PageOut):
    """A page of places."""

    items: list[LocationOut]


class ServicePage(PageOut):
    """A page of services."""

    items: list[ServiceOut]


class PractitionerPage(PageOut):
    """A page of clinicians."""

    items: list[PractitionerOut]


class PractitionerRolePage(PageOut):
    """A page of who works where."""

    items: list[PractitionerRoleOut]


class AffiliationPage(PageOut):
    """A page of affiliations."""

    items: list[AffiliationOut]


class OrganizationOne(OrganizationOut):
    """An organisation; ``history`` only where it was asked for, from the first day on."""

    history: list[OrganizationOut] | None = None


class LocationOne(LocationOut):
    """A place, with its history where asked for."""

    history: list[LocationOut] | None = None


class ServiceOne(ServiceOut):
    """A service, with all rows of this name where its history is asked for."""

    history: list[ServiceOut] | None = None


class PractitionerOne(PractitionerOut):
    """A clinician, and where he or she worked and works if the history is asked for."""

    history: list[PractitionerRoleOut] | None = None


class PractitionerRoleOne(PractitionerRoleOut):
    """A role, with all rows of the two where its history is asked for."""

    history: list[PractitionerRoleOut] | None = None


class AffiliationOne(AffiliationOut):
    """An affiliation, with all rows of the two where its history is asked for."""

    history: list[AffiliationOut] | None = None


class OfArea(Paging):
    """A list of what lies in ``area`` (2, 4, 6 or 9 digits; the whole country if left out); ``q`` is looked for in
    names, pinyin initials and codes."""

    area: Area = ""
    q: Words = ""


class OfInstitutions(OfArea):
    """Narrowed by what the institution is."""

    category: Category | None = None
    level: int | None = Field(None, ge=0, le=3)
    owner: Owner | None = None


class OrganizationQuery(OfInstitutions):
    """Filters of organisations; one that only institutions have leaves consortia out, and the other way round."""

    type: Literal["institution", "consortium"] | None = None
    kind: Kind | None = None


class LocationQuery(OfInstitutions):
    """Filters of places; ``mapped`` by whether the coordinates are known."""

    mapped: bool | None = None


class ServiceQuery(OfInstitutions):
    """Filters of services; ``specialty`` takes in those below it (03 also 03.04)."""

    organization: UUID | None = None
    specialty: str = Specialty


class PractitionerQuery(OfArea):
    """Filters of clinicians; ``scope`` takes in the specialties below it."""

    organization: UUID | None = None
    scope: str = Specialty


class PractitionerRoleQuery(OfInstitutions):
    """Filters of who works where."""

    organization: UUID | None = None
    practitioner: UUID | None = None
    ground: Ground | None = None


class AffiliationQuery(OfArea):
    """Filters of affiliations; ``organization`` is on either side, and so is the area."""

    kind: Literal["MEMBERSHIP", "JOINING", "TRUSTEESHIP"] | None = None
    role: AffiliationRole | None = None
    organization: UUID | None = None
