"""Plans and their limits in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.institution_plans import Compared, Version
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.network.rules.institution_plans import (
    PLAN_KIND_NAMES,
    SUBJECT_NAMES,
    Line,
    PlanKind,
    Subject,
    kind_name,
)
from tiercare.apps.network.rules.words import CATEGORY_NAMES, EQUIPMENT_NAMES, LEVEL_NAMES
from tiercare.apps.planning.queries.surplus import SOURCE
from tiercare.apps.planning.rules.flows import LIST
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import carries
from tiercare.web.pages import said


def ways(request: HttpRequest) -> list[tuple[str, str]]:
    """The pages beside this one: view and label; lists that no text of the region asks for are left out."""
    known, pack = mandates.packs(), request.frame.pack.id
    found = [
        ("institution_plans:comparison", _("规划、现有、申请")),
        ("institution_plans:versions", _("规划版本")),
    ]
    if carries(known, SOURCE, pack):
        found.append(("institution_plans:surplus", _("床位富余与转型")))
    if any(each.id == LIST for each in known.lists_for(pack)):
        found.append(("institution_plans:flows", _("流向基层和边远贫困地区")))
    return found


def areas(lines: Sequence[Line], *, on: date) -> Mapping[str, str]:
    """What the areas of limits are called: as the region plans them, else as the register of divisions does."""
    names = area_names(on=on)
    missing = sorted({line.area for line in lines} - names.keys())
    divisions = terms.divisions(missing, on=on) if missing else {}
    return {**{code: found.name for code, found in divisions.items()}, **names}


def version_row(each: Version, *, on: date) -> dict[str, Any]:
    """A version for a list."""
    return {"of": each, "kind": said(PLAN_KIND_NAMES[each.kind]), "holds": each.holds(on)}


def line_row(line: Line, names: Mapping[str, str]) -> dict[str, Any]:
    """A limit in words."""
    return {
        "of": line,
        "area": names.get(line.area, line.area),
        "subject": said(SUBJECT_NAMES[line.subject]),
        "what": said(kind_name(line)),
    }


def compared_row(each: Compared, names: Mapping[str, str]) -> dict[str, Any]:
    """A limit against what stands and what is applied for, with the width of its bar in per cent of what is allowed or, where more stands
    there, of that."""
    whole = max(each.line.allowed, each.existing + max(each.adds, 0), 1)
    return line_row(each.line, names) | {
        "compared": each,
        "bar": round(each.existing / whole * 100),
        "bar_applied": round(max(each.adds, 0) / whole * 100),
        "bar_allowed": round(each.line.allowed / whole * 100),
        "over": each.left < 0,
        "over_by": -each.left,
        "plan_kind": said(PLAN_KIND_NAMES[each.plan.kind]),
    }


def choices() -> dict[str, Any]:
    """What can be chosen in the form of a version."""
    return {
        "kinds_of_plan": [(kind.value, said(name)) for kind, name in PLAN_KIND_NAMES.items()],
        "subjects": [(each.value, said(SUBJECT_NAMES[each])) for each in Subject],
        "categories": [(code, said(name)) for code, name in CATEGORY_NAMES.items()],
        "machines": [(code, said(name)) for code, name in EQUIPMENT_NAMES.items()],
        "levels": [(code, said(name)) for code, name in LEVEL_NAMES.items()],
    }


def plan_kind(word: str) -> PlanKind:
    """A kind of plan from a form; that of institutions where it is none."""
    return PlanKind(word) if word in set(PlanKind) else PlanKind.INSTITUTION_SETTING
