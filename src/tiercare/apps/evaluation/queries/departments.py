"""Departments of the government: what each is asked to do, what is open for it, and who works where (YN-96)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, Role, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.oversight import Department
from tiercare.engines.measures.schema import Level
from tiercare.engines.policy import Clause, ParameterProblem, parameter
from tiercare.engines.policy.ledger import PLANNED, WORKING, recorded_tests
from tiercare.engines.policy.model import NamedList
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..models import Post
from ..workflow import OPEN
from .book import book_of, oversight_of
from .indicator import newest_run
from .matters import Listed, Wanted, area_of, matters
from .values import Number, Which, read_numbers

_PAGE, _PAGES = 50, 10  # matters come fifty at a time


@dataclass(frozen=True, slots=True)
class Duty:
    """A clause that names the department: whether it leads or supports, and whether the platform does it."""

    clause: Clause
    leads: bool
    state: str


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator of one of the department's clauses, with the region's number of the newest year, if there is one."""

    indicator: Indicator
    number: Number | None


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is one department's, and nothing else."""

    department: Department
    duties: Sequence[Duty]
    matters: Sequence[Listed]
    measured: Sequence[Measured]
    span: str
    lists: Sequence[NamedList]
    posts: Sequence[Post]


def departments_in(pack: str, *, on: date) -> list[Department]:
    """The departments that a pack knows on a day: of those that a clause has to name, the ones that it names."""
    packs, found = mandates.packs(), []
    for each in oversight_of(pack).departments.values():
        if each.listed_in:
            try:
                named: Any = parameter(packs, each.listed_in, pack, on=on).value
            except ParameterProblem:
                continue
            if each.id not in named:
                continue
        found.append(each)
    return found


def workspaces(actor: Actor, pack: str, *, on: date) -> list[Department]:
    """The departments whose workspace the actor has: those that they were named to; a commission that was named to none, all; else
    those of their role."""
    known = departments_in(pack, on=on)
    if actor.institution_id is not None or may(actor, Right.EVALUATION_READ) is not None:
        return []
    named = _named(actor)
    if named:
        return [each for each in known if each.id in named]
    if actor.role == Role.COMMISSION:
        return known
    return [each for each in known if actor.role in each.roles]


def department_of(actor: Actor, pack: str, key: str, *, on: date) -> Department:
    """One that is the actor's.

    Raises:
        Refused: 404 if there is none, 403 if it is another's.
    """
    if key not in {each.id for each in departments_in(pack, on=on)}:
        raise Refused(NO_SUCH_DEPARTMENT)
    found = next((each for each in workspaces(actor, pack, on=on) if each.id == key), None)
    if found is None:
        raise Refused(NOT_YOURS)
    return found


def workspace(actor: Actor, pack: str, key: str, *, on: date) -> Workspace:
    """A department's clauses with the state of the ledger, its open matters, its indicators and its lists.

    Raises:
        Refused: as ``department_of``.
    """
    department = department_of(actor, pack, key, on=on)
    packs, tests = mandates.packs(), recorded_tests()
    duties = [
        Duty(clause, leads, WORKING if tests.get(clause.id) else PLANNED)
        for clause in packs.clauses_for(pack)
        if (leads := _names(clause.responsible, department)) or _names(clause.supporting, department)
    ]
    clauses = {each.clause.id for each in duties} | set(department.clauses)
    measured, span = _measured(actor, pack, clauses)
    return Workspace(
        department,
        duties,
        [each for each in _open(actor) if clauses & set(each.clauses)],
        measured,
        span,
        [each for each in packs.lists_for(pack) if each.clause in clauses],
        posts(actor, key),
    )


def posts(actor: Actor, department: str) -> list[Post]:
    """Who works there today or will, of the actor's own area.

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = Post.objects.filter(
            department=department,
            division_code=actor.division_code or "",
            period__overlap=DateRange(clock.today(), None),
        )
        return list(found.order_by("account_name", "id"))


def post_of(post_id: UUID) -> Post | None:
    """One, for whoever changes it; the caller stands in ``scoped``."""
    return Post.objects.select_for_update().filter(id=post_id).first()


def _named(actor: Actor) -> frozenset[str]:
    with scoped(actor, area=area_of(actor)):
        found = Post.objects.filter(account_id=actor.account_id, period__contains=clock.today())
        return frozenset(found.values_list("department", flat=True))


def _names(bodies: Collection[str], department: Department) -> bool:
    return bool(set(bodies) & set(department.bodies))


def _open(actor: Actor) -> list[Listed]:
    found: list[Listed] = []
    for page in range(1, _PAGES + 1):
        more = matters(actor, Wanted(states=OPEN), page=page)
        found += more
        if len(more) < _PAGE:
            break
    return found


def _measured(actor: Actor, pack: str, clauses: Collection[str]) -> tuple[list[Measured], str]:
    book = book_of(pack).indicators
    mine = [versions[-1] for versions in book.values() if set(versions[-1].clauses) & set(clauses)]
    run = newest_run(actor, pack)
    if run is None or not mine:
        return [Measured(each, None) for each in mine], ""
    wanted = Which({each.id for each in mine}, {Level.REGION.value}, {run.shown_first}, {run.region})
    with scoped(actor, area=area_of(actor)):
        numbers = {each.indicator: each for each in read_numbers(run.id, wanted)}
    return [Measured(each, numbers.get(each.id)) for each in mine], run.shown_first


NO_SUCH_DEPARTMENT = Refusal(
    code="evaluation.no_such_department",
    message=Text("当地的文件没有点到这个部门。", "The texts of this area name no such department."),
    instead=Text("请从部门工作台的目录打开。", "Open one from the list of departments."),
    at="department",
    status=404,
)
NOT_YOURS = Refusal(
    code="evaluation.not_your_department",
    message=Text("这是另一个部门的工作台。", "This is another department's workspace."),
    instead=Text(
        "请打开本部门的工作台；要在这里办公，请卫生健康行政部门任命。",
        "Open your own; the health commission names who works here.",
    ),
    clauses=("YN-96",),
    at="department",
    status=403,
)
