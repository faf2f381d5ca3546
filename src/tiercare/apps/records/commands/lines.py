"""The lines of a visit or a report: diagnoses, values, medicines. A visit has few, and each is a kept plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import models

from tiercare.apps.ledger.prepared import insert
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7

from ..models import Condition, Medication, Observation
from ..queries.ours import guidelines_at
from ..rules.entries import Diagnosis, Drug, Reading, flag_of


def write_conditions(head: dict[str, Any], said: Sequence[Diagnosis], *, noted_at: datetime) -> None:
    """The diagnoses of a visit. ``head`` are the columns that all its lines share."""
    _write(
        [
            Condition(
                **_numbered(head, "c", number),
                code=each.code,
                name=each.name.strip(),
                role=each.role.value,
                status=each.status.value,
                onset_on=each.onset_on,
                noted_at=noted_at,
            )
            for number, each in enumerate(said)
        ],
    )


def write_readings(head: dict[str, Any], said: Sequence[Reading], *, taken_at: datetime) -> int:
    """The values of a visit, a report or a contact; answers how many are out of their range. A value that came without a
    name bears that of its fact in the guidelines."""
    book = guidelines_at(head["institution_id"], on=day_of(taken_at)) if said else None
    known = {} if book is None else {key: fact.name.zh for key, fact in book.facts.items()}
    made = [
        Observation(
            **_numbered(head, "o", number),
            item=each.item,
            name=each.name.strip() or known.get(each.item, ""),
            value=each.value,
            words=each.words.strip(),
            unit=each.unit,
            low=each.low,
            high=each.high,
            flag=flag_of(each).value,
            taken_at=each.taken_at or taken_at,
        )
        for number, each in enumerate(said)
    ]
    _write(made)
    return sum(each.flag in {"LOW", "HIGH", "ABNORMAL"} for each in made)


def write_drugs(head: dict[str, Any], said: Sequence[Drug], *, today: date) -> None:
    """The medicines of a visit."""
    _write(
        [
            Medication(
                **_numbered(head, "m", number),
                drug_code=each.code,
                name=each.name.strip(),
                dose=each.dose.strip(),
                since=each.since or today,
                until=each.until,
                long_term=each.long_term,
            )
            for number, each in enumerate(said)
        ],
    )


def head_of(row: models.Model, link: str) -> dict[str, Any]:
    """The columns that the lines of a visit, a report or a contact share with it, and the link to it."""
    shared = ("resident_id", "institution_id", "source", "source_key")
    return {**{name: getattr(row, name) for name in shared}, f"{link}_id": row.pk}


def _numbered(head: dict[str, Any], kind: str, number: int) -> dict[str, Any]:
    key = f"{head['source_key']}#{kind}{number}" if head["source_key"] else ""
    return {**head, "id": uuid7(), "source_key": key}


def _write(made: Sequence[models.Model]) -> None:
    for each in made:
        insert(each)
