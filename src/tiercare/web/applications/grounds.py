"""What has to be on record before an application is decided, as its page shows it: the plan, both sides' word, the criteria."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from tiercare.apps.access.rules import Right, may
from tiercare.apps.network.commands.drafts import Readiness, cannot_override, may_propose, ready
from tiercare.apps.network.queries import institution_plans as plans
from tiercare.apps.network.queries import proposals
from tiercare.apps.network.queries.ranges import NATION
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.rules.choosing import ANSWER_NAMES, Answer, Side
from tiercare.apps.network.rules.institution_plans import SUBJECT_NAMES, Subject, kind_name
from tiercare.apps.network.rules.pairing import GRADE_NAMES, Grade, Judged, criterion_name, total
from tiercare.apps.network.workflow import State
from tiercare.apps.planning.queries.proposals import judged_of
from tiercare.kernel.actor import Actor
from tiercare.web.pages import said, told

_OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)
_TAGS: Mapping[Answer, tuple[str, str]] = {
    Answer.AGREED: ("met", "check"),
    Answer.DECLINED: ("missed", "ban"),
    Answer.OPEN: ("at_risk", "clock"),
}
_EMPTY: tuple[Grade | None, str] = (None, "")


@dataclass(frozen=True, slots=True)
class Grounds:
    """The three parts for the template, and why it cannot be decided yet."""

    plan: dict[str, Any] | None
    choice: dict[str, Any] | None
    scores: dict[str, Any] | None
    missing: list[dict[str, Any]]


def grounds(
    application: Any, standing: Readiness, actor: Actor, pack: str, *, typed: QueryDict | None = None
) -> Grounds:
    """What the page of an application says; ``typed`` is a form that was refused."""
    return Grounds(
        _plan(application, standing, actor),
        _choice(application, standing, actor),
        _scores(application, standing, actor, pack, typed),
        [told(refusal) for refusal in standing.missing] if application.state in _OPEN else [],
    )


def _plan(application: Any, standing: Readiness, actor: Actor) -> dict[str, Any] | None:
    is_open = application.state in _OPEN
    marks = standing.marks if is_open else ()  # what took effect stands: it exceeds what it is itself
    kept = plans.overrides(application.id)
    if not marks and not kept:
        return None
    areas = area_names(on=application.starts_on)
    forbidden = cannot_override(actor, application) if is_open else None
    return {
        "marks": [
            {
                "area": areas.get(mark.line.area, mark.line.area),
                "what": said(kind_name(mark.line)),
                "subject": said(SUBJECT_NAMES[mark.line.subject]),
                "of": mark,
            }
            for mark in marks
        ],
        "overridden": standing.overridden,
        "overrides": [
            {
                "of": row,
                "marks": [
                    {**mark, "name": said(SUBJECT_NAMES[Subject(mark["subject"])])} for mark in row.marks
                ],
            }
            for row in kept
        ],
        "open": is_open and not standing.overridden and bool(marks),
        "forbidden": told(forbidden) if forbidden else None,
    }


def _choice(application: Any, standing: Readiness, actor: Actor) -> dict[str, Any] | None:
    if standing.proposal is None or not standing.proposal.mutual or not standing.sides:
        return None
    known = proposals.partner_ids(standing.proposal)
    mine = next((side for side in standing.sides if known.get(side.code) == actor.institution_id), None)
    keeps = _keeps(actor)
    return {
        "sides": [_side(side) for side in standing.sides],
        "agreed": sum(side.answer is Answer.AGREED for side in standing.sides),
        "mine": _side(mine) if mine and keeps and application.state == State.SUBMITTED else None,
        "waits": application.state == State.SUBMITTED,
    }


def asked_of(actor: Actor, region: str) -> list[Any]:
    """Applications of the region that wait for the word of the actor's own institution."""
    if actor.institution_id is None or not _keeps(actor):
        return []
    found = []
    for application in proposals.waiting_for(actor.institution_id):
        if application.region == region:
            standing = ready(application)
            known = proposals.partner_ids(standing.proposal) if standing.proposal else {}
            open_ = {known.get(side.code) for side in standing.sides if side.answer is Answer.OPEN}
            if standing.proposal and standing.proposal.mutual and actor.institution_id in open_:
                found.append(application)
    return found


