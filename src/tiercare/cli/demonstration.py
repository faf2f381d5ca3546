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
from tiercare.apps.access.rights import Role
from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.commands.demonstrating import lay_down_registers
from tiercare.apps.network.queries import network_facts
from tiercare.apps.network.rules import Kind, Network
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.kernel.actor import Actor

ACCOUNTS = "demo_accounts.json"
_SHOWN_FIRST = (Kind.COUNTY_COMMUNITY, Kind.CITY_GROUP)  # of these the lead and a primary member are shown


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
    lay_down_demo_accounts(
        actor,
        region=region,
        area=Place(mandates.packs().packs[region].name.zh, laid.region),
        places=places(facts, laid.region),
        since=laid.verdict_on,
        folder=settings.HOME,
        county=_county(facts),
    )


def _county(facts: Network) -> Place | None:
    """A county with a community of its own, below the region: its commission decides less than the city's."""
    for community in facts.of_kind(Kind.COUNTY_COMMUNITY):
        if community.division in facts.areas and len(facts.region) < len(community.division):
            return Place(facts.area_name(community.division), community.division)
    return None


def places(facts: Network, region: str) -> Mapping[Role, Place]:
    """Where the roles of a single institution are shown: a consortium with a lead and a primary member, if any has."""
    for kind in _SHOWN_FIRST:
        for consortium in facts.of_kind(kind):
            leads = facts.leads(consortium.id)
            primary = [member for member in facts.members(consortium.id) if member.primary]
            if leads and primary:
                lead, below = leads[0], primary[0]
                hospital = Place(lead.name, lead.division, institution_id=UUID(lead.id))
                return {
                    Role.CONSORTIUM_OFFICE: Place(
                        consortium.name, region, UUID(lead.id), UUID(consortium.id)
                    ),
                    Role.REFERRAL_OFFICE: hospital,
                    Role.CLINICIAN: hospital,
                    Role.PRIMARY_DOCTOR: Place(below.name, below.division, institution_id=UUID(below.id)),
                }
    return {}


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
