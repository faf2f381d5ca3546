"""Who provides what stands with the resident's area, planned centres, service areas of primary care, and the public directory."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import ANYBODY, Row, names

# fmt: off
_SELF = Right.READS_OF_MINE
_BACK = {"service": "basic_public_health", "back": "1"}
_READ, _DECIDE = Right.NETWORK_READ, Right.NETWORK_DECIDE
_ANY: dict[str, Any] = {"personal": False, "query": "?region=wuhu"}
_IN_AREA: dict[str, Any] = {"personal": False}
_CENTRE = {"kind": "provincial", "specialty": "03.04", "institution": "{centre_hospital}", "area": ["340223"]}
_CENTRE_IN_JSON = _CENTRE | {"region": "3402"}
_SERVED = {"form": "government_run", "place": ["340223100"], "since": "2026-01-01"}
_SERVED_IN_JSON = {"form": "government_run", "places": ["340223100"]}
LOCALITIES: tuple[Row, ...] = (
    Row("GET", "public/services/<slug:region>", ANYBODY, path={"region": "wuhu"}),
    Row("GET", "api/public/services/{region}", ANYBODY, path={"region": "wuhu"}),
    Row("GET", "me/providers", _SELF, reads="providers"),
    Row("POST", "me/providers", _SELF, reads="providers", send=_BACK),
    Row("GET", "me/of/<uuid:ward>/providers", _SELF, of="ward", reads="providers"),
    Row("POST", "me/of/<uuid:ward>/providers", _SELF, of="ward", reads="providers", send=_BACK),
    Row("GET", "api/providers", Right.RESIDENTS_READ, of="resident", reads="providers", query="?resident={resident}"),
    # Residents choose for themselves.
    Row("POST", "api/providers", Right.RESIDENTS_REGISTER, of="resident", reads="providers", also=names("resident@own"), send={"service": "basic_public_health", "resident": "{resident}"}),
    # Of no resident: hospitals, areas, numbers of visits.
    Row("GET", "specialty-centres", _READ, **_ANY),
    Row("GET", "specialty-centres/list", _READ, **_ANY),
    Row("GET", "specialty-centres/new", _DECIDE, **_ANY),
    Row("POST", "specialty-centres/new", _DECIDE, of="place", send=_CENTRE, **_ANY),
    Row("GET", "specialty-centres/<uuid:key>", _READ, path={"key": "planned_centre"}, **_ANY),
    Row("POST", "specialty-centres/<uuid:key>", _DECIDE, of="place", path={"key": "planned_centre"}, send=_CENTRE | {"version": "1"}, **_ANY),
    Row("GET", "serving", _READ, **_ANY),
    Row("GET", "serving/list", _READ, **_ANY),
    Row("GET", "serving/<uuid:institution_id>", _DECIDE, path={"institution_id": "served_by"}, **_ANY),
    Row("POST", "serving/<uuid:institution_id>", _DECIDE, of="place", path={"institution_id": "served_by"}, send=_SERVED, **_ANY),
    Row("GET", "api/localities/centres", _READ, query="?region=3402", **_IN_AREA),
    # What leaves by specialty is the area's to see, not an institution's.
    Row("GET", "api/localities/centres/proposed", Right.EVALUATION_READ, query="?pack=wuhu", never=names("consortium_office", "referral_office"), **_IN_AREA),
    Row("GET", "api/localities/centres/{key}", _READ, path={"key": "planned_centre"}, **_IN_AREA),
    Row("POST", "api/localities/centres", _DECIDE, of="place", send=_CENTRE_IN_JSON, **_IN_AREA),
    Row("POST", "api/localities/centres/{key}", _DECIDE, of="place", path={"key": "planned_centre"}, send=_CENTRE | {"version": 1}, **_IN_AREA),
    Row("GET", "api/localities/serving", _READ, query="?region=3402", **_IN_AREA),
    Row("POST", "api/localities/serving/{key}", _DECIDE, of="place", path={"key": "served_by"}, send=_SERVED_IN_JSON, **_IN_AREA),
)
