"""Telling both sides of a request that something of the record which it rests on no longer holds."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tiercare.apps.ledger.prepared import prepared, rows
from tiercare.kernel.ids import uuid7

from .. import sql
from ..rules.telling import RECORD_GONE
from ..workflow import OPEN

_STANDING = """
SELECT id, from_institution, from_account, to_institution FROM exchange_request
WHERE id = ANY (%(ids)s::uuid[]) AND state = ANY (%(states)s::text[]) AND sent_at IS NOT NULL
"""


def warn_of_record(requests: Collection[UUID]) -> int:
    """Tell whoever sent one of these requests, and the office of its receiver, as long as it is open; returns how many of
    them were. The caller stands where the requests are seen."""
    found = rows(_STANDING, ids=list(requests), states=sorted(each.value for each in OPEN))
    with prepared() as cursor:
        for row in found:
            for house, account in (
                (row["from_institution"], row["from_account"]),
                (row["to_institution"], None),
            ):
                cursor.execute(
                    sql.NOTIFY,
                    {
                        "id": uuid7(),
                        "institution": house,
                        "account": account,
                        "request": row["id"],
                        "about": RECORD_GONE,
                    },
                )
    return len(found)
