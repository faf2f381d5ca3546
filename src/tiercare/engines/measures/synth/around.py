"""What stands round the visits: referrals, bookings and reserves, remote services, recognised results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .cases import CANCELLED, CLOSED, OPEN, RETURNED, UP, WITHDRAWN, Sent
from .columns import Array, Piece, counts, dates, flags, keys, named, pick, serial, stream, worded
from .diseases import diseases
from .people import People
from .visits import SLICE, Slice
from .world import EMERGENCY, INPATIENT, NOBODY, World

_REFERRAL, _FAMILY_DOCTOR, _RESIDENT, _DESK, _OTHER = range(5)
_BOOKED, _ATTENDED, _MISSED, _CANCELLED = range(4)
_ITEMS, _REASONS = (pa.array(list(each)) for each in (given.ITEMS, given.NOT_RECOGNISED))
_SHARES, _FEN = (np.array(each) for each in zip(*given.ITEMS.values(), strict=True))


def referrals(world: World, people: People, sent: Sent, first: int, placed: Array | None = None) -> Piece:
    """The fact table of a chunk's referrals. ``placed``: which had a place in hand, where that is known."""
    rng = stream(world.seed, "referrals", first)
    count, end = len(sent.person), int(world.calendar.edges[-1])
    month = world.calendar.month(sent.submitted)
    accepted = ~np.isin(sent.state, (RETURNED, WITHDRAWN, CANCELLED))
    minutes = np.rint(given.ACCEPTED * rng.lognormal(0, 0.9, count) / (1 + sent.urgency))
    came = sent.arrived != NOBODY
    way = np.where(
        came, (sent.arrived - sent.submitted.astype(np.int64)) * 1440 + rng.integers(30, 540, count), 0
    )
    minutes = np.where(came & (minutes > way), np.maximum(way - 10, 1), minutes)
    on = sent.submitted + (minutes // 1440).astype(np.int64)
    accepted &= on < end
    reported = np.where(came, sent.arrived, 0) + rng.integers(0, 6, count)
    closed = reported + rng.integers(0, 4, count)
    over = (sent.state == CLOSED) & (closed < end)
    state = np.where((sent.state == CLOSED) & ~over, OPEN, sent.state)
    columns = {
        "referral": keys("R", serial(month), world.calendar.months, month),
        "person": people.names(sent.person),
        "direction": worded("referrals", "direction", sent.direction),
        **_side(world, "sender", sent.source),
        **_side(world, "receiver", sent.target),
        "home": named(world.place_division[people.home[sent.person]], world.division_names),
        "diagnosis": named(sent.code, diseases().names),
        "urgency": worded("referrals", "urgency", sent.urgency),
        "stable": flags(sent.stable),
        "place_kept": flags(rng.random(count) < given.KEPT_PLACE if placed is None else placed),
        "submitted": dates(sent.submitted),
        "accepted": dates(on, ~accepted),
        "minutes_to_accept": counts(minutes, ~accepted),
        "in_time": flags(minutes <= given.IN_TIME, ~accepted),
        "arrived": dates(sent.arrived, ~came),
        "minutes_to_arrive": counts(way, ~came),
        "reported": dates(reported, ~came | (reported >= end)),
        "closed": dates(closed, ~over),
        "state": worded("referrals", "state", state),
        "green_channel": flags((sent.urgency == 2) & (rng.random(count) < given.GREEN_CHANNEL)),
    }
    return Piece("referrals", month, columns)


def _side(world: World, side: str, sites: Array) -> dict[str, pa.Array]:
    return {
        side: named(sites, world.site_names),
        f"{side}_tier": worded("referrals", f"{side}_tier", world.site_tier[sites]),
        f"{side}_division": named(world.site_division[sites], world.division_names),
        f"{side}_consortium": named(world.site_group[sites], world.group_names),
    }


class Bookings:
    """Bookings of a chunk, and how many reserved places were used on each day."""

    def __init__(self, world: World, people: People, first: int, last: int) -> None:
        self.world, self.people, self.first = world, people, first
        self.days = slice(int(world.calendar.edges[first]), int(world.calendar.edges[last]))
        # institution × resource (slot, bed, exam) × day; all places taken, and reserved ones
        self.taken, self.reserved = (
            np.zeros((len(world.sites), 3, self.days.stop - self.days.start), np.int32) for _ in range(2)
        )

    def take(self, part: Slice) -> Piece:
        """The bookings that led to the visits of a slice, and some that led to none."""
        world, cases = self.world, part.cases
        rng = stream(world.seed, f"bookings{int(part.number[0])}", self.first * 4096 + int(part.month[0]))
        can = ~world.site_primary[cases.site] & world.site_inside[cases.site] & (cases.kind != EMERGENCY)
        chance = np.where(cases.arrival == UP, given.BOOKED[1], given.BOOKED[0]) * can
        chance = np.where((cases.kind == INPATIENT) & (cases.stay > 0), 0.0, chance)
        missed = rng.random(len(chance), np.float32) < chance * given.NOT_ATTENDED
        kept = rng.random(len(chance), np.float32) < chance
        which = np.sort(np.concatenate([np.flatnonzero(kept), np.flatnonzero(missed)]))
        lost = np.zeros(len(which), np.bool_)
        if len(which):
            lost = missed[which] & ~(kept[which] & (np.concatenate([[True], which[1:] != which[:-1]])))
        referred = (cases.arrival[which] == UP) & ~lost
        resource = pick(rng, given.RESOURCES, len(which))
        signed = self.people.signed_with(cases.person[which], cases.day[which]) >= 0
        own = np.where(
            signed & (rng.random(len(which)) < given.BY_FAMILY_DOCTOR),
            _FAMILY_DOCTOR,
            pick(rng, given.OWN_CHANNELS, len(which)),
        )
        channel = np.where(referred, _REFERRAL, own)
        reserved = (channel <= _FAMILY_DOCTOR) & (rng.random(len(which)) < given.IN_RESERVE)
        site, day, month = cases.site[which], cases.day[which], part.month[which]
        state = np.where(lost, _MISSED + (rng.random(len(which)) < 0.5), _ATTENDED)
        at = (site, resource, day - self.days.start)
        np.add.at(self.taken, at, 1)
        np.add.at(self.reserved, at, reserved & (state != _CANCELLED))
        rows = {
            "number": part.number[which] * 2 + lost,
            "person": cases.person[which],
            "site": site,
            "day": day,
        }
        rows |= {"resource": resource, "channel": channel, "reserved": reserved, "state": state}
        return bookings(world, self.people, month, rows | {"lead": rng.geometric(0.25, len(which)) - 1})

    def quotas(self) -> Iterator[Piece]:
        """What hospitals had offered and kept on each day, at least what was taken."""
        world = self.world
        rng = stream(world.seed, "quotas", self.first)
        days = np.arange(self.days.start, self.days.stop)
        hospitals = np.flatnonzero(~world.site_primary & world.site_inside)
        day, site = (each.ravel() for each in np.meshgrid(days, hospitals, indexing="ij"))
        month = world.calendar.month(day)
        for at in range(0, len(day), SLICE):
            which = slice(at, at + SLICE)
            parts = [self._offered(rng, site[which], day[which], resource) for resource in range(3)]
            order = np.argsort(np.tile(month[which], 3), kind="stable")
            joined = {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}
            yield quotas(world, joined)

    def _offered(self, rng: np.random.Generator, site: Array, day: Array, resource: int) -> dict[str, Array]:
        taken = self.taken[site, resource, day - self.days.start]
        used = self.reserved[site, resource, day - self.days.start]
        offered = (
            np.maximum(np.rint(taken * rng.uniform(*given.OFFERED, len(site))), taken).astype(np.int64) + 1
        )
        reserved = np.clip(np.rint(offered * rng.uniform(*given.RESERVED, len(site))), used, offered).astype(
            np.int64
        )
        released = np.rint((reserved - used) * rng.uniform(*given.RELEASED, len(site))).astype(np.int64)
        given_ = {"site": site, "day": day, "resource": np.full(len(site), resource), "offered": offered}
        return given_ | {"reserved": reserved, "used": used, "released": released}


def bookings(world: World, people: People, month: Array, rows: Mapping[str, Array]) -> Piece:
    """The fact table of bookings; ``rows``: number (none twice in a month), person, site, day, and indices of the words of resource,
    channel and state, whether reserved, days booked ahead (``lead``)."""
    site = rows["site"]
    columns = {
        "booking": keys("B", rows["number"], world.calendar.months, month),
        "person": people.names(rows["person"]),
        "institution": named(site, world.site_names),
        "tier": worded("bookings", "tier", world.site_tier[site]),
        "division": named(world.site_division[site], world.division_names),
        "consortium": named(world.site_group[site], world.group_names),
        "resource": worded("bookings", "resource", rows["resource"]),
        "channel": worded("bookings", "channel", rows["channel"]),
        "reserved": flags(rows["reserved"]),
        "date": dates(rows["day"]),
        "lead_days": counts(rows["lead"]),
        "state": worded("bookings", "state", rows["state"]),
    }
    return Piece("bookings", month, columns)


def quotas(world: World, rows: Mapping[str, Array]) -> Piece:
    """The fact table of reserves; ``rows``: site, resource, day, offered, reserved, used, released."""
    site = rows["site"]
    columns = {
        "institution": named(site, world.site_names),
        "division": named(world.site_division[site], world.division_names),
        "role": worded("quotas", "role", world.site_role[site]),
        "resource": worded("quotas", "resource", rows["resource"]),
        "date": dates(rows["day"]),
        **{name: counts(rows[name]) for name in ("offered", "reserved", "used", "released")},
    }
    return Piece("quotas", world.calendar.month(rows["day"]), columns)


def remote(world: World, part: Slice, first: int) -> Piece:
    """Remote services that primary care asked for at some of the visits of a slice."""
    rng = stream(world.seed, f"remote{int(part.number[0])}", first * 4096 + int(part.month[0]))
    cases = part.cases
    can = world.site_primary & world.site_inside & ~world.site_idle & (world.site_group >= 0)
    which = np.flatnonzero(can[cases.site] & (rng.random(len(cases.day), np.float32) < given.REMOTE))
    kind = pick(rng, given.REMOTE_KINDS, len(which))
    done = rng.random(len(which)) < given.REMOTE_DONE
    return services(rng, world, part, which, kind, done)


def services(
    rng: np.random.Generator, world: World, part: Slice, which: Array, kind: Array, done: Array
) -> Piece:
    """The fact table of remote services asked for at the visits ``which`` of a slice; ``kind`` as an index of its words."""
    cases = part.cases
    source, month = cases.site[which], part.month[which]
    target = world.site_up[source]
    middle = np.array(given.REMOTE_MINUTES)[kind]
    columns = {
        "service": keys("T", part.number[which], world.calendar.months, month),
        "kind": worded("remote", "kind", kind),
        "sender": named(source, world.site_names),
        "sender_tier": worded("remote", "sender_tier", world.site_tier[source]),
        "sender_division": named(world.site_division[source], world.division_names),
        "sender_consortium": named(world.site_group[source], world.group_names),
        "receiver": named(target, world.site_names),
        "receiver_tier": worded("remote", "receiver_tier", world.site_tier[target]),
        "receiver_consortium": named(world.site_group[target], world.group_names),
        "requested": dates(cases.day[which]),
        "minutes_to_report": counts(np.rint(middle * rng.lognormal(0, 0.6, len(which))) + 1, ~done),
        "done": flags(done),
    }
    return Piece("remote", month, columns)


def recognition(world: World, people: People, part: Slice, first: int) -> Piece:
    """Orders at hospitals for which there was a result elsewhere."""
    rng = stream(world.seed, f"recognition{int(part.number[0])}", first * 4096 + int(part.month[0]))
    cases = part.cases
    can = ~world.site_primary & world.site_inside
    which = np.flatnonzero(can[cases.site] & (rng.random(len(cases.day), np.float32) < given.RECOGNISABLE))
    source = people.usual[cases.person[which]]
    site, month = cases.site[which], part.month[which]
    item = pick(rng, _SHARES, len(which))
    recognised = rng.random(len(which)) < given.RECOGNISED
    price = _FEN[item]
    columns = {
        "order": keys("X", part.number[which], world.calendar.months, month),
        "institution": named(site, world.site_names),
        "division": named(world.site_division[site], world.division_names),
        "source": named(source, world.site_names),
        "item": named(item, _ITEMS),
        "date": dates(cases.day[which]),
        "recognised": flags(recognised),
        "reason": named(
            np.where(recognised, -1, pick(rng, list(given.NOT_RECOGNISED.values()), len(which))), _REASONS
        ),
        "saved": counts(np.where(recognised, price, 0)),
    }
    return Piece("recognition", month, columns)
