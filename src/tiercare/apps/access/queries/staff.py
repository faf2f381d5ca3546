"""Staff as an operator sees them: who there is, who may do what where, and what hangs on whoever leaves.

An operator sees the accounts that hold, or held, a role in the operator's own area; residents' accounts never.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused

from ..models import Account, Grant, Invitation, SecondFactor, Session
from ..rights import GRANTABLE, RIGHTS, Reach, Right, Role, holders, reach
from ..rules import NO_SUCH_ACCOUNT, NOT_ONESELF, fold, may
from ..rules.staff import SECOND_FACTOR_ROLES, StaffState, must_enrol

PAGE = 50
_UNUSABLE = "!"  # how Django begins a password that nobody can give


class Narrowed(StrEnum):
    """What the list can be narrowed to: where an account stands, or what it lacks."""

    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"
    ROLELESS = "roleless"
    UNSECURED = "unsecured"


class Standing(StrEnum):
    """Whether a role counts now, later, or no more."""

    NOW = "now"
    LATER = "later"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Held:
    """A role of an account. ``end`` is the first day on which it no longer counts."""

    id: UUID
    role: Role
    place_name: str
    division_code: str
    institution_id: UUID | None
    start: date
    end: date | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Person:
    """An account with its roles in the asker's area; ``elsewhere`` counts the present ones in other areas."""

    id: UUID
    username: str
    display_name: str
    synthetic: bool
    state: StaffState
    has_factor: bool
    needs_factor: bool
    held: tuple[Held, ...]
    elsewhere: int

    def standing(self, standing: Standing) -> tuple[Held, ...]:
        """The roles that count now, later or no more."""
        return tuple(each for each in self.held if each.standing is standing)

    @property
    def now(self) -> tuple[Held, ...]:
        """The roles that count now."""
        return self.standing(Standing.NOW)


@dataclass(frozen=True, slots=True)
class StaffList:
    """A page of accounts; ``counts`` are those of the whole area, ``total`` of what was asked for."""

    rows: tuple[Person, ...]
    total: int
    counts: Mapping[Narrowed, int]
    everybody: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Slip:
    """An invitation that was neither used nor withdrawn; ``over`` when its time has run out."""

    expires_at: datetime
    over: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who has a right at the asked place, and by which roles."""

    id: UUID
    username: str
    display_name: str
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Holders:
    """A page of those in the asker's area; ``beyond`` counts those whose roles lie in other areas, without names."""

    rows: tuple[Holder, ...]
    total: int
    beyond: int
    page: int
    pages: int


