"""Records: the timeline and what is written into it, contacts that are due, coverage; pages and endpoints."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import A_FILE, Row, names

# A table, one endpoint a line.
# fmt: off
_READ, _WRITE = Right.RESIDENTS_READ, Right.RECORDS_WRITE
_PAGES = names("resident")  # they have pages of their own
_DESKS = names("registrar")  # a desk identifies and directs: it sees no diagnosis
_VISIT = {"kind": "OUTPATIENT", "complaint": "示例主诉"}
_DONE = {"outcome": "REACHED"}
_ENTRY = {"what": "visit", "entry_id": "encounter"}
_KEY, _HIM = {"key": "contact"}, {"resident": "resident"}

RECORDS: tuple[Row, ...] = (
    # What is written about a resident shows nothing of them; a refusal for want of a ground is recorded.
    Row("GET", "api/records/{resident}/timeline", _READ, of="resident", reads="record", path=_HIM, never=_DESKS),
    Row("POST", "api/records/{resident}/visits", _WRITE, of="resident", path=_HIM, send=_VISIT),
    Row("POST", "api/records/{resident}/results", _WRITE, of="resident", path=_HIM, send={"readings": [{"item": "K", "words": "4.1"}]}),
    Row("POST", "api/records/{resident}/documents", _WRITE, of="resident", path=_HIM, send={"kind": "IMAGE", "title": "CT", "file": A_FILE}),
    Row("GET", "api/records/contacts", _WRITE, reads="contacts"),
    Row("POST", "api/records/contacts/{key}/done", _WRITE, of="place", path=_KEY, send=_DONE),
    Row("POST", "api/records/withdrawals", _WRITE, of="place", send={"what": "visit", "id": "{encounter}", "reason": "示例"}),
    # Staff.
    Row("GET", "residents/<uuid:resident_id>/record", _READ, of="resident", reads="record", never=_PAGES | _DESKS),
    Row("GET", "residents/<uuid:resident_id>/record/visit", _WRITE, of="resident", reads="record"),
    Row("POST", "residents/<uuid:resident_id>/record/visit", _WRITE, of="resident", send=_VISIT),
    Row("GET", "residents/<uuid:resident_id>/record/document", _WRITE, of="resident", reads="record"),
    Row("POST", "residents/<uuid:resident_id>/record/document", _WRITE, of="resident", send={"kind": "IMAGE", "title": "CT", "reference": "urn:oid:1.2"}),
    Row("GET", "residents/<uuid:resident_id>/record/documents/<uuid:document_id>", _READ, of="resident", reads="document", never=_PAGES | _DESKS),
    Row("GET", "residents/<uuid:resident_id>/record/contact", _WRITE, of="resident", reads="record"),
    Row("POST", "residents/<uuid:resident_id>/record/contact", _WRITE, of="resident", send={"due_on": "{today}"}),
    Row("GET", "record-entries/<str:what>/<uuid:entry_id>", _WRITE, of="place", reads="record", path=_ENTRY),
    Row("POST", "record-entries/<str:what>/<uuid:entry_id>", _WRITE, of="place", path=_ENTRY, send={"why": "twice"}),
    Row("GET", "record-entries/document/<uuid:document_id>/file", _WRITE, of="place", reads="document", path={"document_id": "withdrawn"}),
    Row("POST", "encounters/<uuid:encounter_id>/stage", _WRITE, of="place", reads="record", send={"stage": "CHRONIC_STABLE"}),
    Row("POST", "encounters/<uuid:encounter_id>/end", _WRITE, of="place", reads="record", send={"disposition": "示例"}),
    Row("GET", "contacts", _WRITE, reads="contacts"),
    Row("GET", "contacts", _WRITE, reads="contacts", query="?show=alerts", variant="alerts"),
    Row("GET", "contacts", _WRITE, reads="control", query="?show=control", variant="control"),
    Row("GET", "contacts/<uuid:contact_id>", _WRITE, of="place", reads="contacts"),
    Row("POST", "contacts/<uuid:contact_id>", _WRITE, of="place", send=_DONE, reads="contacts"),
    Row("POST", "contacts/<uuid:contact_id>/cancel", _WRITE, of="place", send={"reason": "示例"}),
    # Counts only.
    Row("GET", "coverage", Right.RECORDS_MEASURE),
)
