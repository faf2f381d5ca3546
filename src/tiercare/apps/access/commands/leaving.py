"""Handing over on leaving: roles end, the account closes, residents get somebody else who answers for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import events, queries
from ..models import Account, CareRelation, Grant, Invitation
from ..queries import leaving, staff
from ..rules import staff as rules
from .accounts import managed, record
from .care import SUBJECT as CARE
from .sessions import end_sessions

# How far back a leaving is looked for that nobody has finished: the daily job may have stood still, not for longer.
_LOOKED_BACK = timedelta(days=400)
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class _HandOver:
    """To whom it goes (nobody: to the institution), inside which area, and when."""

    to: UUID | None
    area: str
    on: date


def leave(
    actor: Actor, *, account_id: UUID, successor_id: UUID | None, on: date, to_institution: bool = False
) -> None:
    """A person leaves; ``on`` is the first day without access.

    Today: roles end, the account is disabled and its sessions end at once, care relations in its name pass to the
    successor, or with ``to_institution`` to nobody by name. Later: the roles end with that day, and
    ``finish_leavings`` does the rest when it has come. Accounts can be opened again (``invitations.reopen``).

    Raises:
        Refused: if the actor does not manage this account, the day has passed, somebody would be left without
            anyone who answers for them, or the successor does not work where they are looked after.
    """
    with transaction.atomic():
        keys = [account_id, *([successor_id] if successor_id else [])]
        list(Account.objects.select_for_update().filter(pk__in=keys).order_by("pk"))  # never crosswise
        account = managed(actor, account_id)
        today = ledger.today()
        refuse(rules.leaving_day_refusal(on, today=today))
        over = _HandOver(None if to_institution else successor_id, staff.staff_area(actor), on)
        with queries.scoped(actor, area=over.area or queries.EVERYWHERE):
            relations = list(leaving.relations_of(account_id).select_for_update().order_by("id"))
            if relations and not to_institution:
                _must_be_able(over.to, account_id, relations, today)
            if on > today:
                _end_later(actor, account_id, over, to_institution=to_institution)
                return
            ended = _end_now(actor, account_id)
            _close(actor, account, over, relations, grants=ended)


def finish_leavings(actor: Actor) -> int:
    """Do what was ordered for days that have come; for a daily job of the platform itself. Returns how many.

    A person who was given a role again since stays. A successor who has left meanwhile takes nothing over: it goes
    to the institution, so that nothing stays in the name of somebody who is gone.
    """
    today = ledger.today()
    planned = ledger.events(kind=leaving.PLANNED, since=ledger.now() - _LOOKED_BACK, limit=_AT_ONCE)
    latest = {event.subject_id: event for event in reversed(planned)}  # ordered anew, the later order counts
    return sum(
        _finish(
            actor,
            account_id,
            UUID(event.payload["successor_id"]) if event.payload["successor_id"] else None,
            event.division_code or "",
            today,
        )
        for account_id, event in latest.items()
        if date.fromisoformat(event.payload["on"]) <= today
    )


def _finish(actor: Actor, account_id: UUID, successor_id: UUID | None, area: str, today: date) -> bool:
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(pk=account_id, is_active=True).first()
        if account is None or staff.grants_from(account_id, today).exists():
            return False
        with queries.scoped(actor, area=area or queries.EVERYWHERE):
            relations = list(leaving.relations_of(account_id).select_for_update().order_by("id"))
            able = successor_id is not None and not _missing(successor_id, relations, today)
            over = _HandOver(successor_id if able else None, area, today)
            _close(actor, account, over, relations, grants=0)
    return True


def _must_be_able(
    successor_id: UUID | None, account_id: UUID, relations: list[CareRelation], today: date
) -> None:
    """Raise unless the successor can take the relations over."""
    if successor_id is None:
        raise Refused(rules.left_without_owner(len(relations)))
    successor = Account.objects.filter(pk=successor_id, is_active=True, resident_id=None).first()
    if successor is None or successor_id == account_id:
        raise Refused(rules.NO_SUCH_SUCCESSOR)
    missing = _missing(successor_id, relations, today)
    names = Grant.objects.filter(institution_id__in=missing).values_list("institution_id", "place_name")
    refuse(rules.successor_refusal(names={dict(names).get(each, str(each)) for each in missing}))


def _missing(successor_id: UUID, relations: list[CareRelation], today: date) -> set[UUID]:
    """The institutions at which somebody would be handed over to a person who does not work there."""
    wanted = {each.institution_id for each in relations}
    return wanted - leaving.works_at(successor_id, wanted, today)


def _end_later(actor: Actor, account_id: UUID, over: _HandOver, *, to_institution: bool) -> None:
    for grant in staff.grants_from(account_id, over.on).select_for_update():
        if grant.period.lower >= over.on:
            _revoke(actor, grant)
        else:
            grant.period = DateRange(grant.period.lower, over.on)
            grant.save(update_fields=["period"])
    plan = events.LeavingPlanned(on=over.on, successor_id=over.to, to_institution=to_institution)
    record(actor, account_id, plan, division_code=over.area or None)


def _end_now(actor: Actor, account_id: UUID) -> int:
    """Take back every role that counts today or later."""
    grants = list(staff.grants_from(account_id, ledger.today()).select_for_update())
    for grant in grants:
        _revoke(actor, grant)
    return len(grants)


def _revoke(actor: Actor, grant: Grant) -> None:
    grant.revoked_at, grant.revoked_by = ledger.now(), actor.account_id
    grant.save(update_fields=["revoked_at", "revoked_by"])
    revoked = events.RoleRevoked(grant_id=grant.id, role=grant.role, place_name=grant.place_name)
    record(actor, grant.account_id, revoked, division_code=grant.division_code)


def _close(
    actor: Actor, account: Account, over: _HandOver, relations: list[CareRelation], *, grants: int
) -> None:
    """Close the account and pass on what stands in its name."""
    CareRelation.objects.filter(pk__in=[each.pk for each in relations]).update(account_id=over.to)
    for each in relations:
        handed = events.CareHandedOver(relation_id=each.id, from_account_id=account.id, to_account_id=over.to)
        ledger_commands.append(
            actor,
            handed,
            subject_type=CARE,
            subject_id=each.resident_id,
            institution_id=each.institution_id,
            division_code=each.division_code,
        )
    end_sessions(account.id)
    open_slips = Invitation.objects.filter(account_id=account.id, used_at=None, revoked_at=None)
    open_slips.update(revoked_at=queries.wall_clock())
    if account.is_active:
        account.is_active = False
        account.save(update_fields=["is_active"])
        record(actor, account.id, events.AccountDisabled(username=account.username))
    left = events.AccountLeft(successor_id=over.to, grants=grants, relations=len(relations))
    record(actor, account.id, left, division_code=over.area or None)
