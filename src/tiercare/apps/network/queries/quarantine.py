"""Rows in quarantine, for programs: a page after a row, and one by its id."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import models

Place = tuple[str, str, int]


def bad_rows_after(
    batch_id: UUID, *, after: Place | None, limit: int
) -> tuple[list[models.ImportRow], Place | None]:
    """Up to ``limit`` rows that are still bad and follow ``after`` (register, sheet, number) in the order of the
    file; and the place of the last one if more follow. One query."""
    rows = models.ImportRow.objects.filter(batch_id=batch_id).exclude(problems=[])
    if after:
        register, sheet, number = after
        rows = rows.filter(
            Q(register__gt=register)
            | Q(register=register, sheet__gt=sheet)
            | Q(register=register, sheet=sheet, number__gt=number)
        )
    found = list(rows.order_by("register", "sheet", "number")[: limit + 1])
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return shown, (last.register, last.sheet, last.number) if last else None


def one_row(batch_id: UUID, row_id: UUID) -> models.ImportRow:
    """One row in quarantine, mended or not.

    Raises:
        Refused: if the file has none of this id.
    """
    row = models.ImportRow.objects.filter(batch_id=batch_id, id=row_id).first()
    if row is None:
        raise Refused(
            Refusal(
                code="import_no_such_row",
                message=Text("这个文件没有这一行。", "The file has no such row."),
                instead=Text(
                    "请重新读取隔离的行；已更正的行可能已不在其中。",
                    "Read the rows in quarantine again; one that was mended may be gone.",
                ),
                status=404,
            )
        )
    return row
