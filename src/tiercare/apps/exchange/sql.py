"""Named statements of the hot path. A step is decided by ``exchange_turn`` (migration 0002)."""

from __future__ import annotations

# With the place that it has now: moved or stopped a moment ago, it is another than the request tells of until that event
# is handed on; seen past the wall by whoever sees the request. ``now`` saves whoever judges the request a question.
STANDING = """
SELECT r.id, r.kind, r.state, r.urgency, r.resident_id, r.from_institution, r.from_account, r.to_institution, r.area,
       r.owner_level, r.owner_institution, r.owner_account, r.owner_area, r.due_at, r.version, r.sent_at, r.payload, r.parties,
       r.problem_code, r.problem, r.specialty, coalesce(live.id, r.booking_id) AS booking_id,
       coalesce(live.starts_at, r.planned_at) AS planned_at, live.id IS NOT NULL AS has_place, tiercare_now() AS now
FROM exchange_request r
LEFT JOIN LATERAL exchange_place(r.id, r.resident_id) live ON r.booking_id IS NOT NULL
WHERE r.id = %(request)s
"""
TURN = """
SELECT outcome, was, version, booking FROM exchange_turn(
    %(request)s, %(read_version)s::integer, %(act)s, %(sources)s::text[], %(target)s, %(ends)s,
    %(level)s, %(institution)s::uuid, %(account)s::uuid, %(area)s, %(due)s::timestamptz,
    %(to)s::uuid, %(department)s::uuid, %(booking)s::uuid, %(planned)s::timestamptz, %(hear)s::timestamptz, %(frees)s,
    %(by_institution)s::uuid, %(by_account)s::uuid,
    %(code)s, %(words)s, %(alternative)s::jsonb, %(content)s::jsonb, %(step)s)
"""
# Drafts are their authors' alone: the wall hides those of others. What brought the resident to the house that asks is no
# second one: it sends on, or back down, what came to it.
OPEN_FOR = """
SELECT id, state, to_institution FROM exchange_request
WHERE resident_id = ANY (%(person)s::uuid[]) AND left(problem_code, 3) = %(problem)s AND state = ANY (%(open)s::text[])
  AND id IS DISTINCT FROM %(besides)s::uuid AND to_institution IS DISTINCT FROM %(house)s::uuid
ORDER BY made_at DESC LIMIT 1
"""
OPEN_OF = """
SELECT id, state FROM exchange_request
WHERE resident_id = ANY (%(person)s::uuid[]) AND state = ANY (%(open)s::text[]) ORDER BY id
"""
# While it is written: the place that is held, and whose it is.
HELD = """
UPDATE exchange_request
SET booking_id = %(booking)s, planned_at = %(at)s, to_institution = %(to)s,
    to_department = CASE WHEN to_institution = %(to)s THEN to_department END,
    version = version + 1, changed_at = tiercare_now()
WHERE id = %(request)s RETURNING id
"""
DROPPED = """
UPDATE exchange_request SET booking_id = NULL, planned_at = NULL, version = version + 1, changed_at = tiercare_now()
WHERE id = %(request)s RETURNING version
"""
# The sender adds to what was sent; the step keeps what and when.
SUPPLEMENT = """
WITH grown AS (
    UPDATE exchange_request SET payload = payload || %(content)s::jsonb, version = version + 1, changed_at = tiercare_now()
    WHERE id = %(request)s RETURNING id, resident_id, state, version
), noted AS (
    INSERT INTO exchange_step (id, request_id, resident_id, act, source, target, institution_id, account_id, content)
    SELECT %(step)s, id, resident_id, 'supplement', state, state, %(institution)s, %(account)s, %(content)s::jsonb FROM grown
)
SELECT version FROM grown
"""
AMEND = """
UPDATE exchange_request
SET urgency = %(urgency)s, problem_code = %(problem_code)s, problem = %(problem)s, to_institution = %(to)s::uuid,
    to_department = %(department)s::uuid, specialty = %(specialty)s, payload = %(payload)s::jsonb,
    basis = %(basis)s::jsonb, booking_id = CASE WHEN %(frees)s THEN NULL ELSE booking_id END,
    planned_at = CASE WHEN %(frees)s THEN NULL ELSE planned_at END,
    version = version + 1, changed_at = tiercare_now()
WHERE id = %(request)s AND state = ANY (%(written)s::text[])
  AND (%(read_version)s::integer IS NULL OR version = %(read_version)s)
RETURNING version
"""
# The place moved with its clinic, or the resident moved it: the request goes with it.
MOVED = """
UPDATE exchange_request SET booking_id = %(booking)s, planned_at = %(at)s, version = version + 1,
    due_at = CASE WHEN state = 'SCHEDULED' THEN %(due)s::timestamptz ELSE due_at END, changed_at = tiercare_now()
WHERE id = %(request)s AND booking_id = %(was)s RETURNING id
"""
OF_BOOKING = "SELECT id FROM exchange_request WHERE booking_id = %(booking)s"
NEXT_BOOKING = """
SELECT b.id, lower(l.during) AS starts_at, upper(l.during) AS ends_at FROM capacity_booking b
JOIN capacity_slot l ON l.id = b.slot_id
WHERE b.source_id = %(request)s AND b.state = 'BOOKED' ORDER BY b.made_at DESC LIMIT 1
"""
NOTIFY = """
INSERT INTO exchange_notice (id, institution_id, account_id, request_id, about)
VALUES (%(id)s, %(institution)s, %(account)s::uuid, %(request)s, %(about)s)
"""
# Sent, and nobody at the receiver's has seen it in the time that its urgency allows.
UNHEARD = """
UPDATE exchange_request r SET alarmed_at = tiercare_now()
FROM (SELECT id FROM exchange_request
      WHERE state = 'SUBMITTED' AND received_at IS NULL AND alarmed_at IS NULL AND hear_by <= tiercare_now()
      ORDER BY hear_by, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED) late
WHERE r.id = late.id
RETURNING r.id, r.from_institution, r.from_account, r.to_institution, r.area, r.sent_at
"""
# Open requests whose time is over, oldest first; several sweepers do not stand in each other's way.
OVERDUE = """
SELECT id FROM exchange_request
WHERE due_at <= tiercare_now() AND state = ANY (%(open)s::text[])
ORDER BY due_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""
ESCALATE = """
UPDATE exchange_request
SET owner_level = %(level)s, owner_institution = %(institution)s::uuid, owner_account = NULL, owner_area = %(area)s,
    due_at = %(due)s, version = version + 1, changed_at = tiercare_now(),
    parties = CASE WHEN %(institution)s::uuid IS NULL OR %(institution)s::uuid = ANY (parties) THEN parties
                   ELSE parties || %(institution)s::uuid END
WHERE id = %(request)s
"""
STAND_IN = """
SELECT deputy_id FROM exchange_standin
WHERE institution_id = %(institution)s AND account_id = %(account)s AND period @> %(on)s::date AND ended_at IS NULL
ORDER BY id DESC LIMIT 1
"""
RECEIVED = """
UPDATE exchange_request SET received_at = tiercare_now()
WHERE id = %(request)s AND received_at IS NULL AND sent_at IS NOT NULL
RETURNING extract(epoch FROM received_at - sent_at)::integer AS waited
"""
# The lead of a group or community of care that the institution stands in, nearest kind first.
LEAD = """
SELECT lead.institution_id FROM network_membership own
JOIN network_consortium c ON c.id = own.consortium_id AND c.kind = ANY (%(kinds)s::text[])
JOIN network_membership lead ON lead.consortium_id = c.id AND lead.role = 'LEAD' AND lead.period @> %(on)s::date
WHERE own.institution_id = %(institution)s AND own.period @> %(on)s::date
ORDER BY array_position(%(kinds)s::text[], c.kind::text), lead.institution_id LIMIT 1
"""
