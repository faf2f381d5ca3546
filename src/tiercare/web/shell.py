"""What surrounds every page: the menu by job, region and day, the acting person, and the banner over what is made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from tiercare.apps.access import rules as access
from tiercare.apps.evaluation.queries.indicator import newest_run
from tiercare.apps.ledger import queries as ledger

from . import frame
from .me import own
from .pages import said

_Right = access.Right


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu; ``label`` is a sentence to be translated when shown."""

    view: str
    label: str
    icon: str
    right: access.Right
    unless: access.Right | None = None  # whoever has this one finds the page under another line


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        gettext_noop("居民"),
        (
            Entry("residents:list", gettext_noop("居民登记与查找"), "user", _Right.RESIDENTS_FIND),
            Entry("duplicates:list", gettext_noop("疑似重复"), "switch", _Right.RESIDENTS_MERGE),
            Entry("cards:scan", gettext_noop("扫卡到院"), "check", _Right.CARDS_SCAN),
            Entry("booking:list", gettext_noop("预约"), "calendar", _Right.CAPACITY_BOOK),
            Entry("waiting:lists", gettext_noop("候补"), "clock-x", _Right.CAPACITY_BOOK),
            Entry("absences:list", gettext_noop("爽约与申诉"), "flag", _Right.CAPACITY_KEEP),
            Entry("daylist:day", gettext_noop("当日候诊"), "history", _Right.CAPACITY_BOOK),
            Entry("contacts:list", gettext_noop("随访清单"), "check", _Right.RECORDS_WRITE),
            Entry("survey_asking:list", gettext_noop("代问调查"), "edit", _Right.RECORDS_WRITE),
            Entry("signing:own", gettext_noop("贫困人口签约"), "home", _Right.RESIDENTS_LIST),
            Entry("care:list", gettext_noop("上门与健康服务"), "home", _Right.REQUESTS_ANSWER),
        ),
    ),
    (
        gettext_noop("双向转诊"),
        (
            Entry("requests:list", gettext_noop("转诊办公室"), "switch", _Right.REQUESTS_SEND),
            Entry("going_down:list", gettext_noop("可以下转"), "home", _Right.RECORDS_WRITE),
            Entry("formulary:list", gettext_noop("药品目录"), "list", _Right.RECORDS_WRITE),
        ),
    ),
    (
        gettext_noop("号源与床位"),
        (
            Entry("capacity:schedule", gettext_noop("排班与放号"), "clock", _Right.CAPACITY_KEEP),
            Entry("beds:board", gettext_noop("床位图"), "bed", _Right.CAPACITY_KEEP),
            Entry("centre:list", gettext_noop("入出院服务中心"), "list", _Right.CAPACITY_KEEP),
        ),
    ),
    (
        gettext_noop("监督管理"),
        (
            Entry("home:home", gettext_noop("首页"), "home", _Right.POLICY_READ),
            Entry("compliance:board", gettext_noop("合规看板"), "shield", _Right.POLICY_READ),
            Entry("waivers:list", gettext_noop("例外（豁免）"), "waiver", _Right.POLICY_READ),
            Entry("quotas:board", gettext_noop("预留看板"), "scale", _Right.CAPACITY_PROVE),
            Entry("coverage:counts", gettext_noop("健康档案覆盖"), "book", _Right.RECORDS_MEASURE),
            Entry("signing:area", gettext_noop("贫困人口签约"), "home", _Right.RECORDS_MEASURE),
            Entry("admissions:figures", gettext_noop("等候与日间手术"), "clock-x", _Right.CAPACITY_PROVE),
            Entry(
                "requests:list",
                gettext_noop("转诊督办"),
                "alert",
                _Right.REQUESTS_OVERSEE,
                unless=_Right.REQUESTS_SEND,
            ),
            Entry("referral_statistics:numbers", gettext_noop("转诊统计"), "switch", _Right.REQUESTS_OVERSEE),
            Entry("supervision:board", gettext_noop("督导事项"), "flag", _Right.SUPERVISION_ANSWER),
            Entry("projects:board", gettext_noop("重点工作"), "list", _Right.SUPERVISION_ANSWER),
        ),
    ),
    (
        gettext_noop("指标与考核"),
        (
            Entry("board:board", gettext_noop("指标看板"), "scale", _Right.EVALUATION_READ),
            Entry("departments:list", gettext_noop("部门工作台"), "flag", _Right.CLAIMS_SUPERVISE),
            Entry("indicators:list", gettext_noop("指标目录"), "list", _Right.EVALUATION_READ),
            Entry("scorecards:list", gettext_noop("评分表"), "scale", _Right.EVALUATION_READ),
            Entry("assessments:list", gettext_noop("年度考核"), "check", _Right.EVALUATION_READ),
            Entry(
                "assessments:published",
                gettext_noop("考核结果"),
                "book",
                _Right.POLICY_READ,
                unless=_Right.EVALUATION_READ,
            ),
            Entry("bulletins:list", gettext_noop("指标通报"), "flag", _Right.EVALUATION_RUN),
            Entry("deliveries:list", gettext_noop("收发文"), "download", _Right.EVALUATION_READ),
            Entry("facts:list", gettext_noop("事实数据"), "upload", _Right.EVALUATION_READ),
            Entry("surveys:list", gettext_noop("居民调查"), "user", _Right.EVALUATION_RUN),
        ),
    ),
    (
        gettext_noop("机构网络"),
        (
            Entry("explorer:region", gettext_noop("地区总览"), "pin", _Right.NETWORK_READ),
            Entry("institutions:list", gettext_noop("机构"), "building", _Right.NETWORK_READ),
            Entry("consortia:list", gettext_noop("医联体"), "network", _Right.NETWORK_READ),
            Entry("planning:board", gettext_noop("网格规划"), "scale", _Right.NETWORK_READ),
            Entry("planning_centres:board", gettext_noop("医学中心规划"), "building", _Right.NETWORK_READ),
            Entry("trials:board", gettext_noop("政策试算"), "flask", _Right.NETWORK_READ),
            Entry("serving:board", gettext_noop("基层服务区域"), "home", _Right.NETWORK_READ),
            Entry("agreements:list", gettext_noop("协议与章程"), "book", _Right.NETWORK_READ),
            Entry("calendar:month", gettext_noop("义务日历"), "calendar", _Right.NETWORK_READ),
            Entry("institution_plans:comparison", gettext_noop("机构设置规划"), "scale", _Right.NETWORK_READ),
            Entry("changes:new", gettext_noop("试一试变更"), "flask", _Right.NETWORK_READ),
            Entry("applications:list", gettext_noop("变更申请"), "edit", _Right.NETWORK_READ),
            Entry("imports:list", gettext_noop("数据导入与导出"), "download", _Right.NETWORK_REPORT),
        ),
    ),
    (
        gettext_noop("政策"),
        (
            Entry("rules:list", gettext_noop("规则"), "scale", _Right.POLICY_READ),
            Entry("clauses:list", gettext_noop("条款台账"), "book", _Right.POLICY_READ),
            Entry("lists:list", gettext_noop("政策名单"), "list", _Right.POLICY_READ),
        ),
    ),
    (
        gettext_noop("审计"),
        (
            Entry("events:list", gettext_noop("操作留痕"), "history", _Right.LEDGER_READ),
            Entry("reviews:list", gettext_noop("紧急调阅审核"), "alert", _Right.GLASS_REVIEW),
        ),
    ),
    (
        gettext_noop("系统管理"),
        (Entry("accounts:list", gettext_noop("账户与角色"), "user", _Right.ACCESS_MANAGE),),
    ),
)


