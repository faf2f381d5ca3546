"""What goes to an insurer's interface and what it answers. The form is ours until an area names its own; see
``docs/how-to/file-with-the-insurer.md``."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from tiercare.kernel.text import Text

# HTTP: what is wrong with this very message, so that sending it again as it is cannot help.
_WRONG = frozenset({400, 404, 409, 410, 422})
_LONGEST_NUMBER, _LONGEST_WORDS = 60, 300  # characters, as the columns are


class Outcome(StrEnum):
    """What an insurer answers."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """``number`` is that of the filing, ``words`` what was said with it."""

    outcome: Outcome
    number: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """``key`` makes it one message however often it is sent; ``body`` is what is told."""

    key: str
    body: Mapping[str, Any]

    def as_bytes(self) -> bytes:
        """The body as it goes over the line: the same bytes every time."""
        return json.dumps(self.body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Insurer(Protocol):
    """The interface of an area's insurance agency."""

    def hand_over(self, message: Message, *, within_seconds: float) -> Answer:
        """Send a message and wait for the answer.

        Raises:
            OSError: if there is none in time, or none that can be read. Whether the message arrived is not known then.
        """


# Why there was no answer, as it is kept; an HTTP status stands as it came.
SILENCES: Mapping[str, Text] = {
    "timeout": Text("对方没有按时答复", "no answer in time"),
    "unreachable": Text("连接不上对方系统", "their system cannot be reached"),
    "unreadable": Text("对方的答复无法识别", "an answer that cannot be read"),
    "misconfigured": Text(
        "接口配置有误，请联系平台管理员", "the connection is set up wrongly: tell the operator"
    ),
}
_THEIRS = Text("对方系统异常（{status}）", "their system failed ({status})")


def silence(error: Exception) -> str:
    """The code under which it is kept that nobody answered."""
    said = str(error)
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ValueError):
        return "misconfigured"
    if isinstance(error, OSError) and error.errno is not None:
        return "unreachable"
    return said if said.startswith("HTTP ") else "unreadable"


def silence_told(code: str, language: str) -> str:
    """Why there was no answer, in words."""
    known = SILENCES.get(code)
    return known.fill({}, language) if known else _THEIRS.fill({"status": code}, language)


def signature(key: str, moment: str, body: bytes) -> str:
    """HMAC-SHA-256 over the moment and the body, in hexadecimal."""
    return hmac.new(key.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def read_answer(status: int, body: bytes) -> Answer:
    """The answer in a response.

    Raises:
        OSError: if it is none: it is tried again.
    """
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    words = " ".join(str(told.get(name) or "") for name in ("code", "message")).strip()[:_LONGEST_WORDS]
    if status in _WRONG:
        return Answer(Outcome.REFUSED, words=words or f"HTTP {status}")
    outcome = str(told.get("result", ""))
    if status != 200 or outcome not in set(Outcome):
        raise OSError(f"HTTP {status}" if status != 200 else "an answer that cannot be read")
    return Answer(Outcome(outcome), str(told.get("number") or "")[:_LONGEST_NUMBER], words)
