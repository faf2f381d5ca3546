"""``/api/session``: who I am, in which role, and what I may do."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from tiercare.apps.access import rules

from .problems import Problem

router = Router(tags=["session"])


class RoleHeld(Schema):
    """A role of mine and where it counts."""

    grant_id: UUID
    role: str
    role_name: str
    place_name: str


class RightHeld(Schema):
    """A right of the role I act in, and how far it goes: own institution, area, or anywhere."""

    right: str
    name: str
    reach: str


class Session(Schema):
    """The signed-in person as the server knows it."""

    account_id: UUID
    username: str
    display_name: str
    synthetic: bool
    must_change_password: bool
    role: str
    institution_id: UUID | None
    division_code: str | None
    rights: list[RightHeld]
    roles_held: list[RoleHeld]


@router.get("", response={200: Session, 401: Problem}, summary="Who I am and what I may do")
def read_session(request: HttpRequest) -> Session:
    """Account, acting role (``unassigned`` until one is picked), its rights, and all roles held now."""
    actor, account, language = request.actor, request.user, request.LANGUAGE_CODE
    return Session(
        account_id=account.id,
        username=account.username,
        display_name=account.display_name,
        synthetic=account.synthetic,
        must_change_password=account.must_change_password,
        role=actor.role,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
        rights=[
            RightHeld(
                right=right.value,
                name=rules.RIGHT_NAMES[right].in_language(language),
                reach=rules.reach(rules.Role(actor.role), right).value,
            )
            for right in rules.Right
            if rules.may(actor, right) is None
        ],
        roles_held=[
            RoleHeld(
                grant_id=grant.id,
                role=grant.role.value,
                role_name=grant.role_name.in_language(language),
                place_name=grant.place_name,
            )
            for grant in request.grants
        ],
    )