# Pages of numbers that rest on the region's facts and say nothing of the run themselves: the frame says for them if it is simulated.
_ON_FACTS = frozenset({"assessments", "departments"})
_ON_FACTS_TOO = frozenset({"supervision:goals", "supervision:quality", "supervision:topic"})


def context(request: HttpRequest) -> dict[str, Any]:
    """``shell`` for templates: nothing but the synthetic mark until somebody acts in a role."""
    actor = getattr(request, "actor", None)
    shell: dict[str, Any] = {"synthetic": ledger.installation().synthetic, "layout": "shell/plain.html"}
    if actor is None or actor.account_id is None or actor.role not in set(access.Role):
        return {"shell": shell}
    if actor.resident_id is not None:
        return {"shell": shell | {"layout": "me/shell.html", "own": own.surroundings(request)}}
    if not hasattr(request, "frame"):
        request.frame = frame.fallback(request)
    return {"shell": shell | _for_actor(request)}


def _for_actor(request: HttpRequest) -> dict[str, Any]:
    chosen: frame.Frame = request.frame
    demonstration_day = chosen.verdict_days.get(chosen.pack.id)
    return {
        "layout": "shell/app.html",
        "menu": _menu(request),
        "frame": chosen,
        "region_name": said(chosen.pack.name),
        "regions": [
            {
                "id": pack.id,
                "name": said(pack.name),
                "chosen": pack.id == chosen.pack.id,
                "laid_down": pack.id in chosen.verdict_days,
            }
            for pack in sorted(
                chosen.packs, key=lambda pack: (pack.id not in chosen.verdict_days, pack.region)
            )
        ],
        "days": [
            {"day": day, "label": gettext(label)}
            for day, label in (
                (demonstration_day, gettext_noop("演示日")),
                (chosen.today, gettext_noop("今天")),
            )
            if day is not None and day != chosen.on
        ],
        "kept": [(name, value) for name, value in request.GET.items() if name not in {"region", "on"}],
        "actor_name": request.actor.name,
        "role_name": said(access.ROLE_NAMES[access.Role(request.actor.role)]),
        "place_name": _place(request),
        "several_roles": len(request.grants) > 1,
        "bell": access.may(request.actor, _Right.REQUESTS_SEND) is None,
        "simulated": _simulated(request),
    }


