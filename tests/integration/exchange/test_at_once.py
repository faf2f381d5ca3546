"""Two at one request, in real transactions: one goes on with it, the other is told; a twin in flight is refused and may come
again; the last place goes to one request (B5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.db import connections

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange import commands
from tiercare.apps.exchange.models import Request, Step
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor

from ..capacity.conftest import hospital, session, slot_of
from ..capacity.racing import Desks, at_once, desks
from ..capacity.racing import site as committed_site
from ..residents.conftest import Site, given, register
from .conftest import VISIT

__all__ = ["committed_site", "desks", "given", "hospital", "register", "session"]
SYSTEM = Actor.system("test")


@pytest.fixture
def site(committed_site: Site) -> Iterator[Site]:
    """Three institutions where requests are really committed; taken away again."""
    yield committed_site
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE exchange_request CASCADE")


@pytest.fixture
def doctor(site: Site) -> Actor:
    return site.actor(Role.PRIMARY_DOCTOR)


@pytest.fixture
def office(site: Site) -> Actor:
    return site.actor(Role.REFERRAL_OFFICE, "county_hospital")


@pytest.fixture
def draft(site: Site, doctor: Actor, register: Callable[..., UUID]) -> Callable[[], UUID]:
    """A draft for a resident of their own each; answers its id."""

    names = iter(("王小明", "李红霞", "张军", "赵刚强", "钱玲玲", "孙英", "周东升", "吴南"))

    def run() -> UUID:
        return begin(site, doctor, register(next(names)))

    return run


def begin(site: Site, doctor: Actor, resident: UUID) -> UUID:
    return commands.draft(
        doctor,
        kind=VISIT.id,
        resident_id=resident,
        urgency=Urgency.ROUTINE,
        problem_code="I10",
        problem="原发性高血压",
        to_institution=site.county_hospital,
    ).id


def turning(actor: Actor, request: UUID, act: Act) -> Callable[[], object]:
    return lambda: commands.turn(actor, request_id=request, act=act, said=Said(words="示例原因"))


def steps(request: UUID) -> list[str]:
    with scoped(SYSTEM, area="*"):
        return list(
            Step.objects.filter(request_id=request).order_by("at", "id").values_list("act", flat=True)
        )


def test_of_eight_who_accept_one_does(draft, doctor, office, desks) -> None:
    request = draft()
    commands.turn(doctor, request_id=request, act=Act.SUBMIT)
    said = at_once(desks, [turning(office, request, Act.ACCEPT)] * 8)
    assert sorted(said) == ["done"] + ["exchange.not_in_this_state"] * 7
    assert steps(request) == ["submit", "accept"]


def test_accepted_or_withdrawn_but_never_both(draft, doctor, office, desks) -> None:
    for _ in range(6):
        request = draft()
        commands.turn(doctor, request_id=request, act=Act.SUBMIT)
        said = at_once(desks, [turning(office, request, Act.ACCEPT), turning(doctor, request, Act.WITHDRAW)])
        assert sorted(said) == ["done", "exchange.not_in_this_state"]
        assert len(steps(request)) == 2
        with scoped(SYSTEM, area="*"):
            row = Request.objects.get(id=request)
        assert (row.due_at is None) == (row.state == "WITHDRAWN")


def test_a_twin_in_flight_is_refused_and_may_come_again(site, doctor, register, desks: Desks) -> None:
    resident, body = register(), b'{"kind":"test_visit"}'

    def post() -> None:
        with ledger.idempotent(
            doctor, key="one-post-sent-twice", route="POST /api/requests", body=body
        ) as call:
            if call.replay is None:
                made = begin(site, doctor, resident)
                call.answer(status=201, body=str(made).encode(), content_type="text/plain")

    first = desks.pause(post)
    assert first.done.wait(20)
    assert desks.start(post).result(20) == "ledger.idempotency_twin_in_flight"
    assert first.end() == "done"
    assert desks.start(post).result(20) == "done"
    with scoped(SYSTEM, area="*"):
        assert Request.objects.count() == 1


def test_the_last_place_goes_to_one_request(site, doctor, draft, session, desks) -> None:
    offered = session({Channel.REFERRAL: 1})
    slot, requests = slot_of(offered), [draft() for _ in range(4)]
    said = at_once(
        desks,
        [
            lambda request=request: commands.hold_place(doctor, request_id=request, slot_id=slot)
            for request in requests
        ],
    )
    assert said.count("done") == 1
    with scoped(SYSTEM, area="*"):
        held = list(Request.objects.exclude(booking_id=None).values_list("id", flat=True))
        assert len(held) == 1
        assert list(capacity.drift()) == []
