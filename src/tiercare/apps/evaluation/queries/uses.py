"""Uses of results: what the pack links to them, whose result a unit stands by, and decisions and pay runs as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.answering import Doctor, doctors_at
from tiercare.apps.network.queries.holders import holders
from tiercare.apps.network.queries.members import consortia_with_members
from tiercare.engines.measures.rounding import written
from tiercare.engines.policy import ParameterProblem, Value, carries, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..models import Assessed
from ..rules.kinds import KindId
from ..rules.standing import NO_SUCH_MATTER
from ..rules.uses import POINT_DIGITS, Law, Without
from .matters import Listed, Shown, Wanted, area_of, matter, matters

KINDS = (KindId.RESULT_USE, KindId.PAY_RUN)
_PAGE, _PAGES = 50, 6  # matters come fifty at a time


@dataclass(frozen=True, slots=True)
class Unit:
    """Who can be decided about or paid: a consortium, or an institution with the consortia whose results it stands by."""

    level: str
    key: str
    name: str
    consortia: tuple[str, ...] = ()


def area_acted_for(actor: Actor) -> str:
    """The area whose pack counts: the commission's, or where the institution stands."""
    if actor.institution_id is None:
        return actor.division_code or ""
    place = network.place_of(actor.institution_id, on=clock.today())
    return place.division_code if place else actor.division_code or ""


def law_for(actor: Actor, *, on: date | None = None) -> Law | None:
    """What the pack in force for the actor makes of results; ``None`` where no text links anything to them."""
    day = on or clock.today()
    try:
        pack = mandates.pack_in_force(area_acted_for(actor), on=day)
    except Refused:
        return None
    return law_in(pack, on=day)


def law_in(pack: str, *, on: date) -> Law | None:
    """The same of a pack. Uses alone may be linked: without points nothing is made of a score.

    Raises:
        Refused: if the pack's law cannot be used: points that do not rise, or are not as many as factors; an unknown word.
    """
    packs = mandates.packs()

    def said(key: str) -> Value:
        return parameter(packs, key, pack, on=on).value if carries(packs, key, pack) else None

    try:
        if not carries(packs, "linked_to", pack):
            return None
        links = parameter(packs, "linked_to", pack, on=on)
        uses = links.value if isinstance(links.value, list | tuple) else ()
        points, factors = _numbers(said("use_points")), _numbers(said("use_factors"))
        low, high = said("use_low_points"), said("use_high_points")
        without = str(said("use_without_result") or Without.REFUSE.value)
        kept = said("use_total") == "kept"
    except ParameterProblem:
        return None
    if len(points) != len(factors) or any(a >= b for a, b in pairwise(points)) or without not in set(Without):
        raise Refused(UNUSABLE_LAW)
    return Law(
        tuple(str(each) for each in uses),
        points,
        factors,
        Without(without),
        kept,
        None if low is None else Fraction(str(low)),
        None if high is None else Fraction(str(high)),
        links.clause.id,
    )


def units(actor: Actor) -> list[Unit]:
    """Consortia of the actor's area with their members, each once; of an institution those that it leads."""
    today, house = clock.today(), actor.institution_id
    found = consortia_with_members("" if house else area_acted_for(actor), on=today)
    mine = [each for each in found if house is None or each.lead == house]
    members: dict[str, Unit] = {}
    for each in mine:
        for member in each.members:
            before = members.get(member.key)
            above = (*(before.consortia if before else ()), each.key)
            members[member.key] = Unit("institution", member.key, member.name, above)
    return [*(Unit("consortium", each.key, each.name) for each in mine), *members.values()]


def clinicians(unit: Unit) -> Sequence[Doctor]:
    """Who practises at an institution; nobody at a consortium."""
    today = clock.today()
    behind = holders(on=today).institutions.get(unit.key, ()) if unit.level == "institution" else ()
    return doctors_at(behind[0], on=today) if behind else ()


