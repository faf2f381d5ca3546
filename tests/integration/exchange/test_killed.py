"""A process that is killed between what happened to a place and what follows for its request leaves exactly one effect."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections

from tiercare.apps.access.queries import scoped
from tiercare.apps.capacity import commands as places
from tiercare.apps.capacity.models import Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.exchange import commands
from tiercare.apps.exchange.models import Request, Step
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger.models import Delivery
from tiercare.kernel.actor import Actor

from ..capacity.conftest import Hospital, hospital
from ..jobs.conftest import committed, home, start_child
from ..residents.conftest import Site, three_institutions

__all__ = ["committed", "home", "hospital", "start_child"]
pytestmark = pytest.mark.processes
SYSTEM = Actor.system("test")
_WRITTEN = (
    "exchange_request, capacity_pool, words_message, residents_resident, residents_token,"
    " residents_responsibledoctor, access_carerelation, referrals_package"
)


@pytest.fixture
def site(_wuhu: None, committed: None, home: Path) -> Iterator[Site]:
    """The three institutions, for tests that commit."""
    yield three_institutions()
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {_WRITTEN} CASCADE")


def delivered(start_child: Callable[..., subprocess.Popen[str]]) -> None:
    """What is due is delivered, by however many processes it takes."""
    end = time.monotonic() + 180
    while Delivery.objects.exclude(state="DONE").exists():
        assert time.monotonic() < end, list(Delivery.objects.exclude(state="DONE").values())
        start_child("deliver", "never").wait(30)


@pytest.mark.parametrize("point", ["claimed", "marked", "committed"])
def test_a_place_that_goes_away_is_told_once(
    hospital: Hospital,
    register: Callable[..., UUID],
    start_child: Callable[..., subprocess.Popen[str]],
    point: str,
) -> None:
    resident, doctor = register("王小明"), hospital.family_doctor
    pool = hospital.pool()
    hospital.offer(hospital.planned(pool, capacity=2, units={Channel.OPEN: 2}))
    row = commands.draft(
        doctor,
        kind="up",
        resident_id=resident,
        urgency=Urgency.ROUTINE,
        problem_code="I10",
        problem="原发性高血压",
        payload={"reason": "血压控制不佳", "ground": {"severity": "urgent"}},
    )
    slot = Slot.objects.get(session__pool=pool)
    taken = commands.hold_place(doctor, request_id=row.id, slot_id=slot.id)
    commands.turn(doctor, request_id=row.id, act=Act.SUBMIT)
    commands.turn(hospital.office, request_id=row.id, act=Act.ACCEPT)
    delivered(start_child)
    places.turn(hospital.site.resident(resident), booking_id=taken.booking_id, act=PlaceAct.CANCEL)
    child = start_child("deliver", point)
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    child.kill()
    child.wait()
    delivered(start_child)
    with scoped(SYSTEM, area="*"):
        steps = list(
            Step.objects.filter(request_id=row.id).order_by("at", "id").values_list("act", flat=True)
        )
        after = Request.objects.get(id=row.id)
    assert steps == ["submit", "accept", "schedule", "lose_place"]
    assert (after.state, after.booking_id, after.owner_level) == ("ACCEPTED", None, "OFFICE")
    assert drift() == []
