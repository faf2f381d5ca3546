"""The shapes of ``/api/residents``: what is sent about residents, and what is answered, masked but for ``reveal``."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Field, Schema

from tiercare.apps.residents.rules import IdentityKind, Sex

from .problems import Problem
from .writes import Body


class LeastOut(Schema):
    """As much as a desk needs to recognise somebody: the name and number masked, the year of birth."""

    id: UUID
    name: str
    sex: str
    birth_year: int | None
    division: str
    institution: UUID
    identity_kind: str
    number: str
    temporary: bool
    deceased: bool
    matched: str


class ListedOut(Schema):
    """A resident of the institution's own list; numbers masked."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    division: str
    identity_kind: str
    number: str
    phone: str
    keeps_file: bool
    temporary: bool
    synthetic: bool
    deceased_on: date | None


class ListPage(Schema):
    """A page of the own list; ``next`` is the cursor of the page that follows, if one does."""

    items: list[ListedOut]
    next: UUID | None


class FoundOut(Schema):
    """Whoever bears a number, anywhere in the region."""

    items: list[LeastOut]


class DoublesProblem(Problem):
    """Refused because the resident seems to have an entry; send the ids as ``despite`` if all are other people."""

    candidates: list[LeastOut]


class RegisteredOut(Schema):
    """The new entry, and which institution keeps its file."""

    id: UUID
    institution: UUID
    keeps_file: bool


class GroupOut(Schema):
    """A key group; without ``since`` it follows from the birth date."""

    group: str
    evidence: str
    since: date | None


class ResidentOut(Schema):
    """The record of one person as the acting role may see it, numbers masked. ``basis`` is why it was opened."""

    id: UUID
    entries: list[UUID]
    version: int
    basis: str
    name: str
    sex: str
    birth_date: date | None
    nation: str
    division: str
    address: str
    identity_kind: str
    numbers: list[dict[str, str]]
    temporary: bool
    synthetic: bool
    deceased_on: date | None
    moved_out_at: datetime | None
    registered_at: datetime
    institution: UUID
    keeps_file: bool
    groups: list[GroupOut]
    guardians: list[dict[str, str]]
    doctor: str


class NumbersOut(Schema):
    """Numbers in the clear, for this one answer."""

    id: UUID
    numbers: list[dict[str, str]]


class Corrected(Schema):
    """The version of the entry from now on, and which fields are different."""

    id: UUID
    version: int
    fields: list[str]


class ResidentIn(Body):
    """A resident as a desk or another system knows them. ``despite`` names look-alikes that are other people."""

    name: str = Field(max_length=200)
    sex: Sex = Sex.UNKNOWN
    birth_date: date | None = None
    division: str = Field(max_length=12)
    identity_kind: IdentityKind = IdentityKind.ID_CARD
    number: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)
    address: str = Field("", max_length=300)
    nation: str = Field("", pattern=r"^(0[1-9]|[1-4]\d|5[0-6])?$")
    despite: list[UUID] = Field(default_factory=list, max_length=20)


class NumberIn(Body):
    """A number of a document, or a telephone."""

    number: str = Field(min_length=1, max_length=60)


class NameIn(Body):
    """Characters, pinyin or initials of a name, in the own list; ``cursor`` as a page before gave it."""

    name: str = Field(min_length=1, max_length=200)
    cursor: UUID | None = None


class DocumentIn(Body):
    """A document to be put into the entry."""

    identity_kind: IdentityKind
    number: str = Field(min_length=1, max_length=60)


class CorrectionIn(Body):
    """The fields to change; what is left out stays. An empty ``phone`` takes the telephone away."""

    name: str | None = Field(None, max_length=200)
    sex: Sex | None = None
    birth_date: date | None = None
    division: str | None = Field(None, max_length=12)
    phone: str | None = Field(None, max_length=40)
    address: str | None = Field(None, max_length=300)
    document: DocumentIn | None = None
    deceased_on: date | None = None
