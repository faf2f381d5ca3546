"""Those who were recorded as absent: some say why they did not come, and the hospital answers them days later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.capacity.commands.demonstration_people import oneself, staff
from tiercare.engines.population.draws import Chance

from .calls import Answer, Caller
from .ground import Ground
from .lives import Booked, working
from .looking import Objection, objections
from .script import Rates

_ANSWERED = timedelta(days=5)  # ours
_WORDS = (
    "家里老人突发急病，来不及取消。",
    "那天大雪停了班车。",
    "记错了日期，非常抱歉。",
    "住院了，没能来。",
)
_ANSWERS = {True: "情况属实，这次不计。下次来不了，请提前取消。", False: "当天有公交可到，维持登记。"}


class Absences:
    """Objections, and what is answered to them; the same for the same draws."""

    def __init__(self, call: Caller, seed: int, rates: Rates) -> None:
        self._call, self._seed, self._rates = call, seed, rates

    def object_to(self, booked: Booked, name: str) -> None:
        """The resident says why they did not come, if they do."""
        draws, who = Chance(f"objects:{self._seed}:{name}"), oneself(booked.resident_id)
        if draws.random() >= self._rates.objects:
            return
        words = draws.choice(_WORDS)

        def work() -> Answer:
            return {"appeal": str(capacity.appeal(who, booking_id=booked.id, words=words))}

        self._call(who, "object", booked.id.hex, work)

    def to_answer(self, ground: Ground, now: datetime) -> Iterator[tuple[datetime, UUID, Callable[[], None]]]:
        """What was objected to in this drive and is to be answered now: when, by whom, and the act."""
        found = objections(
            ground.hospitals, since=ground.moment(0, 0), until=now - _ANSWERED + timedelta(days=1)
        )
        for number, each in enumerate(found):
            yield working(each.since + _ANSWERED), each.host, partial(self._answer, each, number)

    def _answer(self, objection: Objection, number: int) -> None:
        name = f"{objection.host}:{objection.since.isoformat()}:{number}"
        excused = Chance(f"excused:{self._seed}:{name}").random() < self._rates.excused
        office = staff(Role.REFERRAL_OFFICE, objection.host)

        def work() -> Answer:
            capacity.decide_appeal(office, appeal_id=objection.id, excused=excused, answer=_ANSWERS[excused])
            return {}

        self._call(office, "answer an objection", objection.id.hex, work)
