"""Bookings and reserves of a simulated year, from its book and its places: what was taken, by whom, and whether they came."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numba import njit

from tiercare.engines.measures.synth.around import bookings, quotas
from tiercare.engines.measures.synth.columns import Array, Piece, serial, word
from tiercare.engines.measures.synth.people import People
from tiercare.engines.measures.synth.world import World
from tiercare.engines.twin.acting import IN
from tiercare.engines.twin.play import BACK, CLOSED, FIRST, REFERRED
from tiercare.engines.twin.running import Year
from tiercare.engines.twin.state import BED_FLOOR, BEDS, BOOKED, OFFERED, RELEASED, RESERVED, USED

from .rows import own_way

_SLOT, _BED = (word("quotas", "resource", each) for each in ("slot", "bed"))
_REFERRAL, _RESIDENT, _DESK = (word("bookings", "channel", each) for each in ("referral", "resident", "desk"))
_ATTENDED, _MISSED = (word("bookings", "state", each) for each in ("attended", "missed"))


# ``lead``: days booked ahead.
_PLACE = np.dtype(
    [
        ("day", np.int32), ("site", np.int32), ("person", np.int32), ("lead", np.int32), ("channel", np.int8), ("reserved", np.bool_),
        ("state", np.int8),
    ]
)  # fmt: skip


class Places:
    """Every place of the region's hospitals that was taken for a day of the year. A place whose holder died stays taken: it counts as missed."""

    def __init__(self, year: Year, people: People, world: World) -> None:
        self._year, self._people, self._world = year, people, world
        made = np.concatenate(list(_parts(year)))
        made = made[np.argsort(made["day"], kind="stable")]
        self._rows, self._month = made, year.world.calendar.month(made["day"] + year.world.calendar.edges[0])

    def bookings(self, month: int) -> Piece:
        """The fact table of a month."""
        begin, end = np.searchsorted(self._month, [month, month + 1])
        rows = self._rows[begin:end]
        of = self._world.calendar.month(rows["day"] + self._year.world.calendar.edges[0])
        columns: dict[str, Array] = {
            name: rows[name] for name in ("site", "person", "lead", "channel", "reserved", "state")
        }
        columns |= {
            "day": rows["day"] + self._year.world.calendar.edges[0],
            "resource": np.full(len(rows), _SLOT),
        }
        return bookings(self._world, self._people, of, columns | {"number": serial(of)})

    def quotas(self, month: int) -> Piece:
        """What hospitals offered and kept on each day of a month: slots, with what referrals used of them and what was released; beds, of which
        those that are kept are never released, and used while fewer than that are free."""
        year, edges = self._year, self._year.world.calendar.edges
        days = np.arange(edges[month], edges[month + 1])
        hospitals = np.flatnonzero(year.ground.site["hospital"] & year.ground.site["inside"])
        day, site, resource = (
            each.ravel() for each in np.meshgrid(days, hospitals, (_SLOT, _BED), indexing="ij")
        )
        slots, beds = year.state.places[site, day - edges[0]], year.state.beds[site]
        free = beds[:, BEDS] - year.state.bed_days[site, day - edges[0]]
        of_beds = (
            beds[:, BEDS],
            beds[:, BED_FLOOR],
            np.clip(beds[:, BED_FLOOR] - free, 0, beds[:, BED_FLOOR]),
            0,
        )
        names = {"offered": OFFERED, "reserved": RESERVED, "used": USED, "released": RELEASED}
        found = {
            name: np.where(resource == _SLOT, slots[:, at], bed)
            for (name, at), bed in zip(names.items(), of_beds, strict=True)
        }
        return quotas(self._world, {"site": site, "day": day, "resource": resource} | found)


def _parts(year: Year) -> Iterator[Array]:
    """Places booked for another day, then those taken on the day itself."""
    book, inside = (
        year.state.book[: year.state.top[BOOKED]],
        year.ground.site["hospital"] & year.ground.site["inside"],
    )
    which, day = _due(year.state.head[: year.days], book["following"])
    kept = np.isin(book["kind"][which], (FIRST, REFERRED, BACK)) & inside[book["site"][which]]
    which, day = which[kept], day[kept]
    entries, visits = book[which], year.visits[own_way(year.visits) & inside[year.visits["site"]]]
    referred, again = entries["kind"] == REFERRED, entries["kind"] == BACK
    sent = (
        year.sent[np.where(referred, entries["sent"], 0)]
        if len(year.sent)
        else np.zeros(len(entries), year.sent.dtype)
    )
    came = np.where(referred, sent["state"] == CLOSED, _among(entries["number"], visits["number"]))
    asked = np.where(again, _discharged(year, entries, day), entries["asked"])
    channel = np.where(referred, _REFERRAL, np.where(again, _DESK, _RESIDENT))
    yield _places(
        entries, day, day - asked, channel, referred & sent["kept"], np.where(came, _ATTENDED, _MISSED)
    )
    own = visits[~_among(visits["number"], entries["number"][~referred])]
    yield _places(own, own["day"], 0, _DESK, False, _ATTENDED)


def _places(
    of: Array, day: Array, lead: Array | int, channel: Array | int, reserved: Array | bool, state: Array | int
) -> Array:
    found = np.zeros(len(of), _PLACE)
    found["site"], found["person"], found["day"], found["lead"] = of["site"], of["person"], day, lead
    found["channel"], found["reserved"], found["state"] = channel, reserved, state
    return found


def _among(numbers: Array, those: Array) -> Array:
    """Which of some numbers are among others; for millions twice as fast as ``np.isin``, which hashes."""
    if not len(those):
        return np.zeros(len(numbers), np.bool_)
    ordered = np.sort(those)
    found: Array = ordered[np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)] == numbers
    return found


def _discharged(year: Year, entries: Array, day: Array) -> Array:
    """The day on which somebody who comes back left the hospital: it made the booking. The day itself for all others."""
    stays = year.visits[year.visits["kind"] == IN]
    stays = stays[np.lexsort((stays["day"], stays["site"], stays["person"]))]
    wide = len(year.ground.site), year.days + 1

    def key(rows: Array, on: Array) -> Array:
        found: Array = (rows["person"].astype(np.int64) * wide[0] + rows["site"]) * wide[1] + on
        return found

    at = np.searchsorted(key(stays, stays["day"]), key(entries, day)) - 1
    last = stays[np.maximum(at, 0)] if len(stays) else np.zeros(len(at), stays.dtype)
    mine = (at >= 0) & (last["person"] == entries["person"]) & (last["site"] == entries["site"])
    return np.where(mine, last["day"], day)


@njit(cache=True)
def _due(head: Array, following: Array) -> tuple[Array, Array]:
    """The entries of the book that came up on each day, and the days."""
    which, days = np.empty(len(following), np.int64), np.empty(len(following), np.int32)
    n = 0
    for day in range(len(head)):
        i = head[day]
        while i >= 0:
            which[n], days[n] = i, day
            n += 1
            i = following[i]
    return which[:n], days[:n]
