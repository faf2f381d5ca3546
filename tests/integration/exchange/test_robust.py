"""A bad line and bad input: what comes twice, late or in any order ends where it should, and what cannot be is refused with
the way on while nothing changes (B4, B5; the list of issue 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange.models import Notice, Request, Step
from tiercare.apps.exchange.workflow import OVER
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import InstitutionVersion, LicensedSpecialty
from tiercare.apps.residents.models import Resident
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..api.asking import problem
from ..api.test_requests_api import Two, act, send, two
from ..capacity.conftest import HOLD, hospital, later, session, slot_of, synthetic_clock, used
from ..residents.conftest import given, register, site
from ..web.residents_desk import at_desk

__all__ = [
    "at_desk",
    "given",
    "hospital",
    "register",
    "session",
    "site",
    "synthetic_clock",
    "two",
]
SYSTEM = Actor.system("test")
REPORT = {"diagnosis": "高血压3级", "advice": "两周后复诊"}
# What one referral says from its first word to its last, and who says it.
WAY = ("submit", "accept", "arrive", "take_in", "report", "acknowledge")
BY_DOCTOR = {"submit", "acknowledge"}


@dataclass(frozen=True)
class Message:
    """A post as a hospital's system would send it: its key says which it is, its version after which it comes."""

    of: str
    act: str
    version: int
    key: str

    def post(self, two: Two) -> Any:
        """Deliver it once."""
        said = {"content": REPORT} if self.act == "report" else {}
        client = two.doctor if self.act in BY_DOCTOR else two.office
        return send(
            client, f"/{self.of}/acts/{self.act}", said, key=self.key, **{"If-Match": f'"{self.version}"'}
        )


def messages(requests: list[str]) -> list[Message]:
    """The whole ways of these requests, in order."""
    return [
        Message(request, what, number, str(uuid7()))
        for request in requests
        for number, what in enumerate(WAY, start=1)
    ]


def left(request: str) -> tuple[Any, ...]:
    """All that a request has become, without ids and times."""
    with scoped(SYSTEM, area="*"):
        row = Request.objects.get(id=request)
        steps = list(
            Step.objects.filter(request_id=request)
            .order_by("at", "id")
            .values_list("act", "target", "content")
        )
        told = Counter(Notice.objects.filter(request_id=request).values_list("institution_id", "about"))
    return row.state, row.version, row.owner_level, row.due_at, row.booking_id, steps, told


@pytest.mark.parametrize("seed", [1, 20261122, 777])
def test_posts_that_come_thrice_and_in_any_order_end_as_once_in_order(two, seed: int) -> None:
    in_order, shuffled = ([two.draft(again="另一件")["id"] for _ in range(3)] for _ in range(2))
    for message in messages(in_order):
        assert message.post(two).status_code == 200
    chance, waiting, answered = Random(seed), messages(shuffled), Counter[str]()
    for _ in range(len(WAY)):
        post = [each for each in waiting for _ in range(3)]
        chance.shuffle(post)
        for message in post:
            answer = message.post(two)
            if answer.status_code == 200:
                assert (answer.headers.get("Idempotency-Replayed") == "true") == bool(answered[message.key])
                answered[message.key] += 1
            else:  # its turn has not come: told so, and it is sent again
                problem(answer, answer.status_code)
                assert answer.status_code in {403, 404, 409, 412}
                assert not answered[message.key]
        waiting = [each for each in waiting if not answered[each.key]]
    assert waiting == []
    assert [left(each) for each in shuffled] == [left(each) for each in in_order]
    assert {left(each)[0] for each in in_order} == {"CLOSED"}


class BadLine:
    """Thirty in a hundred posts never arrive, thirty arrive and their answer does not: whoever sends tries again with the
    same key until there is an answer."""

    def __init__(self, seed: int) -> None:
        self.chance, self.lost = Random(seed), 0

    def until_answered(self, post: Callable[[str], Any]) -> Any:
        """The first answer that comes back."""
        key = str(uuid7())
        for _ in range(60):
            fate = self.chance.random()
            if fate < 0.3:
                self.lost += 1
                continue
            answer = post(key)
            if fate >= 0.6:
                return answer
            self.lost += 1
        raise AssertionError("sixty tries, and no answer")


