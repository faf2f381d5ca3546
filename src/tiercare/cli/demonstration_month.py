"""The main job of ``make run`` after the verdict: the last days are lived by the twin's people, once, and what that proves is shown."""

from __future__ import annotations

from datetime import date, time, timedelta

import typer
from django.conf import settings
from django.db import connections
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tiercare.apps.access.rights import Role
from tiercare.apps.capacity import queries as capacity
from tiercare.apps.capacity.commands.demonstration import Shown
from tiercare.apps.capacity.commands.demonstration_house import show_house
from tiercare.apps.ledger import commands as ledger_commands
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.cli.capacity import print_sum
from tiercare.cli.demonstration import places
from tiercare.cli.twin_people import lived_of
from tiercare.engines.policy import PackErrors
from tiercare.jobs.driving.ground import Ground, lay
from tiercare.jobs.driving.running import Drive, Driven, drive
from tiercare.jobs.driving.script import People
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused

# Places stay on offer so long after today, that there is something to book.
_ON_OFFER = timedelta(days=28)
_OPEN = time(9)  # today is lived as well from then on, as far as it has come
_ACTS_A_DAY, _SEED, _WEEK = 100, 1, 7
_SHOWN_FINDINGS = 5
_SYSTEM = Actor.system("cli")


def show(region: str) -> None:
    """Live the last days up to now in the region unless that was done, and print the sum of what was kept for whom.

    ``settings.DEMO_DAYS`` says how many; with none of them nothing is played, as in a database that is no demonstration. Broken
    off, it is gone on with at the next start: what was done is not done again.
    """
    if not settings.DEMO_DAYS or not ledger.installation().synthetic:
        return
    typer.echo(
        "\n· 最近一段时间的预约、就诊与转诊（推演，虚构，只在首次） the last days of booking and referring, simulated, once …"
    )
    try:
        month = _begun(region)
        if not month.played:
            _live(month)
    except Refused as refused:
        first = refused.refusals[0]
        typer.echo(f"{first.sentence()} {first.sentence('en')}")
        return
    except PackErrors as errors:
        typer.echo(f"{errors.problems[0].sentence('zh')} {errors.problems[0].sentence('en')}")
        return
    today = ledger.today()
    found = capacity.proof(
        _SYSTEM,
        first=today - timedelta(days=settings.DEMO_DAYS),
        last=today - timedelta(days=1),
        area=network.region_of(region),
    )
    print_sum(found)


def _begun(region: str) -> ledger.Month:
    """The days that are played: those that were begun, or the last ones."""
    begun = ledger.month_of(region)
    if begun is not None:
        return begun
    now = ledger.now().astimezone(ZONE)
    days = settings.DEMO_DAYS + (now.time() >= _OPEN)
    first = now.date() - timedelta(days=settings.DEMO_DAYS)
    ledger_commands.begin_month(
        _SYSTEM, region=region, first=first, days=days, acts=days * _ACTS_A_DAY, seed=_SEED
    )
    found = ledger.month_of(region)
    assert found is not None  # it was noted just now
    return found


def _live(month: ledger.Month) -> None:
    shown = _shown(month.region, month.first)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("模拟本地居民的一年 simulating the region's people …", total=None)

        def tell(day: date) -> None:
            bar.update(task, description=f"推演 living {day}")

        ground = lay(month.region, first=month.first, days=month.days, shown=shown, ahead=_ON_OFFER)
        _analyse()
        people = lived_of(ground, acts=month.acts, seed=month.seed, shown=shown.hospital if shown else None)
        done = drive(_asked(month), ground=ground, people=lambda _: people, told=tell)
        bar.update(task, description="布置示范医院的病区 wards of the hospital that is shown …")
        _furnish(ground, shown, month.seed)
    ledger_commands.end_month(_SYSTEM, region=month.region, first=month.first)
    _analyse()
    _print(ground, people, done)


def _asked(month: ledger.Month) -> Drive:
    return Drive(
        month.region,
        month.first,
        month.days,
        month.acts,
        month.seed,
        chain_each=_WEEK,
        until=ledger.now(),
    )


def _furnish(ground: Ground, shown: Shown | None, seed: int) -> None:
    """The wards and the examination centre of the hospital in which the demonstration's accounts work."""
    if shown is None or shown.clinic not in ground.clinics:
        return
    clinic = ground.clinics[shown.clinic]
    others = [each for each in ground.clinics.values() if shown.hospital in each.hospitals]
    near = sorted(others, key=lambda each: each.id != clinic.id)
    show_house(_SYSTEM, shown.hospital, township=clinic.division, near=near, seed=seed)


def _analyse() -> None:
    """So much was written that plans would be poor."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    connections["owner"].close()


def _print(ground: Ground, people: People, done: Driven) -> None:
    tally = done.tally
    typer.echo(
        f"医院 hospitals {len(ground.hospitals)} · 基层机构 clinics {len(ground.clinics)} · 居民的打算 errands {len(people.planned)} · "
        f"办理 acts {tally.acts.total()}（预约 booked {tally.acts['book']} · 转诊 referred {tally.acts['send']} · "
        f"下转 sent down {tally.acts['send down']} · 未办成 refused {tally.refused.total()}） · {done.seconds:.0f} s"
    )
    for each in tally.findings[:_SHOWN_FINDINGS]:
        typer.echo(f"第 {each.day + 1} 天 {each.invariant}：{each.seen}")
    if done.kept:
        typer.echo("不变量每天都成立：号源、责任人、预留、核对、审计链。 Every invariant held on every day.")
    else:
        typer.echo(
            f"不变量有 {len(tally.findings)} 处不符，请反馈。 Invariants did not hold: please report it."
        )


def _shown(region: str, on: date) -> Shown | None:
    """Where the demonstration's accounts work."""
    area = network.region_of(region)
    at = places(network.network_facts(area, on=on), area)
    hospital, clinic = at.get(Role.REFERRAL_OFFICE), at.get(Role.REGISTRAR)
    if hospital is None or clinic is None or not hospital.institution_id or not clinic.institution_id:
        return None
    return Shown(hospital.institution_id, clinic.institution_id)
