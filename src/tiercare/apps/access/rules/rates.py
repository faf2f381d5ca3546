"""How often something may be asked before it looks like scraping or guessing; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text


class Rated(StrEnum):
    """What is counted."""

    RESIDENT_LOOKUP = "resident_lookup"
    CARD_SCAN = "card_scan"
    SIGN_IN_CODE = "sign_in_code"


class Per(StrEnum):
    """Whose count it is: the asking account, its institution, the address, or the one asked about."""

    ACCOUNT = "account"
    INSTITUTION = "institution"
    SOURCE = "source"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` in each window of ``seconds``, which begin with the minute or the hour."""

    per: Per
    seconds: int
    most: int

    def window(self, now: datetime) -> datetime:
        """When the window in which ``now`` falls began."""
        return datetime.fromtimestamp(now.timestamp() // self.seconds * self.seconds, UTC)

    def remaining(self, now: datetime) -> timedelta:
        """How long the window still lasts."""
        return self.window(now) + timedelta(seconds=self.seconds) - now


_MINUTE, _HOUR = 60, 3600
# Our own numbers, not policy. A desk that works without a pause looks up a person every ten seconds and scans a
# card every five; the limits leave several times that for a burst and stop a machine that walks through numbers.
# A busy hospital has some thirty desks. A code by text message costs money and disturbs: five an hour to one
# person; a village behind one address may still sign in after a meeting.
LIMITS: Mapping[Rated, tuple[Limit, ...]] = {
    Rated.RESIDENT_LOOKUP: (
        Limit(Per.ACCOUNT, _MINUTE, 60),
        Limit(Per.ACCOUNT, _HOUR, 600),
        Limit(Per.INSTITUTION, _HOUR, 3000),
    ),
    Rated.CARD_SCAN: (
        Limit(Per.ACCOUNT, _MINUTE, 60),
        Limit(Per.ACCOUNT, _HOUR, 900),
        Limit(Per.INSTITUTION, _HOUR, 6000),
    ),
    Rated.SIGN_IN_CODE: (
        Limit(Per.SUBJECT, _HOUR, 5),
        Limit(Per.SOURCE, _MINUTE, 20),
        Limit(Per.SOURCE, _HOUR, 120),
    ),
}

_NAMES: Mapping[Rated, Text] = {
    Rated.RESIDENT_LOOKUP: Text("查找居民", "Looking up residents"),
    Rated.CARD_SCAN: Text("扫电子健康卡", "Scanning health cards"),
    Rated.SIGN_IN_CODE: Text("索取验证码", "Asking for a code"),
}


def too_often(what: Rated, wait: timedelta) -> Refusal:
    """Asked too often; ``wait`` is what remains of the window."""
    return Refusal(
        code="access.too_often",
        message=Text(
            "{what}的次数超过了平台的限度，请 {seconds} 秒后再试。",
            "{what}: more often than the platform allows. Try again in {seconds} seconds.",
        ),
        instead=Text(
            "窗口确实这样忙时，请联系平台管理员；成批核对请用导入或名单。",
            "If your desk really is that busy, tell the platform operator; for whole batches use imports or lists.",
        ),
        fields={"what": _NAMES[what], "seconds": max(1, -int(-wait.total_seconds() // 1))},
        status=429,
    )
