"""Opening an assessment, reporting for oneself, reviewing line by line, and proposing what should change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.engines.measures.periods import NoPeriod, span
from tiercare.engines.measures.scoring import Inputs, Scorecard, text_of
from tiercare.engines.measures.scoring.replay import digest_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Assessed, Scheme
from ..queries.assessing import Unit, drawn, indicators_of, run_with, scorecard, units_in
from ..queries.matters import area_of, sides_of, standing_of
from ..queries.runs import Kept
from ..rules import assessing as rules
from ..rules.kinds import KindId
from ..rules.standing import ISSUER_ONLY, NO_SUCH_MATTER, File, Party, Said, Standing
from ..workflow import Act, Side, State
from .matters import Issue, act, issue
from .settling import take_over

_SAME = """
SELECT id FROM evaluation_matter WHERE kind = 'ASSESSMENT' AND issuer_area = %(area)s AND period = %(period)s
   AND state <> 'WITHDRAWN' AND payload ->> 'card' = %(card)s
"""
CHANGES = ("lead", "members", "grid")


@dataclass(frozen=True, slots=True)
class Opening:
    """What is opened: a year, by which card of the pack or which scheme of the area, until when units report."""

    pack: str
    period: str
    due_on: date
    card: str = ""
    scheme_id: UUID | None = None


@transaction.atomic
def open_assessment(actor: Actor, what: Opening) -> UUID:
    """Begin an assessment of an area: everybody who is assessed gets a self-report with the platform's numbers of the newest
    run. Answers the matter's id.

    Raises:
        Refused: if the actor may not, nothing was computed for that year, nobody is there to be assessed, or the same is under
            way or done.
    """
    area = actor.division_code or ""
    refuse(may(actor, Right.EVALUATION_RUN, division=area))
    try:
        year = span(what.period)
    except NoPeriod:
        raise Refused(NO_SUCH_YEAR) from None
    with scoped(actor, area=area_of(actor)):
        card, scheme = scorecard(what.pack, card=what.card, scheme_id=what.scheme_id, area=area)
        run = run_with(actor, what.pack, str(year))
        units = units_in(area, card, pack=what.pack, on=min(clock.today(), date(year.last // 100, 12, 31)))
        refuse(None if units else NOBODY)
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"assess {area} {card.id}")
        if rows(_SAME, area=area, period=str(year), card=card.id):
            raise Refused(OPENED_BEFORE)
        inputs = drawn(run, card, year, units)
        matter = issue(actor, _assessment(area, what, card, scheme, run, len(units)))
        assert matter is not None, "it has no origin"
        for unit in units:
            _begin(actor, what, matter, unit, inputs[unit.key], _lines(what.pack, inputs[unit.key]))
    return matter


def _assessment(
    area: str, what: Opening, card: Scorecard, scheme: Scheme | None, run: Kept, units: int
) -> Issue:
    return Issue(
        kind=KindId.ASSESSMENT,
        title=f"{what.period}年{card.name.zh}"[:120],
        owner=Party(area),
        due_on=what.due_on,
        words=card.source.zh,
        clauses=card.clauses,
        pack=what.pack,
        period=what.period,
        payload={
            "card": card.id,
            "version": card.version,
            "scheme": str(scheme.id) if scheme else None,
            "assessor": scheme.assessor if scheme else "",
            "level": card.level.value,
            "run": str(run.id),
            "run_digest": run.digest,
            "region": run.region,
            "synthetic": run.synthetic,
            "units": units,
        },
    )


def _begin(
    actor: Actor, what: Opening, matter: UUID, unit: Unit, inputs: Inputs, lines: Sequence[rules.Line]
) -> None:
    """Somebody is assessed; where the area cannot ask them (a lead outside it) on the platform's numbers alone."""
    report = None
    if unit.owner is not None:
        report = issue(
            actor,
            Issue(
                kind=KindId.SELF_REPORT,
                title=f"{what.period}年自评：{unit.name}"[:120],
                owner=unit.owner,
                due_on=what.due_on,
                pack=what.pack,
                period=what.period,
                subject_type=unit.level.value,
                subject_key=unit.key,
                subject_name=unit.name,
                parent_id=matter,
                payload={"lines": [each.as_json() for each in lines], "assessment": str(matter)},
            ),
        )
    text = text_of(inputs)
    Assessed.objects.create(
        assessment_id=matter,
        report_id=report,
        title=f"{what.period}年{inputs.card.name.zh}"[:120],
        period=what.period,
        card=inputs.card.id,
        level=unit.level.value,
        key=unit.key,
        name=unit.name,
        area=unit.area,
        inputs=text,
        digest=digest_of(text),
    )


