"""Assessments as templates show them: numbers rounded once, states as tags, lines side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tiercare.apps.evaluation.queries.assessing import Stands
from tiercare.apps.evaluation.queries.matters import Listed, Noted
from tiercare.apps.evaluation.rules import assessing as rules
from tiercare.apps.evaluation.rules.kinds import kind_of
from tiercare.apps.evaluation.workflow import ACT_NAMES, STATE_NAMES, WITH_WORDS, Act, State, Transition
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.rounding import plain, shown, written
from tiercare.engines.measures.scoring import WHY, Inputs, Scorecard, Why, score
from tiercare.kernel.text import Text
from tiercare.web.pages import english, said

_TAGS = {
    State.OPEN: "advice",
    State.SUBMITTED: "at_risk",
    State.RETURNED: "violated",
    State.APPROVED: "waived",
    State.CLOSED: "met",
    State.LOCKED: "met",
    State.WITHDRAWN: "not_applicable",
}
# What the page of an assessment offers; extending and noting are done with the other matters.
_OFFERED = (Act.SUBMIT, Act.APPROVE, Act.LOCK, Act.REOPEN, Act.WITHDRAW)
_DONE = {
    Act.SUBMIT: Text("已提交审定。", "Submitted for approval."),
    Act.APPROVE: Text("已审定，结果已算出。", "Approved; the results are computed."),
    Act.LOCK: Text("已锁定，结果不再改变。", "Locked; the results change no more."),
    Act.REOPEN: Text("已退回重新审核。", "Back to review."),
    Act.WITHDRAW: Text("已撤销。", "Withdrawn."),
}
_CALLED = {
    Act.SUBMIT: Text("自评审完，提交审定", "All reviewed: submit for approval"),
    Act.APPROVE: Text("审定并算分", "Approve and compute"),
    Act.LOCK: Text("锁定结果", "Lock the result"),
    Act.REOPEN: Text("退回重审", "Review again"),
    Act.WITHDRAW: Text("撤销考核", "Withdraw"),
}


def offered(name: str) -> Act | None:
    """The act of an address, if the page offers it."""
    return next((each for each in _OFFERED if each.value == name), None)


def done(act: Act) -> str:
    """What is said after an act."""
    return said(_DONE[act])


def state(value: str) -> dict[str, str]:
    """A state as a tag."""
    found = State(value)
    return {"name": said(STATE_NAMES[found]), "tag": _TAGS[found]}


def steps_of(rows: Sequence[Transition]) -> list[dict[str, Any]]:
    """What may be done with any matter now, by the table's own words."""
    return [
        {
            "act": row.act.value,
            "name": said(ACT_NAMES[row.act]),
            "words": row.act in WITH_WORDS,
            "first": row.act in {Act.SUBMIT, Act.APPROVE, Act.LOCK, Act.CLOSE},
        }
        for row in rows
    ]


def steps(rows: Sequence[Transition]) -> list[dict[str, Any]]:
    """What may be done with an assessment now."""
    return [
        {
            "act": row.act.value,
            "name": said(_CALLED[row.act]),
            "words": row.act in WITH_WORDS,
            "first": row.act in {Act.SUBMIT, Act.APPROVE, Act.LOCK},
        }
        for act in _OFFERED
        for row in rows
        if row.act is act
    ]


def listed(line: Listed, areas: Mapping[str, str]) -> dict[str, Any]:
    """A line of a list of matters."""
    standing = line.standing
    return {
        "id": line.id,
        "title": standing.title,
        "period": standing.period,
        "by": areas.get(standing.issuer.area, standing.issuer.area),
        "units": standing.payload.get("units", 0),
        "state": state(standing.state.value),
        "due": standing.due_on,
        "late": standing.overdue,
        "over": line.over_at,
        "kind": said(kind_of(standing.kind).name),
        "subject": standing.subject_name,
    }


def history(entries: Iterable[Noted]) -> list[dict[str, Any]]:
    """What was done, newest first."""
    return [
        {
            "at": each.at,
            "act": said(ACT_NAMES[each.act]),
            "by": each.by,
            "words": each.words,
            "proofs": each.proofs,
        }
        for each in reversed(list(entries))
    ]


def points(total: Decimal | Fraction | None) -> str:
    """A score with one decimal; a dash where there is none."""
    return "—" if total is None else str(written(Fraction(total), 1))


def unit(row: Stands) -> dict[str, Any]:
    """One who is assessed, as a line of the table of results."""
    panels = {each["panel"]: each for each in row.result.get("panels", ())}
    no_rank = row.result.get("no_rank")
    own = sum(each.get("take") == rules.Take.UNIT for each in row.review.values())
    return {
        "id": row.id,
        "key": row.key,
        "name": row.name,
        "level": row.level,
        "total": points(row.total),
        "has_total": row.total is not None,
        "place": row.place,
        "no_rank": said(Text(no_rank["zh"], no_rank["en"])) if no_rank else "",
        "report": row.report_id,
        "report_state": state(row.report_state) if row.report_state else None,
        "panels": panels,
        "own": own,
    }


