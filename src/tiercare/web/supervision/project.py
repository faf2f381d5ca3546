"""A project of a work programme on the page of its matter: its plan, its parts, its yearly sheet beside the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tiercare.apps.evaluation.queries.matters import Noted, Shown
from tiercare.apps.evaluation.queries.projects import Compared, beside
from tiercare.apps.evaluation.rules import projects as rules
from tiercare.apps.evaluation.rules.projects import DONE_ON, PartState, Stands
from tiercare.apps.evaluation.workflow import Act
from tiercare.web.pages import said

from .presenters import both, moment

_PARTS: Mapping[PartState, tuple[str, str]] = {
    PartState.PLANNED: ("not_applicable", "minus"),
    PartState.UNDER_WAY: ("advice", "edit"),
    PartState.DONE: ("met", "check"),
    PartState.DROPPED: ("not_in_force", "ban"),
}


def project(request: HttpRequest, shown: Shown) -> dict[str, Any]:
    """What the page shows besides what every matter has."""
    standing, payload = shown.standing, shown.standing.payload
    stands = rules.parts_now(payload, shown.entries)
    year, lines = beside(request.actor, standing)
    share = rules.percent(shown.entries)
    return {
        "programme": both(payload["programme_name"]),
        "top": both(payload["top_name"]) if payload["top"] != payload["programme"] else "",
        "key": payload["programme"],
        "plan": plan(payload),
        "planned": standing.first_due_on,
        "done_on": standing.result.get(DONE_ON, ""),
        "percent": "" if share is None else f"{share.normalize():f}",
        "ordered": payload["ordered"],
        "parts": parts(stands, payload["ordered"]) if payload["steps"] else [],
        "settled": sum(each.state in rules.SETTLED for each in stands),
        "of": len(stands),
        "noting": any(row.act is Act.NOTE for row in shown.steps),
        "states": [
            (each.value, said(name))
            for each, name in rules.PART_NAMES.items()
            if each is not PartState.PLANNED
        ],
        "before": year,
        "year": standing.period,
        "domains": compared(lines, payload) if standing.result else [],
        "sheet": []
        if payload["yearly"]
        else [
            (both(each), value(each, standing.result.get(each["id"], "")))
            for each in payload["sheet"]
            if standing.result.get(each["id"])
        ],
    }


def value(field: Mapping[str, Any], said_: object) -> str:
    """What a field says, in words."""
    if field["type"] == "answer":
        return next((both(one) for one in field["answers"] if one["id"] == said_), "")
    return str(field.get("shown") or said_ or "")


def plan(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a project said when it began."""
    shown = [(both(each), value(each, each["value"])) for each in payload["plan"]]
    if payload.get("consortium_name"):
        shown.append((_("所在医联体"), str(payload["consortium_name"])))
    if payload.get("gap_name"):
        shown.append((_("填补的缺口"), both(payload["gap_name"])))
    return [(name, words) for name, words in shown if words]


def parts(found: Sequence[Stands], ordered: bool) -> list[dict[str, Any]]:
    """Parts with their state as a tag; in an ordered project ``waits`` where an earlier one is not settled."""
    shown, waits = [], False
    for each in found:
        colour, icon = _PARTS[each.state]
        shown.append(
            {
                "id": each.part["id"],
                "name": both(each.part),
                "file": each.part["file"],
                "tag": {"name": said(rules.PART_NAMES[each.state]), "colour": colour, "icon": icon},
                "done": each.state is PartState.DONE,
                "words": each.words,
                "by": each.by,
                "at": moment(each.at) if each.at else "",
                "proofs": each.proofs,
                "waits": waits,
            }
        )
        waits = waits or (ordered and each.state not in rules.SETTLED)
    return shown


def facts(each: Noted, payload: Mapping[str, Any]) -> list[str]:
    """What an entry of a project says beside its words."""
    told = each.figures
    found = []
    if "part" in told:
        names = {part["id"]: both(part) for part in payload["parts"]}
        state = said(rules.PART_NAMES[PartState(told["state"])])
        found.append(f"{names.get(str(told['part']), '')}：{state}")
    if told.get("percent"):
        found.append(_("完成 %(share)s") % {"share": f"{str(told['percent']).rstrip('%％')}%"})
    return found


def compared(lines: Sequence[Compared], payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A yearly sheet beside the year before, by domain."""
    names = {part["id"]: both(part) for part in payload["parts"]}
    found: dict[str, list[dict[str, Any]]] = {}
    for each in lines:
        shown = {
            "name": both(each.field),
            "now": value(each.field, each.now),
            "before": value(each.field, each.before),
            "change": each.change,
            "number": each.field["type"] == "number",
        }
        found.setdefault(names.get(each.field["part"], ""), []).append(shown)
    return [{"name": name or _("其他"), "lines": rows} for name, rows in found.items()]
