"""Giving roles, taking them back, and picking one to act in."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events, queries, rules
from ..models import Grant
from ..rights import ROLE_NAMES, SCOPE_OF, Right, Role
from ..rules import staff
from .accounts import locked, record


def grant(
    actor: Actor,
    *,
    account_id: UUID,
    role: Role,
    place_name: str,
    division_code: str,
    period: Period,
    institution_id: UUID | None = None,
    consortium_id: UUID | None = None,
) -> UUID:
    """Give an account a role for a place and a period of days; returns the grant's id.

    ``division_code`` is the area (compact code) in which the role counts, for an institution the one it lies
    in; ``place_name`` is what the person reads in the role menu. The scope follows from the role. A consortium's
    office names the consortium and, as ``institution_id``, the lead hospital for which it acts.

    Raises:
        Refused: if the actor does not manage that area or is the account itself, the role is not one that is
            given, the place does not fit it, the account is a resident's, or it already holds the role there in
            that period.
    """
    refuse(rules.may(actor, Right.ACCESS_MANAGE, division=division_code))
    if actor.account_id == account_id:
        raise Refused(rules.NOT_ONESELF)
    refuse(
        grant_misfits(
            role,
            place_name=place_name,
            division_code=division_code,
            institution_id=institution_id,
            consortium_id=consortium_id,
        )
    )
    grant_id = uuid7()
    given = Grant(
        id=grant_id,
        account_id=account_id,
        role=role.value,
        scope=SCOPE_OF[role].value,
        division_code=division_code,
        institution_id=institution_id,
        consortium_id=consortium_id,
        place_name=place_name,
        period=DateRange(period.start, period.end),
        granted_by=actor.account_id,
    )
    try:
        with transaction.atomic():
            if locked(account_id).resident_id is not None:
                raise Refused(rules.NO_SUCH_ACCOUNT)
            given.save(force_insert=True)
            record(actor, account_id, _granted(given, period), division_code=division_code)
    except IntegrityError as error:
        if "grant_not_twice" in str(error):
            raise Refused(replace(rules.GRANT_OVERLAPS, fields={"role": ROLE_NAMES[role]})) from error
        raise
    return grant_id


def grant_misfits(
    role: Role,
    *,
    place_name: str,
    division_code: str,
    institution_id: UUID | None,
    consortium_id: UUID | None,
) -> Refusal | None:
    """Whether the role is given at all, and the place fits it."""
    return staff.role_refusal(role) or rules.grant_refusal(
        role,
        place_name=place_name,
        division_code=division_code,
        institution_id=institution_id,
        consortium_id=consortium_id,
    )


def revoke(actor: Actor, *, grant_id: UUID) -> None:
    """Take a role back, at once. Doing it twice changes nothing.

    Raises:
        Refused: if there is no such grant, or the actor does not manage its area or would revoke their own.
    """
    refuse(rules.may(actor, Right.ACCESS_MANAGE))
    with transaction.atomic():
        held = Grant.objects.select_for_update().filter(pk=grant_id).first()
        if held is None:
            raise Refused(rules.NO_SUCH_GRANT)
        refuse(rules.may(actor, Right.ACCESS_MANAGE, division=held.division_code))
        if actor.account_id == held.account_id:
            raise Refused(rules.NOT_ONESELF)
        if held.revoked_at is not None:
            return
        held.revoked_at = ledger.now()
        held.revoked_by = actor.account_id
        held.save(update_fields=["revoked_at", "revoked_by"])
        record(
            actor,
            held.account_id,
            events.RoleRevoked(grant_id=held.id, role=held.role, place_name=held.place_name),
            division_code=held.division_code,
        )


def choose_role(actor: Actor, *, grant_id: UUID) -> queries.GrantInForce:
    """Pick, among one's own roles in force today, the one to act in.

    Raises:
        Refused: if nobody is signed in, or the grant is somebody else's, has ended or does not exist.
    """
    if actor.account_id is None:
        raise Refused(rules.SIGN_IN_FIRST)
    with transaction.atomic():
        held = queries.grants_in_force(actor.account_id, on=ledger.today())
        picked = next((each for each in held if each.id == grant_id), None)
        if picked is None:
            raise Refused(rules.NO_SUCH_GRANT)
        record(
            actor,
            actor.account_id,
            events.RoleChosen(grant_id=picked.id, role=picked.role.value),
            division_code=picked.division_code,
        )
    return picked


def _granted(given: Grant, period: Period) -> events.RoleGranted:
    return events.RoleGranted(
        grant_id=given.id,
        role=given.role,
        scope=given.scope,
        place_name=given.place_name,
        consortium_id=given.consortium_id,
        start=period.start,
        end=period.end,
    )
