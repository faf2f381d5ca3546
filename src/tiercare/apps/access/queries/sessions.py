"""Reads of sessions: who a request comes from, in one statement; one's own sessions; people known on a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tiercare.apps.ledger.prepared import prepared
from tiercare.kernel.actor import Actor

from .. import rules, sql
from ..models import Account, Session
from ..models.sessions import SessionStore
from ..rights import ROLE_NAMES, Role, Scope
from ..rules import sessions as session_rules
from .accounts import GrantInForce

_FIELDS = tuple(field.attname for field in Account._meta.concrete_fields)
_STANDING = sql.STANDING.format(account=", ".join(f"a.{name}" for name in _FIELDS))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database knows about a session key at this moment.

    ``stored`` is the session's data as it lies in the row; ``account`` is ``None`` before somebody has signed in;
    ``today`` is the day in China by the platform's clock; ``grants`` are those in force on it, oldest first.
    """

    stored: str
    today: date
    account: Account | None
    second_factor: bool
    grants: tuple[GrantInForce, ...]


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session as its owner sees it. ``handle`` names it in a form; it cannot be turned into the key."""

    handle: str
    device: str
    source: str
    started_at: datetime
    seen_at: datetime
    this: bool


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who has signed in on a device before, for the quick switch."""

    account_id: UUID
    username: str
    display_name: str


def standing(session_key: str) -> Standing | None:
    """Whose the key is, with everything that the request needs to know about them; one statement."""
    with prepared() as cursor:
        cursor.execute(_STANDING, [session_key])
        row = cursor.fetchone()
    if row is None:
        return None
    stored, today, *columns, second_factor, grants = row
    account: Account | None = Account.from_db(connection.alias, _FIELDS, columns) if columns[0] else None
    return Standing(stored, today, account, second_factor, tuple(_granted(each) for each in grants or ()))


def resident(account: Account, *, channel: str, request_id: UUID) -> Actor:
    """The actor that a resident is in their own account: themself, and nothing beyond.

    Named by the role: the ledger keeps the names of staff, never of residents.
    """
    return Actor(
        account_id=account.id,
        name=ROLE_NAMES[Role.RESIDENT].zh,
        role=Role.RESIDENT.value,
        resident_id=account.resident_id,
        channel=channel,
        request_id=request_id,
    )


def own_sessions(actor: Actor, *, session_key: str | None, now: datetime) -> list[OwnSession]:
    """The living sessions of the acting person, this one first and then the latest used.

    ``now`` is the machine's time (``wall_clock``), by which sessions run out.
    """
    rows = Session.objects.filter(account_id=actor.account_id, expire_date__gt=timezone.now())
    store = SessionStore()
    found = []
    for row in rows:
        held = store.decode(row.session_data)
        began, seen = _moment(held, session_rules.SIGNED_IN_AT), _moment(held, session_rules.SEEN_AT)
        if not rules.session_is_over(signed_in=began, seen=seen, now=now):
            source = session_rules.masked_source(row.source)
            this = row.session_key == session_key
            found.append(OwnSession(handle_of(row.session_key), row.device, source, began, seen, this))
    return sorted(found, key=lambda each: (not each.this, -each.seen_at.timestamp()))


def handle_of(session_key: str) -> str:
    """A name for a session that a page may show: the key itself is what signs in."""
    return salted_hmac("tiercare.access.session", session_key, algorithm="sha256").hexdigest()[:32]


def people_known(account_ids: Sequence[UUID]) -> list[KnownPerson]:
    """The first few of these accounts that can still sign in with a password, in the order given."""
    found = Account.objects.filter(is_active=True, resident_id=None).in_bulk(list(account_ids))
    people = [found[account_id] for account_id in account_ids if account_id in found]
    return [
        KnownPerson(each.id, each.username, each.display_name)
        for each in people[: session_rules.OFFERED_PEOPLE]
    ]


def _granted(row: Sequence[Any]) -> GrantInForce:
    key, role, scope, division, institution, consortium, place = row
    return GrantInForce(
        id=UUID(key),
        role=Role(role),
        scope=Scope(scope),
        division_code=division,
        institution_id=UUID(institution) if institution else None,
        consortium_id=UUID(consortium) if consortium else None,
        place_name=place,
    )


def _moment(held: dict[str, Any], name: str) -> datetime:
    return datetime.fromtimestamp(held.get(name, 0), UTC)
