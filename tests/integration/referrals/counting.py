"""Requests laid down step by step, with the hours at which each happened: what the statistics are checked against by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange.models import Request, Step
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.rules.owners import Level
from tiercare.apps.exchange.workflow import OVER, Act, Leg, State, transition
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7

SYSTEM = Actor.system("test")


def at(day: date, hour: float = 8) -> datetime:
    """An hour of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(hours=hour)


def laid(
    kind: str,
    sender: UUID,
    receiver: UUID,
    resident: UUID,
    sent: datetime,
    steps: Sequence[tuple[Act, float] | tuple[Act, float, str] | tuple[Act, float, str, UUID]] = (),
    *,
    urgency: Urgency = Urgency.ROUTINE,
    group: str = "",
    department: UUID | None = None,
) -> UUID:
    """A request that was sent then, and took these steps so many hours later: act, hours, code, and to whom it was redirected."""
    legs = (Leg.REMOTE,) if kind == "advice" else (Leg.VISIT,)
    key, state, to, last = uuid7(), State.DRAFT, receiver, sent
    history = []
    for act, hours, *more in [(Act.SUBMIT, 0.0), *steps]:
        row = transition(state, act, legs)
        assert row is not None, (state, act)
        code = more[0] if more else ""
        by = sender if row.by.value == "sender" else to
        to = more[1] if len(more) > 1 else to
        moment = sent + timedelta(hours=hours)
        last = moment if act in {Act.SUBMIT, Act.REDIRECT} else last
        history.append((act, state, row.target, by, moment, code))
        state = row.target
    over = state in OVER
    with scoped(SYSTEM, area="*"):
        Request.objects.create(
            id=key,
            number=key.hex[-12:].upper(),
            kind=kind,
            state=state.value,
            urgency=urgency,
            resident_id=resident,
            problem_code="I10",
            problem="原发性高血压",
            from_institution=sender,
            from_account=SYSTEM_ACCOUNT,
            area="340223",
            to_institution=to,
            to_department=department,
            parties=sorted({sender, receiver, to}),
            owner_level=None if over else Level.OFFICE.value,
            owner_institution=None if over else to,
            due_at=None if over else history[-1][4] + timedelta(days=2),
            payload={"group": group} if group else {},
            made_at=sent - timedelta(minutes=10),
            sent_at=last,
            over_at=history[-1][4] if over else None,
        )
        for act, source, target, by, moment, code in history:
            Step.objects.create(
                request_id=key,
                resident_id=resident,
                act=act.value,
                source=source.value,
                target=target.value,
                institution_id=by,
                at=moment,
                code=code,
                words="写明原因" if code else "",
                alternative={"advice": "…"} if act is Act.RETURN else None,
            )
    return key


SYSTEM_ACCOUNT = UUID(int=1)
