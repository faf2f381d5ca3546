"""What a demonstration shows of evaluation: an assessment that is published, one under way, an inspection whose rectification is
late, a bulletin that was sent and read by one, projects that take up gaps of the register.

All of it is made up; the platform's clock is moved back for what lies in the past, and set again afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refused

from ..models import Matter
from ..queries import bulletins as queries
from ..queries.assessing import cards_of, units_of
from ..queries.book import oversight_of
from ..queries.deliveries import inbox
from ..queries.matters import area_of, matter
from ..queries.oversight import roll
from ..queries.projects import works_for
from ..queries.publishing import Audience
from ..queries.standards import Row, table
from ..rules.standing import Said
from ..workflow import Act
from . import assessing, bulletins, supervision
from .matters import act
from .projects import Opening, open_project
from .publishing import publish

_SENT = "SELECT id FROM evaluation_delivery WHERE from_area = %(area)s AND purpose = 'bulletin' LIMIT 1"
# Days before today, made up like all of it.
_ASSESSED, _INSPECTED, _TO_MEND = 70, 40, 30
_PROJECTS = 4


@dataclass(frozen=True, slots=True)
class People:
    """Who acts: the city's commission, and one of a county that signs for what comes; ``clinic`` is inspected."""

    city: Actor
    county: Actor | None
    clinic: UUID


@dataclass(frozen=True, slots=True)
class Told:
    """What was laid down. ``refused`` are sentences of what could not be."""

    published: str = ""
    under_way: str = ""
    inspected: str = ""
    bulletin: str = ""
    sent: int = 0
    projects: int = 0
    refused: tuple[str, ...] = ()


def played(city: Actor) -> bool:
    """Whether it was laid down before."""
    with scoped(city, area=area_of(city)):
        return bool(rows(_SENT, area=city.division_code or ""))


def play(people: People, *, pack: str, run_id: UUID, years: tuple[str, str]) -> Told:
    """Lay everything down over a run of two ``years``, once; what a region's texts do not give stays out, and why is told."""
    if played(people.city):
        return Told()
    refused: list[str] = []
    found = {"published": "", "under_way": "", "inspected": "", "bulletin": ""}
    sent = projects = 0
    before, last = years
    with _told(refused), _days_ago(_ASSESSED):
        found["published"] = _published(people.city, pack, before)
    with _told(refused):
        found["under_way"] = _title(people.city, _opened(people.city, pack, last))
    with _told(refused), _days_ago(_INSPECTED):
        found["inspected"] = _inspected(people, pack)
    with _told(refused):
        found["bulletin"], sent = _circulated(people, run_id)
    with _told(refused):
        projects = gaps_taken_up(people.city)
    return Told(**found, sent=sent, projects=projects, refused=tuple(refused))


@contextmanager
def _told(refused: list[str]) -> Iterator[None]:
    """One part of it, whole or not at all."""
    try:
        with transaction.atomic():
            yield
    except Refused as error:
        refused.append(error.refusals[0].sentence())


@contextmanager
def _days_ago(days: int) -> Iterator[None]:
    """As if it were so many days ago."""
    host, before = Actor.system("cli"), clock.installation().clock_override
    then = clock.today() - timedelta(days=days)
    ledger.set_clock(host, at=datetime.combine(then, time(10), ZONE))
    try:
        yield
    finally:
        ledger.set_clock(host, at=before)


def _opened(city: Actor, pack: str, year: str) -> UUID:
    """An assessment by the first card of the pack that has somebody to assess."""
    due = clock.today() + timedelta(days=30)
    refused: Refused | None = None
    for card in sorted(cards_of(pack), key=lambda each: (not each.startswith(pack), each)):
        try:
            with transaction.atomic():
                return assessing.open_assessment(city, assessing.Opening(pack, year, due, card=card))
        except Refused as error:
            refused = refused or error
    assert refused is not None, "every pack has a card"
    raise refused


def _published(city: Actor, pack: str, year: str) -> str:
    """An assessment that went its whole way until it was locked, and was shown to the sector and, in part, to residents."""
    assessment = _opened(city, pack, year)
    for unit in units_of(city, assessment):
        if unit.report_id is not None:
            owner = _owner(city, unit.report_id)
            assessing.report(
                owner, matter_id=unit.report_id, lines={}, words="已核对，与平台数据一致（演示）。"
            )
            assessing.review(city, matter_id=unit.report_id, decisions={})
    for each in (Act.SUBMIT, Act.APPROVE, Act.LOCK):
        act(city, matter_id=assessment, act=each, said=Said(words="各单位自评已全部审核（演示）。"))
    for audience in Audience:
        publish(city, assessment_id=assessment, audience=audience)
    return _title(city, assessment)


