"""Endpoints about residents: the desk, the record, cards, consents, and the residents' own pages."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import ANYBODY, Came, Row, names
from .world import NUMBER

# A table, one endpoint a line.
# fmt: off
# Typed in full-width digits, so that what the page repeats of it is not taken for something that it shows.
WIDE = NUMBER.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))

# Pages for desks; residents have pages of their own for the same rights.
_DESKS = names("resident")
_SELF = Right.READS_OF_MINE
_AT_THE_DOOR = frozenset({Came.REFUSED})  # nobody has shown a card before: back to where one is shown
_NEW = {
    "identity_kind": "id_card",
    "number": WIDE,
    "name": "甘慕篮",
    "sex": "2",
    "birth_date": "1968-05-17",
    "province": "34",
    "prefecture": "3402",
    "county": "340223",
}
_NEW_IN_JSON = {"number": WIDE, "name": "甘慕篮", "birth_date": "1968-05-17", "division": "340223"}
_NEIGHBOUR = {"resident_id": "neighbour"}
_AS_NEIGHBOUR = {"name": "佘念生"}
_HIM = {"key": "resident"}
_PAIR = {"one": "resident", "other": "twin"}
_EMERGENCY = {"reason": "life_at_risk", "explanation": "车祸昏迷送来抢救，家属没有到场"}
_CONSENT_IN_JSON = {
    "grantee_id": "{far_hospital}",
    "purposes": ["referral"],
    "until": "{until}",
    "evidence": "A-1",
}
_CONSENT = {"grantee": "{far_hospital}", "purposes": ["referral"], "until": "{until}", "evidence": "A-1"}

PEOPLE: tuple[Row, ...] = (
    # The desk.
    Row("GET", "residents", Right.RESIDENTS_FIND, reads="list"),
    Row("GET", "residents/search", Right.RESIDENTS_FIND),
    Row("POST", "residents/search", Right.RESIDENTS_FIND, reads="identity", send={"q": WIDE}),
    Row("POST", "residents/areas", Right.RESIDENTS_REGISTER),
    Row("GET", "residents/new", Right.RESIDENTS_REGISTER),
    Row("POST", "residents/new", Right.RESIDENTS_REGISTER, reads="identity", send=_NEW),
    Row("GET", "residents/new/from", Right.RESIDENTS_REGISTER),
    Row("POST", "residents/new/from", Right.RESIDENTS_REGISTER, send={"identity_kind": "id_card", "number": WIDE}),
    Row("GET", "residents/new/check", Right.RESIDENTS_REGISTER),
    Row("POST", "residents/new/check", Right.RESIDENTS_REGISTER, reads="identity", send={"identity_kind": "by_mother", "number": WIDE}),
    # The record.
    Row("GET", "residents/<uuid:resident_id>", Right.RESIDENTS_READ, of="resident", reads="file", never=_DESKS),
    Row("GET", "residents/<uuid:resident_id>/reveal", Right.RESIDENTS_READ, never=_DESKS),
    Row("POST", "residents/<uuid:resident_id>/reveal", Right.RESIDENTS_READ, of="resident", reads="number", never=_DESKS),
    Row("GET", "residents/<uuid:resident_id>/print", Right.RESIDENTS_READ, of="resident", reads="print", never=_DESKS),
    Row("GET", "residents/<uuid:resident_id>/correct", Right.RESIDENTS_REGISTER, of="resident", reads="correction"),
    Row("POST", "residents/<uuid:resident_id>/correct", Right.RESIDENTS_REGISTER, of="resident", reads="correction", send={"version": "1"} | _NEW),
    Row("POST", "residents/<uuid:resident_id>/correct", Right.RESIDENTS_REGISTER, of="resident", reads="identity", path=_NEIGHBOUR, send={"version": "1"} | _NEW | _AS_NEIGHBOUR, variant="to the number of another"),
    Row("GET", "residents/<uuid:resident_id>/double", Right.RESIDENTS_REGISTER),
    Row("POST", "residents/<uuid:resident_id>/double", Right.RESIDENTS_REGISTER, of="resident", reads="double", send={"other": "{neighbour}"}),
    Row("GET", "residents/<uuid:resident_id>/<str:act>", Right.RESIDENTS_REGISTER, path={"act": "end-doctor"}),
    Row("POST", "residents/<uuid:resident_id>/<str:act>", Right.RESIDENTS_REGISTER, of="resident", reads="cover", path={"act": "record-cover"}, send={"scheme": "SELF_PAID", "since": "2019-01-01", "until": "2019-02-01"}, variant="what insures somebody"),
    Row("POST", "residents/<uuid:resident_id>/<str:act>", Right.RESIDENTS_REGISTER, of="resident", reads="household", path={"act": "leave"}, send={"member": "{ward}"}),
    # Consents, emergencies, moving away: on a signed paper at the desk.
    Row("GET", "consents/<uuid:resident_id>", Right.CONSENTS_RECORD, of="resident", reads="consents", never=_DESKS),
    Row("POST", "consents/<uuid:resident_id>", Right.CONSENTS_RECORD, of="resident", reads="consents", never=_DESKS, send=_CONSENT),
    Row("POST", "consents/<uuid:resident_id>/find", Right.CONSENTS_RECORD, never=_DESKS, send={"named": "医院"}),
    Row("POST", "consents/<uuid:resident_id>/<uuid:consent_id>/withdraw", Right.CONSENTS_RECORD, of="resident", reads="consents", never=_DESKS),
    Row("GET", "consents/<uuid:resident_id>/move", Right.RECORDS_MOVE, never=_DESKS),
    Row("POST", "consents/<uuid:resident_id>/move", Right.RECORDS_MOVE, of="resident", reads="move", never=_DESKS, send={"destination": "合肥市", "evidence": "A-1"}),
    # Glass is there to be broken by any doctor; what was read is reviewed one by one.
    Row("GET", "consents/<uuid:resident_id>/glass", Right.GLASS_BREAK),
    Row("POST", "consents/<uuid:resident_id>/glass", Right.GLASS_BREAK, send=_EMERGENCY),
    # Cards. Whoever shows one may be recognised at any member institution; a lost one is blocked at any desk.
    Row("GET", "cards", Right.CARDS_SCAN),
    Row("POST", "cards/read", Right.CARDS_SCAN, reads="card", send={"text": "{token}"}),
    Row("POST", "cards/arrive", Right.CARDS_SCAN, send={"presence": "bm9uZQ==", "use": "first_contact"}),
    Row("GET", "cards/arrivals", Right.CARDS_SCAN),
    Row("GET", "cards/lost", Right.CARDS_ISSUE, never=_DESKS),
    Row("POST", "cards/lost", Right.CARDS_ISSUE, never=_DESKS, reads="card", send={"number": "{card_number}"}),
    Row("GET", "cards/of/<uuid:resident_id>", Right.CARDS_ISSUE, of="resident", reads="card", never=_DESKS),
    Row("GET", "cards/of/<uuid:resident_id>/sheet", Right.CARDS_ISSUE, of="resident", reads="card", never=_DESKS),
    Row("POST", "cards/of/<uuid:resident_id>/<str:act>", Right.CARDS_ISSUE, of="resident", reads="card", never=_DESKS, path={"act": "replace"}),
    Row("GET", "api/cards/keys", ANYBODY),
    Row("POST", "api/cards/scan", Right.CARDS_SCAN, reads="card", send={"text": "{token}"}),
    Row("POST", "api/cards", Right.CARDS_ISSUE, of="resident", reads="card", send={"resident_id": "{resident}", "replace": True}),
    Row("POST", "api/cards/{key}/block", Right.CARDS_ISSUE, of="resident", reads="card", path={"key": "card"}, send={"event": "lost"}),
    # The same for other systems.
    Row("POST", "api/residents", Right.RESIDENTS_REGISTER, reads="identity", send=_NEW_IN_JSON),
    Row("GET", "api/residents", Right.RESIDENTS_LIST, reads="list"),
    Row("POST", "api/residents/find", Right.RESIDENTS_FIND, reads="identity", send={"number": WIDE}),
    Row("POST", "api/residents/search", Right.RESIDENTS_LIST, reads="list", send={"name": "gml"}),
    Row("GET", "api/residents/{key}", Right.RESIDENTS_READ, of="resident", reads="file", path=_HIM),
    Row("POST", "api/residents/{key}/reveal", Right.RESIDENTS_READ, of="resident", reads="number", path=_HIM),
    Row("GET", "api/residents/{key}/covers", Right.RESIDENTS_READ, of="resident", reads="cover", path=_HIM),
    Row("POST", "api/residents/{key}/covers", Right.RESIDENTS_REGISTER, of="resident", reads="cover", path=_HIM, send={"scheme": "SELF_PAID", "since": "2019-01-01", "until": "2019-02-01"}),
    Row("POST", "api/residents/{key}/covers/{cover}/end", Right.RESIDENTS_REGISTER, of="resident", reads="cover", path=_HIM | {"cover": "cover"}),
    Row("PATCH", "api/residents/{key}", Right.RESIDENTS_REGISTER, of="resident", reads="correction", path=_HIM, send={"phone": "13955508899"}, headers={"If-Match": '"1"'}),
    Row("PATCH", "api/residents/{key}", Right.RESIDENTS_REGISTER, of="resident", reads="identity", path={"key": "neighbour"}, send={"document": {"identity_kind": "id_card", "number": WIDE}, "birth_date": "1968-05-17", "sex": "2"}, headers={"If-Match": '"1"'}, variant="to the number of another"),
    Row("GET", "api/consents/of/{resident_id}", Right.CONSENTS_RECORD, of="resident", reads="consents"),
    Row("POST", "api/consents/of/{resident_id}", Right.CONSENTS_RECORD, of="resident", reads="consents", send=_CONSENT_IN_JSON),
    Row("POST", "api/consents/of/{resident_id}/{consent_id}/withdraw", Right.CONSENTS_RECORD, of="resident", reads="consents"),
    Row("POST", "api/consents/of/{resident_id}/glass", Right.GLASS_BREAK, send=_EMERGENCY),
    Row("GET", "api/consents/of/{resident_id}/readings", _SELF, of="resident", reads="readings"),
    Row("POST", "api/consents/of/{resident_id}/readings/{event_id}/objection", _SELF, of="resident", reads="objections", path={"event_id": "reading"}, send={"text": "我没有到过那里"}),
    Row("GET", "api/consents/reviews", Right.GLASS_REVIEW),
    Row("POST", "api/consents/reviews/{glass_id}", Right.GLASS_REVIEW, of="glass", send={"outcome": "justified"}),
    Row("POST", "api/consents/objections/{objection_id}/answer", Right.GLASS_REVIEW, of="objection", send={"upheld": True, "answer": "已核实"}),
    # Duplicates: for the keeper of the index in whose area both entries lie.
    Row("GET", "duplicates", Right.RESIDENTS_MERGE, reads="pair"),
    Row("GET", "duplicates/unclaimed", Right.RESIDENTS_MERGE, reads="pair"),
    Row("GET", "duplicates/claim", Right.RESIDENTS_MERGE),
    Row("POST", "duplicates/claim", Right.RESIDENTS_MERGE, reads="identity", send={"entry": "{twin}", "number": WIDE}),
    Row("GET", "duplicates/merges", Right.RESIDENTS_MERGE),
    Row("POST", "duplicates/merges/<uuid:merge_id>/part", Right.RESIDENTS_MERGE, of="merge", send={"reason": "核对后是两个人"}),
    Row("GET", "duplicates/<uuid:one>/<uuid:other>", Right.RESIDENTS_MERGE, of="pair", reads="pair", path=_PAIR),
    Row("POST", "duplicates/<uuid:one>/<uuid:other>/merge", Right.RESIDENTS_MERGE, of="pair", path=_PAIR, send={"kept": "{resident}", "reason": "核对后是同一个人"}),
    Row("POST", "duplicates/<uuid:one>/<uuid:other>/dismiss", Right.RESIDENTS_MERGE, of="pair", path=_PAIR, send={"reason": "核对后是两个人"}),
    Row("GET", "api/duplicates", Right.RESIDENTS_MERGE, reads="pair"),
    Row("POST", "api/duplicates/merge", Right.RESIDENTS_MERGE, of="pair", send={"kept": "{resident}", "merged": "{twin}", "reason": "核对后是同一个人"}),
    Row("POST", "api/duplicates/part", Right.RESIDENTS_MERGE, of="merge", send={"merge": "{merge}", "reason": "核对后是两个人"}),
    Row("POST", "api/duplicates/dismiss", Right.RESIDENTS_MERGE, of="pair", send={"first": "{resident}", "second": "{twin}", "reason": "核对后是两个人"}),
    # The residents' own pages: everybody their own, and one's ward's under /of/.
    Row("GET", "me/sign-in", ANYBODY),
    Row("POST", "me/sign-in", ANYBODY, send={"card": "1234567890123456"}),
    Row("GET", "me/sign-in/code", ANYBODY, ends=_AT_THE_DOOR),
    Row("POST", "me/sign-in/code", ANYBODY, ends=_AT_THE_DOOR),
    Row("POST", "me/sign-out", ANYBODY, ends=_AT_THE_DOOR),
    Row("POST", "me/letters", ANYBODY, ends=frozenset({Came.PASSED, Came.REFUSED}), send={"letters": "large"}),
    Row("GET", "me", _SELF, reads="card"),
    Row("GET", "me/card/qr", _SELF),
    Row("POST", "me^/card/(?P<act>issue|replace|lost)$", _SELF, reads="card", path={"act": "issue"}),
    Row("GET", "me/family", _SELF, reads="family"),
    Row("GET", "me/readings", _SELF, reads="readings"),
    Row("GET", "me/readings/<uuid:event_id>", _SELF, of="reading", reads="readings", path={"event_id": "reading"}),
    Row("POST", "me/readings/<uuid:event_id>", _SELF, of="reading", reads="objections", path={"event_id": "reading"}, send={"text": "我没有到过那里"}),
    Row("GET", "me/consents", _SELF, reads="consents"),
    Row("POST", "me/consents", _SELF, reads="consents", send=_CONSENT),
    Row("POST", "me/consents/find", _SELF, send={"named": "医院"}),
    Row("POST", "me/consents/<uuid:consent_id>/withdraw", _SELF, of="consent", reads="consents"),
    Row("GET", "me/objections", _SELF, reads="objections"),
    Row("GET", "me/move", _SELF),
    Row("POST", "me/move", _SELF, reads="move", send={"destination": "合肥市"}),
    Row("GET", "me/of/<uuid:ward>", _SELF, of="ward", reads="card"),
    Row("GET", "me/of/<uuid:ward>/readings", _SELF, of="ward", reads="readings"),
    Row("GET", "me/of/<uuid:ward>/readings/<uuid:event_id>", _SELF, of="ward", reads="readings", path={"event_id": "ward_reading"}),
    Row("POST", "me/of/<uuid:ward>/readings/<uuid:event_id>", _SELF, of="ward", reads="objections", path={"event_id": "ward_reading"}, send={"text": "没有到过那里"}),
    Row("GET", "me/of/<uuid:ward>/consents", _SELF, of="ward", reads="consents"),
    Row("POST", "me/of/<uuid:ward>/consents", _SELF, of="ward", reads="consents", send=_CONSENT),
    Row("POST", "me/of/<uuid:ward>/consents/find", _SELF, of="ward", send={"named": "医院"}),
    Row("POST", "me/of/<uuid:ward>/consents/<uuid:consent_id>/withdraw", _SELF, of="ward", reads="consents", path={"consent_id": "ward_consent"}),
    Row("GET", "me/of/<uuid:ward>/objections", _SELF, of="ward", reads="objections"),
    Row("GET", "me/of/<uuid:ward>/move", _SELF, of="ward", reads="identity"),
    Row("POST", "me/of/<uuid:ward>/move", _SELF, of="ward", reads="move", send={"destination": "合肥市"}),
)
