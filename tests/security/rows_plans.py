"""Planning: divisions and consortia, of no resident. Versions and searches are the commission's of the area."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right, Role

from .matrix import Row
from .world import RELATIONS

# fmt: off
_READ, _DECIDE = Right.NETWORK_READ, Right.NETWORK_DECIDE
_FRAME = "?region=wuhu&on=2019-07-01"
_ANY: dict[str, Any] = {"personal": False}
# Everybody may read the network; what is only thought of it is read by those who oversee the area.
_OVERSEE = frozenset({"commission@own", "insurance@own", "auditor@own", "operator@own", "index_keeper@own"})
_OTHERS = frozenset(f"{role.value}@{relation}" for role in Role for relation in RELATIONS) - _OVERSEE
_PLAN: dict[str, Any] = {"never": _OTHERS, "personal": False, "query": "?region=wuhu", "path": {"number": "plan_number"}}
_SEARCH: dict[str, Any] = {"never": _OTHERS, "personal": False, "path": {"key": "plan_search"}}
_DISCUSSION = {"region": "wuhu", "words": "示例", "parties": [{"area": "{plan_party}"}], "opinions_by": "2040-01-01", "due_on": "2040-02-01", "start": "2040-03-01"}

PLANS: tuple[Row, ...] = (
    Row("GET", "api/planning/ground", _READ, query="?region=wuhu", **_ANY),
    Row("GET", "api/planning/plans", _READ, query="?region=wuhu", **_ANY),
    Row("GET", "api/planning/plans/{number}", _READ, **_PLAN),
    Row("GET", "api/planning/plans/{number}/parties", _READ, **_PLAN),
    Row("GET", "api/planning/searches/{key}", _READ, **_SEARCH),
    Row("POST", "api/planning/try", _READ, send={"region": "wuhu", "on": "2019-07-01", "lead_of": {"{county}": "x"}}, **_ANY),
    Row("POST", "api/planning/plans", _DECIDE, send={"region": "wuhu", "title": "示例", "lead_of": {}}, **_ANY),
    Row("POST", "api/planning/plans/{number}/discussion", _DECIDE, send=_DISCUSSION, **(_PLAN | {"query": "", "path": {"number": "plan_number"}})),
    Row("POST", "api/planning/searches", _DECIDE, send={"region": "wuhu", "title": "示例"}, **_ANY),
    Row("POST", "api/planning/searches/{key}/stop", _DECIDE, **_SEARCH),
    # The pages: everybody who reads the network looks and tries; a form that names no plan is refused by what it lacks, after the right.
    *(Row("GET", each, _READ, query=_FRAME, **_ANY) for each in ("planning", "planning/plans", "planning/compare", "planning/layers", "planning/gaps")),
    *(Row("POST", each, _READ, query=_FRAME, send={"lead_of": "{{}}"}, **_ANY) for each in ("planning", "planning/weigh", "planning/sheet")),
    Row("POST", "planning/plan.<slug:kind>", _READ, query=_FRAME, path={"kind": "geojson"}, send={"lead_of": "{{}}"}, **_ANY),
    Row("POST", "planning/plans", _DECIDE, query=_FRAME, send={"lead_of": "{{}}", "title": "示例"}, **_ANY),
    Row("POST", "planning/search", _DECIDE, query=_FRAME, send={"lead_of": "{{}}"}, **_ANY),
    Row("GET", "planning/searches/<uuid:search_id>", _READ, **(_SEARCH | {"query": _FRAME, "path": {"search_id": "plan_search"}})),
    Row("POST", "planning/searches/<uuid:search_id>/stop", _DECIDE, **(_SEARCH | {"query": _FRAME, "path": {"search_id": "plan_search"}})),
    Row("GET", "planning/plans/<int:number>/discuss", _DECIDE, **(_PLAN | {"query": _FRAME})),
    Row("POST", "planning/plans/<int:number>/discuss", _DECIDE, send={"words": "示例"}, **(_PLAN | {"query": _FRAME})),
    Row("GET", "planning/sponsors", _READ, query="?region=taiyuan&on=2024-12-31", **_ANY),
)
