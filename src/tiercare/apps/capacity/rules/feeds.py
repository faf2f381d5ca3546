"""Messages of a hospital's own system: what one may say, what of it still holds, and how places are made to fit.

Whatever is told keeps the sequence that told it last; a full message drops what earlier ones told of its days. Both
only ever take the greater number, so the order in which messages come, and how often, does not matter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .planning import MOST_UNITS
from .vocabulary import OFFERED, Channel

# Ours, against slips: three months of a large hospital come in several messages.
MOST_DAYS, MOST_SESSIONS, MOST_SLOTS = 92, 1_000, 15_000
LONGEST_KEY = 64
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ToldSlot:
    """A slot as the hospital's system has it: ``capacity`` in all, ``sold`` of them by itself (window, own app)."""

    key: str
    starts: datetime
    ends: datetime
    capacity: int
    sold: int = 0


@dataclass(frozen=True, slots=True)
class ToldSession:
    """A session as the hospital's system has it; ``pool`` and ``physician`` are codes of the platform's registers.

    In a delta ``slots`` are those that changed; in a full message all of them.
    """

    key: str
    pool: str
    starts: datetime
    ends: datetime
    physician: str = ""
    place: str = ""
    on_offer: bool = True
    reason: str = ""
    slots: tuple[ToldSlot, ...] = ()

    @property
    def day(self) -> date:
        """The day in China on which it starts."""
        return day_of(self.starts)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: with ``full`` it says everything about ``days``, else only what changed."""

    source: str
    sequence: int
    full: bool
    days: tuple[date, ...]
    sessions: tuple[ToldSession, ...]

    @property
    def digest(self) -> str:
        """What tells one content from another, whatever the zone in which its times are written."""
        plain = json.dumps(asdict(self), default=_plain, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def faults(message: Message) -> list[Refusal]:
    """Everything that is wrong with a message by itself, each with its place."""
    return list(_faults(message))


def _faults(message: Message) -> Iterator[Refusal]:
    if not _SOURCE.fullmatch(message.source):
        yield _fault("source", "source", _SOURCE_WORDS)
    if not 1 <= message.sequence <= _LAST:
        yield _fault("sequence", "sequence", _SEQUENCE_WORDS)
    if message.full and not 1 <= len(message.days) <= MOST_DAYS:
        yield _fault("days", "days", _DAYS_WORDS, most=MOST_DAYS)
    if not message.full and (message.days or not message.sessions):
        yield _fault("delta", "days" if message.days else "sessions", _DELTA_WORDS)
    slots = sum(len(each.slots) for each in message.sessions)
    if len(message.sessions) > MOST_SESSIONS or slots > MOST_SLOTS:
        yield _fault("too_much", "sessions", _TOO_MUCH_WORDS, sessions=MOST_SESSIONS, slots=MOST_SLOTS)
        return
    yield from _twice("sessions", [each.key for each in message.sessions])
    for session in message.sessions:
        yield from _session_faults(message, session)


def _session_faults(message: Message, session: ToldSession) -> Iterator[Refusal]:
    at = f"sessions[{session.key[:LONGEST_KEY]}]"
    if not _usable(session.key):
        yield _fault("key", at, _KEY_WORDS, longest=LONGEST_KEY)
    if not session.starts < session.ends <= session.starts + timedelta(days=1):
        yield _fault("times", f"{at}.ends", _TIMES_WORDS)
    if message.full and session.day not in message.days:
        yield _fault("other_day", f"{at}.starts", _OTHER_DAY_WORDS, day=session.day)
    if message.full and session.on_offer and not session.slots:
        yield _fault("no_slots", f"{at}.slots", _NO_SLOTS_WORDS)
    yield from _twice(f"{at}.slots", [each.key for each in session.slots])
    for slot in session.slots:
        there = f"{at}.slots[{slot.key[:LONGEST_KEY]}]"
        if not _usable(slot.key):
            yield _fault("key", there, _KEY_WORDS, longest=LONGEST_KEY)
        if not session.starts <= slot.starts < slot.ends <= session.ends:
            yield _fault("slot_outside", there, _OUTSIDE_WORDS)
        if not (0 <= slot.capacity <= MOST_UNITS and 0 <= slot.sold <= MOST_UNITS):
            yield _fault("count", there, _COUNT_WORDS, most=MOST_UNITS)


def _twice(at: str, keys: Sequence[str]) -> Iterator[Refusal]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield _fault("twice", at, _TWICE_WORDS, key=key[:LONGEST_KEY])


def _usable(key: str) -> bool:
    return 1 <= len(key) <= LONGEST_KEY and key.isprintable()


def holds(sequence: int, full: int | None) -> bool:
    """Whether what was told by ``sequence`` still holds: no later message told the whole day without it."""
    return full is None or sequence >= full


@dataclass(frozen=True, slots=True)
class Room:
    """A time of a session: places in all, those sold elsewhere, and how many remain to be sold here."""

    capacity: int
    sold: int

    @property
    def left(self) -> int:
        """Places that are left for the platform."""
        return max(0, self.capacity - self.sold)


Time = tuple[datetime, datetime]


def rooms(slots: Iterable[ToldSlot], starts: datetime, ends: datetime) -> dict[Time, Room]:
    """What the slots of a session come to by their times; those outside it are of a session that has moved since."""
    found: dict[Time, Room] = {}
    for slot in slots:
        if starts <= slot.starts and slot.ends <= ends and (slot.capacity or slot.sold):
            known = found.get((slot.starts, slot.ends), Room(0, 0))
            found[slot.starts, slot.ends] = Room(known.capacity + slot.capacity, known.sold + slot.sold)
    return dict(sorted(found.items()))


def fit(targets: Mapping[Channel, int], used: Mapping[Channel, int], room: int) -> dict[Channel, int]:
    """The quotas of a session that has ``room`` places: none below what is used, what is promised before what is open.

    What was sold elsewhere so comes out of the open places first.

    Raises:
        ValueError: if more is used than there is room.
    """
    left = room - sum(used.get(channel, 0) for channel in OFFERED)
    if left < 0:
        raise ValueError(f"{sum(used.values())} used of {room}")
    caps = {}
    for channel in OFFERED[:-1]:
        more = min(left, max(0, targets.get(channel, 0) - used.get(channel, 0)))
        caps[channel] = used.get(channel, 0) + more
        left -= more
    return {**caps, Channel.OPEN: used.get(Channel.OPEN, 0) + left}


def _fault(code: str, at: str, words: Text, **fields: object) -> Refusal:
    return Refusal(
        code=f"capacity.feed_{code}",
        message=Text(f"{{at}}：{words.zh}", f"{{at}}: {words.en}"),
        instead=Text(
            "请更正后用同一序号重发；报文没有被采用。",
            "Correct it and send it again under the same sequence; nothing of it was taken.",
        ),
        fields={"at": at, **fields},
        at=at,
        status=422,
    )


_SOURCE_WORDS = Text(
    "来源须为 1 至 40 个小写字母、数字、- 或 _。", "the source is 1 to 40 small letters, digits, - or _."
)
_SEQUENCE_WORDS = Text("序号须为正整数。", "the sequence is a whole number from 1.")
_DAYS_WORDS = Text("全量报文须写明 1 至 {most} 天。", "a full message names 1 to {most} days.")
_DELTA_WORDS = Text(
    "增量报文不写日期，并至少有一个场次。", "a delta names no days, and at least one session."
)
_TOO_MUCH_WORDS = Text(
    "一个报文最多 {sessions} 个场次、{slots} 个时段。",
    "a message has at most {sessions} sessions and {slots} slots.",
)
_KEY_WORDS = Text("键须为 1 至 {longest} 个可见字符。", "a key has 1 to {longest} visible characters.")
_TIMES_WORDS = Text(
    "结束须晚于开始，且不超过一天。", "it ends after it starts, and lasts a day at the longest."
)
_OTHER_DAY_WORDS = Text("{day} 不在全量报文写明的日期里。", "{day} is none of the days of the message.")
_NO_SLOTS_WORDS = Text(
    "全量报文要列出全部时段；按号就诊的写一个时段。",
    "a full message lists all slots; a session by number has one.",
)
_OUTSIDE_WORDS = Text("时段不在场次的起止时间以内。", "the slot does not lie within its session.")
_COUNT_WORDS = Text("号数和已售数须在 0 至 {most} 之间。", "places and places sold lie between 0 and {most}.")
_TWICE_WORDS = Text("键“{key}”出现了两次。", "the key “{key}” stands there twice.")
