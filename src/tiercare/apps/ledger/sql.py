"""Named statements of the ledger. Every event of the platform passes through ``APPEND``: one round trip."""

from __future__ import annotations

from .guard import MARKER

# Event, deliveries, readings and the sealer's list in one round trip (migration 0003).
APPEND = """
SELECT drawn, moment FROM ledger_append(
    %(id)s, %(kind)s, %(version)s, %(subject_type)s, %(subject_id)s, %(institution_id)s, %(division_code)s,
    %(actor_id)s, %(actor_name)s, %(actor_role)s, %(channel)s, %(request_id)s, %(clauses)s, %(payload)s,
    %(handlers)s, %(residents)s)
"""
# The one thing that a request which only looks may append.
APPEND_READING = MARKER + APPEND

# WITH TIES, because one transaction (and a clock that stands still) gives many readings the same moment.
READINGS = """
SELECT e.*
FROM (
    SELECT DISTINCT r.at, r.event_id FROM ledger_reading r
    WHERE r.resident_id = ANY (%(residents)s)
      AND (%(before)s::timestamptz IS NULL OR r.at < %(before)s::timestamptz)
    ORDER BY r.at DESC
    FETCH FIRST %(limit)s ROWS WITH TIES) found
JOIN ledger_event e ON e.id = found.event_id
ORDER BY e.at DESC, e.sequence DESC
"""

# Takes the first due delivery whose subject has nothing older open with the same handler. The attempt is
# counted, and the next one scheduled, before the handler runs: one that kills its process is given up too.
CLAIM = """
UPDATE ledger_delivery
SET attempts = attempts + 1,
    next_at = clock_timestamp()
              + make_interval(secs => least(power(2, attempts), %(longest)s) * (0.5 + random()))
WHERE id = (
    SELECT due.id
    FROM ledger_delivery due
    WHERE due.state = 'PENDING' AND due.attempts < %(most)s AND due.next_at <= clock_timestamp()
      AND NOT EXISTS (
          SELECT FROM ledger_delivery older
          WHERE older.handler = due.handler AND older.subject_id = due.subject_id
            AND older.sequence < due.sequence AND older.state <> 'DONE')
    ORDER BY due.sequence
    LIMIT 1
    FOR UPDATE OF due SKIP LOCKED)
RETURNING id, event_id, handler, attempts
"""
HOLD = """
SELECT FROM ledger_delivery
WHERE id = %(id)s AND state = 'PENDING' AND attempts = %(attempts)s
FOR UPDATE SKIP LOCKED
"""
DONE = "UPDATE ledger_delivery SET state = 'DONE', done_at = clock_timestamp(), last_error = '' WHERE id = %(id)s"
FAIL = """
UPDATE ledger_delivery
SET last_error = %(error)s, state = CASE WHEN attempts >= %(most)s THEN 'FAILED' ELSE 'PENDING' END
WHERE id = %(id)s AND state = 'PENDING' AND attempts = %(attempts)s
RETURNING state
"""
# Deliveries whose last attempt ended with the process that made it.
BURY = """
UPDATE ledger_delivery
SET state = 'FAILED',
    last_error = CASE WHEN last_error = '' THEN 'the process ended while it handled this event' ELSE last_error END
WHERE id IN (
    SELECT id FROM ledger_delivery
    WHERE state = 'PENDING' AND attempts >= %(most)s AND next_at <= clock_timestamp()
    FOR UPDATE SKIP LOCKED)
RETURNING id, handler
"""
RETRY = """
WITH again AS (
    UPDATE ledger_delivery SET state = 'PENDING', attempts = 0, next_at = clock_timestamp() WHERE id = %(id)s
)
SELECT pg_notify('ledger_delivery', '')
"""

