"""Named statements of the hot path. What they may take and give back is decided by functions (migration 0002)."""

from __future__ import annotations

# What booking has to know, in one round trip: the institution that offers the place, whose the resident is, and whether
# the person has a place in this session under an entry that was merged since (``besides`` the booking that is moved).
GROUND = """
SELECT s.institution_id AS host, g.person, g.known, g.signed_at, g.requested, g.deceased,
       (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date AS today,
       cardinality(g.person) > 1 AND capacity_booked_as(s.id, g.person[2:], %(besides)s::uuid) AS twice
FROM capacity_slot l JOIN capacity_session s ON s.id = l.session_id
CROSS JOIN LATERAL residents_ground_to_book(
    %(resident)s, %(booker)s, s.institution_id, %(source)s, (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date) g
WHERE l.id = %(slot)s
"""
GROUND_AT = """
SELECT %(host)s::uuid AS host, g.person, g.known, g.signed_at, g.requested, g.deceased
FROM residents_ground_to_book(
    %(resident)s, %(booker)s, %(host)s::uuid, %(source)s::uuid, (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date) g
"""
BOOKED_AS = "SELECT capacity_booked_as(%(session)s, %(person)s::uuid[], %(besides)s::uuid) AS twice"
# Absences of one person, past the wall: they are asked for the person who books for themself (migration 0002).
MISSED = "SELECT at, excused FROM capacity_missed(%(persons)s::uuid[])"
MISSED_BY = """
SELECT e.entry, m.at, m.excused FROM unnest(%(entries)s::uuid[]) AS e (entry)
CROSS JOIN LATERAL capacity_missed(residents_person(e.entry)) m ORDER BY m.at DESC
"""
BOOK = """
SELECT outcome, made, session, host, starts, ends, drawn, number, until FROM capacity_book(
    %(call_owner)s, %(call_key)s, %(call_hash)s, %(call_route)s, %(scope)s, %(persons)s,
    %(booking)s, %(slot)s, %(resident)s, %(channel)s, %(draws)s::text[], %(booker)s, %(account)s,
    %(wanted)s, %(hold_for)s, %(source)s, %(together)s, %(note)s, %(swept)s,
    %(actor_name)s, %(actor_role)s, %(via)s, %(request)s, %(division)s, %(clauses)s::text[], %(handlers)s::text[])
"""
TURN = """
SELECT outcome, was, session, host, resident
FROM capacity_turn(%(booking)s, %(sources)s::text[], %(target)s, %(frees)s, %(note)s)
"""
LOCK = "SELECT capacity_lock(%(bookings)s::uuid[], %(slots)s::uuid[], %(notes)s::uuid[])"

# Counters against the bookings that they count. No row: no drift.
DRIFT = """
SELECT 'slot' AS counter, l.id::text AS place, l.used AS told, count(b.id) AS counted
FROM capacity_slot l
LEFT JOIN capacity_booking b ON b.slot_id = l.id AND b.state = ANY (%(counted)s)
     AND b.quota_channel <> ALL (%(extra)s)
GROUP BY l.id, l.used HAVING l.used <> count(b.id)
UNION ALL
SELECT 'quota', q.session_id || ' ' || q.channel || ' ' || q.holder_id, q.used, count(b.id)
FROM capacity_quota q
LEFT JOIN capacity_booking b ON b.session_id = q.session_id AND b.quota_channel = q.channel
     AND b.holder_id = q.holder_id AND b.state = ANY (%(counted)s)
GROUP BY q.session_id, q.channel, q.holder_id, q.used HAVING q.used <> count(b.id)
UNION ALL
SELECT 'session', s.id::text, s.capacity, coalesce(sum(q.cap), 0)
FROM capacity_session s
LEFT JOIN capacity_quota q ON q.session_id = s.id AND q.channel <> ALL (%(extra)s)
WHERE s.state <> 'DRAFT'
GROUP BY s.id, s.capacity HAVING s.capacity <> coalesce(sum(q.cap), 0)
LIMIT %(limit)s
"""
