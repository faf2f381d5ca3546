"""A file of facts from its upload to what becomes of it: received, mapped, tried, taken or dropped; one command for each.

What was uploaded lies in a folder of its own until it is decided. Nothing of it counts before it is taken, and then the
store takes it whole or not at all; should the machine stop between the store and this database, taking it again finds the
batch and only notes it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.events import EventPayload
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.measures.importing import FromFile, import_file, propose
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Batch, Mode, Store, read
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..models import FactMapping, FactUpload
from ..queries import importing as queries
from ..queries.matters import area_of
from ..rules import importing as rules
from .trial import mapping_of, tried

SUBJECT = "evaluation.facts"
State = FactUpload.State
_LONGEST_NAME = 100
_HOUR = 3600
_SAMPLES = 200  # values of a column that are kept for its words to be mapped


@transaction.atomic
def receive_facts(
    *,
    actor: Actor,
    region: str,
    file_name: str,
    pieces: Iterable[bytes],
    fact: str = "",
    mode: Mode = Mode.ADD,
    content: Mapping[str, Any] | None = None,
) -> FactUpload:
    """Lay a file down and draft how it is read. Where it is known how (``content``, or a mapping that was kept and fits), it is
    tried at once.

    Args:
        fact: the table it is for; guessed from the header if not said.

    Raises:
        Refused: the actor may not; it is no table; it is another region's; it holds identity numbers; or, where it was tried,
            as ``check_facts``. Then nothing of it is kept.
    """
    refuse(queries.run_refusal(actor, region))
    if fact and fact not in facts():
        raise Refused(rules.NO_SUCH_TABLE)
    key = uuid7()
    folder = queries.folder_of(region, key)
    try:
        with scoped(actor, area=area_of(actor)):
            _sweep(region)
            name, size, sha256 = _laid(folder, file_name, pieces)
            found = FactUpload(
                id=key,
                region=region,
                file_name=name,
                size=size,
                sha256=sha256,
                mode=mode.value,
                uploaded_by_id=actor.account_id,
                uploaded_by_name=actor.name,
                uploaded_at=clock.now(),
            )
            known = _seen(actor, found, fact, content)
            found.save(force_insert=True)
            _noted(actor, found, events.FactsReceived(found.fact, sha256, size))
            if known:
                _check(actor, found)
            return found
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@transaction.atomic
def redraft_facts(*, actor: Actor, upload_id: UUID, fact: str) -> FactUpload:
    """Draft anew how an upload is read, as another table.

    Raises:
        Refused: there is no such upload or table, or it is decided already.
    """
    if fact not in facts():
        raise Refused(rules.NO_SUCH_TABLE)
    with _open(actor, upload_id) as found:
        _seen(actor, found, fact, None)
        _unchecked(found)
        return found


@transaction.atomic
def map_facts(*, actor: Actor, upload_id: UUID, content: Mapping[str, Any], mode: Mode) -> FactUpload:
    """Keep how an upload is read, without trying it: so that nothing chosen is lost.

    Raises:
        Refused: there is no such upload, or it is decided already.
    """
    with _open(actor, upload_id) as found:
        found.mapping, found.mode = {**content, "region": found.region, "fact": found.fact}, mode.value
        _unchecked(found)
        return found


@transaction.atomic
def check_facts(*, actor: Actor, upload_id: UUID, content: Mapping[str, Any], mode: Mode) -> FactUpload:
    """Try an upload read in this way. Nothing of it counts; what was found is kept with it, and how it was read is kept for
    the next month.

    Raises:
        Refused: the mapping is not whole; the file lacks columns, came before (``facts_batch_known``), would mix made-up and
            real rows, or is another region's.
    """
    with _open(actor, upload_id) as found:
        found.mapping, found.mode = {**content, "region": found.region, "fact": found.fact}, mode.value
        refuse(*rules.unclear(facts()[found.fact], rules.choices_of(found.mapping)))
        _check(actor, found)
        return found


@transaction.atomic
def take_facts(*, actor: Actor, upload_id: UUID) -> FactUpload:
    """Take the good rows of an upload into the store; the others wait beside them with the reason.

    Raises:
        Refused: it was not tried, no row of it is good, a month is locked, or the same came meanwhile.
    """
    with _open(actor, upload_id) as found:
        if found.state != State.CHECKED:
            raise Refused(rules.NOT_CHECKED)
        folder = queries.folder_of(found.region, found.id)
        path = _file(found)
        refuse(queries.locked(found))  # the engine would put all of it aside
        if not found.counts["kept"]:
            raise Refused(rules.NOTHING_GOOD)
        batch = _taken(actor, found, path, mapping_of(found.mapping, folder))
        found.state, found.batch, found.ended_at = State.TAKEN, batch.id, clock.now()
        waiting = batch.arrived.rows_quarantined
        found.counts = {**found.counts, "kept": batch.rows_kept, "waiting": waiting}
        found.save()
        payload = events.FactsTaken(found.fact, batch.id, found.sha256, found.mode, batch.rows_kept, waiting)
        _noted(actor, found, payload)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
        return found


@transaction.atomic
def drop_facts(*, actor: Actor, upload_id: UUID) -> FactUpload:
    """Take nothing of an upload; its file goes.

    Raises:
        Refused: there is no such upload, or it is decided already.
    """
    with _open(actor, upload_id) as found:
        found.state, found.ended_at = State.DROPPED, clock.now()
        found.save()
        _noted(actor, found, events.FactsDropped(found.fact, found.sha256))
        folder = queries.folder_of(found.region, found.id)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
        return found


@contextmanager
def _open(actor: Actor, upload_id: UUID) -> Iterator[FactUpload]:
    """An upload that is not decided, locked.

    Raises:
        Refused: there is none that the actor may decide, or it is decided already.
    """
    with scoped(actor, area=area_of(actor)):
        found = FactUpload.objects.select_for_update().filter(id=upload_id).first()
        if found is None:
            queries.upload(actor, upload_id)  # says why
            raise Refused(rules.NO_SUCH_UPLOAD)
        refuse(queries.run_refusal(actor, found.region))
        if found.state not in {State.DRAFT, State.CHECKED}:
            raise Refused(rules.ENDED)
        yield found


def _laid(folder: Path, file_name: str, pieces: Iterable[bytes]) -> tuple[str, int, str]:
    """Write what was uploaded piece by piece: the name it lies under, its bytes, its digest."""
    plain = PurePath(file_name.replace("\\", "/")).name
    printable = "".join(sign for sign in plain if sign.isprintable()).lstrip(".")
    # A file's name takes 255 bytes, a Chinese character three of them.
    name = printable.encode()[-_LONGEST_NAME:].decode(errors="ignore") or "extract"
    folder.mkdir(parents=True)
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return name, size, digest.hexdigest()


def _file(found: FactUpload) -> Path:
    path = queries.folder_of(found.region, found.id) / found.file_name
    if not path.exists():
        raise Refused(rules.FILE_GONE)
    return path


def _seen(actor: Actor, found: FactUpload, fact: str, content: Mapping[str, Any] | None) -> bool:
    """Look at the file and draft its mapping; whether it is known how to read it."""
    proposal = propose(_file(found), found.region, fact)
    values = {theirs: each[:_SAMPLES] for theirs, each in proposal.values.items()}
    refuse(*rules.identity_numbers(proposal.values, clock.today()))
    refuse(rules.not_of_the_region(proposal, proposal.values, found.region))
    kept = None if content else queries.fitting(actor, found.region, fact, list(values))
    given = content or (kept.content if kept else None)
    found.mapping = {**given, "region": found.region} if given else rules.drafted(proposal, found.region)
    found.fact = found.mapping["fact"] if given else proposal.fact
    said = {"values": values, "unsure": [] if given else sorted(proposal.unsure)}
    folder = queries.folder_of(found.region, found.id)
    (folder / queries.DRAFT).write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    return given is not None


def _unchecked(found: FactUpload) -> None:
    found.state, found.counts, found.checked_at = State.DRAFT, {}, None
    found.save()


def _check(actor: Actor, found: FactUpload) -> None:
    folder, path = queries.folder_of(found.region, found.id), _file(found)
    kept = _to_be_kept(actor, found)
    found.mapping = {**kept.content, "synthetic": clock.installation().synthetic}
    mapping = mapping_of(found.mapping, folder)
    values = queries.draft(found).values
    refuse(rules.not_of_the_region(mapping, values, found.region))
    now = clock.now()
    pack = mandates.pack_in_force(found.region, on=clock.today())
    known = _institutions(found.region)
    came_to = tried(path, mapping, folder, pack=pack, at=now, mode=Mode(found.mode), institutions=known)
    report = came_to.report
    found.state, found.checked_at = State.CHECKED, now
    found.counts = {
        "pack": pack,
        "came": report.came,
        "kept": report.kept,
        "waiting": report.quarantined,
        "suspected": report.suspected,
        "months": [each.month for each in report.counts if each.month],
        "moved": came_to.moved,
    }
    found.save()
    kept.save()
    payload = events.FactsChecked(
        found.fact, found.sha256, found.mode, report.came, report.kept, report.quarantined
    )
    _noted(actor, found, payload)


def _to_be_kept(actor: Actor, found: FactUpload) -> FactMapping:
    """How files of this source are read from now on; a version more if it was otherwise before."""
    source = found.mapping["source"]
    rows = FactMapping.objects.select_for_update()
    kept = rows.filter(region=found.region, fact=found.fact, source=source).first()
    if kept is None:
        kept = FactMapping(region=found.region, fact=found.fact, source=source, version=0, content={})
    if not kept.content or not rules.same(kept.content, found.mapping):
        kept.version += 1
        kept.content = {**found.mapping, "version": kept.version}
        kept.saved_by_name, kept.saved_at = actor.name, clock.now()
    return kept


def _institutions(region: str) -> frozenset[str] | None:
    """The keys that are known: those of the registers and those of the store; ``None`` if there are neither."""
    with Store(queries.root(), regions=[region]) as store:
        there: set[str] = set()
        if store.months("institutions"):
            keys = store.table("institutions")
            there = {row["key"] for row in store.run(keys.select(key=keys.institution).distinct())}
    return frozenset(there | network.institution_codes(region)) or None


def _taken(actor: Actor, found: FactUpload, path: Path, mapping: FromFile) -> Batch:
    """The batch that the file became."""
    try:
        report = import_file(
            path,
            mapping,
            queries.root(),
            at=clock.now(),
            mode=Mode(found.mode),
            institutions=_institutions(found.region),
        )
    except Refused as refused:
        if (batch := _left_behind(found, mapping)) is None:
            raise refused
        return batch
    refuse(queries.locked(found))  # closed between the look and the taking: the store has put all of it aside
    return next(each for each in read(queries.root(), found.region).batches if each.id == report.batch)


def _left_behind(found: FactUpload, mapping: FromFile) -> Batch | None:
    """The batch of this very upload, whose note was lost when the machine stopped: taken since the trial, and nobody else's."""
    for batch in reversed(read(queries.root(), found.region).batches):
        same = (batch.fact, batch.arrived.sha256, batch.arrived.mapping) == (
            found.fact,
            found.sha256,
            mapping.label,
        )
        if same and batch.parts and found.checked_at and batch.arrived.at >= found.checked_at:
            others = FactUpload.objects.filter(region=found.region, batch=batch.id)
            return None if others.exists() else batch
    return None


def _noted(actor: Actor, found: FactUpload, payload: EventPayload) -> None:
    ledger.append(actor, payload, subject_type=SUBJECT, subject_id=found.id, division_code=found.region)


def _sweep(region: str) -> None:
    """Folders of uploads that are decided or were never noted go when the next file comes."""
    above = queries.root() / queries.UPLOADS / region
    waiting = FactUpload.objects.filter(region=region, state__in=[State.DRAFT, State.CHECKED])
    known = {str(key) for key in waiting.values_list("id", flat=True)}
    for folder in above.iterdir() if above.exists() else ():
        if folder.name not in known and _is_old(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    """Not one that is being written by somebody else just now."""
    return time.time() - folder.stat().st_mtime > _HOUR  # both by the machine's clock, not the platform's
