"""Files with places, messages of hospitals' own systems, conflicts, base registers: of one's own institution; no resident."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import A_FILE, Row, names

# A table, one endpoint a line.
# fmt: off
_KEEP = Right.CAPACITY_KEEP
# File and conflict are the hospital's: its own offices stand as ``sister``, the consortium's as ``own``.
_OWN = {"also": names("referral_office@sister", "registrar@sister", "consortium_office@own"), "never": names("referral_office@own", "registrar@own", "consortium_office@sister"), "personal": False}
_ID, _CONFLICT, _KEY = {"file_id": "place_file"}, {"conflict_id": "conflict"}, {"key": "place_file"}
_ANSWER = {"way": "answer"}
_SLOT = {"starts": "{slot_day}T08:00:00+08:00", "ends": "{slot_day}T09:00:00+08:00"}
_MESSAGE = {"sequence": 7, "kind": "delta", "sessions": [{"key": "s", "pool": "nobody", **_SLOT, "slots": []}]}

FEEDS: tuple[Row, ...] = (
    Row("GET", "capacity/files", _KEEP, personal=False),
    Row("POST", "capacity/files", _KEEP, personal=False, send={"register": "beds", "file": A_FILE}),
    Row("GET", "capacity/files/template", _KEEP, personal=False),
    Row("GET", "capacity/files/export", _KEEP, personal=False),
    Row("GET", "capacity/files/<uuid:file_id>", _KEEP, of="place", path=_ID, **_OWN),
    Row("POST", "capacity/files/<uuid:file_id>/take-over", _KEEP, of="place", path=_ID, **_OWN),
    Row("POST", "capacity/files/<uuid:file_id>/discard", _KEEP, of="place", path=_ID, **_OWN),
    Row("GET", "capacity/feeds", _KEEP, personal=False),
    Row("GET", "capacity/feeds/<uuid:conflict_id>", _KEEP, path=_CONFLICT, personal=False),
    Row("POST", "capacity/feeds/<uuid:conflict_id>", _KEEP, of="place", path=_CONFLICT, send=_ANSWER, **_OWN),
    Row("GET", "capacity/registers", Right.CAPACITY_PROVE, personal=False),
    # The same for other systems.
    Row("GET", "api/capacity/imports", _KEEP, personal=False),
    Row("POST", "api/capacity/imports", _KEEP, personal=False, send={"register": "beds", "file": A_FILE}),
    Row("GET", "api/capacity/imports/template", _KEEP, personal=False),
    Row("GET", "api/capacity/imports/export", _KEEP, personal=False),
    Row("GET", "api/capacity/imports/{key}", _KEEP, of="place", path=_KEY, **_OWN),
    Row("POST", "api/capacity/imports/{key}/{act}", _KEEP, of="place", path=_KEY | {"act": "take-over"}, **_OWN),
    Row("GET", "api/capacity/feeds", _KEEP, personal=False),
    Row("POST", "api/capacity/feeds/{source}", _KEEP, path={"source": "his"}, send=_MESSAGE, personal=False),
    Row("GET", "api/capacity/feeds/{source}/conflicts", _KEEP, path={"source": "his"}, personal=False),
    Row("POST", "api/capacity/feeds/{source}/conflicts/{key}", _KEEP, of="place", path={"source": "his", "key": "conflict"}, send=_ANSWER, **_OWN),
    Row("GET", "api/capacity/registers", Right.CAPACITY_PROVE, personal=False),
)
