"""Opening a decision that rests on a result, and a pay run: both keep the result as it stood, and the law it was read by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.periods import NoPeriod, span
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..queries import uses as queries
from ..queries.matters import area_of
from ..queries.uses import Unit
from ..rules.kinds import KindId
from ..rules.standing import Party
from ..rules.uses import PAY, USE_NAMES, Law, Pay, Without, paid
from .matters import Issue, issue

_TITLE = 120
_PAID = """
SELECT DISTINCT line ->> 'name' AS name
FROM evaluation_matter m, jsonb_array_elements(m.payload -> 'lines') line
WHERE m.kind = 'PAY_RUN' AND m.period = %(period)s AND m.state <> 'WITHDRAWN' AND line ->> 'key' = ANY (%(keys)s::text[])
  AND m.issuer_area = %(area)s AND m.issuer_institution IS NOT DISTINCT FROM %(institution)s::uuid
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be decided: one of the pack's uses, about a unit or a clinician who practises there."""

    use: str
    level: str
    key: str
    words: str
    due_on: date
    clinician_id: UUID | None = None


@transaction.atomic
def open_decision(actor: Actor, what: Asked) -> UUID:
    """Put an appointment, an award, a study leave or a promotion before those who decide, with the latest result as it stands.

    Raises:
        Refused: if the actor may not, no text in force links such a thing to results, there is no such unit, or nobody of that
            name practises there.
    """
    law = _law(actor)
    refuse(None if what.use in law.decisions else NO_SUCH_USE)
    unit = _unit(queries.units(actor), what.level, what.key)
    person = _person(unit, what.clinician_id)
    with scoped(actor, area=area_of(actor)):
        result = queries.results_of(actor, [unit], locked=False).get(unit.key)
    about = f"{unit.name} {person['name']}" if person else unit.name
    return _issued(
        actor,
        Issue(
            kind=KindId.RESULT_USE,
            title=f"{USE_NAMES[what.use].zh}：{about}"[:_TITLE],
            owner=_own(actor),
            due_on=what.due_on,
            words=what.words,
            clauses=(law.clause,),
            pack=_pack(actor),
            period=result["period"] if result else "",
            subject_type=unit.level,
            subject_key=unit.key,
            subject_name=unit.name[:_TITLE],
            payload={
                "use": what.use,
                "person": person,
                "result": result,
                "low": "" if law.low is None else str(law.low),
                "high": "" if law.high is None else str(law.high),
            },
        ),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A pay run: a period as indicators name it, and what each unit is set down for in fen, by key."""

    period: str
    amounts: Mapping[str, int]
    words: str
    due_on: date


@transaction.atomic
def open_pay_run(actor: Actor, what: Run) -> UUID:
    """Reckon pay with the factors of the units' latest locked results, and hand it to those who check it.

    Raises:
        Refused: if the actor may not, no text in force links pay to results, the period is none, nothing or an unknown unit is
            set down, a unit has no locked result and the pack refuses those, or every factor is nothing.
    """
    law = _law(actor)
    refuse(None if PAY in law.uses and law.points else NO_PAY)
    try:
        span(what.period)
    except NoPeriod:
        raise Refused(NO_PERIOD) from None
    known = {each.key: each for each in queries.units(actor)}
    strangers = [key for key in what.amounts if key not in known]
    refuse(
        None if what.amounts else NOTHING_SET_DOWN,
        _named(NO_SUCH_UNIT, strangers) if strangers else None,
        None if all(fen > 0 for fen in what.amounts.values()) else NOT_AN_AMOUNT,
    )
    wanted = [known[key] for key in what.amounts]
    with scoped(actor, area=area_of(actor)):
        results = queries.results_of(actor, wanted, locked=True)
    _once(actor, what)
    lines = _reckoned(law, wanted, what.amounts, results)
    return _issued(
        actor,
        Issue(
            kind=KindId.PAY_RUN,
            title=f"{what.period} {USE_NAMES[PAY].zh}"[:_TITLE],
            owner=_own(actor),
            due_on=what.due_on,
            words=what.words,
            clauses=(law.clause,),
            pack=_pack(actor),
            period=what.period,
            payload={
                "law": law.as_json(),
                "lines": lines,
                "set_down": sum(what.amounts.values()),
                "paid": sum(each["paid"] for each in lines),
            },
        ),
    )


def _once(actor: Actor, what: Run) -> None:
    """Nobody is paid twice for one period: a unit of another run of it that was not withdrawn is refused."""
    mine = _own(actor)
    key = f"pay {mine.area} {mine.institution_id} {what.period}"
    with scoped(actor, area=area_of(actor)):
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=key)
        found = rows(
            _PAID,
            period=what.period,
            keys=list(what.amounts),
            area=mine.area,
            institution=mine.institution_id,
        )
    if found:
        raise Refused(_named(PAID_BEFORE, [row["name"] for row in found]))


def _reckoned(
    law: Law, wanted: Sequence[Unit], amounts: Mapping[str, int], results: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    missing = [each.name for each in wanted if each.key not in results]
    if missing and law.without is Without.REFUSE:
        raise Refused(_named(WITHOUT_RESULT, missing))
    pay = []
    for each in wanted:
        result = results.get(each.key)
        points = Decimal(result["points"]) if result else None
        factor = law.factor(points) if points is not None else Decimal("1")
        pay.append(Pay(amounts[each.key], factor))
    try:
        parts = paid(pay, kept=law.kept)
    except ValueError:
        raise Refused(NO_SHARE) from None
    return [
        {
            "level": each.level,
            "key": each.key,
            "name": each.name,
            "set_down": row.fen,
            "factor": str(row.factor),
            "paid": part,
            "result": results.get(each.key),
        }
        for each, row, part in zip(wanted, pay, parts, strict=True)
    ]


def _issued(actor: Actor, what: Issue) -> UUID:
    found = issue(actor, what)
    assert found is not None, "it has no origin"
    return found


def _law(actor: Actor) -> Law:
    refuse(may(actor, Right.SUPERVISION_ISSUE))
    law = queries.law_for(actor)
    if law is None:
        raise Refused(NO_LAW)
    return law


def _pack(actor: Actor) -> str:
    return mandates.pack_in_force(queries.area_acted_for(actor), on=clock.today())


def _own(actor: Actor) -> Party:
    """Whoever opens it sees it through: a commission for its area, a lead hospital for what it leads."""
    return Party(queries.area_acted_for(actor), actor.institution_id)


def _unit(found: Sequence[Unit], level: str, key: str) -> Unit:
    unit = next((each for each in found if (each.level, each.key) == (level, key)), None)
    if unit is None:
        raise Refused(_named(NO_SUCH_UNIT, [key[:40]]))
    return unit


def _person(unit: Unit, clinician_id: UUID | None) -> dict[str, str]:
    if clinician_id is None:
        return {}
    found = next((each for each in queries.clinicians(unit) if each.id == clinician_id), None)
    if found is None:
        raise Refused(NOT_THERE)
    return {"id": str(found.id), "name": found.name}


def _named(refusal: Refusal, names: Sequence[str]) -> Refusal:
    shown = "、".join(names[:5]) + ("……" if len(names) > 5 else "")
    return Refusal(
        code=refusal.code,
        message=refusal.message,
        instead=refusal.instead,
        fields={"names": shown, "count": len(names)},
        clauses=refusal.clauses,
        at=refusal.at,
        status=refusal.status,
    )


NO_LAW = Refusal(
    code="evaluation.results_not_linked",
    message=Text(
        "当地现行文件没有把考核结果与任免、奖励或绩效挂钩。",
        "No text in force here links results to appointments, awards or pay.",
    ),
    instead=Text(
        "有依据的，请先把条款补进政策包。", "If a document does, the clause belongs into the pack first."
    ),
    status=422,
)
NO_SUCH_USE = Refusal(
    code="evaluation.use_not_linked",
    message=Text("现行文件没有把这一项与考核结果挂钩。", "No text in force links this to results."),
    instead=Text("请从列出的用途里选。", "Choose one of those listed."),
    clauses=("YN-91",),
    at="use",
    status=422,
)
NO_PAY = Refusal(
    code="evaluation.pay_not_linked",
    message=Text(
        "现行文件没有把绩效工资与考核结果挂钩，或没有定系数。",
        "No text in force links pay to results, or it sets no factor.",
    ),
    instead=Text("请先在政策包里定得分与系数。", "Set points and factors in the policy pack first."),
    clauses=("YN-91",),
    at="period",
    status=422,
)
NO_PERIOD = Refusal(
    code="evaluation.no_pay_period",
    message=Text("没有这个时期。", "There is no such period."),
    instead=Text("请写成 2025、2025Q3 或 2025-07。", "Write 2025, 2025Q3 or 2025-07."),
    at="period",
    status=422,
)
NOTHING_SET_DOWN = Refusal(
    code="evaluation.nothing_set_down",
    message=Text("没有一个单位填了金额。", "No unit is set down for anything."),
    instead=Text("请填写金额，或上传填好的表。", "Fill in amounts, or upload the table."),
    at="amounts",
    status=422,
)
NOT_AN_AMOUNT = Refusal(
    code="evaluation.not_an_amount",
    message=Text("金额要大于零。", "An amount is more than nothing."),
    instead=Text("不参加这次兑现的单位请留空。", "Leave a unit empty that takes no part."),
    at="amounts",
    status=422,
)
NO_SUCH_UNIT = Refusal(
    code="evaluation.no_such_unit",
    message=Text(
        "您的辖区或医联体里没有这样的单位：{names}。",
        "There is no such unit in your area or consortium: {names}.",
    ),
    instead=Text(
        "请从名单里选，或用下载的表填写。", "Choose from the list, or fill in the table for download."
    ),
    at="unit",
    status=422,
)
NOT_THERE = Refusal(
    code="evaluation.clinician_not_there",
    message=Text("这位人员不在该单位的执业登记里。", "Nobody of that registration practises there."),
    instead=Text(
        "请从名单里选；新来的请先登记执业地点。",
        "Choose from the list; enter newcomers in the register first.",
    ),
    at="clinician",
    status=422,
)
WITHOUT_RESULT = Refusal(
    code="evaluation.without_result",
    message=Text(
        "{count} 个单位没有锁定的考核结果，不能兑现：{names}。",
        "{count} units have no locked result and cannot be paid by it: {names}.",
    ),
    instead=Text(
        "请先锁定考核，或这一次不列这些单位。",
        "Lock the assessment first, or leave these units out this time.",
    ),
    clauses=("YN-91",),
    at="amounts",
    status=422,
)
PAID_BEFORE = Refusal(
    code="evaluation.paid_before",
    message=Text(
        "这个时期已经有绩效兑现列了这些单位：{names}。",
        "Another pay run of this period has these units: {names}.",
    ),
    instead=Text(
        "请打开原来的兑现；要重算的，先撤销它。", "Open that one; to reckon anew, withdraw it first."
    ),
    at="period",
    status=409,
)
NO_SHARE = Refusal(
    code="evaluation.no_share",
    message=Text("所有系数都是零，总额无法分配。", "Every factor is nothing, so the whole cannot be shared."),
    instead=Text("请核对政策包里的系数。", "Check the factors in the policy pack."),
    at="amounts",
    status=422,
)
