"""One matter: what is asked, what may be done now and why not, its items, history and proofs, and what came from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import queries
from tiercare.apps.evaluation.queries.goals import goal
from tiercare.apps.evaluation.queries.matters import Noted, Shown, proof
from tiercare.apps.evaluation.queries.oversight import roll
from tiercare.apps.evaluation.rules import oversight as rules
from tiercare.apps.evaluation.rules.kinds import KindId, kind_of
from tiercare.apps.evaluation.rules.standing import ISSUER_ONLY, LONGEST_WORDS, OWNER_ONLY
from tiercare.apps.evaluation.workflow import ACT_NAMES, TRANSITIONS, WITH_WORDS, Act, Leg, Side, State
from tiercare.engines.measures.signals.flows import NAMES as FLOW_NAMES
from tiercare.engines.measures.signals.flows import Flow
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import page, said, told

from . import landing, planning, presenters
from .project import facts as project_facts
from .project import project

_FILES = frozenset({Act.NOTE, Act.SUBMIT, Act.RETURN})
_DAYS = frozenset({Act.EXTEND, Act.RETURN})
_ICONS: Mapping[Act, str] = {
    Act.NOTE: "edit",
    Act.SUBMIT: "upload",
    Act.RETURN: "undo",
    Act.CLOSE: "check",
    Act.EXTEND: "clock",
    Act.WITHDRAW: "ban",
    Act.ISSUE: "flag",
    Act.ESCALATE: "alert",
}
# What a button says where the table's word is too general.
_WORDS: Mapping[tuple[KindId, Act], Text] = {
    (KindId.INSPECTION, Act.SUBMIT): Text("提交检查报告", "hand in the report"),
    (KindId.RECTIFICATION, Act.SUBMIT): Text("报送整改结果", "say what was put right"),
    (KindId.RECTIFICATION, Act.CLOSE): Text("核实办结", "verified: close"),
    (KindId.ALERT, Act.SUBMIT): Text("报核实结果", "answer"),
    (KindId.ALERT, Act.WITHDRAW): Text("不必核实，撤销", "dismiss"),
    (KindId.REPORT, Act.CLOSE): Text("收入资料库", "take into the library"),
    (KindId.PLAN, Act.SUBMIT): Text("汇总意见，报审定", "gather the opinions, hand in for approval"),
    (KindId.PLAN, Act.APPROVE): Text("审定方案", "approve the plan"),
    (KindId.PLAN, Act.LOCK): Text("施行：成为网格", "let it be the network"),
    (KindId.OPINION, Act.SUBMIT): Text("答复意见", "give the opinion"),
    (KindId.OPINION, Act.CLOSE): Text("收到意见", "opinion taken in"),
    (KindId.PROJECT, Act.SUBMIT): Text("报送完成情况", "say what it came to"),
    (KindId.PROJECT, Act.CLOSE): Text("验收办结", "accepted: close"),
}


@require_safe
@page(Right.SUPERVISION_ANSWER)
def one(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """``/supervision/matters/<id>``."""
    return case(request, matter_id)


@require_safe
@page(Right.SUPERVISION_ANSWER)
def download(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """A file as an attachment that no cache keeps, under the name it came with."""
    name, media, content = proof(request.actor, proof_id=proof_id)
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def case(
    request: HttpRequest, matter_id: UUID, refused: Refused | None = None, act: str = ""
) -> HttpResponse:
    """The page; with what was refused, the form of ``act`` stands open with what was typed."""
    shown = queries.matter(request.actor, matter_id=matter_id)
    errors = [told(each) for each in refused.refusals] if refused else []
    context = context_of(request, shown) | {
        "refusals": errors,
        "at": {error["at"]: error for error in errors},
        "opened": act,
        "typed": request.POST if refused else {},
    }
    return render(
        request, "supervision/matter.html", context, status=refused.refusals[0].status if refused else 200
    )


def context_of(request: HttpRequest, shown: Shown) -> dict[str, Any]:
    """What the page and the printed sheet say of a matter."""
    standing = shown.standing
    known = presenters.named([shown.line, *shown.children], on=request.today)
    issues = access.may(request.actor, Right.SUPERVISION_ISSUE) is None and bool(shown.sides)
    context: dict[str, Any] = {
        "line": presenters.line(shown.line, known),
        "standing": standing,
        "words": shown.line.words,
        "subject": standing.subject_name,
        "made_at": presenters.moment(shown.line.made_at),
        "made_by": shown.line.made_by,
        "version": standing.version,
        "acts": _acts(shown),
        "entries": [_entry(each, shown) for each in shown.entries],
        "children": [presenters.line(each, known) for each in shown.children],
        "parent": standing.parent_id,
        "longest": LONGEST_WORDS,
        "issues": issues and standing.state not in {State.CLOSED, State.LOCKED, State.WITHDRAWN},
        "due_on": standing.due_on,
    }
    return context | _OF_KIND.get(KindId(standing.kind), lambda *_: {})(request, shown, context)


def _acts(shown: Shown) -> list[dict[str, Any]]:
    """The steps of the table from here: a form for what the reader may do, the reason for what is the other side's."""
    standing = shown.standing
    kind = kind_of(standing.kind)
    mine = {row.act for row in shown.steps}
    found = []
    for row in TRANSITIONS:
        if row.source is not standing.state or row.leg not in (Leg.EVERY, kind.leg):
            continue
        why = None if row.act in mine else told(OWNER_ONLY if row.by is Side.OWNER else ISSUER_ONLY)
        found.append(
            {
                "code": row.act.value,
                "name": said(_WORDS.get((kind.id, row.act), ACT_NAMES[row.act])),
                "icon": _ICONS.get(row.act, "right"),
                "why": why,
                "words": row.act in WITH_WORDS,
                "files": row.act in _FILES,
                "file_needed": row.act is Act.SUBMIT and bool(standing.payload.get("file")),
                "day": row.act in _DAYS,
                "day_needed": row.act is Act.EXTEND,
                "main": row.act in {Act.SUBMIT, Act.CLOSE},
                "danger": row.act is Act.WITHDRAW,
                "blocked": row.act is Act.CLOSE and standing.open_children > 0,
                "number": kind.id is KindId.GOAL and row.act in {Act.NOTE, Act.SUBMIT},
                "percent": kind.id is KindId.PROJECT and row.act is Act.NOTE,
                "sheet": _sheet(standing.payload, standing.result) if row.act is Act.SUBMIT else [],
                "opinion": kind.id is KindId.OPINION and row.act is Act.SUBMIT,
                "outcomes": _outcomes() if kind.id is KindId.ALERT and row.act is Act.SUBMIT else [],
            }
        )
    return sorted(found, key=lambda each: (each["why"] is not None, not each["main"], each["danger"]))


