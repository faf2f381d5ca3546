"""The main job of ``make run`` after the verdict and the month of places: one referral goes its whole way, once."""

from __future__ import annotations

from uuid import UUID

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from tiercare.apps.access import queries as access
from tiercare.apps.access.rights import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.records.commands import demonstration as records
from tiercare.apps.referrals.commands.demonstration import Told, hero, play_loop
from tiercare.apps.referrals.commands.demonstration_people import People
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7


def show(region: str) -> None:
    """Play the loop unless that was done, and print each step with who must see to it, and until when.

    With no days to play nothing is, as in a database that is no demonstration.
    """
    if not settings.DEMO_DAYS or not ledger.installation().synthetic:
        return
    people = _people(region)
    if people is None:
        return
    typer.echo("\n· 一次转诊的全过程（虚构，只在首次） one referral from beginning to end, made up, once …")
    _fill_records(people)
    told = play_loop(people)
    if told:
        _print(told)
    else:
        typer.echo("已经推演过，或没有可推演的居民。 Played before, or nobody to play it with.")


def _fill_records(people: People) -> None:
    """A year of visits of the clinic's residents, so that a record has something to say."""
    assert people.doctor.institution_id is not None
    records.fill(
        Actor.system("cli"),
        on=ledger.today(),
        clinic=people.doctor.institution_id,
        hospital=people.office.institution_id,
        besides=hero(people),
    )


def _people(region: str) -> People | None:
    """The demonstration's accounts of the township's doctor, and of the hospital of its consortium."""
    found = [_actor(region, role) for role in (Role.PRIMARY_DOCTOR, Role.REFERRAL_OFFICE, Role.CLINICIAN)]
    doctor, office, clinician = found
    if doctor is None or office is None or clinician is None:
        return None
    return People(doctor, office, clinician)


def _actor(region: str, role: Role) -> Actor | None:
    account = access.account_by_username(f"{region}.{role.value}")
    if account is None:
        return None
    grants = [each for each in access.grants_in_force(account.id, on=ledger.today()) if each.role is role]
    if not grants or grants[0].institution_id is None:
        return None
    return Actor(
        account_id=account.id,
        name=account.display_name,
        role=role.value,
        institution_id=grants[0].institution_id,
        division_code=grants[0].division_code,
        channel="cli",
        request_id=uuid7(),
    )


def _print(told: list[Told]) -> None:
    houses: set[UUID] = {each.owner for each in told if each.owner is not None}
    names = network.names_of_institutions(houses, on=ledger.today())
    table = Table("时间 when", "办理 act", "状态 state", "由谁负责 owner", "期限 due", box=None)
    for each in told:
        due = each.due_at.astimezone(ZONE).strftime("%m-%d %H:%M") if each.due_at else "—"
        owner = names.get(each.owner, "") if each.owner else "—"
        when = each.at.astimezone(ZONE).strftime("%m-%d %H:%M")
        table.add_row(when, each.act.zh, each.state.zh, owner, due)
    Console().print(table)
