"""Going down and what follows a discharge: drug lists, alerts that answers raised, proposals, surveys; pages and endpoints."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import A_FILE, Came, Row, names

# A table, one endpoint a line.
# fmt: off
_WRITE, _SEND, _SELF = Right.RECORDS_WRITE, Right.REQUESTS_SEND, Right.READS_OF_MINE
_RESIDENTS = names("resident")
# The hospital that leads the township: it neither raised the alert nor is it shown the township's proposals.
_HOST = names("referral_office@sister", "clinician@sister", "primary_doctor@sister")
_ALERT, _VISIT = {"alert_id": "alert"}, {"ground": "visit", "source_id": "encounter"}
_DRUG = {"name": "示例药胶囊"}
# 芜湖's text asks for no survey: whoever may ask is told so.
_NONE = frozenset({Came.NOT_FOUND})

FOLLOWUP: tuple[Row, ...] = (
    # What an institution has of drugs: nothing of any resident. Everybody keeps their own institution's list.
    Row("GET", "formulary", _WRITE),
    Row("POST", "formulary", _WRITE, send=_DRUG),
    Row("POST", "formulary/file", _WRITE, send={"file": A_FILE}),
    Row("GET", "formulary/template", _WRITE),
    Row("GET", "formulary/export", _WRITE),
    Row("POST", "formulary/<uuid:item_id>/end", _WRITE, of="place", path={"item_id": "drug"}),
    Row("GET", "api/formulary", _WRITE),
    Row("POST", "api/formulary", _WRITE, send=_DRUG),
    Row("POST", "api/formulary/import", _WRITE, send={"file": A_FILE}),
    Row("POST", "api/formulary/{key}/end", _WRITE, of="place", path={"key": "drug"}),
    # Alerts: whoever handles them, and whoever raised them.
    Row("GET", "followup/alerts", _WRITE, reads="contacts"),
    Row("GET", "followup/alerts/<uuid:alert_id>", _WRITE, of="place", reads="contacts", path=_ALERT),
    Row("POST", "followup/alerts/<uuid:alert_id>", _WRITE, of="place", path=_ALERT, send={"handling": "示例"}),
    Row("POST", "followup/alerts/<uuid:alert_id>/refer", _SEND, of="place", reads="contacts", path=_ALERT),
    Row("GET", "api/followup/alerts", _WRITE, reads="contacts"),
    Row("POST", "api/followup/alerts/{key}/handle", _WRITE, of="place", path={"key": "alert"}, send={"handling": "示例"}),
    # Proposals to go down.
    Row("POST", "referrals/ready/criteria/<uuid:case_id>", _SEND, reads="going_down", never=_RESIDENTS, path={"case_id": "nothing"}, ends=_NONE),
    Row("POST", "referrals/ready/visit/<uuid:prompt_id>", _SEND, of="place", reads="going_down", path={"prompt_id": "prompt"}, never=_RESIDENTS),
    Row("POST", "referrals/ready/decline/<str:ground>/<uuid:source_id>", _WRITE, of="place", path=_VISIT, send={"reason": "示例"}),
    Row("POST", "api/followup/declined", _WRITE, of="place", send={"ground": "visit", "source": "{encounter}", "reason": "示例"}),
    # Surveys: counts; the stays that can be asked about; one's own.
    Row("GET", "followup/surveys", _WRITE, reads="contacts"),
    Row("GET", "followup/surveys/<uuid:encounter_id>", _WRITE, of="place", reads="contacts", ends=_NONE),
    Row("POST", "followup/surveys/<uuid:encounter_id>", _WRITE, of="place", reads="contacts", ends=_NONE),
    Row("GET", "api/followup/surveys", _WRITE),
    Row("POST", "api/followup/surveys/{stay}", _WRITE, of="place", path={"stay": "encounter"}, send={"answers": {}}, ends=_NONE),
    Row("GET", "me/surveys", _SELF, reads="record"),
    Row("GET", "me/of/<uuid:ward>/surveys", _SELF, of="ward", reads="record"),
    Row("GET", "me/surveys/<uuid:encounter_id>", _SELF, of="place", reads="record", ends=_NONE),
    Row("POST", "me/surveys/<uuid:encounter_id>", _SELF, of="place", reads="record", ends=_NONE),
    Row("GET", "me/of/<uuid:ward>/surveys/<uuid:encounter_id>", _SELF, of="ward", reads="record", ends=_NONE),
    Row("POST", "me/of/<uuid:ward>/surveys/<uuid:encounter_id>", _SELF, of="ward", reads="record", ends=_NONE),
    # The table of drugs of a draft, anew; nothing of the record is shown that was not sent.
    Row("POST", "referrals/<uuid:request_id>/drugs", _SEND, of="request", reads="request", path={"request_id": "request_draft"}, never=_RESIDENTS | _HOST),
)
