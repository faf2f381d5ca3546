"""An uploaded file from its check to what becomes of it. Nothing of it holds before it is taken over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ... import events, models
from ...queries.imports import decides, import_batch, import_refusal
from ...rules.cells import CellProblem
from ...rules.entries import Entry, plain
from ...rules.registers import OWN_REGISTERS, REGISTERS, Op
from .. import trying
from ..registers import RowProblem, Written, check_entries
from . import faults
from .effect import both, counts_of, effect_of
from .staging import BadRow, Source, Staged, digest_of, stage

_CELL_AT_MOST = 4000
_TOLD_AT_MOST = 200  # rows of what was taken over that stay listed, of each register
State = models.ImportBatch.State


@transaction.atomic
def upload_import(
    *,
    actor: Actor,
    region: str,
    file_name: str,
    content: bytes,
    register: str = "",
    on: date | None = None,
) -> models.ImportBatch:
    """Check a file for ``region`` (a division code) and keep it with its bad rows in quarantine.

    ``register`` says what a CSV is whose name and header do not; ``on`` is the day from which the cards are asked
    (today). The same file uploaded again while it waits is the same batch.

    Raises:
        Refused: the actor may not, the file as a whole cannot be used (then nothing is kept), or no pack is in
            force there.
    """
    refusal = import_refusal(actor, region)
    if refusal:
        raise Refused(refusal)
    day = on or clock.today()
    own = None if decides(actor, region) else actor.institution_id
    name = PurePath(file_name.replace("\\", "/")).name[-200:] or "import"
    source = Source(name, content, register)
    digest = digest_of([source])
    waiting = models.ImportBatch.objects.filter(region=region, digest=digest, state=State.CHECKED)
    for batch in waiting.filter(uploaded_by_id=actor.account_id, institution_id=own):
        if batch.counts["on"] == day.isoformat():
            return batch
    staged = stage([source])
    refuse_registers(actor, region, staged)
    batch = models.ImportBatch.objects.create(
        region=region,
        file_name=name,
        content=content,
        digest=digest,
        register=register,
        counts={"on": day.isoformat()},
        uploaded_by_id=actor.account_id,
        uploaded_by=actor.name,
        institution_id=own,
        uploaded_at=clock.now(),
    )
    _check(actor, batch, staged)
    return batch


def refuse_registers(actor: Actor, region: str, staged: Staged) -> None:
    """An institution uploads its own registers only.

    Raises:
        Refused: for each register of the file that is the commission's.
    """
    if decides(actor, region):
        return
    foreign = [REGISTERS[key] for key in REGISTERS if key in staged.rows and key not in OWN_REGISTERS]
    if foreign:
        raise Refused(*(faults.not_your_register(register) for register in foreign))


@transaction.atomic
def mend_row(*, actor: Actor, batch_id: UUID, row_id: UUID, cells: Mapping[str, str]) -> models.ImportBatch:
    """Put ``cells`` (texts by column key) into a bad row; the whole file is then checked again.

    Raises:
        Refused: the file is not waiting, or there is no such row.
    """
    batch = _open(actor, batch_id)
    row = batch.rows.filter(id=row_id).first()
    if row is None:
        raise Refused(faults.no_such_row())
    asked = {column.key for column in REGISTERS[row.register].columns if not column.told}
    row.cells = {
        **row.cells,
        **{key: text.strip()[:_CELL_AT_MOST] for key, text in cells.items() if key in asked},
    }
    row.mended_by = actor.name
    row.save(update_fields=["cells", "mended_by"])
    _check(actor, batch, _staged(batch))
    return batch


@transaction.atomic
def recheck_import(*, actor: Actor, batch_id: UUID) -> models.ImportBatch:
    """Check a waiting file against what is on record now.

    Raises:
        Refused: the file is not waiting.
    """
    batch = _open(actor, batch_id)
    _check(actor, batch, _staged(batch))
    return batch


@transaction.atomic
def discard_import(*, actor: Actor, batch_id: UUID) -> models.ImportBatch:
    """Take nothing of a waiting file over.

    Raises:
        Refused: the file is not waiting.
    """
    batch = _open(actor, batch_id)
    batch.state = State.DISCARDED
    batch.save(update_fields=["state"])
    return batch


@transaction.atomic
def take_over_import(*, actor: Actor, batch_id: UUID, skip_bad: bool) -> models.ImportBatch:
    """Take all rows over, or with ``skip_bad`` those without a fault; the others stay with the batch.

    Everything is checked again, against what is on record now. Taking the same file over again changes nothing.

    Raises:
        Refused: the file is not waiting; some rows are bad (unless skipped); or a card would be violated, with its
            words, clauses and remedy. Then nothing is taken over.
    """
    batch = _open(actor, batch_id)
    staged = _staged(batch)
    checked = check_entries(actor, staged.entries, region=_area(batch.counts["pack"]))
    bad = [*staged.bad, *bad_entries(staged, checked.problems)]
    if bad and not skip_bad:
        raise Refused(faults.rows_are_bad(len(bad)))
    if not checked.ready:
        raise Refused(faults.nothing_ready())
    _quarantine(batch, bad)
    written = trying.take_over(
        actor,
        checked.ready,
        pack_id=batch.counts["pack"],
        on=date.fromisoformat(batch.counts["on"]),
        subject_type="import",
        subject_id=batch.id,
    )
    batch.state, batch.applied_at = State.APPLIED, clock.now()
    counts = register_counts(staged, written.touched.rows, bad)
    batch.counts = {**batch.counts, "registers": counts, "written": _told(written)}
    batch.save(update_fields=["state", "applied_at", "counts"])
    payload = events.ImportTakenOver(
        file=batch.file_name,
        digest=batch.digest,
        created=written.created,
        changed=written.changed,
        unchanged=written.unchanged,
        voided=written.voided,
        left_out=len(bad),
    )
    ledger.append(
        actor,
        payload,
        subject_type="import",
        subject_id=batch.id,
        institution_id=batch.institution_id,
        division_code=batch.region,
    )
    return batch


def _open(actor: Actor, batch_id: UUID) -> models.ImportBatch:
    """The waiting batch, locked.

    Raises:
        Refused: there is none that the actor may see, or it is no longer waiting.
    """
    batch = models.ImportBatch.objects.select_for_update().filter(id=batch_id).first()
    if batch is None:
        raise Refused(faults.no_such_batch())
    refusal = import_refusal(actor, batch.region)
    if refusal:
        raise Refused(refusal)
    if import_batch(actor, batch.id) is None:
        raise Refused(faults.no_such_batch())
    if batch.state != State.CHECKED:
        raise Refused(faults.not_open(batch.state))
    return batch


def _staged(batch: models.ImportBatch) -> Staged:
    """The file read again, mended rows in the place of its own."""
    mended = {(row.sheet, row.number): row.cells for row in batch.rows.exclude(mended_by="")}
    source = Source(batch.file_name, bytes(batch.content), batch.register)
    return stage([source], mended=mended)


def _area(pack_id: str) -> str:
    region = mandates.packs().packs[pack_id].region
    return "" if region == "00" else region


def _check(actor: Actor, batch: models.ImportBatch, staged: Staged) -> trying.Considered:
    """Hold what was read against the registers and the cards, and keep what was found."""
    on = date.fromisoformat(batch.counts["on"])
    pack_id = mandates.pack_in_force(batch.region, on=on)
    considered = trying.consider(actor, staged.entries, pack_id=pack_id, on=on)
    bad = [*staged.bad, *bad_entries(staged, considered.problems)]
    _quarantine(batch, bad)
    batch.counts = {
        "on": on.isoformat(),
        "pack": pack_id,
        "checked_at": clock.now().isoformat(),
        "registers": register_counts(staged, considered.written.touched.rows, bad),
        "effect": effect_of(considered, pack_id=pack_id),
        "notes": [both(note) for note in staged.notes],
    }
    batch.save(update_fields=["counts"])
    return considered


def register_counts(
    staged: Staged, rows: Iterable[tuple[Entry, str]], bad: Sequence[BadRow]
) -> dict[str, dict[str, int]]:
    """For every register of the file: its rows, how many are ready or bad, and what the ready ones would do."""
    would = counts_of(rows)
    counts = {}
    for key, count in staged.rows.items():
        spoilt = sum(row.register == key for row in bad)
        counts[key] = {"rows": count, "ready": count - spoilt, **would[key], "bad": spoilt}
    return counts


def bad_entries(staged: Staged, problems: Iterable[RowProblem]) -> list[BadRow]:
    """Rows that can be read but not taken, all problems of a row together."""
    by_place: dict[str, list[CellProblem]] = {}
    for problem in problems:
        by_place.setdefault(problem.place, []).append(
            CellProblem(problem.column, problem.value, problem.message, problem.fix)
        )
    entries = {entry.place: entry for entry in staged.entries if entry.place in by_place}
    return [
        BadRow(entries[key].register, staged.places[key], plain(entries[key]), tuple(told))
        for key, told in by_place.items()
    ]


def _quarantine(batch: models.ImportBatch, bad: Sequence[BadRow]) -> None:
    """Keep the bad rows, and the mended ones even when they are no longer bad: they stand in for the file's."""
    kept = {(row.sheet, row.number): row for row in batch.rows.all()}
    now = {(row.place.sheet, row.place.row): row for row in bad}
    gone = [row.id for place, row in kept.items() if place not in now and not row.mended_by]
    batch.rows.filter(id__in=gone).delete()
    fresh, stale = [], []
    for place, row in kept.items():
        if place in now or row.mended_by:
            row.problems = problems_plain(now[place].problems) if place in now else []
            stale.append(row)
    for place, found in now.items():
        if place not in kept:
            fresh.append(_row(batch, found))
    models.ImportRow.objects.bulk_update(stale, ["problems"], batch_size=500)
    models.ImportRow.objects.bulk_create(fresh, batch_size=2000)