@pytest.mark.parametrize("seed", [3, 41])
def test_over_a_bad_line_everything_succeeds_and_nothing_is_doubled(two, session, seed: int) -> None:
    line, offered = BadLine(seed), session({Channel.REFERRAL: 4})
    slot = str(slot_of(offered))
    made = []
    for number in range(4):
        body = two.body(problem_code=f"I1{number}", problem=f"问题{number}")
        answer = line.until_answered(lambda key, body=body: send(two.doctor, "", body, key=key))
        assert answer.status_code == 201
        made.append(answer.json()["id"])
    for request in made[:3]:
        held = line.until_answered(
            lambda key, request=request: send(two.doctor, f"/{request}/place", {"slot": slot}, key=key)
        )
        # The person has a place in this session already: one of them gets it, the others are told.
        assert held.status_code in {201, 409}
    for request in made:
        for what in WAY:
            said = {"content": REPORT} if what == "report" else {}
            client = two.doctor if what in BY_DOCTOR else two.office
            answer = line.until_answered(
                lambda key, path=f"/{request}/acts/{what}", client=client, said=said: send(
                    client, path, said, key=key
                )
            )
            assert answer.status_code == 200, answer.content
    assert line.lost > 10
    with scoped(SYSTEM, area="*"):
        assert Request.objects.count() == 4
        assert set(Request.objects.values_list("state", flat=True)) <= {each.value for each in OVER}
        doubled = Counter(Step.objects.values_list("request_id", "act")).most_common(1)[0][1]
    assert doubled == 1
    assert list(capacity.drift()) == []


def test_the_key_of_one_post_is_not_taken_for_another(two) -> None:
    key = two.draft()["id"]
    once = str(uuid7())
    assert send(two.doctor, f"/{key}/acts/submit", {}, key=once).status_code == 200
    told = problem(send(two.doctor, f"/{key}/acts/submit", {"words": "别的"}, key=once), 422)
    assert told["code"] == "ledger.idempotency_key_reused"
    problem(send(two.doctor, f"/{key}/acts/withdraw", {}, key=once), 422)
    assert left(key)[0] == "SUBMITTED"


# --- What cannot be -----------------------------------------------------------------------------------------


def refused(client: Client, request: str, ask: Callable[[], Any], status: int, code: str) -> dict[str, Any]:
    """The problem, which names the way on and has changed nothing."""
    before = left(request)
    told = problem(ask(), status)
    assert code in {each["code"] for each in told["errors"]}, told
    assert all(each["way_on"] for each in told["errors"])
    assert left(request) == before
    return told


def close(institution: UUID) -> None:
    """It closes today."""
    row = InstitutionVersion.objects.get(institution_id=institution, period__contains=ledger.today())
    row.period = DateRange(row.period.lower, ledger.today())
    row.save()


def died(two: Two) -> None:
    with scoped(two.site.actor(Role.PRIMARY_DOCTOR)):
        assert Resident.objects.filter(id=two.resident).update(deceased_on=ledger.today())


def test_to_oneself(two) -> None:
    key, own = two.draft()["id"], str(two.site.township)
    ask = {"to": own}
    refused(
        two.doctor,
        key,
        lambda: send(two.doctor, f"/{key}", ask, method="patch", **{"If-Match": "*"}),
        422,
        "exchange.to_oneself",
    )
    refused(two.doctor, key, lambda: send(two.doctor, f"/{key}/acts/submit", ask), 422, "exchange.to_oneself")
    problem(send(two.doctor, "", two.body(to=own, problem_code="E11")), 422)


def test_to_an_institution_that_has_closed(two) -> None:
    key = two.draft(to=str(two.site.stranger))["id"]
    close(two.site.stranger)
    told = refused(
        two.doctor,
        key,
        lambda: send(two.doctor, f"/{key}/acts/submit", {}),
        409,
        "exchange.receiver_closed",
    )
    assert "另选" in told["way_on"]
    sent = two.sent(problem_code="E11", problem="2型糖尿病")
    ask = {"to": str(two.site.stranger), "words": "请转他院"}
    refused(
        two.office,
        sent,
        lambda: send(two.office, f"/{sent}/acts/redirect", ask),
        409,
        "exchange.receiver_closed",
    )


