"""The hash chain over the events: what is hashed, and what can be wrong with it. No database in here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tiercare.kernel.text import Text

GENESIS = bytes(32)
FIELDS = (
    "id",
    "sequence",
    "at",
    "kind",
    "version",
    "subject_type",
    "subject_id",
    "institution_id",
    "division_code",
    "actor_id",
    "actor_name",
    "actor_role",
    "channel",
    "request_id",
    "clauses",
    "payload",
)
# One encoder for all rows: json.dumps with options would make a new one for each.
_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False
).encode


def canonical(row: Sequence[object]) -> bytes:
    """All columns of one event as canonical JSON: keys sorted, no spaces, UTF-8.

    ``row`` holds one value for each of ``FIELDS``: text, whole numbers, ``None``, a list of text for
    ``clauses`` and JSON text for ``payload`` (whose own keys are sorted too).
    """
    record = dict(zip(FIELDS, row, strict=True))
    record["payload"] = json.loads(str(record["payload"]))
    return _encode(record).encode()


def link(previous: bytes, event: bytes) -> bytes:
    """The hash of one position: SHA-256 over the hash before it and the canonical event. 32 bytes."""
    return hashlib.sha256(previous + event).digest()


class FaultCode(StrEnum):
    """What can be wrong with the chain."""

    EVENT_CHANGED = "EVENT_CHANGED"
    EVENT_MISSING = "EVENT_MISSING"
    POSITION_MISSING = "POSITION_MISSING"
    LINK_BROKEN = "LINK_BROKEN"
    REWRITTEN = "REWRITTEN"
    TRUNCATED = "TRUNCATED"
    EVENT_STRAY = "EVENT_STRAY"
    CHECKPOINT_FORGED = "CHECKPOINT_FORGED"
    CHECKPOINT_MISSING = "CHECKPOINT_MISSING"
    SEALED_AGAIN = "SEALED_AGAIN"
    READING_MISSING = "READING_MISSING"
    READING_STRAY = "READING_STRAY"
    READING_CHANGED = "READING_CHANGED"


SENTENCES = {
    FaultCode.EVENT_CHANGED: Text(
        "事件与封存值不符：其内容或封存值在封存后被修改",
        "the event does not match its seal: one of the two was changed after the sealing",
    ),
    FaultCode.EVENT_MISSING: Text("已封存的事件被删除", "the sealed event was deleted"),
    FaultCode.POSITION_MISSING: Text("封存序号缺失", "this position of the chain is missing"),
    FaultCode.LINK_BROKEN: Text(
        "与前一条不衔接（被插入、删除或调换顺序）",
        "it does not follow the position before it (inserted, deleted or reordered)",
    ),
    FaultCode.REWRITTEN: Text(
        "与已签名的检查点不一致，自此序号起链条被重写",
        "the chain was rewritten: from here on it disagrees with a signed checkpoint",
    ),
    FaultCode.TRUNCATED: Text(
        "链条尾部被截断，或数据库是旧副本：已签名的检查点到达更后的序号",
        "the tail was cut off, or the database is an older copy: a signed checkpoint reaches further",
    ),
    FaultCode.EVENT_STRAY: Text(
        "事件既未封存也不在待封存之列（绕过程序写入或删除）",
        "an event is neither sealed nor waiting to be (written or deleted past the program)",
    ),
    FaultCode.CHECKPOINT_FORGED: Text(
        "检查点文件中有一行签名无效", "a line of the checkpoint file carries no valid signature"
    ),
    FaultCode.CHECKPOINT_MISSING: Text(
        "数据库中的检查点在检查点文件中找不到",
        "a checkpoint of the database is missing from the checkpoint file",
    ),
    FaultCode.SEALED_AGAIN: Text(
        "已封存的事件又被列入待封存", "a sealed event was put among those that wait to be sealed"
    ),
    FaultCode.READING_MISSING: Text(
        "调阅事件缺少所涉居民的调阅记录", "an event of reading has lost the row of a resident whom it names"
    ),
    FaultCode.READING_STRAY: Text(
        "调阅记录没有对应的事件，或事件未涉及该居民",
        "a row of reading has no event, or its event names no such resident",
    ),
    FaultCode.READING_CHANGED: Text(
        "调阅记录的时间、机构或区划与事件不一致",
        "a row of reading tells another time, institution or area than its event",
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    ``position`` is the place in the chain; strays and bad files have none. ``place`` says where else to look:
    a line of a file, or the resident of a row of reading.
    """

    code: FaultCode
    position: int | None = None
    event_id: UUID | None = None
    place: str = ""

    @property
    def sentence(self) -> Text:
        """What is wrong, for people."""
        return SENTENCES[self.code]


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The outcome of a verification.

    ``sealed`` positions were read, ``signed`` of them lie under a signed checkpoint, ``unsealed`` events
    wait for the sealer (normally for seconds).
    """

    sealed: int
    signed: int
    unsealed: int
    faults: tuple[Fault, ...]

    @property
    def intact(self) -> bool:
        """True if nothing is wrong."""
        return not self.faults

    @property
    def first(self) -> Fault | None:
        """The fault at the lowest position; without any position, the first that was found."""
        return min(self.faults, key=lambda fault: (fault.position is None, fault.position or 0), default=None)

    @property
    def first_bad(self) -> int | None:
        """The lowest position at which something is wrong."""
        return self.first.position if self.first else None