def _keeps(actor: Actor) -> bool:
    """Whether the actor speaks for an institution."""
    own = actor.institution_id
    if own is None:
        return False
    division = actor.division_code or NATION
    return may(actor, Right.NETWORK_REPORT, division=division, institution_id=own) is None


def _side(side: Side) -> dict[str, Any]:
    tag, icon = _TAGS[side.answer]
    return {"of": side, "answer": said(ANSWER_NAMES[side.answer]), "tag": tag, "icon": icon}


def _scores(
    application: Any, standing: Readiness, actor: Actor, pack: str, typed: QueryDict | None
) -> dict[str, Any] | None:
    found = standing.proposal
    if found is None or not found.asked:
        return None
    kept: dict[tuple[str, str], Any] = {}
    for row in proposals.scores(application.id):
        if row.digest == found.digest:
            kept.setdefault((row.clause, row.criterion), row)
    judged = judged_of(standing, pack, said=_said(kept, typed, found.asked))
    mean, scored = total(judged)
    decides = may(actor, Right.NETWORK_DECIDE, division=application.decided_by_division)
    own = application.applicant_id == actor.account_id and may_propose(actor, application.region) is None
    newest = max(kept.values(), key=lambda row: (row.at, row.id), default=None)
    return {
        "groups": [
            {
                "clause": clause,
                "rows": [_criterion(each, kept) for each in judged if each.clause == clause],
            }
            for clause in dict.fromkeys(clause for clause, _ in found.asked)
        ],
        "percent": round(float(mean) * 100) if mean is not None else None,
        "scored": scored,
        "asked": len(judged),
        "kept": newest,
        "whole": set(found.asked) <= set(kept),
        "may": application.state in _OPEN and (own or decides is None),
        "grades": [(grade.value, said(name)) for grade, name in GRADE_NAMES.items()],
    }


def _said(
    kept: Mapping[tuple[str, str], Any], typed: QueryDict | None, asked: tuple[tuple[str, str], ...]
) -> dict[tuple[str, str], tuple[Grade | None, str]]:
    """What clerks said: as it was just typed, or as it was kept."""
    if typed is not None:
        return {each: typed_of(typed, *each) for each in asked}
    return {
        key: (Grade(row.grade) if row.grade else None, row.words) if row is not None else _EMPTY
        for key, row in kept.items()
    }


def typed_of(typed: QueryDict, clause: str, criterion: str) -> tuple[Grade | None, str]:
    """The grade and the words that a form gives for one criterion."""
    grade = typed.get(f"grade-{clause}-{criterion}", "")
    words = typed.get(f"words-{clause}-{criterion}", "").strip()[:2000]
    return (Grade(grade) if grade in set(Grade) else None), words


def _criterion(each: Judged, kept: Mapping[tuple[str, str], Any]) -> dict[str, Any]:
    share = each.share
    measured = each.measured
    row = kept.get((each.clause, measured.criterion))
    return {
        "name": said(criterion_name(measured.criterion)),
        "key": f"{each.clause}-{measured.criterion}",
        "of": measured,
        "total": len(measured.grounds),
        "by_data": bool(measured.grounds),
        "grounds": [
            {
                "name": ground.name,
                "met": ground.met,
                "said": said(ground.said),
                "asked": bool(measured.grounds),
            }
            for ground in (*measured.grounds, *measured.figures)
        ],
        "tag": "not_applicable"
        if share is None
        else "met"
        if share == 1
        else "missed"
        if share == 0
        else "at_risk",
        "grade": each.grade.value if each.grade else "",
        "grade_name": said(GRADE_NAMES[each.grade]) if each.grade else "",
        "words": each.words,
        "kept": row,
    }