# The columns that are hashed, in the order of ``chain.FIELDS``; moments as UTC text, so that no setting of
# the session changes them.
_HASHED = """
e.id::text, e.sequence,
to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.kind, e.version,
e.subject_type, e.subject_id::text, e.institution_id::text, e.division_code,
e.actor_id::text, e.actor_name, e.actor_role, e.channel, e.request_id::text, e.clauses, e.payload::text
"""
TRY_SEALER_LOCK = "SELECT pg_try_advisory_xact_lock(%s, %s)"
SEAL_HEAD = "SELECT position, hash FROM ledger_seal ORDER BY position DESC LIMIT 1"
UNSEALED = " ".join(
    (
        "SELECT",
        _HASHED,
        "FROM ledger_unsealed u JOIN ledger_event e ON e.id = u.event_id",
        "ORDER BY e.sequence LIMIT %(limit)s",
    )
)
SEAL = "SELECT ledger_seal_batch(%(after)s, %(previous)s, %(events)s, %(hashes)s)"
CHAIN = " ".join(
    (
        "SELECT s.position, s.event_id, s.previous, s.hash,",
        _HASHED,
        "FROM ledger_seal s LEFT JOIN ledger_event e ON e.id = s.event_id",
        "ORDER BY s.position",
    )
)
# Neither sealed nor waiting, or waiting without being there, or sealed and waiting: all past the program.
STRAYS = """
SELECT 'EVENT_STRAY', NULL::bigint AS position, e.id, '' FROM ledger_event e
WHERE NOT EXISTS (SELECT FROM ledger_seal s WHERE s.event_id = e.id)
  AND NOT EXISTS (SELECT FROM ledger_unsealed u WHERE u.event_id = e.id)
UNION ALL
SELECT 'EVENT_STRAY', NULL, u.event_id, '' FROM ledger_unsealed u
WHERE NOT EXISTS (SELECT FROM ledger_event e WHERE e.id = u.event_id)
UNION ALL
SELECT 'SEALED_AGAIN', s.position, s.event_id, '' FROM ledger_unsealed u JOIN ledger_seal s USING (event_id)
ORDER BY position NULLS LAST
LIMIT %(limit)s
"""
# The chain covers the payload, and with it whose records an event read; the rows of reading must say the same.
# Compared as text: what somebody wrote into a payload need not be a UUID.
READING_FAULTS = """
WITH told AS (
    SELECT e.id, e.at, e.institution_id, e.division_code, resident
    FROM ledger_event e, jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(e.payload -> 'residents') = 'array' THEN e.payload -> 'residents' ELSE '[]' END
    ) AS resident
    WHERE e.payload -> 'residents' IS NOT NULL
)
SELECT CASE WHEN told.id IS NULL THEN 'READING_STRAY'
            WHEN kept.event_id IS NULL THEN 'READING_MISSING'
            ELSE 'READING_CHANGED' END,
       s.position, coalesce(told.id, kept.event_id), coalesce(told.resident, kept.resident_id::text)
FROM told
FULL JOIN ledger_reading kept ON kept.event_id = told.id AND kept.resident_id::text = told.resident
LEFT JOIN ledger_seal s ON s.event_id = coalesce(told.id, kept.event_id)
WHERE told.id IS NULL OR kept.event_id IS NULL
   OR (kept.at, kept.institution_id, kept.division_code)
      IS DISTINCT FROM (told.at, told.institution_id, told.division_code)
ORDER BY s.position NULLS LAST, 3, 4
LIMIT %(limit)s
"""
# The whole of the wall, until the transaction ends or it is set back.
AREA = "SELECT current_setting('tiercare.area', true)"
SET_AREA = "SELECT set_config('tiercare.area', %s, true)"

# Holds the key until the transaction ends, and tells what it answered before (migration 0004).
TAKE_KEY = "SELECT * FROM ledger_take_key(%s, %s)"
KEEP = """
INSERT INTO ledger_idempotencykey (actor_id, key, route, body_hash, status, content_type, location, response)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
# Answers sealed with an older key than the present one; the first two bytes say with which. Empty ones are not sealed.
KEPT_BEFORE = """
SELECT id, actor_id, key, response FROM ledger_idempotencykey
WHERE length(response) > 1 AND get_byte(response, 0) * 256 + get_byte(response, 1) < %(current)s
ORDER BY id LIMIT %(limit)s FOR UPDATE
"""
RESEAL = """
UPDATE ledger_idempotencykey k SET response = new.sealed
FROM unnest(%(ids)s::bigint[], %(sealed)s::bytea[]) AS new (id, sealed) WHERE k.id = new.id
"""
