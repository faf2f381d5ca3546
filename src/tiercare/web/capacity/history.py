"""A pool's history as its page shows it: who changed what, in the words of the form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.capacity.queries.history import Entry
from tiercare.apps.capacity.rules.vocabulary import CHANNEL_NAMES, GRADE_NAMES, Channel, Grade
from tiercare.web.pages import said

from . import presenters
from .choosing import Option, value_of
from .pool_form import Offered

_ = gettext_noop
_FIELDS: Mapping[str, str] = {
    "code": _("编号"),
    "name": _("名称"),
    "kind": _("种类"),
    "grade": _("类别"),
    "specialty_code": _("诊疗科目"),
    "department_id": _("科室"),
    "clinician_id": _("医师"),
    "equipment_id": _("设备"),
    "item": _("检查项目"),
    "slot_minutes": _("每段分钟数"),
    "details": _("说明"),
    "shares": _("预留比例"),
    "release_hours": _("提前释放小时数"),
}
_DETAILS: Mapping[str, str] = {
    "ward": _("病区"),
    "sex": _("收治性别"),
    "isolation": _("可作隔离床"),
    "preparation": _("准备事项"),
    "questions": _("禁忌核对"),
    "fasting": _("需要空腹"),
    "bring": _("携带物品"),
}


def shown(found: Sequence[Entry], lists: Offered) -> list[dict[str, Any]]:
    """Each act with a sentence for every field or line that changed."""
    return [
        {
            "at": each.at,
            "who": each.who,
            "new": each.new,
            "changes": [
                {
                    "field": gettext(_FIELDS.get(change.field, change.field)),
                    "was": _value(change.field, change.was, lists),
                    "now": _value(change.field, change.now, lists),
                }
                for change in each.changes
            ],
            "removed": [_line(line) for line in each.removed],
            "added": [_line(line) for line in each.added],
        }
        for each in found
    ]


def _value(field: str, text: str, lists: Offered) -> str:
    """A value as the form words it; what left the registers meanwhile is said to be none of them any more."""
    if not text:
        return gettext("空")
    registers: dict[str, list[Option]] = {
        "department_id": lists.departments,
        "clinician_id": lists.physicians,
        "equipment_id": lists.devices,
        "specialty_code": lists.specialties,
    }
    if field in registers:
        return value_of(registers[field], text) or gettext("已不在登记中")
    if field == "shares":
        shares = json.loads(text)
        named = [f"{said(CHANNEL_NAMES[Channel(key)])} {share * 100:g}%" for key, share in shares.items()]
        return "、".join(named) or gettext("空")
    if field == "details":
        return _details(json.loads(text))
    return said(GRADE_NAMES[Grade(text)]) if field == "grade" else text


def _details(values: Mapping[str, Any]) -> str:
    words = []
    for key, value in values.items():
        if value in ("", False, [], None):
            continue
        name = gettext(_DETAILS.get(key, key))
        text = "；".join(map(str, value)) if isinstance(value, list) else str(value)
        words.append(name if value is True else f"{name} {text}")
    return "，".join(words) or gettext("空")


def _line(text: str) -> str:
    """``3 08:00-12:00 20`` in words."""
    day, times, places = text.split(" ")
    return gettext("%(day)s %(times)s %(places)s 号") % {
        "day": presenters.weekday(int(day)),
        "times": times.replace("-", "–"),
        "places": places,
    }