def results_of(actor: Actor, found: Collection[Unit], *, locked: bool) -> Mapping[str, dict[str, Any]]:
    """The latest result of each unit by its key, as it is kept with what uses it: its own, or that of its consortium. ``locked``
    alone counts for money; for a decision one that was approved will do. Units without any are left out. The caller stands in
    ``scoped``."""
    wanted = {(each.level, each.key) for each in found} | {
        ("consortium", c) for u in found for c in u.consortia
    }
    rows = Assessed.objects.filter(key__in={key for _, key in wanted}).exclude(total=None)
    if locked:
        rows = rows.exclude(locked_on=None)
    newest: dict[tuple[str, str], Assessed] = {}
    for row in rows.order_by("period", "locked_on", "id"):  # the last of a year counts
        newest[row.level, row.key] = row
    answer = {}
    for each in found:
        own = newest.get((each.level, each.key))
        above = [newest["consortium", key] for key in each.consortia if ("consortium", key) in newest]
        row = own or max(above, key=lambda one: (one.period, one.id), default=None)
        if row is not None:
            answer[each.key] = _kept(row)
    return answer


def result_of(actor: Actor, unit: Unit) -> dict[str, Any] | None:
    """The latest result that a decision about the unit would show now."""
    with scoped(actor, area=area_of(actor)):
        return results_of(actor, [unit], locked=False).get(unit.key)


def latest_locked(actor: Actor, found: Collection[Unit]) -> Mapping[str, dict[str, Any]]:
    """The latest locked result of each unit that has one, which a pay run would read now."""
    with scoped(actor, area=area_of(actor)):
        return results_of(actor, found, locked=True)


def uses(actor: Actor, *, kind: KindId) -> list[Listed]:
    """Decisions or pay runs that the actor may see, the newest first; some hundred at most.

    Raises:
        Refused: if the actor sees no assessments.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    found: list[Listed] = []
    for page in range(1, _PAGES + 1):
        more = matters(actor, Wanted(kinds=(kind,)), page=page)
        found += more
        if len(more) < _PAGE:
            break
    return sorted(found, key=lambda each: (each.made_at, each.id), reverse=True)


def use(actor: Actor, matter_id: UUID) -> Shown:
    """One of them whole.

    Raises:
        Refused: if there is none for the actor.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    shown = matter(actor, matter_id=matter_id)
    if shown.standing.kind not in {each.value for each in KINDS}:
        raise Refused(NO_SUCH_MATTER)
    return shown


def digests_now(actor: Actor, assessed: Collection[str]) -> Mapping[str, str]:
    """What the results that were used come to now, by id; those that the actor may not see are left out."""
    with scoped(actor, area=area_of(actor)):
        found = Assessed.objects.filter(id__in=[UUID(each) for each in assessed])
        return {str(row.id): row.result_digest for row in found}


def _kept(row: Assessed) -> dict[str, Any]:
    assert row.total is not None, "those without are left out"
    return {
        "assessment": str(row.assessment_id),
        "assessed": str(row.id),
        "title": row.title,
        "period": row.period,
        "level": row.level,
        "key": row.key,
        "name": row.name,
        "points": str(written(Fraction(row.total), POINT_DIGITS)),
        "total": str(row.total),
        "place": row.place,
        "digest": row.result_digest,
        "locked_on": row.locked_on.isoformat() if row.locked_on else None,
    }


def _numbers(value: Value) -> tuple[Fraction, ...]:
    return tuple(Fraction(str(each)) for each in value) if isinstance(value, list | tuple) else ()


UNUSABLE_LAW = Refusal(
    code="evaluation.unusable_law",
    message=Text(
        "政策包里的得分与系数用不了：得分要从小到大，每个得分对一个系数。",
        "The points and factors of the policy pack cannot be used: points have to rise, each with a factor.",
    ),
    instead=Text(
        "请改正 use_points、use_factors、use_without_result。",
        "Mend use_points, use_factors, use_without_result.",
    ),
    at="law",
    status=422,
)
