"""Several files as one set, tried or taken over at once: what the command line does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ... import events
from .. import trying
from ..registers import Written
from . import faults
from .batches import bad_entries, problems_plain, refuse_registers, register_counts
from .effect import both, effect_of
from .staging import BadRow, Source, Staged, digest_of, stage


@dataclass(frozen=True, slots=True)
class Tried:
    """What was read, which rows are bad, and what the good ones would do."""

    pack: str
    region: str
    on: date
    sources: tuple[Source, ...]
    staged: Staged
    bad: tuple[BadRow, ...]
    considered: trying.Considered
    effect: dict[str, Any]

    @property
    def violations(self) -> int:
        """How many violations the rows would bring."""
        return sum(len(card["findings"]) for card in self.effect["broken"])


def try_files(
    *, actor: Actor, sources: Sequence[Source], pack_id: str, on: date, packs: PackSet | None = None
) -> Tried:
    """Hold the files against the registers and the cards of ``pack_id``; nothing of it stays.

    ``packs`` takes the place of the installed ones.

    Raises:
        Refused: a file as a whole cannot be used, or there is no such pack.
    """
    pack = (packs or mandates.packs()).find(pack_id)
    if pack is None:
        raise Refused(mandates.region_without_pack(pack_id))
    staged = stage(sources)
    considered = trying.consider(actor, staged.entries, pack_id=pack.id, on=on, packs=packs)
    bad = (*staged.bad, *bad_entries(staged, considered.problems))
    effect = effect_of(considered, pack_id=pack.id, packs=packs)
    return Tried(pack.id, pack.region, on, tuple(sources), staged, bad, considered, effect)


@transaction.atomic
def import_files(*, actor: Actor, tried: Tried, skip_bad: bool) -> Written:
    """Take over what was tried: all of its rows, or with ``skip_bad`` those without a fault.

    Rows and cards are asked again, against what is on record now.

    Raises:
        Refused: the actor may not; some rows are bad (unless skipped); or a card would be violated. Then nothing is
            taken over.
    """
    refuse_registers(actor, tried.region, tried.staged)
    if tried.bad and not skip_bad:
        raise Refused(faults.rows_are_bad(len(tried.bad)))
    spoilt = {str(row.place) for row in tried.bad}
    entries = [entry for entry in tried.staged.entries if entry.place not in spoilt]
    if not entries:
        raise Refused(faults.nothing_ready())
    key = uuid7()
    written = trying.take_over(
        actor, entries, pack_id=tried.pack, on=tried.on, subject_type="import", subject_id=key
    )
    payload = events.ImportTakenOver(
        file="、".join(source.name for source in tried.sources)[:400],
        digest=digest_of(tried.sources),
        created=written.created,
        changed=written.changed,
        unchanged=written.unchanged,
        voided=written.voided,
        left_out=len(tried.bad),
    )
    division = None if tried.region == "00" else tried.region
    ledger.append(actor, payload, subject_type="import", subject_id=key, division_code=division)
    return written


def as_json(tried: Tried) -> dict[str, Any]:
    """What was tried as plain JSON values; docs/import.md says what each is, and what stands there stays."""
    staged = tried.staged
    return {
        "pack": tried.pack,
        "region": tried.region,
        "on": tried.on.isoformat(),
        "days": tried.effect["days"],
        "sheets": [
            {"file": sheet.file, "sheet": sheet.sheet, "register": sheet.register, "rows": sheet.rows}
            for sheet in staged.sheets
        ],
        "rows": register_counts(staged, tried.considered.written.touched.rows, tried.bad),
        "violations": tried.violations,
        "broken": tried.effect["broken"],
        "worsened": tried.effect["worsened"],
        "healed": tried.effect["healed"],
        "bad_rows": [
            {
                "place": str(row.place),
                "file": row.place.file,
                "sheet": row.place.sheet,
                "row": row.place.row,
                "register": row.register,
                "cells": dict(row.cells),
                "problems": problems_plain(row.problems),
            }
            for row in tried.bad
        ],
        "notes": [both(note) for note in staged.notes],
    }
