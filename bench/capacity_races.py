"""Capacity raced through HTTP: the last place, with the guard and without; holds against time, cancelling, themselves."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from capacity_copy import copied, working_in
from capacity_ground import FAMILY, OPEN, Ground, oversold, sessions
from capacity_http import Bench, Places
from capacity_load import CREATED, Answer, Generator, Request, booking, post
from django.conf import settings
from django.db import connections
from web_server import postmaster, serving

from tiercare.apps.capacity import queries

RACES, CONTENDERS, POOLS = 10_000, 4, 200
_SCRATCH = "capacity_unguarded"


def arena(ground: Ground, label: str, races: int) -> list[UUID]:
    """One place each: of half the sessions the only one, of the others the only one that is not kept for others.

    Every clinic has one more session with room, so that there is something to offer to those who lose.
    """
    pools = max(1, races // 50)
    alone, kept = {OPEN: 1}, {FAMILY: 3, OPEN: 1}
    offered = [alone if at // pools % 2 else kept for at in range(races)] + [{OPEN: 5}] * pools
    return sessions(ground, label, offered, pools=pools, specialty="08")[:races]


def last_places(bench: Bench, slots: Sequence[UUID]) -> dict[str, Any]:
    """Cell 4 (A1): four contenders at one moment for each of these last places."""
    people = [each for each in bench.ground.residents if each not in bench.ground.signed]
    groups = [
        [booking(slot, people[(at * CONTENDERS + n) % len(people)]) for n in range(CONTENDERS)]
        for at, slot in enumerate(slots)
    ]
    found = bench.measured(32, groups, team=CONTENDERS).sent
    races = by_group(found.answers)
    winners = [sum(each.status == CREATED for each in race) for race in races]
    losers = [each for each in found.answers if each.status != CREATED]
    return {
        "races": len(races),
        "contenders": CONTENDERS,
        "oversold": oversold(slots),
        "one_winner_each": sum(won == 1 for won in winners),
        "more_than_one": sum(won > 1 for won in winners),
        "none": sum(won == 0 for won in winners),
        "losers": dict(Counter(each.code or str(each.status) for each in losers)),
        "losers_without_alternatives": sum(not each.alternatives for each in losers),
        "seconds": round(found.seconds, 1),
        "per_s": round(len(found.answers) / found.seconds),
    }


def by_group(answers: Sequence[Answer]) -> list[list[Answer]]:
    """The answers of each race."""
    found = defaultdict(list)
    for each in answers:
        found[each.group].append(each)
    return [found[at] for at in sorted(found)]


# -- without the guard ---------------------------------------------------------------------------------------------

# Reads, compares, writes what it read and one more: as most booking systems do.
_UNGUARDED = """
DECLARE
    place record;
    quota record;
BEGIN
    SELECT l.session_id, l.used, l.capacity, l.issued, l.during, s.institution_id
    INTO place FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id WHERE l.id = at_slot;
    session := place.session_id; host := place.institution_id;
    starts := lower(place.during); ends := upper(place.during);
    SELECT q.channel, q.holder_id, q.used INTO quota FROM capacity_quota q
    WHERE q.session_id = place.session_id AND q.used < q.cap AND q.channel = ANY (draws) LIMIT 1;
    IF place.used >= place.capacity OR quota.channel IS NULL THEN
        outcome := 'full'; RETURN;
    END IF;
    UPDATE capacity_slot SET used = place.used + 1, issued = issued + 1 WHERE id = at_slot
    RETURNING issued INTO number;
    UPDATE capacity_quota SET used = quota.used + 1
    WHERE session_id = session AND channel = quota.channel AND holder_id = quota.holder_id;
    drawn := quota.channel; drawn_for := quota.holder_id;
    INSERT INTO capacity_booking (id, session_id, slot_id, resident_id, institution_id, booked_by, account_id,
                                  channel, quota_channel, holder_id, state, number, source_id, group_id)
    VALUES (booking, session, at_slot, resident, host, booker, account, as_channel, drawn, drawn_for, wanted,
            number, source, together);
    outcome := 'taken';
