"""Somebody does not come to a place before anybody has answered the request: accepting it then schedules nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import pytest

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.capacity import commands as places
from tiercare.apps.capacity.models import Booking
from tiercare.apps.capacity.workflow import Act as PlaceAct
from tiercare.apps.exchange import commands
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act, State
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.conftest import Hospital, hospital, later
from .with_places import WithPlaces, lay_ground

__all__ = ["hospital"]


def stored_place(key: UUID) -> UUID | None:
    with scoped(Actor.system(), area=EVERYWHERE):
        return Request.objects.get(id=key).booking_id


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize("told", [True, False], ids=["after the request was told", "before it is told"])
def test_a_missed_place_schedules_nothing(
    hospital: Hospital, register: Callable[..., UUID], synthetic_clock: None, told: bool
) -> None:
    class Round(WithPlaces):
        ground: ClassVar[Any] = lay_ground(hospital, [register("王小明")])

    play = Round()
    try:
        play.begin(1)  # a draft with a place held
        [key] = play.requests
        commands.turn(play.actors["doctor"], request_id=key, act=Act.SUBMIT)
        with scoped(Actor.system(), area=EVERYWHERE):
            booking = Booking.objects.get(source_id=key)
        assert booking.state == "BOOKED"
        play.deliver()
        later(hours=24 * 15)
        places.turn(hospital.desk, booking_id=booking.id, act=PlaceAct.MISS)
        if told:
            play.deliver()
            assert stored_place(key) is None
        accepted = commands.turn(play.actors["office"], request_id=key, act=Act.ACCEPT)
        assert accepted.state is State.ACCEPTED
        with pytest.raises(Refused, match="exchange"):
            commands.turn(play.actors["office"], request_id=key, act=Act.SCHEDULE, said=Said())
    finally:
        play.teardown()