def staff_list(
    actor: Actor, *, text: str = "", narrowed: Narrowed | None = None, role: Role | None = None, page: int = 1
) -> StaffList:
    """Accounts of the actor's area by name, whose login or display name has ``text`` in it.

    Raises:
        Refused: if the actor does not manage accounts.
    """
    everybody, today = _visible(actor), ledger.today()
    conditions = _conditions(today)
    counts = everybody.aggregate(
        everybody=Count("pk"), **{key.value: Count("pk", filter=q) for key, q in conditions.items()}
    )
    found = everybody.filter(conditions[narrowed]) if narrowed else everybody
    if text:
        found = found.filter(Q(username__contains=fold(text)) | Q(display_name__icontains=text.strip()))
    if role is not None:
        found = found.filter(Exists(_grants_now(today).filter(role=role.value)))
    total = found.count()
    rows = found.order_by("display_name", "username")[(page - 1) * PAGE : page * PAGE]
    return StaffList(
        rows=_people(actor, rows, today),
        total=total,
        counts={key: counts[key.value] for key in Narrowed},
        everybody=counts["everybody"],
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


def staff_member(actor: Actor, account_id: UUID) -> Person:
    """One account.

    Raises:
        Refused: if the actor does not manage accounts, or sees no such account.
    """
    people = _people(actor, _visible(actor).filter(pk=account_id), ledger.today())
    if not people:
        raise Refused(NO_SUCH_ACCOUNT)
    return people[0]


def slip_of(account_id: UUID, *, at: datetime) -> Slip | None:
    """The open invitation of an account, if any. The caller may see the account."""
    slip = Invitation.objects.filter(account_id=account_id, used_at=None, revoked_at=None).first()
    return Slip(slip.expires_at, slip.expires_at <= at) if slip else None


def sessions_of(account_id: UUID, *, at: datetime) -> int:
    """How many sessions of the account are open. The caller may see the account."""
    return int(Session.objects.filter(account_id=account_id, expire_date__gt=at).count())


def allowed(person: Person) -> dict[Right, list[tuple[Held, Reach]]]:
    """What the person may do today and by which role, in the order of the table of rights."""
    found: dict[Right, list[tuple[Held, Reach]]] = {}
    for right in RIGHTS:
        for each in person.now:
            how_far = reach(each.role, right)
            if how_far is not Reach.NONE:
                found.setdefault(right, []).append((each, how_far))
    return found


def who_holds(
    actor: Actor, right: Right, *, division_code: str, institution_id: UUID | None = None, page: int = 1
) -> Holders:
    """Who has ``right`` over something that lies in ``division_code`` and belongs to ``institution_id``, today.

    Raises:
        Refused: if the actor does not manage accounts, or the place lies outside the actor's area.
    """
    _must(may(actor, Right.ACCESS_MANAGE, division=division_code))
    today = ledger.today()
    there = Q(pk__in=())
    for role in holders(right):
        there |= Q(role=role.value) & _covering(reach(role, right), division_code, institution_id)
    grants = _in_force(today).filter(there, account__is_active=True)
    inside = grants.filter(division_code__startswith=_area(actor))
    people = Account.objects.filter(pk__in=inside.values("account_id"))
    beyond = Account.objects.filter(pk__in=grants.values("account_id")).exclude(
        pk__in=inside.values("account_id")
    )
    total = people.count()
    rows = list(people.order_by("display_name", "username")[(page - 1) * PAGE : page * PAGE])
    held = _held(inside.filter(account__in=rows), today)
    return Holders(
        rows=tuple(Holder(a.id, a.username, a.display_name, tuple(held.get(a.id, ()))) for a in rows),
        total=total,
        beyond=beyond.count(),
        page=page,
        pages=max(1, -(-total // PAGE)),
    )


def managing_refusal(actor: Actor, account: Account) -> Refusal | None:
    """Whether the actor manages every area in which the account holds a role (or, holding none, held one).

    Otherwise the operator of one county could take over an account of the province by setting its password.
    """
    refusal = may(actor, Right.ACCESS_MANAGE)
    if refusal is not None:
        return refusal
    if actor.account_id == account.id:
        return NOT_ONESELF
    if account.resident_id is not None:  # opened by the card alone; nobody keeps it for the resident
        return NO_SUCH_ACCOUNT
    held = Grant.objects.filter(account=account)
    still = held.filter(revoked_at=None).values_list("division_code", flat=True)
    areas = sorted(set(still) or set(held.values_list("division_code", flat=True)))
    outside = (may(actor, Right.ACCESS_MANAGE, division=area) for area in areas)
    return next((refusal for refusal in outside if refusal is not None), None)


def why_not_managed(actor: Actor, account_id: UUID) -> Refusal | None:
    """``managing_refusal`` of an account by its id."""
    account = Account.objects.filter(pk=account_id).first()
    return managing_refusal(actor, account) if account else NO_SUCH_ACCOUNT


def colleague(username: str) -> tuple[UUID, str] | None:
    """Id and display name of the staff account of just that login name: to give it a role, one must know it."""
    account = Account.objects.filter(username=fold(username), resident_id=None, is_active=True).first()
    return (account.id, account.display_name) if account else None


def staff_area(actor: Actor) -> str:
    """The area whose staff the actor manages; empty for the platform itself.

    Raises:
        Refused: if the actor does not manage accounts.
    """
    _must(may(actor, Right.ACCESS_MANAGE))
    return _area(actor)


def grants_from(account_id: UUID, day: date) -> QuerySet[Grant]:
    """The roles of an account that count on ``day`` or later."""
    return Grant.objects.filter(
        Q(period__endswith=None) | Q(period__endswith__gt=day), account_id=account_id, revoked_at=None
    )


def held_roles(grants: Iterable[Grant], today: date) -> tuple[Held, ...]:
    """Grants as they are shown."""
    return tuple(_shown(each, today) for each in grants)


def _must(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal)


def _area(actor: Actor) -> str:
    return actor.division_code or ""


def _in_force(today: date) -> QuerySet[Grant]:
    return Grant.objects.filter(revoked_at=None, period__contains=today)


def _grants_now(today: date) -> QuerySet[Grant]:
    return _in_force(today).filter(account=OuterRef("pk"))


def _visible(actor: Actor) -> QuerySet[Account]:
    area = staff_area(actor)
    inside = Grant.objects.filter(account=OuterRef("pk"), division_code__startswith=area)
    everybody = Account.objects.filter(resident_id=None)
    return everybody.filter(Exists(inside)) if area else everybody


def _conditions(today: date) -> Mapping[Narrowed, Q]:
    """What each narrowing means."""
    works, waits = Q(is_active=True), Q(password__startswith=_UNUSABLE)
    from_today = Grant.objects.filter(
        Q(period__endswith=None) | Q(period__endswith__gt=today), account=OuterRef("pk"), revoked_at=None
    )
    asked = GRANTABLE if settings.SECOND_FACTOR_OF_ALL else SECOND_FACTOR_ROLES
    demanded = _grants_now(today).filter(role__in=[role.value for role in asked])
    set_up = SecondFactor.objects.filter(account=OuterRef("pk"), confirmed_at__isnull=False)
    return {
        Narrowed.ACTIVE: works & ~waits,
        Narrowed.INVITED: works & waits,
        Narrowed.DISABLED: ~works,
        Narrowed.ROLELESS: works & ~Exists(from_today),
        Narrowed.UNSECURED: works & Q(synthetic=False) & Exists(demanded) & ~Exists(set_up),
    }


def _people(actor: Actor, accounts: QuerySet[Account], today: date) -> tuple[Person, ...]:
    area = _area(actor)
    rows = list(
        accounts.annotate(
            has_factor=Exists(SecondFactor.objects.filter(account=OuterRef("pk"), confirmed_at__isnull=False))
        )
    )
    held = _held(Grant.objects.filter(account__in=rows), today)
    return tuple(_person(account, held.get(account.id, ()), area) for account in rows)


def _person(account: Account, held: Collection[Held], area: str) -> Person:
    inside = tuple(each for each in held if each.division_code.startswith(area))
    now = [each for each in held if each.standing is Standing.NOW]
    state = (
        StaffState.DISABLED
        if not account.is_active
        else StaffState.INVITED
        if account.password.startswith(_UNUSABLE)
        else StaffState.ACTIVE
    )
    has_factor: bool = vars(account)["has_factor"]
    return Person(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        synthetic=account.synthetic,
        state=state,
        has_factor=has_factor,
        needs_factor=must_enrol(
            [each.role for each in now],
            synthetic=account.synthetic,
            has_factor=has_factor,
            of_all=settings.SECOND_FACTOR_OF_ALL,
        ),
        held=inside,
        elsewhere=len([each for each in now if each not in inside]),
    )


def _held(grants: QuerySet[Grant], today: date) -> dict[UUID, list[Held]]:
    """Roles by account, latest first."""
    found: dict[UUID, list[Held]] = {}
    for grant in grants.order_by(F("revoked_at").desc(nulls_first=True), "-id"):
        found.setdefault(grant.account_id, []).append(_shown(grant, today))
    return found


def _shown(grant: Grant, today: date) -> Held:
    start, end = grant.period.lower, grant.period.upper
    if grant.revoked_at is not None or (end is not None and end <= today):
        standing = Standing.ENDED
    else:
        standing = Standing.LATER if start > today else Standing.NOW
    return Held(
        id=grant.id,
        role=Role(grant.role),
        place_name=grant.place_name,
        division_code=grant.division_code,
        institution_id=grant.institution_id,
        start=start,
        end=end,
        standing=standing,
    )


def _covering(how_far: Reach, division_code: str, institution_id: UUID | None) -> Q:
    """Grants of that reach that cover the place."""
    if how_far is Reach.ANYWHERE:
        return Q()
    if how_far is Reach.AREA:
        codes = [division_code[:length] for length in range(2, len(division_code) + 1)]
        return Q(division_code__in=codes)
    if how_far is Reach.OWN and institution_id is not None:
        return Q(institution_id=institution_id)
    return Q(pk__in=())
