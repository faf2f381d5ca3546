"""What the documents in force at the sender ask of a referral: words of the packs with the clauses that say them."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.exchange.rules.acting import Standing
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records.queries.ours import said, said_in
from tiercare.kernel.clock import day_of

from ..rules.payload import Asked

# What an upward referral rests on (XH-46), whom a hospital sends down (XH-47), the parts of the plan (XH-50).
CRITERIA, GROUPS, PARTS = "XH-46.criteria", "XH-47.groups", "plan_parts"


def asked(key: str, institution_id: UUID) -> Asked:
    """The words under ``key`` in the pack that holds where the institution is today; none where no document asks."""
    found = said(key, institution_id, on=ledger.today())
    return Asked(found.words, found.clauses)


def asked_of(key: str, standing: Standing) -> Asked:
    """The same for a request: where its sender is, at the moment at which it was read."""
    found = said_in(key, standing.area, on=day_of(standing.now))
    return Asked(found.words, found.clauses)
