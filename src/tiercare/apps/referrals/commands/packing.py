"""The record that goes with a request: chosen by what is necessary, kept as it stood."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from tiercare.apps.access.rules import Purpose
from tiercare.apps.exchange.rules.acting import Standing
from tiercare.apps.ledger.prepared import insert
from tiercare.apps.records import queries as records
from tiercare.apps.records.rules.delicate import is_special, sees_special
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import refuse

from ..models import Package
from .attaching import strangers

# What a package has; of each the entries that were ticked go with it, or all where nobody chose.
PARTS = ("problems", "drugs", "results", "visits", "documents")


def pack(actor: Actor, standing: Standing, payload: Mapping[str, Any]) -> UUID:
    """Keep what of the record goes with the request; ``payload["package"]`` names the chosen entries by part.

    Raises:
        Closed: if the actor may not read the record.
        Refused: if a file that is chosen is not in it.
    """
    chosen: Mapping[str, Any] = payload.get("package") or {}
    with residents.opened(actor, standing.resident_id, what="package", purpose=Purpose.REFERRAL) as ground:
        whole = asdict(records.summary(ground.persons, on=day_of(standing.now)))
    refuse(strangers(chosen, whole["documents"]))
    content = {part: _chosen(actor, whole[part], chosen.get(part)) for part in PARTS}
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    row = Package(
        request_id=standing.id,
        resident_id=standing.resident_id,
        content=json.loads(text),
        digest=sha256(text.encode()).hexdigest(),
    )
    insert(row)
    return row.id


def _chosen(
    actor: Actor, entries: Collection[Mapping[str, Any]], ticked: Collection[str] | None
) -> list[Mapping[str, Any]]:
    """Without what the role of whoever packs does not see."""
    shown = [each for each in entries if sees_special(actor.role) or not is_special(_codes(each))]
    if ticked is None:
        return shown
    return [each for each in shown if str(each.get("id", "")) in set(map(str, ticked))]


def _codes(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry.get("code", "")), *map(str, entry.get("diagnoses", ()))]
