"""The main job of ``make run`` after the referral: two years of the region under its policy, simulated, what they come to, and what a
commission does with it; once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
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
from tiercare.cli.twin import engine
from tiercare.cli.twin_people import RESIDENTS, staged_year
from tiercare.engines.policy import PackErrors
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

SEED = 1
# Month and day: the policy that a year is played under is the one in force in its middle, as its benefits are.
_BY_POLICY_OF = (7, 1)


def show(region: str) -> None:
    """Simulate two years, compute and keep the indicators, lay down what a commission does with them, unless that was done;
    and print what there is. With no days to play nothing is, as in a database that is no demonstration."""
    if not settings.DEMO_DAYS or not ledger.installation().synthetic:
        return
    known = mandates.packs().packs[region]
    typer.echo(
        "\n· 推演地区的两年指标与考核（虚构，只在首次） two years of the simulated region, made up, once …"
    )
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
    except PackErrors as errors:
        typer.echo(f"{errors.problems[0].sentence('zh')} {errors.problems[0].sentence('en')}")
        return
    _print(kept, told)


def _computed(region: str, years: Sequence[int]) -> Kept:
    host, root = Actor.system("cli"), Path(settings.FACTS_ROOT)
    with Console(stderr=True).status("推演本地区 simulating the region …") as status:
        with _unless_there():
            simulated(region, years, root, progress=status.update)
        status.update("计算指标 computing …")
        return run_of(host, run(host, region, years=years, root=root))


@contextmanager
def _unless_there() -> Iterator[None]:
    """The same facts may have come before somebody killed the first start."""
    try:
        yield
    except Refused as refused:
        if refused.refusals[0].code != "facts_batch_known":
            raise


def simulated(
    region: str,
    years: Sequence[int],
    root: Path,
    *,
    residents: int = RESIDENTS,
    progress: Callable[[str], None] = lambda said: None,
) -> None:
    """Play these years in a row with the same people, each under the policy then in force, and keep them as the region's facts, marked as made up.

    Args:
        root: of the store of facts.
        progress: told what is being done.

    Raises:
        Refused: what the pack lays down cannot be played.
        PackErrors: its benefits or levers cannot be used.
    """
    stages = {
        year: staged_year(region, on=date(year, *_BY_POLICY_OF), residents=residents)
        for year in sorted(years)
    }
    first, last = stages[min(years)], stages[max(years)]
    # A year before, under the first one's policy, is not kept: how many of the ill are under control has settled then.
    policies = {min(years) - 1: first.scenario.levers} | {
        year: each.scenario.levers for year, each in stages.items()
    }
    playing = engine("years").years(
        last.profile, policies, residents=residents, seed=SEED, benefits=last.benefits
    )
    played = []
    for year in policies:
        progress(f"推演 {year} 年，模拟居民 {residents:,} 人 simulating {year}, {residents:,} residents …")
        played.append(next(playing))
    engine("facts").write_facts(
        played[1:],
        root,
        policy=region,
        progress=lambda month: progress(f"写事实表 writing facts … {month}"),
    )


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
    if kept.origin:
        typer.echo(f"数据来源 facts：{kept.origin} → /facts")
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