def _outcomes() -> list[tuple[str, str]]:
    return [(each.value, said(name)) for each, name in rules.OUTCOME_NAMES.items()]


def _sheet(payload: Mapping[str, Any], result: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": each["id"],
            "name": presenters.both(each),
            "type": each["type"],
            "optional": each["optional"],
            "answers": [(one["id"], presenters.both(one)) for one in each["answers"]],
            "value": result.get(each["id"], ""),
        }
        for each in payload.get("sheet", ())
    ]


def _entry(each: Noted, shown: Shown) -> dict[str, Any]:
    """A line of the history; what was chosen in it is said in words."""
    payload, told_ = shown.standing.payload, each.figures
    facts = []
    items = {item["id"]: presenters.both(item) for item in payload.get("items", ())}
    if "judgement" in told_:
        verdict = said(rules.JUDGEMENT_NAMES[rules.Judgement(told_["judgement"])])
        facts.append(f"{items.get(str(told_['item']), '')}：{verdict}")
    if each.act is not Act.ISSUE and "actual" in told_ and "judgement" not in told_:
        facts.append(_("实际 %(number)s") % {"number": told_["actual"]})
    if isinstance(told_.get("agrees"), bool):
        facts.append(_("同意") if told_["agrees"] else _("不同意"))
    if shown.standing.kind == KindId.PROJECT:
        facts += project_facts(each, payload)
    elif "outcome" in told_:
        facts.append(said(rules.OUTCOME_NAMES[rules.Outcome(told_["outcome"])]))
    if each.act is Act.SUBMIT:
        for field in _sheet(payload, told_):
            answer = dict(field["answers"]).get(field["value"], field["value"])
            facts += [f"{field['name']}：{answer}"] if answer else []
    if each.act is not Act.ISSUE and "due_on" in told_:
        facts.append(_("期限 %(day)s") % {"day": told_["due_on"]})
    if each.act is Act.ESCALATE:
        facts.append(_("第 %(times)s 次") % {"times": told_.get("times", "")})
    return {
        "act": said(ACT_NAMES[each.act]),
        "icon": _ICONS.get(each.act, "right"),
        "at": presenters.moment(each.at),
        "by": each.by,
        "words": each.words,
        "facts": facts,
        "proofs": each.proofs,
        "late": each.act is Act.ESCALATE,
    }


