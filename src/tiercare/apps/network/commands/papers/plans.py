"""Plans that governments finish (YN-92: goals and a schedule); their milestones are dated tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ..judging import lock_prefectures
from .shared import blank, no_such, not_yet

CONSORTIUM_PLAN = "consortium_plan"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a plan wants done by when."""

    text: Text
    due: date


@transaction.atomic
def record_plan(
    *,
    actor: Actor,
    division_code: str,
    finished_on: date,
    goal: str,
    stages: Sequence[Stage],
    kind: str = CONSORTIUM_PLAN,
) -> models.RegionalPlan:
    """Record the plan that the government of an area finished, with its goal and its milestones.

    Raises:
        Refused: if the actor may not, a plan of that day is there, goal or milestones are missing, or the day
            is still to come.
    """
    refusal = may(actor, Right.NETWORK_DECIDE, division=division_code)
    refusal = refusal or _misfits(division_code, kind, finished_on, goal, stages)
    if refusal:
        raise Refused(refusal)
    lock_prefectures([division_code])
    plan = models.RegionalPlan.objects.create(
        division_code=division_code, kind=kind, finished_on=finished_on, goal=goal.strip()
    )
    models.PlanMilestone.objects.bulk_create(
        models.PlanMilestone(
            plan=plan, text_zh=stage.text.zh.strip(), text_en=stage.text.en.strip(), due=stage.due
        )
        for stage in stages
    )
    ledger.append(
        actor,
        events.PlanRecorded(division_code, kind, finished_on, len(stages)),
        subject_type="plan",
        subject_id=plan.id,
        division_code=division_code,
    )
    return plan


def _misfits(
    division: str, kind: str, finished_on: date, goal: str, stages: Sequence[Stage]
) -> Refusal | None:
    if not goal.strip():
        return blank("goal", Text("建设目标", "goal"))
    if not stages or not all(stage.text.zh.strip() for stage in stages):
        return blank("stages", Text("时间进度（每个节点的内容和日期）", "schedule (what by which day)"))
    if finished_on > clock.today():
        return not_yet(finished_on, clock.today(), "finished_on")
    same = models.RegionalPlan.objects.filter(division_code=division, kind=kind, finished_on=finished_on)
    if same.exists():
        return Refusal(
            code="plan_already",
            message=Text("该地区 {day} 的方案已经登记。", "The plan of {day} is on record for this area."),
            instead=Text("修订后的方案请填新的完成日期。", "Give a revised plan its own day."),
            fields={"day": finished_on},
            at="finished_on",
            status=422,
        )
    return None


@transaction.atomic
def meet_milestone(*, actor: Actor, milestone_id: UUID, met_on: date) -> models.PlanMilestone:
    """Record that a milestone was met.

    Raises:
        Refused: if the actor may not, there is none, it was met already, or the day is still to come.
    """
    stage = (
        models.PlanMilestone.objects.select_for_update(of=("self",))
        .select_related("plan")
        .filter(id=milestone_id)
        .first()
    )
    if stage is None:
        raise Refused(no_such(Text("节点", "milestone")))
    division = stage.plan.division_code
    refusal = may(actor, Right.NETWORK_DECIDE, division=division)
    if refusal is None and met_on > clock.today():
        refusal = not_yet(met_on, clock.today(), "met_on")
    if refusal is None and stage.met_on is not None:
        refusal = Refusal(
            code="milestone_met",
            message=Text("这个节点已于 {day} 完成。", "This milestone was met on {day}."),
            instead=Text("无需再次登记。", "There is nothing left to do."),
            fields={"day": stage.met_on},
        )
    if refusal:
        raise Refused(refusal)
    stage.met_on, stage.met_by = met_on, actor.name
    stage.save(update_fields=["met_on", "met_by"])
    ledger.append(
        actor,
        events.MilestoneMet(stage.text_zh, met_on),
        subject_type="plan",
        subject_id=stage.plan_id,
        division_code=division,
    )
    return stage
