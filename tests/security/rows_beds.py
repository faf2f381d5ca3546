"""The bed board: a hospital's own, with the patients for those who deal with them, without for those who only count."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_KEEP = Right.CAPACITY_KEEP
# The beds are the hospital's, whose offices stand as ``sister``, and the consortium's as ``own``: it keeps and counts
# beds, but lays nobody. Nobody of the township or of elsewhere.
_COUNTS = names("consortium_office@own")
_WARDS = names("referral_office@sister", "registrar@sister")
_GUESTS = names("referral_office@own", "registrar@own", "consortium_office@sister")
_LAYS = {"also": _WARDS, "never": _GUESTS | _COUNTS}
_KEEPS = {"also": _WARDS | _COUNTS, "never": _GUESTS}
_OFFICE = names("consortium_office")
_WHEN = {"starts": "{slot_day}T08:00", "until": "{slot_day}T18:00"}
_ZONED = {"starts": "{slot_day}T08:00:00+08:00", "until": "{slot_day}T18:00:00+08:00"}

BEDS: tuple[Row, ...] = (
    # Of one's own institution, whichever that is: masked names, and recorded.
    Row("GET", "beds", _KEEP, reads="beds"),
    Row("GET", "beds/sheet", _KEEP, reads="beds"),
    Row("GET", "beds/day", _KEEP, reads="beds"),
    Row("GET", "beds/use", _KEEP, personal=False),
    Row("GET", "beds/new", _KEEP, personal=False),
    Row("POST", "beds/new", _KEEP, personal=False, send={"ward": "示例病区", "numbers": "90-92", "sex": "ANY"}),
    # A bed for a resident whom one looks after.
    Row("GET", "beds/for/<uuid:resident_id>", _KEEP, of="resident", reads="booking", never=_OFFICE),
    Row("POST", "beds/for/<uuid:resident_id>", _KEEP, of="place", never=_OFFICE, send={"bed": "{own_bed}", **_WHEN}),
    # One bed.
    Row("GET", "beds/<uuid:bed_id>", _KEEP, of="place", reads="beds", **_KEEPS),
    # Nobody bears this number: told on the bed's page.
    Row("POST", "beds/<uuid:bed_id>/plan", _KEEP, of="place", reads="beds", send={"number": "16300009999", **_WHEN}, **_LAYS),
    Row("POST", "beds/<uuid:bed_id>/keep", _KEEP, of="place", send={"sex": "ANY"}, **_KEEPS),
    Row("GET", "beds/stays/<uuid:stay_id>/change", _KEEP, of="place", reads="beds", **_LAYS),
    # Into the bed that they have: told with the others.
    Row("POST", "beds/stays/<uuid:stay_id>/change", _KEEP, of="place", reads="beds", send={"bed": "{bed}"}, **_LAYS),
    Row("POST", "beds/stays/<uuid:stay_id>/<str:act>", _KEEP, of="place", path={"act": "admit"}, variant="admit", **_LAYS),
    Row("POST", "beds/stays/<uuid:stay_id>/<str:act>", _KEEP, of="place", path={"act": "cancel"}, variant="cancel", **_LAYS),
    # The same for other systems.
    Row("GET", "api/capacity/beds", _KEEP, reads="beds"),
    Row("PUT", "api/capacity/beds", _KEEP, personal=False, send={"ward": "示例病区", "number": "91"}),
    Row("POST", "api/capacity/stays", _KEEP, of="resident", never=_OFFICE, reads="", send={"bed": "{own_bed}", "resident": "{resident}", **_ZONED}, personal=False),
    Row("POST", "api/capacity/stays/{key}/{act}", _KEEP, of="place", path={"key": "stay", "act": "admit"}, send={}, variant="admit", **_LAYS),
    Row("POST", "api/capacity/stays/{key}/{act}", _KEEP, of="place", path={"key": "stay", "act": "cancel"}, send={}, variant="cancel", **_LAYS),
    Row("GET", "api/capacity/day-use", _KEEP, query="?first={today}&last={today}", personal=False),
)
