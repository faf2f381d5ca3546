"""The demonstration of a region: divisions, its network, and one account per role at a place of that network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tiercare.apps.access import queries as access
from tiercare.apps.access.commands import Place, lay_down_demo_accounts
from tiercare.apps.access.commands.demonstration import Extra
from tiercare.apps.access.rights import Role
from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.commands.demonstrating import lay_down_registers
from tiercare.apps.network.queries import network_facts
from tiercare.apps.network.rules import Category, Consortium, Institution, Kind, Network
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.cli.demonstration_people import lay_down_people
from tiercare.kernel.actor import Actor

ACCOUNTS = "demo_accounts.json"
_SHOWN_FIRST = (Kind.COUNTY_COMMUNITY, Kind.CITY_GROUP)  # of these the lead and a primary member are shown

# Alliances of a specialty and networks for remote consultation join nearly every hospital of a region.
_OF_CARE = (*_SHOWN_FIRST, Kind.URBAN_RURAL)


def lay_down(region: str) -> None:
    """Lay everything down; what is there already stays as it is.

    Raises:
        Refused: there is no such region, or the database holds data that are not synthetic.
    """
    actor = Actor.system("cli")
    mark_synthetic()
    lay_down_divisions(actor)
    with transaction.atomic():
        laid = lay_down_region(actor=actor, pack_id=region)
        lay_down_registers(actor=actor, region=region, on=laid.verdict_on)
    facts = network_facts(laid.region, on=laid.verdict_on)
    shown = places(facts, laid.region)
    city = Place(mandates.packs().packs[region].name.zh, laid.region)
    # What one hands in (a plan, a pay run) a second person approves.
    second = Extra(Role.COMMISSION, city, "卫健委审定人")
    lay_down_demo_accounts(
        actor,
        region=region,
        area=city,
        places=shown,
        since=laid.verdict_on,
        folder=settings.HOME,
        extras={"second_commission": second, **extras(facts)},
    )
    clinic = shown.get(Role.REGISTRAR)
    if clinic is not None and clinic.institution_id is not None:
        lay_down_people(clinic.institution_id)


def extras(facts: Network) -> Mapping[str, Extra]:
    """A county's commission, which decides less than the city's, and a doctor who is a stranger to the shown consortium."""
    found = {}
    for community in facts.of_kind(Kind.COUNTY_COMMUNITY):
        if community.division in facts.areas and len(facts.region) < len(community.division):
            county = Place(facts.area_name(community.division), community.division)
            found["county_commission"] = Extra(Role.COMMISSION, county, f"{county.name}卫健委")
            break
    other = _stranger(facts)
    if other is not None:
        found["other_hospital"] = Extra(Role.CLINICIAN, _at(other), "外院医师")
        found["other_registrar"] = Extra(Role.REGISTRAR, _at(other), "外院挂号登记员")
    return found


def places(facts: Network, region: str) -> Mapping[Role, Place]:
    """Where the roles of a single institution are shown: a consortium with a lead and a primary member, if any has."""
    shown = _shown(facts)
    if shown is None:
        return {}
    consortium, lead, below = shown
    hospital, clinic = _at(lead), _at(below)
    return {
        Role.CONSORTIUM_OFFICE: Place(consortium.name, region, UUID(lead.id), UUID(consortium.id)),
        Role.REFERRAL_OFFICE: hospital,
        Role.CLINICIAN: hospital,
        Role.PRIMARY_DOCTOR: clinic,
        Role.REGISTRAR: clinic,
    }


def _shown(facts: Network) -> tuple[Consortium, Institution, Institution] | None:
    """The consortium that is shown, its lead and a primary member: a township centre where it has one."""
    for kind in _SHOWN_FIRST:
        for consortium in facts.of_kind(kind):
            leads = facts.leads(consortium.id)
            primary = [member for member in facts.members(consortium.id) if member.primary]
            if leads and primary:
                township = (each for each in primary if each.category is Category.TOWNSHIP_CENTRE)
                return consortium, leads[0], next(township, primary[0])
    return None


def _stranger(facts: Network) -> Institution | None:
    """A hospital of the region that leads another consortium and shares none with those shown, through a parent either."""
    shown = _shown(facts)
    if shown is None:
        return None
    related = {each for person in shown[1:] for each in _around(facts, person.id)}
    for kind in reversed(_SHOWN_FIRST):
        for consortium in facts.of_kind(kind):
            for lead in facts.leads(consortium.id):
                if lead.division.startswith(facts.region) and related.isdisjoint(_around(facts, lead.id)):
                    return lead
    return None


def _around(facts: Network, institution: str) -> set[str]:
    """The consortia of care that it belongs to, by itself or through one that joined as a whole."""
    own = facts.consortia_of(institution, *_OF_CARE)
    return {c.id for c in own} | {parent.id for c in own for parent in facts.parents(c.id, *_OF_CARE)}


def _at(institution: Institution) -> Place:
    return Place(institution.name, institution.division, institution_id=UUID(institution.id))


def accounts(region: str, on: date) -> list[tuple[str, str, str]]:
    """Login name, password, and role with place, of each demonstration account of this region."""
    file = settings.HOME / ACCOUNTS
    passwords: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    rows = []
    for shown in access.demo_accounts():
        account = access.account_by_username(shown.username)
        if account is None or shown.username not in passwords or not shown.username.startswith(f"{region}."):
            continue
        held = access.grants_in_force(account.id, on=on)
        what = "、".join(f"{grant.role_name.zh} {grant.role_name.en} · {grant.place_name}" for grant in held)
        rows.append((shown.username, passwords[shown.username], what))
    return rows
