"""Pools, weeks and beds by file (XH-16): checked as a whole first, then taken over all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.commands.imports import Source
from tiercare.apps.network.commands.imports.staging import StagedAs, digest_of, stage_as
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import events
from ..models import PlaceFile
from ..queries.keeping import own_place
from ..rules.files import NO_SUCH_FILE, REGISTERS, FileState, PlaceRow, read_place
from .place_rows import CHANGED, CREATED, UNCHANGED, Outcome, apply

SUBJECT = "capacity.place_file"
# Ours: what a page can show of what is wrong; the rest is counted.
_TOLD_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class Tried:
    """What a set of files would do to an institution's places: by register its rows and what they come to.

    ``faults`` as in ``queries.place_files.FileShown``; ``bad`` counts the rows that cannot be taken.
    """

    counts: Mapping[str, Mapping[str, int]]
    faults: Sequence[Mapping[str, Any]]
    notes: Sequence[Mapping[str, str]]

    @property
    def bad(self) -> int:
        """Rows that cannot be taken."""
        return sum(each["bad"] for each in self.counts.values())


def try_places(actor: Actor, *, institution_id: UUID, sources: Sequence[Source]) -> Tried:
    """Hold the files against what stands; nothing of it stays.

    Raises:
        Refused: if a file as a whole cannot be used, or the actor does not keep these places.
    """
    staged = stage_as(sources, REGISTERS, read_place)
    found: list[Tried] = []
    try:
        with transaction.atomic():
            found.append(_told(staged, apply(actor, institution_id, staged)))
            raise _TakeBack
    except _TakeBack:
        return found[0]


class _TakeBack(Exception):
    """What was tried is taken back, also within another transaction."""


def import_places(actor: Actor, *, institution_id: UUID, sources: Sequence[Source]) -> Tried:
    """Take all rows of the files over, or none.

    Raises:
        Refused: as ``try_places``; if any row is bad.
    """
    staged = stage_as(sources, REGISTERS, read_place)
    with transaction.atomic():
        return _take_over(
            actor, institution_id, staged, uuid7(), "、".join(source.name for source in sources)
        )


def upload_places(actor: Actor, *, file_name: str, content: bytes, register: str = "") -> PlaceFile:
    """Check a file for the actor's institution and keep it with what was found. The same one again is the same.

    ``register`` says what a CSV is whose name and header do not.

    Raises:
        Refused: as ``try_places``; then nothing is kept.
    """
    institution_id = own_place(actor)
    name = PurePath(file_name.replace("\\", "/")).name[-200:] or "import"
    source = Source(name, content, register)
    digest = digest_of([source])
    with transaction.atomic():
        waiting = PlaceFile.objects.filter(
            institution_id=institution_id, digest=digest, state=FileState.CHECKED.value
        )
        file = waiting.filter(uploaded_by_id=actor.account_id).first() or PlaceFile(
            institution_id=institution_id,
            file_name=name,
            content=content,
            digest=digest,
            register=register,
            state=FileState.CHECKED.value,
            uploaded_by_id=actor.account_id,
            uploaded_by=actor.name,
        )
        file.uploaded_at = clock.now()
        tried = try_places(actor, institution_id=institution_id, sources=[source])
        file.counts, file.faults, file.notes = tried.counts, tried.faults, tried.notes
        file.save()
    return file


def take_over_places(actor: Actor, *, file_id: UUID) -> PlaceFile:
    """Take a waiting file over, checked again against what stands now: all of it or none.

    Raises:
        Refused: if there is none that the actor may see, it is not waiting, or any row is bad.
    """
    with transaction.atomic():
        file = _open(actor, file_id)
        source = Source(file.file_name, bytes(file.content), file.register)
        staged = stage_as([source], REGISTERS, read_place)
        taken = _take_over(actor, file.institution_id, staged, file.id, file.file_name)
        file.state, file.taken_at, file.counts = FileState.TAKEN.value, clock.now(), taken.counts
        file.faults = []
        file.save(update_fields=["state", "taken_at", "counts", "faults"])
    return file


def discard_places(actor: Actor, *, file_id: UUID) -> PlaceFile:
    """Take nothing of a waiting file over.

    Raises:
        Refused: as ``take_over_places``.
    """
    with transaction.atomic():
        file = _open(actor, file_id)
        file.state = FileState.DISCARDED.value
        file.save(update_fields=["state"])
    return file


def _take_over(actor: Actor, institution_id: UUID, staged: StagedAs[PlaceRow], key: UUID, name: str) -> Tried:
    done = _told(staged, apply(actor, institution_id, staged))
    if done.bad:
        raise Refused(_rows_are_bad(done.bad))
    ledger.append(
        actor,
        events.PlacesImported(
            file=name[:400],
            created=sum(each[CREATED] for each in done.counts.values()),
            changed=sum(each[CHANGED] for each in done.counts.values()),
            unchanged=sum(each[UNCHANGED] for each in done.counts.values()),
            registers=tuple(done.counts),
        ),
        subject_type=SUBJECT,
        subject_id=key,
        institution_id=institution_id,
        division_code=actor.division_code,
    )
    return done


def _open(actor: Actor, file_id: UUID) -> PlaceFile:
    file = PlaceFile.objects.select_for_update().filter(institution_id=own_place(actor), id=file_id).first()
    if file is None:
        raise Refused(NO_SUCH_FILE)
    if file.state != FileState.CHECKED:
        raise Refused(_NOT_WAITING)
    return file


def _told(staged: StagedAs[PlaceRow], outcome: Outcome) -> Tried:
    counts = {}
    for key, rows in staged.rows.items():
        came_to = [
            outcome.came_to[entry.place]
            for entry in staged.entries
            if entry.register == key and entry.place in outcome.came_to
        ]
        counts[key] = {
            "rows": rows,
            **{each: came_to.count(each) for each in (CREATED, CHANGED, UNCHANGED)},
            "bad": sum(row.register == key for row in outcome.bad),
        }
    bad = sorted(outcome.bad, key=lambda row: (row.place.file, row.place.sheet, row.place.row))
    faults = [
        {
            "place": str(row.place),
            "register": row.register,
            "column": problem.column,
            "value": problem.value,
            "message": _both(problem.message),
            "fix": _both(problem.fix),
        }
        for row in bad
        for problem in row.problems
    ]
    return Tried(counts, faults[:_TOLD_AT_MOST], [_both(note) for note in staged.notes])


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _rows_are_bad(count: int) -> Refusal:
    return Refusal(
        "capacity.file_rows_are_bad",
        Text(
            "有 {count} 行有误，没有导入任何数据。", "{count} rows cannot be taken; nothing was taken over."
        ),
        Text("请照下面的说明改好文件，再上传。", "Mend the file as told below, and upload it again."),
        fields={"count": count},
        at="file",
        status=422,
    )


_NOT_WAITING = Refusal(
    "capacity.file_not_waiting",
    Text("这份文件已经导入或放弃。", "This file has been taken over or discarded."),
    Text("需要时请重新上传。", "Upload it again if needed."),
)
