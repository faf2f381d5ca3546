"""Reads of accounts and grants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import time as unix_time
from uuid import UUID

from django.db.models import Q, QuerySet

from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.text import Text

from ..models import Account, Grant
from ..rights import ROLE_NAMES, Role, Scope
from ..rules import UNASSIGNED, VISITOR, fold


@dataclass(frozen=True, slots=True)
class GrantInForce:
    """A role that an account holds on the asked day, and where."""

    id: UUID
    role: Role
    scope: Scope
    division_code: str
    institution_id: UUID | None
    consortium_id: UUID | None
    place_name: str

    @property
    def role_name(self) -> Text:
        """The role in the user's language."""
        return ROLE_NAMES[self.role]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A demonstration account that ``make run`` and the sign-in page may list. Never a password."""

    username: str
    display_name: str


def wall_clock() -> datetime:
    """The machine's time, for sessions and for the slowing of guesses only.

    Not ``tiercare_now()``: in a demonstration that clock is played forward by months, which would sign
    everybody out, or stands still, which would keep them in for ever.
    """
    return datetime.fromtimestamp(unix_time(), UTC)


def account_by_username(username: str) -> Account | None:
    """The account of that login name in any case and width, active or not."""
    found: Account | None = Account.objects.filter(username=fold(username)).first()
    return found


def grants_in_force(account_id: UUID, *, on: date) -> tuple[GrantInForce, ...]:
    """The roles the account holds on that day, oldest first.

    A grant revoked during a day no longer counts on that day, and did on the days before.
    """
    return tuple(_in_force(grant) for grant in _grants(account_id, on).order_by("id"))


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The synthetic accounts that can sign in, in the order of the table of rights."""
    rank = {str(role): position for position, role in enumerate(Role)}
    accounts = Account.objects.filter(synthetic=True, is_active=True)
    listed = [DemoAccount(account.username, account.display_name) for account in accounts]
    return tuple(
        sorted(
            listed, key=lambda each: (rank.get(each.username.rpartition(".")[2], len(rank)), each.username)
        )
    )


def visitor(*, channel: str, request_id: UUID) -> Actor:
    """The actor of a request by nobody who has signed in."""
    return Actor(account_id=None, name="访客", role=VISITOR, channel=channel, request_id=request_id)


def acting(account: Account, grant: GrantInForce | None, *, channel: str, request_id: UUID) -> Actor:
    """The actor that a signed-in person is under the grant picked, or without one yet."""
    if grant is None:
        return Actor(account.id, account.display_name, UNASSIGNED, channel=channel, request_id=request_id)
    return Actor(
        account_id=account.id,
        name=account.display_name,
        role=grant.role.value,
        institution_id=grant.institution_id,
        division_code=grant.division_code,
        channel=channel,
        request_id=request_id,
    )


def _grants(account_id: UUID, on: date) -> QuerySet[Grant]:
    next_midnight = datetime.combine(on + timedelta(days=1), time.min, tzinfo=ZONE)
    not_revoked = Q(revoked_at__isnull=True) | Q(revoked_at__gte=next_midnight)
    return Grant.objects.filter(not_revoked, account_id=account_id, period__contains=on)


def _in_force(grant: Grant) -> GrantInForce:
    return GrantInForce(
        id=grant.id,
        role=Role(grant.role),
        scope=Scope(grant.scope),
        division_code=grant.division_code,
        institution_id=grant.institution_id,
        consortium_id=grant.consortium_id,
        place_name=grant.place_name,
    )
