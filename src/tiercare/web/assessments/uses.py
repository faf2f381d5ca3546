"""``/assessments/uses``: what results are used for: decisions about people and units, and pay by the factor of a result (YN-91)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands.uses import NO_LAW, Asked, open_decision
from tiercare.apps.evaluation.queries import uses as queries
from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.queries.uses import Unit
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import NO_SUCH_MATTER, Said
from tiercare.apps.evaluation.rules.uses import OUTCOME_NAMES, USE_NAMES, Law, Outcome, against
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.money import Money
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.pages import english, once, page, said

from . import presenters
from .reporting import files_sent

_DAYS = 30  # what the form proposes; whoever opens it changes it
# How a step is called on these pages, and what is said when it is done.
_CALLED = {
    (KindId.RESULT_USE, Act.SUBMIT): (
        Text("报决定", "Hand in the decision"),
        Text("已报决定。", "Handed in."),
    ),
    (KindId.RESULT_USE, Act.CLOSE): (Text("核对无误，办结", "Checked: close"), Text("已办结。", "Closed.")),
    (KindId.PAY_RUN, Act.SUBMIT): (
        Text("提交审定", "Submit for approval"),
        Text("已提交，请同事审定。", "Submitted; a colleague approves it."),
    ),
    (KindId.PAY_RUN, Act.APPROVE): (Text("审定", "Approve"), Text("已审定。", "Approved.")),
    (KindId.PAY_RUN, Act.LOCK): (
        Text("锁定，发放", "Lock and pay out"),
        Text("已锁定，金额不再改变。", "Locked; amounts change no more."),
    ),
    (KindId.PAY_RUN, Act.REOPEN): (Text("退回重审", "Review again"), Text("已退回重审。", "Back to review.")),
}
_DONE = Text("已办理。", "Done.")


@require_safe
@page(Right.EVALUATION_READ)
def uses(request: HttpRequest) -> HttpResponse:
    """What is linked to results here, and the decisions and pay runs of the area."""
    actor = request.actor
    law = queries.law_for(actor)
    context = {
        "law": _law(law) if law else None,
        "decisions": [_decision(each) for each in queries.uses(actor, kind=KindId.RESULT_USE)],
        "runs": [_run(each) for each in queries.uses(actor, kind=KindId.PAY_RUN)],
        "may_open": law is not None and may(actor, Right.SUPERVISION_ISSUE) is None,
    }
    return again(request, "assessments/uses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.SUPERVISION_ISSUE)
def new(request: HttpRequest) -> HttpResponse:
    """A form in two steps: about whom, then with their result before one's eyes what is to be decided."""
    if request.method != "POST":
        return _form(request)

    def work() -> str:
        level, _colon, key = request.POST.get("unit", "").partition(":")
        clinician = given.key(request.POST, "clinician") if request.POST.get("clinician") else None
        what = Asked(
            request.POST.get("use", ""),
            level,
            key,
            given.text(request.POST, "words", longest=4000),
            given.day(request.POST, "due_on"),
            clinician,
        )
        return address(request, open_decision(request.actor, what))

    try:
        return once(request, _("已带出考核结果，等候决定。"), work)
    except Refused as refused:
        return _form(request, refused)