END
"""


def unguarded(ground: Ground, generator: Generator, races: int) -> dict[str, Any]:
    """Cell 4 (A2): the same races in a copy of the database without the conditional UPDATE and its CHECKs.

    They must oversell; if not, the races show nothing. Runs while nobody else works in the database.
    """
    slots = arena(ground, "a2", races)
    with copied(_SCRATCH) as there, working_in(there):
        _disarm()
        with serving(settings.HOME / "web.log") as (port, web):
            bench = Bench(replace(ground, clients=[]), generator, port, web, postmaster(), 0)
            return last_places(bench, slots)


def _disarm() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('capacity_take'::regproc)")
        guarded = cursor.fetchone()[0]
        head, quote, _ = guarded.partition("$function$")
        cursor.execute(f"{head}{quote}{_UNGUARDED}{quote}")
        for table, check in (
            ("capacity_slot", "slot_not_oversold"),
            ("capacity_slot", "slot_numbers_cover_bookings"),
            ("capacity_quota", "quota_not_oversold"),
        ):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {check}")


# -- holds ---------------------------------------------------------------------------------------------------------

_EXPIRES = """
UPDATE capacity_booking SET held_until = tiercare_now() + %s * random() * interval '1 second'
WHERE id = ANY (%s)
"""


def holds(bench: Bench, rounds: int) -> dict[str, Any]:
    """Cell 6 (A4): one held place; at one moment it is confirmed, cancelled, wanted by another, and runs out."""
    slots = sessions(bench.ground, "a4", [{OPEN: 1}] * rounds, pools=max(1, rounds // 50), specialty="09")
    people = bench.ground.residents
    outcomes: Counter[str] = Counter()
    for at in range(0, rounds, 64):
        part = slots[at : at + 64]
        held = _held(bench, [(slot, people[n]) for n, slot in enumerate(part)])
        # Half of them run out just while they are fought for; the others only meet confirmation and cancelling.
        ending = [key for key in held.values() if key.int % 2]
        with connections["owner"].cursor() as cursor:
            cursor.execute(_EXPIRES, [len(part) * 0.008, ending])
        groups = []
        for n, slot in enumerate(part):
            path = f"/api/capacity/bookings/{held[slot]}"
            groups.append(
                [
                    post(f"{path}/confirm", "confirm"),
                    post(f"{path}/cancel", "cancel"),
                    booking(slot, people[1_000 + n]),
                    booking(slot, people[2_000 + n]),
                ]
            )
        sent = bench.measured(32, groups, team=4).sent
        for race in by_group(sent.answers):
            outcomes[_story(race)] += 1
    found = queries.drift()
    told = {
        "rounds": rounds,
        "oversold": oversold(slots),
        "drift": len(found),
        "outcomes": dict(outcomes.most_common()),
    }
    print("A4 hold against confirm, cancel, expiry, rivals:", told, flush=True)
    return told


def _story(race: Sequence[Answer]) -> str:
    won = sorted(
        each.note if isinstance(each.note, str) else "rival" for each in race if each.status in {200, CREATED}
    )
    return " + ".join(won) or "nobody"


def _held(bench: Bench, pairs: Sequence[tuple[UUID, UUID]]) -> dict[UUID, UUID]:
    """A hold for each; slot → booking."""
    sent = bench.measured(8, [[booking(*pair, hold=True)] for pair in pairs], bodies=True).sent
    assert all(each.status == CREATED for each in sent.answers), Counter(each.code for each in sent.answers)
    return {each.note[0]: UUID(json.loads(each.body)["id"]) for each in sent.answers}


def confirmations(bench: Bench, places: Places, rounds: int) -> dict[str, Any]:
    """Cell 6 (A5): two confirmations of one hold, each with a key of its own, at one moment."""
    pairs = places.pairs(rounds)
    sent = bench.measured(8, [[booking(*pair, hold=True)] for pair in pairs], bodies=True).sent
    keys = [json.loads(each.body)["id"] for each in sent.answers]
    groups: list[list[Request]] = [
        [post(f"/api/capacity/bookings/{key}/confirm") for _ in range(2)] for key in keys
    ]
    races = by_group(bench.measured(16, groups, team=2).sent.answers)
    told = {
        "rounds": len(races),
        "more_or_less_than_one": sum(sum(each.status == 200 for each in race) != 1 for race in races),
        "losers": dict(Counter(each.code for race in races for each in race if each.status != 200)),
    }
    print("A5 two confirmations of one hold:", told, flush=True)
    return told