def _lines(pack: str, inputs: Inputs) -> list[rules.Line]:
    book = indicators_of(pack)
    taken = {each.indicator: each for each in inputs.taken}
    found = []
    for measure in inputs.card.measures:
        definition, each = book.get(measure.indicator), taken.get(measure.indicator)
        if definition is None:
            continue
        value = each.value if each else None
        found.append(
            rules.Line(
                measure.indicator,
                definition.name,
                definition.unit,
                measure.weight,
                definition.form,
                definition.per,
                value.numerator if value else None,
                value.denominator if value else None,
                value.value if value else None,
            )
        )
    return found


def report(
    actor: Actor,
    *,
    matter_id: UUID,
    lines: Mapping[str, Mapping[str, str]],
    words: str,
    files: tuple[File, ...] = (),
    version: int | None = None,
) -> State:
    """A unit's own numbers and remarks, by indicator (``numerator``, ``denominator``, ``remark`` as typed), with evidence.

    Raises:
        Refused: as ``act``; each line that is no number at its place (``<indicator>.numerator``).
    """
    said = Said(words=words, figures={"lines": {key: dict(each) for key, each in lines.items()}}, files=files)
    return act(actor, matter_id=matter_id, act=Act.SUBMIT, said=said, version=version)


@transaction.atomic
def review(
    actor: Actor,
    *,
    matter_id: UUID,
    decisions: Mapping[str, Mapping[str, str]],
    version: int | None = None,
) -> State:
    """Decide a self-report line by line (``take``: platform, unit or return; ``why``). If a line is returned the whole report
    is, with the reasons; otherwise it is closed and what was accepted counts. A closed one is decided anew as long as the
    assessment is not approved.

    Raises:
        Refused: as ``act``; each line that is not decided at its place.
    """
    with scoped(actor, area=area_of(actor)):
        standing = standing_of(matter_id)
        if standing is None or standing.kind != KindId.SELF_REPORT:
            raise Refused(NO_SUCH_MATTER)
        given = {key: dict(each) for key, each in decisions.items() if each.get("take")}
        back = [key for key, each in given.items() if each["take"] == rules.Take.RETURN]
        refuse(*rules.decided(rules.lines_of(standing.payload), standing.result.get("lines", {}), given))
        if standing.state is State.CLOSED:
            return _again(actor, standing, given, back)
        figures = {"lines": given}
        if not back:
            return act(actor, matter_id=matter_id, act=Act.CLOSE, said=Said(figures=figures), version=version)
        said = Said(words=_why(standing, given, back), figures=figures)
        return act(actor, matter_id=matter_id, act=Act.RETURN, said=said, version=version)


def _again(actor: Actor, standing: Standing, given: Mapping[str, Any], back: Sequence[str]) -> State:
    if Side.ISSUER not in sides_of(actor, standing):
        raise Refused(ISSUER_ONLY)
    above = standing_of(standing.parent_id) if standing.parent_id else None
    if above is None or back or above.state not in {State.OPEN, State.SUBMITTED, State.RETURNED}:
        raise Refused(DECIDED)
    take_over(Assessed.objects.get(report_id=standing.id), standing, dict(given))
    own = sum(each["take"] == rules.Take.UNIT for each in given.values())
    ledger.append(
        actor,
        events.ReviewChanged(len(given), own),
        subject_type="evaluation.matter",
        subject_id=standing.id,
        division_code=standing.owner.area,
    )
    return standing.state


