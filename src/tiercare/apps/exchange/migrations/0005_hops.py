"""How requests went from house to house (YN-22)."""

from typing import ClassVar

from django.db import migrations

# How requests went from house to house, each hop once: sent, sent again, or sent on. Whoever answered it before it went on was
# its receiver; the last one is that of now. A request that goes on by another has that one's parent's root.
HOPS = """
CREATE FUNCTION exchange_hops(
    institutions uuid[], since timestamptz, until timestamptz,
    OUT root uuid, OUT request uuid, OUT number text, OUT kind text, OUT urgency integer, OUT act text,
    OUT source uuid, OUT target uuid, OUT at timestamptz, OUT answered timestamptz, OUT arrived timestamptz)
RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT (WITH RECURSIVE above AS (
                SELECT q.id, q.parent_id FROM exchange_request q WHERE q.id = r.id
                UNION SELECT q.id, q.parent_id FROM exchange_request q JOIN above ON q.id = above.parent_id)
            SELECT a.id FROM above a WHERE a.parent_id IS NULL),
           r.id, r.number::text, r.kind::text, r.urgency::integer, s.act::text,
           CASE WHEN s.act = 'submit' THEN r.from_institution ELSE s.institution_id END,
           coalesce(onward.house, r.to_institution), s.at, reply.answered, reply.arrived
    FROM exchange_request r
    JOIN exchange_step s ON s.request_id = r.id AND s.act IN ('submit', 'redirect')
    CROSS JOIN LATERAL (
        -- When it went on or came back, and who did that.
        SELECT min(t.at) AS at, (array_agg(t.institution_id ORDER BY t.at, t.id))[1] AS house
        FROM exchange_step t
        WHERE t.request_id = r.id AND (t.at, t.id) > (s.at, s.id) AND t.act IN ('redirect', 'return')
    ) onward
    CROSS JOIN LATERAL (
        SELECT min(t.at) FILTER (WHERE t.act IN ('accept', 'return', 'redirect', 'arrive')) AS answered,
               min(t.at) FILTER (WHERE t.act = 'arrive') AS arrived
        FROM exchange_step t
        WHERE t.request_id = r.id AND (t.at, t.id) > (s.at, s.id) AND (onward.at IS NULL OR t.at <= onward.at)
    ) reply
    WHERE r.parties && institutions AND s.at >= since AND s.at < until;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("exchange", "0004_open_by_urgency")]

    operations: ClassVar = [migrations.RunSQL(HOPS, "DROP FUNCTION exchange_hops;")]
