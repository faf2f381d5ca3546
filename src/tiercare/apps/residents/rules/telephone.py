"""When a telephone on record may receive one-time codes, and what its former bearer is told; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tiercare.kernel.clock import ZONE

# Ours, no document sets it: a number that a desk has put in the place of another waits three days before codes go to
# it. The number that stood before is told at once, and three days reach over a weekend until a desk is open again.
SERVES_AFTER = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone of a person: its blind index, and from when until when it stood on record (``None``: it still does)."""

    blind: bytes
    since: datetime
    until: datetime | None = None


def serves(number: Telephone, among: Collection[Telephone], *, at: datetime) -> bool:
    """Whether codes go to ``number`` at that moment; ``among`` are all that the person ever had.

    The first one on record serves at once: there was nobody to be told. Any other has stood for ``SERVES_AFTER``;
    or it served before, and was put back within that time, as where a desk mends its own slip.
    """
    if not any(each.blind != number.blind and each.since < number.since for each in among):
        return True
    if at - number.since >= SERVES_AFTER:
        return True
    return any(
        each.blind == number.blind
        and each.until is not None
        and each.since < each.until <= number.since < each.until + SERVES_AFTER
        and serves(each, among, at=each.until)
        for each in among
    )


def replaced_message(*, at: datetime, institution: str) -> str:
    """What the number that stood before is told: that it was changed, when, by whom, and what to do."""
    when = at.astimezone(ZONE)
    hours = int(SERVES_AFTER.total_seconds() // 3600)
    return (
        f"【分级诊疗】您档案里的手机号已于{when.month}月{when.day}日{when:%H:%M}由{institution or '登记机构'}更改，"
        f"本号码不再接收登录验证码；如有新号码，{hours} 小时后才能用来登录。"
        "不是您要求的，请尽快带身份证到该机构或建档的卫生院核对。"
    )
