"""Statements of access that every request runs, written out because the ORM would make four of the first."""

from __future__ import annotations

from tiercare.apps.ledger.guard import MARKER

# Who a session key stands for at this moment; ``{account}`` are the columns of the account. One row, or none
# where the key is unknown or has run out. The grants are those of ``queries.grants_in_force``, as arrays
# [id, role, scope, division, institution, consortium, place].
STANDING = """
SELECT s.session_data, d.today, {account},
  EXISTS (SELECT FROM access_secondfactor f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL),
  (SELECT json_agg(json_build_array(g.id, g.role, g.scope, g.division_code, g.institution_id,
                                    g.consortium_id, g.place_name) ORDER BY g.id)
   FROM access_grant g
   WHERE g.account_id = a.id AND g.period @> d.today
     AND (g.revoked_at IS NULL OR g.revoked_at >= (d.today + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))
FROM access_session s
CROSS JOIN (SELECT (tiercare_now() AT TIME ZONE 'Asia/Shanghai')::date AS today) d
LEFT JOIN access_account a ON a.id = s.account_id
WHERE s.session_key = %s AND s.expire_date > now()
"""

# The two writes that a request which only looks may make on its own session.
_SEEN = "UPDATE access_session SET session_data = %s WHERE session_key = %s AND session_data = %s"
_END = "DELETE FROM access_session WHERE session_key = %s"
SEEN, END = " ".join((MARKER, _SEEN)), " ".join((MARKER, _END))

# One attempt counted in each of its windows. Rows of one call come sorted by key, so that two calls that share
# some never wait for each other in a ring. A server whose clock is behind counts into the window that has begun.
# Marked, because looking up is reading, and a look-up that counted only when it is a POST would be scraped by GET.
_TAKE = """
INSERT INTO access_rate (key, "window", count)
SELECT taken.key, taken."window", 1
FROM unnest(%s::text[], %s::timestamptz[]) AS taken (key, "window") ORDER BY taken.key
ON CONFLICT (key) DO UPDATE SET "window" = greatest(access_rate."window", excluded."window"),
  count = CASE WHEN excluded."window" > access_rate."window" THEN 1 ELSE access_rate.count + 1 END
RETURNING key, count
"""
TAKE = " ".join((MARKER, _TAKE))
