"""One region with its people, a second one beside it, and one resident about whom everything is known.

Laid down once for a module: whoever asks is one of ``World.people``, what is asked about stands in ``World.ids``,
and nothing that a request does outlives it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from psycopg.types.range import DateRange
from stdnum.cn import ric

from tiercare.apps.access import models as access_models
from tiercare.apps.access.rules import SCOPE_OF, Role, Scope
from tiercare.apps.access.rules.sessions import GRANT, HALF, SEEN_AT, SIGNED_IN_AT
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import models as network_models
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

OWN, SISTER, OTHER = "own", "sister", "other"
RELATIONS = (OWN, SISTER, OTHER)
ANONYMOUS, HALF_OPEN, UNASSIGNED = "anonymous", "half_open", "unassigned"

CITY, COUNTY, NEXT_COUNTY, FAR = "3402", "340223", "340202", "440705"
BORN = date(1968, 5, 17)
EXPLANATION = "车祸昏迷送来抢救，家属还没有到场"


def id_number(sequence: int, born: date = BORN, area: str = COUNTY) -> str:
    """An identity number with a valid check digit, made for tests."""
    body = f"{area}{born:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


# What is planted in the resident, each found nowhere else; and the forms in which lists may show it.
NAME, MASKED_NAME = "甘慕蓝", "甘*蓝"
NUMBER, PHONE, ADDRESS = id_number(886), "13955508817", "听松巷八百八十一号"
MASKED_NUMBER = NUMBER[:6] + "*" * 8 + NUMBER[-4:]
MASKED_PHONE = PHONE[:3] + "****" + PHONE[-4:]
GUARDIAN_PHONE = "13955508828"


@dataclass(frozen=True)
class Person:
    """Somebody who asks: ``role`` (or one of the three without), where they stand to the resident, their session."""

    role: str
    relation: str
    session: str
    actor: Actor | None = None

    @property
    def name(self) -> str:
        """As the snapshot and failures name them."""
        return f"{self.role}@{self.relation}" if self.relation else self.role

    def browser(self) -> RequestFactory:
        """What makes requests with their session."""
        browser = RequestFactory()
        if self.session:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return browser


@dataclass(frozen=True)
class World:
    """Who asks, by name; and what is asked about, by the words that the matrix uses."""

    people: dict[str, Person]
    ids: dict[str, str]

    @property
    def resident(self) -> UUID:
        """The entry in which everything is planted."""
        return UUID(self.ids["resident"])

    def actor(self, name: str) -> Actor:
        """The actor behind a name, for tests of commands."""
        found = self.people[name].actor
        assert found is not None
        return found


@contextmanager
def taken_back() -> Iterator[None]:
    """What is written inside is taken back afterwards, as if it had not been."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@cache
def _server() -> BaseHandler:
    """All middleware and views, as a server calls them; failures become answers."""
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def ask(person: Person, method: str, address: str, **sent: Any) -> Any:
    """One request of this person's, inside whatever transaction is open."""
    return answer_to(getattr(person.browser(), method.lower())(address, **sent))


def answer_to(request: HttpRequest) -> Any:
    """What the server answers; the check of forged forms is off, it has tests of its own."""
    vars(request)["_dont_enforce_csrf_checks"] = True
    return _server().get_response(request)


def places_of_the_region() -> dict[str, UUID]:
    """A township's health centre, the hospital that leads it, one that shares nothing with it, one of another region."""
    today = ledger.today()
    current = network_models.InstitutionVersion.objects.filter(period__contains=today)
    centres = current.filter(category="TOWNSHIP_CENTRE", division_code=COUNTY).exclude(township_code="")
    centre = centres.order_by("institution_id").first()
    assert centre is not None
    mine = network.place_of(centre.institution_id, on=today)
    assert mine is not None
    in_force = network_models.Membership.objects.filter(period__contains=today, role="LEAD")
    lead = in_force.filter(consortium_id__in=list(mine.consortia)).order_by("consortium_id").first()
    assert lead is not None
    strange = stable_id("network", "wuhu", "institution", "second_hospital")
    elsewhere = (
        in_force.exclude(consortium_id__in=list(mine.consortia)).filter(institution_id=strange).first()
    )
    far = stable_id("network", "xinhui", "institution", "xinhui_hospital")
    led_far = in_force.filter(institution_id=far).first()
    assert elsewhere is not None and led_far is not None
    return {
        "institution": centre.institution_id,
        "hospital": lead.institution_id,
        "stranger": strange,
        "far_hospital": far,
        "consortium": lead.consortium_id,
        "other_consortium": elsewhere.consortium_id,
        "far_consortium": led_far.consortium_id,
    }


