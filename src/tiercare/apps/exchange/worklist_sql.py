"""Statements of the worklists. The open states stand in the text, so that the partial indexes serve."""

from __future__ import annotations

from .workflow import OPEN

_OPEN = ", ".join(f"'{each}'" for each in sorted(OPEN))
COLUMNS = """
SELECT r.id, r.number, r.kind, r.state, r.urgency, r.resident_id, r.problem_code, r.problem, r.from_institution,
       r.from_account, r.to_institution, r.to_department, r.specialty, r.owner_level, r.owner_institution,
       r.owner_account, r.owner_area, r.due_at, r.planned_at, r.made_at, r.sent_at, r.received_at, r.alarmed_at,
       r.over_at, r.booking_id, r.parent_id, r.version, coalesce(r.due_at <= tiercare_now(), false) AS overdue
FROM exchange_request r
"""
# Whose they are: came in, went out, are the actor's own to see to, or came up the line to them.
BOXES = {
    "in": "r.to_institution = %(house)s AND r.state <> 'DRAFT'",
    "out": "r.from_institution = %(house)s",
    "mine": "r.owner_institution = %(house)s AND r.owner_account = %(account)s",
    "escalated": "r.owner_level = 'LEAD' AND r.owner_institution = %(house)s"
    " OR r.owner_level = 'COMMISSION' AND %(area)s <> '' AND r.owner_area LIKE %(area)s || '%%'",
}
_FILTERS = """
AND (%(states)s::text[] = '{}' OR r.state = ANY (%(states)s::text[]))
AND (%(kinds)s::text[] = '{}' OR r.kind = ANY (%(kinds)s::text[]))
AND (%(urgency)s::integer IS NULL OR r.urgency = %(urgency)s)
AND (%(department)s::uuid IS NULL OR r.to_department = %(department)s)
AND (NOT %(overdue)s OR r.due_at <= tiercare_now())
AND (NOT %(unheard)s OR r.alarmed_at IS NOT NULL AND r.received_at IS NULL)
AND (%(number)s = '' OR r.number = %(number)s)
AND (%(residents)s::uuid[] IS NULL OR r.resident_id = ANY (%(residents)s::uuid[]))
"""
_PAGE = " LIMIT %(limit)s OFFSET %(skipped)s"
# What is open by urgency and time; what is over the latest first.
OPEN_LISTS = {
    box: f"{COLUMNS} WHERE ({where}) AND r.state IN ({_OPEN}) {_FILTERS} ORDER BY r.urgency, r.due_at, r.id{_PAGE}"
    for box, where in BOXES.items()
}
ALL_LISTS = {
    box: f"{COLUMNS} WHERE ({where}) {_FILTERS} ORDER BY coalesce(r.sent_at, r.made_at) DESC, r.id{_PAGE}"
    for box, where in BOXES.items()
}
_COUNTED = """
SELECT r.state, count(*)::integer AS units, count(*) FILTER (WHERE r.due_at <= tiercare_now())::integer AS overdue,
       count(*) FILTER (WHERE r.alarmed_at IS NOT NULL AND r.received_at IS NULL AND r.state = 'SUBMITTED')::integer
       AS unheard
FROM exchange_request r"""
COUNTS = {
    box: " ".join((_COUNTED, "WHERE (", where, ") AND r.state IN (", _OPEN, ") GROUP BY r.state"))
    for box, where in BOXES.items()
}
_WHOSE = "SELECT DISTINCT r.resident_id FROM exchange_request r"
PERSONS = {
    box: " ".join((_WHOSE, "WHERE (", where, ") AND r.state IN (", _OPEN, ") LIMIT %(most)s"))
    for box, where in BOXES.items()
}
ONE = f"{COLUMNS} WHERE r.id = %(request)s"
OF_RESIDENT = f"{COLUMNS} WHERE r.resident_id = ANY (%(persons)s::uuid[]) AND r.state <> 'DRAFT' ORDER BY r.made_at DESC LIMIT %(limit)s"
OWN_DRAFTS = (
    f"{COLUMNS} WHERE r.resident_id = ANY (%(persons)s::uuid[]) AND r.state = 'DRAFT'"
    " AND r.from_institution = %(house)s ORDER BY r.made_at DESC"
)
STEPS = """
SELECT s.id, s.act, s.source, s.target, s.institution_id, s.account_id, s.at, s.code, s.words, s.alternative, s.content
FROM exchange_step s WHERE s.request_id = %(request)s ORDER BY s.at, s.id
"""
CONTENT = "SELECT payload, basis FROM exchange_request WHERE id = %(request)s"
NOTICES = """
SELECT n.id, n.request_id, r.number, r.kind, r.problem, n.about, n.at, n.seen_at, r.urgency, r.state, r.due_at,
       CASE WHEN r.from_institution = %(house)s THEN r.to_institution ELSE r.from_institution END AS other
FROM exchange_notice n JOIN exchange_request r ON r.id = n.request_id
WHERE n.institution_id = %(house)s AND (n.account_id IS NULL OR n.account_id = %(account)s)
  AND (NOT %(unseen)s OR n.seen_at IS NULL)
ORDER BY n.at DESC, n.id DESC LIMIT %(limit)s
"""
# What nobody has seen yet, and the alerts of a follow-up that nobody has handled (TY-68): one glance, as open pages take it.
BELL = """
SELECT (SELECT count(*) FROM exchange_notice n
        WHERE n.institution_id = %(house)s AND n.seen_at IS NULL
          AND (n.account_id IS NULL OR n.account_id = %(account)s))::integer AS unseen,
       (SELECT count(*) FROM records_followupalert a
        WHERE %(alerts)s AND a.institution_id = %(house)s AND a.handled_at IS NULL)::integer AS alerts
"""
