"""The facts: counts of rows by month, and what was wrong with them. Nothing of any resident: rows are pseudonymous, and those
that wait are handed to whoever imports."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rights import Right

from .matrix import A_FILE, Row, names

# A table, one endpoint a line.
# fmt: off
_READ, _RUN = Right.EVALUATION_READ, Right.EVALUATION_RUN
_WUHU = "?region=wuhu"
# Offices and county commissions of the region see what facts it has; what waits is for its own commission.
_NEAR = names("commission@sister", "consortium_office@sister", "referral_office@sister", "insurance@sister", "auditor@sister")
_SEEN: dict[str, Any] = {"of": "region", "also": _NEAR, "personal": False, "query": _WUHU}
_OURS: dict[str, Any] = {"of": "region", "personal": False, "query": _WUHU}
_BATCH = {"batch_id": "facts_batch"}
_VISITS = {"table": "visits"}
_API: dict[str, Any] = {"of": "region", "personal": False, "path": {"key": "upload"}}

FACTS: tuple[Row, ...] = (
    Row("GET", "facts", _READ, **_SEEN),
    Row("GET", "facts/tables/<str:table>", _READ, path=_VISITS, **_SEEN),
    # What a table holds is no secret of any region.
    Row("GET", "facts/tables/<str:table>/template", _READ, path=_VISITS, personal=False, query=_WUHU),
    Row("GET", "facts/batches/<str:batch_id>", _READ, path=_BATCH, **_SEEN),
    Row("GET", "facts/batches/<str:batch_id>/quarantine", _RUN, path=_BATCH, **_OURS),
    # The page says who may import here instead.
    Row("GET", "facts/import", _RUN, personal=False, query=_WUHU),
    Row("POST", "facts/import/upload", _RUN, send={"file": A_FILE, "fact": "visits"}, **_OURS),
    Row("GET", "facts/import/<uuid:upload_id>", _RUN, **_OURS),
    Row("GET", "facts/import/<uuid:upload_id>/quarantine", _RUN, **_OURS),
    Row("POST", "facts/import/<uuid:upload_id>/table", _RUN, send={"fact": "visits"}, **_OURS),
    # Its address leads back to the upload.
    Row("GET", "facts/import/<uuid:upload_id>/columns", _RUN, **_OURS),
    Row("POST", "facts/import/<uuid:upload_id>/columns", _RUN, send={"source": "演示", "mode": "add"}, **_OURS),
    Row("POST", "facts/import/<uuid:upload_id>/check", _RUN, send={"mode": "add"}, **_OURS),
    Row("POST", "facts/import/<uuid:upload_id>/take", _RUN, **_OURS),
    Row("POST", "facts/import/<uuid:upload_id>/drop", _RUN, **_OURS),
    # The same for other systems.
    Row("POST", "api/evaluation/facts/check", _RUN, of="region", personal=False, send={"file": A_FILE, "region": "wuhu", "fact": "visits"}),
    Row("GET", "api/evaluation/facts/uploads/{key}", _RUN, **_API),
    Row("POST", "api/evaluation/facts/uploads/{key}/take", _RUN, **_API),
    Row("POST", "api/evaluation/facts/uploads/{key}/drop", _RUN, **_API),
    Row("GET", "api/evaluation/facts/batches", _READ, **_SEEN),
    Row("GET", "api/evaluation/facts/batches/{key}", _READ, path={"key": "facts_batch"}, **_SEEN),
)
