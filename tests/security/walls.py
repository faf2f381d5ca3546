"""Which tables stand behind the wall, and what a transaction sees of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

# Tables that name a resident and stand open, each with the reason.
OPEN = {
    "access_account": "whose account it is must be known before there is any scope; it holds no more than the id",
    "access_signincode": "a hash of a code under an id, asked for before anybody has signed in",
    "residents_carduse": "nonces of tokens that were shown; they name nobody",
}
TABLES = """
SELECT c.relname, c.relrowsecurity, array_agg(DISTINCT p.polcmd::text) FILTER (WHERE p.oid IS NOT NULL)
FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND (
    c.relname LIKE 'residents\\_%%' OR EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
        AND a.attname IN ('resident_id', 'guardian_id', 'kept_id', 'first_id', 'known_at')))
GROUP BY c.oid ORDER BY c.relname
"""


def walled() -> list[str]:
    """The tables behind the wall."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return [name for name, _, _ in cursor.fetchall() if name not in OPEN]


def counted(tables: Sequence[str]) -> dict[str, int]:
    """All that this transaction sees of each table, asked without any condition."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def nothing(tables: Sequence[str]) -> dict[str, int]:
    return dict.fromkeys(tables, 0)
