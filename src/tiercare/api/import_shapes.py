"""The shapes of uploaded files: what was found in them, and what can be sent about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from .paging import Day, PageOut, Words
from .tries import Both, CardOut, Named
from .writes import Body


class CountOut(Schema):
    """What a file holds of one register: rows that are ready (and what they would do, or did) or bad."""

    rows: int
    ready: int
    created: int
    changed: int
    unchanged: int
    voided: int
    bad: int


class EffectOut(Schema):
    """What taking the ready rows over would do to the rule cards."""

    pack: str
    days: list[date]
    broken: list[CardOut]
    worsened: list[CardOut]
    healed: list[CardOut]


class ImportOut(Schema):
    """An uploaded file. Nothing of it holds before it is taken over (``APPLIED``)."""

    id: UUID
    region: str
    pack: str
    file: str
    digest: str
    state: Literal["CHECKED", "APPLIED", "DISCARDED"]
    on: date
    uploaded_by: str
    uploaded_at: datetime
    applied_at: datetime | None
    registers: dict[str, CountOut]
    notes: list[Both]
    effect: EffectOut | None


class ImportsOut(Schema):
    """Files uploaded for a region, the newest first."""

    items: list[ImportOut]


class CellProblemOut(Schema):
    """What is wrong with a cell (``column`` empty: with the row)."""

    column: str
    value: str
    message: Both
    fix: Both


class BadRowOut(Schema):
    """A row in quarantine: its cells as text by column key. ``etag`` goes into ``If-Match`` to mend it."""

    id: UUID
    register_key: str = Field(alias="register")
    sheet: str
    number: int
    cells: dict[str, str]
    problems: list[CellProblemOut]
    mended_by: str
    etag: str


class BadRowPage(PageOut):
    """A page of rows in quarantine, in the order of the file."""

    items: list[BadRowOut]


class Upload(Body):
    """What is said of a file: for which region (pack id or division code), of which register where a CSV does not
    show it, and the day from which the cards are asked."""

    region: Words
    register_key: Named | Literal[""] = Field("", alias="register")
    on: Day | None = None


class Mending(Body):
    """Cells to put in the place of the row's own, by column key."""

    cells: dict[str, str] = Field(min_length=1, max_length=60)


class TakingOver(Body):
    """Whether bad rows are left out, or keep everything back."""

    skip_bad: bool = False
