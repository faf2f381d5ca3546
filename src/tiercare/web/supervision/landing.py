"""An alert of collected members (NHC-83): the numbers beside the pack's limits, and the joins beside the plan, by name and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import queries
from tiercare.apps.evaluation.queries.alerting import joins_behind
from tiercare.apps.evaluation.queries.oversight import names
from tiercare.kernel.text import Text
from tiercare.web.marks import mark_of
from tiercare.web.pages import page, said
from tiercare.web.spreadsheets import csv_response

_TIERS: Mapping[str, Text] = {
    "tertiary": Text("三级医院", "tertiary hospital"),
    "secondary": Text("二级医院", "secondary hospital"),
    "primary": Text("基层机构", "primary institution"),
    "other": Text("其他机构", "other institution"),
}


@require_safe
@page(Right.SUPERVISION_ANSWER)
def joins(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """``/supervision/matters/<id>/joins.csv``: every join beside the plan behind an alert; only the header where there is none.

    Raises:
        Refused: if the matter is not there for the actor.
    """
    shown = queries.matter(request.actor, matter_id=matter_id)
    found = joins_behind(request.actor, shown)
    standing = shown.standing
    header = [_("医联体"), _("加入的机构或医共体"), _("编码"), _("加入方式"), _("加入日期")]
    rows = [(standing.subject_name, each["name"], each["key"], _way(each), each["on"]) for each in found]
    mark = mark_of(simulated=bool(standing.payload.get("synthetic")))
    name = f"tiercare-joins-{standing.period}-{standing.subject_key}"
    return csv_response(name, header, rows, mark=mark)


def collected(content: Mapping[str, Any], *, on: date) -> dict[str, Any] | None:
    """What the alert's page says of members and joins; nothing where the alert is about something else."""
    if "members" not in content and not content.get("joins"):
        return None
    lead = str(content.get("lead", ""))
    tier = _TIERS.get(str(content.get("lead_tier", "")))
    return {
        "lead": names([], on=on).subject("institution", lead) if lead else "",
        "tier": said(tier) if tier else "",
        "rows": [row for row in (_members(content), _share(content)) if row],
        "joins": [
            {**each, "way": _way(each), "on": date.fromisoformat(each["on"])}
            for each in content.get("joins", [])
        ],
        "joined": content.get("joined_beside", 0),
    }


def _members(content: Mapping[str, Any]) -> dict[str, Any] | None:
    if "members" not in content:
        return None
    most = content.get("most_members")
    return {
        "name": _("成员机构（家）"),
        "value": content["members"],
        "limit": most if most is not None else "—",
        "over": most is not None and content["members"] > most,
    }


def _share(content: Mapping[str, Any]) -> dict[str, Any] | None:
    if "share" not in content:
        return None
    most = content.get("most_share")
    return {
        "name": _("占本地机构"),
        "value": f"{content['share']:.1%}",
        "limit": f"{most:.0%}" if most is not None else "—",
        "over": most is not None and content["share"] > most,
    }


def _way(join: Mapping[str, Any]) -> str:
    return _("医共体整体加入") if join["whole"] else _("机构加入")
