"""What tests of work programmes share: opening, going on and ending a project, and the register of a hospital."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.range import DateRange
from tests.integration.referrals.places import altered

from tiercare.apps.evaluation.commands.projects import Opening, open_project
from tiercare.apps.evaluation.queries import projects as queries
from tiercare.apps.evaluation.queries.oversight import roll
from tiercare.apps.evaluation.queries.projects import Count
from tiercare.apps.evaluation.queries.standards import Cell, table
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import (
    Clinician,
    Equipment,
    LicensedSpecialty,
    PracticeSite,
)
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..evaluation.supervised import Parties, commands, file, office_at

SINCE = DateRange(date(2017, 1, 1), None)
AT = "?region=wuhu"


def changed(monkeypatch: pytest.MonkeyPatch, name: str, value: Value) -> None:
    packs = altered(name, value)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)


def words(name: str) -> list[str]:
    value = mandates.packs().parameters[name][-1].value
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def refused(work: Callable[[], object]) -> dict[str, tuple[str, ...]]:
    """The codes of what is refused, with their clauses."""
    with pytest.raises(Refused) as caught:
        work()
    return {each.code: tuple(each.clauses) for each in caught.value.refusals}


def choice(actor: Actor, of: str, key: str = "") -> str:
    """Somebody of a programme as a form sends them, the first where it does not matter."""
    return next(each.choice for each in roll(actor).filers[of] if key in ("", each.key))


def opened(actor: Actor, programme: str, subject: str, **more: Any) -> UUID:
    return open_project(actor, Opening(programme, subject, **more))


def ended(actor: Actor, key: UUID, **figures: str) -> State:
    """The owner says what it came to, today."""
    told = {"done_on": clock.today().isoformat()} | figures
    return commands.act(actor, matter_id=key, act=Act.SUBMIT, said=Said("示例：办完", told))


def step(actor: Actor, key: UUID, part: str, state: str = "done", *, proof: bool = False) -> State:
    files = (file(),) if proof else ()
    figures = {"part": part, "state": state}
    return commands.act(actor, matter_id=key, act=Act.NOTE, said=Said("示例进展", figures, files))


def county_hospital(parties: Parties) -> Actor:
    return office_at(parties.site.county_hospital)


def counts(actor: Actor) -> Mapping[str, Mapping[str, Count]]:
    """By top-level programme and county."""
    return {top.line.id: top.line.counts for top in queries.dashboard(actor).tops}


def due() -> str:
    return (clock.today() + timedelta(days=90)).isoformat()


def prefixed(plan: Mapping[str, str]) -> dict[str, str]:
    return {f"plan.{key}": value for key, value in plan.items()}


def endow(house: UUID) -> None:
    """The registers of a hospital: an intensivist, two ventilators, no anaesthetist."""
    LicensedSpecialty.objects.filter(institution_id=house).delete()
    PracticeSite.objects.filter(institution_id=house).delete()
    Equipment.objects.filter(institution_id=house).delete()
    doctor = Clinician.objects.create(name="示例重症医生", scope_code="28", synthetic=True)
    PracticeSite.objects.create(
        clinician=doctor, institution_id=house, ground=PracticeSite.Ground.REGISTERED, period=SINCE
    )
    Equipment.objects.create(institution_id=house, kind="ventilator", count=2, period=SINCE)
    LicensedSpecialty.objects.create(institution_id=house, code="28", period=SINCE)


def cells(actor: Actor, standard: str, house: str) -> dict[tuple[str, str], Cell]:
    return {
        (row.need.id, cell.measure.value): cell
        for row in table(actor, standard).rows
        if row.subject.choice == house
        for cell in row.cells
    }