def staff(places: dict[str, UUID]) -> Iterator[Person]:
    """Everybody who asks but residents: each role three times, and those who act in none."""
    yield Person(ANONYMOUS, "", "")
    yield Person(HALF_OPEN, "", _half_open())
    for role in Role:
        if SCOPE_OF[role] is not Scope.SELF:
            for relation in RELATIONS:
                yield member(role, relation, places)
    yield _without_role()


def _place_of(role: Role, relation: str, places: dict[str, UUID]) -> dict[str, Any]:
    if SCOPE_OF[role] is Scope.REGION:
        return {"division_code": {OWN: CITY, SISTER: NEXT_COUNTY, OTHER: FAR}[relation]}
    if SCOPE_OF[role] is Scope.CONSORTIUM:
        lead = {OWN: "hospital", SISTER: "stranger", OTHER: "far_hospital"}[relation]
        of = {OWN: "consortium", SISTER: "other_consortium", OTHER: "far_consortium"}[relation]
        near = {OWN: COUNTY, SISTER: NEXT_COUNTY, OTHER: FAR}[relation]
        return {"institution_id": places[lead], "consortium_id": places[of], "division_code": near}
    at = {OWN: "institution", SISTER: "hospital", OTHER: "far_hospital"}[relation]
    return {
        "institution_id": places[at],
        "division_code": {OWN: COUNTY, SISTER: COUNTY, OTHER: FAR}[relation],
    }


def member(role: Role, relation: str, places: dict[str, UUID], name: str = "") -> Person:
    """Somebody of the staff, with a second factor, acting in the one role they have."""
    account = access_models.Account.objects.create(
        username=f"s.{role.value}.{relation}{name}", display_name=f"{role.value} {relation}", password="!"
    )
    access_models.SecondFactor.objects.create(
        account=account, secret_sealed=b"-", confirmed_at=ledger.now(), last_step=0
    )
    where = _place_of(role, relation, places)
    grant = access_models.Grant.objects.create(
        account=account,
        role=role.value,
        scope=SCOPE_OF[role].value,
        place_name="演示地点",
        period=DateRange(date(2018, 1, 1), None),
        **where,
    )
    actor = Actor(
        account_id=account.id,
        name=account.display_name,
        role=role.value,
        institution_id=where.get("institution_id"),
        division_code=where["division_code"],
        request_id=uuid7(),
    )
    return Person(role.value, relation, _session(account, grant.id), actor)


def _without_role() -> Person:
    account = access_models.Account.objects.create(username="s.none", display_name="none", password="!")
    actor = Actor(account_id=account.id, name=account.display_name, role=UNASSIGNED, request_id=uuid7())
    return Person(UNASSIGNED, "", _session(account, None), actor)


def of_a_resident(relation: str, resident_id: UUID) -> Person:
    """A resident signed in for themself."""
    account = access_models.Account.objects.create(
        username=f"s.resident.{relation}", display_name="居民", password="!", resident_id=resident_id
    )
    actor = Actor(
        account_id=account.id,
        name="居民",
        role=Role.RESIDENT.value,
        resident_id=resident_id,
        request_id=uuid7(),
    )
    return Person(Role.RESIDENT.value, relation, _session(account, None), actor)


def sign_in_again(world: World) -> None:
    """Date all sessions anew: on a busy machine the tests of a file last longer than somebody who signed in once may sign."""
    for person in world.people.values():
        session = Client().session.__class__(person.session)
        if SIGNED_IN_AT in session:
            session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
            session.save()


def _session(account: access_models.Account, grant: UUID | None) -> str:
    client = Client()
    client.force_login(account)
    session = client.session
    session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
    if grant is not None:
        session[GRANT] = str(grant)
    session.save()
    return str(session.session_key)


def _half_open() -> str:
    """The first step of signing in, without the second."""
    account = access_models.Account.objects.create(username="s.half", display_name="half", password="!")
    session = Client().session
    session[HALF] = {"account": account.id.hex, "proof": "-", "at": time.time()}
    session.save()
    return str(session.session_key)
