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
    SIGN_IN_CODE_AT_HOME = "own_code"
    CODE_TRIED = "code_tried"
    CODE_TRIED_AT_HOME = "own_code_tried"
    SHEET_OPENED = "sheet_opened"


class Per(StrEnum):
    """Whose count it is: the asking account, its institution, the address, or the one asked about.

    The last two are the one asked about, as asked from this address, or on this device of theirs.
    """

    ACCOUNT = "account"
    INSTITUTION = "institution"
    SOURCE = "source"
    SUBJECT = "subject"
    SUBJECT_FROM_SOURCE = "from"
    SUBJECT_ON_DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` in each window of ``seconds``, which begin with the minute, the hour or the day (UTC)."""

    per: Per
    seconds: int
    most: int

    @property
    def shared(self) -> bool:
        """False for the share of one address in what all may ask about somebody: it is counted before the whole."""
        return self.per is not Per.SUBJECT_FROM_SOURCE

    def window(self, now: datetime) -> datetime:
        """When the window in which ``now`` falls began."""
        return datetime.fromtimestamp(now.timestamp() // self.seconds * self.seconds, UTC)

    def remaining(self, now: datetime) -> timedelta:
        """How long the window still lasts."""
        return self.window(now) + timedelta(seconds=self.seconds) - now


_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Our own numbers, not policy. A desk that works without a pause looks up a person every ten seconds and scans a
# card every five; the limits leave several times that for a burst and stop a machine that walks through numbers.
# A busy hospital has some thirty desks. A code by text message costs money and disturbs: five an hour to one
# person, three of them asked for from one address; a village behind one address may still sign in after a meeting.
# Six digits bear few guesses: 25 tries a day for a card, whatever codes were sent meanwhile, find one in 40,000 days.
# "At home" is a device on which this resident has signed in before. It has counts of its own, which no stranger
# can use up; from one address strangers use up only a part of theirs.
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
        Limit(Per.SUBJECT_FROM_SOURCE, _HOUR, 3),
        Limit(Per.SOURCE, _MINUTE, 20),
        Limit(Per.SOURCE, _HOUR, 120),
    ),
    Rated.SIGN_IN_CODE_AT_HOME: (Limit(Per.SUBJECT_ON_DEVICE, _HOUR, 5),),
    Rated.CODE_TRIED: (Limit(Per.SUBJECT, _DAY, 25), Limit(Per.SUBJECT_FROM_SOURCE, _DAY, 10)),
    Rated.CODE_TRIED_AT_HOME: (Limit(Per.SUBJECT_ON_DEVICE, _DAY, 20),),
    # Four signs open a sheet whose number is known: 25 tries a day find them in a year or more, and tell no name then.
    Rated.SHEET_OPENED: (
        Limit(Per.SUBJECT, _DAY, 25),
        Limit(Per.SUBJECT_FROM_SOURCE, _DAY, 10),
        Limit(Per.SOURCE, _MINUTE, 20),
        Limit(Per.SOURCE, _HOUR, 120),
    ),
}

_NAMES: Mapping[Rated, Text] = {
    Rated.RESIDENT_LOOKUP: Text("查找居民", "Looking up residents"),
    Rated.CARD_SCAN: Text("扫电子健康卡", "Scanning health cards"),
    Rated.SIGN_IN_CODE: Text("索取验证码", "Asking for a code"),
    Rated.SIGN_IN_CODE_AT_HOME: Text("索取验证码", "Asking for a code"),
    Rated.CODE_TRIED: Text("填写验证码", "Typing a code"),
    Rated.CODE_TRIED_AT_HOME: Text("填写验证码", "Typing a code"),
    Rated.SHEET_OPENED: Text("查询转诊单", "Opening referral sheets"),
}
_AT_A_DESK = Text(
    "窗口确实这样忙时，请联系平台管理员；成批核对请用导入或名单。",
    "If your desk really is that busy, tell the platform operator; for whole batches use imports or lists.",
)
_AT_HOME = Text(
    "请稍后再试，或改在您登录过的手机、电脑上登录：那里另外计数。急用请带身份证到卫生院窗口办理。",
    "Try again later, or on a device where you have signed in before: it is counted apart. In a hurry, ask at the "
    "desk of your health centre.",
)
_BY_SHEET = Text(
    "请稍后再试；急需知道时，请打转诊单上的电话。",
    "Try again later; in a hurry, call the number on the sheet.",
)
_INSTEAD: Mapping[Rated, Text] = {
    Rated.RESIDENT_LOOKUP: _AT_A_DESK,
    Rated.CARD_SCAN: _AT_A_DESK,
    Rated.SHEET_OPENED: _BY_SHEET,
}
_LAST_SECONDS, _LAST_MINUTES = timedelta(minutes=2), timedelta(hours=2)


def too_often(what: Rated, wait: timedelta) -> Refusal:
    """Asked too often; ``wait`` is what remains of the window."""
    return Refusal(
        code="access.too_often",
        message=Text(
            "{what}的次数超过了平台的限度，请 {wait}后再试。",
            "{what}: more often than the platform allows. Try again in {wait}.",
        ),
        instead=_INSTEAD.get(what, _AT_HOME),
        fields={
            "what": _NAMES[what],
            "wait": _in_words(wait),
            "seconds": max(1, _whole(wait, timedelta(seconds=1))),
        },
        status=429,
    )


def _in_words(wait: timedelta) -> Text:
    """As people say it: rounded up, so that whoever keeps to it is not refused again."""
    if wait <= _LAST_SECONDS:
        count = max(1, _whole(wait, timedelta(seconds=1)))
        return Text(f"{count} 秒", f"{count} seconds")
    if wait <= _LAST_MINUTES:
        count = _whole(wait, timedelta(minutes=1))
        return Text(f"{count} 分钟", f"{count} minutes")
    count = _whole(wait, timedelta(hours=1))
    return Text(f"{count} 小时", f"{count} hours")


def _whole(wait: timedelta, unit: timedelta) -> int:
    return -(-wait // unit)
