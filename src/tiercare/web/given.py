"""What a form sent, value by value: each refused by its field's name where it is none."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.http import QueryDict

from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

_LONGEST = 20_000


def text(given: QueryDict, name: str, *, longest: int = _LONGEST) -> str:
    """A line or a text, without the blanks around it.

    Raises:
        Refused: if it is too long.
    """
    value = given.get(name, "").strip()
    if len(value) > longest:
        raise Refused(
            Refusal(
                code="too_long",
                message=Text("内容太长：{length} 字。", "Too long: {length} characters."),
                instead=Text("请缩短到 {longest} 字以内。", "Shorten it to {longest} characters."),
                fields={"length": len(value), "longest": longest},
                at=name,
                status=422,
            )
        )
    return value


def day(given: QueryDict, name: str) -> date:
    """A day.

    Raises:
        Refused: if it is none.
    """
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        raise Refused(
            Refusal(
                code="not_a_day",
                message=Text("没有填写日期，或日期不存在。", "The day is missing, or does not exist."),
                instead=Text("请按 2019-07-01 的样子填写日期。", "Write the day like 2019-07-01."),
                at=name,
                status=422,
            )
        ) from None


def moment(given: QueryDict, name: str) -> datetime:
    """A day and a time as people in China read them.

    Raises:
        Refused: if it is none.
    """
    try:
        return datetime.fromisoformat(given.get(name, "")).replace(tzinfo=ZONE)
    except ValueError:
        raise Refused(
            Refusal(
                code="not_a_moment",
                message=Text("没有填写时间，或时间不存在。", "The time is missing, or does not exist."),
                instead=Text("请选日期和时间。", "Choose a day and a time."),
                at=name,
                status=422,
            )
        ) from None


def key(given: QueryDict, name: str) -> UUID:
    """An id from a list.

    Raises:
        Refused: if it is none.
    """
    try:
        return UUID(given.get(name, ""))
    except ValueError:
        raise Refused(
            Refusal(
                code="nothing_chosen",
                message=Text("没有选择。", "Nothing was chosen."),
                instead=Text("请从列表中选择。", "Choose from the list."),
                at=name,
                status=422,
            )
        ) from None
