"""The main job of ``make run`` after the verdict: a month of places is played, once, and what it proves is shown."""

from __future__ import annotations

from datetime import date, timedelta

import typer
from django.conf import settings
from django.db import connections
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tiercare.apps.access.rights import Role
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.commands.demonstration import Played, Shown, play_month
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.cli.capacity import print_sum
from tiercare.cli.demonstration import places
from tiercare.kernel.actor import Actor

# Places stay on offer so long after today, that there is something to book.
_ON_OFFER = timedelta(days=28)


def show(region: str) -> None:
    """Play the last days up to today at the region's hospitals unless that was done, and print the sum of their proof.

    ``settings.DEMO_DAYS`` says how many; with none of them nothing is played, as in a database that is no demonstration.
    """
    if not settings.DEMO_DAYS or not ledger.installation().synthetic:
        return
    today = ledger.today()
    first, last = today - timedelta(days=settings.DEMO_DAYS), today - timedelta(days=1)
    typer.echo("\n· 推演最近一段时间的放号与就诊（虚构，只在首次） the last days of places, made up, once …")
    played = _play(region, first, last)
    if played.sessions:
        with connections["owner"].cursor() as cursor:  # so much was written that plans would be poor
            cursor.execute("ANALYZE")
        connections["owner"].close()
        typer.echo(
            f"医院 hospitals {played.hospitals} · 场次 sessions {played.sessions} · 预约 bookings {played.bookings} · "
            f"未约到 refused {played.refused}"
        )
    found = capacity.proof(Actor.system("cli"), first=first, last=last, area=network.region_of(region))
    if found.lines:
        print_sum(found)
    else:
        typer.echo(
            "没有可推演的：这里的牵头医院没有负责某个乡镇的基层机构，演示库里也就没有居民。 "
            "Nothing to play: no lead hospital here has a clinic that answers for a township."
        )


def _play(region: str, first: date, last: date) -> Played:
    today = last + timedelta(days=1)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("推演 playing", total=None)
        return play_month(
            Actor.system("cli"),
            region=region,
            first=first,
            last=last,
            until=today + _ON_OFFER,
            shown=_shown(region, today),
            told=lambda day: bar.update(task, description=f"推演 playing {day}"),
        )


def _shown(region: str, on: date) -> Shown | None:
    """Where the demonstration's accounts work."""
    area = network.region_of(region)
    at = places(network.network_facts(area, on=on), area)
    hospital, clinic = at.get(Role.REFERRAL_OFFICE), at.get(Role.REGISTRAR)
    if hospital is None or clinic is None or not hospital.institution_id or not clinic.institution_id:
        return None
    return Shown(hospital.institution_id, clinic.institution_id)