def panels_of(card: Scorecard, units: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns of the table of results, and in each unit's row what it earned there."""
    for each in units:
        each["cells"].extend(_cell(each["panels"].get(panel.id)) for panel in card.panels)
    return [
        {
            "name": said(panel.name),
            "weight": plain(sum((m.weight for m in panel.measures), Fraction(0))),
            "focus": panel.focus,
        }
        for panel in card.panels
    ]


def _cell(panel: Mapping[str, Any] | None) -> str:
    if panel is None or not Fraction(panel["of"]):
        return "—"
    return str(written(Fraction(panel["points"]), 1))


def value(number: Value | None, definition: Indicator) -> dict[str, str] | None:
    """A value with its counts."""
    if number is None or number.numerator is None:
        return None
    read = "—" if number.value is None else shown(number.value, said_unit(definition))
    return {"shown": read, "counts": f"{plain(number.numerator)} / {plain(number.denominator)}"}


def said_unit(definition: Indicator) -> str:
    """Money is kept in fen and shown in yuan whatever the language."""
    return definition.unit.zh if definition.unit.zh in {"%", "元"} else said(definition.unit)


def result_lines(
    row: Stands, book: Mapping[str, Indicator], *, answered: bool = True
) -> list[dict[str, Any]]:
    """Everything a result is made of, panel by panel: counted, accepted, the year before, points, and the clause's demand."""
    counted = {each.indicator: each for each in row.counted.taken}
    inputs: Inputs = row.rests_on if answered else row.counted
    rests = {each.indicator: each for each in inputs.taken}
    result = score(inputs)
    lines, found = iter(result.scored), []
    for panel, earned in zip(inputs.card.panels, result.panels, strict=True):
        mine = []
        for measure in panel.measures:
            scored = next(lines)
            definition = book.get(measure.indicator)
            taken = rests.get(measure.indicator)
            review = row.review.get(measure.indicator, {})
            before = taken.before if taken else None
            now = taken.value if taken else None
            mine.append(
                {
                    "id": measure.indicator,
                    "name": said(definition.name) if definition else measure.indicator,
                    "says": said(definition.says) if definition else "",
                    "weight": plain(measure.weight),
                    "public": measure.public,
                    "platform": value(counted[measure.indicator].value, definition)
                    if definition and measure.indicator in counted
                    else None,
                    "now": value(now, definition) if definition else None,
                    "before": value(before, definition) if definition else None,
                    "change": change(before, now, definition),
                    "own": review.get("take") == rules.Take.UNIT,
                    "why": review.get("why", ""),
                    "points": "—" if scored.points is None else str(written(scored.points, 1)),
                    "lack": said(WHY[Why(scored.why)]) if scored.why else "",
                    "met": scored.standing.met.value if scored.standing else "",
                    "clause": measure.target.clause if measure.target else "",
                    "unusual": scored.ordinary is False,
                }
            )
        found.append(
            {
                "name": said(panel.name),
                "focus": panel.focus,
                "points": str(written(earned.points, 1)) if earned.of else "—",
                "of": plain(earned.of),
                "lines": mine,
            }
        )
    return found


def change(before: Value | None, now: Value | None, definition: Indicator | None) -> dict[str, Any] | None:
    """Which way a value went since the year before, and whether that is the better one."""
    if definition is None or before is None or now is None or before.value is None or now.value is None:
        return None
    by = now.value - before.value
    way = "up" if by > 0 else "down" if by < 0 else "same"
    good = definition.direction.value
    unit_ = said_unit(definition)
    sign = "+" if by > 0 else "−" if by < 0 else ""
    return {
        "way": way,
        "by": f"{sign}{shown(abs(by), unit_)}",
        "good": None if good == "none" or way == "same" else way == good,
    }


def report_lines(
    lines: Sequence[rules.Line], reported: Mapping[str, Any], review: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The lines of a self-report: the platform's number beside the unit's own."""
    found = []
    for line in lines:
        mine = reported.get(line.indicator, {})
        own = rules.own_of(line, mine)
        unit_ = line.unit.zh if line.unit.zh in {"%", "元"} else said(line.unit)
        read = "—" if line.value is None else shown(line.value, unit_)
        found.append(
            {
                "id": line.indicator,
                "name": said(line.name),
                "weight": plain(line.weight),
                "reported": line.reported,
                "single": line.form.value == "number",
                "platform": read if line.numerator is not None else "",
                "counts": f"{plain(line.numerator)} / {plain(line.denominator)}"
                if line.numerator is not None
                else "",
                "typed": mine,
                "own": shown(own.value, unit_) if own and own.value is not None else "",
                "differs": rules.differs(line, own),
                "take": review.get(line.indicator, {}).get("take", ""),
                "why": review.get(line.indicator, {}).get("why", ""),
            }
        )
    return found


def content(found: Mapping[str, Any]) -> dict[str, Any]:
    """What was published, in the language of the request, as a table: who in rows, indicators in columns."""
    language = "en" if english() else "zh"
    indicators = [
        {**each, "name": each["name"][language], "says": each["says"][language]}
        for each in found["indicators"]
    ]

    def row(each: Mapping[str, Any]) -> dict[str, Any]:
        no_rank = each.get("no_rank")
        return {
            **each,
            "no_rank": no_rank[language] if no_rank else "",
            "cells": [{"name": i["name"], "value": each["values"].get(i["id"])} for i in indicators],
        }

    everybody = [row(each) for each in found["units"]]
    units = [each for each in everybody if each["values"] or each.get("total")]
    teams = [row(each) for each in found.get("teams", ())]
    for each in units:
        each["teams"] = [team for team in teams if team["consortium"] == each["key"]]
    return {
        **found,
        "card": {**found["card"], "name": found["card"][language]},
        "indicators": indicators,
        "units": units,
        "without": [each["name"] for each in everybody if each not in units],
        "ranked": any("place" in each for each in everybody),
    }