def _inspection(request: HttpRequest, shown: Shown, context: Mapping[str, Any]) -> dict[str, Any]:
    payload = shown.standing.payload
    found = rules.judged(shown.entries)
    children = {str(each.standing.payload.get("finding", "")): each for each in shown.children}
    by_item: dict[str, list[dict[str, Any]]] = {}
    grades = {each["id"]: presenters.both(each) for each in payload["severities"]}
    open_findings = 0
    for each in found:
        child = children.get(str(each.entry))
        open_findings += each.finding and child is None
        by_item.setdefault(each.item, []).append(
            {
                "entry": each.entry,
                "tag": presenters.judgement(each.judgement),
                "severity": grades.get(each.severity, ""),
                "words": each.words,
                "by": each.by,
                "target": each.target,
                "actual": each.actual,
                "finding": each.finding,
                "child": child.id if child else None,
                "child_state": presenters.state(child.standing.state) if child else None,
            }
        )
    judging = any(row.act is Act.NOTE for row in shown.steps)
    return {
        "mode": presenters.mode(payload["mode"]),
        "items": [
            {
                "id": item["id"],
                "name": presenters.both(item),
                "party": presenters.party(item["party"]),
                "goal": item["goal"],
                "judged": by_item.get(item["id"], []),
            }
            for item in payload["items"]
        ],
        "done": len(by_item),
        "of": len(payload["items"]),
        "open_findings": open_findings,
        "judging": judging,
        "judgements": [(each.value, said(name)) for each, name in rules.JUDGEMENT_NAMES.items()],
        "severities": [(each["id"], presenters.both(each), each["days"]) for each in payload["severities"]],
        "owners": planning.groups(roll(request.actor), ("division", "consortium", "institution"))
        if context["issues"]
        else [],
    }


def _goal(request: HttpRequest, shown: Shown, context: Mapping[str, Any]) -> dict[str, Any]:
    known = presenters.named([shown.line], on=request.today)
    return {"goal": presenters.goal(goal(request.actor, shown.line), known)}


def _alert(request: HttpRequest, shown: Shown, context: Mapping[str, Any]) -> dict[str, Any]:
    payload = shown.standing.payload
    content = payload.get("content", {})
    lists = {key: value for key, value in content.items() if isinstance(value, list) and value}
    return {
        "told": presenters.both(content),
        "flows": [{**each, "name": _flow(str(each.get("flow", "")))} for each in content.get("flows", [])],
        "cases": [str(each) for key in ("idle", "keys") for each in lists.get(key, [])],
        "band": content if {"low", "high", "value"} <= set(content) else None,
        "land": landing.collected(content, on=request.today),
        "template": payload.get("template", ""),
        "subject_choice": f"{shown.standing.subject_type}:{shown.standing.subject_key}",
    }


def _flow(code: str) -> str:
    return said(FLOW_NAMES[Flow(code)]) if code in set(Flow) else code


def _plan(request: HttpRequest, shown: Shown, context: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that is discussed, and the day from which it would hold."""
    return {"plan": shown.standing.payload.get("number"), "start": shown.standing.payload.get("start")}


_OF_KIND: Mapping[KindId, Any] = {
    KindId.PLAN: _plan,
    KindId.OPINION: _plan,
    KindId.INSPECTION: _inspection,
    KindId.GOAL: _goal,
    KindId.ALERT: _alert,
    KindId.PROJECT: lambda request, shown, _context: {"project": project(request, shown)},
}
