"""Named statements of the ledger. Every event of the platform passes through ``APPEND``: one round trip."""

from __future__ import annotations

# ``%(handlers)s`` is a list of names. NOTIFY only where somebody waits: it serialises commits.
APPEND = """
WITH event AS (
    INSERT INTO ledger_event (id, kind, version, subject_type, subject_id, institution_id, division_code,
                              actor_id, actor_name, actor_role, channel, request_id, clauses, payload)
    VALUES (%(id)s, %(kind)s, %(version)s, %(subject_type)s, %(subject_id)s, %(institution_id)s, %(division_code)s,
            %(actor_id)s, %(actor_name)s, %(actor_role)s, %(channel)s, %(request_id)s, %(clauses)s, %(payload)s)
    RETURNING id, sequence, at, subject_id
), waiting AS (
    INSERT INTO ledger_unsealed (event_id) SELECT id FROM event
), delivery AS (
    INSERT INTO ledger_delivery (event_id, handler, sequence, subject_id)
    SELECT id, handler, sequence, subject_id FROM event, unnest(%(handlers)s::text[]) AS handler
)
SELECT sequence, at, CASE WHEN cardinality(%(handlers)s::text[]) > 0 THEN pg_notify('ledger_delivery', '') END
FROM event
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
SEAL = """
WITH sealed AS (
    INSERT INTO ledger_seal (position, event_id, previous, hash)
    SELECT * FROM unnest(%(positions)s::bigint[], %(events)s::uuid[], %(previous)s::bytea[], %(hashes)s::bytea[])
    RETURNING event_id
)
DELETE FROM ledger_unsealed u USING sealed WHERE u.event_id = sealed.event_id
"""
CHAIN = " ".join(
    (
        "SELECT s.position, s.event_id, s.previous, s.hash,",
        _HASHED,
        "FROM ledger_seal s LEFT JOIN ledger_event e ON e.id = s.event_id",
        "ORDER BY s.position",
    )
)
# Neither sealed nor waiting, or waiting without being there: written or deleted past the program.
STRAYS = """
SELECT e.id FROM ledger_event e
WHERE NOT EXISTS (SELECT FROM ledger_seal s WHERE s.event_id = e.id)
  AND NOT EXISTS (SELECT FROM ledger_unsealed u WHERE u.event_id = e.id)
UNION ALL
SELECT u.event_id FROM ledger_unsealed u
WHERE NOT EXISTS (SELECT FROM ledger_event e WHERE e.id = u.event_id)
LIMIT %(limit)s
"""
