"""What of the record went with a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange.queries import standing_of
from tiercare.apps.exchange.rules import refusals
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.records.queries import withdrawn_among
from tiercare.apps.records.rules.delicate import is_special, record_refusal, sees_special
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

_NEWEST = """
SELECT content, digest, made_at FROM referrals_package WHERE request_id = %(request)s ORDER BY made_at DESC, id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Packed:
    """The parts by name: problems, drugs, results, visits, documents; ``hidden`` counts what the role does not see. An
    entry that was withdrawn since has ``withdrawn`` with ``at`` and ``reason``."""

    content: Mapping[str, list[Mapping[str, Any]]]
    digest: str
    made_at: datetime
    hidden: int


def package_of(actor: Actor, request_id: UUID) -> Packed | None:
    """What went with the request, for both sides of it; the reading is recorded. ``None`` before it was sent.

    Raises:
        Refused: if there is no such request for the actor, or their role sees no records.
    """
    refuse(record_refusal(actor.role))
    with scoped(actor):
        standing = standing_of(request_id)
        if standing is None or actor.institution_id not in standing.houses:
            raise Refused(refusals.NO_SUCH_REQUEST)
        found = rows(_NEWEST, request=request_id)
        if not found:
            return None
        residents.record_listed(actor, "package", [standing.resident_id])
    content: dict[str, list[Mapping[str, Any]]] = json.loads(found[0]["content"])
    hidden = 0
    if not sees_special(actor.role):
        for part, entries in content.items():
            open_ones = [
                each
                for each in entries
                if not is_special([str(each.get("code", "")), *map(str, each.get("diagnoses", ()))])
            ]
            hidden += len(entries) - len(open_ones)
            content[part] = open_ones
    _mark_withdrawn(content)
    return Packed(content, found[0]["digest"], found[0]["made_at"], hidden)


def _mark_withdrawn(content: Mapping[str, list[Mapping[str, Any]]]) -> None:
    """The package stays as it was sent; what its institution withdrew since as entered in error says so."""
    ids = [UUID(str(each["id"])) for entries in content.values() for each in entries if each.get("id")]
    gone = withdrawn_among(ids)
    for entries in content.values() if gone else ():
        for place, each in enumerate(entries):
            found = gone.get(UUID(str(each["id"]))) if each.get("id") else None
            if found is not None:
                told = {"at": found.at.isoformat(), "reason": found.reason}
                entries[place] = {**each, "withdrawn": told}
