"""Reads write nothing: a guard at the cursor, for requests that only look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import connection
from psycopg import sql as composed

# At the start of the two statements that a read may write: the read record, and the session's last-seen.
MARKER = "/* written by a read */"

_COMMENTS_AND_TEXT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"", re.DOTALL)
_READ = re.compile(
    r"[\s(]*(SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN|SET|RESET|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE"
    r"|DECLARE|FETCH|CLOSE)\b",
    re.IGNORECASE,
)
# Inside a statement that begins like a read: data-modifying CTEs, SELECT INTO, and functions that write.
_WRITE_INSIDE = re.compile(
    r"\b(INTO\s+\w|DELETE\s+FROM\b|UPDATE\s+(ONLY\s+)?[\w.]+(\s+(AS\s+)?\w+)?\s+SET\b"
    r"|(NEXTVAL|SETVAL|PG_NOTIFY|PROCRASTINATE_\w+|LEDGER_APPEND|LEDGER_SEAL_BATCH)\s*\()",
    re.IGNORECASE,
)


class WroteInARead(AssertionError):
    """A request that only reads tried to write. Move the write into a command behind a POST."""


@contextmanager
def reads_only() -> Iterator[None]:
    """Refuse every statement that writes, except those that begin with ``MARKER``.

    Raises:
        WroteInARead: from the cursor, before the statement is sent.
    """
    with connection.execute_wrapper(_refuse_writes):
        yield


def _refuse_writes(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    text = sql.as_string(None) if isinstance(sql, composed.Composable) else str(sql)
    if not text.lstrip().startswith(MARKER) and writes(text):
        raise WroteInARead(f"a read must not write: {text[:200]}")
    return execute(sql, params, many, context)


# Pages run the same statements every time; looking through one takes as long as many take to run.
@lru_cache(maxsize=1024)
def writes(statement: str) -> bool:
    """True if the SQL statement may change something."""
    bare = _COMMENTS_AND_TEXT.sub(lambda found: "x" if found[0][0] in "'\"" else " ", statement)
    return _READ.match(bare) is None or _WRITE_INSIDE.search(bare) is not None
