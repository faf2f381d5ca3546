"""The office's pages of places: pools, weeks, publishing, the schedule, a session, and the quotas of an area."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row, names

# A table, one endpoint a line.
# fmt: off
_KEEP = Right.CAPACITY_KEEP
# The session is the hospital's: its own offices keep it (they stand as ``sister``, and the consortium's as ``own``);
# nobody of the township or of elsewhere.
_HOSTS = names("referral_office@sister", "registrar@sister", "consortium_office@own")
_GUESTS = names("referral_office@own", "registrar@own", "consortium_office@sister")
_LINE = {"starts": "08:00", "ends": "12:00", "capacity": "8", "day": "1", "do": "save"}

CAPACITY_PAGES: tuple[Row, ...] = (
    # Of one's own institution, whichever that is: nothing of any resident.
    Row("GET", "capacity/pools", _KEEP, personal=False),
    Row("GET", "capacity/pools/new", _KEEP, personal=False),
    Row("POST", "capacity/pools/new", _KEEP, personal=False, send={"name": "示例门诊", "grade": "EXPERT", "by": "number"}),
    Row("GET", "capacity/publish", _KEEP, personal=False),
    Row("POST", "capacity/publish", _KEEP, personal=False),
    Row("GET", "capacity/schedule", _KEEP, personal=False),
    # One pool, one session: of the institution that keeps it.
    Row("GET", "capacity/pools/<uuid:pool_id>", _KEEP, of="place", also=_HOSTS, never=_GUESTS, personal=False),
    Row("POST", "capacity/pools/<uuid:pool_id>", _KEEP, of="place", also=_HOSTS, never=_GUESTS, personal=False, send={"name": "示例门诊", "grade": "EXPERT", "by": "number"}),
    Row("GET", "capacity/pools/<uuid:pool_id>/week", _KEEP, of="place", also=_HOSTS, never=_GUESTS, personal=False),
    Row("POST", "capacity/pools/<uuid:pool_id>/week", _KEEP, of="place", also=_HOSTS, never=_GUESTS, personal=False, send=_LINE),
    Row("GET", "capacity/sessions/<uuid:session_id>", _KEEP, of="place", also=_HOSTS, never=_GUESTS, reads="bookings"),
    Row("GET", "capacity/sessions/<uuid:session_id>/<str:act>", _KEEP, path={"act": "stop"}, personal=False),
    Row("POST", "capacity/sessions/<uuid:session_id>/<str:act>", _KEEP, of="place", path={"act": "stop"}, also=_HOSTS, never=_GUESTS, send={"reason": "医师参加抢救", "how": "tell"}, variant="stop"),
    Row("POST", "capacity/sessions/<uuid:session_id>/<str:act>", _KEEP, of="place", path={"act": "lend"}, also=_HOSTS, never=_GUESTS, send={"reason": "转诊增多", "source": "OPEN", "target": "REFERRAL", "units": "1"}, variant="lend"),
    Row("POST", "capacity/sessions/<uuid:session_id>/<str:act>", _KEEP, of="place", path={"act": "resize"}, also=_HOSTS, never=_GUESTS, send={"capacity": "11", "how": "keep"}, variant="resize"),
    Row("GET", "capacity/shares", _KEEP, personal=False),
    Row("POST", "capacity/shares", _KEEP, personal=False, send={"resource": "outpatient_slot"}),
    # Counts only, of an area or an institution.
    Row("GET", "capacity/quotas", Right.CAPACITY_PROVE, personal=False),
    Row("GET", "capacity/quotas/proof", Right.CAPACITY_PROVE, personal=False),
    Row("GET", "capacity/quotas/proof.xlsx", Right.CAPACITY_PROVE, personal=False),
    Row("GET", "capacity/quotas/proof.json", Right.CAPACITY_PROVE, personal=False),
)