def test_to_one_without_the_specialty_also_by_redirecting(two) -> None:
    up = {"kind": "up", "payload": {"reason": "示例", "ground": {"beyond": "capacity"}}}
    made = two.draft(specialty="04.06", **up)["id"]
    refused(
        two.doctor, made, lambda: send(two.doctor, f"/{made}/acts/submit", {}), 409, "referrals.not_licensed"
    )
    sent = two.sent(specialty="03.04", problem_code="I20", **up)
    LicensedSpecialty.objects.filter(institution_id=two.site.stranger).update(
        period=DateRange(date(2018, 1, 1), ledger.today())
    )
    ask = {"to": str(two.site.stranger), "words": "请转他院"}
    refused(
        two.office,
        sent,
        lambda: send(two.office, f"/{sent}/acts/redirect", ask),
        409,
        "referrals.not_licensed",
    )


def test_somebody_who_died(two) -> None:
    key = two.draft(kind="up", payload={"reason": "示例", "ground": {"beyond": "capacity"}})["id"]
    died(two)
    refused(two.doctor, key, lambda: send(two.doctor, f"/{key}/acts/submit", {}), 422, "exchange.deceased")
    problem(send(two.doctor, "", two.body(problem_code="E11")), 422)


def test_one_is_open_already_and_a_reason_leads_on(two) -> None:
    key = two.sent()
    told = refused(two.doctor, key, lambda: send(two.doctor, "", two.body()), 409, "exchange.open_already")
    assert "待接收" in told["detail"]
    assert two.draft(again="家属要求另一专科也看")["state"] == "DRAFT"
    # A draft whose problem becomes that of an open one is caught when it is sent.
    other = two.draft(problem_code="E11", problem="2型糖尿病")["id"]
    send(two.doctor, f"/{other}", {"problem_code": "I10"}, method="patch", **{"If-Match": "*"})
    refused(
        two.doctor, other, lambda: send(two.doctor, f"/{other}/acts/submit", {}), 409, "exchange.open_already"
    )


def test_withdrawing_after_the_arrival(two) -> None:
    key = two.sent()
    act(two.office, key, "arrive")
    for what in ("withdraw", "cancel"):
        told = refused(
            two.doctor,
            key,
            lambda what=what: send(two.doctor, f"/{key}/acts/{what}", {"words": "不去了"}),
            409,
            "exchange.not_in_this_state",
        )
        assert "已到院" in told["way_on"] and told["acts"] == ["die"]


def test_accepting_twice_and_reporting_on_nobody(two) -> None:
    key = two.sent()
    act(two.office, key, "accept")
    twice = refused(
        two.office,
        key,
        lambda: send(two.office, f"/{key}/acts/accept", {}),
        409,
        "exchange.not_in_this_state",
    )
    assert "已经接收" in twice["way_on"] and "arrive" in twice["acts"]
    early = refused(
        two.office,
        key,
        lambda: send(two.office, f"/{key}/acts/report", {"content": REPORT}),
        409,
        "exchange.not_in_this_state",
    )
    assert "先登记到院" in early["way_on"]


def test_a_return_without_what_to_do_instead(two) -> None:
    key = two.sent()
    bare = {"code": "no_capacity", "words": "没有床位"}
    for instead in (None, {}, {"advice": " "}, {"missing": []}):
        refused(
            two.office,
            key,
            lambda instead=instead: send(
                two.office,
                f"/{key}/acts/return",
                bare | ({} if instead is None else {"alternative": instead}),
            ),
            422,
            "exchange.return_without_alternative",
        )
    refused(
        two.office,
        key,
        lambda: send(two.office, f"/{key}/acts/return", {"alternative": {"advice": "先口服药物"}}),
        422,
        "exchange.return_without_reason",
    )


def test_a_hold_that_ran_out_is_told_and_nothing_written_is_lost(two, session) -> None:
    offered = session({Channel.REFERRAL: 1})
    key = two.draft()["id"]
    send(two.doctor, f"/{key}/place", {"slot": str(slot_of(offered))})
    send(two.doctor, f"/{key}", {"payload": {"wanted": "评估"}}, method="patch", **{"If-Match": "*"})
    later(seconds=(HOLD + timedelta(seconds=1)).total_seconds())
    refused(
        two.doctor, key, lambda: send(two.doctor, f"/{key}/acts/submit", {}), 409, "exchange.place_lapsed"
    )
    assert two.doctor.get(f"/api/requests/{key}").json()["payload"]["wanted"] == "评估"
    again = send(two.doctor, f"/{key}/place", {"slot": str(slot_of(offered))})
    assert again.status_code == 201, "the way on: choose a place again"
    assert act(two.doctor, key, "submit")["state"] == "SUBMITTED"
    assert sum(used(offered).values()) == 1
    assert list(capacity.drift()) == []
