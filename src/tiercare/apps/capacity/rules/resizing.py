"""A session that is to offer more or fewer places than it was published with: which channels gain or lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .vocabulary import OFFERED, RESERVED, Channel

# Whose places go first: those that nobody is promised.
_FIRST_TO_LOSE = tuple(reversed(OFFERED))


@dataclass(frozen=True, slots=True)
class Room:
    """Places of a channel, and how many of them are taken."""

    cap: int
    used: int


@dataclass(frozen=True, slots=True)
class Resized:
    """Places of each channel afterwards, and how many who have one now lose it."""

    caps: Mapping[Channel, int]
    losing: Mapping[Channel, int]


def resized(rooms: Mapping[Channel, Room], wanted: int, floors: Mapping[Channel, int]) -> Resized:
    """The channels of a session that is to offer ``wanted`` places; ``floors`` is what each has to keep for a promise.

    More places go to promises that lack some, then to all. Fewer: unused places above the floors go first, then those
    that people have there, then what the floors would keep; open ones before those kept for somebody. So nobody loses
    a place while an unpromised one stands free, and no promise before an open place.

    Raises:
        ValueError: if fewer than none are wanted.
    """
    if wanted < 0:
        raise ValueError(f"{wanted} places")
    caps = {channel: room.cap for channel, room in rooms.items()}
    more = wanted - sum(caps.values())
    if more >= 0:
        for channel in RESERVED:
            lift = min(more, max(0, floors.get(channel, 0) - caps.get(channel, 0)))
            if lift:
                caps[channel] = caps.get(channel, 0) + lift
                more -= lift
        caps[Channel.OPEN] = caps.get(Channel.OPEN, 0) + more
        return Resized(caps, {})
    return _fewer(rooms, caps, -more, floors)


def _fewer(
    rooms: Mapping[Channel, Room], caps: dict[Channel, int], fewer: int, floors: Mapping[Channel, int]
) -> Resized:
    def least(channel: Channel, *, unused: bool, promised: bool) -> int:
        floor = min(floors.get(channel, 0), rooms[channel].cap) if promised else 0
        return max(floor, rooms[channel].used) if unused else floor

    for unused, promised in ((True, True), (False, True), (True, False), (False, False)):
        for channel in (each for each in _FIRST_TO_LOSE if each in caps):
            cut = min(fewer, max(0, caps[channel] - least(channel, unused=unused, promised=promised)))
            caps[channel] -= cut
            fewer -= cut
    losing = {
        channel: room.used - caps[channel] for channel, room in rooms.items() if room.used > caps[channel]
    }
    return Resized(caps, losing)