def _row(batch: models.ImportBatch, found: BadRow) -> models.ImportRow:
    return models.ImportRow(
        id=uuid7(),
        batch=batch,
        register=found.register,
        sheet=found.place.sheet,
        number=found.place.row,
        cells=dict(found.cells),
        problems=problems_plain(found.problems),
    )


def problems_plain(problems: Iterable[CellProblem]) -> list[dict[str, Any]]:
    """Problems as JSON: column key (empty for the whole row), value, message and fix in both languages."""
    return [
        {"column": p.column, "value": p.value, "message": both(p.message), "fix": both(p.fix)}
        for p in problems
    ]


def _told(written: Written) -> dict[str, list[dict[str, Any]]]:
    """What was taken over, by register: what each row did, what it is called and what its page is."""
    told: dict[str, list[dict[str, Any]]] = {}
    for entry, came_to in written.touched.rows:
        if came_to == "unchanged":
            continue
        rows = told.setdefault(entry.register, [])
        if len(rows) < _TOLD_AT_MOST:
            kind, code = _page(entry)
            rows.append(
                {
                    "act": came_to,
                    "name": name_of(entry),
                    "kind": kind,
                    "code": code,
                    "on": entry.start.isoformat(),
                    "place": entry.place,
                }
            )
    return told


def name_of(entry: Entry) -> str:
    """What a row is about, in one phrase."""
    name = entry.text("name") or entry.text("title") or entry.text("text")
    codes = " · ".join(str(part) for part in entry.identity if part and str(part) != name)
    return " ".join(part for part in (name, codes) if part)


def _page(entry: Entry) -> tuple[str, str]:
    """Kind and code of the thing whose page shows what a row says; none for what was made void."""
    if entry.op is Op.VOID and entry.register in {"institutions", "consortia"}:
        return "", ""
    for kind, keys in (("consortium", ("consortium", "parent")), ("institution", ("institution", "trustee"))):
        for key in keys:
            if entry.text(key):
                return kind, entry.text(key)
    kind = {"institutions": "institution", "consortia": "consortium"}.get(entry.register, "")
    return kind, entry.text("code") if kind else ""
