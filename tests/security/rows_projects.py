"""Work programmes: projects between commissions, lead hospitals and institutions; nothing of any resident."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_ANSWER, _ISSUE = Right.SUPERVISION_ANSWER, Right.SUPERVISION_ISSUE
_ANY: dict[str, Any] = {"personal": False}
# Insurers and auditors of the area read matters along by the API; they do nothing.
_READERS: dict[str, Any] = _ANY | {"also": names("insurance", "auditor")}
# Opening asks for somebody of the programme: a township centre is none, and whoever may open is told so.
_OPEN = {"programme": "weak_specialty", "subject": "institution:{institution_slug}"}
_PLAN = {"plan": {"specialty": "icu", "measure": "talent"}}
_YEARLY = {"programme": "weak_specialty", "year": "2030"}

PROJECTS: tuple[Row, ...] = (
    Row("GET", "projects", _ANSWER, **_ANY),
    Row("GET", "projects/list", _ANSWER, **_ANY),
    Row("GET", "projects/list.csv", _ANSWER, **_ANY),
    Row("GET", "projects/list.xlsx", _ANSWER, **_ANY),
    # An office of an institution has its own rows on the board; this is the area's.
    Row("GET", "projects/opening", Right.EVALUATION_READ, **_ANY),
    Row("GET", "projects/new", _ISSUE, query="?programme=weak_specialty", **_ANY),
    Row("POST", "projects/new", _ISSUE, send=_OPEN, **_ANY),
    Row("POST", "projects/yearly", _ISSUE, send=_YEARLY, **_ANY),
    Row("GET", "projects/standards/<slug:standard>", _ANSWER, path={"standard": "weak_specialties"}, **_ANY),
    Row("GET", "projects/standards/<slug:standard>/table.xlsx", _ANSWER, path={"standard": "weak_specialties"}, **_ANY),
    # The project is the city commission's and owed by the township: the lead hospital has no part in it.
    Row("POST", "projects/<uuid:matter_id>/parts", _ANSWER, of="project", never=names("consortium_office@own", "commission@own"), personal=False, path={"matter_id": "project"}, send={"part": "{project_part}", "state": "under_way", "words": "示例"}),
    # The same for other systems.
    Row("GET", "api/projects/programmes", _ANSWER, **_ANY),
    Row("GET", "api/projects/counts", _ANSWER, **_READERS),
    Row("GET", "api/projects", _ANSWER, **_READERS),
    Row("GET", "api/projects/standards/{standard}", _ANSWER, path={"standard": "weak_specialties"}, **_READERS),
    Row("POST", "api/projects", _ISSUE, send=_OPEN | _PLAN, **_ANY),
    Row("POST", "api/projects/yearly", _ISSUE, send=_YEARLY, **_ANY),
)