def _simulated(request: HttpRequest) -> bool:
    """Whether the page shows numbers of a run on simulated facts without saying so itself."""
    match = request.resolver_match
    here = match.view_name if match else ""
    asked = here.split(":", maxsplit=1)[0] in _ON_FACTS or here in _ON_FACTS_TOO
    return asked and newest_is_simulated(request)


def newest_is_simulated(request: HttpRequest) -> bool:
    """Whether the newest run of the chosen region, as far as the actor sees it, rests on simulated facts."""
    if access.may(request.actor, _Right.EVALUATION_READ) is not None:
        return False
    run = newest_run(request.actor, request.frame.pack.id)
    return run is not None and run.synthetic


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    match = request.resolver_match
    here = match.view_name if match else ""
    space = here.split(":", maxsplit=1)[0]
    groups, key = [], 0
    for label, entries in MENU:
        shown = []
        for entry in entries:
            elsewhere = entry.unless is not None and access.may(request.actor, entry.unless) is None
            if access.may(request.actor, entry.right) is None and not elsewhere:
                key += 1
                current = entry.view.split(":", maxsplit=1)[0] == space
                shown.append(
                    {
                        "view": entry.view,
                        "label": gettext(entry.label),
                        "icon": entry.icon,
                        "key": key,
                        "current": current,
                    }
                )
        if shown:
            groups.append({"label": gettext(label), "entries": shown})
    return groups


def _place(request: HttpRequest) -> str:
    actor = request.actor
    for grant in request.grants:
        same_place = (
            grant.institution_id == actor.institution_id and grant.division_code == actor.division_code
        )
        if grant.role.value == actor.role and same_place:
            return str(grant.place_name)
    return ""
