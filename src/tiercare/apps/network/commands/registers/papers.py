"""Write agreements with their parties, and obligations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.types.range import DateRange

from tiercare.kernel.ids import uuid7

from ... import models
from ...queries.histories import parties_of, party_key
from ...rules.histories import ATTRIBUTES, State
from ...rules.registers import AGREEMENTS, OBLIGATIONS
from .tables import Changes, agreement_ids, consortium_ids, institution_ids, known, remove, upsert

_FIELDS = ["title", "consortium_id", "signed_on", "sections", "period"]


def save_agreements(changes: Changes) -> None:
    """Make the tables say what the changed states say; what was worded or signed in the platform stays."""
    said = {
        code: (found, after.segments[0], _said(after))
        for (code,), (found, after) in changes.items()
        if after.segments
    }
    remove(models.Agreement, [f.id for f, after in changes.values() if f.id and not after.segments])
    consortia = consortium_ids(values["consortium"] for _, _, values in said.values())
    rows: list[models.Agreement] = []
    wanted: dict[UUID, tuple[str, ...]] = {}
    for code, (found, segment, values) in said.items():
        key = found.id or uuid7()
        rows.append(
            models.Agreement(
                id=key,
                slug=code,
                title=values["title"],
                consortium_id=known(consortia, values["consortium"]) if values["consortium"] else None,
                signed_on=values["signed_on"],
                sections=list(values["sections"]),
                period=DateRange(segment.start, segment.end),
            )
        )
        wanted[key] = values["parties"]
    upsert(models.Agreement, rows, _FIELDS)
    _save_parties(wanted)


def _said(after: State) -> dict[str, Any]:
    return dict(zip(ATTRIBUTES[AGREEMENTS.key], after.segments[0].attributes, strict=True))


def _save_parties(wanted: dict[UUID, tuple[str, ...]]) -> None:
    """Replace the set of parties; one that stays keeps its signature."""
    standing = parties_of(wanted)
    institutions = institution_ids(
        word for words in wanted.values() for word in words if not word.startswith("gov:")
    )
    fresh: list[models.AgreementParty] = []
    gone: list[UUID] = []
    left = {key: set(standing.get(key, ())) - set(words) for key, words in wanted.items()}
    if any(left.values()):
        rows = models.AgreementParty.objects.filter(
            agreement_id__in=[k for k, words in left.items() if words]
        )
        for row in rows.select_related("institution"):
            word = row.institution.slug if row.institution else f"gov:{row.government_of}"
            if word in left[row.agreement_id]:
                gone.append(row.id)
    for key, words in wanted.items():
        for word in words:
            if word in standing.get(key, ()):
                continue
            government = word.removeprefix("gov:") if word.startswith("gov:") else ""
            fresh.append(
                models.AgreementParty(
                    agreement_id=key,
                    institution_id=None if government else known(institutions, word),
                    government_of=government,
                )
            )
    remove(models.AgreementParty, gone)
    models.AgreementParty.objects.bulk_create(fresh)


def save_obligations(changes: Changes) -> None:
    """Make the table say what the changed states say."""
    agreements = agreement_ids(identity[0] for identity in changes)
    rows: list[models.Obligation] = []
    gone: set[UUID] = set()
    unmet: list[UUID] = []
    for (agreement, debtor, creditor, text), (found, after) in changes.items():
        free = dict(found.rows)
        fresh = [s for s in after.segments if s not in found.state.segments]
        for segment in found.state.segments:
            if segment in after.segments:
                free.pop(segment.start)
        for segment in fresh:
            # The row that was due that day, else one whose due day moved.
            moved = next((day for day in free if day not in {s.start for s in fresh}), None)
            key = free.pop(segment.start, None) or (free.pop(moved) if moved else None)
            said: dict[str, Any] = dict(zip(ATTRIBUTES[OBLIGATIONS.key], segment.attributes, strict=True))
            rows.append(
                models.Obligation(
                    id=key or uuid7(),
                    agreement_id=known(agreements, agreement),
                    debtor=party_key(debtor),
                    creditor=party_key(creditor),
                    text_zh=text,
                    text_en=said["text_en"],
                    due=segment.start,
                    clause=said["clause"],
                    met_on=said["met_on"],
                )
            )
            if key and said["met_on"] is None:
                unmet.append(key)
        gone |= set(free.values())
    remove(models.Obligation, gone)
    upsert(models.Obligation, rows, ["text_en", "due", "clause", "met_on"])
    if unmet:
        models.Obligation.objects.filter(id__in=unmet).update(met_by="")