def _why(standing: Standing, given: Mapping[str, Mapping[str, str]], back: Sequence[str]) -> str:
    names = {each.indicator: each.name.zh for each in rules.lines_of(standing.payload)}
    return "；".join(f"{names[key]}：{given[key].get('why', '').strip()}" for key in back)


@transaction.atomic
def propose_adjustment(
    actor: Actor, *, assessed_id: UUID, change: str, words: str, application: str, due_on: date
) -> UUID:
    """From a result that stands, a documented proposal to change the lead, the members or the grid (NHC-59), with what is
    proposed and the application to the register that carries it out. It is submitted at once and waits for approval.

    Raises:
        Refused: if there is no such result, it is not approved yet, or no reason is given.
    """
    if change not in CHANGES:
        raise Refused(NO_SUCH_CHANGE)
    with scoped(actor, area=area_of(actor)):
        row = Assessed.objects.filter(id=assessed_id).select_related("assessment").first()
        if row is None:
            raise Refused(NO_SUCH_MATTER)
        if row.assessment.state not in {State.APPROVED, State.LOCKED}:
            raise Refused(NO_RESULT_YET)
        above = row.assessment
        matter = issue(
            actor,
            Issue(
                kind=KindId.ADJUSTMENT,
                title=f"{row.name}：{_CHANGED[change].zh}"[:120],
                owner=Party(actor.division_code or ""),
                due_on=due_on,
                words=words,
                clauses=tuple(above.clauses),
                pack=above.pack,
                period=above.period,
                subject_type=row.level,
                subject_key=row.key,
                subject_name=row.name,
                payload={
                    "assessment": str(above.id),
                    "assessed": str(row.id),
                    "change": change,
                    "total": None if row.total is None else f"{row.total:.1f}",
                    "place": row.place,
                    "digest": row.result_digest,
                    "application": application.strip()[:80],
                },
            ),
        )
        assert matter is not None, "it has no origin"
        act(actor, matter_id=matter, act=Act.SUBMIT, said=Said(words=words))
    return matter


_CHANGED: Mapping[str, Text] = {
    "lead": Text("建议更换牵头单位", "another lead"),
    "members": Text("建议调整成员单位", "other members"),
    "grid": Text("建议调整服务网格", "another grid"),
}


def _refusal(code: str, message: Text, instead: Text, at: str, status: int = 409) -> Refusal:
    return Refusal(code=f"evaluation.{code}", message=message, instead=instead, at=at, status=status)


NO_SUCH_YEAR = _refusal(
    "no_such_year",
    Text("没有这个考核年度。", "This is no year."),
    Text("请从已计算的年度里选择。", "Choose one that was computed."),
    "period",
    422,
)
NOBODY = _refusal(
    "nobody_to_assess",
    Text("本辖区没有这张考核表适用的单位。", "Nobody in your area is assessed by this card."),
    Text("请换一张表，或先在机构网络里登记医联体。", "Choose another card, or enter the consortia first."),
    "card",
)
OPENED_BEFORE = _refusal(
    "assessment_opened_before",
    Text("这一年按这张表的考核已经开始或完成。", "This year is being assessed by this card, or has been."),
    Text(
        "请打开那一次；确需重来的，先撤销它并写明理由。",
        "Open that one; withdraw it first if it must begin again.",
    ),
    "card",
)
DECIDED = _refusal(
    "review_over",
    Text(
        "考核已经审定，或自评已经办结，不能再退回、改审。",
        "It is approved, or closed, and cannot be returned now.",
    ),
    Text("已审定的先“重新审核”；要单位补报的，请另行督办。", "Review the assessment again first."),
    "lines",
)
NO_RESULT_YET = _refusal(
    "no_result_yet",
    Text(
        "考核结果还没有审定，不能据此提出调整。",
        "The result is not approved: nothing can be proposed on it yet.",
    ),
    Text("请在审定以后提出。", "Propose it after the approval."),
    "assessment",
)
NO_SUCH_CHANGE = _refusal(
    "no_such_change",
    Text(
        "请选择要调整牵头单位、成员还是网格。",
        "Choose whether the lead, the members or the grid should change.",
    ),
    Text("一项建议只说一种调整。", "A proposal is about one of them."),
    "change",
    422,
)
