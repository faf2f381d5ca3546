"""How a county or a city assesses: its scorecard in a new version, and what a score is used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.scoring import Scorecard, read_card
from tiercare.engines.policy.load import PackErrors
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import FactorTable, Scheme
from ..queries.book import book_of
from ..queries.matters import area_of

SUBJECT = "evaluation.scheme"
USES = ("head_salary", "appointment", "award", "study", "promotion")
_MOST = 20  # steps of a table of factors
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Step:
    """From so many points on, this factor; as typed."""

    points: str
    factor: str


def card_for(pack: str, definition: Mapping[str, Any]) -> Scorecard:
    """A commission's own definition as a scorecard.

    Raises:
        Refused: with everything that is wrong with it, each at its place (``panels.0.measures.1.weight``).
    """
    try:
        card = read_card(dict(definition), mandates.packs(), book_of(pack), named="scheme")
    except PackErrors as errors:
        raise Refused(
            *(
                Refusal(
                    code="evaluation.scheme_wrong",
                    message=each.message,
                    instead=each.fix,
                    at=each.key,
                    status=422,
                )
                for each in errors.problems
            )
        ) from None
    if not card.weight:
        raise Refused(NO_WEIGHT)
    return card


@transaction.atomic
def define_scheme(
    actor: Actor, *, division: str, pack: str, definition: Mapping[str, Any], assessor: str, since: date
) -> Scheme:
    """Lay down how an area assesses from a day on. The version before ends there; none is ever changed.

    Raises:
        Refused: if the actor may not there, the definition is wrong (each fault at its place), nobody assesses, or the version
            in force began no earlier.
    """
    refuse(may(actor, Right.EVALUATION_RUN, division=division))
    assessor = assessor.strip()
    refuse(None if 0 < len(assessor) <= _LONGEST else NO_ASSESSOR)
    with scoped(actor, area=area_of(actor)):
        card_id = str(definition.get("id", ""))
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"scheme {division} {card_id}")
        before = Scheme.objects.filter(division_code=division, card=card_id).order_by("-version").first()
        version = before.version + 1 if before else 1
        card = card_for(pack, {**definition, "version": version})
        if before is not None:
            if before.period.lower >= since:
                raise Refused(TOO_EARLY)
            before.period = DateRange(before.period.lower, since)
            before.save(update_fields=["period"])
        scheme = Scheme.objects.create(
            division_code=division,
            card=card.id,
            version=version,
            name=card.name.zh,
            assessor=assessor,
            definition={**definition, "version": version},
            pack=pack,
            period=DateRange(since, None),
            made_by_name=actor.name,
        )
        ledger.append(
            actor,
            events.SchemeDefined(card.id, version, since, len(card.measures)),
            subject_type=SUBJECT,
            subject_id=scheme.id,
            division_code=division,
            clauses=card.clauses,
        )
    return scheme


@transaction.atomic
def set_factors(
    actor: Actor, *, division: str, steps: Sequence[Step], uses: Sequence[str], active: bool, since: date
) -> FactorTable:
    """Lay down what an area makes of a score from a day on, or that nothing hangs on it.

    Raises:
        Refused: if the actor may not there, or a step is none.
    """
    refuse(may(actor, Right.EVALUATION_RUN, division=division))
    refuse(None if set(uses) <= set(USES) else NO_SUCH_USE)
    kept = _steps(steps)
    if active and not (kept and uses):
        raise Refused(NO_STEPS)
    with scoped(actor, area=area_of(actor)):
        table = FactorTable.objects.create(
            division_code=division,
            active=active,
            uses=[each for each in USES if each in uses],
            steps=kept,
            since=since,
            made_by_name=actor.name,
        )
        ledger.append(
            actor,
            events.FactorsSet(active, len(kept), since),
            subject_type="evaluation.factors",
            subject_id=table.id,
            division_code=division,
        )
    return table


def _steps(steps: Sequence[Step]) -> list[list[str]]:
    found: dict[Decimal, Decimal] = {}
    for at, each in enumerate(steps):
        points, factor = _number(each.points), _number(each.factor)
        if points is None or factor is None or points > 100 or points in found:
            raise Refused(_not_a_step(at))
        found[points] = factor
    if len(found) > _MOST:
        raise Refused(_not_a_step(_MOST))
    return [[f"{points:f}", f"{found[points]:f}"] for points in sorted(found)]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    small = number.is_finite() and 0 <= number <= 1000 and -3 <= int(number.as_tuple().exponent) <= 0
    return number if small else None


def _not_a_step(at: int) -> Refusal:
    return Refusal(
        code="evaluation.not_a_step",
        message=Text(
            "第 {row} 行不是一档：分数要从 0 到 100，系数是不小于零的数，最多三位小数，分数不能重复。",
            "Row {row} is no step: points from 0 to 100, a factor not below zero, three decimals at most, no points twice.",
        ),
        instead=Text("例：60 分起 0.9，85 分起 1.1。", "Such as 0.9 from 60 points, 1.1 from 85."),
        fields={"row": at + 1},
        at=f"steps.{at}",
        status=422,
    )


NO_WEIGHT = Refusal(
    code="evaluation.scheme_without_weight",
    message=Text("方案没有权重，算不出分。", "Nothing is weighed: there is no score."),
    instead=Text("请给各项权重，合计 100。", "Give the lines weights that add up to 100."),
    at="panels",
    status=422,
)
NO_ASSESSOR = Refusal(
    code="evaluation.no_assessor",
    message=Text("请写明由谁考核，最多 120 个字。", "Say who assesses, in at most 120 characters."),
    instead=Text("如“繁昌区医共体管理委员会”。", "Such as the county's consortium committee."),
    at="assessor",
    status=422,
)
TOO_EARLY = Refusal(
    code="evaluation.scheme_too_early",
    message=Text(
        "现行的一版从那天或更晚才开始，新的一版只能接在它后面。",
        "The version in force began on that day or later; a new one can only follow it.",
    ),
    instead=Text("请选更晚的一天。", "Choose a later day."),
    at="since",
    status=422,
)
NO_STEPS = Refusal(
    code="evaluation.no_steps",
    message=Text(
        "启用挂钩要有分档和用途。", "To hang something on the score, give steps and what they are for."
    ),
    instead=Text("请填写分档、勾选用途，或先停用。", "Fill in both, or switch it off."),
    at="steps",
    status=422,
)
NO_SUCH_USE = Refusal(
    code="evaluation.no_such_use",
    message=Text("没有这种用途。", "There is no such use."),
    instead=Text("请从页面上勾选。", "Choose on the page."),
    at="uses",
    status=422,
)
