"""The main job of ``make run`` after the referral: two made-up years of the region's facts, what they come to, and what a
commission does with it; once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import typer
from django.conf import settings
from rich.console import Console

from tiercare.apps.access import queries as access
from tiercare.apps.access.rights import Role
from tiercare.apps.evaluation.commands.demonstration import People, Told, play, played
from tiercare.apps.evaluation.commands.running import run
from tiercare.apps.evaluation.queries.runs import Kept, newest_runs, run_of
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.cli.demonstration import places
from tiercare.cli.facts_profile import profile_of
from tiercare.engines.measures.synth import synth
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

# Visits a year's facts have about; enough that no county of a prefecture stands empty.
_ROWS, _SEED = 20_000, 1


def show(region: str) -> None:
    """Make up two years, compute and keep the indicators, lay down what a commission does with them, unless that was done;
    and print what there is. With no days to play nothing is, as in a database that is no demonstration."""
    if not settings.DEMO_DAYS or not ledger.installation().synthetic:
        return
    known = mandates.packs().packs[region]
    typer.echo("\n· 两年的指标与考核（虚构，只在首次） two years of indicators, made up, once …")
    if not (Path(known.folder) / "region").is_dir():
        typer.echo("这个政策包没有机构和区划，不推演。 This pack lays no institutions down: nothing to show.")
        return
    people = _people(region)
    if people is None:
        typer.echo("没有可用的演示账号，不推演。 There are no demonstration accounts to play with.")
        return
    last = ledger.today().year - 1
    host = Actor.system("cli")
    kept = next((run_of(host, each.id) for each in newest_runs(host, region)), None)
    told = Told()
    try:
        if kept is None:
            kept = _computed(region, (last - 1, last))
        if not played(people.city) and {str(last - 1), str(last)} <= set(kept.spans):
            told = play(people, pack=region, run_id=kept.id, years=(str(last - 1), str(last)))
    except Refused as refused:
        typer.echo(f"{refused.refusals[0].sentence()} {refused.refusals[0].sentence('en')}")
        return
    _print(kept, told)


def _computed(region: str, years: tuple[int, int]) -> Kept:
    host, root = Actor.system("cli"), Path(settings.FACTS_ROOT)
    with Console(stderr=True).status("生成两年的模拟数据 making two years up …") as status:
        profile = profile_of(mandates.packs().packs[region])
        synth(root, profile, len(years), _ROWS * len(years), _SEED, first_year=years[0])
        status.update("计算指标 computing …")
        return run_of(host, run(host, region, years=years, root=root))


def _people(region: str) -> People | None:
    city, county = _actor(region, "commission"), _actor(region, "county_commission")
    area = network.region_of(region)
    at = places(network.network_facts(area, on=ledger.today()), area)
    clinic: UUID | None = at[Role.REGISTRAR].institution_id if Role.REGISTRAR in at else None
    return None if city is None or clinic is None else People(city, county, clinic)


def _actor(region: str, name: str) -> Actor | None:
    account = access.account_by_username(f"{region}.{name}")
    if account is None:
        return None
    held = access.grants_in_force(account.id, on=ledger.today())
    grants = [each for each in held if each.role is Role.COMMISSION]
    if not grants:
        return None
    found = Actor(account.id, account.display_name, Role.COMMISSION.value, channel="cli", request_id=uuid7())
    return replace(found, division_code=grants[0].division_code)


def _print(kept: Kept, told: Told) -> None:
    years = "、".join(kept.years)
    typer.echo(
        f"指标 indicators {years}：{kept.values:,} 个值 values（模拟数据 made up） → /board /indicators /scorecards"
    )
    if told.bulletin or told.published or told.under_way:
        typer.echo(
            f"考核 assessments：{told.published or '—'}（已公布 published）、{told.under_way or '—'}（办理中 open） → /assessments"
        )
        typer.echo(
            f"督导 supervision：{told.inspected or '—'}，整改逾期 rectification late；"
            f"通报 bulletin：{told.bulletin or '—'}，已发 sent {told.sent} → /supervision /bulletins"
        )
    if told.projects:
        typer.echo(f"重点工作 work programmes：项目 projects {told.projects} → /projects")
    for sentence in told.refused:
        typer.echo(f"没有推演 left out：{sentence}")