@require_safe
@page(Right.EVALUATION_READ)
def one(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """A decision as a form to be signed, or a pay run line by line."""
    return _page(request, matter_id)


@require_POST
@page(Right.SUPERVISION_ISSUE)
def act(request: HttpRequest, matter_id: UUID, act: str) -> HttpResponse:
    """Take it on: hand in, return, close or approve, lock, withdraw."""
    if act not in {each.value for each in Act}:
        raise Refused(NO_SUCH_MATTER)
    step = Act(act)

    def work() -> str:
        shown = queries.use(request.actor, matter_id)
        words = Said(words=given.text(request.POST, "words", longest=4000), files=files_sent(request))
        if step is Act.SUBMIT and shown.standing.kind == KindId.RESULT_USE:
            words = Said(
                words.words,
                {name: request.POST.get(name, "")[:1000] for name in ("outcome", "why")},
                words.files,
            )
        commands.act(request.actor, matter_id=matter_id, act=step, said=words)
        return address(request, matter_id)

    try:
        kind = KindId(queries.use(request.actor, matter_id).standing.kind)
        return once(request, said(_CALLED.get((kind, step), (_DONE, _DONE))[1]), work)
    except Refused as refused:
        return _page(request, matter_id, refused)


def address(request: HttpRequest, matter_id: UUID) -> str:
    """Of one of them, for the same region and day."""
    return f"{reverse('assessments:use-one', args=[matter_id])}?{request.frame.query}"


def _form(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    actor = request.actor
    law = queries.law_for(actor)
    if law is None:
        raise Refused(NO_LAW)
    units = queries.units(actor)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = next((each for each in units if f"{each.level}:{each.key}" == asked.get("unit", "")), None)
    context: dict[str, Any] = {
        "law": _law(law),
        "uses": [(each, said(USE_NAMES[each])) for each in law.decisions if each in USE_NAMES],
        "units": _grouped(units),
        "chosen": chosen,
        "chosen_id": f"{chosen.level}:{chosen.key}" if chosen else "",
        "clinicians": queries.clinicians(chosen) if chosen else [],
        "result": _result(queries.result_of(actor, chosen)) if chosen else None,
        "typed": asked,
        "due_on": asked.get("due_on") or (clock.today() + timedelta(days=_DAYS)).isoformat(),
    }
    return again(request, "assessments/use_new.html", context, refused)


def _page(request: HttpRequest, matter_id: UUID, refused: Refused | None = None) -> HttpResponse:
    shown = queries.use(request.actor, matter_id)
    standing = shown.standing
    kind = KindId(standing.kind)
    context: dict[str, Any] = {
        "id": matter_id,
        "title": standing.title,
        "words": shown.line.words,
        "state": presenters.state(standing.state.value),
        "locked": standing.state in {State.LOCKED, State.CLOSED},
        "over": shown.line.over_at,
        "clauses": shown.line.clauses,
        "history": presenters.history(shown.entries),
        "matter_id": matter_id,
        "steps": _steps(kind, shown.steps),
        "due": standing.due_on
        if standing.state not in {State.LOCKED, State.CLOSED, State.WITHDRAWN}
        else None,
        "late": standing.overdue,
        "typed": request.POST,
        "made_by": shown.line.made_by,
    }
    if kind is KindId.PAY_RUN:
        return again(request, "assessments/pay_one.html", context | run_shown(request, shown), refused)
    return again(request, "assessments/use_one.html", context | _decision_shown(request, shown), refused)


def _decision_shown(request: HttpRequest, shown: Any) -> dict[str, Any]:
    payload, figures = shown.standing.payload, shown.standing.result
    result = payload.get("result")
    outcome, points = figures.get("outcome", ""), (result or {}).get("points", "")
    now = queries.digests_now(request.actor, [result["assessed"]]) if result else {}
    return {
        "use": said(USE_NAMES[payload["use"]]),
        "unit": shown.standing.subject_name,
        "person": payload.get("person") or None,
        "result": _result(result),
        "same": result is not None and now.get(result["assessed"]) == result["digest"],
        "seen": result is not None and result["assessed"] in now,
        "outcome": said(OUTCOME_NAMES[Outcome(outcome)]) if outcome else "",
        "granted": outcome == Outcome.GRANTED,
        "against": against(outcome, points, low=payload.get("low", ""), high=payload.get("high", "")),
        "why": figures.get("why", ""),
        "low": plain_number(payload.get("low") or "0"),
        "high": plain_number(payload.get("high") or "0"),
        "lies_low": bool(points) and against("granted", points, low=payload.get("low", ""), high=""),
        "stands_high": bool(points) and against("declined", points, low="", high=payload.get("high", "")),
        "outcomes": [(each.value, said(name)) for each, name in OUTCOME_NAMES.items()],
    }


def run_shown(request: HttpRequest, shown: Any) -> dict[str, Any]:
    """The lines of a pay run with their sums, yuan to the fen."""
    payload = shown.standing.payload
    assessed = [each["result"]["assessed"] for each in payload["lines"] if each["result"]]
    now = queries.digests_now(request.actor, assessed)
    lines = [
        {
            **each,
            "result": _result(each["result"]),
            "set_down": money(each["set_down"]),
            "paid": money(each["paid"]),
            "changed": bool(each["result"])
            and now.get(each["result"]["assessed"]) not in (None, each["result"]["digest"]),
        }
        for each in payload["lines"]
    ]
    law = payload["law"]
    return {
        "period": shown.standing.period,
        "lines": lines,
        "set_down": money(payload["set_down"]),
        "paid": money(payload["paid"]),
        "difference": money(payload["paid"] - payload["set_down"]),
        "law": law | {"knots": _knots(law["points"], law["factors"])},
    }


def money(fen: int) -> str:
    """Yuan to the fen, thousands apart."""
    sign, yuan = ("-" if fen < 0 else ""), str(Money(abs(fen)))
    whole, _point, rest = yuan.partition(".")
    return f"{sign}{int(whole):,}.{rest}"


def _steps(kind: KindId, rows: Any) -> list[dict[str, Any]]:
    found = []
    for row in presenters.steps_of(rows):
        called = _CALLED.get((kind, Act(row["act"])))
        if called:
            form = (kind, row["act"]) == (KindId.RESULT_USE, Act.SUBMIT.value)  # has a form of its own
            found.append(row | {"name": said(called[0]), "hidden": form})
        elif row["act"] in (Act.RETURN.value, Act.WITHDRAW.value):
            found.append(row)
    return found


def _decision(line: Listed) -> dict[str, Any]:
    row = line.standing
    outcome, result = row.result.get("outcome", ""), row.payload.get("result")
    return {
        "id": row.id,
        "use": said(USE_NAMES[row.payload["use"]]),
        "unit": row.subject_name,
        "person": row.payload.get("person", {}).get("name", ""),
        "points": result["points"] if result else "",
        "period": row.period,
        "outcome": said(OUTCOME_NAMES[Outcome(outcome)]) if outcome else "",
        "state": presenters.state(row.state.value),
    }


def _run(line: Listed) -> dict[str, Any]:
    row = line.standing
    return {
        "id": row.id,
        "period": row.period,
        "units": len(row.payload["lines"]),
        "set_down": money(row.payload["set_down"]),
        "paid": money(row.payload["paid"]),
        "state": presenters.state(row.state.value),
        "by": line.made_by,
    }


def _law(law: Law) -> dict[str, Any]:
    return {
        "uses": (", " if english() else "、").join(
            said(USE_NAMES[each]) for each in law.uses if each in USE_NAMES
        ),
        "knots": _knots([str(each) for each in law.points], [str(each) for each in law.factors]),
        "without": law.without.value,
        "kept": law.kept,
        "low": "" if law.low is None else plain_number(str(law.low)),
        "high": "" if law.high is None else plain_number(str(law.high)),
        "clause": law.clause,
    }


def _knots(points: list[str], factors: list[str]) -> list[tuple[str, str]]:
    return [(plain_number(a), plain_number(b)) for a, b in zip(points, factors, strict=True)]


def plain_number(text: str) -> str:
    """A fraction as it is kept (11/10) as people write it (1.1)."""
    above, _slash, below = text.partition("/")
    return f"{int(above) / int(below or 1):g}"


def _result(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    return kept and kept | {"of_consortium": kept["level"] == "consortium"}


def _grouped(units: list[Unit]) -> list[dict[str, Any]]:
    names = {each.key: each.name for each in units if each.level == "consortium"}
    members: dict[str, list[Unit]] = {key: [] for key in names}
    for each in units:
        if each.level == "institution":
            members[each.consortia[0]].append(each)
    return [{"name": name, "key": key, "members": members[key]} for key, name in names.items()]
