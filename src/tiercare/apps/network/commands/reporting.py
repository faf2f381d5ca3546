"""Confirming that nothing changed: a register that nobody touched is either right or forgotten."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.queries import now
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events, models
from ..queries.freshness import CONFIRMABLE
from ..rules.registers import REGISTERS
from .standing import standing_institution


@transaction.atomic
def confirm_register(*, actor: Actor, institution_id: UUID, register: str) -> models.Reported:
    """Confirm today that an institution's register is right as it stands (核对无变化).

    Who keeps the institution's registers may, and the commission of its area.

    Raises:
        Refused: if there is no such register, the institution does not exist today, or the actor may not.
    """
    if register not in CONFIRMABLE:
        raise Refused(_no_such_register(register))
    at = now()
    institution = standing_institution(institution_id, day_of(at))
    refusal = may(
        actor, Right.NETWORK_REPORT, division=institution.division_code, institution_id=institution_id
    )
    if refusal and may(actor, Right.NETWORK_DECIDE, division=institution.division_code):
        raise Refused(refusal)
    reported = _reported(institution_id, register, at, actor.name)
    ledger.append(
        actor,
        events.RegisterConfirmed(str(institution_id), register),
        subject_type="institution",
        subject_id=institution_id,
        institution_id=institution_id,
        division_code=institution.division_code,
    )
    return reported


def _reported(institution_id: UUID, register: str, at: datetime, by: str) -> models.Reported:
    reported, _ = models.Reported.objects.update_or_create(
        institution_id=institution_id, register=register, defaults={"at": at, "by": by}
    )
    return reported


def _no_such_register(register: str) -> Refusal:
    return Refusal(
        code="register_cannot_be_confirmed",
        message=Text("没有可核对的登记册“{register}”。", "There is no register “{register}” to confirm."),
        instead=Text("可核对：{known}。", "You can confirm: {known}."),
        fields={
            "register": register,
            "known": Text(
                "、".join(REGISTERS[key].name.zh for key in CONFIRMABLE),
                ", ".join(REGISTERS[key].name.en for key in CONFIRMABLE),
            ),
        },
        at="register",
        status=422,
    )
