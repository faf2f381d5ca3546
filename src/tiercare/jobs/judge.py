"""The judge: keeps the boards of provinces and of the nation true while single prefectures change."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands, queries

from .loops import repeat

JUDGE_SECONDS = 3.0
# So many prefectures a step, so that a stop is heard soon; a whole country takes some fifteen steps.
AT_A_TIME = 25
# What was kept for a day is of no use a month later; asked for again, it is judged again.
KEPT_DAYS = 31


def run(stop: Event) -> None:
    """Judge until ``stop`` is set."""
    repeat(step, every=JUDGE_SECONDS, stop=stop)


def step() -> int:
    """Judge some of what is stale, for today and for the day a demonstration is about; returns how many
    prefectures were judged."""
    today, judged = clock.today(), 0
    for pack in mandates.packs():
        if not mandates.mandate_exists(pack.id):
            continue
        shown = queries.demonstration_day(pack.id)
        for day in sorted({today, shown or today}):
            judged += commands.judge_stale(pack.id, on=day, at_most=AT_A_TIME)
    return judged


def forget() -> int:
    """Drop what was kept long ago."""
    return commands.forget_judged(before=clock.today() - timedelta(days=KEPT_DAYS))
