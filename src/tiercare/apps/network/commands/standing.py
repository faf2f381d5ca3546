"""What must exist on the day of a change, locked where it is about to change."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import models


def standing_consortium(consortium_id: UUID, on: date) -> models.ConsortiumVersion:
    """The consortium as it is on ``on``.

    Raises:
        Refused: if it does not exist that day.
    """
    row = (
        models.ConsortiumVersion.objects.select_related("consortium")
        .filter(consortium_id=consortium_id, period__contains=on)
        .first()
    )
    if row is None:
        raise Refused(not_there("consortium", Text("医联体", "consortium"), on))
    return row


def standing_institution(institution_id: UUID, on: date) -> models.InstitutionVersion:
    """The institution as it is on ``on``, locked.

    Raises:
        Refused: if it does not exist that day.
    """
    row = (
        models.InstitutionVersion.objects.select_for_update(of=("self",))
        .select_related("institution")
        .filter(institution_id=institution_id, period__contains=on)
        .first()
    )
    if row is None:
        raise Refused(not_there("institution", Text("机构", "institution"), on))
    return row


def not_there(at: str, what: Text, on: date) -> Refusal:
    """It does not exist on that day."""
    return Refusal(
        code=f"{at}_not_there",
        message=Text("该{what}在 {on} 不存在或已关闭。", "The {what} does not exist, or is closed, on {on}."),
        instead=Text(
            "请核对日期，或选择当日有效的{what}。", "Check the date, or choose a {what} that exists that day."
        ),
        fields={"what": what, "on": on},
        at=at,
        status=422,
    )
