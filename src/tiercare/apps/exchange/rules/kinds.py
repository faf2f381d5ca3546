"""What kinds of request there are. Each adds a payload, guards and the legs of the table that it goes by; higher apps
register theirs in ``AppConfig.ready()``. No kind has a workflow of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from ..workflow import Act, Leg


class Urgency(IntEnum):
    """How soon; the lower goes first. The same words as in the guidelines."""

    EMERGENCY = 0
    URGENT = 1
    ROUTINE = 2


URGENCY_NAMES: Mapping[Urgency, Text] = {
    Urgency.EMERGENCY: Text("急危重", "emergency"),
    Urgency.URGENT: Text("紧急", "urgent"),
    Urgency.ROUTINE: Text("常规", "routine"),
}
Payload = Mapping[str, Any]
# What is wrong with a payload for an act: ``guard(payload, standing)``; nothing where all is well.
Guard = Callable[..., list[Refusal]]
# Whether an institution can take such a request at all: ``able(actor, standing, to)`` answers a refusal, or nothing.
Able = Callable[..., Refusal | None]
# What else happens with an act, in its transaction: actor, the request as it stood, what was said.
Effect = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request. ``legs``: how it goes; ``guards``: what an act asks of the payload, with what is said with the
    act laid over it; ``effects``: what else happens with an act, called as
    ``effect(actor, standing=…, said=…)`` after the step; ``able``: what speaks against a receiver."""

    id: str
    name: Text
    legs: tuple[Leg, ...]
    guards: Mapping[Act, Guard] = field(default_factory=dict)
    effects: Mapping[Act, Effect] = field(default_factory=dict)
    able: Able | None = None


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; called while the apps are set up.

    Raises:
        ValueError: if another kind has its id.
    """
    if _KINDS.setdefault(kind.id, kind) is not kind:
        raise ValueError(f"there are two kinds {kind.id!r}")


def kind_of(id_: str) -> Kind:
    """The kind of that id.

    Raises:
        KeyError: if nobody registered it.
    """
    return _KINDS[id_]


def kinds() -> Mapping[str, Kind]:
    """All of them, by id."""
    return dict(_KINDS)
