"""Trials of a policy: invented residents, no real one. They are the commission's of the area, as plans are."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right, Role

from .matrix import Row
from .world import RELATIONS

# fmt: off
_READ, _DECIDE = Right.NETWORK_READ, Right.NETWORK_DECIDE
_FRAME = "?region=wuhu&on=2019-07-01"
_ANY: dict[str, Any] = {"personal": False}
# What is only thought of an area's policy is read by those who oversee the area.
_OVERSEE = frozenset({"commission@own", "insurance@own", "auditor@own", "operator@own", "index_keeper@own"})
_OTHERS = frozenset(f"{role.value}@{relation}" for role in Role for relation in RELATIONS) - _OVERSEE
_ONE: dict[str, Any] = {"never": _OTHERS, "personal": False}
_CALL, _PAGE = {"path": {"key": "trial"}}, {"path": {"trial_id": "trial"}, "query": _FRAME}

TRIALS: tuple[Row, ...] = (
    Row("GET", "api/trials/levers", _READ, query=_FRAME, **_ANY),
    Row("GET", "api/trials", _READ, query="?region=wuhu", **_ANY),
    Row("GET", "api/trials/{key}", _READ, **_ONE, **_CALL),
    Row("POST", "api/trials", _DECIDE, send={"region": "wuhu", "title": "示例", "on": "2019-07-01"}, **_ANY),
    Row("POST", "api/trials/{key}/again", _DECIDE, send={}, **_ONE, **_CALL),
    Row("POST", "api/trials/{key}/stop", _DECIDE, **_ONE, **_CALL),
    Row("GET", "trials", _READ, query=_FRAME, **_ANY),
    Row("GET", "trials/new", _DECIDE, query=_FRAME, **_ANY),
    Row("POST", "trials/new", _DECIDE, query=_FRAME, send={"title": "示例"}, **_ANY),
    Row("GET", "trials/<uuid:trial_id>", _READ, **_ONE, **_PAGE),
    Row("GET", "trials/<uuid:trial_id>.<slug:kind>", _READ, **(_ONE | {"path": {"trial_id": "trial", "kind": "csv"}, "query": _FRAME})),
    Row("POST", "trials/<uuid:trial_id>/again", _DECIDE, send={"seeds": "4"}, **_ONE, **_PAGE),
    Row("POST", "trials/<uuid:trial_id>/stop", _DECIDE, **_ONE, **_PAGE),
)
