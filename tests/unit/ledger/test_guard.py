import pytest

from tiercare.apps.ledger.guard import writes


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO "a" VALUES (1)',
        "  update a set b = 1",
        'DELETE FROM "a"',
        "TRUNCATE a",
        "MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM a RETURNING id) SELECT * FROM gone",
        'WITH x AS (UPDATE "a" AS t SET b = 1 RETURNING 1) SELECT 1',
        "WITH x AS (UPDATE ONLY public.a SET b = 1 RETURNING 1) SELECT 1",
        "SELECT * INTO copy FROM a",
        "SELECT nextval('a_id_seq')",
        "SELECT drawn, moment FROM ledger_append(%s)",
        "select ledger_seal_batch (1, '', '{}', '{}')",
        "SELECT procrastinate_defer_jobs_v1(%s)",
        "/* a comment */ CREATE TABLE a ()",
        "-- SELECT\nDROP TABLE a",
        "CALL do_it()",
        "COPY a FROM STDIN",
        "EXPLAIN ANALYZE INSERT INTO a VALUES (1)",
        "",
    ],
)
def test_writes_are_seen(statement: str) -> None:
    assert writes(statement)


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT "a"."update set" FROM "a"',
        "SELECT 'DELETE FROM a', 'it''s INTO b'",
        "SELECT 1 FROM a FOR UPDATE",
        "SELECT 1 FROM a FOR NO KEY UPDATE OF a SKIP LOCKED",
        "(SELECT 1) UNION (SELECT 2)",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "SAVEPOINT s1",
        "SET LOCAL statement_timeout = 5",
        "DECLARE c CURSOR FOR SELECT 1",
        "/* INSERT INTO a */ SELECT 1",
        "SELECT deleted_from, updated FROM a",
    ],
)
def test_reads_pass(statement: str) -> None:
    assert not writes(statement)
