"""Files as people make them, and people who upload them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest
import xlsxwriter

from tiercare.apps.network import models
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

Rows = Sequence[Sequence[object]]


def book(sheets: Mapping[str, Rows], *, merge: str = "", from_1904: bool = False) -> bytes:
    """A workbook as a person would make it in a spreadsheet program."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": from_1904}) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if merge:
                sheet.merge_range(merge, "合并")
    return out.getvalue()


def csv(*rows: Sequence[str], encoding: str = "utf-8") -> bytes:
    """Records, nothing quoted."""
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)


def lead_of(consortium: str) -> UUID:
    """Who leads the consortium of this code on the demonstration day."""
    held = models.Membership.objects.filter(consortium__slug=consortium, role="LEAD")
    return held.order_by("period").values_list("institution_id", flat=True)[0]


@pytest.fixture
def commission(wuhu: str) -> Actor:
    """The health commission of 芜湖."""
    return Actor(uuid7(), "演示·市卫健委", "commission", division_code=wuhu, request_id=uuid7())


def office_of(institution_id: UUID) -> Actor:
    """The consortium office of a lead hospital."""
    return Actor(
        uuid7(),
        "演示·医联体办公室",
        "consortium_office",
        institution_id=institution_id,
        request_id=uuid7(),
    )


def institution(key: str) -> models.Institution:
    """An institution of the demonstration region by its key in the region's files."""
    return models.Institution.objects.get(id=stable_id("network", "wuhu", "institution", key))


def consortium(key: str) -> models.Consortium:
    """A consortium likewise."""
    return models.Consortium.objects.get(id=stable_id("network", "wuhu", "consortium", key))
