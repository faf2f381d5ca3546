"""Who works at an institution, as its own people and the apps above see it: names, not accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.ledger import queries as ledger

from ..models import Account, Grant
from ..rights import Role
from ..rules import fold


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who has a role at the institution today."""

    account_id: UUID
    name: str
    roles: tuple[Role, ...]


def staff_at(institution_id: UUID) -> list[Worker]:
    """Everybody with a role at the institution today, by name."""
    found: dict[UUID, Worker] = {}
    grants = Grant.objects.filter(
        institution_id=institution_id,
        revoked_at=None,
        period__contains=ledger.today(),
        account__is_active=True,
    )
    for account_id, name, role in grants.order_by("account__display_name", "role").values_list(
        "account_id", "account__display_name", "role"
    ):
        known = found.get(account_id)
        roles = (*(known.roles if known else ()), Role(role))
        found[account_id] = Worker(account_id, name, roles)
    return list(found.values())


def officer_named(username: str, division_code: str) -> Worker | None:
    """Whoever of this name has a role for exactly this area today; nobody where there is none."""
    grants = Grant.objects.filter(
        account__username=fold(username),
        account__is_active=True,
        scope="REGION",
        division_code=division_code,
        revoked_at=None,
        period__contains=ledger.today(),
    )
    found = list(grants.order_by("role").values_list("account_id", "account__display_name", "role"))
    return Worker(found[0][0], found[0][1], tuple(Role(role) for _, _, role in found)) if found else None


def names_of(accounts: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of members of staff, by account."""
    return dict(Account.objects.filter(id__in=accounts, resident_id=None).values_list("id", "display_name"))