def _owner(city: Actor, report: UUID) -> Actor:
    """Somebody made up of whoever owes a report."""
    with scoped(city, area=area_of(city)):
        owed = Matter.objects.get(id=report)
    key = stable_id("demonstration", "reporter", str(owed.owner_institution or owed.owner_area))
    if owed.owner_institution is None:
        return Actor(key, "演示·填报人", Role.COMMISSION.value, division_code=owed.owner_area, channel="cli")
    return Actor(
        key,
        "演示·填报人",
        Role.CONSORTIUM_OFFICE.value,
        institution_id=owed.owner_institution,
        division_code=owed.owner_area,
        channel="cli",
    )


def _inspected(people: People, pack: str) -> str:
    """An inspection of the clinic with one finding, whose rectification is late by now."""
    oversight = oversight_of(pack)
    of_alerts = {each.template for each in oversight.alerts.values()}
    template = min(
        (
            each
            for each in oversight.inspections.values()
            if "institution" in each.subjects and not each.by_lead
        ),
        key=lambda each: each.id in of_alerts,
    )
    subject = next(
        each.choice
        for each in roll(people.city).subjects.values()
        if each.group == "institution" and each.party.institution_id == people.clinic
    )
    made = supervision.inspect(
        people.city, template=template.id, mode=template.modes[0].value, subject=subject
    )
    supervision.judge(
        people.city,
        matter_id=made,
        item=next(each.id for each in template.items if not each.goal),
        judgement="not_met",
        severity=next(iter(oversight.severities)),
        words="演示：设备停用三个月，没有替代安排。",
    )
    finding = matter(people.city, matter_id=made).entries[-1].id
    due = clock.today() + timedelta(days=_TO_MEND)
    supervision.rectify(people.city, matter_id=made, entry_id=finding, due_on=due)
    return _title(people.city, made)


def _circulated(people: People, run_id: UUID) -> tuple[str, int]:
    """The regular bulletin of the newest period, sent; the county has read it."""
    drafted = bulletins.draft_regular(run_id)
    if drafted is None:
        drafted = next(line.of.id for line in queries.bulletins(people.city))
    bulletins.submit(people.city, drafted)
    act(people.city, matter_id=drafted, act=Act.APPROVE)
    count = bulletins.send(people.city, drafted)
    for each in inbox(people.county, unread=True) if people.county else ():
        bulletins.receive(people.county, each.id)
    return _title(people.city, drafted), count


def gaps_taken_up(city: Actor) -> int:
    """Gaps of the first standard taken up at as many hospitals: one project is done, one late, the others under way."""
    standard = next(iter(works_for(city).standards), "")
    gaps = {
        row.subject.choice: (row, cell) for row in _gaps(city, standard) for cell in row.cells if cell.lacking
    }
    made = 0
    for row, cell in list(gaps.values())[:_PROJECTS]:
        with _days_ago(_INSPECTED):
            due = clock.today() + timedelta(days=_TO_MEND if made == 1 else _ASSESSED)
            project = open_project(
                city,
                Opening(
                    table(city, standard).standard.programme,
                    row.subject.choice,
                    due,
                    plan=dict(row.need.answers) | {"measure": cell.measure.value},
                    gap=cell.gap,
                ),
            )
        owner = _owner(city, project)
        act(owner, matter_id=project, act=Act.NOTE, said=Said("已列入年度计划（演示）。", {"percent": "40%"}))
        if made == 0:
            done = {"done_on": clock.today().isoformat(), "outcome": "已到位（演示）"}
            act(owner, matter_id=project, act=Act.SUBMIT, said=Said("已完成（演示）。", done))
            act(city, matter_id=project, act=Act.CLOSE)
        made += 1
    return made


def _gaps(city: Actor, standard: str) -> list[Row]:
    return (
        [row for row in table(city, standard).rows if any(cell.lacking for cell in row.cells)]
        if standard
        else []
    )


def _title(city: Actor, matter_id: UUID) -> str:
    return matter(city, matter_id=matter_id).standing.title
